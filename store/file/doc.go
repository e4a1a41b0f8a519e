// Package file keeps one SQLite file with one writer, as the stores of people, of
// tenants, of the control room and of the journal need it.
//
// Words:
//
//	Connection  a directory that is taken and the file in it: one connection writes, the
//	            others only read
//	File        a Connection whose writers take turns, each with one transaction
//	Pen         the connection that writes, within a transaction that Write began
//	Asker       what answers a question: a Pen, with what it wrote itself, or a File, with
//	            what is on the disk
//	step        the SQL that brings a file from one version to the next; the n-th step
//	            leads to version n
//	sign        the application_id of a file: the program leaves a file with another one alone
//
// A store opens its File with its steps, and writes so:
//
//	err := f.Write(ctx, func(ctx context.Context, p file.Pen) error {
//		_, err := p.Exec(ctx, "INSERT INTO word (text) VALUES (?)", text)
//		return err // anything but nil takes back what the pen wrote
//	})
//	words, err := file.Gather(ctx, f, file.Word, "SELECT text FROM word")
//
// What Write did without error is on stable storage; after an error nothing of it is
// there. The only exception is a commit that failed: nobody knows then what the disk
// holds, so that the File refuses everything from then on, reading included, and the
// program must open it anew (ErrBroken). One program has a directory; another one is
// told ErrLocked.
//
// A file of an older version climbs its steps while it is opened, after a whole copy of
// it was put beside it (x.db.before-2). A cut of the power leaves it at one version or
// the next. A file of a newer program, or of another one, is not touched.
package file
