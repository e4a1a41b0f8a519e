package risk_test

import (
	"context"
	"math"
	"runtime"
	"testing"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/risk"
	"sluice/internal/company"
)

// futures is a plan with its futures.
func futures(tb testing.TB, sites int) (*model.Model, *risk.Futures) {
	tb.Helper()
	prices, begins := company.Prices(260)
	h, err := model.NewHours(company.Power, prices)
	if err != nil {
		tb.Fatal(err)
	}
	p := company.Plan(sites)
	m, err := model.New(p, model.Weekly(p), map[string]*model.Hours{company.Power: h})
	if err != nil {
		tb.Fatal(err)
	}
	f, err := risk.NewFutures(m, company.History(260), begins, risk.Usual(1))
	if err != nil {
		tb.Fatal(err)
	}
	return m, f
}

// TestAnalyse runs a small company on some futures: the statements of all of them
// tie, probabilities are some, and the number of processors moves nothing.
func TestAnalyse(t *testing.T) {
	m, f := futures(t, 3)
	one, err := risk.Analyse(t.Context(), m, f, 400)
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.GOMAXPROCS(1)
	two, err := risk.Analyse(t.Context(), m, f, 400)
	runtime.GOMAXPROCS(before)
	if err != nil {
		t.Fatal(err)
	}
	if one.NPV != two.NPV || one.Broke != two.Broke || one.CVaR != two.CVaR {
		t.Errorf("on one processor %+v, on %d %+v", two.NPV, before, one.NPV)
	}
	t.Logf("NPV %+v planned %+v", one.NPV, one.Planned)
	t.Logf("broke %.3f runway %.1f CFaR %.2f M VaR %.2f CVaR %.2f calls %.2f liq %.2f IRR %+v none %.2f", one.Broke, one.Runway, one.CFaR/1e6, one.AtRisk/1e6, one.CVaR/1e6, one.Calls, one.Liquidated, one.IRR, one.NoReturn)
	for _, c := range one.Covenants {
		t.Logf("%s %.3f %v", c.Name, c.Ever, c.Breach[:12])
	}
	if !(one.NPV.P10 < one.NPV.P50 && one.NPV.P50 < one.NPV.P90) {
		t.Errorf("the spread of NPV is none: %+v", one.NPV)
	}
}

// TestNothing: a fan is left out only where it is nought on every future.
func TestNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   []capital.Spread
		want bool
	}{
		{nil, true},
		{[]capital.Spread{{N: 9}, {N: 9}}, true},
		{[]capital.Spread{{P5: math.NaN(), Least: math.NaN()}}, true}, // of no future
		{[]capital.Spread{{N: 9}, {N: 9, Greatest: 0.1}}, false},
		{[]capital.Spread{{N: 9, Least: -1}}, false},
	} {
		f := risk.Fan{Name: "BTC held", At: c.at}
		if f.Nothing() != c.want {
			t.Errorf("%+v is nothing: %v", c.at, !c.want)
		}
	}
}

func BenchmarkTwentySites(b *testing.B) {
	m, f := futures(b, 20)
	b.ResetTimer()
	for b.Loop() {
		if _, err := risk.Analyse(context.Background(), m, f, 1000); err != nil {
			b.Fatal(err)
		}
	}
}

// remade makes variants of the plan ready on the same grid.
func remade(t *testing.T, m *model.Model) func(capital.Plan) (*model.Model, error) {
	t.Helper()
	prices, _ := company.Prices(260)
	h, err := model.NewHours(company.Power, prices)
	if err != nil {
		t.Fatal(err)
	}
	return func(p capital.Plan) (*model.Model, error) {
		return model.New(p, m.Grid(), map[string]*model.Hours{company.Power: h})
	}
}

// TestScenarios: what is worse for the company is worse in its figures.
func TestScenarios(t *testing.T) {
	t.Parallel()
	m, f := futures(t, 3)
	all, err := f.Scenarios(remade(t, m))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]risk.Scenario{}
	for _, s := range all {
		by[s.Name] = s
	}
	flat := by["price and difficulty stay, the halving comes"]
	for _, name := range []string{"the halving comes in a year, at a flat price", "every tenant fails in month 18", "twelve months late and 20 % dearer", "hashprice at its historical low for a year"} {
		s, ok := by[name]
		if !ok || s.Void != "" || s.NPV >= flat.NPV {
			t.Errorf("%s: NPV %.0f, without it %.0f, %q", name, s.NPV, flat.NPV, s.Void)
		}
	}
	if s := by["equipment is worth nothing at the end of its life"]; s.Void == "" {
		t.Errorf("a company without equipment is told what it would be worth without: %+v", s)
	}
	if s := by["every tenant fails in month 18"]; s.Quarter < 0 || s.Breach == "" {
		t.Errorf("no tenant pays and no promise breaks: %+v", s)
	}
}

// TestTornado: inputs move the value the right way, widest first, and what is moved by
// nothing is left out.
func TestTornado(t *testing.T) {
	t.Parallel()
	m, f := futures(t, 2)
	bars, err := f.Tornado(remade(t, m))
	if err != nil {
		t.Fatal(err)
	}
	up := map[string]bool{"price of bitcoin": true, "bitcoin per hash": true, "rate of contracts": true, "residual values": true, "price of power": false, "operating cost": false, "cost to build": false, "discount rate": false}
	for i, b := range bars {
		if i > 0 && b.Width() > bars[i-1].Width() {
			t.Errorf("%s is wider than %s and stands below it", b.Name, bars[i-1].Name)
		}
		if better, known := up[b.Name]; known && better != (b.AtHigh > b.AtLow) {
			t.Errorf("%s from %v to %v moves NPV from %.0f to %.0f", b.Name, b.Low, b.High, b.AtLow, b.AtHigh)
		}
		delete(up, b.Name)
	}
	if len(up) > 0 {
		t.Errorf("not moved: %v", up)
	}
}

// TestDrivers: a company of one site that mines owes its spread to the market alone.
func TestDrivers(t *testing.T) {
	t.Parallel()
	_, f := futures(t, 2)
	var sum float64
	for _, d := range f.Drivers(200) {
		sum += d.Index
		if d.Index < -4*d.Error || d.Index > 1+1e-9 {
			t.Errorf("%s explains %.3f ± %.3f of the spread", d.Factor, d.Index, d.Error)
		}
	}
	if sum < 0.5 || sum > 1.5 {
		t.Errorf("all factors explain %.3f of the spread", sum)
	}
}

// TestReverse: the smallest joint move is no larger than that of one input alone, a
// little less does not break anything, and a promise that is broken already needs none.
func TestReverse(t *testing.T) {
	t.Parallel()
	prices, begins := company.Prices(260)
	h, err := model.NewHours(company.Power, prices)
	if err != nil {
		t.Fatal(err)
	}
	hours := map[string]*model.Hours{company.Power: h}
	p := company.Plan(1)
	p.Projects, p.Loans, p.Pledges = nil, nil, nil
	p.Opening.Cash, p.Opening.BTC, p.Revolver, p.Treasury = 300_000, 0, capital.Revolver{}, capital.Treasury{Policy: "sell-all"}
	p.Covenants = []capital.Covenant{{Name: "liquidity", Kind: capital.CoverLiquidity, Limit: 280_000}}
	p.Sites[0].Opex = 900_000
	look := func(p capital.Plan) (risk.Move, []risk.Move) {
		m, err := model.New(p, model.Weekly(p), hours)
		if err != nil {
			t.Fatal(err)
		}
		f, err := risk.NewFutures(m, company.History(260), begins, risk.Usual(1))
		if err != nil {
			t.Fatal(err)
		}
		best, alone, err := f.Reverse(func(p capital.Plan) (*model.Model, error) { return model.New(p, m.Grid(), hours) })
		if err != nil {
			t.Fatal(err)
		}
		return best, alone
	}
	best, alone := look(p)
	if best.Promise == "" || best.Size <= 0 || best.Month < 0 || best.Month > 11 {
		t.Fatalf("the smallest move is %+v", best)
	}
	for _, a := range alone {
		if a.Promise != "" && a.Size < best.Size-0.011 {
			t.Errorf("alone it takes %.2f, together %.2f", a.Size, best.Size)
		}
	}
	p.Covenants[0].Limit = 1e12
	if best, _ = look(p); best.Size != 0 {
		t.Errorf("a promise that is broken as planned needs a move of %v", best.Size)
	}
}

// TestSameChance: a plan without one project meets the same chance in all the others,
// and the same plan differs from itself by exactly nothing.
func TestSameChance(t *testing.T) {
	t.Parallel()
	m, f := futures(t, 3)
	p := m.Plan()
	less := p.Without(p.Projects[0].Name)
	prices, begins := company.Prices(260)
	h, err := model.NewHours(company.Power, prices)
	if err != nil {
		t.Fatal(err)
	}
	n, err := model.New(less, m.Grid(), map[string]*model.Hours{company.Power: h})
	if err != nil {
		t.Fatal(err)
	}
	g, err := risk.NewFutures(n, company.History(260), begins, risk.Usual(1))
	if err != nil {
		t.Fatal(err)
	}
	a, b, again := f.New(), g.New(), f.New()
	for number := range uint64(50) {
		f.Draw(number, a)
		g.Draw(number, b)
		f.Draw(number, again)
		for j := range a.Price {
			if a.Price[j] != b.Price[j] || a.Hash[j] != b.Hash[j] || a.Rent[j] != b.Rent[j] || a.Power[j] != b.Power[j] || a.Price[j] != again.Price[j] {
				t.Fatalf("future %d differs in week %d", number, j)
			}
		}
		for i := range b.Default {
			if a.Default[i+1] != b.Default[i] || a.Slip[i+1][0] != b.Slip[i][0] || a.Overrun[i+1][2] != b.Overrun[i][2] {
				t.Errorf("future %d: %s meets another chance where another project is left out", number, less.Projects[i].Name)
			}
		}
	}
}

// TestRefuses gives what makes no sense.
func TestRefuses(t *testing.T) {
	t.Parallel()
	m, f := futures(t, 1)
	if _, err := risk.Analyse(t.Context(), m, f, 1); err == nil {
		t.Error("one future has no spread")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := risk.Analyse(ended, m, f, 100); err == nil {
		t.Error("it went on after it was told to end")
	}
	c := risk.Usual(1)
	c.Slow, c.Fast = 0.5, 0.2
	if _, err := risk.NewFutures(m, company.History(260), nil, c); err == nil {
		t.Error("rents that fall by 50 % at least and 20 % at most")
	}
	if _, err := risk.NewFutures(m, company.History(60), nil, risk.Usual(1)); err == nil {
		t.Error("60 weeks of history are enough for a window of 156")
	}
}
