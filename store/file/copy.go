package file

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"sluice/store/whole"
)

// mostCopies of one version are kept beside a database.
const mostCopies = 100

// atOnce is how many bytes of two copies are compared at once.
const atOnce = 1 << 16

// Copy puts a whole copy of a database beside it, named after the version that it is
// about to get: x.db.before-2, or x.db.before-2.2 where that name is taken. A file of
// such a name is whole and on the disk, and is never written over; what a cut left half
// written is called x.db.copying, and the next copy takes its place. Where the last copy
// says the same there is no second one, so that a program which fails and starts again
// and again does not fill the disk.
func (d Database) Copy(ctx context.Context, conn *sql.Conn, version int) error {
	part := d.Path + ".copying"
	// It may be one of the copies by a second name: it is taken away, never written into.
	if err := remove(part); err != nil {
		return fmt.Errorf("copy %s before it is migrated: %w", d.Path, err)
	}
	// The database makes the copy: who opens and closes its file by himself loses its locks.
	_, err := conn.ExecContext(ctx, "VACUUM INTO ?", part)
	if err == nil {
		err = d.settle(part, version)
	}
	if err = errors.Join(err, remove(part)); err != nil {
		return fmt.Errorf("copy %s before it is migrated: %w: nothing was changed", d.Path, err)
	}
	return nil
}

func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// settle gives what was written whole a name that is free.
func (d Database) settle(part string, version int) error {
	if err := sync(part); err != nil {
		return err
	}
	last := ""
	for n := 1; n <= mostCopies; n++ {
		name := fmt.Sprintf("%s.before-%d", d.Path, version)
		if n > 1 {
			name = fmt.Sprintf("%s.%d", name, n)
		}
		if _, err := os.Lstat(name); err == nil {
			last = name
			continue
		}
		if equal(last, part) {
			return whole.SyncFolder(filepath.Dir(last))
		}
		// A link, unlike a rename, never replaces.
		return errors.Join(os.Link(part, name), whole.SyncFolder(filepath.Dir(name)))
	}
	return fmt.Errorf("there are %d copies already: put some of %s.before-%d elsewhere", mostCopies, d.Path, version)
}

// sync has a copy on the disk, for its owner alone: the database itself leaves that to chance.
func sync(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Sync(), f.Close())
}

// equal reports whether two files hold the same. What cannot be read does not.
func equal(one, other string) bool {
	a, err := os.Open(one)
	if err != nil {
		return false
	}
	defer func() { _ = a.Close() }() // it was only read
	b, err := os.Open(other)
	if err != nil {
		return false
	}
	defer func() { _ = b.Close() }()
	x, y := bufio.NewReaderSize(a, atOnce), bufio.NewReaderSize(b, atOnce)
	for {
		p, ended := x.Peek(atOnce)
		q, over := y.Peek(atOnce)
		if ended != nil || over != nil {
			return errors.Is(ended, io.EOF) && errors.Is(over, io.EOF) && bytes.Equal(p, q)
		}
		if !bytes.Equal(p, q) {
			return false
		}
		_, _ = x.Discard(atOnce) // they are in the buffer
		_, _ = y.Discard(atOnce)
	}
}
