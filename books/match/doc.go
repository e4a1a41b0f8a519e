// Package match holds what others say against what we know: the work that was done
// for a pool, what it credited, what the books have of it, and what reached our
// addresses on the chain; and the lines of a bank against the entries of its
// account. What does not agree has a name and an amount.
//
// Source: docs/formula/match.md.
package match
