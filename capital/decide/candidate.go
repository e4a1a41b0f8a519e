package decide

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/portfolio"
	"sluice/capital/risk"
)

// Limits are what limits a choice of projects, and how many futures it is made on.
type Limits struct {
	Delays    []int     // quarters by which a project may begin later; 0 is as planned
	Futures   int       // drawn, before they are reduced
	Scenarios int       // kept
	Budget    []float64 // by quarter; nil: none
	Carry     bool
	Building  int     // most projects in construction at once; 0: no limit
	Beta      float64 // level of CVaR
	Aversion  float64 // weight of CVaR
	Least     float64 // liquidity that may not be passed, in expectation of a penalty
	Penalty   float64
}

// Candidates makes a portfolio problem of the plan's projects: each is not built, or
// built now or some quarters later. Its present values and cash are those of the plan
// with it less the plan without it, on the futures kept.
func (g Ground) Candidates(ctx context.Context, l Limits) (portfolio.Problem, portfolio.Reduced, error) {
	p := g.Plan.Converted()
	if len(p.Projects) == 0 {
		return portfolio.Problem{}, portfolio.Reduced{}, fmt.Errorf("the plan has no project to choose: %w", ErrDecide)
	}
	reduced, err := g.reduce(ctx, l)
	if err != nil {
		return portfolio.Problem{}, reduced, err
	}
	out := portfolio.Problem{Quarters: p.Months() / 3, Beta: l.Beta, Aversion: l.Aversion, Building: l.Building}
	for k, w := range reduced.Weight {
		out.Scenarios = append(out.Scenarios, portfolio.Scenario{Name: fmt.Sprintf("future %d", reduced.Path[k]), Weight: w})
	}
	if l.Budget != nil {
		out.Budget = &portfolio.Budget{Money: l.Budget, Carry: l.Carry}
	}
	bare := p
	bare.Projects, bare.Loans, bare.Sources = nil, nil, nil
	without, err := g.rows(ctx, bare, reduced.Path)
	if err != nil {
		return out, reduced, err
	}
	for i := range p.Projects {
		s, err := g.options(ctx, i, without, reduced.Path, l)
		if err != nil {
			return out, reduced, fmt.Errorf("project %q: %w", p.Projects[i].Name, err)
		}
		out.Sites = append(out.Sites, s)
	}
	out.Substations = substations(p, out.Quarters)
	if l.Penalty > 0 {
		out.Liquidity = &portfolio.Liquidity{Start: p.Opening.Cash, Least: l.Least, Penalty: l.Penalty}
	}
	return out, reduced, nil
}

// substations are the connections of the sites.
func substations(p capital.Plan, quarters int) (out []portfolio.Substation) {
	for _, s := range p.Sites {
		mw := make([]float64, quarters)
		for q := range mw {
			mw[q] = s.Gross
		}
		out = append(out, portfolio.Substation{Name: s.Name, MW: mw})
	}
	return out
}

// row is a plan on one future: its present value, and its cash by quarter.
type row struct {
	npv  float64
	free []float64
}

// rows runs a plan on some futures.
func (g Ground) rows(ctx context.Context, p capital.Plan, futures []int) ([]row, error) {
	m, f, err := g.lay(p)
	if err != nil {
		return nil, err
	}
	out := make([]row, len(futures))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(futures)) {
		wait.Go(func() {
			x, r := f.New(), m.NewRun()
			for i := int(next.Add(1)) - 1; i < len(futures) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f.Draw(uint64(futures[i]), x)
				m.Run(&x.Path, r)
				free := risk.FreeOf(r)
				out[i] = row{npv: risk.Value(p, free), free: quarterly(free)}
			}
		})
	}
	wait.Wait()
	return out, ctx.Err()
}

func quarterly(months []float64) []float64 {
	out := make([]float64, len(months)/3)
	for k := range out {
		out[k] = months[3*k] + months[3*k+1] + months[3*k+2]
	}
	return out
}

// reduce keeps the futures that stand for all, by the cash of the whole plan.
func (g Ground) reduce(ctx context.Context, l Limits) (portfolio.Reduced, error) {
	all := make([]int, l.Futures)
	for i := range all {
		all[i] = i
	}
	rows, err := g.rows(ctx, g.Plan.Converted(), all)
	if err != nil {
		return portfolio.Reduced{}, err
	}
	flows := make([][]float64, len(rows))
	for i, r := range rows {
		flows[i] = r.free
	}
	return portfolio.Reduce(flows, l.Scenarios, g.Risk.Seed)
}

// options are what can be done with one project.
func (g Ground) options(ctx context.Context, i int, without []row, futures []int, l Limits) (portfolio.Site, error) {
	x := g.Plan.Projects[i]
	out := portfolio.Site{Name: x.Name, Substation: x.Site, Options: []portfolio.Option{{Name: portfolio.None, Product: portfolio.None}}}
	for _, delay := range l.Delays {
		p := g.Plan.Converted()
		later := x
		later.Begin = x.Begin.Add(3 * delay)
		if later.Begin >= p.End() {
			continue
		}
		if c := &later.Contract; c.Starts != 0 {
			c.Starts = c.Starts.Add(3 * delay)
			if c.Ends != 0 {
				c.Ends = c.Ends.Add(3 * delay)
			}
		}
		p.Projects, p.Loans, p.Sources = []capital.Project{later}, nil, nil
		o, err := g.option(ctx, p, without, futures)
		if err != nil {
			return out, err
		}
		o.Name, o.Product, o.Start = fmt.Sprintf("begin %s", later.Begin), x.Contract.Product, int(later.Begin-p.Begin)/3
		if o.Product == "" {
			o.Product = "hosting"
		}
		out.Options = append(out.Options, o)
	}
	return out, nil
}

// option is one project begun at one time, against the plan without any.
func (g Ground) option(ctx context.Context, p capital.Plan, without []row, futures []int) (portfolio.Option, error) {
	rows, err := g.rows(ctx, p, futures)
	if err != nil {
		return portfolio.Option{}, err
	}
	var o portfolio.Option
	for k, r := range rows {
		cash := make([]float64, len(r.free))
		for q := range cash {
			cash[q] = r.free[q] - without[k].free[q]
		}
		o.NPV, o.Cash = append(o.NPV, r.npv-without[k].npv), append(o.Cash, cash)
	}
	m, err := model.New(p, model.Monthly(p), g.Hours)
	if err != nil {
		return o, err
	}
	r := m.NewRun()
	m.Run(m.Base(), r)
	quarters := len(r.Months) / 3
	o.Capex, o.MW = make([]float64, quarters), make([]float64, quarters)
	for k := range r.Months {
		q := k / 3
		o.Capex[q] -= r.Months[k][model.Built] + r.Months[k][model.Bought]
		if float64(k) >= float64(p.Projects[0].Begin-p.Begin) {
			o.MW[q] = p.Projects[0].Gross
		}
	}
	o.Build = max(int(m.Planned(0)/3+0.999), 1)
	return o, nil
}
