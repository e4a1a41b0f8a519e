package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"sluice/store/file"
)

// mostRead is how many records one answer holds at most.
const mostRead = 10_000

// Range selects records of one site, in the order of writing.
type Range struct {
	Site      string
	Kind      Kind      // empty: all kinds
	FirstTurn int64     // from this turn on
	LastTurn  int64     // up to and with this turn; 0: no end
	From      time.Time // from this instant on; zero: no start
	To        time.Time // before this instant; zero: no end
	After     int64     // Seq of the last record of the page before
	Limit     int       // 0: 10,000, which is also the most
}

// columns that stored reads, in its order.
const columns = "seq, site, kind, key, subject, turn, at_us, term, plan, sequence, hash, body"

// Read answers one page of a range, oldest first; an empty page is the end.
// Only what is on stable storage is seen.
func (s *Store) Read(ctx context.Context, r Range) ([]Stored, error) {
	if r.Limit <= 0 || r.Limit > mostRead {
		r.Limit = mostRead
	}
	where, args := r.where()
	out, err := s.list(ctx, "SELECT "+columns+" FROM journal WHERE "+where+" ORDER BY seq LIMIT ?", append(args, r.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("read journal of %s: %w", r.Site, err)
	}
	return out, nil
}

func (r Range) where() (string, []any) {
	parts, args := []string{"site = ?", "seq > ?"}, []any{r.Site, r.After}
	add := func(wanted bool, part string, values ...any) {
		if wanted {
			parts, args = append(parts, part), append(args, values...)
		}
	}
	last := r.LastTurn
	if last == 0 {
		last = math.MaxInt64
	}
	add(r.Kind != "", "kind = ?", string(r.Kind))
	add(r.FirstTurn != 0 || r.LastTurn != 0, "turn BETWEEN ? AND ?", r.FirstTurn, last)
	add(!r.From.IsZero(), "at_us >= ?", r.From.UnixMicro())
	add(!r.To.IsZero(), "at_us < ?", r.To.UnixMicro())
	return strings.Join(parts, " AND "), args
}

// Find answers the record of a key, and false when it is surely not stored: it
// waits for the transaction under way, so that no Append that was given up can
// still store it afterwards.
func (s *Store) Find(ctx context.Context, site string, kind Kind, key string) (Stored, bool, error) {
	if err := s.landed(ctx); err != nil {
		return Stored{}, false, fmt.Errorf("find %s %s/%s: %w", kind, site, key, err)
	}
	out, err := s.list(ctx, "SELECT "+columns+" FROM journal WHERE site = ? AND kind = ? AND key = ?", site, string(kind), key)
	if err != nil || len(out) == 0 {
		return Stored{}, false, err
	}
	return out[0], true, nil
}

// landed waits for the end of the flight that is under way now.
func (s *Store) landed(ctx context.Context) error {
	s.mu.Lock()
	over := s.flight
	s.mu.Unlock()
	if over == nil {
		return nil
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUndecided, ctx.Err())
	}
}

// Current answers the last record of each subject, by subject: the lock-outs,
// modes or orders that hold now.
func (s *Store) Current(ctx context.Context, site string, kind Kind) ([]Stored, error) {
	out, err := s.list(ctx, "SELECT "+columns+` FROM journal WHERE seq IN
		(SELECT max(seq) FROM journal WHERE site = ? AND kind = ? GROUP BY subject) ORDER BY subject`, site, string(kind))
	if err != nil {
		return nil, fmt.Errorf("read current %s of %s: %w", kind, site, err)
	}
	return out, nil
}

// LastEpoch answers the highest epoch that was ever stored for a subject, zero
// when there is none.
func (s *Store) LastEpoch(ctx context.Context, site, subject string) (Epoch, error) {
	if err := s.refusal(); err != nil {
		return Epoch{}, fmt.Errorf("read epoch of %s: %w", subject, err)
	}
	var e Epoch
	err := s.at.Reader.QueryRowContext(ctx, sqlEpoch, site, subject).Scan(&e.Term, &e.Plan, &e.Sequence)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Epoch{}, fmt.Errorf("read epoch of %s: %w", subject, err)
	}
	return e, nil
}

func (s *Store) list(ctx context.Context, query string, args ...any) ([]Stored, error) {
	if err := s.refusal(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, s.at.Reader, stored, query, args...)
}

// stored reads one record and holds it against its hash.
func stored(scan file.Scanner) (Stored, error) {
	var r row
	var seq int64
	var hash []byte
	err := scan(&seq, &r.Site, &r.Kind, &r.Key, &r.Subject, &r.Turn, &r.micros,
		&r.Epoch.Term, &r.Epoch.Plan, &r.Epoch.Sequence, &hash, &r.Body)
	if err != nil {
		return Stored{}, fmt.Errorf("scan: %w", err)
	}
	if sum := r.sum(); string(sum[:]) != string(hash) {
		return Stored{}, fmt.Errorf("%w: %s at place %d: restore a backup, the disk changed what was written", ErrCorrupt, r.name(), seq)
	}
	r.At = time.UnixMicro(r.micros).UTC()
	return Stored{Record: r.Record, Seq: seq, Hash: hex.EncodeToString(hash)}, nil
}
