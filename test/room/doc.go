// Package room holds the control room against a real browser: the program as it was
// built, its demonstration with virtual sites behind it, and Chromium in front. Nothing
// in here is part of the program.
package room
