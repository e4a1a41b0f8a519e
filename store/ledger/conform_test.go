package ledger_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/store/ledger"
)

var all = ledger.Query{Entity: us}

// TestPosting: what was posted is read again as it was sealed, also by the next
// program that opens the books.
func TestPosting(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		want := post(t, s, bill("a", 1, 5), coins("b", 2, "L1", 50, 3))
		want = append(want, post(t, s, with(bill("c", 3, 7), func(x *books.Transaction) { x.Evidence, x.Belongs = books.Hash{}, "2025-08" }))...)
		closed(t, s)
		s = p.open(t)
		if diff := cmp.Diff(want, listed(t, s, all)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want[1:2], listed(t, s, ledger.Query{Entity: us, After: 1, Limit: 1})); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want[1:2], listed(t, s, ledger.Query{Entity: us, From: noon(2), To: noon(3)})); diff != "" {
			t.Error(diff)
		}
		if got, err := s.Find(t.Context(), us, "b"); err != nil || !cmp.Equal(got, want[1]) {
			t.Error(got, err)
		}
		for _, name := range []string{"x", ""} {
			if _, err := s.Find(t.Context(), us, name); !errors.Is(err, ledger.ErrUnknown) {
				t.Errorf("found %q: %v", name, err)
			}
		}
		if v, err := s.Verify(t.Context(), us); err != nil || v.Transactions != 3 || v.Lines != 8 || v.Last != want[2].Hash || v.Filed == (books.Hash{}) {
			t.Error(v, err)
		}
		for _, err := range s.Transactions(t.Context(), all) {
			if err != nil {
				t.Error(err)
			}
			break // and the connection is free again
		}
	})
}

// TestRefusals: what the books do not take, and why; nothing of it is kept.
func TestRefusals(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		post(t, s, bill("a", 10, 5), coins("c", 10, "L1", 100, 10), pending(bill("p", 10, 9)), pending(bill("q", 10, 9)), settling(bill("q2", 10, 8), "q"), bill("r", 10, 4))
		post(t, s, reversal(t, bill("r", 10, 4), "r2", 11))
		if _, err := s.Lock(t.Context(), ledger.Period{Entity: us, From: noon(1), To: noon(5), At: noon(12), By: "ann"}); err != nil {
			t.Fatal(err)
		}
		want := listed(t, s, all)
		for sentence, c := range map[string]struct {
			posts []books.Transaction
			want  error
		}{
			"a dollar too much":                    {[]books.Transaction{with(bill("x", 10, 1), func(x *books.Transaction) { x.Lines[0].Amount++ })}, books.ErrUnbalanced},
			"an unknown account":                   {[]books.Transaction{with(bill("x", 10, 1), func(x *books.Transaction) { x.Lines[0].Account = "Expenses:Lunch" })}, books.ErrAccount},
			"an unknown entity":                    {[]books.Transaction{with(bill("x", 10, 1), func(x *books.Transaction) { x.Entity = "Other" })}, ledger.ErrUnknown},
			"a text that is no text":               {[]books.Transaction{with(bill("x", 10, 1), func(x *books.Transaction) { x.Source = "a\xff" })}, books.ErrInvalid},
			"a zero byte":                          {[]books.Transaction{with(bill("x", 10, 1), func(x *books.Transaction) { x.Lines[0].Tags.Site = "a\x00" })}, books.ErrInvalid},
			"a known id with another amount":       {[]books.Transaction{bill("a", 10, 6)}, ledger.ErrConflict},
			"one id twice in a call":               {[]books.Transaction{bill("x", 10, 6), bill("x", 10, 7)}, ledger.ErrConflict},
			"a good one before a bad one":          {[]books.Transaction{bill("x", 10, 6), bill("a", 10, 7)}, ledger.ErrConflict},
			"in a locked period":                   {[]books.Transaction{bill("x", 4, 6)}, ledger.ErrLocked},
			"pending in a locked period":           {[]books.Transaction{pending(bill("x", 4, 6))}, ledger.ErrLocked},
			"settles nothing":                      {[]books.Transaction{settling(bill("x", 10, 6), "nothing")}, ledger.ErrUnknown},
			"settles what was posted":              {[]books.Transaction{settling(bill("x", 10, 6), "a")}, ledger.ErrUnknown},
			"settles again":                        {[]books.Transaction{settling(bill("x", 10, 6), "q")}, ledger.ErrSettled},
			"voids what was settled":               {[]books.Transaction{void("x", "q", 10)}, ledger.ErrSettled},
			"settles twice in a call":              {[]books.Transaction{settling(bill("x", 10, 6), "p"), void("y", "p", 10)}, ledger.ErrSettled},
			"reverses nothing":                     {[]books.Transaction{with(reversal(t, bill("a", 10, 5), "x", 10), func(x *books.Transaction) { x.Reverses = "nothing" })}, ledger.ErrUnknown},
			"reverses what is pending":             {[]books.Transaction{reversal(t, bill("p", 10, 9), "x", 10)}, ledger.ErrUnknown},
			"reverses again":                       {[]books.Transaction{reversal(t, bill("r", 10, 4), "x", 11)}, ledger.ErrReversed},
			"reverses a reversal":                  {[]books.Transaction{with(bill("x", 11, 4), func(x *books.Transaction) { x.Reverses = "r2" })}, ledger.ErrReversal},
			"reverses another amount":              {[]books.Transaction{with(reversal(t, bill("a", 10, 6), "x", 10), func(*books.Transaction) {})}, ledger.ErrReversal},
			"reverses with another tag":            {[]books.Transaction{with(reversal(t, bill("a", 10, 5), "x", 10), func(x *books.Transaction) { x.Lines[0].Tags.Site = "y" })}, ledger.ErrReversal},
			"takes more coins than there are":      {[]books.Transaction{coins("x", 11, "L1", -101, -10)}, ledger.ErrLot},
			"takes more cost than there is":        {[]books.Transaction{coins("x", 11, "L1", -50, -11)}, ledger.ErrLot},
			"takes all coins and leaves cost":      {[]books.Transaction{coins("x", 11, "L1", -100, -9)}, ledger.ErrLot},
			"takes of an unknown lot":              {[]books.Transaction{coins("x", 11, "L2", -1, -1)}, ledger.ErrLot},
			"takes more in two steps":              {[]books.Transaction{coins("x", 11, "L1", -60, -5), coins("y", 11, "L1", -60, -5)}, ledger.ErrLot},
			"takes out of another wallet":          {[]books.Transaction{with(coins("x", 11, "L1", -1, -1), func(x *books.Transaction) { x.Lines[0].Account = books.Wallet("cold") })}, ledger.ErrLot},
			"a lot of another day":                 {[]books.Transaction{with(coins("x", 11, "L1", 1, 1), func(x *books.Transaction) { x.Lines[0].Lot.Acquired = noon(2) })}, ledger.ErrLot},
			"reverses coins that are partly spent": {[]books.Transaction{coins("x", 11, "L1", -1, -1), reversal(t, coins("c", 10, "L1", 100, 10), "y", 11)}, ledger.ErrLot},
		} {
			// One after the other: they share the books.
			t.Run(sentence, func(t *testing.T) {
				if _, err := s.Post(t.Context(), c.posts...); !errors.Is(err, c.want) {
					t.Errorf("error %v, want %v", err, c.want)
				}
				if diff := cmp.Diff(want, listed(t, s, all)); diff != "" {
					t.Errorf("it left a trace: %s", diff)
				}
			})
		}
		post(t, s, bill("x", 11, 1), coins("y", 11, "L1", -100, -10))
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}

// TestAgain: eight at once post the same ids, and everything stands once.
func TestAgain(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		const posters, ids = 8, 12
		var got [posters][ids]books.Sealed
		var crew sync.WaitGroup
		for i := range posters {
			crew.Go(func() {
				for j := range ids {
					n := (i + j) % ids
					again := with(bill(fmt.Sprint("id", n), 3, int64(n)+1), func(x *books.Transaction) { x.Booked = x.Booked.Add(time.Duration(i) * time.Second) })
					out, err := s.Post(t.Context(), again)
					if err != nil {
						t.Error(err)
						return
					}
					got[i][n] = out[0]
				}
			})
		}
		crew.Wait()
		if n := len(listed(t, s, all)); n != ids {
			t.Errorf("%d transactions, want %d", n, ids)
		}
		for i := range posters {
			if !cmp.Equal(got[i], got[0]) {
				t.Errorf("poster %d was told something else", i)
			}
		}
		out := post(t, s, bill("id1", 3, 2), bill("new", 3, 2), bill("id1", 3, 2))
		if out[0].Hash != got[0][1].Hash || out[2].Hash != out[0].Hash || out[1].Sequence != ids+1 {
			t.Error(out)
		}
	})
}

// TestPending: what is pending is in no balance, until another posts it.
func TestPending(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		post(t, s, pending(bill("p", 1, 5)), pending(bill("q", 1, 7)), pending(coins("l", 1, "L1", 100, 1)))
		if got := trial(t, s, all); len(got) != 0 {
			t.Errorf("pending, and in the balance: %v", got)
		}
		if lots, err := s.OpenLots(t.Context(), us, noon(9)); err != nil || len(lots) != 0 {
			t.Errorf("pending, and held: %v, %v", lots, err)
		}
		post(t, s, settling(bill("p2", 2, 6), "p"), void("q2", "q", 2), settling(coins("l2", 2, "L1", 90, 1), "l"))
		if got := trial(t, s, all); got[books.PowerEnergy] != 6e6 || got[books.Wallet("hot")] != 90 {
			t.Errorf("%v", got)
		}
		if got := listed(t, s, all); len(got) != 6 || got[4].Standing != books.Void || got[4].Lines != nil {
			t.Errorf("%v", got)
		}
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}

// TestReversal: a reversal gives lots and their cost back exactly.
func TestReversal(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		sale := coins("sale", 3, "L1", -100, -10)
		post(t, s, coins("c", 2, "L1", 100, 10))
		before, was := trial(t, s, all), lots(t, s, 9)
		post(t, s, sale)
		if now := lots(t, s, 9); len(now) != 0 {
			t.Errorf("all was sold, and %v is left", now)
		}
		post(t, s, reversal(t, sale, "back", 4))
		if diff := cmp.Diff(was, lots(t, s, 9)); diff != "" || len(was) != 1 || was[0].Quantity != 100 || was[0].Lot.Cost != 10e6 {
			t.Error(diff, was)
		}
		if diff := cmp.Diff(before, trial(t, s, all)); diff != "" {
			t.Error(diff)
		}
		if then := lots(t, s, 4); len(then) != 0 {
			t.Errorf("before it was taken back %v were held", then)
		}
		post(t, s, with(sale, func(x *books.Transaction) { x.ID = "sale2" }))
	})
}

func lots(tb testing.TB, s *ledger.Store, day int) []ledger.Parcel {
	tb.Helper()
	out, err := s.OpenLots(tb.Context(), us, noon(day))
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// TestTwoTimes: the books as they were known then, and as they are known now.
func TestTwoTimes(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		late := with(bill("late", 2, 7), func(x *books.Transaction) { x.Booked = noon(20) })
		post(t, s, bill("a", 2, 5), late)
		for sentence, c := range map[string]struct {
			q    ledger.Query
			want int64
		}{
			"as known today":          {ledger.Query{Entity: us, To: noon(3)}, 12e6},
			"as known on the tenth":   {ledger.Query{Entity: us, To: noon(3), KnownAt: noon(10)}, 5e6},
			"as known that second":    {ledger.Query{Entity: us, To: noon(3), KnownAt: noon(20)}, 12e6},
			"before it happened":      {ledger.Query{Entity: us, To: noon(2)}, 0},
			"from that second on":     {ledger.Query{Entity: us, From: noon(2)}, 12e6},
			"from a moment after on":  {ledger.Query{Entity: us, From: noon(2).Add(1)}, 0},
			"until a moment after":    {ledger.Query{Entity: us, To: noon(2).Add(1)}, 12e6},
			"after the first in line": {ledger.Query{Entity: us, After: 1}, 7e6},
		} {
			if got := trial(t, s, c.q)[books.PowerEnergy]; got != c.want {
				t.Errorf("%s: %d, want %d", sentence, got, c.want)
			}
		}
		if got := listed(t, s, ledger.Query{Entity: us, KnownAt: noon(10)}); len(got) != 1 || got[0].ID != "a" {
			t.Errorf("%v", got)
		}
	})
}

// TestBalances: sums are kept apart by tags, and those of zero are left out.
func TestBalances(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		other := with(bill("b", 2, 7), func(x *books.Transaction) { x.Lines[0].Tags.Site = "abilene" })
		post(t, s, bill("a", 2, 5), other, bill("c", 2, 1))
		got, err := s.Balances(t.Context(), all)
		want := []ledger.Balance{
			{books.PowerEnergy, "USD", books.Tags{Site: "abilene", Use: "mining"}, 7e6},
			{books.PowerEnergy, "USD", books.Tags{Site: "houston", Use: "mining"}, 6e6},
			{books.Vendor("utility"), "USD", books.Tags{Counterparty: "utility"}, -13e6},
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
}
