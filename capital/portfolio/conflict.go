package portfolio

import (
	"context"
	"fmt"
	"math"
	"strings"

	"sluice/solve"
)

// Conflict says why no choice keeps all limits. It matches ErrInfeasible.
type Conflict struct {
	// Together are limits that cannot be kept together, though all but any one of them
	// can. A limit stands for all of its quarters.
	Together []string
	// Short is the least change that makes them possible, each part relative to the
	// size of its limit.
	Short []Shortage
}

// Shortage is by how much a limit would have to be raised.
type Shortage struct {
	Name string
	By   float64
}

// Error is the conflict in words.
func (c *Conflict) Error() string {
	var b strings.Builder
	switch len(c.Together) {
	case 0:
		b.WriteString("the limits cannot be kept")
	case 1:
		b.WriteString(c.Together[0] + " cannot be kept by any choice")
	default:
		last := len(c.Together) - 1
		b.WriteString(strings.Join(c.Together[:last], ", ") + " and " + c.Together[last] + " cannot be kept together")
	}
	for i, s := range c.Short {
		if i == 0 {
			b.WriteString("; the least change that helps: raise ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s by %.6g", s.Name, s.By)
	}
	return b.String() + ": " + ErrInfeasible.Error()
}

// Unwrap makes the conflict match ErrInfeasible.
func (c *Conflict) Unwrap() error { return ErrInfeasible }

// groups are the limits by what they belong to, in order.
func (t *table) groups() []string {
	var out []string
	for r := range t.rows {
		if g := t.rows[r].group; len(out) == 0 || out[len(out)-1] != g {
			out = append(out, g)
		}
	}
	if l := t.p.Liquidity; l != nil && l.Hard {
		out = append(out, cashName)
	}
	return out
}

// without is the table less some groups of limits.
func (t *table) without(dropped map[string]bool) *table {
	u, p := *t, *t.p
	u.p, u.rows, u.of = &p, nil, make([][]entry, len(t.cols))
	for r := range t.rows {
		if dropped[t.rows[r].group] {
			continue
		}
		for k, j := range t.rows[r].at {
			u.of[j] = append(u.of[j], entry{len(u.rows), t.rows[r].by[k]})
		}
		u.rows = append(u.rows, t.rows[r])
	}
	if p.Liquidity != nil && (dropped[cashName] || !p.Liquidity.Hard) {
		p.Liquidity = nil
	}
	return &u
}

// conflict leaves out one group of limits after the other. Where there is still no
// choice, that group is not to blame; the others are. What they lack is then found
// by a program in which every limit may be passed at a cost.
func (t *table) conflict(ctx context.Context, o Options) error {
	dropped := map[string]bool{}
	c := &Conflict{}
	for _, g := range t.groups() {
		dropped[g] = true
		possible, err := t.without(dropped).possible(ctx, o)
		if err != nil {
			return fmt.Errorf("%w, and to say why failed: %w", ErrInfeasible, err)
		}
		if possible {
			delete(dropped, g)
			c.Together = append(c.Together, g)
		}
	}
	var err error
	if c.Short, err = t.without(dropped).shortage(ctx, o); err != nil {
		return fmt.Errorf("%w, and to say why failed: %w", c, err)
	}
	return c
}

// possible says whether any choice keeps all limits. Where the solver was stopped
// it says yes, so that a limit is named rather than passed over.
func (t *table) possible(ctx context.Context, o Options) (bool, error) {
	a, _, err := newBuilder(t, aimNothing).settle(ctx, o)
	if err != nil {
		return false, err
	}
	return a.Status != solve.Infeasible, nil
}

// shortage is what the limits are passed by at least.
func (t *table) shortage(ctx context.Context, o Options) ([]Shortage, error) {
	b := newBuilder(t, aimLeast)
	a, pick, err := b.settle(ctx, o)
	if err != nil || pick == nil {
		return nil, err
	}
	var out []Shortage
	x := t.at(pick)
	for r := range t.rows {
		if t.rows[r].broken(x.use[r], x.gross[r]) {
			out = append(out, Shortage{t.rows[r].name, x.use[r] - t.rows[r].most})
		}
	}
	for q := range t.p.Quarters {
		if by := a.Column[b.shortColumn()+q] * b.cashSizeOrNought(); by > slack*b.cashSizeOrNought() {
			out = append(out, Shortage{fmt.Sprintf("the cash of quarter %d", q), by})
		}
	}
	return out, nil
}

// cashSizeOrNought is the scale of a shortfall, or 0 without liquidity.
func (b *builder) cashSizeOrNought() float64 {
	if b.t.p.Liquidity == nil {
		return 0
	}
	return b.cashSize()
}

// settle solves a program whose aim is not the worth, with the cuts of liquidity it
// needs. The pick is nil where there is none.
func (b *builder) settle(ctx context.Context, o Options) (*solve.Solution, []int, error) {
	c := b.t.chained(nil)
	for range mostWhole {
		a, err := o.Solver.Solve(ctx, b.program(nil, c), solve.Options{TimeLimit: o.Limit, NodeLimit: o.Nodes, NoDuals: true, NoBasis: true})
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrSolver, err)
		}
		if !a.Status.Usable() {
			return a, nil, nil
		}
		c.read(a.Column)
		pick := b.t.picked(a.Column)
		x := b.t.at(pick)
		w := b.t.weigh(x)
		if b.mend(x, &w, a.Column, math.Inf(1)) == 0 {
			return a, pick, nil
		}
	}
	return nil, nil, fmt.Errorf("no end after %d rounds: %w", mostWhole, ErrSolver)
}
