package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// most rows of an answer, and bytes of a name and of a text.
const (
	mostRows = 10_000
	mostName = 200
	mostText = 4_000
)

// pen is the connection that writes, within one transaction.
type pen struct{ *sql.Conn }

// write runs do in one transaction, alone. ctx bounds the wait for the turn; what has
// begun is finished, so that nobody wonders whether it happened.
func (s *Store) write(ctx context.Context, do func(context.Context, pen) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.turn:
	}
	defer func() { s.turn <- struct{}{} }()
	if err := s.refusal(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := s.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w: nothing was written", err)
	}
	if err := do(ctx, pen{s.conn}); err != nil {
		if _, undo := s.conn.ExecContext(ctx, "ROLLBACK"); undo != nil {
			return s.stop(errors.Join(err, fmt.Errorf("roll back: %w", undo)))
		}
		return err
	}
	if _, err := s.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return s.stop(fmt.Errorf("commit: %w", err))
	}
	return nil
}

// stop ends all further work: nobody knows what is on the disk.
func (s *Store) stop(err error) error {
	s.broken.CompareAndSwap(nil, &err)
	return s.refusal()
}

// exec runs one statement and says how many rows it changed.
func (p pen) exec(ctx context.Context, text string, args ...any) (int64, error) {
	r, err := p.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// asker is what answers a question: the pen, or the readers.
type asker interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// asking is the readers, once it is known that they may answer.
func (s *Store) asking() (asker, error) {
	if err := s.refusal(); err != nil {
		return nil, err
	}
	return s.reader, nil
}

// scanner reads one row.
type scanner func(dest ...any) error

// gather reads all rows of an answer.
func gather[T any](ctx context.Context, a asker, row func(scanner) (T, error), text string, args ...any) (out []T, err error) {
	rows, err := a.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		x, err := row(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// list reads all rows of an answer from the readers.
func list[T any](ctx context.Context, s *Store, row func(scanner) (T, error), text string, args ...any) ([]T, error) {
	a, err := s.asking()
	if err != nil {
		return nil, err
	}
	return gather(ctx, a, row, text, args...)
}

// number reads one whole number of a row.
func number(scan scanner) (n int64, err error) { return n, scan(&n) }

// word reads one text of a row.
func word(scan scanner) (text string, err error) { return text, scan(&text) }

// micros is an instant as it is stored; zero is none.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// instant is one that was stored.
func instant(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return time.UnixMicro(us.Int64).UTC()
}

// faults gathers everything that is wrong with what is to be kept.
type faults []error

func (f *faults) when(wrong bool, says string, about ...any) {
	if wrong {
		*f = append(*f, fmt.Errorf(says, about...))
	}
}

// name checks a name that has to be there.
func (f *faults) name(what, text string) {
	f.when(text == "" || !plain(text, mostName), "%s %.60q: it has 1 to %d bytes of UTF-8 without control characters", what, text, mostName)
}

// text checks words that may be missing.
func (f *faults) text(what, text string) {
	f.when(!plain(text, mostText), "%s: it has at most %d bytes of UTF-8 without control characters", what, mostText)
}

// moment checks an instant that has to be there.
func (f *faults) moment(what string, t time.Time) {
	f.when(t.Year() < 1970 || t.Year() > 2999, "%s %v: it lies between 1970 and 2999", what, t)
}

func (f *faults) err() error {
	if err := errors.Join(*f...); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

func plain(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
