package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"sluice/store/whole"
)

// mostCopies of one version are kept beside the books.
const mostCopies = 100

// copyFile puts a whole copy of the books beside them, named after the version that
// they are about to get: books.db.before-2, or books.db.before-2.2 where that is
// taken. No copy is ever written over.
func copyFile(ctx context.Context, conn *sql.Conn, path string, version int) error {
	// The database makes the copy: who opens and closes its file by himself loses its locks.
	part := path + ".copying"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := conn.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return err
	}
	for n := 1; n <= mostCopies; n++ {
		name := fmt.Sprintf("%s.before-%d", path, version)
		if n > 1 {
			name = fmt.Sprintf("%s.%d", name, n)
		}
		err := whole.Create(name, whole.Private, func(w io.Writer) error { return pour(w, part) })
		if !errors.Is(err, fs.ErrExist) {
			return errors.Join(err, os.Remove(part))
		}
	}
	return fmt.Errorf("there are %d copies already: put some of %s.before-%d elsewhere", mostCopies, path, version)
}

// pour writes what a file holds.
func pour(w io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}
