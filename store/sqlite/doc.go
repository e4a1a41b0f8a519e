// Package sqlite keeps the journal of live control in one SQLite file: the
// papers of every turn, orders, receipts, deliveries, lock-outs, modes and
// epochs.
//
// Words:
//
//	record   one fact that is never changed after it was written
//	key      what makes a record the same record when it is appended again
//	subject  the use, device or scope that the record is about
//	epoch    the fence of a subject; the last one never goes back
//	flight   the records that are being written in one transaction
//
// Append returns nil only after the records are on stable storage. One
// goroutine writes: it takes what is waiting, writes it in one transaction with
// one fsync, and releases everybody who waited. After an error of the disk the
// store refuses all further work, reading included, and the program must exit:
// the kernel may have dropped what it could not write and would report success
// the next time. docs/store.md says what is promised and what is not.
package sqlite
