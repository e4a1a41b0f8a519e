// Package billing is the billing run: what one contract owes for one calendar
// month, as documents and postings. It is pure. What was issued before comes in
// as documents and what is known comes in as readings; a run says which single
// document is next, or that nothing is new. Who issues it and runs again comes to
// an end after an invoice and at most one note: the run is done when nothing is
// new, however often it was interrupted.
//
// Rules of the house:
//
//	invoice       the first document of a month; later only notes, each with the
//	              difference of what is known now and what was issued
//	service level credited by a line of the invoice or by a note of its own, as the contract says;
//	              it takes the tax of what it gives back with it
//	prepayment    drawn by the invoice; a later note gives back what the month
//	              drew too much, and never draws more
//	tax           worked out once per code and rate on all documents of a month
//	              together, so that no rounding adds up
//	income        of an invoice is posted by the day, that of a note on the last
//	              second of its month; where that is locked, on the day of the
//	              document, with the month it belongs to
//
// Source: docs/formula/billing.md.
package billing
