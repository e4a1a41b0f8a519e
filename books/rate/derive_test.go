package rate_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books/rate"
	"sluice/unit"
)

// TestPercentage: a fee that is a share of other lines.
func TestPercentage(t *testing.T) {
	t.Parallel()
	energy := rate.Term{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour}
	fee := rate.Term{Name: "fee", Kind: rate.Fixed, Unit: rate.Month}
	vat := rate.Term{Name: "vat", Kind: rate.Tax, Rate: 100_000}
	share := func(r unit.Ratio, of ...string) rate.Term {
		return rate.Term{Name: "handling", Kind: rate.Percentage, Rate: r, Of: of}
	}
	for sentence, c := range map[string]struct {
		terms    []rate.Term
		price    int64
		want     []int64
		quantity int64 // of the percentage
	}{
		"2.5 % of the energy cost":                {[]rate.Term{energy, fee, share(25_000, "power")}, usd(40), []int64{usd(400), usd(100), usd(10)}, usd(400)},
		"2.5 % of everything":                     {[]rate.Term{energy, fee, share(25_000)}, usd(40), []int64{usd(400), usd(100), usd(25) / 2}, usd(500)},
		"it is taxed, and no share of the tax":    {[]rate.Term{energy, vat, share(25_000), {Name: "more", Kind: rate.Tax, Rate: 100_000, Of: []string{"handling"}}}, usd(40), []int64{usd(400), usd(40), usd(10), usd(1)}, usd(400)},
		"of a cost below zero the tenant is paid": {[]rate.Term{energy, share(25_000)}, -usd(40), []int64{-usd(400), -usd(10)}, -usd(400)},
		"it is rounded once, half to even":        {[]rate.Term{energy, share(250_000)}, 1, []int64{10, 2}, 10},
		"it counts to a minimum":                  {[]rate.Term{energy, share(25_000), {Name: "least", Kind: rate.Minimum, Unit: rate.Month, Price: "fee"}}, usd(4), []int64{usd(40), usd(1), usd(59)}, usd(40)},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := must(t, rate.Input{
				Contracts: []rate.Contract{contract(c.terms...)}, Period: september, Intervals: []rate.Interval{used("energy", from, to, 10*mwh)},
				Prices: []rate.PriceVersion{price("energy", c.price), price("fee", usd(100))},
			})
			var got []int64
			for _, l := range r.Lines {
				got = append(got, int64(l.Amount))
				if l.Kind != rate.Percentage {
					continue
				}
				if l.Quantity != c.quantity || l.Unit != rate.Money {
					t.Errorf("%+v", l)
				}
				rated, err := unit.ParseMicro(l.Price)
				if err != nil || unit.MulDiv(l.Quantity, rated, l.Unit.Base()) != int64(l.Amount) {
					t.Errorf("%d %s at %s are not %v, %v", l.Quantity, l.Unit, l.Price, l.Amount, err)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	for sentence, bad := range map[string]rate.Term{
		"of nothing":              {Name: "x", Kind: rate.Percentage},
		"beyond all of it":        {Name: "x", Kind: rate.Percentage, Rate: unit.One + 1},
		"of what comes after it":  {Name: "x", Kind: rate.Percentage, Rate: 1, Of: []string{"later"}},
		"usage counted in money":  {Name: "x", Kind: rate.Usage, Component: "ip", Unit: rate.Money},
		"a percentage with bands": {Name: "x", Kind: rate.Percentage, Rate: 1, Model: rate.Volume, Bands: []rate.Band{{Price: "ip"}}},
	} {
		if err := contract(bad).Validate(); !errors.Is(err, rate.ErrContract) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestBack: a contract says how long a period is corrected; then its difference is
// told and no longer noted.
func TestBack(t *testing.T) {
	t.Parallel()
	k := contract()
	k.Back, k.Zone = 24, time.FixedZone("UTC-5", -5*3600)
	end := time.Unix(to, 0).In(k.Zone)
	last := time.Date(end.Year()+2, end.Month(), end.Day(), end.Hour(), 0, 0, 0, k.Zone).Unix()
	was := rate.Line{ID: "a", Contract: "c1", Component: "gpu", Kind: rate.Usage, Period: september, Quantity: 10, Amount: 100}
	less, more := was, was
	less.ID, less.Amount, more.ID, more.Component, more.Amount = "b", 80, "c", "ip", 7
	for sentence, c := range map[string]struct {
		back                int
		at                  int64
		credit, debit, late int64
	}{
		"in time":           {24, to + day, -20, 7, 0},
		"at the last":       {24, last, -20, 7, 0},
		"a second too late": {24, last + 1, 0, 0, -13},
		"without end":       {0, last + 4000*day, -20, 7, 0},
		"one month":         {1, to + 32*day, 0, 0, -13},
		"the day of a zone": {1, to + 30*day + 1, 0, 0, -13}, // 30 October, 19:00 there
	} {
		k := k
		k.Back = c.back
		n, err := k.Delta([]rate.Line{was}, []rate.Line{less, more}, c.at)
		if err != nil || sum(n.Credit) != c.credit || sum(n.Debit) != c.debit || sum(n.Late) != c.late {
			t.Errorf("%s: %+v, %v", sentence, n, err)
		}
		if late := c.late != 0; k.Late(to, c.at) != late {
			t.Errorf("%s: late is %v", sentence, !late)
		}
	}
	k.Back = -1
	if err := k.Validate(); !errors.Is(err, rate.ErrContract) {
		t.Errorf("a time below zero: %v", err)
	}
}
