package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed migrations
var migrationFiles embed.FS

// migrations are the steps of a dialect in order; the n-th leads to version n.
func migrations(d dialect) ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/"+d.name+"/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []string
	for _, n := range names {
		text, err := migrationFiles.ReadFile(n)
		if err != nil {
			return nil, err
		}
		out = append(out, string(text))
	}
	return out, nil
}

// migrate brings a database to the version of this program.
func migrate(ctx context.Context, conn *sql.Conn, d dialect) error {
	steps, err := migrations(d)
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	version, err := d.version(ctx, conn)
	if err != nil {
		return fmt.Errorf("read the version of the books: %w", err)
	}
	if version > len(steps) {
		return fmt.Errorf("%w: they have version %d, this program knows %d: install the newer program", ErrNewer, version, len(steps))
	}
	for n := version; n < len(steps); n++ {
		// The version changes in the transaction of its step: a cut leaves both or neither.
		if err := together(ctx, conn, d, steps[n], d.raise(n+1)); err != nil {
			return fmt.Errorf("migrate the books to version %d: %w", n+1, err)
		}
	}
	return nil
}

// together runs texts in one transaction.
func together(ctx context.Context, conn *sql.Conn, d dialect, texts ...string) error {
	for _, t := range slices.Concat([]string{d.begin}, texts, []string{"COMMIT"}) {
		if _, err := conn.ExecContext(ctx, t); err != nil {
			_, undo := conn.ExecContext(ctx, "ROLLBACK")
			return errors.Join(err, undo)
		}
	}
	return nil
}
