package solve_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/solve"
)

// drawProblem draws a valid problem.
func drawProblem(t *rapid.T) *solve.Problem {
	n, rows := rapid.IntRange(1, 6).Draw(t, "columns"), rapid.IntRange(0, 5).Draw(t, "rows")
	number := rapid.Float64Range(-100, 100)
	b := &builder{}
	for range n {
		lo := rapid.Float64Range(-10, 10).Draw(t, "lower")
		b.AddColumn(solve.Column{
			Cost: number.Draw(t, "cost"), Lower: lo, Upper: lo + rapid.Float64Range(0, 20).Draw(t, "width"),
			Kind: rapid.SampledFrom([]solve.Kind{solve.Continuous, solve.Integer}).Draw(t, "kind"),
		})
	}
	for range rows {
		var terms []float64
		for range rapid.IntRange(0, 8).Draw(t, "terms") {
			terms = append(terms, float64(rapid.IntRange(0, n-1).Draw(t, "column")), number.Draw(t, "value"))
		}
		b.row(-inf, number.Draw(t, "upper"), terms...)
	}
	return b.Problem()
}

func TestValidateAcceptsWhatBuilderMakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := drawProblem(t).Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestValidateFindsEveryFault plants one fault of any kind into a valid problem.
func TestValidateFindsEveryFault(t *testing.T) {
	t.Parallel()
	bad := []float64{math.NaN(), inf, -inf}
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		// A row to spoil exists in every case.
		p.Start, p.Index, p.Value = append(p.Start, p.Start[len(p.Start)-1]+1), append(p.Index, 0), append(p.Value, 1)
		p.RowLower, p.RowUpper = append(p.RowLower, 0), append(p.RowUpper, 1)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		j, r, k := len(p.Cost)-1, len(p.RowLower)-1, len(p.Value)-1
		x := rapid.SampledFrom(bad).Draw(t, "bad")
		plant := map[string]func(){
			"cost": func() { p.Cost[j] = x }, "offset": func() { p.Offset = x }, "value": func() { p.Value[k] = x },
			"lower": func() { p.Lower[j] = math.NaN() }, "upper": func() { p.Upper[j] = -inf },
			"row lower": func() { p.RowLower[r] = inf }, "row upper": func() { p.RowUpper[r] = math.NaN() },
			"index high": func() { p.Index[k] = int32(j + 1) }, "index low": func() { p.Index[k] = -1 },
			"duplicate": func() {
				p.Index, p.Value = append(p.Index, p.Index[k]), append(p.Value, 1)
				p.Start[r+1]++
			},
			"start first": func() { p.Start[0] = 1 }, "start order": func() { p.Start[r] = p.Start[r+1] + 1 },
			"start end": func() { p.Start[r+1]++ }, "sizes": func() { p.Upper = p.Upper[:j] }, "row sizes": func() { p.RowUpper = p.RowUpper[:r] },
			"kinds": func() { p.Kind = make([]solve.Kind, j) }, "indices": func() { p.Index = p.Index[:k] }, "starts": func() { p.Start = p.Start[:r] },
			"kind":       func() { p.Kind = make([]solve.Kind, j+1); p.Kind[j] = 7 },
			"semi lower": func() { p.Kind = make([]solve.Kind, j+1); p.Kind[j] = solve.SemiContinuous; p.Lower[j] = -1 },
			"semi upper": func() { p.Kind = make([]solve.Kind, j+1); p.Kind[j] = solve.SemiContinuous; p.Upper[j] = inf },
		}
		names := make([]string, 0, len(plant))
		for name := range plant {
			names = append(names, name)
		}
		slices.Sort(names)
		name := rapid.SampledFrom(names).Draw(t, "fault")
		plant[name]()
		if err := p.Validate(); !errors.Is(err, solve.ErrInvalid) {
			t.Fatalf("%s: %v, want ErrInvalid", name, err)
		}
	})
}

func TestValidateListsFaultsUpToALimit(t *testing.T) {
	t.Parallel()
	b := &builder{}
	for range 30 {
		b.col(math.NaN(), 0, 1)
	}
	err := b.Problem().Validate()
	if err == nil || strings.Count(err.Error(), "cost is NaN") != 20 || !strings.Contains(err.Error(), "10 more") {
		t.Error(err)
	}
}

// TestSmallProblemsAgainstPoints compares small linear programs with the best
// of many points: no checked optimum may be beaten by a feasible point.
func TestSmallProblemsAgainstPoints(t *testing.T) {
	t.Parallel()
	in := instance(t)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		s, err := in.Solve(ctx, p, solve.Options{})
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float64, p.Columns())
		cost := p.Offset
		for j := range x {
			x[j] = p.Lower[j] + rapid.Float64Range(0, 1).Draw(t, "point")*(p.Upper[j]-p.Lower[j])
			if p.Kind != nil && p.Kind[j] == solve.Integer {
				x[j] = math.Round(x[j])
			}
			if x[j] < p.Lower[j] || x[j] > p.Upper[j] {
				return
			}
			cost += p.Cost[j] * x[j]
		}
		for r := range p.RowLower {
			sum := 0.0
			for k := p.Start[r]; k < p.Start[r+1]; k++ {
				sum += p.Value[k] * x[p.Index[k]]
			}
			if sum < p.RowLower[r] || sum > p.RowUpper[r] {
				return
			}
		}
		if s.Status != solve.Optimal || s.Objective > cost+1e-5*(1+math.Abs(cost)) {
			t.Fatalf("%v %v (%s), but a point costs %v", s.Status, s.Objective, s.Detail, cost)
		}
	})
}

func TestBuilderAddsUpTerms(t *testing.T) {
	t.Parallel()
	b := &builder{}
	x, y := float64(b.col(1, 0, 1)), float64(b.col(2, 0, 1))
	b.row(0, 1, y, 2, x, 1, y, 3, x, -1)
	b.AddOffset(5)
	got := b.Problem()
	want := &solve.Problem{
		Cost: []float64{1, 2}, Lower: []float64{0, 0}, Upper: []float64{1, 1}, RowLower: []float64{0}, RowUpper: []float64{1},
		Start: []int32{0, 2}, Index: []int32{0, 1}, Value: []float64{0, 5}, Offset: 5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var empty solve.Builder
	if err := empty.Problem().Validate(); !errors.Is(err, solve.ErrInvalid) {
		t.Errorf("empty problem: %v", err)
	}
}

func TestBasisShift(t *testing.T) {
	t.Parallel()
	b := &solve.Basis{Column: []int8{9, 1, 2, 3, 4, 5, 6, 8}, Row: []int8{1, 2, 3, 7}}
	l := solve.Layout{Blocks: 3, Columns: 2, Rows: 1, FirstColumn: 1}
	for n, want := range map[int]*solve.Basis{
		0: {Column: []int8{9, 1, 2, 3, 4, 5, 6, 8}, Row: []int8{1, 2, 3, 7}},
		1: {Column: []int8{9, 3, 4, 5, 6, 5, 6, 8}, Row: []int8{2, 3, 3, 7}},
		2: {Column: []int8{9, 5, 6, 5, 6, 5, 6, 8}, Row: []int8{3, 3, 3, 7}},
		3: {Column: []int8{9, 5, 6, 5, 6, 5, 6, 8}, Row: []int8{3, 3, 3, 7}},
	} {
		got, err := b.Shift(l, n)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("shift by %d: %s", n, diff)
		}
	}
	for name, bad := range map[string]struct {
		l solve.Layout
		n int
	}{
		"backwards": {l, -1}, "too far": {l, 4}, "no blocks": {solve.Layout{}, 0}, "columns too wide": {solve.Layout{Blocks: 3, Columns: 3}, 1},
		"rows too many": {solve.Layout{Blocks: 3, Columns: 1, Rows: 2}, 1}, "before the start": {solve.Layout{Blocks: 1, FirstRow: -1}, 1},
	} {
		if _, err := b.Shift(bad.l, bad.n); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestAnyBasisIsRepaired starts from nonsense and must still find the optimum.
func TestAnyBasisIsRepaired(t *testing.T) {
	t.Parallel()
	in := instance(t)
	p := r1.problem()
	for _, state := range []int8{solve.AtLower, solve.Basic, solve.Nonbasic} {
		b := &solve.Basis{Column: make([]int8, p.Columns()), Row: make([]int8, p.Rows())}
		for _, side := range [][]int8{b.Column, b.Row} {
			for i := range side {
				side[i] = state
			}
		}
		wantOptimal(t, mustSolve(t, in, p, solve.Options{Basis: b}), -84475.155183, 1e-10)
	}
}

// TestWholeNumbersBetweenFractions: bounds of a whole number that are none are
// rounded inward, at first and when they change.
func TestWholeNumbersBetweenFractions(t *testing.T) {
	t.Parallel()
	in := instance(t)
	b := &builder{}
	b.AddColumn(solve.Column{Cost: 1, Lower: -0.5, Upper: 0.5, Kind: solve.Integer})
	b.AddColumn(solve.Column{Cost: 1, Lower: 1, Upper: 2})
	b.row(-inf, 1, 0, 4)
	p := b.Problem()
	s, err := in.Solve(t.Context(), p, solve.Options{})
	if err != nil || s.Status != solve.Optimal || s.Column[0] != 0 || s.Column[1] != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	p.Lower[0], p.Upper[0] = 0.3, 0.4
	if s, err = in.Solve(t.Context(), p, solve.Options{}); err != nil || s.Status == solve.Optimal {
		t.Errorf("a whole number between 0.3 and 0.4: %+v, %v", s, err)
	}
}
