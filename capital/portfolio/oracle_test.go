package portfolio

import (
	"errors"
	"testing"
)

// oracleShape is the size of case n of the oracle: many small ones, one of the largest that can be counted out.
func oracleShape(n int) shape {
	switch {
	case n == 0:
		return shape{6, 8, 12, 4}
	case n < 8:
		return shape{5, 6, 10, 4}
	}
	return shape{2 + n%3, 3 + n%4, 3 + n%9, 2 + n%5}
}

// TestExhaustiveAgrees compares the program with counting out, at gap 0.
func TestExhaustiveAgrees(t *testing.T) {
	t.Parallel()
	in := solver(t)
	infeasible, averse, kinds := 0, 0, map[string]bool{}
	for n := range 100 {
		p := random(uint64(n), oracleShape(n))
		want, wrong := Exhaustive(p)
		got, err := Choose(t.Context(), p, Options{Solver: in})
		if wrong != nil {
			var c *Conflict
			if !errors.Is(wrong, ErrInfeasible) || !errors.Is(err, ErrInfeasible) || !errors.As(err, &c) || len(c.Together) == 0 || len(c.Short) == 0 {
				t.Errorf("case %d: counting out says %v, the program %v", n, wrong, err)
			}
			infeasible++
			continue
		}
		if err != nil {
			t.Errorf("case %d: %v, but there are %d feasible combinations", n, err, want.Feasible)
			continue
		}
		if !near(got.Objective, want.Objective, 1e-6, 1e3) || !got.Proven {
			t.Errorf("case %d: objective %v, want %v of %v; bound %v", n, got.Objective, want.Objective, want.Pick, got.Bound)
		}
		if !near(got.Bound, want.Objective, 1e-6, 1e3) {
			t.Errorf("case %d: bound %v, best %v", n, got.Bound, want.Objective)
		}
		if p.Aversion > 0 {
			averse++
		}
		if l := p.Liquidity; l != nil && l.Hard {
			kinds["hard"] = true
		} else if l != nil {
			kinds["soft"] = true
		}
	}
	if infeasible < 5 || infeasible > 60 || averse < 20 || len(kinds) < 2 {
		t.Errorf("%d infeasible, %d averse, liquidity %v: the cases do not try everything", infeasible, averse, kinds)
	}
	t.Logf("%d infeasible, %d averse", infeasible, averse)
}
