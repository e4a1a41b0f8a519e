package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// The columns of a transaction and of a line, as decoded below.
const (
	headColumns = `SELECT t.entity, t.seq, t.id, t.kind, t.standing, t.at, t.booked, t.source, t.evidence, t.belongs,
		t.reverses, t.settles, t.narration, t.input, t.previous, t.hash, t.sealed`
	lineColumns = `SELECT e.seq, e.line, e.account, e.amount, e.lot, e.cost, e.tags`
)

// among is a list of n parameters from the second on: ($2,$3).
func among(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(",$" + strconv.Itoa(i+2))
	}
	return "(" + b.String()[1:] + ")"
}

// wanted is a table w of n ids, the parameters from the second on.
func wanted(n int) string {
	list := strings.ReplaceAll(among(n), ",", "),(")
	return "WITH w(id) AS (VALUES " + list + ") "
}

func instant(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// heads reads transactions without their lines; there are at most n.
func (d *dictionary) heads(ctx context.Context, a asker, text string, args []any, n int) ([]books.Sealed, error) {
	out := make([]books.Sealed, 0, n)
	err := each(ctx, a, text, args, func(scan scanner) error {
		s, err := d.head(scan)
		out = append(out, s)
		return err
	})
	return out, err
}

func (d *dictionary) head(scan scanner) (s books.Sealed, err error) {
	var entity, at, booked, sealed int64
	var evidence, input, previous, hash bytes
	err = scan(&entity, &s.Sequence, &s.ID, &s.Kind, &s.Standing, &at, &booked, &s.Source, &evidence, &s.Belongs,
		&s.Reverses, &s.Settles, &s.Narration, &input, &previous, &hash, &sealed)
	if err != nil {
		return s, err
	}
	if entity < 1 || entity > int64(len(d.entities)) || sealed != 1 {
		return s, fmt.Errorf("transaction %d, %q has no entity or no seal: %w", s.Sequence, s.ID, books.ErrChanged)
	}
	s.Entity, s.At, s.Booked = d.entities[entity-1].name, instant(at), instant(booked)
	s.Evidence, s.Input, s.Previous, s.Hash = books.Hash(evidence), books.Hash(input), books.Hash(previous), books.Hash(hash)
	return s, nil
}

// bytes is a hash that is read without a copy of its own. Nothing reads as zero.
type bytes books.Hash

// Scan takes a value of the database.
func (b *bytes) Scan(v any) error {
	raw, ok := v.([]byte)
	if !ok && v != nil || len(raw) != 0 && len(raw) != len(b) {
		return fmt.Errorf("a hash of %d bytes: %w", len(raw), books.ErrChanged)
	}
	*b = bytes{}
	copy(b[:], raw)
	return nil
}

// bodies reads the lines of transactions, which come in the same order.
func (d *dictionary) bodies(ctx context.Context, a asker, text string, args []any, all []books.Sealed) error {
	lines := make([]books.Line, 0, 3*len(all))
	at, first := 0, 0
	finish := func() { // gives the transaction its lines; a full slice, so that nobody appends into the next
		if first < len(lines) {
			all[at].Lines = lines[first:len(lines):len(lines)]
		}
		at, first = at+1, len(lines)
	}
	err := each(ctx, a, text, args, func(scan scanner) error {
		var r row
		if err := scan(&r.seq, &r.line, &r.account, &r.amount, &r.lot, &r.cost, &r.tags); err != nil {
			return err
		}
		for at < len(all) && all[at].Sequence < r.seq {
			finish()
		}
		l, err := d.line(r)
		if err == nil && (at == len(all) || all[at].Sequence != r.seq || r.line != int64(len(lines)-first)+1) {
			err = books.ErrChanged
		}
		if err != nil {
			return fmt.Errorf("line %d of transaction %d: %w", r.line, r.seq, err)
		}
		lines = append(lines, l)
		return nil
	})
	if err == nil && at < len(all) {
		finish()
	}
	return err
}

// row is a line as it is stored.
type row struct{ seq, line, account, amount, lot, cost, tags int64 }

func (d *dictionary) line(r row) (l books.Line, err error) {
	if r.account < 1 || r.account > int64(len(d.accounts)) || r.tags < 1 || r.tags > int64(len(d.tags)) || r.lot < 0 || r.lot > int64(len(d.lots)) {
		return l, fmt.Errorf("it refers to what is not there: %w", books.ErrChanged)
	}
	l.Account, l.Amount, l.Tags, l.Lot.Cost = d.accounts[r.account-1].Name, r.amount, d.tags[r.tags-1], unit.Amount(r.cost)
	if r.lot > 0 {
		l.Lot.ID, l.Lot.Acquired = d.lots[r.lot-1].name, instant(d.lots[r.lot-1].acquired)
	}
	return l, nil
}
