// Package quote prices a contract on power: the least price of a GPU-hour, or of a
// kW-month of colocation, at which building and serving beat mining with the same
// megawatt, and how much of that stands on which assumption.
//
//	Terms       what the price is made of; Fields names, bounds, reads and writes them
//	Offer       a facility megawatt sold as GPU-hours or as kW-months: its price in parts
//	Compare     the price when inputs change; BreakEvens turns the question round
//	Judge       the offer against named scenarios of power price and hashprice
//	Simulate    the same against a seeded walk of both
//	ShortRun    below which price spare GPUs should rather be off
//	Flexibility what a clause on reduced power is worth; Deal: the return of a headline
//
// Money is USD. Equipment of miners is taken as bought: mining is forgone at its
// margin, not at its full cost. All rates are a year's.
//
// Source: docs/formula/quote.md.
package quote
