package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/store/file"
)

// Reader is books that are only read, also while another program writes them: it takes
// no lock, and what it could change by mistake the database refuses. Its methods may be
// called from any goroutine and answer as those of Store do.
type Reader struct{ store *Store }

// OpenReader opens books that are there already. An error wraps ErrUnknown where there
// are none, ErrNewer where a newer program wrote them, and ErrInvalid where an older one
// did and nobody has brought them up since. ctx bounds the opening only.
func OpenReader(ctx context.Context, c Config) (*Reader, error) {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("open ledger to read: %w", err)
	}
	d := postgres(c.DSN)
	if c.Directory != "" {
		if _, err := os.Stat(filepath.Join(c.Directory, fileName)); err != nil {
			return nil, fmt.Errorf("open ledger to read in %s: %w: correct the folder, or let a replay or a site write books there: %w", c.Directory, ErrUnknown, err)
		}
		d = sqlite(c.Directory)
		d.reading += "&mode=ro"
	}
	r := &Reader{&Store{dialect: d, turn: make(chan struct{}, 1)}}
	r.store.turn <- struct{}{}
	if err := r.connect(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger to read in %s: %w", d.place, err), r.Close()) //nolint:contextcheck // what ctx ended must be closed too
	}
	return r, nil
}

func (r *Reader) connect(ctx context.Context, c Config) (err error) {
	s := r.store
	if s.reader, err = sql.Open(s.dialect.driver, s.dialect.reading); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(c.Readers)
	s.reader.SetMaxIdleConns(c.Readers)
	conn, err := s.reader.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	steps, err := migrations(s.dialect)
	if err != nil {
		return err
	}
	version, err := s.dialect.written(ctx, conn)
	switch {
	case err != nil:
		return err
	case version > len(steps):
		return fmt.Errorf("%w: they have version %d, this program knows %d: install the newer program", ErrNewer, version, len(steps))
	case version < len(steps):
		return fmt.Errorf("%w: they have version %d, this program reads %d: open them once to write, such as with 'sluice ledger locks'", ErrInvalid, version, len(steps))
	}
	return nil
}

// written is the version of books that nobody here may change.
func (d dialect) written(ctx context.Context, conn *sql.Conn) (version int, err error) {
	if d.name == "sqlite" {
		return d.version(ctx, conn)
	}
	if err = conn.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM books_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("read the version of the books: %w: %w", ErrUnknown, err)
	}
	return version, nil
}

// Close ends the reading.
func (r *Reader) Close() error { return r.store.Close() }

// Entities are the names of all whose books are open.
func (r *Reader) Entities(ctx context.Context) ([]string, error) { return r.store.Entities(ctx) }

// Chart is the chart of accounts of an entity.
func (r *Reader) Chart(ctx context.Context, entity string) (books.Chart, error) {
	return r.store.Chart(ctx, entity)
}

// Balances are the sums of a query by account and tags.
func (r *Reader) Balances(ctx context.Context, q Query) ([]Balance, error) {
	return r.store.Balances(ctx, q)
}

// Transactions are those of a query in the order of their sequence.
func (r *Reader) Transactions(ctx context.Context, q Query) iter.Seq2[books.Sealed, error] {
	return r.store.Transactions(ctx, q)
}

// Find is the transaction of an entity that has that id.
func (r *Reader) Find(ctx context.Context, entity, id string) (books.Sealed, error) {
	return r.store.Find(ctx, entity, id)
}

// OpenLots is what every account holds of every lot before a time.
func (r *Reader) OpenLots(ctx context.Context, entity string, before time.Time) ([]Parcel, error) {
	return r.store.OpenLots(ctx, entity, before)
}

// Documents are all of an entity, by series and serial.
func (r *Reader) Documents(ctx context.Context, entity string) iter.Seq2[invoice.Document, error] {
	return r.store.Documents(ctx, entity)
}

// Paper is the paper of an entity whose body has that hash.
func (r *Reader) Paper(ctx context.Context, entity string, h books.Hash) (Paper, error) {
	return r.store.Paper(ctx, entity, h)
}

// Papers are those of one kind, in the order in which they were filed.
func (r *Reader) Papers(ctx context.Context, entity, kind string) iter.Seq2[Paper, error] {
	return r.store.Papers(ctx, entity, kind)
}

// Suspense is what is parked.
func (r *Reader) Suspense(ctx context.Context, entity string, all bool) ([]Parked, error) {
	return r.store.Suspense(ctx, entity, all)
}

// Locks is the history of an entity's locks.
func (r *Reader) Locks(ctx context.Context, entity string) ([]Locking, error) {
	return r.store.Locks(ctx, entity)
}

// Extent is how far the books of an entity reach.
func (r *Reader) Extent(ctx context.Context, entity string) (Extent, error) {
	return r.store.Extent(ctx, entity)
}

// Kinds are the kinds of the papers of an entity.
func (r *Reader) Kinds(ctx context.Context, entity string) (map[books.Hash]string, error) {
	return r.store.Kinds(ctx, entity)
}

// Extent is how far the books of an entity reach.
type Extent struct {
	Transactions int64     // 0: there are none, and all that follows is zero
	Last         int64     // sequence of the last one
	From, To     time.Time // when the first thing happened, and the last
	Booked       time.Time // when something was booked last, by who booked it
}

// Extent is how far the books of an entity reach. The error wraps ErrUnknown where
// nobody opened them.
func (s *Store) Extent(ctx context.Context, entity string) (x Extent, err error) {
	err = s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err != nil {
			return err
		}
		return file.Each(ctx, r.tx, r.text("SELECT count(*), coalesce(max(seq), 0), coalesce(min(at), 0), coalesce(max(at), 0), coalesce(max(booked), 0) FROM txn WHERE entity = $1"),
			[]any{number}, func(scan file.Scanner) error {
				var from, to, booked int64
				if err := scan(&x.Transactions, &x.Last, &from, &to, &booked); err != nil || x.Transactions == 0 {
					return err
				}
				x.From, x.To, x.Booked = time.Unix(from, 0).UTC(), time.Unix(to, 0).UTC(), time.Unix(booked, 0).UTC()
				return nil
			})
	})
	if err != nil {
		return Extent{}, fmt.Errorf("how far the books of %q reach: %w", entity, err)
	}
	return x, nil
}

// Kinds are the kinds of the papers of an entity by their hash; of several kinds with
// the same body the one that was filed first.
func (s *Store) Kinds(ctx context.Context, entity string) (map[books.Hash]string, error) {
	out := map[books.Hash]string{}
	err := s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err != nil {
			return err
		}
		return file.Each(ctx, r.tx, r.text("SELECT p.kind, p.hash FROM paper p WHERE p.entity = $1 ORDER BY p.number"), []any{number}, func(scan file.Scanner) error {
			var kind string
			var h books.Hash
			if err := scan(&kind, (*bytes)(&h)); err != nil {
				return err
			}
			if _, had := out[h]; !had {
				out[h] = kind
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("kinds of the papers of %q: %w", entity, err)
	}
	return out, nil
}
