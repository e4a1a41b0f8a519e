// Package telemetry keeps what machines and meters said over time, and answers
// questions in PromQL.
//
// Words:
//
//	unit     one machine, known by its site and its name
//	sample   one value of one series at one instant
//	series   one metric with one set of labels
//	round    what one round of polling learned; it is written by one Commit
//	raw      the database of the machines, kept for days
//	site     the database of sums that were made before writing, kept for years
//	silent   a machine that gave no answer: its series end at once instead of
//	         standing at their last value for five minutes
//
// Nothing here is proof and nothing here is billed from: the write-ahead log is
// synced when a segment is full and when the database is closed, so a power
// loss takes the newest samples. Control never waits for this package and never
// reads from it. When the disk is nearly full or fails, Commit says so, samples
// are counted as dropped, and everything else goes on. docs/telemetry.md says
// what is promised and what is not.
package telemetry
