// Package curtail brings a GPU hall to its power with the least damage, holds it
// there, and gives back in reverse. Two ways of asking stand on one core: an
// event, "from X to Y watts within N minutes, for so long", and the market, which
// gives every contract a budget at every turn of the wheel.
//
// The package decides and does nothing: the same views, readings and meters at the
// same times give the same effects. It starts nothing, waits for nothing and reads
// no clock. Its state is plain data, kept before any command goes out, so that a
// restart goes on where the last run was.
//
// An engine's answer is no proof. What an act saves is counted until the time at
// which it must be seen; after that only the meter counts. Nothing expires upwards:
// who dies leaves power down. Docs: docs/curtailment.md.
package curtail
