package risk

import (
	"context"
	"fmt"
	"math"
	"slices"

	"sluice/capital"
	"sluice/capital/model"
)

// Result is how a plan may end.
type Result struct {
	Paths, Quarters      int
	NPV                  capital.Spread // of the cash before anything is financed, stated residuals in it
	IRR                  capital.Spread // of the futures that have one
	NoReturn             float64        // share of the futures that have none
	Payback              capital.Spread // years, of the futures that pay back
	NeverBack            float64        // share of those that do not
	Equity               capital.Spread // book equity at the end
	Least                capital.Spread // least liquidity
	Broke                float64        // probability that cash runs out
	BrokeError           float64        // its standard error
	Runway               float64        // months until cash is gone on the worst 5 % of the paths; +Inf: it lasts
	Lasts                capital.Spread // months until cash is gone; a future on which it lasts counts as the whole plan
	CFaRError, CVaRError float64        // their standard errors
	CFaR                 float64        // shortfall of twelve months' cash against the plan, not passed in 95 %
	AtRisk, CVaR         float64        // loss of NPV against the plan at 95 %, and the mean of the worst 5 %
	Calls                float64        // mean number of calls for more coins
	Liquidated           float64        // probability that pledged coins are sold
	Planned              Planned
	Fans                 []Fan
	Covenants            []Promise
	Ready                []capital.Spread // month in which each project is finished
	Converges            []Point
	Warnings             []string
}

// Planned is the same on the path that the plan expects.
type Planned struct {
	NPV, IRR, Payback, Year, Equity, Least float64
	Broke                                  int
}

// Fan is a row by quarter with its spread.
type Fan struct {
	Name string
	At   []capital.Spread
}

// Nothing says that a fan is nought on every future at every time: a company
// that holds no coins has none to show.
func (f *Fan) Nothing() bool {
	for _, x := range f.At {
		if x.N > 0 && (x.Least != 0 || x.Greatest != 0) {
			return false
		}
	}
	return true
}

// Promise is a covenant on all futures.
type Promise struct {
	Name, Kind string
	Limit      float64
	Breach     []float64 // probability by quarter
	Error      []float64 // its standard error
	Room       []float64 // headroom that 5 % of the futures stay below, by quarter
	Ever       float64   // probability of a breach at any time
	First      []float64 // by quarter: probability that it is the first
}

// Point is what an estimate was after some of the paths.
type Point struct {
	Paths       int
	Mean, Error float64
}

// Analyse runs a plan on n futures of a source.
func Analyse(ctx context.Context, m *model.Model, s Source, n int) (Result, error) {
	if n < 2 || n > 1_000_000 {
		return Result{}, fmt.Errorf("%d futures: take 2 to 1000000: %w", n, ErrFutures)
	}
	o, err := simulate(ctx, m, s, n)
	if err != nil {
		return Result{}, err
	}
	base := m.NewRun()
	m.Run(m.Base(), base)
	return o.result(m, base, n), nil
}

func (o *outcomes) result(m *model.Model, base *model.Run, n int) Result {
	p := m.Plan()
	r := Result{Paths: n, Quarters: o.quarters, Planned: planned(p, base)}
	r.NPV, r.Equity, r.Least = capital.SpreadOf(o.npv), capital.SpreadOf(o.end), capital.SpreadOf(o.least)
	r.IRR, r.NoReturn = some(o.irr, math.IsNaN)
	r.Payback, r.NeverBack = some(o.payback, func(x float64) bool { return math.IsInf(x, 1) })
	o.money(&r, n)
	for i, name := range []string{"cash", "debt", "BTC held", "cash before financing", "DSCR"} {
		r.Fans = append(r.Fans, Fan{Name: name, At: o.fan(i, n)})
	}
	for c, k := range p.Covenants {
		r.Covenants = append(r.Covenants, o.promise(c, k, n))
	}
	for i := range o.ready {
		r.Ready = append(r.Ready, capital.SpreadOf(o.ready[i]))
	}
	for k := 100; k < n; k *= 2 {
		s := capital.SpreadOf(o.npv[:k])
		r.Converges = append(r.Converges, Point{Paths: k, Mean: s.Mean, Error: s.Error})
	}
	r.Converges = append(r.Converges, Point{Paths: n, Mean: r.NPV.Mean, Error: r.NPV.Error})
	return r
}

// planned is the path that the plan expects.
func planned(p capital.Plan, r *model.Run) Planned {
	free := FreeOf(r)
	out := Planned{NPV: Value(p, free), Year: yearFlow(r, p.Opening.Cash), Least: least(r), Broke: r.Broke}
	out.IRR, out.Payback = returns(free)
	out.Equity = r.Months[len(r.Months)-1][model.Equity]
	return out
}

// some is the spread of those of a sample that are something, and the share that is not.
func some(sample []float64, not func(float64) bool) (capital.Spread, float64) {
	kept := slices.DeleteFunc(slices.Clone(sample), not)
	return capital.SpreadOf(kept), 1 - float64(len(kept))/float64(len(sample))
}

// money is what may be lost, and when cash is gone.
func (o *outcomes) money(r *Result, n int) {
	loss, gone := make([]float64, n), make([]float64, n)
	years := slices.Sorted(slices.Values(o.year))
	for i := range n {
		loss[i] = r.Planned.NPV - o.npv[i]
		gone[i] = math.Inf(1)
		if o.broke[i] >= 0 {
			gone[i] = float64(o.broke[i])
			r.Broke++
		}
		r.Calls += float64(o.calls[i]) / float64(n)
		if o.liquidations[i] > 0 {
			r.Liquidated += 1 / float64(n)
		}
	}
	r.Broke /= float64(n)
	r.BrokeError = chanceError(r.Broke, n)
	r.AtRisk, r.CVaR = capital.Tail(loss, 0.95)
	r.CFaR = r.Planned.Year - capital.Quantile(years, 0.05)
	r.CFaRError, r.CVaRError = rankError(years, 0.05), tailError(loss, r.AtRisk, 0.95)
	slices.Sort(gone)
	lasts := make([]float64, n)
	for i, x := range gone {
		lasts[i] = min(x, float64(3*o.quarters))
	}
	r.Lasts = capital.SpreadOf(lasts)
	r.Runway = gone[int(0.05*float64(n-1))]
}

// rankError is the standard error of a quantile of a sorted sample: half the distance
// of the ranks that lie one standard deviation of a count beside it.
func rankError(sorted []float64, q float64) float64 {
	n := float64(len(sorted))
	off := math.Sqrt(q * (1 - q) / n)
	return (capital.Quantile(sorted, min(q+off, 1)) - capital.Quantile(sorted, max(q-off, 0))) / 2
}

// tailError is the standard error of the mean of the worst share 1-beta of losses, the
// edge of which is itself estimated.
//
// Formula: sqrt((variance of the tail + beta (CVaR - VaR)^2) / ((1-beta) n)), Chen (2008)
// and Brazauskas and others (2008). Source: docs/formula/risk.md.
func tailError(losses []float64, atRisk, beta float64) float64 {
	var sum, squares, count float64
	for _, x := range losses {
		if x > atRisk {
			sum, squares, count = sum+x, squares+x*x, count+1
		}
	}
	if count < 2 {
		return math.Inf(1)
	}
	mean := sum / count
	variance := squares/count - mean*mean
	return math.Sqrt((max(variance, 0) + beta*(mean-atRisk)*(mean-atRisk)) / ((1 - beta) * float64(len(losses))))
}

// chanceError is the standard error of a probability from n draws.
func chanceError(p float64, n int) float64 { return math.Sqrt(p * (1 - p) / float64(n)) }

func (o *outcomes) fan(row, n int) []capital.Spread {
	out := make([]capital.Spread, o.quarters)
	sample := make([]float64, 0, n)
	for q := range out {
		sample = sample[:0]
		for i := range n {
			if x := float64(o.quarterly[row][i*o.quarters+q]); !math.IsInf(x, 0) {
				sample = append(sample, x)
			}
		}
		out[q] = capital.SpreadOf(sample)
	}
	return out
}

func (o *outcomes) promise(c int, k capital.Covenant, n int) Promise {
	out := Promise{Name: k.Name, Kind: k.Kind, Limit: k.Limit, First: make([]float64, o.quarters)}
	room := make([]float64, 0, n)
	for q := range o.quarters {
		var broken float64
		room = room[:0]
		for i := range n {
			at := i*o.quarters + q
			if o.breached[c][at] {
				broken++
			}
			room = append(room, float64(o.room[c][at]))
			if o.breach[c][i] == q {
				out.First[q] += 1 / float64(n)
			}
		}
		slices.Sort(room)
		out.Breach = append(out.Breach, broken/float64(n))
		out.Error = append(out.Error, chanceError(broken/float64(n), n))
		out.Room = append(out.Room, room[int(0.05*float64(n-1))])
	}
	for _, x := range out.First {
		out.Ever += x
	}
	return out
}
