package match_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books/match"
	"sluice/unit"
)

func day(n int) string { return time.Date(2025, 9, n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }

func at(n, hour int) time.Time { return time.Date(2025, 9, n, hour, 0, 0, 0, time.UTC) }

// week is seven days that agree, paid out in two payouts of which the second pays
// a fee.
func week() ([]match.Work, []match.Credit, []match.Receipt) {
	var work []match.Work
	var credits []match.Credit
	for n := 1; n <= 7; n++ {
		work = append(work, match.Work{Day: day(n), Worth: 100_000_000, Blocks: 43_200})
		credits = append(credits, match.Credit{ID: fmt.Sprintf("c%d", n), Day: day(n), At: at(n+1, 0), Amount: 100_000_000})
	}
	return work, credits, []match.Receipt{
		{ID: "p1", At: at(5, 6), Amount: 300_000_000, Confirmations: 100}, {ID: "p2", At: at(8, 6), Amount: 399_990_000, Confirmations: 6},
	}
}

// TestDifferences: each planted difference is named, and nothing else is.
func TestDifferences(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		scheme match.Scheme
		change func(*[]match.Work, *[]match.Credit, *[]match.Receipt)
		want   []match.Code
		open   unit.Satoshi
	}{
		"all agree":                         {match.Expected, func(*[]match.Work, *[]match.Credit, *[]match.Receipt) {}, nil, 0},
		"half a percent less, just allowed": {match.Expected, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { (*c)[6].Amount -= 500_000 }, []match.Code{match.NoReason}, 0},
		"a satoshi less than that":          {match.Expected, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { (*c)[6].Amount -= 500_001 }, []match.Code{match.ShortCredit, match.NoReason}, 0},
		"a percent more":                    {match.Expected, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { (*c)[6].Amount += 1_000_000 }, []match.Code{match.HighCredit}, 1_010_000},
		"a little less every day": {match.Expected, func(_ *[]match.Work, c *[]match.Credit, r *[]match.Receipt) {
			for i := range *c {
				(*c)[i].Amount -= 300_000
			}
			(*r)[0].Amount, (*r)[1].Amount = 299_100_000, 398_800_000
		}, []match.Code{match.Drift}, 0},
		"bad luck within three deviations": {match.Found, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { (*c)[6].Amount += 45_000_000 }, nil, 45_010_000},
		"luck beyond three deviations":     {match.Found, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { (*c)[6].Amount += 46_000_000 }, []match.Code{match.HighCredit}, 46_010_000},
		"a day without a credit": {match.Expected, func(_ *[]match.Work, c *[]match.Credit, r *[]match.Receipt) {
			*c, (*r)[1].Amount = (*c)[:6], 299_990_000
		}, []match.Code{match.NoCredit, match.Drift}, 0},
		"a credit without work": {match.Expected, func(w *[]match.Work, _ *[]match.Credit, _ *[]match.Receipt) { *w = (*w)[:6] }, []match.Code{match.NoWork}, 0},
		"a line twice":          {match.Expected, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { *c = append(*c, (*c)[0]) }, nil, 0},
		"a line that changed": {match.Expected, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) {
			x := (*c)[0]
			x.Amount++
			*c = append(*c, x)
		}, []match.Code{match.Contradiction}, 0},
		"a day credited by two lines": {match.Expected, func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) {
			(*c)[6].Amount = 60_000_000
			x := (*c)[6]
			x.ID, x.Amount = "c8", 40_000_000
			*c = append(*c, x)
		}, []match.Code{match.TwoCredits}, 0},
		"a payout that never came":       {match.Expected, func(_ *[]match.Work, _ *[]match.Credit, r *[]match.Receipt) { *r = (*r)[:1] }, []match.Code{match.Late}, 400_000_000},
		"a payout that is not confirmed": {match.Expected, func(_ *[]match.Work, _ *[]match.Credit, r *[]match.Receipt) { (*r)[1].Confirmations = 2 }, []match.Code{match.Unconfirmed, match.Late}, 400_000_000},
		"a receipt that nobody credited": {match.Expected, func(_ *[]match.Work, _ *[]match.Credit, r *[]match.Receipt) {
			*r = append(*r, match.Receipt{ID: "p3", At: at(8, 7), Amount: 5, Confirmations: 9})
		}, []match.Code{match.NoReason}, 0},
		"a payout that pays half a credit": {match.Expected, func(_ *[]match.Work, _ *[]match.Credit, r *[]match.Receipt) { (*r)[1].Amount = 350_000_000 }, nil, 50_000_000},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w, cr, r := week()
			c.change(&w, &cr, &r)
			got, err := match.Pool(match.Usual("x", c.scheme), w, cr, r, at(8, 12))
			var codes []match.Code
			for _, d := range got.Differences {
				codes = append(codes, d.Code)
			}
			if err != nil || !slices.Equal(codes, c.want) || got.Open != c.open {
				t.Errorf("%v, open %d, %v: %+v; want %v, open %d", codes, got.Open, err, got.Differences, c.want, c.open)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*[]match.Work, *[]match.Credit, *[]match.Receipt){
		"a day of work twice":     func(w *[]match.Work, _ *[]match.Credit, _ *[]match.Receipt) { *w = append(*w, (*w)[0]) },
		"work below zero":         func(w *[]match.Work, _ *[]match.Credit, _ *[]match.Receipt) { (*w)[0].Worth = -1 },
		"a credit below zero":     func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { (*c)[0].Amount = -1 },
		"a credit without a line": func(_ *[]match.Work, c *[]match.Credit, _ *[]match.Receipt) { (*c)[0].ID = "" },
		"a receipt twice":         func(_ *[]match.Work, _ *[]match.Credit, r *[]match.Receipt) { *r = append(*r, (*r)[0]) },
		"a receipt of nothing":    func(_ *[]match.Work, _ *[]match.Credit, r *[]match.Receipt) { (*r)[0].Amount = 0 },
	} {
		w, c, r := week()
		change(&w, &c, &r)
		if _, err := match.Pool(match.Usual("x", match.Expected), w, c, r, at(8, 12)); !errors.Is(err, match.ErrInput) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestNothingIsLost: whatever is credited and received, every satoshi of a credit
// is open, paid or a fee, and every satoshi received pays a credit or is told.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var credits []match.Credit
		var receipts []match.Receipt
		for i := range rapid.IntRange(0, 9).Draw(t, "credits") {
			credits = append(credits, match.Credit{ID: fmt.Sprint("c", i), Day: day(i + 1), At: at(i+1, 0), Amount: unit.Satoshi(rapid.Int64Range(0, 1_000_000).Draw(t, "credit"))})
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "receipts") {
			receipts = append(receipts, match.Receipt{ID: fmt.Sprint("r", i), At: at(i+1, 1), Amount: unit.Satoshi(rapid.Int64Range(1, 2_000_000).Draw(t, "receipt")), Confirmations: 9})
		}
		r, err := match.Pool(match.Usual("x", match.Expected), nil, credits, receipts, at(20, 0))
		if err != nil {
			t.Fatal(err)
		}
		var fees, told unit.Satoshi
		for _, p := range r.Paid {
			fees += p.Fee
		}
		for _, d := range r.Differences {
			if d.Code == match.NoReason {
				told += d.Amount
			}
		}
		if r.Credited != r.Open+fees+r.Received-told {
			t.Fatalf("credited %d, open %d, fees %d, received %d, told %d", r.Credited, r.Open, fees, r.Received, told)
		}
	})
}
