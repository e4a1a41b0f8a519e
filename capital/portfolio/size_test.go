package portfolio

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"sluice/capital"
)

// company draws a plan of the size of a listed miner: 50 sites on 10 substations, 10
// years in quarters, three products that may start in any of the first 24 quarters
// (73 options a site), 50 scenarios in which rents, delays and cost overruns move
// together. Budget, crew, grid, liquidity, projects in construction and a debt
// covenant all bind somewhere.
func company(seed uint64, z shape) Problem {
	quarters, sites, scenarios := z.quarters, z.sites, z.scenarios
	starts := z.options // of each product
	r := capital.Stream(20_261_001, seed)
	p := Problem{Quarters: quarters, Beta: 0.9, Aversion: 0.3, Building: max(2, sites/5)}
	// Of a market: rents of halls, of GPUs, of shells, and what building costs.
	market := make([][4]float64, scenarios)
	for s := range scenarios {
		p.Scenarios = append(p.Scenarios, Scenario{fmt.Sprintf("s%d", s), 1 / float64(scenarios)})
		market[s] = [4]float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
	}
	for k := range (sites + 4) / 5 {
		x := Substation{Name: fmt.Sprintf("bus %d", k)}
		for q := range quarters {
			x.MW = append(x.MW, 70+25*float64(q/8))
		}
		p.Substations = append(p.Substations, x)
	}
	perSite := 2.2e6
	p.Budget = &Budget{Carry: true}
	for q := range quarters {
		p.Budget.Money = append(p.Budget.Money, float64(sites)*perSite*(0.8+0.4*r.Float64()))
		p.Crew = append(p.Crew, math.Floor(float64(sites)*(5+float64(q)/10)))
	}
	p.Liquidity = &Liquidity{Start: float64(sites) * 1.5e7, Least: float64(sites) * 5e5, Penalty: 0.1}
	d := Debt{BaseOwed: make([]float64, quarters), BaseEarned: make([]float64, quarters)}
	for q := range quarters {
		d.BaseEarned[q] = float64(sites) * 2.5e5
	}
	products := []struct {
		name             string
		perMW, rent      float64 // USD
		build            int
		pue, beta0, beta float64
	}{{"colocation", 9.0e6, 5.2e5, 5, 1.25, 0.15, 0}, {"gpu", 26e6, 1.55e6, 6, 1.3, 0.45, 1}, {"shell", 4.0e6, 2.6e5, 4, 1.2, 0.1, 2}}
	for i := range sites {
		z := Site{Name: fmt.Sprintf("site %02d", i), Substation: fmt.Sprintf("bus %d", i/5)}
		size, quality := 8+22*r.Float64(), 0.85+0.3*r.Float64()
		mining := 6e4 + 4e4*r.Float64() // USD per MW and quarter that conversion ends
		z.Options = append(z.Options, Option{Name: None, Product: None, MW: repeat(quarters, 4+4*r.Float64())})
		owed, earned := [][]float64{nil}, [][]float64{nil}
		for _, a := range products {
			mw := size * (0.6 + 0.4*r.Float64())
			if a.name == "gpu" {
				mw *= 0.4
			}
			cost := mw * a.perMW * (0.85 + 0.3*r.Float64())
			own := make([]float64, scenarios)
			for s := range own {
				own[s] = r.NormFloat64()
			}
			for start := range starts {
				o := Option{
					Name: fmt.Sprintf("%s-%02d", a.name, start), Product: a.name, Start: start, Build: a.build,
					Capex: make([]float64, quarters), Crew: make([]float64, quarters), MW: make([]float64, quarters),
				}
				dollars, ebitda := make([]float64, quarters), make([]float64, quarters)
				for q := start; q < quarters; q++ {
					if b := q - start; b < a.build {
						u, v := float64(b)/float64(a.build), float64(b+1)/float64(a.build)
						o.Capex[q] = cost * ((3*v*v - 2*v*v*v) - (3*u*u - 2*u*u*u))
						o.Crew[q] = math.Floor(4 + mw)
						o.MW[q] = 3
						continue
					}
					o.MW[q] = mw * a.pue
					ebitda[q] = mw * a.rent * quality
				}
				for q := start; q < quarters; q++ {
					dollars[q] = 0.5 * cost * math.Max(0, 1-float64(max(0, q-start-a.build))/28)
				}
				for s := range scenarios {
					m := market[s]
					level := math.Exp(a.beta0*m[int(a.beta)] + 0.1*own[s] - a.beta0*a.beta0/2)
					over := math.Exp(0.12*m[3] + 0.05*own[s])
					flow, worth := make([]float64, quarters), 0.0
					for q := range flow {
						flow[q] = -0.5*o.Capex[q]*over + ebitda[q]*level*math.Pow(0.995, float64(q-start))
						if q >= start {
							flow[q] -= mining * mw * math.Pow(0.97, float64(q))
						}
						if dollars[q] > 0 && q >= start+a.build {
							flow[q] -= 0.5 * cost * (1.0/28 + 0.022)
						}
						worth += flow[q] / math.Pow(1.025, float64(q))
					}
					// What stands at the end of the plan is worth some more years of rent.
					worth += []float64{14, 9, 14}[int(a.beta)] * ebitda[quarters-1] * level / math.Pow(1.025, float64(quarters))
					o.Cash, o.NPV = append(o.Cash, flow), append(o.NPV, worth)
				}
				z.Options = append(z.Options, o)
				owed, earned = append(owed, dollars), append(earned, ebitda)
			}
		}
		p.Sites = append(p.Sites, z)
		d.Owed, d.Earned = append(d.Owed, owed), append(d.Earned, earned)
	}
	p.Covenants = []Covenant{Multiple("debt to earnings", 28, d)}
	for q := range p.Covenants[0].Most {
		p.Covenants[0].Most[q] += float64(sites) * 8e6
	}
	return p
}

func repeat(n int, x float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}

// BenchmarkCompany is the size that must be solved to 0.1 % within a minute.
func BenchmarkCompany(b *testing.B) {
	for seed := range uint64(3) {
		b.Run(fmt.Sprintf("seed %d", seed), func(b *testing.B) {
			in := solver(b)
			p := company(seed, shape{50, 24, 50, 40})
			var c Choice
			for b.Loop() {
				c = chosen(b, p, Options{Solver: in, Gap: 1e-3})
			}
			b.ReportMetric(100*c.Gap, "gap%")
			b.ReportMetric(float64(c.Effort.Open), "open")
			b.ReportMetric(float64(c.Effort.Nodes), "nodes")
			b.ReportMetric(float64(c.Effort.Cuts), "cuts")
			b.Logf("objective %.4g, bound %.6g, expected %.4g, CVaR %.4g, %+v", c.Objective, c.Bound, c.Expected, c.CVaR, c.Effort)
			b.Logf("%v", names(c))
			for _, x := range c.Binding[:min(5, len(c.Binding))] {
				b.Logf("%+v", x)
			}
		})
	}
}

// TestCore: leaving out options by their reduced cost proves the same as leaving in
// all of them, and a run that is stopped says honestly how far it came.
func TestCore(t *testing.T) {
	t.Parallel()
	in := solver(t)
	p := company(4, shape{6, 14, 8, 24})
	const gap = 5e-3
	got := chosen(t, p, Options{Solver: in, Gap: gap})
	tb, err := newTable(&p)
	if err != nil {
		t.Fatal(err)
	}
	all := newSearch(tb, Options{Solver: in, Gap: gap})
	if _, err := all.relax(t.Context()); err != nil {
		t.Fatal(err)
	}
	bound, err := all.whole(t.Context(), all.open, gap)
	if err != nil {
		t.Fatal(err)
	}
	if got.Effort.Columns <= core || got.Effort.Open >= got.Effort.Columns || !got.Proven || got.Gap > gap {
		t.Errorf("nothing was left out, or nothing proven: gap %v, %+v", got.Gap, got.Effort)
	}
	if got.Bound < all.value-1 || bound < got.Objective-1 || !near(got.Objective, all.value, 2*gap, 1) {
		t.Errorf("with a core %v to %v, with all %v to %v", got.Objective, got.Bound, all.value, bound)
	}
	stopped := chosen(t, p, Options{Solver: in, Gap: 1e-3, Nodes: 1})
	if stopped.Bound < all.value-1 || stopped.Objective > bound+1 || stopped.Proven != (stopped.Gap <= 1e-3) {
		t.Errorf("stopped at %v to %v, proven %v; best %v to %v", stopped.Objective, stopped.Bound, stopped.Proven, all.value, bound)
	}
	again := chosen(t, p, Options{Solver: in, Gap: 1e-3, Nodes: 1})
	if again.Objective != stopped.Objective || again.Bound != stopped.Bound || again.Effort != stopped.Effort {
		t.Errorf("two runs differ: %v %+v and %v %+v", stopped.Objective, stopped.Effort, again.Objective, again.Effort)
	}
}

// TestReducedCost: no choice with an option passes the ceiling less its reduced cost.
// What the relaxation is worth with that option alone at its site says so.
func TestReducedCost(t *testing.T) {
	t.Parallel()
	in := solver(t)
	p := company(4, shape{6, 14, 8, 24})
	tb, err := newTable(&p)
	if err != nil {
		t.Fatal(err)
	}
	s := newSearch(tb, Options{Solver: in, Gap: 1e-5})
	if _, err := s.relax(t.Context()); err != nil {
		t.Fatal(err)
	}
	tight := 0
	for j := 3; j < len(tb.cols); j += 11 {
		forced := newSearch(tb, Options{Solver: in, Gap: 1e-5})
		for k := range forced.open {
			forced.open[k] = forced.open[k] && tb.cols[k].site != tb.cols[j].site || k == j
		}
		if _, err := forced.relax(t.Context()); errors.Is(err, errNone) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if forced.ceil > s.ceil-s.loss[j]+1e-4*s.size() {
			t.Errorf("column %d: ceiling %v, with it %v, reduced cost only %v", j, s.ceil, forced.ceil, s.loss[j])
		}
		if s.loss[j] > 1e-3*s.ceil && s.loss[j] > 0.5*(s.ceil-forced.ceil) {
			tight++
		}
	}
	if tight < 3 {
		t.Errorf("%d reduced costs say much: the case tries nothing", tight)
	}
}

// TestLeftOutLimits: limits that were left out of the program are taken in when a
// pick breaks them.
func TestLeftOutLimits(t *testing.T) {
	t.Parallel()
	in := solver(t)
	back := 0
	for seed := range uint64(6) {
		p := random(300+seed, shape{4, 5, 5, 4})
		tb, err := newTable(&p)
		if err != nil {
			t.Fatal(err)
		}
		want, wrong := Exhaustive(p)
		if wrong != nil {
			continue
		}
		s := newSearch(tb, Options{Solver: in})
		if _, err := s.relax(t.Context()); err != nil {
			t.Fatal(err)
		}
		for r := range s.b.off {
			s.b.off[r] = true
		}
		bound, err := s.whole(t.Context(), s.open, 0)
		if err != nil || s.best == nil || !near(s.value, want.Objective, 1e-6, 1e3) || !near(bound, want.Objective, 1e-6, 1e3) {
			t.Errorf("seed %d: %v to %v, want %v (%v)", seed, s.value, bound, want.Objective, err)
		}
		for _, off := range s.b.off {
			back += int(indicator(!off))
		}
	}
	if back == 0 {
		t.Error("no limit was ever taken back in")
	}
}
