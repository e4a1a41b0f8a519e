// Package decide turns a plan with its risk into decisions: at what price hosting
// beats mining for this very site and term, whether to convert now or to wait, and
// which projects to build when under one budget.
//
//	Ground      a plan with all that its futures are drawn from
//	Hurdle      the rate of a contract at which a project is worth what it displaces
//	Stage       a project as a staged option: convert, wait, expand, abandon
//	Candidates  the projects of a plan, each begun now or later, as a portfolio problem
//
// All three run the model of capital/model on the futures of capital/risk; nothing is
// assumed twice.
//
// Source: docs/formula/decide.md.
package decide
