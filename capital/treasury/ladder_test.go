package treasury_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/treasury"
)

// north is a loan of 30 million at the terms that are seen in the market.
func north() treasury.Rung {
	return treasury.Rung{Name: "north", Owed: 30e6, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85, Weeks: 1}
}

// TestCallPrices: worked in docs/formula/treasury.md.
func TestCallPrices(t *testing.T) {
	t.Parallel()
	if got := treasury.TopUp(30e6, 0.6, 80_000, 500); !near(got, 125) {
		t.Errorf("a top-up of %v BTC, not 125", got)
	}
	if got := treasury.TopUp(30e6, 0.6, 80_000, 700); got != 0 {
		t.Errorf("a top-up of %v BTC, and none is needed", got)
	}
	if a, b := north().CallAt(100_000), north().LiquidatedAt(100_000); math.Round(a) != 71_429 || math.Round(b) != 58_824 {
		t.Errorf("called at %v, liquidated at %v", a, b)
	}
}

// TestLadderByHand: coins first, then cash, then the lender when the week has passed.
func TestLadderByHand(t *testing.T) {
	t.Parallel()
	l, err := treasury.NewLadder([]treasury.Rung{north()}, 100_000)
	if err != nil || !near(l.Pledged(), 600) || l.Owed() != 30e6 {
		t.Fatalf("%v BTC for %v, %v", l.Pledged(), l.Owed(), err)
	}
	// 80,000 is no call; at 70,000 the loan stands at 71.4 %: 50 coins, then a million
	p := l.Step(0, 80_000, treasury.Purse{Free: 50, Cash: 1e6})
	p = l.Step(1, 70_000, p)
	if p.Free != 0 || p.Cash != 0 || !near(l.Pledged(), 650) || !near(l.Owed(), 29e6) {
		t.Errorf("%+v, %v BTC for %v", p, l.Pledged(), l.Owed())
	}
	// a week on, 310,000 more; then the lender sells a million over 71,000 * 40 %
	p = l.Step(2, 71_000, treasury.Purse{Cash: 310_000})
	calls := l.Calls()
	if len(calls) != 2 {
		t.Fatalf("%+v", calls)
	}
	sold := 1e6 / 28_400
	if c := calls[0]; c.Week != 1 || !near(c.Before, 30.0/42) || !near(c.After, 29/45.5) || c.Coins != 50 || c.Sold != 0 {
		t.Errorf("%+v", c)
	}
	if c := calls[1]; c.Week != 2 || !near(c.Sold, sold) || !near(c.After, 0.6) || !near(c.Cash, 310_000) || !near(c.Cleared, sold*71_000) || p.Due != 0 {
		t.Errorf("%+v, %+v", c, p)
	}
}

// TestLiquidation: from the level of liquidation on, the lender waits for nothing, and
// what the coins do not bring is due.
func TestLiquidation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ price, sold, owed, due float64 }{
		{58_000, (30e6 - 0.6*600*58_000) / (58_000 * 0.4), 0.6 * (600 - (30e6-0.6*600*58_000)/(58_000*0.4)) * 58_000, 0},
		{40_000, 600, 0, 6e6},
	} {
		l, err := treasury.NewLadder([]treasury.Rung{north()}, 100_000)
		if err != nil {
			t.Fatal(err)
		}
		p := l.Step(0, c.price, treasury.Purse{})
		if got := l.Calls(); len(got) != 1 || !near(got[0].Sold, c.sold) || !near(l.Owed(), c.owed) || !near(p.Due, c.due) {
			t.Errorf("at %v: %+v, %v owed, %v due", c.price, got, l.Owed(), p.Due)
		}
		if p = l.Step(1, c.price/2, treasury.Purse{Free: 3, Cash: 5}); c.due > 0 && p != (treasury.Purse{Free: 3, Cash: 5}) {
			t.Errorf("a loan that is gone took something: %+v", p)
		}
	}
}

// TestRelease: when coins are dear, those above the first loan to value come back.
func TestRelease(t *testing.T) {
	t.Parallel()
	r := north()
	r.Release = 0.35
	l, err := treasury.NewLadder([]treasury.Rung{r}, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	if p := l.Step(0, 150_000, treasury.Purse{}); !near(p.Free, 200) || !near(l.Pledged(), 400) || len(l.Calls()) != 1 || !near(l.Calls()[0].After, 0.5) {
		t.Errorf("%+v, %+v", p, l.Calls())
	}
}

// TestRungs that make no sense are refused.
func TestRungs(t *testing.T) {
	t.Parallel()
	for sentence, spoil := range map[string]func(*treasury.Rung){
		"nothing is owed":                   func(r *treasury.Rung) { r.Owed = 0 },
		"it is called on its first day":     func(r *treasury.Rung) { r.LTV0 = 0.7 },
		"a cure that calls again":           func(r *treasury.Rung) { r.Cure = 0.7 },
		"a liquidation before the call":     func(r *treasury.Rung) { r.Liquidation = 0.6 },
		"a liquidation under water":         func(r *treasury.Rung) { r.Liquidation = 1.1 },
		"a release above the first level":   func(r *treasury.Rung) { r.Release = 0.5 },
		"a penalty no sale can make up for": func(r *treasury.Rung) { r.Penalty = 0.4 },
		"a rate of percents":                func(r *treasury.Rung) { r.Rate = 9 },
		"no number":                         func(r *treasury.Rung) { r.Rate = math.NaN() },
		"a call that stands for ever":       func(r *treasury.Rung) { r.Weeks = 53 },
	} {
		r := north()
		spoil(&r)
		if _, err := treasury.NewLadder([]treasury.Rung{north(), r}, 100_000); !errors.Is(err, treasury.ErrRung) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := treasury.NewLadder([]treasury.Rung{north()}, 0); !errors.Is(err, treasury.ErrRung) {
		t.Error(err)
	}
}

// anyRungs draws a ladder.
func anyRungs(t *rapid.T) []treasury.Rung {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) treasury.Rung {
		r := treasury.Rung{Owed: rapid.Float64Range(1e3, 1e6).Draw(t, "owed"), LTV0: rapid.Float64Range(0.1, 0.6).Draw(t, "ltv0"), Rate: 0.1}
		r.Call = rapid.Float64Range(0.65, 0.8).Draw(t, "call")
		r.Cure = rapid.Float64Range(0.3, 0.64).Draw(t, "cure")
		r.Liquidation = rapid.Float64Range(0.8, 1).Draw(t, "liquidation")
		r.Release = rapid.SampledFrom([]float64{0, r.LTV0 * 0.7}).Draw(t, "release")
		r.Weeks = rapid.IntRange(0, 4).Draw(t, "weeks")
		r.Penalty = rapid.SampledFrom([]float64{0, 0.05}).Draw(t, "penalty")
		return r
	}), 1, 3).Draw(t, "rungs")
}

// anyPrices draws prices that jump.
func anyPrices(t *rapid.T, weeks int) []float64 {
	price, out := 50_000.0, make([]float64, weeks)
	for i := range out {
		out[i] = price
		price = min(max(price*math.Exp(rapid.Float64Range(-0.5, 0.5).Draw(t, "jump")), 100), 1e7)
	}
	return out
}

// TestLadderConserves: coins, cash and debt of every week are where the table of
// calls says they went, and no row takes more than there was.
func TestLadderConserves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prices := anyPrices(t, 25)
		l, err := treasury.NewLadder(anyRungs(t), prices[0])
		if err != nil {
			t.Fatal(err)
		}
		for week, price := range prices {
			p := treasury.Purse{Free: rapid.Float64Range(0, 3).Draw(t, "free"), Cash: rapid.Float64Range(0, 1e5).Draw(t, "cash")}
			pledged, owed, seen := l.Pledged(), l.Owed(), len(l.Calls())
			q := l.Step(week, price, p)
			var coins, cash, debt, brought float64
			for _, c := range l.Calls()[seen:] {
				coins += c.Coins - c.Released - c.Sold
				p.Free += c.Released - c.Coins
				cash += c.Cash
				debt += c.Cash + c.Cleared + c.Due
				brought += c.Sold*c.Price - c.Cleared - c.Lost
				if c.Coins < 0 || c.Cash < 0 || c.Sold < 0 || c.Released < 0 || c.Due < 0 || c.Due > 0 && c.After != 0 {
					t.Fatalf("%+v", c)
				}
			}
			if !near(l.Pledged(), pledged+coins) || !near(q.Free, p.Free) || !near(q.Cash, p.Cash-cash) || !near(l.Owed(), owed-debt) || math.Abs(brought) > 1e-3 || q.Free < 0 || q.Cash < 0 {
				t.Fatalf("week %d: %+v to %+v, pledged %v to %v, owed %v to %v, %v lost", week, p, q, pledged, l.Pledged(), owed, l.Owed(), brought)
			}
		}
	})
}
