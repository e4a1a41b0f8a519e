package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	"sluice/store/hold"
	"sluice/store/step"
	"sluice/store/whole"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// The failures of a store.
var (
	ErrTenant   = errors.New("nobody says who asks") // a Tenant that nobody made
	ErrToken    = errors.New("the token is not valid")
	ErrUnknown  = errors.New("there is no such thing") // of this tenant
	ErrConflict = errors.New("it is known already, and says something else")
	ErrState    = errors.New("it is too late for that")
	ErrInvalid  = errors.New("this cannot be kept")
	ErrFull     = errors.New("too much is open")
	ErrLocked   = errors.New("another program holds the data directory")
	ErrNewer    = step.ErrNewer
	ErrForeign  = step.ErrForeign
	ErrBroken   = errors.New("the store stopped after an error of the disk: exit, check the disk, start again")
	ErrClosed   = errors.New("the store is closed")
	ErrCorrupt  = errors.New("what is stored does not match its hash")
)

// The files in the data directory.
const (
	fileName = "tenants.db"
	lockName = "tenants.lock"
)

// Store is an open store. It, its Office and its Desk may be used from any goroutine.
type Store struct {
	path   string
	lock   *hold.Lock
	writer *sql.DB
	conn   *sql.Conn // of the writer; who has the turn holds it
	reader *sql.DB
	turn   chan struct{} // holds one token: who has it writes
	broken atomic.Pointer[error]
	closed atomic.Bool
	random func([]byte) error
}

// Open opens or creates the store in a directory on a local disk. It refuses one that
// another program holds and what a newer one wrote. ctx bounds the opening only.
func Open(ctx context.Context, dir string) (*Store, error) {
	if dir == "" {
		return nil, fmt.Errorf("open tenants: %w: the data directory is missing", ErrInvalid)
	}
	if err := prepare(dir); err != nil {
		return nil, fmt.Errorf("open tenants: %w", err)
	}
	lock, err := hold.Folder(dir, lockName)
	if err != nil {
		if errors.Is(err, hold.ErrHeld) {
			err = fmt.Errorf("%w: %w", ErrLocked, err)
		}
		return nil, fmt.Errorf("open tenants in %s: %w", dir, err)
	}
	s := &Store{path: filepath.Join(dir, fileName), lock: lock, turn: make(chan struct{}, 1), random: secret}
	s.turn <- struct{}{}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open tenants in %s: %w", dir, err), s.disconnect())
	}
	return s, nil
}

// prepare makes the data directory and its name durable.
func prepare(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create data directory %s: %w", dir, err)
	}
	return whole.SyncFolder(filepath.Dir(dir))
}

// source is the name of the data source. Settings hold per connection, so they belong here.
func (s *Store) source(reading bool) string {
	v := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"5000"}, "_foreign_keys": {"1"}, "_dqs": {"0"},
		"_pragma": {"fullfsync(1)", "checkpoint_fullfsync(1)"},
	}
	if reading {
		v.Set("_query_only", "1")
	}
	path := url.URL{Path: filepath.ToSlash(s.path)}
	return "file:" + path.EscapedPath() + "?" + v.Encode()
}

func (s *Store) connect(ctx context.Context) error {
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600) // hashes of tokens are nobody else's
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if s.writer, err = sql.Open("sqlite", s.source(false)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite", s.source(true)); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(8)
	if s.conn, err = s.writer.Conn(ctx); err != nil {
		return err
	}
	steps, err := migrations()
	if err != nil {
		return err
	}
	if err := database(s.path).Climb(ctx, s.conn, steps); err != nil {
		return err
	}
	return whole.SyncFolder(filepath.Dir(s.path))
}

// Close ends the store once who writes has written. After an error of the disk it
// leaves the file as it is.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	if s.broken.Load() != nil {
		return s.lock.Close()
	}
	return s.disconnect()
}

func (s *Store) disconnect() error {
	var faults []error
	if s.reader != nil {
		faults = append(faults, s.reader.Close())
	}
	if s.conn != nil {
		faults = append(faults, s.conn.Close())
	}
	if s.writer != nil {
		faults = append(faults, s.writer.Close())
	}
	return errors.Join(append(faults, s.lock.Close())...)
}

// refusal is the error with which a closed or broken store answers.
func (s *Store) refusal() error {
	if e := s.broken.Load(); e != nil {
		return fmt.Errorf("%w: %w", ErrBroken, *e)
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return nil
}
