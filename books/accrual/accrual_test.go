package accrual_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/unit"
)

var january = time.Date(2025, 1, 1, 6, 0, 0, 0, time.UTC) // in Chicago

// month is one of contract c, so many months after January.
func month(c string, n int) accrual.Period {
	return accrual.Period{Contract: c, From: january.AddDate(0, n, 0), To: january.AddDate(0, n+1, 0)}
}

// accrued is what a site accrues of a contract on a day, counted from 0.
func accrued(kind, contract string, day int, amount int64) books.Transaction {
	at := january.AddDate(0, 0, day+1).Add(-time.Second)
	tags := books.Tags{Site: "creek", Use: "hosting", Contract: contract}
	debit, credit := books.Unbilled, books.Hosting
	if kind == accrual.Credits {
		debit, credit = books.CreditsGranted, books.CreditsOwed
	}
	return books.Transaction{
		ID: books.DerivedID(kind, contract, at.Format(time.DateOnly)), Entity: "Firm", Kind: kind, Standing: books.Posted, At: at, Booked: at, Source: "creek",
		Lines: []books.Line{{Account: debit, Amount: amount, Tags: tags}, {Account: credit, Amount: -amount, Tags: tags}},
	}
}

// TestContract: what accrues service, and of whom.
func TestContract(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*books.Transaction)
		want   string
	}{
		"service":              {func(*books.Transaction) {}, "acme"},
		"credits":              {func(t *books.Transaction) { t.Kind = accrual.Credits }, "acme"},
		"something else":       {func(t *books.Transaction) { t.Kind = "power metered" }, ""},
		"what was only meant":  {func(t *books.Transaction) { t.Standing = books.Pending }, ""},
		"what takes some back": {func(t *books.Transaction) { t.Reverses = "x" }, ""},
		"two contracts at once": {func(t *books.Transaction) {
			t.Lines = slices.Clone(t.Lines)
			t.Lines[1].Tags.Contract = "other"
		}, ""},
		"nobody": {func(t *books.Transaction) { t.Lines = nil }, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := accrued(accrual.Service, "acme", 3, 7)
			c.change(&x)
			if got := accrual.Contract(x); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestMonths: every day of service, and every credit, lies in one month.
func TestMonths(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		kind string
		day  int
		want int // months after January
	}{
		"service on the first":                 {accrual.Service, 0, 0},
		"service on the last":                  {accrual.Service, 30, 0},
		"service on the first of February":     {accrual.Service, 31, 1},
		"a credit on the last day":             {accrual.Credits, 30, 0},
		"a credit that had to wait a day":      {accrual.Credits, 31, 0},
		"a credit that had to wait four weeks": {accrual.Credits, 31 + 26, 0},
		"the credit of February":               {accrual.Credits, 31 + 27, 1},
		"a credit of the year before":          {accrual.Credits, 12, -1},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := accrued(c.kind, "acme", c.day, 7)
			for n := -2; n <= 3; n++ {
				if got := len(month("acme", n).Within([]books.Transaction{x})) == 1; got != (n == c.want) {
					t.Errorf("month %d: %v", n, got)
				}
			}
			if got := month("other", c.want).Within([]books.Transaction{x}); len(got) != 0 {
				t.Error("it is of another contract")
			}
		})
	}
}

// shelf is a year's quarter of accruals of two contracts; some were taken back by hand.
func shelf(r *rapid.T) (all []books.Transaction) {
	for _, contract := range []string{"acme", "other"} {
		for day := range 80 {
			for _, kind := range []string{accrual.Service, accrual.Credits} {
				if !rapid.Bool().Draw(r, "accrued") {
					continue
				}
				x := accrued(kind, contract, day, rapid.Int64Range(-1000, 1000).Filter(func(n int64) bool { return n != 0 }).Draw(r, "amount"))
				all = append(all, x)
				if rapid.IntRange(0, 9).Draw(r, "by hand") == 0 {
					back, err := x.Reverse(x.ID+"/by-hand", x.At, x.Booked, "a mistake")
					if err != nil {
						r.Fatal(err)
					}
					all = append(all, back)
				}
			}
		}
	}
	return all
}

// standing is what of a month of a contract stands: by account, of the accruals of the
// month and of what takes them back.
func standing(all []books.Transaction, p accrual.Period) map[string]int64 {
	ours := map[string]bool{}
	for _, t := range p.Within(all) {
		ours[t.ID] = true
	}
	out := map[string]int64{}
	for _, t := range all {
		for _, l := range t.Lines {
			if ours[t.ID] || ours[t.Reverses] {
				out[l.Account] += l.Amount
			}
		}
	}
	return out
}

func wrong(all []books.Transaction, p accrual.Period) error {
	for account, left := range standing(all, p) {
		if left != 0 {
			return fmt.Errorf("%d are left of %s on %s", left, p.Contract, account)
		}
	}
	return nil
}

// TestClearing: of a month that is cleared nothing is left on any account, whatever
// else was taken back before; other months and contracts are not touched; clearing it
// again takes nothing back; every reversal is one that the books take.
func TestClearing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		all := shelf(r)
		before := [2]map[string]int64{standing(all, month("other", 0)), standing(all, month("acme", 1))}
		c := accrual.Clearing{Late: january.AddDate(0, 3, 0), Belongs: "2025-01", Booked: january.AddDate(0, 3, 0), Why: "invoiced"}
		if rapid.Bool().Draw(r, "locked") {
			c.Open = january.AddDate(0, 0, 14)
		}
		open := month("acme", 0).Open(all)
		back, err := c.Of(open)
		if err != nil {
			r.Fatal(err)
		}
		if accrual.Earned(back) != -accrual.Earned(open) {
			r.Fatal("another amount is taken back than was accrued")
		}
		for i, x := range back {
			late := open[i].At.Before(c.Open)
			if err := x.Validate(books.Standard("Firm", "USD", "UTC")); err != nil || x.At.Before(c.Open) || (x.Belongs != "") != late || !late && !x.At.Equal(open[i].At) {
				r.Fatalf("%v: %+v takes back %+v", err, x, open[i])
			}
		}
		all = append(all, back...)
		if err := wrong(all, month("acme", 0)); err != nil {
			r.Fatal(err)
		}
		if n := len(month("acme", 0).Open(all)); n != 0 {
			r.Fatalf("%d would be taken back again", n)
		}
		after := [2]map[string]int64{standing(all, month("other", 0)), standing(all, month("acme", 1))}
		if fmt.Sprint(before) != fmt.Sprint(after) {
			r.Fatalf("others had %v, and have %v", before, after)
		}
	})
}

// TestPlantedBug: who does not clear is noticed.
func TestPlantedBug(t *testing.T) {
	t.Parallel()
	all := []books.Transaction{accrued(accrual.Service, "acme", 3, 7)}
	if wrong(all, month("acme", 0)) == nil {
		t.Error("an accrual stands, and nobody noticed")
	}
	if got := accrual.Twice(all, []accrual.Period{month("acme", 0), month("other", 0)}); len(got) != 1 || accrual.Earned(got) != unit.Amount(7) {
		t.Errorf("earned twice: %+v", got)
	}
}

// TestRest: what comes late of an invoiced month is not booked, all else is, and so
// nothing is earned twice.
func TestRest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		all := append(shelf(r), books.Transaction{ID: "power", Kind: "power metered", Standing: books.Posted, At: january})
		invoiced := []accrual.Period{month("acme", 0), month("acme", 2), month("nobody", 1)}
		rest := accrual.Rest(all, invoiced)
		if got := accrual.Twice(rest, invoiced); len(got) > 0 {
			r.Fatalf("%d are earned twice", len(got))
		}
		gone := len(month("acme", 0).Within(all)) + len(month("acme", 2).Within(all))
		if len(rest) != len(all)-gone || !slices.ContainsFunc(rest, func(t books.Transaction) bool { return t.ID == "power" }) {
			r.Fatalf("%d of %d are left, %d should go", len(rest), len(all), gone)
		}
	})
}
