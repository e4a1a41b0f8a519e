package risk_test

import (
	"context"
	"runtime"
	"testing"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/risk"
	"sluice/internal/company"
)

// futures is a plan with its futures.
func futures(t testing.TB, sites int) (*model.Model, *risk.Futures) {
	prices, begins := company.Prices(260)
	h, err := model.NewHours(company.Power, prices)
	if err != nil {
		t.Fatal(err)
	}
	p := company.Plan(sites)
	m, err := model.New(p, model.Weekly(p), map[string]*model.Hours{company.Power: h})
	if err != nil {
		t.Fatal(err)
	}
	f, err := risk.NewFutures(m, company.History(260), begins, risk.Usual(1))
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
	prices, _ := company.Prices(260)
	h, err := model.NewHours(company.Power, prices)
	if err != nil {
		t.Fatal(err)
	}
	remake := func(p capital.Plan) (*model.Model, error) {
		return model.New(p, m.Grid(), map[string]*model.Hours{company.Power: h})
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
