package file

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Asker is what answers a question: a Pen, a File, or a transaction of database/sql.
type Asker interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// Scanner reads the columns of one row into what its arguments point to.
type Scanner func(dest ...any) error

// Each calls row for every row of an answer, until one fails.
func Each(ctx context.Context, a Asker, text string, args []any, row func(Scanner) error) (err error) {
	rows, err := a.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Gather reads all rows of an answer.
func Gather[T any](ctx context.Context, a Asker, row func(Scanner) (T, error), text string, args ...any) ([]T, error) {
	var out []T
	err := Each(ctx, a, text, args, func(scan Scanner) error {
		x, err := row(scan)
		out = append(out, x)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// One reads the first row of an answer; ErrUnknown where there is none.
func One[T any](ctx context.Context, a Asker, row func(Scanner) (T, error), text string, args ...any) (T, error) {
	found, err := Gather(ctx, a, row, text, args...)
	if err == nil && len(found) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

// Number reads a row of one whole number.
func Number(scan Scanner) (n int64, err error) { return n, scan(&n) }

// Word reads a row of one text.
func Word(scan Scanner) (text string, err error) { return text, scan(&text) }

// Micros is an instant as it is stored: microseconds since 1970, NULL for the zero time.
func Micros(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: true}
}

// Instant is one that was stored, in UTC; NULL is the zero time.
func Instant(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return time.UnixMicro(us.Int64).UTC()
}
