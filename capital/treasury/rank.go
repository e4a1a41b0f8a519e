package treasury

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"sluice/capital"
)

// Paths are many draws of the markets: a row for each path, a column for each week.
type Paths struct {
	Begin     []time.Time // of the weeks; forwards need it, others may leave it out
	Price     [][]float64 // at the end of the week, USD
	Hashprice [][]float64 // mean of the week, BTC per PH/s and day
}

// Row is one path.
func (p Paths) Row(i int) Path {
	return Path{Begin: p.Begin, Price: p.Price[i], Hashprice: p.Hashprice[i]}
}

// Check refuses a matrix that is none.
func (p Paths) Check() error {
	if len(p.Price) == 0 || len(p.Price) != len(p.Hashprice) {
		return fmt.Errorf("%d paths of prices and %d of hashprices: give as many of both, and one at least: %w", len(p.Price), len(p.Hashprice), ErrPath)
	}
	for i := range p.Price {
		if len(p.Price[i]) != len(p.Price[0]) {
			return fmt.Errorf("path %d has %d weeks and path 0 has %d: %w", i, len(p.Price[i]), len(p.Price[0]), ErrPath)
		}
		if err := p.Row(i).Check(); err != nil {
			return fmt.Errorf("path %d: %w", i, err)
		}
	}
	return nil
}

// Choice is a policy with its name.
type Choice struct {
	Name   string
	Policy Policy
}

// Rated is a policy on many paths.
type Rated struct {
	Choice

	Out        float64 // probability that cash runs out
	OutError   float64 // its standard error
	Plan       float64 // cash flow of the first 52 weeks on the path that was planned with, USD
	CFaR       float64 // what that cash flow falls short of the plan in the worst 5 %, USD
	CFaRError  float64 // its standard error, from the order of the sample
	Flow       capital.Spread
	Net        capital.Spread // assets at the end, USD
	Least      capital.Spread // cash of the worst week, USD
	Sold       capital.Spread // BTC
	Called     float64        // probability of a call of a lender or more
	SeizedMean float64        // BTC that lenders sell, mean over all paths
}

// Rank puts policies in order on many paths: first by the probability that cash runs
// out, then by cash flow at risk, then by mean assets at the end. All meet the same
// paths, and the result does not depend on the number of processors. plan is the path
// that is planned with: cash flow at risk is the shortfall against it.
//
// Source: docs/formula/treasury.md, Ranking.
func Rank(m Miner, plan Path, paths Paths, choices []Choice) ([]Rated, error) {
	if err := paths.Check(); err != nil {
		return nil, err
	}
	var out []Rated
	for _, c := range choices {
		r, err := rate(m, plan, paths, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b Rated) int {
		return cmp.Or(cmp.Compare(a.Out, b.Out), cmp.Compare(a.CFaR, b.CFaR), cmp.Compare(b.Net.Mean, a.Net.Mean))
	})
	return out, nil
}

// rate is one policy on all paths.
func rate(m Miner, plan Path, paths Paths, c Choice) (Rated, error) {
	planned, err := Backtest(m, plan, c.Policy)
	if err != nil {
		return Rated{}, err
	}
	all, err := Run(m, paths, c.Policy)
	if err != nil {
		return Rated{}, err
	}
	pick := func(f func(Outcome) float64) []float64 {
		xs := make([]float64, len(all))
		for i, o := range all {
			xs[i] = f(o)
		}
		return xs
	}
	flow := pick(func(o Outcome) float64 { return o.Flow })
	r := Rated{Choice: c, Plan: planned.Flow, Flow: capital.SpreadOf(flow)}
	r.Net = capital.SpreadOf(pick(func(o Outcome) float64 { return o.Net }))
	r.Least = capital.SpreadOf(pick(func(o Outcome) float64 { return o.Least }))
	r.Sold = capital.SpreadOf(pick(func(o Outcome) float64 { return o.Sold }))
	r.Out = mean(pick(func(o Outcome) float64 { return indicator(o.Out >= 0) }))
	r.Called = mean(pick(func(o Outcome) float64 { return indicator(o.Called > 0) }))
	r.SeizedMean = mean(pick(func(o Outcome) float64 { return o.Seized }))
	n := float64(len(all))
	r.OutError = math.Sqrt(r.Out * (1 - r.Out) / n)
	slices.Sort(flow)
	r.CFaR = r.Plan - capital.Quantile(flow, tail)
	wide := math.Sqrt(tail * (1 - tail) / n)
	r.CFaRError = (capital.Quantile(flow, min(tail+wide, 1)) - capital.Quantile(flow, max(tail-wide, 0))) / 2
	return r, nil
}

// tail is the share of paths that count as the worst.
const tail = 0.05

func mean(xs []float64) float64 {
	var sum float64
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Run is the outcome of a policy on each path, in their order.
func Run(m Miner, paths Paths, p Policy) ([]Outcome, error) {
	if err := errors.Join(p.Check(), paths.Check()); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(paths.Price))
	workers := min(runtime.GOMAXPROCS(0), len(out))
	faults := make([]error, len(out))
	var rule seller = p // made once: no week allocates
	var wait sync.WaitGroup
	for k := range workers {
		w, err := newWalk(m)
		if err != nil {
			return nil, err
		}
		wait.Go(func() {
			for i := k * len(out) / workers; i < (k+1)*len(out)/workers; i++ {
				out[i], faults[i] = w.run(paths.Row(i), rule, nil)
			}
		})
	}
	wait.Wait()
	for i, err := range faults {
		if err != nil {
			return nil, fmt.Errorf("path %d: %w", i, err)
		}
	}
	return out, nil
}
