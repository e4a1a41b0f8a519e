package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"sluice/store/file"
)

//go:embed migrations/*.sql
var migrations embed.FS

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

// layout is the file in the directory. Its sign is "Sluc".
func (c Config) layout() file.Config {
	out := file.Config{Directory: c.Directory, Name: fileName, Lock: "sluice.lock", Sign: 0x536c7563, Steps: migrations}
	if c.Unsynced {
		out.Pragmas = []string{"synchronous(OFF)"}
	}
	return out
}

// Store is an open journal. Its methods may be called from any goroutine.
type Store struct {
	config Config
	at     *file.Connection
	pen    *pen // of its Writer

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
	at, err := file.Connect(ctx, c.layout())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{
		config: c, at: at,
		queue: make(chan *request, c.Queue), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	if s.pen, err = newPen(ctx, at.Writer); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), at.Close())
	}
	go s.serve(context.WithoutCancel(ctx))
	return s, nil
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
			err = errors.Join(s.pen.close(), s.at.Close())
		}
	})
	return err
}

// refusal is the error with which a broken store answers everything.
func (s *Store) refusal() error {
	if e := s.broken.Load(); e != nil {
		return fmt.Errorf("%w: %w", ErrBroken, *e)
	}
	return nil
}
