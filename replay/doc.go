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
//	differ.go     on which days and in which intervals policies differed
//	explain.go    one turn out of the papers of a run
//	tell.go       why each megawatt of it went where it went, in words and money
//	instead.go    what a plan does not state outright: the next best thing, and when
//	again.go      a stored turn decided once more from its own papers
package replay
