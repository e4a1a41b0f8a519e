// Package cost says what a bitcoin cost to mine, at four levels that each hold the
// one before: energy, what the site costs besides, what the company costs in cash,
// and everything. Each level is a sum over accounts that the chart names, so that
// it ties to the books.
//
// Source: docs/formula/cost.md.
package cost
