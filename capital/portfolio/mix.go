package portfolio

import (
	"context"
	"errors"
	"fmt"
	"math"

	"sluice/solve"
)

// Holdings is capital to be shared among a few uses, such as mining, hosting and
// bitcoin held.
type Holdings struct {
	Uses    []Use
	Weights []float64 // of scenarios; they sum to 1
	Beta    float64   // level of CVaR
	Mean    float64   // expected return that is required, as a share of capital
}

// Use is one use of capital.
type Use struct {
	Name        string    // unique
	Returns     []float64 // by scenario, as a share of the capital in it: 0.1 is ten per cent gained
	Least, Most float64   // share of all capital; Most 0 says no limit
}

// Allocation is how capital is shared.
type Allocation struct {
	Share     []float64 // by use, sum 1
	Mean      float64   // expected return
	CVaR, VaR float64   // of the loss, as a share of capital; negative where even the tail gains
	// Price is by how much CVaR rises for each unit of required return; 0 where the
	// requirement does not bind.
	Price float64
}

// ErrMean means that no allocation earns what is required.
var ErrMean = errors.New("no allocation earns the required return")

// Mix shares capital so that the mean of the worst losses is least while a mean
// return is earned. Shares are at least 0 and sum to 1: nothing is borrowed.
//
// Formula: minimise a + sum of w_s z_s / (1 - beta), z_s >= loss_s - a, z_s >= 0
// (Rockafellar and Uryasev 2000). Source: docs/formula/portfolio.md.
func Mix(ctx context.Context, by Solver, h Holdings) (Allocation, error) {
	if err := h.check(); err != nil {
		return Allocation{}, err
	}
	p, mean := h.program()
	s, err := by.Solve(ctx, p, solve.Options{})
	switch {
	case err != nil:
		return Allocation{}, fmt.Errorf("mix: %w: %w", ErrSolver, err)
	case s.Status == solve.Infeasible:
		return Allocation{}, fmt.Errorf("mix: a mean of %v within the limits of each use: lower it: %w", h.Mean, ErrMean)
	case s.Status != solve.Optimal:
		return Allocation{}, fmt.Errorf("mix: %v, %s: %w", s.Status, s.Detail, ErrSolver)
	}
	out := Allocation{Share: s.Column[:len(h.Uses)]}
	if s.RowDual != nil {
		out.Price = max(0, s.RowDual[mean])
	}
	t := table{p: &Problem{Beta: h.Beta}}
	gain := make([]float64, len(h.Weights))
	for k, w := range h.Weights {
		t.p.Scenarios = append(t.p.Scenarios, Scenario{Weight: w})
		for i, u := range h.Uses {
			gain[k] += out.Share[i] * u.Returns[k]
		}
		out.Mean += w * gain[k]
	}
	out.VaR, out.CVaR, _ = t.tailOf(gain)
	return out, nil
}

// check refuses what makes no program.
func (h Holdings) check() error {
	f := &faults{}
	names, sum, least, most := once{}, 0.0, 0.0, 0.0
	for s, w := range h.Weights {
		if !(w > 0) {
			f.add("weight %d is %v: weights are above 0", s, w)
		}
		sum += w
	}
	if !(math.Abs(sum-1) <= weightSlack) {
		f.add("the weights of %d scenarios sum to %v: divide each by that sum", len(h.Weights), sum)
	}
	if !(h.Beta > 0 && h.Beta < 1) || math.IsNaN(h.Mean) || math.IsInf(h.Mean, 0) {
		f.add("level %v, required mean %v: give a level between 0 and 1, and a number", h.Beta, h.Mean)
	}
	for _, u := range h.Uses {
		names.name(f, "use of capital", u.Name)
		if len(u.Returns) != len(h.Weights) {
			f.add("use %q: %d returns for %d scenarios", u.Name, len(u.Returns), len(h.Weights))
		}
		numbers(f, fmt.Sprintf("use %q", u.Name), "return", u.Returns)
		if !(u.Least >= 0 && u.Least <= u.most() && u.most() <= 1) {
			f.add("use %q: a share from %v to %v: give bounds within 0 and 1", u.Name, u.Least, u.most())
		}
		least, most = least+u.Least, most+u.most()
	}
	if !(least <= 1+weightSlack && most >= 1-weightSlack) {
		f.add("the shares sum to at least %v and at most %v: they must be able to sum to 1", least, most)
	}
	return f.err()
}

// most is the largest share.
func (u Use) most() float64 {
	if u.Most == 0 {
		return 1
	}
	return u.Most
}

// program is the linear program, and the row of the mean. Columns are the shares,
// a, and z of each scenario.
func (h Holdings) program() (p *solve.Problem, mean int) {
	var b solve.Builder
	var all, earn []solve.Term
	for _, u := range h.Uses {
		j := b.AddColumn(solve.Column{Lower: u.Least, Upper: u.most()})
		all = append(all, solve.Term{Column: j, Value: 1})
		e := 0.0
		for s, w := range h.Weights {
			e += w * u.Returns[s]
		}
		earn = append(earn, solve.Term{Column: j, Value: e})
	}
	a := b.AddColumn(solve.Column{Cost: 1, Lower: math.Inf(-1), Upper: math.Inf(1)})
	b.AddRow(1, 1, all...)
	mean = b.AddRow(h.Mean, math.Inf(1), earn...)
	for s, w := range h.Weights {
		z := b.AddColumn(solve.Column{Cost: w / (1 - h.Beta), Upper: math.Inf(1)})
		row := []solve.Term{{Column: z, Value: 1}, {Column: a, Value: 1}}
		for i, u := range h.Uses {
			row = append(row, solve.Term{Column: i, Value: u.Returns[s]})
		}
		b.AddRow(0, math.Inf(1), row...)
	}
	return b.Problem(), mean
}
