package loan_test

import (
	"encoding/csv"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/loan"
	"sluice/internal/beside"
)

func TestTouch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ltv, level, want float64 }{
		{0.35, 0.70, 0.22969469067447276},
		{0.50, 0.70, 0.5853931868277054},
		{0.65, 0.70, 0.9123280436110595},
		{0.35, 0.85, 0.1157809769601156},
		{0.50, 0.85, 0.36991464301489335},
		{0.65, 0.85, 0.6694095796189978},
	} {
		if got, err := loan.Touch(c.ltv, c.level, 0.5, 0, 1); err != nil || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("from %v to %v: %v, %v, want %v", c.ltv, c.level, got, err, c.want)
		}
	}
	for sentence, c := range map[string]struct{ ltv, level, sigma, mu, years, want float64 }{
		"there already":              {0.7, 0.7, 0.5, 0, 1, 1},
		"no time":                    {0.5, 0.7, 0.5, 0, 0, 0},
		"a price that stands still":  {0.5, 0.7, 0, 0, 1, 0},
		"one that falls far enough":  {0.5, 0.7, 0, -0.34, 1, 1},
		"one that falls too little":  {0.5, 0.7, 0, -0.33, 1, 0},
		"almost the same, with luck": {0.5, 0.7, 1e-4, -0.34, 1, 1},
		"almost still":               {0.5, 0.7, 1e-4, 0, 1, 0},
		"just there on average":      {0.5, 0.7, 1e-4, math.Log(0.5 / 0.7), 1, 0.5},
		"for ever, with no drift":    {0.5, 0.7, 0.5, 0.125, 1e9, 1},
	} {
		if got, err := loan.Touch(c.ltv, c.level, c.sigma, c.mu, c.years); err != nil || math.Abs(got-c.want) > 2e-4 {
			t.Errorf("%s: %v, %v", sentence, got, err)
		}
	}
	for sentence, c := range map[string][5]float64{
		"no loan": {0, 0.7, 0.5, 0, 1}, "no level": {0.5, 0, 0.5, 0, 1}, "negative volatility": {0.5, 0.7, -0.5, 0, 1}, "time back": {0.5, 0.7, 0.5, 0, -1},
		"no drift": {0.5, 0.7, 0.5, math.NaN(), 1}, "endless": {0.5, 0.7, math.Inf(1), math.Inf(-1), 1},
	} {
		if got, err := loan.Touch(c[0], c[1], c[2], c[3], c[4]); !errors.Is(err, loan.ErrPledge) {
			t.Errorf("%s: %v, %v", sentence, got, err)
		}
	}
}

// TestTouchGrows: with time, with volatility where there is no drift in the logarithm
// of the price, with the loan, and never beyond 0 and 1.
func TestTouchGrows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ltv, level := rapid.Float64Range(0.05, 0.8).Draw(t, "ltv"), rapid.Float64Range(0.3, 1.2).Draw(t, "level")
		sigma, mu := rapid.Float64Range(1e-3, 2).Draw(t, "sigma"), rapid.Float64Range(-2, 2).Draw(t, "mu")
		years, more := rapid.Float64Range(0.01, 5).Draw(t, "years"), rapid.Float64Range(0, 1).Draw(t, "more")
		at := func(ltv, sigma, mu, years float64) float64 {
			p, err := loan.Touch(ltv, level, sigma, mu, years)
			if err != nil || !(p >= 0 && p <= 1) {
				t.Fatalf("%v, %v", p, err)
			}
			return p
		}
		p := at(ltv, sigma, mu, years)
		if later := at(ltv, sigma, mu, years+more); later < p-2e-4 {
			t.Fatalf("%v in %v years, %v in %v", p, years, later, years+more)
		}
		if larger := at(ltv*(1+more), sigma, mu, years); larger < p-2e-4 {
			t.Fatalf("%v, %v with a larger loan", p, larger)
		}
		wild := sigma + more
		if a, b := at(ltv, sigma, sigma*sigma/2, years), at(ltv, wild, wild*wild/2, years); b < a-2e-4 {
			t.Fatalf("%v at %v, %v at %v", a, sigma, b, wild)
		}
	})
}

// TestTouchDrawn: the closed form is what paths come to. A path that is looked at 20
// times a day misses few touches.
func TestTouchDrawn(t *testing.T) {
	t.Parallel()
	const paths, steps, sigma, mu = 1500, 5000, 0.5, 0.1
	dt := 1.0 / steps
	level := math.Log(0.5 / 0.7)
	touched := 0
	for path := range uint64(paths) {
		r := capital.Stream(11, path)
		x := 0.0
		for range steps {
			if x += (mu-sigma*sigma/2)*dt + sigma*math.Sqrt(dt)*r.NormFloat64(); x <= level {
				touched++
				break
			}
		}
	}
	want, err := loan.Touch(0.5, 0.7, sigma, mu, 1)
	if got := float64(touched) / paths; err != nil || math.Abs(got-want) > 0.04 { // three standard errors
		t.Errorf("%v of the paths, want %v, %v", got, want, err)
	}
}

func TestFalls(t *testing.T) {
	t.Parallel()
	got, err := loan.Falls([]float64{100, 80, 120, 60, 90}, 3)
	if want := []float64{0.8, 0.75, 0.5}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	// from 40 % a fall to 80 % makes 50 %
	if p, err := loan.Touched(got, 0.4, 0.5); err != nil || p != 1 {
		t.Errorf("%v, %v", p, err)
	}
	if p, err := loan.Touched(got, 0.4, 0.55); err != nil || p != 1.0/3 {
		t.Errorf("%v, %v", p, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		prices := rapid.SliceOfN(rapid.Float64Range(1, 100), 1, 60).Draw(t, "prices")
		days := rapid.IntRange(1, len(prices)).Draw(t, "days")
		falls, err := loan.Falls(prices, days)
		if err != nil || len(falls) != len(prices)-days+1 {
			t.Fatal(len(falls), err)
		}
		for i, f := range falls {
			if want := slices.Min(prices[i:i+days]) / prices[i]; f != want {
				t.Fatalf("day %d: %v, want %v", i, f, want)
			}
		}
	})
	for sentence, err := range map[string]error{
		"fewer days than a window": second(loan.Falls([]float64{1, 2}, 3)),
		"no window":                second(loan.Falls([]float64{1, 2}, 0)),
		"a day without a price":    second(loan.Falls([]float64{1, 0, 2}, 2)),
		"no falls":                 second(loan.Touched(nil, 0.5, 0.7)),
		"no loan":                  second(loan.Touched([]float64{1}, 0, 0.7)),
	} {
		if !errors.Is(err, loan.ErrPledge) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// since are the daily prices of bitcoin from a day on.
func since(t *testing.T, day string) (prices []float64) {
	t.Helper()
	rows, err := csv.NewReader(beside.Open(t, "data", "btc_daily.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		if r[0] < day {
			continue
		}
		p, err := strconv.ParseFloat(r[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		prices = append(prices, p)
	}
	return prices
}

// TestHistory: what closing prices of bitcoin have done to loans, until the end of
// 2025, in the years of 365 days that began on each day.
func TestHistory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		day    string
		starts int
		want   map[float64][2]float64
	}{
		{"2018-01-01", 2558, map[float64][2]float64{0.35: {0.25, 0.14}, 0.50: {0.44, 0.37}, 0.65: {0.73, 0.47}}},
		{"2021-01-01", 1462, map[float64][2]float64{0.35: {0.20, 0.16}, 0.50: {0.34, 0.29}, 0.65: {0.76, 0.39}}},
	} {
		falls, err := loan.Falls(since(t, c.day), 365)
		if err != nil || len(falls) != c.starts {
			t.Fatalf("%d starts, %v, want %d", len(falls), err, c.starts)
		}
		for ltv, want := range c.want {
			for i, level := range []float64{0.70, 0.85} {
				got, err := loan.Touched(falls, ltv, level)
				if err != nil || math.Abs(got-want[i]) > 0.02 {
					t.Errorf("since %s from %v to %v: %v, %v, want %v", c.day, ltv, level, got, err, want[i])
				}
				t.Logf("since %s from %v to %v: %.4f", c.day, ltv, level, got)
			}
		}
	}
}

func TestTopUp(t *testing.T) {
	t.Parallel()
	if got := loan.TopUp(30e6, 0.6, 80_000, 500); got != 125 {
		t.Errorf("%v BTC", got)
	}
	if got := loan.TopUp(30e6, 0.6, 80_000, 700); got != 0 {
		t.Errorf("%v BTC where there are enough", got)
	}
	for level, want := range map[float64]float64{0.7: 71_429, 0.85: 58_824} {
		if got := loan.CallPrice(100_000, 0.5, level); math.Round(got) != want {
			t.Errorf("%v at %v, want %v", got, level, want)
		}
	}
}

// usual are the terms that are seen: a call at 70 %, cured to 60 %, sold at 85 %.
func usual() loan.Margin { return loan.Margin{Call: 0.7, Target: 0.6, Liquidate: 0.85, Grace: 1} }

// TestMargin: a loan of 30 million on 500 BTC, through prices, by hand.
func TestMargin(t *testing.T) {
	t.Parallel()
	start := loan.Position{Owed: 30e6, Pledged: 500, Free: 200, Cash: 1e6}
	for sentence, c := range map[string]struct {
		margin func(*loan.Margin)
		from   func(*loan.Position)
		prices []float64
		want   loan.Position
		calls  int
		forced int // step of the first forced sale
	}{
		"a price that stays":         {nil, nil, []float64{100_000, 90_000}, start, 0, -1},
		"a call met with coins":      {nil, nil, []float64{80_000}, loan.Position{Owed: 30e6, Pledged: 625, Free: 75, Cash: 1e6}, 1, -1},
		"with coins, then with cash": {nil, func(p *loan.Position) { p.Free = 115 }, []float64{80_000}, loan.Position{Owed: 29.52e6, Pledged: 615, Cash: 520_000}, 1, -1},
		"with cash, then with coins": {func(m *loan.Margin) { m.CashFirst = true }, nil, []float64{80_000}, loan.Position{Owed: 29e6, Pledged: 29e6 / 48_000, Free: 700 - 29e6/48_000}, 1, -1},
		"a call that is not met, and a price that stays": {
			nil, func(p *loan.Position) { p.Free, p.Cash = 0, 0 },
			[]float64{80_000, 80_000},
			loan.Position{Owed: 15e6, Pledged: 312.5},
			1, 1, // 187.5 are sold: 15 million of the loan
		},
		"a call that is not met, and a price that comes back": {
			nil, func(p *loan.Position) { p.Free, p.Cash = 0, 0 },
			[]float64{80_000, 100_000},
			loan.Position{Owed: 30e6, Pledged: 500},
			1, -1,
		},
		"no time to meet it": {
			func(m *loan.Margin) { m.Grace = 0 }, func(p *loan.Position) { p.Free, p.Cash = 0, 0 },
			[]float64{80_000},
			loan.Position{Owed: 15e6, Pledged: 312.5},
			1, 0,
		},
		"a price that jumps over the call": {nil, nil, []float64{70_000}, loan.Position{Owed: 30e6 - 9e6/28_000*70_000, Pledged: 500 - 9e6/28_000, Free: 200, Cash: 1e6}, 0, 0}, // 9 million too much; a coin sold repays 70,000, and 42,000 less may be owed
		"all is sold":                      {func(m *loan.Margin) { m.Whole = true }, nil, []float64{70_000}, loan.Position{Pledged: 500 - 30e6/70_000, Free: 200, Cash: 1e6}, 0, 0},
		"all is sold and does not suffice": {nil, nil, []float64{50_000}, loan.Position{Owed: 5e6, Free: 200, Cash: 1e6}, 0, 0},
		"a sale that costs a tenth": {
			func(m *loan.Margin) { m.Cost = 0.1 }, nil,
			[]float64{70_000},
			loan.Position{Owed: 30e6 - 9e6/21_000*63_000, Pledged: 500 - 9e6/21_000, Free: 200, Cash: 1e6},
			0, 0, // a coin repays 63,000
		},
		"interest alone makes a call": {
			func(m *loan.Margin) { m.Rate = 0.2 }, nil,
			[]float64{100_000},
			loan.Position{Owed: 36e6, Pledged: 600, Free: 100, Cash: 1e6},
			1, -1,
		},
		"nothing is owed": {nil, func(p *loan.Position) { p.Owed, p.Pledged = 0, 0 }, []float64{1}, loan.Position{Free: 200, Cash: 1e6}, 0, -1},
	} {
		m, p := usual(), start
		if c.margin != nil {
			c.margin(&m)
		}
		if c.from != nil {
			c.from(&p)
		}
		got, all, err := m.Run(p, c.prices)
		same := near(got.Owed, c.want.Owed, 1e-9) && near(got.Pledged, c.want.Pledged, 1e-9) && near(got.Free, c.want.Free, 1e-9) && near(got.Cash, c.want.Cash, 1e-9)
		if err != nil || !same || all.Calls != c.calls || all.FirstForced != c.forced || got.Called {
			t.Errorf("%s: %+v, %+v, %v", sentence, got, all, err)
		}
	}
}

// TestNothingIsLost: on any prices, coins and money sum at each step and in all; the
// loan to value after a cure or a sale is at most its target where there was enough.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := loan.Margin{
			Call: 0.7, Target: rapid.Float64Range(0.3, 0.7).Draw(t, "target"), Liquidate: rapid.Float64Range(0.7, 1.1).Draw(t, "liquidate"), Grace: rapid.IntRange(0, 3).Draw(t, "grace"),
			Rate: rapid.Float64Range(0, 0.01).Draw(t, "rate"), Cost: rapid.Float64Range(0, 0.5).Draw(t, "cost"), Whole: rapid.Bool().Draw(t, "whole"), CashFirst: rapid.Bool().Draw(t, "cash first"),
		}
		start := loan.Position{
			Owed: rapid.Float64Range(0, 5e7).Draw(t, "owed"), Pledged: rapid.Float64Range(0, 1000).Draw(t, "pledged"),
			Free: rapid.Float64Range(0, 300).Draw(t, "free"), Cash: rapid.Float64Range(0, 1e7).Draw(t, "cash"),
		}
		prices := rapid.SliceOfN(rapid.Float64Range(10_000, 150_000), 1, 60).Draw(t, "prices")
		p := start
		var sold, added float64
		for i, price := range prices {
			after, s, err := m.Step(p, price)
			if err != nil {
				t.Fatal(err)
			}
			if !near(after.Pledged, p.Pledged+s.Added-s.Sold, 1e-9) || !near(after.Free, p.Free-s.Added, 1e-9) {
				t.Fatalf("step %d: coins of %+v and %+v, %+v", i, p, after, s)
			}
			if !near(after.Owed, p.Owed+s.Interest-s.Repaid-s.Proceeds+s.Returned, 1e-9) || !near(after.Cash, p.Cash-s.Repaid+s.Returned, 1e-9) {
				t.Fatalf("step %d: money of %+v and %+v, %+v", i, p, after, s)
			}
			if after.Owed < 0 || after.Pledged < -1e-9 || after.Free < -1e-9 || after.Cash < -1e-3 || s.Added < 0 || s.Sold < 0 || s.Repaid < 0 {
				t.Fatalf("step %d: %+v, %+v", i, after, s)
			}
			if calm := !after.Called && s.Forced == ""; calm && s.After >= m.Call*(1+1e-9) {
				t.Fatalf("step %d: nobody acts at %v", i, s.After)
			}
			if s.Call && !after.Called && s.Forced == "" && s.After > m.Target*(1+1e-6) {
				t.Fatalf("step %d: cured to %v", i, s.After)
			}
			if s.Forced != "" && after.Pledged > 1e-6 && s.After > m.Target*(1+1e-6) {
				t.Fatalf("step %d: sold to %v with %v coins left", i, s.After, after.Pledged)
			}
			after.Pledged, after.Free, after.Cash = max(after.Pledged, 0), max(after.Free, 0), max(after.Cash, 0)
			p, sold, added = after, sold+s.Sold, added+s.Added
		}
		end, all, err := m.Run(start, prices)
		if err != nil || !near(end.Owed, p.Owed, 1e-6) || !near(all.CoinsBefore, all.CoinsAfter+all.Sold, 1e-9) || !near(all.Sold, sold, 1e-6) || !near(all.Added, added, 1e-6) {
			t.Fatalf("%+v, %+v, %v, want %+v", end, all, err, p)
		}
	})
}

// TestGrace: a call may stay open for as many steps as its grace, in which mined
// coins can still meet it.
func TestGrace(t *testing.T) {
	t.Parallel()
	m := usual()
	m.Grace = 2
	p := loan.Position{Owed: 30e6, Pledged: 500}
	for i, free := range []float64{50, 50, 25} {
		p.Free += free
		after, s, err := m.Step(p, 80_000)
		if err != nil || s.Call != (i == 0) || s.Added != free || s.Forced != "" || after.Called != (i < 2) {
			t.Fatalf("step %d: %+v, %+v, %v", i, after, s, err)
		}
		p = after
	}
	if p.Pledged != 625 {
		t.Errorf("%+v", p)
	}
}

func TestMarginRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*loan.Margin, *loan.Position, *float64){
		"no price":                func(_ *loan.Margin, _ *loan.Position, x *float64) { *x = 0 },
		"an endless price":        func(_ *loan.Margin, _ *loan.Position, x *float64) { *x = math.Inf(1) },
		"a cure above the call":   func(m *loan.Margin, _ *loan.Position, _ *float64) { m.Target = 0.75 },
		"a sale before the call":  func(m *loan.Margin, _ *loan.Position, _ *float64) { m.Liquidate = 0.65 },
		"no target":               func(m *loan.Margin, _ *loan.Position, _ *float64) { m.Target = 0 },
		"a rate in percent":       func(m *loan.Margin, _ *loan.Position, _ *float64) { m.Rate = 9 },
		"a sale that brings none": func(m *loan.Margin, _ *loan.Position, _ *float64) { m.Cost = 1 },
		"a negative grace":        func(m *loan.Margin, _ *loan.Position, _ *float64) { m.Grace = -1 },
		"negative coins":          func(_ *loan.Margin, p *loan.Position, _ *float64) { p.Free = -1 },
		"no loan":                 func(_ *loan.Margin, p *loan.Position, _ *float64) { p.Owed = math.NaN() },
	} {
		m, p, price := usual(), loan.Position{Owed: 1, Pledged: 1}, 10.0
		change(&m, &p, &price)
		if _, _, err := m.Run(p, []float64{price}); !errors.Is(err, loan.ErrPledge) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, _, err := usual().Run(loan.Position{}, nil); !errors.Is(err, loan.ErrPledge) {
		t.Error(err)
	}
}

func BenchmarkMargin(b *testing.B) {
	r := capital.Stream(1, 1)
	prices := make([]float64, 520)
	price := 100_000.0
	for i := range prices {
		price *= math.Exp(0.07 * r.NormFloat64())
		prices[i] = price
	}
	m, p := usual(), loan.Position{Owed: 30e6, Pledged: 500, Free: 200}
	for b.Loop() {
		if _, _, err := m.Run(p, prices); err != nil {
			b.Fatal(err)
		}
	}
}
