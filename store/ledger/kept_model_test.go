package ledger_test

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/store/ledger"
)

// shelf is what is kept beside the journal, as a child would keep it: lists,
// searched from the start.
type shelf struct {
	entity    string
	papers    []ledger.Paper
	booked    []books.Transaction
	parked    []ledger.Parked
	drafts    []string
	documents []invoice.Document
}

func (m shelf) holds(p ledger.Paper) bool {
	return slices.ContainsFunc(m.papers, func(x ledger.Paper) bool { return x.Kind == p.Kind && string(x.Body) == string(p.Body) })
}

// book takes all of a batch, or none of it.
func (m *shelf) book(b ledger.Batch) error {
	next := shelf{m.entity, slices.Clone(m.papers), slices.Clone(m.booked), slices.Clone(m.parked), m.drafts, m.documents}
	for _, p := range b.Papers {
		if !next.holds(p) {
			next.papers = append(next.papers, p)
		}
	}
	for _, t := range b.Transactions {
		i := slices.IndexFunc(next.booked, func(x books.Transaction) bool { return x.ID == t.ID })
		switch {
		case i < 0:
			next.booked = append(next.booked, t)
		case next.booked[i].Input() != t.Input():
			return ledger.ErrConflict
		}
	}
	for _, x := range b.Parked {
		if slices.ContainsFunc(next.parked, func(y ledger.Parked) bool { return y.ID == x.ID }) {
			continue
		}
		if !slices.ContainsFunc(next.papers, func(p ledger.Paper) bool { return p.Hash() == x.Paper }) {
			return ledger.ErrUnknown
		}
		next.parked = append(next.parked, x)
	}
	*m = next
	return nil
}

// issue gives a draft its number, or finds what was made of it.
func (m *shelf) issue(series, name string, draft invoice.Document, with ledger.Batch) (invoice.Document, error) {
	if i := slices.Index(m.drafts, name); i >= 0 {
		return m.documents[i], nil
	}
	serial := int64(1)
	for _, d := range m.documents {
		if d.Number.Series == series {
			serial++
		}
	}
	d, err := draft.Issue(invoice.Number{Series: series, Serial: serial}, noon(20).Unix())
	if err != nil {
		return d, err
	}
	body, err := d.Canonical()
	if err != nil {
		return d, err
	}
	t, err := d.Post(noon(21))
	if err != nil {
		return d, err
	}
	with.Papers = append([]ledger.Paper{{Kind: "invoice", Name: d.Number.String(), Body: body}}, with.Papers...)
	with.Transactions = append(slices.Clone(with.Transactions), t)
	if err := m.book(with); err != nil {
		return invoice.Document{}, err
	}
	m.drafts, m.documents = append(slices.Clone(m.drafts), name), append(slices.Clone(m.documents), d)
	return d, nil
}

// release takes something out of suspense.
func (m *shelf) release(id string, r ledger.Released) error {
	i := slices.IndexFunc(m.parked, func(x ledger.Parked) bool { return x.ID == id })
	if i < 0 {
		return ledger.ErrUnknown
	}
	if was := m.parked[i].Released; was != nil && *was != r {
		return ledger.ErrConflict
	}
	m.parked = slices.Clone(m.parked)
	m.parked[i].Released = &r
	return nil
}

// draw is a batch, of which much stands already.
func (m *shelf) draw(t *rapid.T) ledger.Batch {
	b := ledger.Batch{Entity: m.entity}
	word := rapid.SampledFrom([]string{"one", "two", "three", "four", "five"})
	for range rapid.IntRange(0, 3).Draw(t, "papers") {
		b.Papers = append(b.Papers, ledger.Paper{Kind: rapid.SampledFrom([]string{"usage", "price"}).Draw(t, "kind"), Name: word.Draw(t, "name"), Body: []byte(word.Draw(t, "body"))})
	}
	for range rapid.IntRange(0, 2).Draw(t, "transactions") {
		day := rapid.IntRange(1, 8).Draw(t, "day")
		x := bill(fmt.Sprint("bill", day), 3, int64(day))
		if rapid.IntRange(0, 7).Draw(t, "seldom") == 0 {
			x.Narration = "something else"
		}
		x.Entity = m.entity
		b.Transactions = append(b.Transactions, x)
	}
	for range rapid.IntRange(0, 2).Draw(t, "parked") {
		b.Parked = append(b.Parked, parked(word.Draw(t, "id"), rapid.IntRange(1, 3).Draw(t, "day"), note(word.Draw(t, "evidence"))))
	}
	return b
}

// TestKeptModel: whatever is booked, issued and released in whatever order, also by
// programs one after the other, the ledger holds what the model holds.
func TestKeptModel(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		var runs atomic.Int64
		s := p.open(t)
		rapid.Check(t, func(r *rapid.T) {
			m := &shelf{entity: fmt.Sprint("Entity ", runs.Add(1))}
			if _, err := s.OpenEntity(t.Context(), chartOf(m.entity)); err != nil {
				r.Fatal(err)
			}
			r.Repeat(map[string]func(*rapid.T){
				"book": func(r *rapid.T) {
					b := m.draw(r)
					want := m.book(b)
					if _, err := s.Book(t.Context(), b); !errors.Is(err, want) {
						r.Fatalf("the ledger says %v, the model %v", err, want)
					}
				},
				"issue": func(r *rapid.T) {
					n, series, b := rapid.IntRange(1, 6).Draw(r, "draft"), rapid.SampledFrom([]string{"HOU", "ABI"}).Draw(r, "series"), m.draw(r)
					d := draftOf(t, m.entity, n, int64(n))
					want, no := m.issue(series, strconv.Itoa(n), d, b)
					got, err := s.Issue(t.Context(), series, d, noon(20), noon(21), b)
					if !reflect.DeepEqual(want, got) || !errors.Is(err, no) {
						r.Fatalf("the ledger says %v, the model %v: %s, %s", err, no, got.Number, want.Number)
					}
				},
				"release": func(r *rapid.T) {
					id := rapid.SampledFrom([]string{"one", "two", "three", "four", "five"}).Draw(r, "id")
					out := ledger.Released{At: noon(9), By: "ann", Why: rapid.SampledFrom([]string{"good", "good", "better"}).Draw(r, "why")}
					want := m.release(id, out)
					if err := s.Release(t.Context(), m.entity, id, out); !errors.Is(err, want) {
						r.Fatalf("the ledger says %v, the model %v", err, want)
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
				"": func(r *rapid.T) {
					if rapid.IntRange(0, 3).Draw(r, "look") == 0 {
						m.check(t, r, s)
					}
				},
			})
			m.check(t, r, s)
			m.verify(t, r, s)
		})
	})
}

// check compares the ledger with the model.
func (m *shelf) check(t *testing.T, r *rapid.T, s *ledger.Store) {
	t.Helper()
	got := shelf{entity: m.entity, drafts: m.drafts, papers: collected(t, s.Papers(t.Context(), m.entity, "")), parked: suspense(t, s, m.entity, true)}
	for _, x := range listed(t, s, ledger.Query{Entity: m.entity}) {
		got.booked = append(got.booked, x.Transaction)
	}
	got.documents = collected(t, s.Documents(t.Context(), m.entity))
	want := *m
	want.documents = slices.SortedFunc(slices.Values(m.documents), func(a, b invoice.Document) int {
		return cmp.Or(strings.Compare(a.Number.Series, b.Number.Series), int(a.Number.Serial-b.Number.Serial))
	})
	if !reflect.DeepEqual(want, got) { // cmp.Diff takes a hundred times as long
		r.Fatalf("the ledger holds %+v, the model %+v", got, want)
	}
}

func (m *shelf) verify(t *testing.T, r *rapid.T, s *ledger.Store) {
	t.Helper()
	v, err := s.Verify(t.Context(), m.entity)
	if err != nil || v.Papers != int64(len(m.papers)) || v.Documents != int64(len(m.documents)) || v.Parked != int64(len(m.parked)) {
		r.Fatal(v, err)
	}
}
