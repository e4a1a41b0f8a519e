package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
)

// The statements of the writing connection.
const (
	sqlInsert = `INSERT INTO journal (site, kind, key, subject, turn, at_us, term, plan, sequence, hash, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (site, kind, key) DO NOTHING`
	sqlKnown = `SELECT hash FROM journal WHERE site = ? AND kind = ? AND key = ?`
	// The last parameter is 1 where the same epoch may be marked again.
	sqlRaise = `INSERT INTO epoch (site, subject, term, plan, sequence) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (site, subject) DO UPDATE SET term = excluded.term, plan = excluded.plan, sequence = excluded.sequence
		WHERE (excluded.term, excluded.plan, excluded.sequence) > (epoch.term, epoch.plan, epoch.sequence)
		OR ?6 = 1 AND (excluded.term, excluded.plan, excluded.sequence) = (epoch.term, epoch.plan, epoch.sequence)`
	sqlEpoch = `SELECT term, plan, sequence FROM epoch WHERE site = ? AND subject = ?`
)

// pen is the writing connection with its statements. One goroutine holds it.
type pen struct {
	begin, commit, mark, release, undo *sql.Stmt
	insert, known, raise, epoch        *sql.Stmt
}

func newPen(ctx context.Context, conn *sql.Conn) (*pen, error) {
	p := &pen{}
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&p.begin, "BEGIN IMMEDIATE"},
		{&p.commit, "COMMIT"},
		{&p.mark, "SAVEPOINT request"},
		{&p.release, "RELEASE request"},
		{&p.undo, "ROLLBACK TO request"},
		{&p.insert, sqlInsert},
		{&p.known, sqlKnown},
		{&p.raise, sqlRaise},
		{&p.epoch, sqlEpoch},
	} {
		var err error
		if *s.to, err = conn.PrepareContext(ctx, s.text); err != nil { //nolint:sqlclosecheck // the pen keeps and closes it
			return nil, fmt.Errorf("prepare %q: %w", s.text, err)
		}
	}
	return p, nil
}

func (p *pen) close() error {
	var faults []error
	for _, s := range []*sql.Stmt{p.begin, p.commit, p.mark, p.release, p.undo, p.insert, p.known, p.raise, p.epoch} {
		faults = append(faults, s.Close())
	}
	return errors.Join(faults...)
}

// do runs a statement without parameters.
func (p *pen) do(ctx context.Context, s *sql.Stmt) error {
	if _, err := s.ExecContext(ctx); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// write writes the rows of one request or none of them. refused is an answer to
// the caller; err means that the database failed.
func (p *pen) write(ctx context.Context, rows []row) (refused, err error) {
	if len(rows) == 1 && !rows[0].Kind.fenced() {
		return p.one(ctx, rows[0]) // one statement needs no mark to go back to
	}
	if err := p.do(ctx, p.mark); err != nil {
		return nil, err
	}
	for _, r := range rows {
		refused, err = p.one(ctx, r)
		if err != nil {
			return nil, err
		}
		if refused != nil {
			err = p.do(ctx, p.undo)
			break
		}
	}
	return refused, errors.Join(err, p.do(ctx, p.release))
}

// one writes a row, unless it is there already.
func (p *pen) one(ctx context.Context, r row) (refused, err error) {
	n, err := changed(p.insert.ExecContext(ctx, r.Site, string(r.Kind), r.Key, r.Subject, r.Turn, r.micros,
		r.Epoch.Term, r.Epoch.Plan, r.Epoch.Sequence, r.hash[:], string(r.Body)))
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return p.compare(ctx, r)
	case r.Kind.fenced():
		return p.fence(ctx, r)
	}
	return nil, nil
}

// compare answers a known key.
func (p *pen) compare(ctx context.Context, r row) (refused, err error) {
	var hash []byte
	if err := p.known.QueryRowContext(ctx, r.Site, string(r.Kind), r.Key).Scan(&hash); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	if string(hash) == string(r.hash[:]) {
		return nil, nil
	}
	return fmt.Errorf("%w: %s is stored with hash %s, offered with %s: give the new content a key of its own",
		ErrConflict, r.name(), hex.EncodeToString(hash), hex.EncodeToString(r.hash[:])), nil
}

// fence raises the last epoch of the subject. An order needs a new one: the same
// epoch with another key would be another instruction that nobody could tell apart.
func (p *pen) fence(ctx context.Context, r row) (refused, err error) {
	again := 0
	if r.Kind == EpochMark {
		again = 1
	}
	n, err := changed(p.raise.ExecContext(ctx, r.Site, r.Subject, r.Epoch.Term, r.Epoch.Plan, r.Epoch.Sequence, again))
	if err != nil || n > 0 {
		return nil, err
	}
	var last Epoch
	if err := p.epoch.QueryRowContext(ctx, r.Site, r.Subject).Scan(&last.Term, &last.Plan, &last.Sequence); err != nil {
		return nil, fmt.Errorf("read epoch: %w", err)
	}
	return fmt.Errorf("%w: %s of %s has epoch %v, the last one is %v: another controller or a newer plan is in charge",
		ErrEpochBack, r.name(), r.Subject, r.Epoch, last), nil
}

// changed tells how many rows a statement changed.
func changed(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, fmt.Errorf("write journal: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("write journal: %w", err)
	}
	return n, nil
}
