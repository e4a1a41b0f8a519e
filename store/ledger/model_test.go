package ledger_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/store/ledger"
)

// model is the ledger as a child would keep it: a list, searched from the start.
type model struct {
	entity string
	all    []books.Transaction
	locked int // day before which nothing is taken
	locks  int64
	open   bool // the latest lock stands
}

func (m *model) find(id string) (books.Transaction, bool) {
	i := slices.IndexFunc(m.all, func(t books.Transaction) bool { return t.ID == id })
	if i < 0 {
		return books.Transaction{}, false
	}
	return m.all[i], true
}

// held is what the hot wallet holds of every lot.
func (m *model) held() map[string][2]int64 {
	out := map[string][2]int64{}
	for _, t := range m.all {
		for _, l := range t.Lines {
			if t.Standing == books.Posted && l.Lot.ID != "" {
				h := out[l.Lot.ID]
				out[l.Lot.ID] = [2]int64{h[0] + l.Amount, h[1] + int64(l.Lot.Cost)}
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, h [2]int64) bool { return h == [2]int64{} })
	return out
}

func (m *model) balances() map[string]int64 {
	out := map[string]int64{}
	for _, t := range m.all {
		for _, l := range t.Lines {
			if t.Standing == books.Posted {
				out[l.Account] += l.Amount
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, v int64) bool { return v == 0 })
	return out
}

// refusal is why the model does not take a transaction.
func (m *model) refusal(t books.Transaction) error {
	if stands, ok := m.find(t.ID); ok {
		if stands.Input() != t.Input() {
			return ledger.ErrConflict
		}
		return nil
	}
	if t.At.Before(noon(m.locked)) {
		return ledger.ErrLocked
	}
	if t.Settles != "" {
		if it, ok := m.find(t.Settles); !ok || it.Standing != books.Pending {
			return ledger.ErrUnknown
		}
		if slices.ContainsFunc(m.all, func(x books.Transaction) bool { return x.Settles == t.Settles }) {
			return ledger.ErrSettled
		}
	}
	if t.Reverses != "" {
		it, ok := m.find(t.Reverses)
		switch {
		case !ok || it.Standing != books.Posted:
			return ledger.ErrUnknown
		case it.Reverses != "":
			return ledger.ErrReversal
		case slices.ContainsFunc(m.all, func(x books.Transaction) bool { return x.Reverses == t.Reverses }):
			return ledger.ErrReversed
		}
		if back, err := it.Reverse(t.ID, t.At, t.Booked, ""); err != nil || !cmp.Equal(back.Lines, t.Lines) {
			return ledger.ErrReversal
		}
	}
	for _, h := range (&model{all: append(slices.Clone(m.all), t)}).held() {
		if h[0] < 0 || h[1] < 0 || h[0] == 0 && h[1] != 0 {
			return ledger.ErrLot
		}
	}
	return nil
}

// post takes all or none.
func (m *model) post(all []books.Transaction) error {
	next := *m
	next.all = slices.Clone(m.all)
	for _, t := range all {
		if err := next.refusal(t); err != nil {
			return err
		}
		if _, ok := next.find(t.ID); !ok {
			next.all = append(next.all, t)
		}
	}
	*m = next
	return nil
}

// draw is some transaction, often about what stands already.
func (m *model) draw(t *rapid.T) books.Transaction {
	id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h"})
	day := rapid.IntRange(2, 8).Draw(t, "day")
	me, other := id.Draw(t, "id"), id.Draw(t, "other")
	if other == me {
		other = "z"
	}
	var x books.Transaction
	switch rapid.IntRange(0, 6).Draw(t, "what") {
	case 0:
		x = bill(me, day, rapid.Int64Range(1, 2).Draw(t, "dollars"))
	case 1:
		x = pending(bill(me, day, 1))
	case 2:
		x = settling(bill(me, day, 1), other)
	case 3:
		x = void(me, other, day)
	case 4, 5:
		sign := rapid.SampledFrom([]int64{1, 1, -1}).Draw(t, "sign")
		x = coins(me, day, rapid.SampledFrom([]string{"L1", "L2"}).Draw(t, "lot"), sign*rapid.Int64Range(1, 3).Draw(t, "coins"), sign*rapid.Int64Range(1, 3).Draw(t, "cost"))
	default:
		it, ok := m.find(other)
		if !ok || it.Standing != books.Posted || it.Reverses != "" {
			it = bill(other, day, 1)
		}
		x, _ = it.Reverse(me, noon(day), noon(day), "wrong")
	}
	if rapid.Bool().Draw(t, "again") {
		if it, ok := m.find(me); ok {
			return it
		}
	}
	x.Entity = m.entity
	return x
}

// TestModel: whatever is done in whatever order, also by programs one after the
// other, the ledger holds what the model holds.
func TestModel(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		var runs atomic.Int64
		s := p.open(t)
		rapid.Check(t, func(r *rapid.T) {
			m := &model{entity: fmt.Sprint("Entity ", runs.Add(1)), locked: 1}
			if _, err := s.OpenEntity(t.Context(), chartOf(m.entity)); err != nil {
				r.Fatal(err)
			}
			r.Repeat(map[string]func(*rapid.T){
				"post": func(r *rapid.T) {
					var some []books.Transaction
					for range rapid.IntRange(1, 4).Draw(r, "transactions") {
						some = append(some, m.draw(r))
					}
					want := m.post(some)
					got, err := s.Post(t.Context(), some...)
					if !errors.Is(err, want) {
						r.Fatalf("the ledger says %v, the model %v", err, want)
					}
					for i, x := range got {
						if x.Input != some[i].Input() {
							r.Fatalf("%q is answered with %q", some[i].ID, x.ID)
						}
					}
				},
				"lock": func(r *rapid.T) {
					to := rapid.IntRange(2, 6).Draw(r, "to")
					_, err := s.Lock(t.Context(), ledger.Period{Entity: m.entity, From: noon(1), To: noon(to), At: noon(20), By: "ann"})
					if m.open != errors.Is(err, ledger.ErrLocked) {
						r.Fatal(err)
					}
					if !m.open {
						m.locked, m.open, m.locks = to, true, m.locks+1
					}
				},
				"unlock": func(r *rapid.T) {
					_, err := s.Unlock(t.Context(), ledger.Unlocking{Entity: m.entity, Number: m.locks, At: noon(20), By: "ann", Second: "bob", Reason: "r"})
					if m.open != (err == nil) {
						r.Fatal(err)
					}
					if m.open {
						m.locked, m.open, m.locks = 1, false, m.locks+1
					}
				},
				"open anew": func(r *rapid.T) {
					if rapid.IntRange(0, 9).Draw(r, "seldom") > 0 {
						return
					}
					m.verify(t, r, s)
					if err := s.Close(); err != nil {
						r.Fatal(err)
					}
					s = p.open(t)
				},
				"": func(r *rapid.T) { m.check(t, r, s) },
			})
			m.verify(t, r, s)
		})
	})
}

// check compares the ledger with the model.
func (m *model) check(t *testing.T, r *rapid.T, s *ledger.Store) {
	t.Helper()
	var got []books.Transaction
	for _, x := range listed(t, s, ledger.Query{Entity: m.entity}) {
		got = append(got, x.Transaction)
	}
	if diff := cmp.Diff(m.all, got); diff != "" {
		r.Fatal(diff)
	}
	if diff := cmp.Diff(m.balances(), trial(t, s, ledger.Query{Entity: m.entity})); diff != "" {
		r.Fatal(diff)
	}
	held := map[string][2]int64{}
	parcels, err := s.OpenLots(t.Context(), m.entity, noon(28))
	for _, x := range parcels {
		held[x.Lot.ID] = [2]int64{int64(x.Quantity), int64(x.Lot.Cost)}
	}
	if diff := cmp.Diff(m.held(), held); diff != "" || err != nil {
		r.Fatal(diff, err)
	}
}

func (m *model) verify(t *testing.T, r *rapid.T, s *ledger.Store) {
	t.Helper()
	if v, err := s.Verify(t.Context(), m.entity); err != nil || v.Transactions != int64(len(m.all)) {
		r.Fatal(v, err)
	}
}
