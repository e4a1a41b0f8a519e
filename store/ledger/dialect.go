package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sluice/store/file"
)

// dialect is all in which the two databases differ.
type dialect struct {
	name      string // folder of its migrations
	place     string // for people, without a password
	driver    string
	writing   string // data source of the connection that writes
	reading   string
	begin     string             // the statement that begins a transaction
	isolation sql.IsolationLevel // of a reader that must see one state

	version func(context.Context, *sql.Conn) (int, error)
	raise   func(version int) string                                     // the text that records a version
	copy    func(ctx context.Context, conn *sql.Conn, version int) error // keeps what is there before it gets that version
	claim   func(ctx context.Context, conn *sql.Conn) error              // makes sure that nobody else writes
	release string                                                       // the statement that lets others write; empty: none is needed
}

// text turns a statement, whose parameters are $1, $2 and so on, into what the
// database reads. No statement holds a dollar sign elsewhere.
func (d dialect) text(s string) string {
	if d.name == "sqlite" {
		return strings.ReplaceAll(s, "$", "?")
	}
	return s
}

// fileName of the books in the data directory.
const fileName = "books.db"

// application marks our files, so that another program's database is refused.
const application = 0x536c426b // "SlBk"

func sqlite(dir string) dialect {
	d := file.Database{Path: filepath.Join(dir, fileName), Sign: application}
	cache := "cache_size(-65536)"
	return dialect{
		name: "sqlite", place: d.Path, driver: "sqlite", writing: d.Source(false, cache), reading: d.Source(true, cache),
		begin: "BEGIN IMMEDIATE", isolation: sql.LevelDefault,
		version: d.Version, raise: d.Raise, copy: d.Copy,
		claim: func(context.Context, *sql.Conn) error { return nil }, // the lock of the directory did
	}
}

// The advisory lock that says that a program writes: ours, and one per schema.
const postgresClaim = "SELECT pg_try_advisory_lock(1399603819, hashtext(current_schema())), current_setting('fsync')"

func postgres(dsn string) dialect {
	return dialect{
		name: "postgres", place: "PostgreSQL", driver: "pgx", writing: dsn, reading: dsn,
		begin: "BEGIN", isolation: sql.LevelRepeatableRead,
		version: postgresVersion,
		raise: func(version int) string {
			return fmt.Sprintf("INSERT INTO books_version (version) VALUES (%d)", version)
		},
		copy:    func(context.Context, *sql.Conn, int) error { return nil }, // who runs the server keeps its copies
		claim:   claimPostgres,
		release: "SELECT pg_advisory_unlock_all()", // the server notices a lost connection, but not at once
	}
}

func postgresVersion(ctx context.Context, conn *sql.Conn) (version int, err error) {
	_, err = conn.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS books_version (version BIGINT PRIMARY KEY)")
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM books_version").Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the books: %w", err)
	}
	return version, nil
}

// claimPostgres takes the lock of the writer, which ends with its connection, and
// makes sure that a commit waits for the disk.
func claimPostgres(ctx context.Context, conn *sql.Conn) error {
	var ours bool
	var fsync string
	if err := conn.QueryRowContext(ctx, postgresClaim).Scan(&ours, &fsync); err != nil {
		return err
	}
	if !ours {
		return fmt.Errorf("%w: stop the other one or choose another database", ErrHeld)
	}
	if fsync != "on" {
		return errors.New("the server runs with fsync off and would lose what it acknowledged: set fsync = on")
	}
	// Plans are kept from when the tables were empty, and walking through them all
	// was best; who writes always asks by an index.
	_, err := conn.ExecContext(ctx, "SET synchronous_commit = on; SET enable_seqscan = off")
	return err
}
