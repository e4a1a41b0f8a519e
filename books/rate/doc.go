// Package rate says what metered use costs a tenant. Rating is a pure function
// of versioned intervals, the versions of a contract and the versions of its
// prices: the same input gives the same lines, whatever the order in which it
// came and however often a piece of it came.
//
// Signs: a line is positive where the tenant owes it and negative where it is
// owed to the tenant. Quantities are never negative; prices may be. Times are
// Unix seconds, stretches half open.
//
// What cannot be rated is never guessed and never lost: it is returned in
// suspense with the reason. A stretch in which a meter said nothing is a gap.
// Whoever invoices looks at both first.
//
// The sums of a line are formed exactly and rounded once, half to even.
//
// Source: docs/formula/rating.md.
package rate
