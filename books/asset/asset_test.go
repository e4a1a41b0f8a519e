package asset_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/asset"
	"sluice/unit"
)

const dollar = unit.Unit

func at(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func fleet(m asset.Method) asset.Asset {
	return asset.Asset{
		Name: "S21", Account: "Assets:PPE:ASIC", Cost: 1_000_000 * dollar, Residual: 100_000 * dollar, Service: at(2025, time.January, 1), Life: 3,
		Method: m, Rate: 500_000, Units: 26_280, Tags: books.Tags{Site: "houston", Use: "mining"},
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		method asset.Method
		at     time.Time
		done   int64
		want   unit.Amount
	}{
		"nothing before it is in service":        {asset.StraightLine, at(2024, time.June, 1), 0, 0},
		"a year of three":                        {asset.StraightLine, at(2026, time.January, 1), 0, 300_000 * dollar},
		"all at the end":                         {asset.StraightLine, at(2028, time.January, 1), 0, 900_000 * dollar},
		"no more later":                          {asset.StraightLine, at(2040, time.January, 1), 0, 900_000 * dollar},
		"half in the first year":                 {asset.Declining, at(2026, time.January, 1), 0, 500_000 * dollar},
		"half of the rest in the second":         {asset.Declining, at(2027, time.January, 1), 0, 750_000 * dollar},
		"what is left goes with the end of life": {asset.Declining, at(2028, time.January, 1), 0, 900_000 * dollar},
		"by what it did":                         {asset.ByUse, at(2026, time.January, 1), 8_760, 300_000 * dollar},
		"no more than it can do":                 {asset.ByUse, at(2026, time.January, 1), 99_999, 900_000 * dollar},
	} {
		if got := fleet(c.method).Gone(c.at, c.done); got != c.want {
			t.Errorf("%s: %v, want %v", sentence, got, c.want)
		}
	}
}

// TestCharges: however a life is cut into periods, the charges sum to cost less
// residual, none is negative, and the books take each.
func TestCharges(t *testing.T) {
	t.Parallel()
	chart := books.Standard("Firm", "USD", "UTC")
	rapid.Check(t, func(t *rapid.T) {
		a := fleet(rapid.SampledFrom([]asset.Method{asset.StraightLine, asset.Declining, asset.ByUse}).Draw(t, "method"))
		a.Cost = unit.Amount(rapid.Int64Range(1, 1e15).Draw(t, "cost"))
		a.Residual = unit.Amount(rapid.Int64Range(0, int64(a.Cost)).Draw(t, "residual"))
		a.Rate = unit.Ratio(rapid.Int64Range(1, 999_999).Draw(t, "rate"))
		var total int64
		from, done := a.Service.AddDate(0, 0, -5), int64(0)
		for from.Before(at(2028, time.March, 1)) {
			to := from.AddDate(0, 0, rapid.IntRange(1, 200).Draw(t, "days"))
			next := done + rapid.Int64Range(0, 9_000).Draw(t, "units")
			x, some, err := asset.Charge(asset.Span{Entity: "Firm", From: from, To: to, Booked: to}, a, done, next)
			if err != nil {
				t.Fatal(err)
			}
			if some {
				if err := x.Validate(chart); err != nil || x.Lines[0].Amount < 0 {
					t.Fatal(x, err)
				}
				total += x.Lines[0].Amount
			}
			from, done = to, next
		}
		want := a.Cost - a.Residual
		if a.Method == asset.ByUse {
			want = a.Gone(from, done)
		}
		if total != int64(want) {
			t.Fatalf("charged %d, want %d", total, want)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*asset.Asset){
		"no name":               func(a *asset.Asset) { a.Name = " " },
		"no cost":               func(a *asset.Asset) { a.Cost = 0 },
		"worth more at the end": func(a *asset.Asset) { a.Residual = a.Cost + 1 },
		"never in service":      func(a *asset.Asset) { a.Service = time.Time{} },
		"no life":               func(a *asset.Asset) { a.Life = 0 },
		"an unknown method":     func(a *asset.Asset) { a.Method = "magic" },
		"declining at no rate":  func(a *asset.Asset) { a.Method, a.Rate = asset.Declining, 0 },
		"by use, and of no use": func(a *asset.Asset) { a.Method, a.Units = asset.ByUse, 0 },
		"an account that owes":  func(a *asset.Asset) { a.Account = "Liabilities:Debt" },
	} {
		a := fleet(asset.StraightLine)
		change(&a)
		if _, _, err := asset.Charge(asset.Span{Entity: "Firm", From: at(2025, 1, 1), To: at(2025, 2, 1)}, a, 0, 0); !errors.Is(err, asset.ErrAsset) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}
