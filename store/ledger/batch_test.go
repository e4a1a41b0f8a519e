package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/store/ledger"
)

// TestBatch: papers, transactions and what is parked are kept together, once, and
// read again by the next program that opens the books.
func TestBatch(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		long := ledger.Paper{Kind: "price", Name: "2025-09", Body: []byte(strings.Repeat("the same words again; ", 10_000))}
		b := ledger.Batch{
			Entity: us, Papers: []ledger.Paper{note("one"), long, note("two")}, Transactions: []books.Transaction{bill("a", 1, 5)},
			Parked: []ledger.Parked{parked("p1", 2, note("one")), parked("p2", 3, ledger.Paper{})},
		}
		b.Parked[1].Paper = books.Hash{}
		first, err := s.Book(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		renamed := note("one")
		renamed.Name = "another name"
		again := ledger.Batch{Entity: us, Papers: []ledger.Paper{renamed, note("three"), note("three")}, Transactions: b.Transactions, Parked: append(b.Parked, b.Parked...)}
		again.Parked[2].Says = "In other words."
		for range 2 {
			if got, err := s.Book(t.Context(), again); err != nil || !cmp.Equal(got, first) {
				t.Error(got, err)
			}
		}
		if out, err := s.Book(t.Context(), ledger.Batch{Entity: us}); err != nil || len(out) != 0 {
			t.Error(out, err)
		}
		closed(t, s)
		s = p.open(t)
		if diff := cmp.Diff([]ledger.Paper{note("one"), note("two"), note("three")}, collected(t, s.Papers(t.Context(), us, "usage"))); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]ledger.Paper{note("one"), long, note("two"), note("three")}, collected(t, s.Papers(t.Context(), us, ""))); diff != "" {
			t.Error(diff)
		}
		if got, err := s.Paper(t.Context(), us, long.Hash()); err != nil || !cmp.Equal(got, long) {
			t.Error(got.Name, err)
		}
		if diff := cmp.Diff(b.Parked, suspense(t, s, us, false)); diff != "" {
			t.Error(diff)
		}
		if v, err := s.Verify(t.Context(), us); err != nil || v.Papers != 4 || v.Parked != 2 || v.Transactions != 1 {
			t.Error(v, err)
		}
		for _, err := range s.Papers(t.Context(), us, "") {
			if err != nil {
				t.Error(err)
			}
			break // and the connection is free again
		}
		if _, err := s.Paper(t.Context(), us, note("four").Hash()); !errors.Is(err, ledger.ErrUnknown) {
			t.Error(err)
		}
		for _, err := range s.Papers(t.Context(), "Other", "") {
			if !errors.Is(err, ledger.ErrUnknown) {
				t.Error(err)
			}
		}
	})
}

// TestBatchRefusals: what is not kept, and why; nothing of it is kept.
func TestBatchRefusals(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		post(t, s, bill("a", 1, 5))
		good := ledger.Batch{Entity: us, Papers: []ledger.Paper{note("one")}, Transactions: []books.Transaction{bill("b", 1, 5)}, Parked: []ledger.Parked{parked("p", 1, note("one"))}}
		for sentence, c := range map[string]struct {
			change func(*ledger.Batch)
			want   error
		}{
			"a conflict":                    {func(b *ledger.Batch) { b.Transactions = append(b.Transactions, bill("a", 1, 6)) }, ledger.ErrConflict},
			"an unbalanced transaction":     {func(b *ledger.Batch) { b.Transactions[0].Lines[0].Amount++ }, books.ErrUnbalanced},
			"an unknown entity":             {func(b *ledger.Batch) { b.Entity, b.Transactions = "Other", nil }, ledger.ErrUnknown},
			"no entity":                     {func(b *ledger.Batch) { b.Entity, b.Transactions = "", nil }, ledger.ErrUnknown},
			"the transaction of another":    {func(b *ledger.Batch) { b.Transactions[0].Entity = "Other" }, ledger.ErrInvalid},
			"an empty paper":                {func(b *ledger.Batch) { b.Papers[0].Body = nil }, ledger.ErrInvalid},
			"a paper of no kind":            {func(b *ledger.Batch) { b.Papers[0].Kind = "" }, ledger.ErrInvalid},
			"a name with a zero byte":       {func(b *ledger.Batch) { b.Papers[0].Name = "\x00" }, ledger.ErrInvalid},
			"a name that is no text":        {func(b *ledger.Batch) { b.Papers[0].Name = "\xff" }, ledger.ErrInvalid},
			"a name of a thousand letters":  {func(b *ledger.Batch) { b.Papers[0].Name = strings.Repeat("n", 1025) }, ledger.ErrInvalid},
			"parked without its evidence":   {func(b *ledger.Batch) { b.Papers = nil }, ledger.ErrUnknown},
			"parked without an id":          {func(b *ledger.Batch) { b.Parked[0].ID = "" }, ledger.ErrInvalid},
			"parked without a kind":         {func(b *ledger.Batch) { b.Parked[0].Kind = "" }, ledger.ErrInvalid},
			"parked without a reason":       {func(b *ledger.Batch) { b.Parked[0].Reason = "" }, ledger.ErrInvalid},
			"parked without a time":         {func(b *ledger.Batch) { b.Parked[0].At = time.Time{} }, ledger.ErrInvalid},
			"parked at half a second":       {func(b *ledger.Batch) { b.Parked[0].Booked = noon(1).Add(time.Second / 2) }, ledger.ErrInvalid},
			"parked and released":           {func(b *ledger.Batch) { b.Parked[0].Released = &ledger.Released{} }, ledger.ErrInvalid},
			"a sentence that is no text":    {func(b *ledger.Batch) { b.Parked[0].Says = "\xff" }, ledger.ErrInvalid},
			"more papers than one call has": {func(b *ledger.Batch) { b.Papers = make([]ledger.Paper, 10_001) }, ledger.ErrInvalid},
		} {
			// One after the other: they share the books.
			t.Run(sentence, func(t *testing.T) {
				b := good
				b.Papers, b.Parked = append([]ledger.Paper(nil), good.Papers...), append([]ledger.Parked(nil), good.Parked...)
				b.Transactions = []books.Transaction{with(good.Transactions[0], func(*books.Transaction) {})}
				c.change(&b)
				if _, err := s.Book(t.Context(), b); !errors.Is(err, c.want) {
					t.Errorf("error %v, want %v", err, c.want)
				}
				if v, err := s.Verify(t.Context(), us); err != nil || v.Transactions != 1 || v.Papers != 0 || v.Parked != 0 {
					t.Errorf("it left a trace: %v, %v", v, err)
				}
			})
		}
		if _, err := s.Book(t.Context(), good); err != nil {
			t.Error(err)
		}
	})
}

// TestRelease: what is taken out of suspense stays in its history.
func TestRelease(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		one, two := parked("p1", 1, note("one")), parked("p2", 2, note("one"))
		b := ledger.Batch{Entity: us, Papers: []ledger.Paper{note("one")}, Parked: []ledger.Parked{one, two}}
		if _, err := s.Book(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		out := ledger.Released{At: noon(5).In(time.FixedZone("x", 3600)), By: "ann", Why: "the meter was read again"}
		for range 2 {
			if err := s.Release(t.Context(), us, "p1", out); err != nil {
				t.Error(err)
			}
		}
		for sentence, c := range map[string]struct {
			id     string
			change func(*ledger.Released)
			want   error
		}{
			"released otherwise": {"p1", func(r *ledger.Released) { r.Why = "x" }, ledger.ErrConflict},
			"released later":     {"p1", func(r *ledger.Released) { r.At = noon(6) }, ledger.ErrConflict},
			"what is not there":  {"p3", func(*ledger.Released) {}, ledger.ErrUnknown},
			"by nobody":          {"p2", func(r *ledger.Released) { r.By = " " }, ledger.ErrInvalid},
			"for no reason":      {"p2", func(r *ledger.Released) { r.Why = "" }, ledger.ErrInvalid},
			"at no time":         {"p2", func(r *ledger.Released) { r.At = time.Time{} }, ledger.ErrInvalid},
			"with a zero byte":   {"p2", func(r *ledger.Released) { r.Why = "a\x00" }, ledger.ErrInvalid},
		} {
			r := out
			c.change(&r)
			if err := s.Release(t.Context(), us, c.id, r); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", sentence, err, c.want)
			}
		}
		if err := s.Release(t.Context(), "Other", "p1", out); !errors.Is(err, ledger.ErrUnknown) {
			t.Error(err)
		}
		if _, err := s.Book(t.Context(), b); err != nil { // parked again it stays released
			t.Error(err)
		}
		closed(t, s)
		s = p.open(t)
		if diff := cmp.Diff([]ledger.Parked{two}, suspense(t, s, us, false)); diff != "" {
			t.Error(diff)
		}
		out.At = out.At.UTC()
		one.Released = &out
		if diff := cmp.Diff([]ledger.Parked{one, two}, suspense(t, s, us, true)); diff != "" {
			t.Error(diff)
		}
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}
