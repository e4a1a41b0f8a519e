// Package path draws futures: price, difficulty, fees and power on one index of
// weeks, late projects, and rents of machines. A future is a list of weeks; what it
// is worth to a plan is the business of capital/model.
//
//	Weekly     makes the History of weeks from daily figures
//	New, Draw  a Bootstrap of that history, and its futures, each from its own stream
//	PowerTable which week of the power prices belongs to a week that was drawn
//	Flat, Replay, Low, Scarcity  named scenarios in the same form
//	Delays     how late and how dear the phases of a project become
//	Rents      prices of machine hours, tenants that fail, vacancies
//	Coverage   how often such bands held what came, walked through the history
//	Band       which band may be printed as one of 80 %
//	Next       the next change of difficulty with its band
//
// What is not known is said: the mean growth that was taken out or left in, how many
// independent years the history has, which weeks have no fees. Prices are USD,
// rates are a year's, one week is one step.
//
// Source: docs/formula/path.md.
package path
