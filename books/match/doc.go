// Package match holds three statements of what a pool owes against each other: the
// work that was done for it, what it credited, and what reached our addresses on
// the chain. What does not agree has a name.
//
// Source: docs/formula/match.md.
package match
