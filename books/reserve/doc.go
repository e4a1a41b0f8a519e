// Package reserve settles load that was sold to the grid as a reserve: awards of so
// many megawatts, instructions to shed, and what interval meters say was there and
// was shed. It pays nothing for a stretch that no meter knows: that comes back as a
// gap. A later revision of a meter gives a difference. It makes transactions and
// keeps nothing.
//
// What a market's products ask for is data here, a Programme, because they come and
// go; none is built in.
//
// Source: docs/formula/reserve.md.
package reserve
