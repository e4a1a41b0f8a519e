// Package export writes a period of the books in the forms of hledger and
// beancount, so that programs of others can check every sum, lot and balance. It
// writes to whatever it is given and runs nothing.
//
// The accounts through which assets are exchanged do not appear there: those
// programs state what coins cost beside the coins.
//
// Source: docs/formula/books.md.
package export
