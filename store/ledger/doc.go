// Package ledger keeps the books: an append-only journal of balanced transactions
// per legal entity, in one SQLite file or in PostgreSQL.
//
// Words:
//
//	entity   whose books they are; it has one chart of accounts and one chain
//	chain    the transactions of an entity in the order in which they were booked,
//	         each under the hash of the one before
//	lock     the end of a period before which nothing more can be booked
//
// Post returns without error only after the transactions are on stable storage,
// all of them or none. Sums, lots, locks and what is booked already are checked
// in the database transaction that writes; the sum of every transaction, and that
// nothing is ever changed, are also rules of the database itself, which refuses
// whoever goes past this package.
//
// One program writes. After a failed commit the store refuses all further work,
// and the program must open it anew: nobody knows what the disk holds.
package ledger
