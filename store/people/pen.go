package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sluice/people"
)

// most rows of an answer, and bytes of a text.
const (
	mostRows = 10_000
	mostText = 4_000
	mostLine = 200
)

// What a column may hold or not.
type (
	nullTime = sql.NullInt64
	nullText = sql.NullString
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
	was := s.head
	if err := do(ctx, pen{s.conn}); err != nil {
		s.head = was
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

// each runs statements about one thing.
func (p pen) each(ctx context.Context, about any, statements ...string) error {
	for _, text := range statements {
		if _, err := p.exec(ctx, text, about); err != nil {
			return err
		}
	}
	return nil
}

// asker is what answers a question: the pen, or the readers.
type asker interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
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

// one reads the only row of an answer; ErrUnknown where there is none.
func one[T any](ctx context.Context, a asker, row func(scanner) (T, error), text string, args ...any) (T, error) {
	found, err := gather(ctx, a, row, text, args...)
	if err != nil || len(found) == 0 {
		var none T
		if err == nil {
			err = ErrUnknown
		}
		return none, err
	}
	return found[0], nil
}

// list reads all rows of an answer from the readers.
func list[T any](ctx context.Context, s *Store, row func(scanner) (T, error), text string, args ...any) ([]T, error) {
	if err := s.refusal(); err != nil {
		return nil, err
	}
	return gather(ctx, s.reader, row, text, args...)
}

// number reads one whole number of a row.
func number(scan scanner) (n int64, err error) { return n, scan(&n) }

// word reads one text of a row.
func word(scan scanner) (text string, err error) { return text, scan(&text) }

// instant is one that was stored.
func instant(us nullTime) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return time.UnixMicro(us.Int64).UTC()
}

// faults gathers everything that is wrong with what is to be kept.
type faults []error

func (f *faults) add(err error) {
	if err != nil {
		*f = append(*f, err)
	}
}

func (f *faults) when(wrong bool, says string, about ...any) {
	if wrong {
		*f = append(*f, fmt.Errorf(says, about...))
	}
}

// line checks words on one line.
func (f *faults) line(what, text string) {
	wrong := len(text) > mostLine || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl)
	f.when(wrong, "%s %.60q: it has at most %d bytes of UTF-8 without control characters", what, text, mostLine)
}

// reason checks why something is done.
func (f *faults) reason(text string) {
	f.when(strings.TrimSpace(text) == "", "say why: the reason stays in the audit log")
	f.when(len(text) > mostText || !utf8.ValidString(text), "the reason: it has at most %d bytes of UTF-8", mostText)
}

// moment checks an instant that has to be there.
func (f *faults) moment(t time.Time) {
	f.when(t.Year() < 1970 || t.Year() > 2999, "the clock says %v: it lies between 1970 and 2999", t)
}

func (f *faults) err() error {
	if err := errors.Join(*f...); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// refuse is the error of a code.
func refuse(c people.Code, v people.Verb, at people.Place) error {
	return &people.Refusal{Code: c, Verb: v, At: at}
}
