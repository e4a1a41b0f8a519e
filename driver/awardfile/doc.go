// Package awardfile reads what was sold to the grid and how it is settled: the
// programme of a product, and the tables of awards, of instructions to shed, of
// interval meters and of what the operator of the grid says it pays.
//
// Every fault of a file is told with its line, all of them at once, and then
// nothing of the file is taken. A time names its zone; one whose zone is neither UTC
// nor that of the market on that day is refused, because a table that was exported
// in another zone shifts every hour.
package awardfile
