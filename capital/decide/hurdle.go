package decide

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"sluice/capital"
	"sluice/capital/risk"
)

// Hurdle is the rate of a project's contract at which it is worth as much as what it
// displaces. Rates are in the unit of the contract.
type Hurdle struct {
	Project, Unit string
	Asked         float64        // the rate of the plan
	Planned       float64        // on the path that the plan expects
	Rates         capital.Spread // over the futures
	P80           float64        // at which hosting beats mining on 80 % of the futures
	Beats         float64        // probability that the asked rate does
	BeatsError    float64        // its standard error
	Never         float64        // share of the futures on which no rent is ever earned: no rate helps there
	Gain          capital.Spread // NPV with the project less without it, at the asked rate
}

// far is by how much the rate is raised to see what a dollar of it is worth.
const far = 1.1

// Hurdle finds the rate for a project. On each future the worth of a project is all
// but linear in its rate, so that two runs and one without it say where it is nought.
//
// Formula: rate + (raised - rate) * (without - with) / (with raised - with). Source:
// docs/formula/decide.md.
func (g Ground) Hurdle(ctx context.Context, project string, n int) (Hurdle, error) {
	i, err := g.project(project)
	if err != nil {
		return Hurdle{}, err
	}
	c := g.Plan.Projects[i].Contract
	if c.Rate <= 0 {
		return Hurdle{}, fmt.Errorf("project %q has no contract with a rate: add one, as the tenant's offer or a first guess: %w", project, ErrDecide)
	}
	t, err := g.triple(i)
	if err != nil {
		return Hurdle{}, err
	}
	out := Hurdle{Project: project, Unit: c.Unit, Asked: c.Rate}
	out.Planned = t.turn(c.Rate, t.base)
	rates, gains, err := t.all(ctx, c.Rate, n)
	if err != nil {
		return Hurdle{}, err
	}
	for _, x := range gains {
		if x > 0 {
			out.Beats += 1 / float64(n)
		}
	}
	out.BeatsError = math.Sqrt(out.Beats * (1 - out.Beats) / float64(n))
	slices.Sort(rates)
	let := rates[:sortedInfinite(rates)]
	out.Never = 1 - float64(len(let))/float64(n)
	out.Rates, out.Gain = capital.SpreadOf(let), capital.SpreadOf(gains)
	out.P80 = capital.Quantile(rates, 0.8)
	return out, nil
}

// values are what a plan is worth with a project, with it at a raised rate, and without it.
type values [3]float64

// triples makes runners of the three plans; each worker has its own.
type triples struct {
	make func() func(number uint64) values
	base values
}

func (g Ground) triple(i int) (*triples, error) {
	name := g.Plan.Projects[i].Name
	plans := [3]capital.Plan{
		g.with(i, func(*capital.Project) {}),
		g.with(i, func(p *capital.Project) { p.Contract.Rate *= far }),
		g.Plan.Converted().Without(name),
	}
	t := &triples{}
	var runs [3]func() func(uint64) float64
	for k, p := range plans {
		m, f, err := g.lay(p)
		if err != nil {
			return nil, err
		}
		r := m.NewRun()
		m.Run(m.Base(), r)
		t.base[k] = risk.Value(p, risk.FreeOf(r))
		runs[k] = func() func(uint64) float64 {
			x, r := f.New(), m.NewRun()
			return func(number uint64) float64 {
				f.Draw(number, x)
				m.Run(&x.Path, r)
				return risk.Value(p, risk.FreeOf(r))
			}
		}
	}
	t.make = func() func(uint64) values {
		var own [3]func(uint64) float64
		for k := range runs {
			own[k] = runs[k]()
		}
		return func(number uint64) (v values) {
			for k := range own {
				v[k] = own[k](number)
			}
			return v
		}
	}
	return t, nil
}

// sortedInfinite is how many of ascending rates are finite.
func sortedInfinite(rates []float64) int {
	n := len(rates)
	for n > 0 && math.IsInf(rates[n-1], 1) {
		n--
	}
	return n
}

// turn is the rate at which the project is worth what it displaces; +Inf where a
// higher one does not help.
func (t *triples) turn(rate float64, v values) float64 {
	if v[1] <= v[0] {
		return math.Inf(1)
	}
	return rate + rate*(far-1)*(v[2]-v[0])/(v[1]-v[0])
}

// all runs n futures on all processors.
func (t *triples) all(ctx context.Context, rate float64, n int) (rates, gains []float64, err error) {
	rates, gains = make([]float64, n), make([]float64, n)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		value := t.make()
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				v := value(uint64(i))
				rates[i], gains[i] = t.turn(rate, v), v[0]-v[2]
			}
		})
	}
	wait.Wait()
	return rates, gains, ctx.Err()
}
