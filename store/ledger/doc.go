// Package ledger keeps the books: an append-only journal of balanced transactions
// per legal entity, with the papers they were made from, the documents that were
// issued and what waits in suspense, in one SQLite file or in PostgreSQL.
//
// Words:
//
//	entity    whose books they are; it has one chart of accounts and one chain
//	chain     the transactions of an entity in the order in which they were booked,
//	          each under the hash of the one before
//	lock      the end of a period before which nothing more can be booked
//	paper     what transactions were made from, under the SHA-256 of its body
//	document  an invoice or a note with its number; its canonical bytes are a paper,
//	          whose hash is the evidence of its posting
//	suspense  what could not be booked or rated; it is parked with its paper until it
//	          is released, and stays in the history
//	filing    the second chain of an entity: every state of its chart, every lock, paper
//	          and document, and what was parked and released, each row under a hash
//
// Post, Book and Issue return without error only after all of it is on stable
// storage, and otherwise none of it is. Sums, lots, locks and what is booked already
// are checked in the database transaction that writes, and there a document gets its
// number; the sum of every transaction, that numbers follow on each other, that a
// document has a posting, and that nothing is ever changed, are also rules of the
// database itself, which refuses whoever goes past this package.
//
// Verify reads everything and checks both chains. What neither shows is that its end
// was cut off: the hashes Last and Filed of Verified are to be kept elsewhere. Books of
// the first version had no filings; the charts and locks that they hold are filed when
// they are migrated, as they stand then.
//
// When a transaction was booked may lie before the booking of the one ahead of it in
// the chain: each says when its booker knew of it, and the chain says in which order
// they came. A rule that time never goes back would refuse lawful books, such as the
// replays of two sites of one company, or of an earlier year, in one chain; and one
// booking by a clock that was ahead would shut the books until that time. So what the
// books were at a moment (Query.KnownAt) is what their bookers say; what they were
// before a certain transaction is shown by its sequence.
//
// One program writes. After a failed commit the store refuses all further work,
// and the program must open it anew: nobody knows what the disk holds.
//
// Before an older file of SQLite is migrated, a whole copy of it is put beside it
// (books.db.before-2), and no copy is ever written over. Of a database in PostgreSQL
// whoever runs the server makes the copy.
package ledger
