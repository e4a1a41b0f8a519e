package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/store/file"
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
func (d *dictionary) heads(ctx context.Context, a file.Asker, text string, args []any, n int) ([]books.Sealed, error) {
	out := make([]books.Sealed, 0, n)
	h := newHead()
	err := file.Each(ctx, a, text, args, func(scan file.Scanner) error {
		s, err := h.read(scan, d)
		out = append(out, s)
		return err
	})
	return out, err
}

// head is a transaction as it is stored. One is read into again and again, and its
// numbers as any values: both save half of what database/sql costs.
type head struct {
	books.Sealed
	numbers                         [5]any // entity, seq, at, booked, sealed
	evidence, input, previous, hash bytes
	to                              []any
}

func newHead() *head {
	h := &head{}
	s, n := &h.Sealed, &h.numbers
	h.to = []any{
		&n[0], &n[1], &s.ID, &s.Kind, (*string)(&s.Standing), &n[2], &n[3], &s.Source, &h.evidence, &s.Belongs,
		&s.Reverses, &s.Settles, &s.Narration, &h.input, &h.previous, &h.hash, &n[4],
	}
	return h
}

func (h *head) read(scan file.Scanner, d *dictionary) (books.Sealed, error) {
	if err := scan(h.to...); err != nil {
		return books.Sealed{}, err
	}
	var n [len(h.numbers)]int64
	whole := integers(n[:], h.numbers[:])
	s := h.Sealed
	s.Sequence = n[1]
	if !whole || n[0] < 1 || n[0] > int64(len(d.entities)) || n[4] != 1 {
		return s, fmt.Errorf("transaction %d, %q has no entity or no seal: %w", s.Sequence, s.ID, books.ErrChanged)
	}
	s.Entity, s.At, s.Booked = d.entities[n[0]-1].name, instant(n[2]), instant(n[3])
	s.Evidence, s.Input, s.Previous, s.Hash = books.Hash(h.evidence), books.Hash(h.input), books.Hash(h.previous), books.Hash(h.hash)
	return s, nil
}

// integers takes numbers out of what a database gave, and reports whether all are numbers.
func integers(out []int64, from []any) bool {
	for i, v := range from {
		n, ok := v.(int64)
		if !ok {
			return false
		}
		out[i] = n
	}
	return true
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
func (d *dictionary) bodies(ctx context.Context, a file.Asker, text string, args []any, all []books.Sealed) error {
	lines := make([]books.Line, 0, 3*len(all))
	at, first := 0, 0
	finish := func() { // gives the transaction its lines; a full slice, so that nobody appends into the next
		if first < len(lines) {
			all[at].Lines = lines[first:len(lines):len(lines)]
		}
		at, first = at+1, len(lines)
	}
	var values [7]any
	to := []any{&values[0], &values[1], &values[2], &values[3], &values[4], &values[5], &values[6]}
	err := file.Each(ctx, a, text, args, func(scan file.Scanner) error {
		if err := scan(to...); err != nil {
			return err
		}
		var n [len(values)]int64
		whole := integers(n[:], values[:])
		r := row{n[0], n[1], n[2], n[3], n[4], n[5], n[6]}
		for at < len(all) && all[at].Sequence < r.seq {
			finish()
		}
		l, err := d.line(r)
		if err == nil && (!whole || at == len(all) || all[at].Sequence != r.seq || r.line != int64(len(lines)-first)+1) {
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
