// Package company makes up companies and their history, which tests and benchmarks
// share. Nothing in it is anybody's figure.
package company

import (
	"math"
	"math/rand/v2"
	"time"

	"sluice/capital"
	"sluice/capital/path"
)

// Power is the name of the made-up history of power prices that the sites name.
const Power = "made-up"

// begin is the first week of the made-up histories.
func begin() time.Time { return time.Date(2021, 1, 4, 0, 0, 0, 0, time.UTC) }

// History is made-up weeks of bitcoin.
func History(weeks int) path.History {
	r := rand.New(rand.NewPCG(7, 7))
	at, price, difficulty := begin(), 30000.0, 2e13
	var h path.History
	for range weeks {
		h = append(h, path.Week{Begin: at, Price: price, Difficulty: difficulty, Fees: 1 + 0.02*r.ExpFloat64()})
		price *= math.Exp(0.08*r.NormFloat64() + 0.003)
		difficulty *= math.Exp(0.02*r.NormFloat64() + 0.007)
		at = at.AddDate(0, 0, 7)
	}
	return h
}

// Prices is made-up weeks of power prices by the hour, USD/MWh, and their begins.
func Prices(weeks int) (prices [][]float64, begins []time.Time) {
	r := rand.New(rand.NewPCG(8, 8))
	at := begin()
	for range weeks {
		w := make([]float64, 168)
		for i := range w {
			w[i] = 30 + 20*r.NormFloat64() + 300*math.Max(0, r.NormFloat64()-2.5)
		}
		prices, begins, at = append(prices, w), append(begins, at), at.AddDate(0, 0, 7)
	}
	return prices, begins
}

// Plan is ten years of a company with up to 26 sites of 20 MW, each half converted,
// with a loan for each conversion, a revolver, a loan against coins and a policy.
func Plan(sites int) capital.Plan {
	n := float64(sites)
	p := capital.Plan{
		Name: "twenty", Currency: "USD", Begin: 2026 * 12, Years: 10, Discount: 0.11, Inflation: 0.02, Tax: capital.Tax{Rate: 0.21},
		Market:   capital.Market{Price: 87000, Difficulty: 148.2e12, Height: 930_340, Fees: 0.01, Growth: 0.15, RentDecay: 0.25, Fleet: 33, Newer: 0.086},
		Opening:  capital.Opening{Cash: 30e6 * n, BTC: 100 * n, Plant: 20e6 * n, Years: 4},
		Revolver: capital.Revolver{Name: "line", Limit: 5e6 * n, Rate: 0.1, Fee: 0.005},
		Pledges:  []capital.Pledge{{Name: "coins", Amount: 1e6 * n, First: 2026*12 + 1, Months: 24, Rate: 0.1, LTV: 0.4, Cure: 0.5, Call: 0.7, Liquidate: 0.85}},
		Treasury: capital.Treasury{Policy: "cover", Cover: 30},
		Covenants: []capital.Covenant{
			{Name: "coverage", Kind: capital.CoverDSCR, Limit: 1.15, From: 2028 * 12},
			{Name: "liquidity", Kind: capital.CoverLiquidity, Limit: 1e6},
			{Name: "loan to value", Kind: capital.CoverLTV, Limit: 0.8},
		},
	}
	for i := range sites {
		p.Sites = append(p.Sites, site(i))
		p.Projects = append(p.Projects, conversion(i))
		p.Loans = append(p.Loans, capital.Loan{
			Name: "loan " + letter(i), For: "convert " + letter(i), Kind: capital.Sculpted, Rate: 0.09, DSCR: 1.35, MostOfCost: 0.65,
			Tenor: 84, Upfront: 0.02, Commitment: 0.005, Reserve: 6,
		})
	}
	return p
}

func letter(i int) string { return string(rune('a' + i)) }

// site is a mine of 20 MW; no two neighbours pay or hash alike.
func site(i int) capital.Site {
	return capital.Site{
		Name: letter(i), Gross: 20, Opex: 300_000,
		Fleet: capital.Fleet{MW: 20, Efficiency: 17 + float64(i%5), PUE: 1.03, Fee: 0.01, Uptime: 0.97, Other: 3, Resale: 20000},
		Power: capital.Power{Price: []float64{35 + float64(i%7)}, Delivery: 4, History: Power},
	}
}

// conversion makes half of a site a hall; the first ones begin at once, others a
// month later each.
func conversion(i int) capital.Project {
	return capital.Project{
		Name: "convert " + letter(i), Site: letter(i), Gross: 10, PUE: 1.25, Begin: capital.Month(2026*12 + i%24), Displaces: true, Opex: 300_000, Residual: 0.3,
		Phases: []capital.Phase{
			{Name: "orders", Cost: 20e6, Months: 5, Years: 15},
			{Name: "shell", After: []string{"orders"}, Cost: 40e6, Months: 8, Years: 15},
			{Name: "energise", After: []string{"shell"}, Cost: 10e6, Months: 2, MW: 10, Years: 15},
		},
		Contract: capital.Lease{
			MW: 8, Rate: 150, Unit: capital.PerKWMonth, Firm: 1, Term: 96, Escalator: 0.03, Load: 0.9, PassThrough: true,
			Default: 0.02, Vacancy: 6, Renewal: 0.7, Billed: 0.9,
		},
		Slip: capital.Slip{Mean: 1.34, OnTime: 0.1, Overrun: 1.15, OnBudget: 0.2, Correlation: 0.5},
	}
}
