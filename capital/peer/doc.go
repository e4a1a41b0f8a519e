// Package peer puts companies side by side: what miners publish of their fleets,
// power, bitcoin, debt and contracts, what that makes of a petahash, of a bitcoin
// and of a megawatt, and how their shares went against bitcoin.
//
//	Row         a figure as somebody published it, with its unit and its source
//	Metrics     the figures that are known, their units and what is plausible
//	Gather      rows into a Group; what contradicts is refused with both places
//	Period      a day, a month, a quarter, a year, or a stretch of days
//	Market      bitcoin by day, and the closes of shares
//	Group.Sides companies at one period, a column for each figure of Columns
//	Production  published production against the network: a consistency check
//	Kept        bitcoin that was held beside the alternative of selling it
//	Basket      shares of a class together, against bitcoin over a window
//
// Nothing is guessed: a scale is read from the unit alone, a figure that is missing
// is not zero, and each figure says what it was made of or why there is none. What
// is beyond what is plausible is kept and warned of.
//
// Money is USD, bitcoin is BTC, power is MW, and whether a megawatt is a gross or a
// critical one is part of the name of every figure.
//
// Source of all formulas: docs/formula/peer.md.
package peer
