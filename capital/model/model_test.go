package model_test

import (
	"math"
	"testing"

	"sluice/capital"
	"sluice/capital/model"
)

// washington is the conversion of 18 MW that was announced for 128 million, with a
// mining fleet that it displaces.
func washington() capital.Plan {
	return capital.Plan{
		Name: "washington", Currency: "USD", Begin: 2026 * 12, Years: 10, Discount: 0.10, Inflation: 0.025,
		Tax:     capital.Tax{Rate: 0.21},
		Market:  capital.Market{Price: 87000, Difficulty: 148.2e12, Height: 930_340, Fees: 0.01, Growth: 0.15, RentDecay: 0.25},
		Opening: capital.Opening{Cash: 87e6, BTC: 1000, Plant: 40e6, Years: 4, Taxed: 20e6},
		Sites: []capital.Site{{
			Name: "moses-lake", Gross: 18, Opex: 400_000,
			Fleet: capital.Fleet{MW: 18, Efficiency: 18, PUE: 1.03, Fee: 0.01, Uptime: 0.97, Other: 3, Upkeep: 5000, Resale: 50_000},
			Power: capital.Power{Price: []float64{42}, Delivery: 3},
		}},
		Projects: []capital.Project{{
			Name: "conversion", Site: "moses-lake", Gross: 18, Critical: 14.4, PUE: 1.25, Begin: 2026 * 12, Capex: 128e6, Displaces: true, Opex: 450_000, Residual: 0.3,
			Phases: []capital.Phase{
				{Name: "orders", Cost: 30e6, Months: 4, Years: 15, Tax: "seven-year"},
				{Name: "shell", After: []string{"orders"}, Cost: 60e6, Months: 6, Years: 15},
				{Name: "energise", After: []string{"shell"}, Cost: 38e6, Months: 2, MW: 18, Years: 15},
			},
			Contract: capital.Lease{Product: "colocation", MW: 14.4, Rate: 125, Unit: capital.PerKWMonth, Firm: 1, Term: 120, Escalator: 0.03, Ramp: []float64{0.5, 0.75}, Load: 0.9, PassThrough: true, Credits: 0.01, Prepaid: 0.05, CreditFrom: 24, CreditTo: 60},
		}},
		Loans:    []capital.Loan{{Name: "project loan", For: "conversion", Kind: capital.Sculpted, Rate: 0.09, DSCR: 1.3, MostOfCost: 0.7, Tenor: 108, OnlyIntr: 3, Upfront: 0.02, Commitment: 0.005, Reserve: 6}},
		Pledges:  []capital.Pledge{{Name: "coins", Amount: 20e6, First: 2026*12 + 1, Months: 24, Rate: 0.1, LTV: 0.4, Cure: 0.5, Call: 0.7, Liquidate: 0.85}},
		Revolver: capital.Revolver{Name: "line", Limit: 10e6, Rate: 0.1, Fee: 0.005},
		Treasury: capital.Treasury{Policy: "cover", Cover: 30, Owners: 0.5, OwnersMin: 60e6},
	}
}

// TestTies runs a plan by months and by weeks, and checks every statement.
func TestTies(t *testing.T) {
	t.Parallel()
	p := washington()
	for name, g := range map[string]model.Grid{"months": model.Monthly(p), "weeks": model.Weekly(p)} {
		m, err := model.New(p, g, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := m.NewRun()
		r.Detail = true
		m.Run(m.Base(), r)
		if err := r.Tie(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for k := 0; k < len(r.Months); k += 12 {
			l := r.Months[min(k+11, len(r.Months)-1)]
			t.Logf("%s %s cash %.1f M loans %.1f plant %.1f equity %.1f btc %.1f rent %.2f mining %.2f ebitda %.2f dscr %v mining MW %.1f hosted %.1f miss %.1f pledged %.1f aside %.1f", name, p.Begin.Add(k+11), l[model.Cash]/1e6, l[model.Loans]/1e6, l[model.Plant]/1e6, l[model.Equity]/1e6, l[model.BTC], l[model.Rent]/1e6, l[model.Mining]/1e6, model.EBITDA(&l)/1e6, r.Tested[(k+11)/3].DSCR, l[model.Minable], l[model.Hosted], l[model.Missing]/1e6, l[model.Pledged]/1e6, l[model.Aside]/1e6)
		}
		if math.IsNaN(r.Months[0][model.Cash]) {
			t.Error("no number")
		}
	}
}

func BenchmarkRun(b *testing.B) {
	p := washington()
	m, err := model.New(p, model.Weekly(p), nil)
	if err != nil {
		b.Fatal(err)
	}
	r, path := m.NewRun(), m.Base()
	for b.Loop() {
		m.Run(path, r)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/522, "ns/site-week")
}
