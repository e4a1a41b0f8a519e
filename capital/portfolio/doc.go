// Package portfolio chooses what to build at which site and when, under budgets
// that all sites share: a mixed-integer program on package solve, and the
// arithmetic around it. All figures of an option (present values, payments, crew,
// megawatts) come from the cash flow of a plan as arrays, so that the choice among
// options is linear.
//
//	Problem     sites, their options, scenarios, limits and rules, as data
//	Choose      the best option of every site, with a proven bound
//	Worth       what one more dollar of budget, or megawatt of grid, would be worth
//	Conflict    which limits cannot be kept together, in words
//	Exhaustive  the same by counting all combinations out, for small cases: the oracle
//	Frontier    expected value against risk, over the aversion to risk
//	Reduce      many simulated paths to a few weighted ones
//	Mix         shares of capital in mining, hosting and bitcoin held
//
// Money is in the currency of the plan. A value is positive where it is received,
// a loss is the value with its sign turned. Everything is the same for the same
// input, except where a limit of time stops the solver.
//
// Source: docs/formula/portfolio.md.
package portfolio
