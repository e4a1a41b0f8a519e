package file

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver named "sqlite"

	"sluice/store/hold"
	"sluice/store/whole"
)

// Config says which file it is.
type Config struct {
	Directory string // on a local disk; created when it is missing
	Name      string // of the file in it, such as "people.db"
	Lock      string // of the file beside it whose lock says that a program has the directory
	Sign      int32  // its application_id, which no other kind of file has
	Steps     fs.FS  // holds migrations/*.sql, in the order of their names
	// Pragmas are settings of every connection beside those that all files have, such as
	// "secure_delete(1)". Who repeats one of those changes it.
	Pragmas []string
}

// Database is the file, for who brings it to a version by himself.
func (c Config) Database() Database {
	return Database{Path: filepath.Join(c.Directory, c.Name), Sign: c.Sign}
}

// readers is how many connections read at once.
const readers = 8

// Connection is a file that nobody else writes. It is for a store with transactions of
// its own; others use a File.
type Connection struct {
	Writer *sql.Conn // the only one that writes, for one goroutine at a time
	Reader *sql.DB   // refuses whatever would write
	lock   *hold.Lock
	source *sql.DB // of Writer
}

// Connect takes the directory, opens or creates the file in it, for its owner alone, and
// brings it to the version of its last step. The error wraps ErrLocked, ErrForeign or
// ErrNewer where the file is not touched, and ErrInvalid where no directory is named.
// ctx bounds the opening only.
func Connect(ctx context.Context, c Config) (*Connection, error) {
	if c.Directory == "" {
		return nil, fmt.Errorf("open %s: %w: the data directory is missing", c.Name, ErrInvalid)
	}
	lock, err := Seize(c.Directory, c.Lock)
	if errors.Is(err, hold.ErrHeld) {
		err = fmt.Errorf("%w: %w", ErrLocked, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Name, err)
	}
	x := &Connection{lock: lock}
	if err := x.open(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s in %s: %w", c.Name, c.Directory, err), x.Close())
	}
	return x, nil
}

// Seize makes a data directory where it is missing, and its name durable, and takes it by
// the lock of a file. The error wraps hold.ErrHeld where another program has it.
func Seize(dir, lock string) (*hold.Lock, error) {
	if _, err := os.Stat(dir); err != nil {
		if err := errors.Join(os.MkdirAll(dir, 0o700), whole.SyncFolder(filepath.Dir(dir))); err != nil {
			return nil, fmt.Errorf("create data directory %s: %w", dir, err)
		}
	}
	return hold.Folder(dir, lock)
}

// Source is the name of a data source. Settings hold per connection, so they belong here.
func (d Database) Source(reading bool, pragmas ...string) string {
	v := url.Values{
		"_journal_mode": {"WAL"}, "_busy_timeout": {"5000"}, "_foreign_keys": {"1"}, "_dqs": {"0"},
		// Apple's fsync stops at the cache of the drive; those of fullfsync have no effect elsewhere.
		"_pragma": append([]string{"synchronous(FULL)", "fullfsync(1)", "checkpoint_fullfsync(1)"}, pragmas...),
	}
	if reading {
		v.Set("_query_only", "1")
	}
	path := url.URL{Path: filepath.ToSlash(d.Path)}
	return "file:" + path.EscapedPath() + "?" + v.Encode()
}

func (x *Connection) open(ctx context.Context, c Config) error {
	d := c.Database()
	f, err := os.OpenFile(d.Path, os.O_CREATE|os.O_RDWR, 0o600) // what it holds is nobody else's
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if x.source, err = sql.Open("sqlite", d.Source(false, c.Pragmas...)); err != nil {
		return fmt.Errorf("writer: %w", err)
	}
	x.source.SetMaxOpenConns(1)
	if x.Reader, err = sql.Open("sqlite", d.Source(true, c.Pragmas...)); err != nil {
		return fmt.Errorf("readers: %w", err)
	}
	x.Reader.SetMaxOpenConns(readers)
	if x.Writer, err = x.source.Conn(ctx); err != nil {
		return fmt.Errorf("writer: %w", err)
	}
	steps, err := Texts(c.Steps, "migrations/*.sql")
	if err == nil {
		err = d.Climb(ctx, x.Writer, steps)
	}
	if err != nil {
		return err
	}
	return whole.SyncFolder(c.Directory)
}

// Free gives the directory back and leaves the file as it is: closing it would write
// once more, which nobody wants after an error of the disk.
func (x *Connection) Free() error { return x.lock.Close() }

// Close closes the file and gives the directory back.
func (x *Connection) Close() error {
	var faults []error
	if x.Reader != nil {
		faults = append(faults, x.Reader.Close())
	}
	if x.Writer != nil {
		faults = append(faults, x.Writer.Close())
	}
	if x.source != nil {
		faults = append(faults, x.source.Close())
	}
	return errors.Join(append(faults, x.Free())...)
}
