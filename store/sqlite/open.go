package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"sluice/store/hold"

	_ "modernc.org/sqlite" // the driver named "sqlite"

	"sluice/store/whole"
)

// fileName of the database in the data directory.
const fileName = "sluice.db"

// Config says where the journal is and how much may wait.
type Config struct {
	Directory string // on a local disk; created when it is missing
	Queue     int    // calls of Append that may wait before the next one blocks; 0: 1024
	Batch     int    // calls of Append in one transaction; 0: 1024

	// Unsynced leaves out every fsync, so that a power loss takes acknowledged
	// records. It exists only to prove that the power-loss rig notices.
	Unsynced bool

	before func() error // test seam: runs before a transaction, its error counts as one of the disk
}

// WithDefaults fills what was left open.
func (c Config) WithDefaults() Config {
	if c.Queue == 0 {
		c.Queue = 1024
	}
	if c.Batch == 0 {
		c.Batch = 1024
	}
	return c
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var faults []error
	if c.Directory == "" {
		faults = append(faults, errors.New("the data directory is missing"))
	}
	if c.Queue < 1 || c.Queue > 1<<20 {
		faults = append(faults, fmt.Errorf("a queue of %d is not within 1 and 1048576", c.Queue))
	}
	if c.Batch < 1 || c.Batch > 1<<16 {
		faults = append(faults, fmt.Errorf("a batch of %d is not within 1 and 65536", c.Batch))
	}
	return errors.Join(faults...)
}

// Store is an open journal. Its methods may be called from any goroutine.
type Store struct {
	config Config
	lock   *hold.Lock
	writer *sql.DB
	reader *sql.DB
	pen    *pen

	queue  chan *request
	stop   chan struct{} // closed when no more is accepted
	ended  chan struct{} // closed when the writing goroutine is gone
	closed sync.Once
	broken atomic.Pointer[error]

	mu     sync.Mutex    // guards flight
	flight chan struct{} // closed when the transaction is over
}

// Open opens or creates the journal and starts its writing goroutine, which
// Close ends. It refuses a directory that another program holds and a database
// that a newer program wrote. ctx bounds the opening only.
func Open(ctx context.Context, c Config) (*Store, error) {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := prepare(c.Directory); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	lock, err := seize(c.Directory)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{
		config: c, lock: lock,
		queue: make(chan *request, c.Queue), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.disconnect())
	}
	go s.serve(context.WithoutCancel(ctx))
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
func (c Config) source(reading bool) string {
	v := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"5000"},
		"_foreign_keys": {"1"}, "_txlock": {"immediate"}, "_dqs": {"0"},
		// Apple's fsync stops at the cache of the drive; these two have no effect elsewhere.
		"_pragma": {"fullfsync(1)", "checkpoint_fullfsync(1)"},
	}
	if c.Unsynced {
		v.Set("_synchronous", "OFF")
	}
	if reading {
		v.Set("_query_only", "1")
	}
	path := url.URL{Path: filepath.ToSlash(filepath.Join(c.Directory, fileName))}
	return "file:" + path.EscapedPath() + "?" + v.Encode()
}

func (s *Store) connect(ctx context.Context) error {
	var err error
	if s.writer, err = sql.Open("sqlite", s.config.source(false)); err != nil {
		return fmt.Errorf("writer: %w", err)
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite", s.config.source(true)); err != nil {
		return fmt.Errorf("readers: %w", err)
	}
	s.reader.SetMaxOpenConns(8)
	one, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("writer: %w", err)
	}
	steps, err := migrations()
	if err == nil {
		err = database(filepath.Join(s.config.Directory, fileName)).Climb(ctx, one, steps)
	}
	if err != nil {
		return errors.Join(err, one.Close())
	}
	if s.pen, err = newPen(ctx, one); err != nil {
		return errors.Join(err, one.Close())
	}
	return whole.SyncFolder(s.config.Directory)
}

// Close writes what is waiting, then closes the file and frees the directory.
// After an error of the disk it does neither: closing would write and sync once
// more, and report a success that the disk did not have. The end of the process
// frees the directory then.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		close(s.stop)
		<-s.ended
		if err = s.refusal(); err == nil {
			err = s.disconnect()
		}
	})
	return err
}

func (s *Store) disconnect() error {
	var faults []error
	if s.reader != nil {
		faults = append(faults, s.reader.Close())
	}
	if s.pen != nil {
		faults = append(faults, s.pen.close())
	}
	if s.writer != nil {
		faults = append(faults, s.writer.Close())
	}
	return errors.Join(append(faults, s.lock.Close())...)
}

// refusal is the error with which a broken store answers everything.
func (s *Store) refusal() error {
	if e := s.broken.Load(); e != nil {
		return fmt.Errorf("%w: %w", ErrBroken, *e)
	}
	return nil
}
