// Package audit looks at machines as somebody who means harm would, before they
// are admitted: does one obey a password that everybody knows, or everybody; is
// its interface for orders switched off; does it mine for a stranger; is it
// there twice?
//
// Nothing is written to a machine. A known password is tried at most once a
// machine and only when asked for, since it is an attempt to log in.
package audit
