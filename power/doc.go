// Package power says what a megawatt-hour costs or earns.
//
// A site declares its Contracts: market purchase, purchase agreements (PPA),
// plants behind the meter, energy and demand charges, coincident peaks, fixed
// charges. They do two things:
//
//   - Before the fact, Contracts.Offers turns them into []Offer and Charges:
//     plain data over the intervals of one plan, which dispatch clears against
//     the bids of the uses of power.
//   - After the fact, a Bill takes the readings of the revenue meter in order
//     and states, source by source and month by month, what was paid. A replay
//     and the books use the same Bill.
//
// Signs. Power and energy are positive when the site draws, and every offer,
// limit and meter register in this package counts its own direction, so all of
// them are positive. A price is what one MWh costs the site; a sell-back price
// is what one MWh earns. Amounts on a statement are positive when earned and
// negative when spent.
//
// Time. Windows, days, months and holidays are local to the tariff: the clock on
// the wall decides, so a day has 23, 24 or 25 hours. Interval boundaries are
// UTC.
//
// Formulas: docs/formula/tariff.md.
package power
