// Package capital is the floor of long decisions: what to build, how to pay for it,
// what to sell it for over years, how much bitcoin to hold, and what breaks first.
//
// It holds what its rooms share: the plan as an object (Plan, Site, Project,
// Contract, Loan, Policy) with the source and standing of every figure, and the
// arithmetic of money over time (Present, Return, Payback), of samples (Quantile,
// Tail, Spread) and of mining (HashpriceBTC, Strike). The rooms:
//
//	quote      prices a contract
//	path       draws futures: price, difficulty and power on one index, delays, rents
//	loan       sizes and sculpts debt, and tests its covenants
//	treasury   decides how much bitcoin to sell, pledge and hedge
//	option     values the right to wait, by Longstaff and Schwartz
//	portfolio  chooses among sites and years under budgets, as a mixed-integer program
//	peer       puts companies side by side
//	model      is the cash flow of a plan on one path, with its books
//	risk       is that on many paths
//
// Years and volatilities are not known to the millionth, so these rooms compute in
// floats, in the currency of the plan. What becomes an entry of the books goes
// through the integers of package unit. Nothing here reads a clock, a file or a
// network; the same seed gives the same figures on any number of processors.
//
// Source of all formulas: docs/formula/capital.md and the pages that it names.
package capital
