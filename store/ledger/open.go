package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"sluice/store/hold"

	"sluice/store/whole"
)

// Config says where the books are: in a directory of ours or in PostgreSQL.
type Config struct {
	Directory string // of the SQLite file books.db, on a local disk; created when it is missing
	DSN       string // of PostgreSQL; the database or its search path belongs to the books alone
	Readers   int    // connections that read at once; 0: 8
}

// WithDefaults fills what was left open.
func (c Config) WithDefaults() Config {
	if c.Readers == 0 {
		c.Readers = 8
	}
	return c
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var faults []error
	if (c.Directory == "") == (c.DSN == "") {
		faults = append(faults, errors.New("give either a directory for SQLite or a DSN for PostgreSQL"))
	}
	if c.Readers < 2 || c.Readers > 1024 {
		faults = append(faults, fmt.Errorf("%d readers are not within 2 and 1024", c.Readers))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// Store is an open ledger. Its methods may be called from any goroutine.
type Store struct {
	dialect dialect
	lock    *hold.Lock // of the directory; nil with PostgreSQL
	source  *sql.DB    // of the one connection that writes
	reader  *sql.DB
	pen     *pen
	turn    chan struct{} // holds one token: who has it writes
	broken  atomic.Pointer[error]
	closed  atomic.Bool

	mu   sync.Mutex // guards seen
	seen dictionary // what readers know of accounts, tags and lots
}

// Open opens or creates the books. It refuses books that another program writes
// or a newer one wrote, and those that hold an unsealed transaction. ctx bounds
// the opening only.
func Open(ctx context.Context, c Config) (*Store, error) {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	s := &Store{turn: make(chan struct{}, 1), dialect: postgres(c.DSN)}
	if c.Directory != "" {
		s.dialect = sqlite(c.Directory)
	}
	s.turn <- struct{}{}
	if err := s.connect(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger in %s: %w", s.dialect.place, err), s.disconnect()) //nolint:contextcheck // what ctx ended must be closed too
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, c Config) error {
	var err error
	if c.Directory != "" {
		if s.lock, err = seize(c.Directory); err != nil {
			return err
		}
	}
	if s.source, err = sql.Open(s.dialect.driver, s.dialect.writing); err != nil {
		return err
	}
	s.source.SetMaxOpenConns(1)
	if s.reader, err = sql.Open(s.dialect.driver, s.dialect.reading); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(c.Readers)
	s.reader.SetMaxIdleConns(c.Readers)
	conn, err := s.source.Conn(ctx)
	if err != nil {
		return err
	}
	s.pen = &pen{conn: conn, dialect: s.dialect, statements: map[string]*sql.Stmt{}}
	return s.prepare(ctx)
}

// prepare makes a connected database ours and current, and checks what it holds.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.dialect.claim(ctx, s.pen.conn); err != nil {
		return err
	}
	if err := s.pen.migrate(ctx); err != nil {
		return err
	}
	if s.lock != nil {
		if err := whole.SyncFolder(s.lock.Folder()); err != nil {
			return err
		}
	}
	if err := s.pen.sealed(ctx); err != nil {
		return err
	}
	return s.pen.learn(ctx)
}

// Close ends the ledger once who writes has written.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	return s.disconnect()
}

func (s *Store) disconnect() error {
	var faults []error
	if s.reader != nil {
		faults = append(faults, s.reader.Close())
	}
	if s.pen != nil {
		faults = append(faults, s.pen.close())
	}
	if s.source != nil {
		faults = append(faults, s.source.Close())
	}
	if s.lock != nil {
		faults = append(faults, s.lock.Close())
	}
	return errors.Join(faults...)
}

// refusal is the error with which a closed or broken store answers.
func (s *Store) refusal() error {
	if e := s.broken.Load(); e != nil {
		return fmt.Errorf("%w: open it anew: %w", ErrBroken, *e)
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return nil
}

// write runs do in one database transaction, alone. ctx bounds the wait for the
// turn; what has begun is finished, so that nobody wonders whether it happened.
func (s *Store) write(ctx context.Context, do func(context.Context, *pen) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.turn:
	}
	defer func() { s.turn <- struct{}{} }()
	if err := s.refusal(); err != nil {
		return err
	}
	failed, err := s.pen.transaction(context.WithoutCancel(ctx), do)
	if failed != nil {
		s.broken.CompareAndSwap(nil, &failed)
		return s.refusal()
	}
	return err
}
