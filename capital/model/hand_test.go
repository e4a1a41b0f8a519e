package model_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/model"
)

// bare is a site that mines and does nothing else, without any cost but power.
func bare() capital.Plan {
	return capital.Plan{
		Name: "bare", Currency: "USD", Begin: 2026 * 12, Years: 1, Discount: 0.1,
		Market:  capital.Market{Price: 80_000, Difficulty: 140e12, Height: 930_340},
		Opening: capital.Opening{Cash: 10e6},
		Sites: []capital.Site{{
			Name: "dam", Gross: 10, Fleet: capital.Fleet{MW: 10, Efficiency: 20, PUE: 1, Uptime: 1},
			Power: capital.Power{Price: []float64{40}},
		}},
		Treasury: capital.Treasury{Policy: "sell-all"},
	}
}

func run(tb testing.TB, p capital.Plan, path func(*model.Model, *model.Path)) *model.Run {
	tb.Helper()
	m, err := model.New(p, model.Monthly(p), nil)
	if err != nil {
		tb.Fatal(err)
	}
	r, b := m.NewRun(), m.Base()
	r.Detail = true
	if path != nil {
		path(m, b)
	}
	m.Run(b, r)
	if err := r.Tie(); err != nil {
		tb.Fatal(err)
	}
	return r
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.6f, want %.6f", what, got, want)
	}
}

// TestMonthByHand computes January of a site that mines: 744 hours of 10 MW.
func TestMonthByHand(t *testing.T) {
	t.Parallel()
	l := run(t, bare(), nil).Months[0]
	perDay := 86_400 * 1e15 / (140e12 * math.Pow(2, 32)) * 3.125 // BTC of one PH/s
	hash := 10e6 / 20.0 / 1000                                   // PH/s at 20 J/TH: W over J/TH is TH/s
	near(t, "BTC mined", l[model.Mined], perDay*hash*31, 1e-9)
	near(t, "mining", l[model.Mining], perDay*hash*31*80_000, 1e-3)
	near(t, "energy", l[model.Energy], -10*744*40, 1e-6)
	near(t, "cash", l[model.Cash], 10e6+l[model.Mining]+l[model.Energy], 1e-3)
	near(t, "coins left", l[model.BTC], 0, 1e-12)
	near(t, "MW", l[model.Minable], 10, 1e-9)
}

// TestStops lets power cost more than it earns: nothing runs and nothing is paid.
func TestStops(t *testing.T) {
	t.Parallel()
	p := bare()
	p.Sites[0].Power.Price = []float64{500}
	l := run(t, p, nil).Months[0]
	near(t, "mining", l[model.Mining], 0, 0)
	near(t, "energy", l[model.Energy], 0, 0)
}

// TestHistory lets a site buy by a history of which half the hours are too dear.
func TestHistory(t *testing.T) {
	t.Parallel()
	p := bare()
	p.Sites[0].Power = capital.Power{History: "two prices"}
	h, err := model.NewHours("two prices", [][]float64{{10, 1000}, {30, 2000}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(p, model.Monthly(p), map[string]*model.Hours{"two prices": h})
	if err != nil {
		t.Fatal(err)
	}
	r, b := m.NewRun(), m.Base()
	b.Power = make([]int32, len(b.Price))
	b.Power[1] = 1
	m.Run(b, r)
	near(t, "January pays the cheap half of its first week", r.Months[0][model.Energy], -10*744*0.5*10, 1e-6)
	near(t, "February that of the second", r.Months[1][model.Energy], -10*672*0.5*30, 1e-6)
	if _, err := model.New(p, model.Monthly(p), nil); !errors.Is(err, model.ErrHistory) {
		t.Errorf("a history that nobody gave: %v", err)
	}
}

// TestHalves finds the halving in its month, split at its block.
func TestHalves(t *testing.T) {
	t.Parallel()
	p := bare()
	p.Years = 3
	m, err := model.New(p, model.Weekly(p), nil)
	if err != nil {
		t.Fatal(err)
	}
	g, at := m.Grid(), -1
	for j := range g.Steps() {
		switch s := m.Subsidy(j); {
		case s == 3.125 && at < 0, s == 1.5625 && at >= 0:
		case s < 3.125 && s > 1.5625 && at < 0:
			at = j
		default:
			t.Fatalf("week %d pays %v", j, s)
		}
	}
	if at < 0 || g.Begin[at].Format("2006-01") != "2028-04" {
		t.Errorf("the halving of block 1,050,000 falls into week %d", at)
	}
}

// TestTaxes computes two years by hand: a loss, and a profit that uses it up.
func TestTaxes(t *testing.T) {
	t.Parallel()
	p := bare()
	p.Years, p.Tax = 2, capital.Tax{Rate: 0.25, Losses: 100_000}
	p.Sites[0].Fleet.MW = 0
	p.Overhead = 0
	p.Opening.Plant, p.Opening.Taxed, p.Opening.Years = 1_000_000, 400_000, 4
	p.Hedges = []capital.Hedge{{Name: "sure", Kind: capital.Put, From: p.Begin, To: p.Begin.Add(24), Size: 1, Strike: 100_000, Cost: 0}}
	r := run(t, p, nil)
	// 12 months of 20,000 are 240,000; the tax value of 400,000 over four years is 100,000 a year; losses of 100,000 are left.
	near(t, "tax of the first year", r.Months[11][model.Taxes], -0.25*(240_000-100_000-100_000), 1e-6)
	near(t, "tax of the second year", r.Months[23][model.Taxes], -0.25*(240_000-100_000), 1e-6)
	near(t, "write-off of a month", r.Months[0][model.WriteOff], -1_000_000/48.0, 1e-6)
}

// TestLine lets cash run out: the line covers what it can, the rest is unfunded, and
// the month is named.
func TestLine(t *testing.T) {
	t.Parallel()
	p := bare()
	p.Sites[0].Fleet.MW, p.Opening.Cash, p.Overhead = 0, 1_000_000, 12_000_000
	p.Revolver = capital.Revolver{Name: "line", Limit: 500_000, Rate: 0.12}
	r := run(t, p, nil)
	if r.Broke != 1 {
		t.Errorf("cash runs out in month %d, want 1", r.Broke)
	}
	near(t, "revolver", r.Months[1][model.Revolving], 500_000, 1e-6)
	near(t, "unfunded", r.Months[1][model.Missing], 500_000+5_000, 1e-6)
}

// TestCoins lets the price halve: a call is met from free coins, and then they are sold.
func TestCoins(t *testing.T) {
	t.Parallel()
	p := bare()
	p.Sites[0].Fleet.MW, p.Opening.BTC = 0, 30
	p.Treasury.Policy = "hold"
	p.Pledges = []capital.Pledge{{Name: "coins", Amount: 800_000, First: p.Begin, Months: 36, LTV: 0.5, Cure: 0.6, Call: 0.7, Liquidate: 0.85}}
	r := run(t, p, func(_ *model.Model, b *model.Path) {
		for j := range b.Price {
			b.Price[j] = []float64{80_000, 55_000, 55_000, 30_000}[min(j, 3)]
		}
	})
	// 20 coins carry 800,000 at 50 %. At 55,000 that is 72.7 %: 24.24 coins make it 60 %. At 30,000 it is 110 %: all is sold.
	if r.Calls != 1 || r.Liquidations != 1 {
		t.Errorf("%d calls, %d sales: want one of each", r.Calls, r.Liquidations)
	}
	near(t, "owed after the call", r.Months[2][model.Pledged], 800_000, 1e-6)
	near(t, "owed after the sale", r.Months[3][model.Pledged], 0, 1e-6)
	near(t, "coins sold", r.Months[3][model.Spent], 800_000/(0.6*55_000), 1e-3)
}

// TestConverts checks the parts of a conversion: megawatts, rent, ramp, capex, loan.
func TestConverts(t *testing.T) {
	t.Parallel()
	p := washington()
	r := run(t, p, nil)
	var built, interest float64
	for k, l := range r.Months {
		if sum := l[model.Minable] + l[model.Hosted] + l[model.Idle]; math.Abs(sum-18) > 1e-6 {
			t.Errorf("month %d: %.3f MW mine, %.3f are let, %.3f idle: together %.3f of 18", k, l[model.Minable], l[model.Hosted], l[model.Idle], sum)
		}
		built -= l[model.Built]
		interest -= l[model.Capitalised]
	}
	near(t, "capex", built, 128e6, 1e-3)
	near(t, "first rent, at half", r.Months[12][model.Rent], 0.5*125*14_400, 1e-6)
	near(t, "full rent of the first year", r.Months[20][model.Rent], 125*14_400, 1e-6)
	near(t, "rent of the second year", r.Months[24][model.Rent], 1.03*125*14_400, 1e-6)
	near(t, "loan at the end", r.Months[119][model.Loans], 0, 1e-3)
	if interest <= 0 {
		t.Error("no interest became part of the plant")
	}
	if got := r.Sites[0][5][model.Built]; got != r.Months[5][model.Built] {
		t.Errorf("the site built %v, the company %v", got, r.Months[5][model.Built])
	}
}

// TestTieCatches plants a fault in every line that a statement holds: none may pass.
func TestTieCatches(t *testing.T) {
	t.Parallel()
	p := washington()
	for _, lines := range [][]model.Line{model.ProfitLines(), model.FlowLines(), model.BalanceLines()} {
		for _, l := range lines {
			r := run(t, p, nil)
			r.Months[40][l] += 1
			if err := r.Tie(); !errors.Is(err, model.ErrTie) || !strings.Contains(err.Error(), "2029-05") {
				t.Errorf("one dollar too much of %s in 2029-05: %v", model.Names()[l], err)
			}
		}
	}
}

// TestEverythingTies draws plans and futures at random: every statement of each ties.
func TestEverythingTies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := washington()
		p.Years = rapid.IntRange(3, 12).Draw(t, "years")
		p.Treasury.Policy = rapid.SampledFrom([]string{"hold", "sell-all", "cover"}).Draw(t, "policy")
		p.Treasury.Cover = 0
		if p.Treasury.Policy == "cover" {
			p.Treasury.Cover = 30
		}
		p.Opening.Cash = rapid.Float64Range(0, 150e6).Draw(t, "cash")
		p.Opening.BTC = rapid.Float64Range(0, 3000).Draw(t, "btc")
		p.Loans[0].Order = rapid.SampledFrom([]string{capital.ProRata, capital.EquityFirst, capital.DebtFirst}).Draw(t, "order")
		p.Loans[0].Sweep, p.Loans[0].SweepBelow = rapid.Float64Range(0, 1).Draw(t, "sweep"), 2
		p.Projects[0].Equipment = []capital.Equipment{{Name: "gpus", Cost: rapid.Float64Range(1, 200e6).Draw(t, "gpus"), Lead: 2, Years: 4, Residual: 0.2}}
		p.Projects[0].Contract.Default, p.Projects[0].Contract.Renewal, p.Projects[0].Contract.Billed = 0.1, 0.6, 0.9
		g := model.Weekly(p)
		m, err := model.New(p, g, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, b := m.NewRun(), m.Base()
		seed := rapid.Uint64().Draw(t, "seed")
		source := rand.New(rand.NewPCG(seed, 1))
		price, hash := 1.0, 1.0
		for j := range b.Price {
			price *= math.Exp(0.12 * source.NormFloat64())
			hash *= math.Exp(0.05 * source.NormFloat64())
			b.Price[j] *= price
			b.Hash[j] *= hash
		}
		b.Slip = [][]float64{{1 + source.ExpFloat64(), 1 + source.ExpFloat64(), 1 + source.ExpFloat64()}}
		b.Overrun = [][]float64{{1 + source.ExpFloat64()/3, 1 + source.ExpFloat64()/3, 1}}
		b.Default = []float64{source.ExpFloat64() * 40}
		m.Run(b, r)
		if err := r.Tie(); err != nil {
			t.Fatal(err)
		}
		m.Run(b, r) // the same room once more: nothing is left of the run before
		if err := r.Tie(); err != nil {
			t.Fatalf("a second time: %v", err)
		}
	})
}

// TestGrids runs one plan by months and by weeks: sums agree to a few thousandths.
func TestGrids(t *testing.T) {
	t.Parallel()
	p := washington()
	sums := func(g model.Grid) (out [model.LineCount]float64) {
		m, err := model.New(p, g, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := m.NewRun()
		m.Run(m.Base(), r)
		for _, l := range r.Months {
			for i := range l {
				out[i] += l[i]
			}
		}
		return out
	}
	months, weeks := sums(model.Monthly(p)), sums(model.Weekly(p))
	for _, l := range []model.Line{model.Rent, model.Mining, model.Energy, model.Opex, model.Built, model.WriteOff, model.Mined} {
		if math.Abs(months[l]-weeks[l]) > 0.01*math.Abs(months[l]) {
			t.Errorf("%s is %.0f by months and %.0f by weeks", model.Names()[l], months[l], weeks[l])
		}
	}
}

// TestCircular refuses a loan whose size runs away.
func TestCircular(t *testing.T) {
	t.Parallel()
	p := washington()
	p.Loans[0] = capital.Loan{Name: "runaway", For: "conversion", Kind: capital.Annuity, Rate: 0.99, MostOfCost: 1, Tenor: 60, Upfront: 0.9, Order: capital.DebtFirst}
	_, err := model.New(p, model.Monthly(p), nil)
	if !errors.Is(err, model.ErrCircular) && !errors.Is(err, model.ErrPlan) {
		t.Errorf("a loan that pays its own interest and fees: %v", err)
	}
	t.Log(err)
}
