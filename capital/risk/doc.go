// Package risk runs a plan on many futures and says how it may end: the spread of its
// value, how often cash runs out and when, which promise to lenders breaks in which
// quarter, and what would have to happen for one to break soon.
//
//	Source     draws futures; Futures is the one that joins everything that may change
//	Analyse    runs a plan on all of them
//	Result     what came out: fans, spreads, covenants by quarter, with the error of each
//	Tornado    what one input alone does; Drivers how much of the spread is whose
//	Scenarios  futures with a name; Reverse the smallest joint move that breaks a promise
//
// Path n of a seed is always the same, whatever the plan and however many processors
// draw: alternatives meet the same futures, and differ by nothing but what they do.
//
// Source: docs/formula/risk.md.
package risk
