package risk_test

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
	"sluice/capital/risk"
)

// history is made-up weeks of bitcoin.
func history(weeks int) path.History {
	r := rand.New(rand.NewPCG(7, 7))
	at := time.Date(2021, 1, 4, 0, 0, 0, 0, time.UTC)
	price, difficulty := 30000.0, 2e13
	var h path.History
	for range weeks {
		h = append(h, path.Week{Begin: at, Price: price, Difficulty: difficulty, Fees: 1 + 0.02*r.ExpFloat64()})
		price *= math.Exp(0.08*r.NormFloat64() + 0.003)
		difficulty *= math.Exp(0.02*r.NormFloat64() + 0.007)
		at = at.AddDate(0, 0, 7)
	}
	return h
}

// hours is made-up weeks of power prices, and their begins.
func hours(t testing.TB, weeks int) (*model.Hours, []time.Time) {
	r := rand.New(rand.NewPCG(8, 8))
	at := time.Date(2021, 1, 4, 0, 0, 0, 0, time.UTC)
	var all [][]float64
	var begins []time.Time
	for range weeks {
		w := make([]float64, 168)
		for i := range w {
			w[i] = 30 + 20*r.NormFloat64() + 300*math.Max(0, r.NormFloat64()-2.5)
		}
		all, begins, at = append(all, w), append(begins, at), at.AddDate(0, 0, 7)
	}
	h, err := model.NewHours("made-up", all)
	if err != nil {
		t.Fatal(err)
	}
	return h, begins
}

// twenty is a company with some sites, each half converted, with debt and a policy.
func twenty(sites int) capital.Plan {
	p := capital.Plan{
		Name: "twenty", Currency: "USD", Begin: 2026 * 12, Years: 10, Discount: 0.11, Inflation: 0.02, Tax: capital.Tax{Rate: 0.21},
		Market:   capital.Market{Price: 87000, Difficulty: 148.2e12, Height: 930_340, Fees: 0.01, Growth: 0.15, RentDecay: 0.25, Fleet: 33, Newer: 0.086},
		Opening:  capital.Opening{Cash: 30e6 * float64(sites), BTC: 100 * float64(sites), Plant: 20e6 * float64(sites), Years: 4},
		Revolver: capital.Revolver{Name: "line", Limit: 5e6 * float64(sites), Rate: 0.1, Fee: 0.005},
		Pledges:  []capital.Pledge{{Name: "coins", Amount: 1e6 * float64(sites), First: 2026*12 + 1, Months: 24, Rate: 0.1, LTV: 0.4, Cure: 0.5, Call: 0.7, Liquidate: 0.85}},
		Treasury: capital.Treasury{Policy: "cover", Cover: 30},
		Covenants: []capital.Covenant{
			{Name: "coverage", Kind: capital.CoverDSCR, Limit: 1.15, From: 2028 * 12}, {Name: "liquidity", Kind: capital.CoverLiquidity, Limit: 1e6},
			{Name: "loan to value", Kind: capital.CoverLTV, Limit: 0.8},
		},
	}
	for i := range sites {
		name := string(rune('a' + i))
		p.Sites = append(p.Sites, capital.Site{
			Name: name, Gross: 20, Opex: 300_000, Fleet: capital.Fleet{MW: 20, Efficiency: 17 + float64(i%5), PUE: 1.03, Fee: 0.01, Uptime: 0.97, Other: 3, Resale: 20000},
			Power: capital.Power{Price: []float64{35 + float64(i%7)}, Delivery: 4, History: "made-up"},
		})
		p.Projects = append(p.Projects, capital.Project{
			Name: "convert " + name, Site: name, Gross: 10, PUE: 1.25, Begin: capital.Month(2026*12 + i%24), Displaces: true, Opex: 300_000, Residual: 0.3,
			Phases: []capital.Phase{
				{Name: "orders", Cost: 20e6, Months: 5, Years: 15}, {Name: "shell", After: []string{"orders"}, Cost: 40e6, Months: 8, Years: 15},
				{Name: "energise", After: []string{"shell"}, Cost: 10e6, Months: 2, MW: 10, Years: 15},
			},
			Contract: capital.Lease{MW: 8, Rate: 150, Unit: capital.PerKWMonth, Firm: 1, Term: 96, Escalator: 0.03, Load: 0.9, PassThrough: true, Default: 0.02, Vacancy: 6, Renewal: 0.7, Billed: 0.9},
			Slip:     capital.Slip{Mean: 1.34, OnTime: 0.1, Overrun: 1.15, OnBudget: 0.2, Correlation: 0.5},
		})
		p.Loans = append(p.Loans, capital.Loan{Name: "loan " + name, For: "convert " + name, Kind: capital.Sculpted, Rate: 0.09, DSCR: 1.35, MostOfCost: 0.65, Tenor: 84, Upfront: 0.02, Commitment: 0.005, Reserve: 6})
	}
	return p
}

// futures is a plan with its futures.
func futures(t testing.TB, sites int) (*model.Model, *risk.Futures) {
	h, begins := hours(t, 260)
	p := twenty(sites)
	m, err := model.New(p, model.Weekly(p), map[string]*model.Hours{"made-up": h})
	if err != nil {
		t.Fatal(err)
	}
	f, err := risk.NewFutures(m, history(260), begins, risk.Usual(1))
	if err != nil {
		t.Fatal(err)
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

func BenchmarkTwentySites(b *testing.B) {
	m, f := futures(b, 20)
	b.ResetTimer()
	for b.Loop() {
		if _, err := risk.Analyse(context.Background(), m, f, 1000); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMoves runs scenarios, the tornado, the drivers and the reverse stress test.
func TestMoves(t *testing.T) {
	t.Parallel()
	m, f := futures(t, 3)
	h, _ := hours(t, 260)
	remake := func(p capital.Plan) (*model.Model, error) {
		return model.New(p, m.Grid(), map[string]*model.Hours{"made-up": h})
	}
	all, err := f.Scenarios(remake)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		t.Logf("%-50s NPV %.1f M least %.1f M broke %d breach %q %d %s", s.Name, s.NPV/1e6, s.Least/1e6, s.Broke, s.Breach, s.Quarter, s.Void)
	}
	bars, err := f.Tornado(remake)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bars {
		t.Logf("%-25s %.3f..%.3f NPV %.1f..%.1f M", b.Name, b.Low, b.High, b.AtLow/1e6, b.AtHigh/1e6)
	}
	for _, d := range f.Drivers(300) {
		t.Logf("%s %.3f +- %.3f", d.Factor, d.Index, d.Error)
	}
	best, alone, err := f.Reverse(remake)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v\n%+v", best, alone)
}
