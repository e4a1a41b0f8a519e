package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/store/ledger"
)

// TestLocks: a locked period takes nothing more, until two people open it again; the
// history of both stays.
func TestLocks(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		sealed := post(t, s, bill("a", 2, 5), bill("later", 12, 5), bill("b", 3, 7))
		first := ledger.Period{Entity: us, From: noon(1), To: noon(10), At: noon(11), By: "ann"}
		lock, err := s.Lock(t.Context(), first)
		want := ledger.Locking{Period: first, Number: 1, Root: sealed[2].Hash, Balance: ledger.HashTrial([]ledger.Balance{
			{Account: books.PowerEnergy, Asset: "USD", Amount: 12e6}, {Account: books.Vendor("utility"), Asset: "USD", Amount: -12e6},
		})}
		if diff := cmp.Diff(want, lock); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
		closed(t, s)
		s = p.open(t)
		refused := func(sentence string, want error, do func() error) {
			t.Helper()
			if err := do(); !errors.Is(err, want) {
				t.Errorf("%s: %v", sentence, err)
			}
		}
		posting := func(x books.Transaction) func() error {
			return func() error { _, err := s.Post(t.Context(), x); return err }
		}
		locking := func(p ledger.Period) func() error {
			return func() error { _, err := s.Lock(t.Context(), p); return err }
		}
		unlocking := func(u ledger.Unlocking) func() error {
			return func() error { _, err := s.Unlock(t.Context(), u); return err }
		}
		open := ledger.Unlocking{Entity: us, Number: 1, At: noon(13), By: "ann", Second: "bob", Reason: "the auditors found an invoice"}
		changed := func(change func(*ledger.Unlocking)) ledger.Unlocking {
			u := open
			change(&u)
			return u
		}
		refused("a second before the end", ledger.ErrLocked, posting(bill("x", 9, 1)))
		refused("before the period", ledger.ErrLocked, posting(with(bill("x", 9, 1), func(x *books.Transaction) { x.At = noon(1).AddDate(0, -1, 0) })))
		refused("a period within", ledger.ErrLocked, locking(ledger.Period{Entity: us, From: noon(9), To: noon(12), At: noon(13), By: "ann"}))
		refused("a period that ends before it begins", ledger.ErrInvalid, locking(ledger.Period{Entity: us, From: noon(12), To: noon(12), At: noon(13), By: "ann"}))
		refused("nobody locks", ledger.ErrInvalid, locking(ledger.Period{Entity: us, From: noon(12), To: noon(13), At: noon(13)}))
		refused("of another entity", ledger.ErrUnknown, locking(ledger.Period{Entity: "Other", From: noon(12), To: noon(13), At: noon(13), By: "ann"}))
		refused("one person", ledger.ErrInvalid, unlocking(changed(func(u *ledger.Unlocking) { u.Second = " ANN" })))
		refused("no second person", ledger.ErrInvalid, unlocking(changed(func(u *ledger.Unlocking) { u.Second = " " })))
		refused("no reason", ledger.ErrInvalid, unlocking(changed(func(u *ledger.Unlocking) { u.Reason = " " })))
		refused("another lock", ledger.ErrUnknown, unlocking(changed(func(u *ledger.Unlocking) { u.Number = 2 })))
		if again := post(t, s, bill("a", 2, 5)); again[0].Hash != sealed[0].Hash {
			t.Error("what stands in a locked period is not returned")
		}
		post(t, s, bill("c", 10, 1)) // the second of the end is open
		if err := unlocking(open)(); err != nil {
			t.Fatal(err)
		}
		refused("it was unlocked", ledger.ErrUnknown, unlocking(open))
		added := post(t, s, bill("d", 9, 1))
		second, err := s.Lock(t.Context(), first)
		if err != nil || second.Number != 3 || second.Root != added[0].Hash || second.Balance == lock.Balance {
			t.Errorf("%+v, %v", second, err)
		}
		third, err := s.Lock(t.Context(), ledger.Period{Entity: us, From: noon(10), To: noon(11), At: noon(13), By: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		refused("not the latest", ledger.ErrUnknown, unlocking(changed(func(u *ledger.Unlocking) { u.Number = 3 })))
		opening := want
		opening.Number, opening.Unlocks, opening.At, opening.By, opening.Second, opening.Reason = 2, 1, open.At, open.By, open.Second, open.Reason
		history, err := s.Locks(t.Context(), us)
		if diff := cmp.Diff([]ledger.Locking{lock, opening, second, third}, history); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}

// TestCharts: accounts are added and never changed.
func TestCharts(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		other, err := s.OpenEntity(t.Context(), books.Standard("Sluice Texas LP", "EUR", "UTC"))
		if err != nil {
			t.Fatal(err)
		}
		for sentence, change := range map[string]func(*books.Chart){
			"another currency": func(c *books.Chart) { *c = books.Standard(us, "EUR", "America/Chicago") },
			"another zone":     func(c *books.Chart) { c.Zone = "UTC" },
			"another code":     func(c *books.Chart) { c.Accounts[0].Code = "1" },
			"another level": func(c *books.Chart) {
				i := slices.IndexFunc(c.Accounts, func(a books.Account) bool { return a.Name == books.PowerEnergy })
				c.Accounts[i].Level = 3
			},
			"another asset": func(c *books.Chart) { c.Accounts[0].Asset = "EUR" },
			"no entity":     func(c *books.Chart) { c.Entity = "" },
		} {
			c := chartOf(us)
			change(&c)
			if _, err := s.OpenEntity(t.Context(), c); err == nil || sentence != "no entity" && !errors.Is(err, ledger.ErrConflict) {
				t.Errorf("%s: %v", sentence, err)
			}
		}
		more, err := s.OpenEntity(t.Context(), books.Standard(us, "USD", "America/Chicago").With(books.Bank("second")))
		want := chartOf(us).With(books.Bank("second"))
		if diff := cmp.Diff(want, more); diff != "" || err != nil {
			t.Error(diff, err)
		}
		closed(t, s)
		s = p.open(t)
		for _, want := range []books.Chart{want, other} {
			if got, err := s.Chart(t.Context(), want.Entity); err != nil || !cmp.Equal(got, want) {
				t.Errorf("%v, %v", got, err)
			}
		}
		if names, err := s.Entities(t.Context()); err != nil || !cmp.Equal(names, []string{us, "Sluice Texas LP"}) {
			t.Error(names, err)
		}
		theirs := with(bill("a", 2, 1), func(x *books.Transaction) {
			x.Entity, x.Lines[1].Account = other.Entity, books.Suspense
		})
		out := post(t, s, bill("a", 2, 1), theirs) // the same id in two books
		if out[0].Sequence != 1 || out[1].Sequence != 1 || out[1].Previous != (books.Hash{}) {
			t.Error(out)
		}
		if got := trial(t, s, ledger.Query{Entity: other.Entity}); !cmp.Equal(got, map[string]int64{books.PowerEnergy: 1e6, books.Suspense: -1e6}) {
			t.Error(got)
		}
		for _, name := range names(t, s) {
			if v, err := s.Verify(t.Context(), name); err != nil || v.Transactions != 1 {
				t.Error(v, err)
			}
		}
		if _, err := s.Chart(t.Context(), "Nobody"); !errors.Is(err, ledger.ErrUnknown) {
			t.Error(err)
		}
	})
}

func names(t *testing.T, s *ledger.Store) []string {
	t.Helper()
	out, err := s.Entities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOpening: what is not opened, and why.
func TestOpening(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]ledger.Config{
		"nowhere":       {},
		"in two places": {Directory: t.TempDir(), DSN: "host=nowhere"},
		"one reader":    {Directory: t.TempDir(), Readers: 1},
	} {
		if _, err := ledger.Open(t.Context(), c); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		if _, err := ledger.Open(t.Context(), p.config); !errors.Is(err, ledger.ErrHeld) {
			t.Errorf("a second program: %v", err)
		}
		closed(t, s)
		closed(t, s)
		if _, err := s.Post(t.Context(), bill("a", 2, 1)); !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("posted into closed books: %v", err)
		}
		if _, err := s.Find(t.Context(), us, "a"); !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("read in closed books: %v", err)
		}
		for _, c := range []struct {
			do, undo string
			want     error
		}{
			{p.only("PRAGMA user_version = 99", "INSERT INTO books_version VALUES (99)"), p.only("PRAGMA user_version = 2", "DELETE FROM books_version WHERE version = 99"), ledger.ErrNewer},
			{"UPDATE asset SET scale = 5 WHERE code = 'BTC'", "UPDATE asset SET scale = 8 WHERE code = 'BTC'", ledger.ErrInvalid},
			{fmt.Sprintf(unsealed, p.zeroes()), "", ledger.ErrUnsealed},
		} {
			raw := p.untied(t)
			force(t, raw, c.do)
			if _, err := ledger.Open(t.Context(), p.config); !errors.Is(err, c.want) {
				t.Errorf("after %s: %v", c.do, err)
			}
			if c.undo != "" {
				force(t, raw, c.undo)
			}
		}
	})
}

// unsealed is a transaction that somebody began and did not end.
const unsealed = `INSERT INTO txn (entity, seq, id, kind, standing, at, booked, source, evidence, belongs, reverses, settles, narration, input, previous, hash, sealed)
	SELECT 1, 99, 'somebody', 'k', 'posted', 1758000000, 0, '', h, '', '', '', '', h, h, h, 0 FROM (SELECT %s AS h) x`

// TestForeign: the file of another program is left alone.
func TestForeign(t *testing.T) {
	t.Parallel()
	p := onSQLite(t)
	closed(t, p.open(t))
	force(t, p.raw(t), "PRAGMA application_id = 77")
	if _, err := ledger.Open(t.Context(), p.config); !errors.Is(err, ledger.ErrForeign) {
		t.Error(err)
	}
}
