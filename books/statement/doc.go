// Package statement makes the statements of a legal entity out of balances and
// transactions: trial balance, profit and loss by site and use, balance sheet,
// cash flow, holdings of bitcoin and what customers owe by age. Each ties to the
// others, and says by how much where it does not.
//
// Source: docs/formula/statement.md.
package statement
