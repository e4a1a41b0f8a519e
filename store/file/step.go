package file

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Texts are the SQL of the files that fit a pattern of fs.Glob, in order of their
// names. The n-th leads to version n.
func Texts(files fs.FS, pattern string) ([]string, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, fmt.Errorf("list migrations %s: %w", pattern, err)
	}
	slices.Sort(names)
	var out []string
	for _, n := range names {
		text, err := fs.ReadFile(files, n)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", n, err)
		}
		out = append(out, string(text))
	}
	return out, nil
}

// Database is where one file lies, and the sign by which it is known.
type Database struct {
	Path string
	Sign int32 // its application_id: no other program's file has it
}

// Climb takes the steps that a database has not taken. One that holds data is copied
// before its first. conn is the only connection that writes. The error wraps ErrForeign
// or ErrNewer where nothing may be touched; a step that fails leaves the version before it.
func (d Database) Climb(ctx context.Context, conn *sql.Conn, steps []string) error {
	version, err := d.Version(ctx, conn)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("%s has version %d, this program knows %d: %w: install the newer program", d.Path, version, len(steps), ErrNewer)
	}
	if version > 0 && version < len(steps) {
		if err := d.Copy(ctx, conn, version+1); err != nil {
			return err
		}
	}
	for n := version; n < len(steps); n++ {
		if err := d.step(ctx, conn, steps[n], n+1); err != nil {
			return fmt.Errorf("migrate %s to version %d: %w", d.Path, n+1, err)
		}
	}
	return nil
}

// Version is how many steps a database has taken; 0 where there is none yet. The error
// wraps ErrForeign where it is not of this kind.
func (d Database) Version(ctx context.Context, conn *sql.Conn) (int, error) {
	var sign int32
	var version, tables int
	err := conn.QueryRowContext(ctx, "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id a, pragma_user_version v").
		Scan(&sign, &version, &tables)
	if err != nil {
		return 0, fmt.Errorf("read version of %s: %w", d.Path, err)
	}
	if sign != d.Sign && (sign != 0 || version != 0 || tables != 0) {
		return 0, fmt.Errorf("%s: %w: choose another data directory", d.Path, ErrForeign)
	}
	return version, nil
}

// Raise is the SQL that records a version. It belongs into the transaction of the step
// that leads there: a cut then leaves both or neither.
func (d Database) Raise(version int) string {
	return fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", d.Sign, version)
}

func (d Database) step(ctx context.Context, conn *sql.Conn, text string, version int) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, t := range []string{text, d.Raise(version), "COMMIT"} {
		if _, err := conn.ExecContext(ctx, t); err != nil {
			// Also where ctx ended: the connection is not left within the transaction.
			_, undo := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			return errors.Join(err, undo)
		}
	}
	return nil
}
