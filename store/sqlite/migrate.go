package sqlite

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
const application = 0x536c7563 // "Sluc"

// migrations reads the steps in order of their file names; the n-th leads to version n.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	var out []string
	for _, n := range names {
		text, err := migrationFiles.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", n, err)
		}
		out = append(out, string(text))
	}
	return out, nil
}

// migrate brings the database at path to the version of the steps. A database
// that already holds data is copied next to itself before its first step.
func migrate(ctx context.Context, db *sql.Conn, path string, steps []string) error {
	version, err := recognise(ctx, db, path, len(steps))
	if err != nil || version == len(steps) {
		return err
	}
	if version > 0 {
		if err := copyBefore(ctx, db, fmt.Sprintf("%s.before-%d", path, len(steps))); err != nil {
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

// recognise tells the version of a database, or refuses it.
func recognise(ctx context.Context, db *sql.Conn, path string, known int) (int, error) {
	var mark, version, tables int
	err := db.QueryRowContext(ctx, "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id a, pragma_user_version v").
		Scan(&mark, &version, &tables)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read version of %s: %w", path, err)
	case mark != application && (mark != 0 || version != 0 || tables != 0):
		return 0, fmt.Errorf("%s is the database of another program: choose another data directory", path)
	case version > known:
		return 0, fmt.Errorf("%w: %s has version %d, this program knows %d: install the newer program", ErrNewer, path, version, known)
	}
	return version, nil
}

// copyBefore writes a whole copy of the database. A copy that a cut left half
// written is written anew.
func copyBefore(ctx context.Context, db *sql.Conn, to string) error {
	if err := os.Remove(to); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("copy database before migrating: %w", err)
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("copy database before migrating to %s: %w", to, err)
	}
	return nil
}
