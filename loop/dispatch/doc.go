// Package dispatch clears the site's internal market: offers of power against
// bids for power, under the connection limit and the physics of the site, as
// one linear program (a mixed-integer one where a bid must run whole, or where
// power could be bought in order to be fed in).
//
// It knows offers and bids and nothing else: not miners, not tariffs. What it
// returns is a plan in integers with a reason for every use in the interval
// that is decided, the site's own price per interval, and a flag for every
// commitment that could not be kept. A plan always comes back: where the solver
// is missing, fails, times out or returns an answer that does not withstand a
// recount, merit order inside the same limits takes over and the plan says so.
//
//	validate.go what an input must be to be cleared
//	rules.go    what all of the following must read alike: costs, limits, minimum times
//	market.go   bids and offers in megawatts and currency units: the one way into floats
//	model.go    the linear program and where each quantity stands in it
//	rows.go     its rows
//	warm.go     where the next turn may start from
//	read.go     the answer in watts: the one way back out of floats
//	recount.go  balance to the watt, and every hard limit in exact arithmetic
//	flag.go     the commitments that the integer plan breaks
//	value.go    what a plan is worth, and the site's price without duals
//	merit.go    merit order in integers, without a solver
//	reason.go   why each use got what it got, and when that would turn
//	answer.go   the decision in integers, and the paper
//	optimum.go  a whole schedule, as a yardstick
//	clear.go    the stage itself
//
// Every symbol, row and rule: docs/formula/dispatch.md.
package dispatch
