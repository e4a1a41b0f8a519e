package treasury_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/treasury"
)

// small is a miner whose weeks are reckoned by hand: 0.035 BTC for 1,680 USD of power
// and 1,000 of operations.
func small() treasury.Miner {
	return treasury.Miner{PH: 10, Efficiency: 20, PUE: 1, Uptime: 1, Power: 50, Opex: 1000, Cash: 5000}
}

// three are its weeks.
func three() treasury.Path {
	p := weeks(3, 0, 0.0005)
	p.Price = []float64{100_000, 80_000, 60_000}
	return p
}

// TestByHand: three weeks, worked in docs/formula/treasury.md.
func TestByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p                        treasury.Policy
		cash, btc, least, forced float64
	}{
		{treasury.Policy{Kind: treasury.Hold}, 0, 0.105 - 0.0045 - 2680.0/60_000, 0, 0.0045 + 2680.0/60_000},
		{treasury.Policy{Kind: treasury.SellAll}, 5360, 0, 5000, 0},
		{treasury.Policy{Kind: treasury.Cover, Cover: 14}, 2680 + 0.0411*60_000, 0, 5000, 0},
		{treasury.Policy{Kind: treasury.Part, Share: 0.5}, 5000 - 3*2680 + 0.0175*240_000, 0.0525, 1160, 0},
		{treasury.Policy{Kind: treasury.Threshold, Share: 1, Floor: 3000}, 3000, 0.105 - (680.0/100_000 + 2680.0/80_000 + 2680.0/60_000), 3000, 0},
		{treasury.Policy{Kind: treasury.Average, Share: 1, Every: 2}, 5000 - 3*2680 + 3500 + 0.07*60_000, 0, 3140, 0},
	} {
		r, err := treasury.Backtest(small(), three(), c.p)
		if err != nil {
			t.Fatal(err)
		}
		if !near(r.Cash, c.cash) || !near(r.BTC, c.btc) || !near(r.Least, c.least) || !near(r.Forced, c.forced) || r.Out != -1 || !near(r.Mined, 0.105) || !near(r.Net, c.cash+c.btc*60_000) || !near(r.Flow, c.cash-5000) {
			t.Errorf("%v: %+v", c.p.Kind, r.Outcome)
		}
		if r.Sold > 0 && !near(r.Mean, r.Proceeds/r.Sold) {
			t.Errorf("%v: a mean price of %v", c.p.Kind, r.Mean)
		}
	}
}

// TestCashRunsOut: the week is named, and the hole is as deep as what bills lack.
func TestCashRunsOut(t *testing.T) {
	t.Parallel()
	m, p := small(), three()
	m.Opex, p.Price[2] = 3000, 20_000 // bills of 4,680 a week
	r, err := treasury.Backtest(m, p, treasury.Policy{Kind: treasury.SellAll})
	// 5000 - 4680 + 3500 = 3820; - 4680 + 2800 = 1940; - 4680 + 700 = -2040
	if err != nil || r.Out != 2 || r.LeastWeek != 2 || !near(r.Least, -2040) || !near(r.Steps[2].Unmet, 2040) {
		t.Errorf("%+v, %v", r.Outcome, err)
	}
	m.Stops = true // a MWh earns 20.83 USD at 20,000, and costs 50
	if r, err = treasury.Backtest(m, p, treasury.Policy{Kind: treasury.SellAll}); err != nil || r.Off != 1 || !near(r.Cash, 1940-3000) {
		t.Errorf("%+v, %v", r.Outcome, err)
	}
}

// TestPledgeInBacktest: a call takes free coins, then cash, then the lender sells, and
// what that leaves is due and runs the miner out of cash.
func TestPledgeInBacktest(t *testing.T) {
	t.Parallel()
	m, p := small(), three()
	m.BTC = 2
	m.Loans = []treasury.Rung{{Name: "a", Owed: 80_000, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85, Rate: 0.073}}
	p.Price = []float64{100_000, 70_000, 30_000}
	r, err := treasury.Backtest(m, p, treasury.Policy{})
	if err != nil || len(r.Calls) != 2 || r.Called != 2 {
		t.Fatalf("%+v, %v", r.Calls, err)
	}
	if !near(r.Begin.Lodged, 1.6) || !near(r.Begin.Free, 0.4) || !near(r.Steps[0].Interest, 112) {
		t.Errorf("%+v, %+v", r.Begin, r.Steps[0])
	}
	if c := r.Calls[0]; !near(c.Before, 80_000/(1.6*70_000)) || !near(c.Coins, 80_000/0.6/70_000-1.6) || !near(c.After, 0.6) {
		t.Errorf("%+v", c)
	}
	if c := r.Calls[1]; c.Sold == 0 || c.Due <= 0 || r.Out != 2 || !near(r.Seized, c.Sold) || r.Owed != 0 || !near(r.Net, r.Cash) {
		t.Errorf("%+v, %+v", c, r.Outcome)
	}
	m.BTC = 1.5
	if _, err := treasury.Backtest(m, p, treasury.Policy{}); !errors.Is(err, treasury.ErrMiner) || !strings.Contains(err.Error(), "hold more, or borrow less") {
		t.Error(err)
	}
}

// TestHedgedMiner: a forward on all its hash rate, paid in cash, makes the income of
// the month that of the fixed rate; coins that are owed and not there are bought.
func TestHedgedMiner(t *testing.T) {
	t.Parallel()
	p := weeks(8, 100_000, 0.0005)
	p.Price[2], p.Price[3] = 60_000, 140_000
	f := treasury.Forward{PH: 10, Month: capital.MonthOf(p.Begin[1]), Rate: 45}
	all := treasury.Policy{Kind: treasury.SellAll}
	bare, err := treasury.Backtest(small(), p, all)
	if err != nil {
		t.Fatal(err)
	}
	m := small()
	m.Hedges = []treasury.Hedge{f}
	hedged, err := treasury.Backtest(m, p, all)
	index, days, _ := f.Average(p)
	if err != nil || !near(hedged.Cash-bare.Cash, 10*days*(45-index)) {
		t.Errorf("%v and %v: %v", hedged.Cash, bare.Cash, err)
	}
	m.Hedges = []treasury.Hedge{treasury.Forward{PH: 1000, Month: f.Month, Rate: 40, Settle: treasury.InCoins}}
	m.Cash = 1e6
	coins, err := treasury.Backtest(m, p, all)
	if err != nil {
		t.Fatal(err)
	}
	if s := coins.Steps[4]; !near(s.Settled, 1000*31*(40-index)/100_000) || !near(s.Bought, -s.Settled-0.035) || !near(s.Delivery, s.Bought*100_000) {
		t.Errorf("%+v", s)
	}
}

// oversold is a rule that sells a little more than it may.
type oversold struct{ factor, add float64 }

func (o oversold) Sell(s treasury.State) float64 { return s.Free*o.factor + o.add }
func (oversold) Horizon() float64                { return 1 }

// TestCheatsAreRefused: the rule is a plug for tests; policies cannot do it.
func TestCheatsAreRefused(t *testing.T) {
	t.Parallel()
	for sentence, rule := range map[string]oversold{
		"a millionth more than is free": {1.000001, 0}, "a coin that is not there": {0, 1},
		"a sale below nothing": {0, -0.001}, "no number": {math.NaN(), 0},
	} {
		if _, err := treasury.BacktestRule(small(), three(), rule); !errors.Is(err, treasury.ErrLedger) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := treasury.BacktestRule(small(), three(), oversold{1, 0}); err != nil {
		t.Errorf("an honest rule: %v", err)
	}
}

// TestLedgerSeesEverything: whichever flow or balance of a week is changed, the
// checker refuses the week.
func TestLedgerSeesEverything(t *testing.T) {
	t.Parallel()
	m := small()
	m.BTC, m.Cash = 2, 50_000
	m.Loans = []treasury.Rung{{Owed: 80_000, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85}}
	r, err := treasury.Backtest(m, three(), treasury.Policy{Kind: treasury.Part, Share: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	before := &r.Steps[1]
	if err := r.Steps[2].Conserved(before); err != nil {
		t.Fatal(err)
	}
	fields := reflect.TypeFor[treasury.Step]()
	for i := range fields.NumField() {
		if name := fields.Field(i).Name; !slices.Contains([]string{"Week", "Price", "Unmet"}, name) {
			s := r.Steps[2]
			f := reflect.ValueOf(&s).Elem().Field(i)
			f.SetFloat(f.Float() + 0.01)
			if err := s.Conserved(before); !errors.Is(err, treasury.ErrLedger) {
				t.Errorf("%s was changed: %v", name, err)
			}
		}
	}
}

// anyMiner draws a miner with loans and hedges.
func anyMiner(t *rapid.T, price float64) treasury.Miner {
	m := small()
	m.Cash, m.Opex = rapid.Float64Range(-1000, 1e5).Draw(t, "cash"), rapid.Float64Range(0, 5000).Draw(t, "opex")
	m.Stops, m.SaleCost, m.Fee = rapid.Bool().Draw(t, "stops"), rapid.Float64Range(0, 0.05).Draw(t, "cost"), 0.02
	m.BTC = rapid.Float64Range(0, 2).Draw(t, "btc")
	if rapid.Bool().Draw(t, "pledged") {
		m.Loans = anyRungs(t)
		for _, r := range m.Loans {
			m.BTC += r.Owed / (r.LTV0 * price)
		}
	}
	if rapid.Bool().Draw(t, "hedged") {
		m.Hedges = []treasury.Hedge{
			treasury.Futures{BTC: 0.3, From: 1, To: 15, Roll: 4, Basis: 0.05, Margin: 0.4, Cost: 0.001},
			treasury.Collar{BTC: 0.2, Floor: 0.7 * price, Cap: 1.5 * price, Volatility: [2]float64{0.6, 0.6}, Weeks: 12},
			treasury.Forward{PH: 10, Month: capital.MonthOf(weeks(2, 1, 1).Begin[1]), Rate: 30, Settle: treasury.InCoins},
		}
	}
	return m
}

// TestBacktestConserves: over a whole run no coin and no dollar appears or is lost,
// whatever the miner, its loans, its hedges and the policy, and no week sells more
// than is free.
func TestBacktestConserves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		path := anyPath(t, 20)
		m := anyMiner(t, path.Price[0])
		r, err := treasury.Backtest(m, path, anyPolicy(t))
		if err != nil {
			t.Fatal(err)
		}
		coins, cash, debt, hole := m.BTC, m.Cash, r.Begin.Owed, 0.0
		before := &r.Begin
		turned := math.Abs(cash)
		for i := range r.Steps {
			s := &r.Steps[i]
			if err := s.Conserved(before); err != nil {
				t.Fatal(err)
			}
			coins += s.Mined + s.Settled + s.Bought - s.Sold - s.Forced - s.Seized
			cash += s.Proceeds + s.Hedges - s.Delivery - s.Power - s.Opex - s.Service - s.Interest - s.Repaid - s.Due
			debt -= s.Repaid + s.Cleared + s.Due
			turned += s.Proceeds + s.Delivery + math.Abs(s.Hedges)
			hole = max(hole, -s.Cash)
			if s.Cash < -1e-6*(1+turned) && s.Free > 1e-9 {
				t.Fatalf("week %d: bills lack %v and %v BTC are free", i, s.Cash, s.Free)
			}
			before = s
		}
		if math.Abs(coins-r.BTC) > 1e-9*(1+r.Mined+m.BTC) || math.Abs(cash-r.Cash) > 1e-9*(1+turned) || math.Abs(debt-r.Owed) > 1e-9*(1+r.Begin.Owed) || hole > 0.01 && r.Out < 0 {
			t.Fatalf("flows leave %v BTC, %v USD, %v owed: %+v", coins, cash, debt, r.Outcome)
		}
	})
}

// TestMiners that make no sense are refused.
func TestMiners(t *testing.T) {
	t.Parallel()
	for sentence, spoil := range map[string]func(*treasury.Miner){
		"joules for watts":      func(m *treasury.Miner) { m.Efficiency = 0 },
		"a facility that gains": func(m *treasury.Miner) { m.PUE = 0.9 },
		"a fee in percent":      func(m *treasury.Miner) { m.Fee = 2 },
		"coins below nothing":   func(m *treasury.Miner) { m.BTC = -1 },
		"no number":             func(m *treasury.Miner) { m.Power = math.Inf(1) },
	} {
		m := small()
		spoil(&m)
		if _, err := treasury.Backtest(m, three(), treasury.Policy{}); !errors.Is(err, treasury.ErrMiner) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	for sentence, spoil := range map[string]func(*treasury.Path){
		"a price of nothing":   func(p *treasury.Path) { p.Price[1] = 0 },
		"a hashprice too few":  func(p *treasury.Path) { p.Hashprice = p.Hashprice[:2] },
		"no week":              func(p *treasury.Path) { *p = treasury.Path{} },
		"weeks that go back":   func(p *treasury.Path) { p.Begin[2] = p.Begin[0] },
		"a hashprice below it": func(p *treasury.Path) { p.Hashprice[0] = -1 },
	} {
		p := three()
		spoil(&p)
		if _, err := treasury.Backtest(small(), p, treasury.Policy{}); !errors.Is(err, treasury.ErrPath) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// draws are random walks of price, hashprice at its first value.
func draws(n, weeks int) treasury.Paths {
	var out treasury.Paths
	for i := range n {
		chance := capital.Stream(7, uint64(i))
		price, hash := make([]float64, weeks), make([]float64, weeks)
		at := 100_000.0
		for t := range price {
			price[t], hash[t] = at, 0.0005
			at *= math.Exp(0.09*chance.NormFloat64() - 0.004)
		}
		out.Price, out.Hashprice = append(out.Price, price), append(out.Hashprice, hash)
	}
	return out
}

// TestRank: the order is that of the three figures, all meet the same paths, and the
// outcomes are those of one run after the other, to the bit.
func TestRank(t *testing.T) {
	t.Parallel()
	m := small()
	m.Cash, m.BTC, m.SaleCost = 20_000, 1, 0.005
	m.Loans = []treasury.Rung{{Owed: 40_000, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85, Rate: 0.1}}
	paths, plan := draws(400, 104), weeks(104, 100_000, 0.0005)
	choices := []treasury.Choice{
		{Name: "hold"},
		{Name: "sell all", Policy: treasury.Policy{Kind: treasury.SellAll}},
		{Name: "cover 90", Policy: treasury.Policy{Kind: treasury.Cover, Cover: 90}},
		{Name: "average", Policy: treasury.Policy{Kind: treasury.Average, Share: 0.5, Every: 13, Evenly: true}},
	}
	all, err := treasury.Rank(m, plan, paths, choices)
	if err != nil || len(all) != len(choices) {
		t.Fatal(all, err)
	}
	for i, r := range all {
		t.Logf("%-9s runs out %.3f ± %.3f, CFaR %8.0f ± %5.0f, net %8.0f ± %5.0f, called %.3f", r.Name, r.Out, r.OutError, r.CFaR, r.CFaRError, r.Net.Mean, r.Net.Error, r.Called)
		if i > 0 && (all[i-1].Out > r.Out || all[i-1].Out == r.Out && all[i-1].CFaR > r.CFaR) {
			t.Errorf("%s stands before %s", all[i-1].Name, r.Name)
		}
		outcomes, err := treasury.Run(m, paths, r.Policy)
		if err != nil {
			t.Fatal(err)
		}
		var gone, net float64
		var flows []float64
		for k, o := range outcomes {
			one, err := treasury.Backtest(m, paths.Row(k), r.Policy)
			if err != nil || one.Outcome != o {
				t.Fatalf("path %d alone: %+v, together: %+v, %v", k, one.Outcome, o, err)
			}
			if o.Out >= 0 {
				gone++
			}
			net += o.Net
			flows = append(flows, one.Steps[51].Cash-m.Cash)
		}
		slices.Sort(flows)
		if r.Out != gone/400 || !near(r.Net.Mean, net/400) || !near(r.CFaR, r.Plan-capital.Quantile(flows, 0.05)) {
			t.Errorf("%s: %+v", r.Name, r)
		}
	}
	if _, err := treasury.Rank(m, plan, treasury.Paths{}, choices); !errors.Is(err, treasury.ErrPath) {
		t.Error(err)
	}
	paths.Price[3][5] = math.NaN()
	if _, err := treasury.Run(m, paths, treasury.Policy{}); !errors.Is(err, treasury.ErrPath) {
		t.Error(err)
	}
}

// TestNoAllocation: the hot loop asks for no memory, calls of lenders included.
func TestNoAllocation(t *testing.T) {
	m := small()
	m.BTC, m.Cash = 3, 50_000
	m.Loans = []treasury.Rung{{Owed: 100_000, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85}}
	walk, err := treasury.Walker(m, treasury.Policy{Kind: treasury.Cover, Cover: 30})
	if err != nil {
		t.Fatal(err)
	}
	path := draws(1, 520).Row(0)
	if n := testing.AllocsPerRun(10, func() {
		if _, err := walk(path); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a path", n)
	}
}

func BenchmarkSell(b *testing.B) {
	p := treasury.Policy{Kind: treasury.Threshold, Share: 0.8, Floor: 1e6}
	s := treasury.State{Price: 90_000, Cash: 5e5, BTC: 40, Free: 30}
	var got float64
	for b.Loop() {
		got += p.Sell(s)
	}
	if got == 0 {
		b.Fatal("nothing was sold")
	}
}

func BenchmarkPath(b *testing.B) {
	m := small()
	m.BTC, m.Cash = 3, 50_000
	m.Loans = []treasury.Rung{{Owed: 100_000, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85}}
	walk, err := treasury.Walker(m, treasury.Policy{Kind: treasury.Cover, Cover: 30})
	if err != nil {
		b.Fatal(err)
	}
	path := draws(1, 520).Row(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := walk(path); err != nil {
			b.Fatal(err)
		}
	}
}
