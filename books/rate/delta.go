package rate

import (
	"encoding/hex"
	"fmt"

	"sluice/books"
	"sluice/unit"
)

// Notes are the lines of the credit note and of the debit note that lead from
// what was invoiced to a fresh rating.
type Notes struct {
	Credit []Line // negative
	Debit  []Line // positive
	Late   []Line // refused: by so much the rating differs, and the contract no longer corrects the period
}

// Late reports whether a period that ended at that second is no longer corrected at
// another: from the second after so many months of the contract's zone.
func (c Contract) Late(end, at int64) bool {
	return c.Back > 0 && at > anniversary(end, c.Back, c.Zone)
}

// Delta is Delta at a second: differences of periods that this version of the
// contract no longer corrects stand in Late, and no note has them. An error wraps
// ErrOverflow.
//
// Source: docs/formula/rating.md.
func (c Contract) Delta(invoiced, fresh []Line, at int64) (Notes, error) {
	n, err := Delta(invoiced, fresh)
	if err != nil {
		return Notes{}, err
	}
	keep := func(in []Line) (out []Line) {
		for _, l := range in {
			if c.Late(l.Period.To, at) {
				n.Late = append(n.Late, l)
				continue
			}
			out = append(out, l)
		}
		return out
	}
	n.Credit, n.Debit = keep(n.Credit), keep(n.Debit)
	return n, nil
}

// Delta compares all lines of a period as they were invoiced, those of earlier
// notes too, with a fresh rating of it. What was invoiced and the notes together
// are, by contract, term and stretch, the fresh amounts and quantities. Nothing
// changed, nothing is noted. An error wraps ErrOverflow.
//
// Source: docs/formula/rating.md.
func Delta(invoiced, fresh []Line) (Notes, error) {
	var n Notes
	for _, k := range subjects(fresh, invoiced) {
		was, err := k.add(invoiced)
		if err != nil {
			return Notes{}, err
		}
		is, err := k.add(fresh)
		if err != nil {
			return Notes{}, err
		}
		if err := n.note(was, is); err != nil {
			return Notes{}, err
		}
	}
	return n, nil
}

// subject is what a line is about.
type subject struct {
	contract, component string
	kind                Kind
	period              Span
}

func (l Line) subject() subject { return subject{l.Contract, l.Component, l.Kind, l.Period} }

// subjects are those of all lines, each once, in the order of the first list.
func subjects(lists ...[]Line) []subject {
	var out []subject
	seen := map[subject]bool{}
	for _, lines := range lists {
		for _, l := range lines {
			if s := l.subject(); !seen[s] {
				seen[s], out = true, append(out, s)
			}
		}
	}
	return out
}

// tally is the lines about one subject, taken together.
type tally struct {
	last             Line
	quantity, amount int64
	ids              []string
}

// add takes together the lines about a subject.
func (s subject) add(lines []Line) (tally, error) {
	var t tally
	for _, l := range lines {
		if l.subject() != s {
			continue
		}
		var fits, also bool
		t.quantity, fits = books.Add(t.quantity, l.Quantity)
		t.amount, also = books.Add(t.amount, int64(l.Amount))
		if !fits || !also {
			return t, fmt.Errorf("lines of %q, contract %q: %w", s.component, s.contract, ErrOverflow)
		}
		t.last, t.ids = l, append(t.ids, l.ID)
	}
	return t, nil
}

// note writes down the difference of what was and what is.
func (n *Notes) note(was, is tally) error {
	l := is.last
	if len(is.ids) == 0 {
		l = was.last
	}
	quantity, fits := books.Add(is.quantity, -was.quantity)
	amount, also := books.Add(is.amount, -was.amount)
	if !fits || !also {
		return fmt.Errorf("the note of %q, contract %q: %w", l.Component, l.Contract, ErrOverflow)
	}
	l.Quantity, l.Amount = quantity, unit.Amount(amount)
	l.ID = noteID(was.ids, is.ids)
	switch {
	case amount < 0, amount == 0 && quantity < 0:
		n.Credit = append(n.Credit, l)
	case amount > 0, quantity > 0:
		n.Debit = append(n.Debit, l)
	}
	return nil
}

// noteID is made of the lines between which a note stands.
func noteID(was, is []string) string {
	d := newDigest("note line")
	d.number(int64(len(was)), int64(len(is)))
	d.text(was...)
	d.text(is...)
	var h books.Hash
	d.sum(&h)
	return hex.EncodeToString(h[:])
}
