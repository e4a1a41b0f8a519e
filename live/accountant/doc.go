// Package accountant works with books that are kept: it states a period of them, proves
// it, and closes it. The command line and the control room ask the same accountant, so
// what a page shows and locks is what 'sluice ledger' prints and locks.
//
// A Shelf is books and a period. It only reads, but for Close and CloseYear, which take
// the store that writes.
package accountant
