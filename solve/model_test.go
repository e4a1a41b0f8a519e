package solve_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/solve"
)

func TestOtherStatuses(t *testing.T) {
	t.Parallel()
	in := instance(t)
	infeasible, unbounded, crossed, both := &builder{}, &builder{}, &builder{}, &builder{}
	x := float64(infeasible.col(1, 0, 1))
	infeasible.row(2, 3, x, 1)
	unbounded.col(-1, 0, inf)
	crossed.col(1, 2, 1)
	y, z := float64(both.col(-1, 0, inf)), float64(both.col(-1, 0, inf))
	both.row(-inf, -1, y, 1, z, -1)
	both.row(-inf, -1, y, -1, z, 1)
	whole := &builder{}
	w := float64(whole.bin(1))
	whole.row(0.2, 0.8, w, 1)
	for name, c := range map[string]struct {
		p    *solve.Problem
		want solve.Status
	}{
		"infeasible row": {infeasible.Problem(), solve.Infeasible}, "crossed bounds": {crossed.Problem(), solve.Infeasible},
		"unbounded": {unbounded.Problem(), solve.Unbounded}, "infeasible in the dual too": {both.Problem(), solve.Infeasible},
		"no whole number": {whole.Problem(), solve.Infeasible},
	} {
		if s := mustSolve(t, in, c.p, solve.Options{}); s.Status != c.want || s.Detail == "" || s.Column != nil || s.Status.Usable() {
			t.Errorf("%s: %v (%s), want %v", name, s.Status, s.Detail, c.want)
		}
	}
	for s, want := range map[solve.Status]string{
		solve.Failed: "failed", solve.Optimal: "optimal", solve.Feasible: "feasible", solve.Infeasible: "infeasible",
		solve.Unbounded: "unbounded", 9: "status 9",
	} {
		if s.String() != want {
			t.Errorf("status %d says %q, want %q", s, s.String(), want)
		}
	}
}

func TestKeptModelFollowsChanges(t *testing.T) {
	t.Parallel()
	in := instance(t)
	m, err := in.Load(t.Context(), rolling.problem())
	if err != nil {
		t.Fatal(err)
	}
	s := mustRun(t, m, solve.Options{})
	iterations := 0
	for turn := 1; turn <= 40; turn++ {
		step(t, m, rolling, turn)
		mustShift(t, m, s.Basis, rolling.layout())
		s = mustRun(t, m, solve.Options{})
		iterations += s.Iterations
		cold := mustSolve(t, in, m.Problem(), solve.Options{})
		if !near(s.Objective, cold.Objective, 1e-9) {
			t.Fatalf("turn %d: %v from the shifted basis, %v cold", turn, s.Objective, cold.Objective)
		}
	}
	if mean := iterations / 40; mean > 60 {
		t.Errorf("%d iterations per turn from shifted bases, expected about 20", mean)
	}
}

func TestModelVariants(t *testing.T) {
	t.Parallel()
	in := instance(t)
	m, err := in.Load(t.Context(), v1())
	if err != nil {
		t.Fatal(err)
	}
	full := mustRun(t, m, solve.Options{})
	lean := mustRun(t, m, solve.Options{NoDuals: true, NoBasis: true, Cold: true})
	if lean.RowDual != nil || lean.ColumnDual != nil || lean.Basis != nil || lean.Objective != full.Objective {
		t.Errorf("lean run: %+v", lean)
	}
	again := mustRun(t, m, solve.Options{Basis: full.Basis})
	if again.Iterations != 0 {
		t.Errorf("%d iterations from the optimal basis", again.Iterations)
	}
	// At half the efficiency of import a megawatt costs 100: only g 3 is worth it.
	if err := m.SetValues(0, []float64{0.5}); err != nil {
		t.Fatal(err)
	}
	wantOptimal(t, mustRun(t, m, solve.Options{}), 300-300*3, 1e-9)
	if err := m.SetRowBounds(0, []float64{-1}, []float64{-1}); err != nil {
		t.Fatal(err)
	}
	if err := m.SetBounds(4, []float64{0}, []float64{0}); err != nil {
		t.Fatal(err)
	}
	// Without g, the megawatt given away serves a.
	wantOptimal(t, mustRun(t, m, solve.Options{}), -97, 1e-9)
}

func TestMixedModelRunsAgain(t *testing.T) {
	t.Parallel()
	m, err := instance(t).Load(t.Context(), v7(80))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // The dual run fixes the integers; the next run must not see that.
		wantOptimal(t, mustRun(t, m, solve.Options{}), -720, 1e-9)
	}
	for j := 1; j < 12; j += 2 {
		if err := m.SetCosts(j, []float64{120}); err != nil {
			t.Fatal(err)
		}
	}
	wantOptimal(t, mustRun(t, m, solve.Options{}), -700, 1e-9)
}

func TestModelRefusesNonsense(t *testing.T) {
	t.Parallel()
	in := instance(t)
	m, err := in.Load(t.Context(), v1())
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	_, badStart := m.Run(t.Context(), solve.Options{Start: []float64{1}})
	_, badBasis := m.Run(t.Context(), solve.Options{Basis: &solve.Basis{}})
	_, badProblem := in.Solve(t.Context(), &solve.Problem{}, solve.Options{})
	_, badLoad := in.Load(t.Context(), &solve.Problem{})
	for what, err := range map[string]error{
		"cost beyond the end": m.SetCosts(4, []float64{1, 2}), "NaN cost": m.SetCosts(0, []float64{nan}),
		"negative column": m.SetCosts(-1, []float64{1}), "NaN bound": m.SetBounds(0, []float64{0}, []float64{nan}),
		"one bound": m.SetBounds(0, []float64{0}, nil), "row beyond the end": m.SetRowBounds(1, []float64{0}, []float64{0}),
		"infinite coefficient": m.SetValues(0, []float64{inf}), "value beyond the end": m.SetValues(5, []float64{1}),
		"basis of another size": m.SetBasis(&solve.Basis{Column: make([]int8, 5)}), "start": badStart, "basis": badBasis,
		"basis of unknown state": m.SetBasis(&solve.Basis{Column: []int8{0, 0, 9, 0, 0}, Row: []int8{1}}),
		"problem":                badProblem, "load": badLoad,
	} {
		if !errors.Is(err, solve.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", what, err)
		}
	}
	wantOptimal(t, mustRun(t, m, solve.Options{}), -1059, 1e-9)
}

func TestVirtualClockIsDeterministic(t *testing.T) {
	t.Parallel()
	e := engine(t, solve.Config{})
	opt := solve.Options{TimeLimit: 700_000, NoPresolve: true} // 700 readings of a microsecond
	p := rolling.problem()
	in := instanceOf(t, e)
	first := mustSolve(t, in, p, opt)
	for _, other := range []*solve.Instance{in, instanceOf(t, e)} {
		if diff := cmp.Diff(first, mustSolve(t, other, p, opt)); diff != "" {
			t.Error(diff)
		}
	}
	free := mustSolve(t, in, p, solve.Options{})
	for _, other := range []*solve.Instance{in, instanceOf(t, e), instance(t)} {
		if diff := cmp.Diff(free, mustSolve(t, other, p, solve.Options{})); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRecheckRefuses(t *testing.T) {
	t.Parallel()
	b := &builder{}
	x := float64(b.col(1, 0, 10))
	u := float64(b.bin(1))
	s := float64(b.AddColumn(solve.Column{Lower: 2, Upper: 4, Kind: solve.SemiContinuous}))
	b.row(1, 1e6, x, 1, u, 1, s, 1)
	p := b.Problem()
	for name, c := range map[string]struct {
		column []float64
		usable bool
	}{
		"good":                 {[]float64{1, 1, 2}, true},
		"off":                  {[]float64{1, 0, 0}, true},
		"within tolerance":     {[]float64{1 - 5e-7, 0, 0}, true},
		"row too low":          {[]float64{0.9, 0, 0}, false},
		"bound":                {[]float64{-0.1, 1, 2}, false},
		"fraction":             {[]float64{1, 0.5, 2}, false},
		"between off and on":   {[]float64{1, 0, 1}, false},
		"not a number":         {[]float64{math.NaN(), 0, 2}, false},
		"infinite":             {[]float64{inf, 0, 2}, false},
		"semi above its range": {[]float64{1, 0, 5}, false},
	} {
		got := solve.Recheck(t, p, c.column)
		if got.Status.Usable() != c.usable || (got.Column == nil) == c.usable || (got.Detail == "") != c.usable {
			t.Errorf("%s: %v (%s)", name, got.Status, got.Detail)
		}
	}
}
