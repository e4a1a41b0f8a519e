package portfolio

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"sluice/capital"
	"sluice/solve"
)

// engine is the compiled solver, once for all tests: to compile takes seconds.
var engine = sync.OnceValues(func() (*solve.Engine, error) {
	begin := time.Now()
	return solve.New(context.Background(), solve.Config{CacheDir: os.TempDir() + "/sluice-solve-cache", Now: func() time.Duration { return time.Since(begin) }})
})

func solver(tb testing.TB) *solve.Instance {
	tb.Helper()
	e, err := engine()
	if err != nil {
		tb.Fatal(err)
	}
	in, err := e.Instance(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = in.Close(context.WithoutCancel(tb.Context())) })
	return in
}

// chosen is the choice, which must exist.
func chosen(tb testing.TB, p Problem, o Options) Choice {
	tb.Helper()
	if o.Solver == nil {
		o.Solver = solver(tb)
	}
	c, err := Choose(tb.Context(), p, o)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// near says whether two figures agree, relative to the larger of them and least.
func near(a, b, tolerance, least float64) bool {
	return math.Abs(a-b) <= tolerance*max(math.Abs(a), math.Abs(b), least)
}

// names are the options taken.
func names(c Choice) []string {
	var out []string
	for _, t := range c.Taken {
		out = append(out, t.Option)
	}
	return out
}

// shape is the size of a random case.
type shape struct{ sites, options, scenarios, quarters int }

// random draws a small case with every kind of limit, some of which are there only
// sometimes. Figures are those of a company of some tens of megawatts.
func random(seed uint64, z shape) Problem {
	r := capital.Stream(20_260_105, seed)
	p := Problem{Quarters: z.quarters, Beta: []float64{0.5, 0.8, 0.9, 0.95}[r.IntN(4)]}
	if r.IntN(4) > 0 {
		p.Aversion = 2 * r.Float64()
	}
	var sum float64
	for s := range z.scenarios {
		w := 0.2 + r.Float64()
		sum += w
		p.Scenarios = append(p.Scenarios, Scenario{fmt.Sprintf("s%d", s), w})
	}
	for s := range p.Scenarios {
		p.Scenarios[s].Weight /= sum
	}
	p.Substations = []Substation{{"east", line(r, z.quarters, 10, 40)}, {"west", line(r, z.quarters, 10, 40)}}
	for i := range z.sites {
		p.Sites = append(p.Sites, randomSite(r, &p, i, z))
	}
	limit(r, &p, z)
	return p
}

// line is a row of numbers between low and high.
func line(r *rand.Rand, n int, low, high float64) []float64 {
	out := make([]float64, n)
	for q := range out {
		out[q] = low + (high-low)*r.Float64()
	}
	return out
}

func randomSite(r *rand.Rand, p *Problem, i int, z shape) Site {
	s := Site{Name: fmt.Sprintf("site %d", i), Substation: []string{"", "east", "west"}[r.IntN(3)]}
	for o := range z.options - 1 {
		start := r.IntN(z.quarters)
		x := Option{
			Name: fmt.Sprintf("o%d", o), Product: "hall", Start: start, Build: 1 + r.IntN(3),
			Capex: make([]float64, z.quarters), Crew: make([]float64, z.quarters), MW: make([]float64, z.quarters),
		}
		mw, cost := 5+20*r.Float64(), 5e6+4e7*r.Float64()
		for q := start; q < z.quarters; q++ {
			if q < start+x.Build {
				x.Capex[q], x.Crew[q] = cost/float64(x.Build), math.Floor(5+20*r.Float64())
			} else {
				x.MW[q] = mw
			}
		}
		mean := 3e7*r.Float64() - 5e6
		for range p.Scenarios {
			x.NPV = append(x.NPV, mean+2e7*r.NormFloat64())
			flow := make([]float64, z.quarters)
			for q := range flow {
				flow[q] = -x.Capex[q]
				if x.MW[q] > 0 {
					flow[q] += mw * 3e5 * (0.5 + r.Float64())
				}
			}
			x.Cash = append(x.Cash, flow)
		}
		s.Options = append(s.Options, x)
	}
	none := Option{Name: "wait", Product: None}
	if r.IntN(2) == 0 {
		none.MW, none.NPV = line(r, z.quarters, 2, 14), line(r, z.scenarios, -1e6, 2e6)
	}
	at := r.IntN(z.options)
	s.Options = append(s.Options[:at], append([]Option{none}, s.Options[at:]...)...)
	return s
}

// limit adds limits, each now and then.
func limit(r *rand.Rand, p *Problem, z shape) {
	if r.IntN(4) > 0 {
		p.Budget = &Budget{Money: line(r, z.quarters, 5e6, 3e7), Carry: r.IntN(2) == 0}
	}
	if r.IntN(2) == 0 {
		p.Crew = line(r, z.quarters, 15, 60)
	}
	if r.IntN(3) == 0 {
		p.Building = 1 + r.IntN(3)
	}
	switch r.IntN(4) {
	case 0:
		p.Liquidity = &Liquidity{Start: 6e7, Least: 1e7, Penalty: 0.2 * r.Float64()}
	case 1:
		p.Liquidity = &Liquidity{Start: 6e7, Least: 1e7, Hard: true}
	}
	some := func() Ref {
		s := p.Sites[r.IntN(len(p.Sites))]
		return Ref{s.Name, s.Options[r.IntN(len(s.Options))].Name}
	}
	if r.IntN(2) == 0 {
		p.Needs = append(p.Needs, Need{Name: "first", If: []Ref{some()}, Needs: []Ref{some()}})
	}
	if r.IntN(4) == 0 {
		p.Needs = append(p.Needs, Need{Name: "promise", Needs: []Ref{some()}})
	}
	if a, b := some(), some(); r.IntN(2) == 0 && a != b {
		p.Exclusive = append(p.Exclusive, Exclusion{"one hall", []Ref{a, b}})
	}
	if r.IntN(3) == 0 {
		d := Debt{BaseOwed: line(r, z.quarters, 0, 1e7), BaseEarned: line(r, z.quarters, 2e6, 8e6)}
		for _, s := range p.Sites {
			owed, earned := make([][]float64, len(s.Options)), make([][]float64, len(s.Options))
			for o, x := range s.Options {
				if x.Product != None {
					owed[o], earned[o] = line(r, z.quarters, 0, 2e7), line(r, z.quarters, 0, 6e6)
				}
			}
			d.Owed, d.Earned = append(d.Owed, owed), append(d.Earned, earned)
		}
		p.Covenants = append(p.Covenants, Multiple("debt", 4, d))
	}
}
