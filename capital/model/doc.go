// Package model is the cash flow of a plan on one path: what every site earns, what
// every project costs, what loans take, what is sold, taxed and paid out, with
// profit and loss, balance sheet and cash that tie.
//
//	Grid     the steps of time: months for a plan, weeks for its risk; one model runs on both
//	Path     one future: bitcoin, difficulty, the week of the power market, rents, delays
//	Model    a plan made ready for paths: New checks, sizes the loans, lays everything out
//	Run      what happened on a path, month by month, line by line
//
// A step takes its flows in this order: projects build and earn, fleets mine what is
// left, costs are paid, coins are sold by the policy; at a month's end loans are
// served, plant is written off, and at a year's end taxes and owners are paid. Where
// cash does not reach, free coins are sold, then the revolver is drawn, and what is
// still missing is counted as unfunded and never hidden.
//
// All months are twelfths of a year in formulas of rates, and have their real hours
// in those of energy. Source: docs/formula/model.md.
package model
