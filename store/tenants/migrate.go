package tenants

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// application marks our files, so that another program's database is refused.
const application = 0x536c546e // "SlTn"

// migrations are the steps in order; the n-th leads to version n.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
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

// migrate brings the database at path to the version of the steps. One that holds
// data is copied beside itself before its first step, and no copy is written over.
func migrate(ctx context.Context, db *sql.Conn, path string, steps []string) error {
	var mark, version, tables int
	err := db.QueryRowContext(ctx, "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id a, pragma_user_version v").
		Scan(&mark, &version, &tables)
	switch {
	case err != nil:
		return fmt.Errorf("read version of %s: %w", path, err)
	case mark != application && (mark != 0 || version != 0 || tables != 0):
		return fmt.Errorf("%s: %w: choose another data directory", path, ErrForeign)
	case version > len(steps):
		return fmt.Errorf("%s has version %d, this program knows %d: %w: install the newer program", path, version, len(steps), ErrNewer)
	case version > 0 && version < len(steps):
		if err := keep(ctx, db, fmt.Sprintf("%s.before-%d", path, len(steps))); err != nil {
			return err
		}
	}
	for n := version; n < len(steps); n++ {
		// The version changes in the transaction of its step: a cut leaves both or neither.
		text := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA application_id=%d;\nPRAGMA user_version=%d;\nCOMMIT;", steps[n], application, n+1)
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("migrate %s to version %d: %w", path, n+1, err)
		}
	}
	return nil
}

// keep writes a whole copy of the database beside it.
func keep(ctx context.Context, db *sql.Conn, to string) error {
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("%s is there already: put it elsewhere, then open the store again: nothing was changed", to)
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("copy the database to %s before it is migrated: %w", to, err)
	}
	return nil
}
