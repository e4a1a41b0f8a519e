// Package option values the right to decide later: to convert a mine when rents are
// high enough, to stop and restart it, to expand, to give it up. A plan that must be
// carried out at once is worth its net present value; a plan that may wait is worth
// more, and the difference is lost by acting.
//
//	Problem     a staged decision: dates, a state drawn on paths, phases, actions
//	Solve       fits a rule by least squares (Longstaff and Schwartz) and values it on fresh paths
//	Result      the value, plain net present value, option to wait, shares, the rule as a table
//	Policy      the rule itself: what to do at a date, in a phase, in a state
//	Perpetual   the closed form of an option to wait that never ends
//	Conversion  a mine that can become a hall, block by block; its Problem and its Answer
//
// The rule that users read: invest when the net present value exceeds the option to
// wait, not when it is positive.
//
// Paths are drawn by capital.Stream, least squares are summed in blocks of fixed
// length, and blocks are joined in order: the same seeds give the same bits on any
// number of processors.
//
// Source: docs/formula/option.md; F. Longstaff and E. Schwartz, "Valuing American
// Options by Simulation: A Simple Least-Squares Approach", 2001; A. Dixit and
// R. Pindyck, "Investment under Uncertainty", 1994.
package option
