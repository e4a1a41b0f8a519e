// Package debt books what borrowed money costs: facilities that are drawn, bear
// interest by a count of days, are repaid and were paid for with fees; interest
// that becomes part of what is being built; and leases. It makes transactions and
// keeps nothing. Coins that are pledged for a loan are moved by books/lot.
//
// What is booked for a period is always what has come up until its end less what
// had until its begin, so that a life sums exactly however it is cut.
//
// Source: docs/formula/debt.md.
package debt
