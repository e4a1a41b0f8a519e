package portfolio

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Limit is a kind of limit that can be raised.
type Limit uint8

// The limits that can be raised.
const (
	Money Limit = iota // the budget
	People
	Grid // of a substation
	Cash // at the start: more liquidity
)

// Raise is a limit with a step by which it is raised.
type Raise struct {
	Limit      Limit
	Substation string  // of Grid
	Quarter    int     // the quarter that is raised; -1: every quarter. Cash has none.
	Step       float64 // above 0: money, people or megawatts
}

// Raised is what a raise is worth. A portfolio is not smooth: the worth of a step is
// that of this step, and half a step may be worth nothing.
type Raised struct {
	Raise  Raise
	Choice Choice
	Gain   float64 // of the objective
	Unit   float64 // Gain by unit of what was raised in each quarter
	// Least and Most enclose the true gain: the gaps of both choices are in them.
	Least, Most float64
}

// Worth solves again with each limit raised by a step, and says what that adds to
// the objective of a choice that Choose made of the same problem. It never takes
// anything away: the choice stays possible.
//
// Formula: (objective after - objective before) / step. Source: docs/formula/portfolio.md.
func Worth(ctx context.Context, p Problem, c Choice, o Options, raises ...Raise) ([]Raised, error) {
	if len(c.pick) != len(p.Sites) {
		return nil, fmt.Errorf("the choice is not one of this plan: choose first: %w", ErrProblem)
	}
	o.hints = [][]int{c.pick}
	var out []Raised
	for _, r := range raises {
		q, err := r.apply(p)
		if err != nil {
			return nil, err
		}
		after, err := Choose(ctx, q, o)
		if err != nil {
			return nil, err
		}
		gain := after.Objective - c.Objective
		out = append(out, Raised{
			Raise: r, Choice: after, Gain: gain, Unit: gain / r.Step,
			Least: max(0, after.Objective-c.Bound), Most: after.Bound - c.Objective,
		})
	}
	return out, nil
}

// apply is the problem with the limit raised; p stays as it is.
func (r Raise) apply(p Problem) (Problem, error) {
	if !(r.Step > 0) || math.IsInf(r.Step, 0) || r.Quarter < -1 || r.Quarter >= p.Quarters {
		return p, fmt.Errorf("raise by %v in quarter %d: give a step above 0, and a quarter of the plan or -1 for all: %w", r.Step, r.Quarter, ErrProblem)
	}
	switch {
	case r.Limit == Money && p.Budget != nil:
		b := *p.Budget
		b.Money = r.lift(b.Money)
		p.Budget = &b
	case r.Limit == People && p.Crew != nil:
		p.Crew = r.lift(p.Crew)
	case r.Limit == Cash && p.Liquidity != nil:
		l := *p.Liquidity
		l.Start += r.Step
		p.Liquidity = &l
	case r.Limit == Grid:
		k := slices.IndexFunc(p.Substations, func(s Substation) bool { return s.Name == r.Substation })
		if k < 0 {
			return p, fmt.Errorf("raise the grid of substation %q: it is not in the plan: %w", r.Substation, ErrProblem)
		}
		p.Substations = slices.Clone(p.Substations)
		p.Substations[k].MW = r.lift(p.Substations[k].MW)
	default:
		return p, fmt.Errorf("raise limit %d: the plan has no such limit: %w", r.Limit, ErrProblem)
	}
	return p, nil
}

// lift is a limit with the step in its quarters.
func (r Raise) lift(x []float64) []float64 {
	x = slices.Clone(x)
	for q := range x {
		if r.Quarter < 0 || q == r.Quarter {
			x[q] += r.Step
		}
	}
	return x
}
