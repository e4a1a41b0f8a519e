package decide_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"sluice/capital"
	"sluice/capital/decide"
	"sluice/capital/option"
	"sluice/capital/path"
	"sluice/capital/portfolio"
	"sluice/capital/risk"
)

// bitcoin is made-up weeks.
func bitcoin() path.History {
	r := rand.New(rand.NewPCG(3, 3))
	at := time.Date(2021, 1, 4, 0, 0, 0, 0, time.UTC)
	price, difficulty := 30000.0, 2e13
	var h path.History
	for range 260 {
		h = append(h, path.Week{Begin: at, Price: price, Difficulty: difficulty, Fees: 1.01})
		price *= math.Exp(0.08*r.NormFloat64() + 0.003)
		difficulty *= math.Exp(0.02*r.NormFloat64() + 0.007)
		at = at.AddDate(0, 0, 7)
	}
	return h
}

// two is a company with two projects, one of them far too dear.
func two() capital.Plan {
	p := capital.Plan{
		Name: "two", Currency: "USD", Begin: 2026 * 12, Years: 8, Discount: 0.1, Inflation: 0.02,
		Market:  capital.Market{Price: 87000, Difficulty: 148.2e12, Height: 930_340, Fees: 0.01, Growth: 0.09, RentDecay: 0.25, Fleet: 33, Newer: 0.086},
		Opening: capital.Opening{Cash: 200e6},
	}
	for i, cost := range []float64{60e6, 160e6} {
		name := []string{"cheap", "dear"}[i]
		p.Sites = append(p.Sites, capital.Site{
			Name: name, Gross: 12, Fleet: capital.Fleet{MW: 12, Efficiency: 18, PUE: 1.03, Uptime: 0.97, Other: 3, Resale: 20000}, Power: capital.Power{Price: []float64{45}},
		})
		p.Projects = append(p.Projects, capital.Project{
			Name: name, Site: name, Gross: 10, PUE: 1.25, Begin: 2026 * 12, Displaces: true, Opex: 200_000, Residual: 0.5,
			Phases:   []capital.Phase{{Name: "build", Cost: cost, Months: 12, MW: 10, Years: 15}},
			Contract: capital.Lease{MW: 8, Rate: 190, Unit: capital.PerKWMonth, Firm: 1, Term: 84, Escalator: 0.02, Load: 0.9, PassThrough: true, Default: 0.01},
			Slip:     capital.Slip{Mean: 1.2, OnTime: 0.2},
		})
	}
	return p
}

func ground() decide.Ground {
	return decide.Ground{Plan: two(), Bitcoin: bitcoin(), Risk: risk.Usual(1)}
}

// TestHurdle asks at the rate that was found: hosting beats mining on half of the
// futures there, and on 80 % at the other one. A dearer project needs a higher rate.
func TestHurdle(t *testing.T) {
	t.Parallel()
	g := ground()
	cheap, err := g.Hurdle(t.Context(), "cheap", 100)
	if err != nil {
		t.Fatal(err)
	}
	dear, err := g.Hurdle(t.Context(), "dear", 100)
	if err != nil {
		t.Fatal(err)
	}
	if !(cheap.Rates.P50 < dear.Rates.P50 && cheap.Rates.P50 < cheap.P80 && cheap.Beats > dear.Beats) {
		t.Errorf("cheap %+v, dear %+v", cheap, dear)
	}
	for _, c := range []struct{ rate, share float64 }{{cheap.Rates.P50, 0.5}, {cheap.P80, 0.8}} {
		at := ground()
		at.Plan.Projects[0].Contract.Rate = c.rate
		h, err := at.Hurdle(t.Context(), "cheap", 100)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(h.Beats-c.share) > 0.05 {
			t.Errorf("asked at %.2f it beats mining on %.3f of the futures, want %.1f", c.rate, h.Beats, c.share)
		}
	}
	if _, err := g.Hurdle(t.Context(), "none", 10); !errors.Is(err, decide.ErrDecide) {
		t.Errorf("a project that is not there: %v", err)
	}
	g.Plan.Projects[0].Contract = capital.Lease{}
	if _, err := g.Hurdle(t.Context(), "cheap", 10); !errors.Is(err, decide.ErrDecide) {
		t.Errorf("a project without a contract: %v", err)
	}
}

// TestStage values both projects as options: with all rights nothing is worth less
// than the best thing that can be done without them.
func TestStage(t *testing.T) {
	t.Parallel()
	g := ground()
	var values []option.Answer
	for _, name := range []string{"cheap", "dear"} {
		c, err := g.Stage(name, decide.Usual())
		if err != nil {
			t.Fatal(err)
		}
		a, err := decide.Decide(t.Context(), c, 1500, 1)
		if err != nil {
			t.Fatal(err)
		}
		if a.Value < math.Max(a.Now, a.Never)-3*a.Error {
			t.Errorf("%s: %.0f with all rights, %.0f now, %.0f never", name, a.Value, a.Now, a.Never)
		}
		values = append(values, a)
	}
	if !(values[0].Plain > values[1].Plain) {
		t.Errorf("converting at 60 M adds %.0f, at 160 M %.0f", values[0].Plain, values[1].Plain)
	}
	g.Plan.Projects[0].Contract.Unit = capital.PerGPUHour
	if _, err := g.Stage("cheap", decide.Usual()); !errors.Is(err, decide.ErrDecide) {
		t.Errorf("a price per GPU-hour: %v", err)
	}
}

// TestCandidates counts all choices out: the good project is built as early as it may,
// the dear one never, and a budget that is too small keeps both out.
func TestCandidates(t *testing.T) {
	t.Parallel()
	g := ground()
	l := decide.Limits{Delays: []int{0, 4}, Futures: 60, Scenarios: 10, Beta: 0.95, Aversion: 0}
	p, reduced, err := g.Candidates(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Sites) != 2 || len(p.Sites[0].Options) != 3 || len(p.Scenarios) != 10 || reduced.Kept <= 0 {
		t.Fatalf("%d sites, %d options, %d futures", len(p.Sites), len(p.Sites[0].Options), len(p.Scenarios))
	}
	best, err := portfolio.Exhaustive(p)
	if err != nil {
		t.Fatal(err)
	}
	if best.Pick[0] == 0 || best.Pick[1] != 0 {
		t.Errorf("%v was chosen: build the cheap one, not the dear one", best.Pick)
	}
	for range p.Quarters {
		l.Budget = append(l.Budget, 1e6)
	}
	l.Carry = false
	if p, _, err = g.Candidates(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if best, err = portfolio.Exhaustive(p); err != nil || best.Pick[0] != 0 {
		t.Errorf("with a million a quarter %v is chosen: %v", best.Pick, err)
	}
}
