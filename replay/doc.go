// Package replay turns the same wheel that runs live over recorded markets and
// a simulated plant, beside the rules that people use today, and reports what
// each would have earned.
//
//	setup.go      what is replayed: a site, prices, the network, the weather, a period
//	market.go     what was known when: nothing is handed out before it was published
//	line.go       one line of time: a plant, its bill and its books
//	rule.go       always on; on or off at break-even; the same, late
//	wheel.go      Sluice itself, month by month
//	hindsight.go  perfect foresight, the yardstick
//	papers.go     the papers of every turn on disk, and their hash
//	run.go        all policies in one run, interrupted and continued at will
//	tally.go      money, energy and hours of one policy
//	account.go    the report
//	explain.go    why each megawatt went where it went, from the papers alone
package replay
