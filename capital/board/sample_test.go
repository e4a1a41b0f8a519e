package board_test

import (
	"math"
	"sync"
	"testing"

	"sluice/capital"
	"sluice/capital/board"
	"sluice/capital/model"
)

// begin is January 2026.
const begin = capital.Month(2026 * 12)

// washington is a made-up conversion of 18 MW, with a mining fleet that it displaces.
func washington() capital.Plan {
	return capital.Plan{
		Name: "washington", Version: 3, Currency: "USD", Begin: begin, Years: 10, Discount: 0.10, Inflation: 0.025, Terminal: 6, Overhead: 900_000,
		Tax:     capital.Tax{Rate: 0.21},
		Market:  capital.Market{Price: 87000, Difficulty: 148.2e12, Height: 930_340, Fees: 0.01, Growth: 0.15, RentDecay: 0.25},
		Opening: capital.Opening{Cash: 87e6, BTC: 1000, Plant: 40e6, Years: 4, Taxed: 20e6},
		Sites: []capital.Site{{
			Name: "moses-lake", Gross: 18, Opex: 400_000,
			Fleet: capital.Fleet{MW: 18, Efficiency: 18, PUE: 1.03, Fee: 0.01, Uptime: 0.97, Other: 3, Upkeep: 5000, Resale: 50_000},
			Power: capital.Power{Price: []float64{42, 44}, Delivery: 3},
		}},
		Projects: []capital.Project{{
			Name: "conversion", Site: "moses-lake", Gross: 18, Critical: 14.4, PUE: 1.25, Begin: begin, Capex: 128e6, Displaces: true, Opex: 450_000, Residual: 0.3,
			Phases: []capital.Phase{
				{Name: "orders", Cost: 30e6, Months: 4, Years: 15, Tax: "seven-year"},
				{Name: "shell", After: []string{"orders"}, Cost: 60e6, Months: 6, Years: 15},
				{Name: "energise", After: []string{"shell"}, Cost: 38e6, Months: 2, MW: 18, Years: 15},
			},
			Contract: capital.Lease{Product: "colocation", MW: 14.4, Rate: 125, Unit: capital.PerKWMonth, Firm: 1, Term: 120, Escalator: 0.03, Ramp: []float64{0.5, 0.75}, Load: 0.9, PassThrough: true, Credits: 0.01, Prepaid: 0.05, CreditFrom: 24, CreditTo: 60},
		}},
		Loans:     []capital.Loan{{Name: "project loan", For: "conversion", Kind: capital.Sculpted, Rate: 0.09, DSCR: 1.3, MostOfCost: 0.7, Tenor: 108, OnlyIntr: 3, Upfront: 0.02, Commitment: 0.005, Reserve: 6}},
		Pledges:   []capital.Pledge{{Name: "coins", Amount: 20e6, First: begin + 1, Months: 24, Rate: 0.1, LTV: 0.4, Cure: 0.5, Call: 0.7, Liquidate: 0.85}},
		Revolver:  capital.Revolver{Name: "line", Limit: 10e6, Rate: 0.1, Fee: 0.005},
		Covenants: []capital.Covenant{{Name: "coverage", Kind: capital.CoverDSCR, Limit: 1.2, From: begin + 15}, {Name: "liquidity", Kind: capital.CoverLiquidity, Limit: 10e6, From: begin}},
		Treasury:  capital.Treasury{Policy: "cover", Cover: 30, Owners: 0.5, OwnersMin: 60e6},
		Sources: map[string]capital.Source{
			"projects.conversion.capex":         {From: "announcement of 6 November 2025", Standing: capital.PublicFig},
			"projects.conversion.contract":      {From: "lease, schedule 2", Standing: capital.Signed, Base: "critical kW"},
			"sites.moses-lake.fleet.uptime":     {From: "own meters, 2025", Standing: capital.Measured},
			"sites.moses-lake.power":            {From: "utility tariff", Standing: capital.Signed},
			"projects.conversion.contract.rate": {From: "trade press", Standing: capital.Press},
			"market.btc_price":                  {From: "close of 31 December 2025", Standing: capital.Measured},
		},
	}
}

// ran is the plan on the path that it expects. It is computed once; nobody writes to it.
var ran = sync.OnceValues(func() (*model.Run, error) {
	p := washington()
	m, err := model.New(p, model.Monthly(p), nil)
	if err != nil {
		return nil, err
	}
	r := m.NewRun()
	r.Detail = true
	m.Run(m.Base(), r)
	return r, r.Tie()
})

// sample is a report with all that it can hold.
func sample(tb testing.TB) board.Report {
	tb.Helper()
	run, err := ran()
	if err != nil {
		tb.Fatal(err)
	}
	r := board.Report{
		Language: board.English, Made: "sluice, test", Plan: washington(), Months: run.Months, Tested: run.Tested, Residuals: run.Residuals, Multiple: run.Multiple,
		Sites: []board.Site{{Name: "moses-lake", Months: run.Sites[0]}},
	}
	r.Answer = r.AnswerOf()
	r.Projects = []board.ProjectAnswer{{Name: "conversion", Gross: 18, Critical: 14.4, Capex: 128e6, Ready: begin + 11, Without: r.Answer.Without, Residual: r.Answer.Residual}}
	r.Checks = []board.Check{
		{Published: capital.Published{What: "capex of the conversion", Value: 128e6, Unit: "USD", From: "announcement"}, Ours: 128e6},
		{Published: capital.Published{What: "rent per critical MW-year", Value: 1.6e6, Unit: "USD/MW", From: "investor call"}, Ours: 1.5e6},
	}
	r.Risk = risk(run)
	return r
}

// risk is made up around a run: wider from quarter to quarter.
func risk(run *model.Run) *board.Risk {
	k := &board.Risk{
		Paths: 10_000, Seed: 20_251_231, Broke: 0.034, NoIRR: 0.012,
		NPV:        capital.Spread{N: 10_000, Mean: 9.1e6, Error: 0.31e6, P5: -38e6, P10: -29e6, P25: -12e6, P50: 7e6, P75: 28e6, P90: 49e6, P95: 63e6},
		IRR:        capital.Spread{N: 9880, Mean: 0.114, Error: 0.0006, P5: 0.01, P10: 0.03, P25: 0.07, P50: 0.11, P75: 0.15, P90: 0.2, P95: 0.24},
		Runway:     capital.Spread{N: 10_000, Mean: 119.1, Error: 0.06, P5: 98, P10: 120, P25: 120, P50: 120, P75: 120, P90: 120, P95: 120},
		CashAtRisk: board.Estimate{Value: 11.2e6, Error: 0.2e6}, CashTail: board.Estimate{Value: 14.8e6, Error: 0.3e6},
		Tornado: []board.Bar{
			{Input: "price of BTC", Low: "52,000", High: "141,000", NPVLow: -9e6, NPVHigh: 31e6},
			{Input: "rent of the contract", Low: "110 USD/kW a month", High: "140 USD/kW a month", NPVLow: -18e6, NPVHigh: 36e6},
			{Input: "capex", Low: "115 million", High: "160 million", NPVLow: 22e6, NPVHigh: -23e6},
			{Input: "delay of the phases", Low: "0 months", High: "9 months", NPVLow: 9e6, NPVHigh: 1e6},
		},
		Scenarios: []board.Scenario{
			{Name: "2022 again", NPV: -21e6, LeastCash: 3e6, FirstBreach: "coverage, 2027-03"},
			{Name: "a year late", NPV: -6e6, LeastCash: -4e6, FirstBreach: "liquidity, 2026-12"},
			{Name: "tenant pays no more", NPV: -61e6, LeastCash: -30e6, FirstBreach: "coverage, 2028-06"},
		},
		Reverse: []string{"BTC at 41,000 from March 2026 on breaches \"coverage\" in 2027-06.", "A delay of 7.5 months breaches \"liquidity\" in 2026-12."},
		Drivers: []board.Driver{{Input: "rent", First: 0.48, Total: 0.55, Error: 0.02}, {Input: "price of BTC", First: 0.31, Total: 0.36, Error: 0.02}, {Input: "capex", First: 0.09, Total: math.NaN(), Error: 0.01}},
		Coverage: []board.Coverage{
			{What: "hashprice", Weeks: 4, Nominal: 0.8, Realised: 0.86, Origins: 91},
			{What: "hashprice", Weeks: 13, Nominal: 0.8, Realised: 0.82, Origins: 89},
			{What: "hashprice", Weeks: 52, Nominal: 0.8, Realised: 0.71, Origins: 79},
			{What: "hashprice", Weeks: 52, Nominal: 0.9, Realised: 0.81, Origins: 79},
		},
		Warnings: []string{"The price history of power covers two years only.", "89 of 131 figures are assumed."},
	}
	for _, n := range []int{100, 500, 1000, 2500, 5000, 10_000} {
		e := 31e6 / math.Sqrt(float64(n))
		k.Convergence = append(k.Convergence, board.Convergence{Paths: n, Mean: 9.1e6 + e*math.Sin(float64(n)), Error: e})
	}
	cover := board.CovenantRisk{Name: "coverage", Kind: capital.CoverDSCR, Limit: 1.2, First: "first breached in 2027-03 on 2.1 % of paths"}
	liquid := board.CovenantRisk{Name: "liquidity", Kind: capital.CoverLiquidity, Limit: 10e6}
	for q := range len(run.Months) / 3 {
		m, wide := 3*q+2, 0.04*math.Sqrt(float64(q+1))
		l := &run.Months[m]
		k.Quarters = append(k.Quarters, begin.Add(m))
		k.Fans.Cash = append(k.Fans.Cash, band(l[model.Cash], wide, 1))
		k.Fans.Debt = append(k.Fans.Debt, band(l[model.Loans]+l[model.Pledged], wide/3, 1))
		k.Fans.BTC = append(k.Fans.BTC, band(l[model.BTC], wide, 1))
		k.Fans.Free = append(k.Fans.Free, band(model.Free(l)*3, wide, 1))
		breach, room := math.Max(0, 0.6*math.Sin(float64(q)/6)-0.05), 0.4-wide
		if q < 5 {
			breach, room = math.NaN(), math.NaN()
		}
		cover.Breach, cover.Headroom = append(cover.Breach, breach), append(cover.Headroom, room)
		liquid.Breach, liquid.Headroom = append(liquid.Breach, 0.012*float64(q%5)), append(liquid.Headroom, l[model.Cash]*(1-2*wide)-10e6)
	}
	k.Covenants = []board.CovenantRisk{cover, liquid}
	return k
}

// band is a figure with so much doubt around.
func band(v, wide, up float64) board.Band {
	d := wide * math.Max(math.Abs(v), 1e3)
	return board.Band{P5: v - 2*d, P10: v - 1.5*d, P25: v - 0.8*d, P50: v, P75: v + 0.8*d*up, P90: v + 1.6*d*up, P95: v + 2.2*d*up}
}
