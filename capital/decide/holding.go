package decide

import (
	"context"
	"fmt"
	"math"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/portfolio"
	"sluice/capital/risk"
)

// Holdings are three uses of one more dollar of capital, per future kept: to mine as
// the plan does without its projects, to build its projects, and to hold bitcoin.
// A return is that of the whole plan, discounted: what comes back is worth so much
// more or less than what was put in.
//
// Formula: mining: NPV without projects / value of plant and fleet; hosting: NPV of the
// projects / present value of what they cost; bitcoin: discounted price at the end /
// price at the begin - 1. Source: docs/formula/decide.md.
func (g Ground) Holdings(ctx context.Context, r portfolio.Reduced) (portfolio.Holdings, error) {
	p := g.Plan.Converted()
	bare := p
	bare.Projects, bare.Loans, bare.Sources = nil, nil, nil
	mined := p.Opening.Plant
	for _, s := range p.Sites {
		mined += s.Fleet.MW * s.Fleet.Resale
	}
	if mined <= 0 || len(p.Projects) == 0 {
		return portfolio.Holdings{}, fmt.Errorf("capital cannot be shared: the plan says neither opening plant nor resale_per_mw of its fleets, or it has no project: %w", ErrDecide)
	}
	without, err := g.rows(ctx, bare, r.Path)
	if err != nil {
		return portfolio.Holdings{}, err
	}
	free := p
	free.Loans, free.Sources = nil, nil
	with, err := g.rows(ctx, free, r.Path)
	if err != nil {
		return portfolio.Holdings{}, err
	}
	built, err := g.built(free)
	if err != nil {
		return portfolio.Holdings{}, err
	}
	coins, err := g.coins(bare, r.Path)
	if err != nil {
		return portfolio.Holdings{}, err
	}
	out := portfolio.Holdings{Weights: r.Weight, Beta: 0.95, Uses: []portfolio.Use{{Name: "mining"}, {Name: "hosting"}, {Name: "bitcoin"}}}
	for k := range r.Path {
		out.Uses[0].Returns = append(out.Uses[0].Returns, without[k].npv/mined)
		out.Uses[1].Returns = append(out.Uses[1].Returns, (with[k].npv-without[k].npv)/built)
		out.Uses[2].Returns = append(out.Uses[2].Returns, coins[k])
	}
	return out, nil
}

// built is the present value of what the projects cost on the expected path.
func (g Ground) built(p capital.Plan) (float64, error) {
	m, err := model.New(p, model.Monthly(p), g.Hours)
	if err != nil {
		return 0, err
	}
	r := m.NewRun()
	m.Run(m.Base(), r)
	spent := make([]float64, len(r.Months))
	for k := range r.Months {
		spent[k] = -r.Months[k][model.Built] - r.Months[k][model.Bought]
	}
	return risk.Value(p, spent), nil
}

// coins is the discounted return of holding bitcoin for the whole plan.
func (g Ground) coins(p capital.Plan, futures []int) ([]float64, error) {
	m, f, err := g.lay(p)
	if err != nil {
		return nil, err
	}
	discount := math.Pow(1+p.Discount, float64(p.Years))
	x, out := f.New(), make([]float64, len(futures))
	for k, n := range futures {
		f.Draw(uint64(n), x)
		out[k] = x.Price[m.Grid().Steps()-1]/discount/p.Market.Price - 1
	}
	return out, nil
}

// Corner is how capital is shared for one required return.
type Corner struct {
	Required float64
	portfolio.Allocation
}

// Corners shares capital for returns from that of the least risk to the highest that
// one use has: the efficient frontier of mining, hosting and bitcoin held.
func Corners(ctx context.Context, by portfolio.Solver, h portfolio.Holdings, n int) (out []Corner, err error) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, u := range h.Uses {
		var mean float64
		for k, r := range u.Returns {
			mean += h.Weights[k] * r
		}
		least, most = min(least, mean), max(most, mean)
	}
	for i := range n {
		h.Mean = least + (most-least)*float64(i)/float64(n-1)
		if i == n-1 {
			h.Mean -= 1e-9 * math.Max(math.Abs(most), 1)
		}
		a, err := portfolio.Mix(ctx, by, h)
		if err != nil {
			return nil, err
		}
		if len(out) > 0 && math.Abs(a.Mean-out[len(out)-1].Mean) < 1e-9 && math.Abs(a.CVaR-out[len(out)-1].CVaR) < 1e-9 {
			continue // the requirement did not bind yet
		}
		out = append(out, Corner{Required: h.Mean, Allocation: a})
	}
	return out, nil
}
