package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"sluice/books"
	"sluice/store/file"
)

// Query says which transactions of an entity are wanted. What is left open does
// not narrow.
type Query struct {
	Entity  string
	From    time.Time // happened then or later
	To      time.Time // happened before
	KnownAt time.Time // booked then or before: the books as they were known
	After   int64     // sequence beyond which to begin
	Limit   int       // most transactions; no part of a question for balances
}

// span is a query in the terms of the database.
type span struct{ entity, from, to, known, after int64 }

// within is the condition of a span on the transactions t; its parameters are the
// first five.
const within = ` t.entity = $1 AND t.seq > $2 AND t.at >= $3 AND t.at < $4 AND t.booked <= $5`

func (s span) args(more ...any) []any {
	return append([]any{s.entity, s.after, s.from, s.to, s.known}, more...)
}

func (q Query) span(entity int64) span {
	s := span{entity: entity, from: math.MinInt64, to: math.MaxInt64, known: math.MaxInt64, after: q.After}
	if !q.From.IsZero() {
		s.from = q.From.Unix()
		if q.From.Nanosecond() > 0 {
			s.from++
		}
	}
	if !q.To.IsZero() {
		s.to = q.To.Unix()
		if q.To.Nanosecond() > 0 {
			s.to++
		}
	}
	if !q.KnownAt.IsZero() {
		s.known = q.KnownAt.Unix()
	}
	return s
}

// reading is one state of the books, as a reader sees it.
type reading struct {
	dictionary
	tx   *sql.Tx
	text func(string) string
}

func (r reading) entity(name string) (int64, error) {
	number := r.dictionary.entity(name)
	if number == 0 {
		return 0, fmt.Errorf("entity %q: %w: open it first", name, ErrUnknown)
	}
	return number, nil
}

// read lets do see one state of the books.
func (s *Store) read(ctx context.Context, do func(reading) error) (err error) {
	if err := s.refusal(); err != nil {
		return err
	}
	tx, err := s.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.isolation})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	r := reading{tx: tx, text: s.dialect.text}
	if r.dictionary, err = s.catchUp(ctx, tx); err != nil {
		return fmt.Errorf("read accounts, tags and lots: %w", err)
	}
	return do(r)
}

// catchUp reads what is new of the dictionary. What it returns is never changed.
func (s *Store) catchUp(ctx context.Context, a file.Asker) (dictionary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.seen
	if err := d.follow(ctx, a, s.dialect.text); err != nil {
		return dictionary{}, err
	}
	s.seen = d
	return d, nil
}

// Transactions are those of a query in the order of their sequence, of whatever
// standing. They are read in portions and all from one state of the books. An
// error ends them. Who reads may not post before the reading ends.
func (s *Store) Transactions(ctx context.Context, q Query) iter.Seq2[books.Sealed, error] {
	return func(yield func(books.Sealed, error) bool) {
		err := s.read(ctx, func(r reading) error { return r.stream(ctx, q, yield) })
		if err != nil && !errors.Is(err, errEnough) {
			yield(books.Sealed{}, fmt.Errorf("read transactions of %q: %w", q.Entity, err))
		}
	}
}

// errEnough says that who reads wants no more.
var errEnough = errors.New("enough")

// portionMost transactions are read at once.
const portionMost = 2048

func (r reading) stream(ctx context.Context, q Query, yield func(books.Sealed, error) bool) error {
	number, err := r.entity(q.Entity)
	if err != nil {
		return err
	}
	span, left := q.span(number), q.Limit
	if left <= 0 {
		left = math.MaxInt
	}
	for left > 0 {
		n := min(left, portionMost)
		all, err := r.portion(ctx, span, n)
		if err != nil {
			return err
		}
		for _, t := range all {
			if !yield(t, nil) {
				return errEnough
			}
		}
		if len(all) < n {
			return nil
		}
		left, span.after = left-n, all[n-1].Sequence
	}
	return nil
}

// portion is the next n transactions of a span.
func (r reading) portion(ctx context.Context, s span, n int) ([]books.Sealed, error) {
	all, err := r.heads(ctx, r.tx, r.text(headColumns+` FROM txn t WHERE`+within+` ORDER BY t.seq LIMIT $6`), s.args(n), n)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, r.bodies(ctx, r.tx, r.text(lineColumns+` FROM txn t CROSS JOIN entry e
		WHERE e.entity = t.entity AND e.seq = t.seq AND`+within+` AND t.seq <= $6 ORDER BY e.seq, e.line`), s.args(all[len(all)-1].Sequence), all)
}

// Find is the transaction of an entity that has that id. The error wraps
// ErrUnknown where there is none.
func (s *Store) Find(ctx context.Context, entity, id string) (found books.Sealed, err error) {
	err = s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err != nil {
			return err
		}
		all, err := r.named(ctx, r.tx, r.text, number, []string{id})
		if err == nil && len(all) == 0 {
			err = ErrUnknown
		}
		if err == nil {
			found = all[0]
		}
		return err
	})
	if err != nil {
		return books.Sealed{}, fmt.Errorf("find transaction %q of %q: %w", id, entity, err)
	}
	return found, nil
}

// named are the transactions that have one of the ids, in the order of their sequence.
// A list of ids, or an order by sequence, would have SQLite walk through the whole
// chain instead of asking the index of ids.
func (d *dictionary) named(ctx context.Context, a file.Asker, text func(string) string, entity int64, ids []string) ([]books.Sealed, error) {
	var out []books.Sealed
	for len(ids) > 0 {
		n := portion(len(ids))
		args := []any{entity}
		for _, id := range ids[:n] {
			args = append(args, id)
		}
		asked := wanted(n)
		all, err := d.heads(ctx, a, text(asked+headColumns+` FROM w CROSS JOIN txn t WHERE t.entity = $1 AND t.id = w.id ORDER BY +t.seq`), args, n)
		if err == nil && len(all) > 0 {
			err = d.bodies(ctx, a, text(asked+lineColumns+` FROM w CROSS JOIN txn t CROSS JOIN entry e
				WHERE t.entity = $1 AND t.id = w.id AND e.entity = t.entity AND e.seq = t.seq ORDER BY e.seq, e.line`), args, all)
		}
		if err != nil {
			return nil, err
		}
		out, ids = append(out, all...), ids[n:]
	}
	return out, nil
}
