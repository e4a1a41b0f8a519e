package portfolio

import (
	"errors"
	"math"
	"testing"
)

// TestNothingIsNotClose: where there is no choice yet nothing is proven, however wide the
// gap that is asked for.
func TestNothingIsNotClose(t *testing.T) {
	t.Parallel()
	in := solver(t)
	p := random(1, shape{4, 5, 5, 4})
	tb, err := newTable(&p)
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range []float64{0, 1e-3, 1} {
		if newSearch(tb, Options{Solver: in, Gap: gap}).close(1e9, math.Inf(-1)) {
			t.Errorf("gap %v: no choice at all counts as proven", gap)
		}
	}
	chosen := 0
	for seed := range uint64(60) {
		p := random(500+seed, shape{4, 5, 5, 4})
		want, wrong := Exhaustive(p)
		got, err := Choose(t.Context(), p, Options{Solver: in, Gap: 0.01})
		if wrong != nil {
			if !errors.Is(err, ErrInfeasible) {
				t.Errorf("seed %d: %v, want %v", seed, err, wrong)
			}
			continue
		}
		chosen++
		if err != nil || len(got.Taken) != len(p.Sites) || !got.Proven || got.Objective < want.Objective-0.01*math.Abs(got.Objective)-1 {
			t.Errorf("seed %d: %v of %d sites, %v, want %v (%v)", seed, len(got.Taken), len(p.Sites), got.Objective, want.Objective, err)
		}
	}
	if chosen < 10 {
		t.Errorf("only %d cases have a choice", chosen)
	}
}
