package portfolio

import (
	"context"
	"fmt"
	"math"
)

// Point is a choice on the frontier, with the aversion it is best for.
type Point struct {
	Aversion float64
	Choice   Choice
}

// Frontier chooses once for every aversion to risk, in the order given. Every choice
// that was found is tried at every aversion, so that with rising aversion neither
// CVaR nor expected value (less penalties) rises, whatever the gap.
//
// A weight meets only choices on the convex hull of value and risk; choices between
// its corners that no weight prefers are not on the list.
//
// Source: docs/formula/portfolio.md.
func Frontier(ctx context.Context, p Problem, o Options, aversions ...float64) ([]Point, error) {
	out := make([]Point, len(aversions))
	var pool [][]int
	for i, a := range aversions {
		p.Aversion = a
		o.hints = pool
		c, err := Choose(ctx, p, o)
		if err != nil {
			return nil, fmt.Errorf("aversion %v: %w", a, err)
		}
		out[i] = Point{a, c}
		pool = append(pool, c.pick)
	}
	for i := range out {
		if err := out[i].exchange(p, pool, o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// exchange takes a pick of another point where it is better here.
func (x *Point) exchange(p Problem, pool [][]int, o Options) error {
	p.Aversion = x.Aversion
	t, err := newTable(&p)
	if err != nil {
		return err
	}
	s := newSearch(t, o)
	s.best, s.value, s.bound = x.Choice.pick, math.Inf(-1), x.Choice.Bound
	effort, better := x.Choice.Effort, false
	s.offer(x.Choice.pick)
	for _, pick := range pool {
		better = s.offer(pick) || better
	}
	if better {
		x.Choice = s.choice()
		x.Choice.Effort = effort
	}
	return nil
}
