package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sluice/store/file"
)

// pen is the connection that writes, with its statements and what it knows of
// the tables that only grow. Who has the turn holds it.
type pen struct {
	conn       *sql.Conn
	dialect    dialect
	statements map[string]*sql.Stmt
	index      *index // nil: to be learnt anew
}

// transaction runs do in a database transaction. failed means that nobody knows
// what is on the disk; err is the answer of do, after which nothing was written.
func (p *pen) transaction(ctx context.Context, do func(context.Context, *pen) error) (failed, err error) {
	if _, err := p.conn.ExecContext(ctx, p.dialect.begin); err != nil {
		return nil, fmt.Errorf("begin: %w: nothing was written; open the ledger anew if this goes on", err)
	}
	if err = p.learn(ctx); err == nil {
		err = do(ctx, p)
	}
	if err == nil {
		if _, failed = p.conn.ExecContext(ctx, "COMMIT"); failed != nil {
			failed = fmt.Errorf("commit: %w", failed)
		}
		return failed, nil
	}
	if _, undo := p.conn.ExecContext(ctx, "ROLLBACK"); undo != nil {
		failed = errors.Join(err, fmt.Errorf("roll back: %w", undo))
	}
	if p.index != nil && p.index.grown {
		p.index = nil
	}
	return failed, err
}

// close lets others write and ends the connection. A failed release says no more
// than that the connection, and the lock with it, was gone already.
func (p *pen) close() error {
	var faults []error
	if p.dialect.release != "" {
		_, _ = p.conn.ExecContext(context.Background(), p.dialect.release) //nolint:forbidigo // a Close has no ctx to take
	}
	for _, s := range p.statements {
		faults = append(faults, s.Close())
	}
	return errors.Join(append(faults, p.conn.Close())...)
}

// QueryContext asks with a statement that is kept for the next time.
func (p *pen) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(ctx, text) //nolint:sqlclosecheck // the pen keeps and closes it
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (p *pen) exec(ctx context.Context, text string, args ...any) error {
	s, err := p.statement(ctx, p.dialect.text(text)) //nolint:sqlclosecheck // the pen keeps and closes it
	if err == nil {
		_, err = s.ExecContext(ctx, args...)
	}
	return err
}

func (p *pen) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := p.statements[text]; ok {
		return s, nil
	}
	s, err := p.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare %.80q: %w", text, err)
	}
	p.statements[text] = s
	return s, nil
}

// most rows in one statement. What is left is written in powers of two, so that
// there are few different statements. The driver of SQLite looks for every
// parameter among all of them, so that many at once are slow.
const most = 16

// insert writes rows, whose values stand one after the other in args.
func (p *pen) insert(ctx context.Context, table string, columns int, args []any) error {
	for len(args) > 0 {
		n := portion(len(args) / columns)
		if err := p.exec(ctx, "INSERT INTO "+table+" VALUES "+p.dialect.places(n, columns), args[:n*columns]...); err != nil {
			return fmt.Errorf("write table %s: %w", table, err)
		}
		args = args[n*columns:]
	}
	return nil
}

// portion is the largest power of two up to n and most.
func portion(n int) int {
	p := 1
	for p*2 <= min(n, most) {
		p *= 2
	}
	return p
}

// places is the places of so many rows: ($1,$2),($3,$4). SQLite's have no
// numbers, because its driver would take those for names.
func (d dialect) places(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%columns == 0:
			b.WriteString("),($")
		default:
			b.WriteString(",$")
		}
		if d.name != "sqlite" {
			b.WriteString(strconv.Itoa(i + 1))
		}
	}
	b.WriteByte(')')
	return b.String()
}

// sealed refuses books in which a transaction was begun and not ended.
func (p *pen) sealed(ctx context.Context) error {
	return file.Each(ctx, p, p.dialect.text("SELECT entity, seq, id FROM txn WHERE sealed = 0 ORDER BY entity, seq LIMIT 1"), nil, func(scan file.Scanner) error {
		var entity, seq int64
		var id string
		if err := scan(&entity, &seq, &id); err != nil {
			return err
		}
		return fmt.Errorf("%w: number %d, %q of entity %d: somebody wrote past Sluice; restore the last backup that verifies", ErrUnsealed, seq, id, entity)
	})
}
