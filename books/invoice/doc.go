// Package invoice is documents that a tenant is asked to pay: invoices, credit
// notes and debit notes, what each posts, and how it is shown. What is issued
// never changes; a correction is a note with a number of its own. It is pure:
// numbers, dates and lines come in as values.
//
// Signs: amounts are what the tenant owes, so a credit note is negative. Line
// amounts keep six decimals; what is payable is whole cents, or whatever the
// smallest coin of the currency is, and the difference is one line of rounding.
//
// Lines are this package's own type: who rates them turns them into it.
//
// Source: docs/formula/rating.md.
package invoice
