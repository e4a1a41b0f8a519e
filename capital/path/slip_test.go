package path_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/path"
)

func reference(tb testing.TB) path.Multiplier {
	tb.Helper()
	m, err := path.Slip(1.34, 0.10)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// TestSlip: the reference class.
func TestSlip(t *testing.T) {
	t.Parallel()
	m := reference(t)
	for name, c := range map[string][2]float64{
		"sigma": {m.Sigma, 0.21100116152250603}, "mu": {m.Mu, 0.2704088688808967}, "P50": {m.Quantile(0.5), 1.3105001639430003},
		"P90": {m.Quantile(0.9), 1.7174106796946307}, "mean": {m.Mean(), 1.34}, "on time": {m.Within(1), 0.10},
		"months late of 18, median": {18 * (m.Quantile(0.5) - 1), 5.589002950974006},
	} {
		if math.Abs(c[0]-c[1]) > 1e-6 {
			t.Errorf("%s is %v, want %v", name, c[0], c[1])
		}
	}
	never := path.Multiplier{}
	if never.Within(0.99) != 0 || never.Within(1) != 1 || never.Mean() != 1 {
		t.Error("no slip at all")
	}
}

func TestSlipKeepsItsMoments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mean, onTime := rapid.Float64Range(1.001, 5).Draw(t, "mean"), rapid.Float64Range(0.001, 0.999).Draw(t, "on time")
		m, err := path.Slip(mean, onTime)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(m.Mean()/mean-1) > 1e-9 || math.Abs(m.Within(1)-onTime) > 1e-9 || math.Abs(m.Within(m.Quantile(0.3))-0.3) > 1e-9 {
			t.Fatalf("%+v: mean %v, on time %v", m, m.Mean(), m.Within(1))
		}
	})
	for _, c := range [][2]float64{{0.99, 0.5}, {math.NaN(), 0.1}, {1.34, 0}, {1.34, 1}, {1, 0.1}, {math.Inf(1), 0.1}} {
		if _, err := path.Slip(c[0], c[1]); !errors.Is(err, path.ErrDelay) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// TestDelays: moments and correlations of what is drawn.
func TestDelays(t *testing.T) {
	t.Parallel()
	m := reference(t)
	cost, err := path.Slip(1.15, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	d := path.Delays{Phases: []path.Phase{{m, cost}, {m, cost}, {path.Multiplier{}, cost}}, Common: 0.5, Pair: 0.5}
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	const n = 40_000
	slips, costs := make([]float64, 3), make([]float64, 3)
	var first, second, dear, multiple []float64
	onTime := 0.0
	for i := range uint64(n) {
		d.Draw(capital.Stream(3, i), slips, costs)
		if slips[2] != 1 {
			t.Fatalf("a phase that cannot slip takes %v", slips[2])
		}
		if slips[0] <= 1 {
			onTime += 1.0 / n
		}
		first, second, dear = append(first, math.Log(slips[0])), append(second, math.Log(slips[1])), append(dear, math.Log(costs[0]))
		multiple = append(multiple, slips[0])
	}
	if s := capital.SpreadOf(multiple); math.Abs(s.Mean-1.34) > 4*s.Error || math.Abs(s.P90-1.7174) > 0.01 || math.Abs(s.P50-1.3105) > 0.01 || math.Abs(onTime-0.1) > 0.006 {
		t.Errorf("%+v, on time %v", s, onTime)
	}
	if s := capital.SpreadOf(dear); math.Abs(s.Mean-cost.Mu) > 4*s.Error || math.Abs(s.Error*math.Sqrt(n)-cost.Sigma) > 0.01*cost.Sigma {
		t.Errorf("cost: %+v", s)
	}
	for name, c := range map[string]struct {
		a, b []float64
		want float64
	}{"phases": {first, second, 0.5}, "slip and cost": {first, dear, 0.5}, "slip and another's cost": {second, dear, 0.25}} {
		if got := correlation(c.a, c.b); math.Abs(got-c.want) > 0.02 {
			t.Errorf("%s are correlated by %v, want %v", name, got, c.want)
		}
	}
}

func correlation(a, b []float64) float64 {
	x, y := capital.SpreadOf(a), capital.SpreadOf(b)
	n := float64(len(a))
	var sum float64
	for i := range a {
		sum += (a[i] - x.Mean) * (b[i] - y.Mean)
	}
	return sum / (n - 1) / (x.Error * y.Error * n)
}

func TestDelaysRefuse(t *testing.T) {
	t.Parallel()
	m := reference(t)
	for _, d := range []path.Delays{
		{Common: -0.1},
		{Common: 1.1},
		{Pair: 1.1},
		{Pair: math.NaN()},
		{Phases: []path.Phase{{m, path.Multiplier{Sigma: -1}}}},
		{Phases: []path.Phase{{path.Multiplier{Mu: math.NaN()}, m}}},
	} {
		if err := d.Validate(); !errors.Is(err, path.ErrDelay) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

// TestLearn: five phases count, four do not; much record takes over.
func TestLearn(t *testing.T) {
	t.Parallel()
	m := reference(t)
	four, err := m.Learn([]float64{1, 1, 1, 1}, 5)
	if err != nil || four.Used || four.Multiplier != m || four.Phases != 4 {
		t.Errorf("%+v, %v", four, err)
	}
	five, err := m.Learn([]float64{1, 1, 1, 1, 1}, 5)
	if err != nil || !five.Used || math.Abs(five.Mu-m.Mu/2) > 1e-15 || five.Sigma != m.Sigma || math.Abs(five.Doubt-m.Sigma/math.Sqrt(10)) > 1e-15 {
		t.Errorf("%+v, %v", five, err)
	}
	long := make([]float64, 5000)
	for i := range long {
		long[i] = 1.8
	}
	much, err := m.Learn(long, 5)
	if err != nil || math.Abs(much.Quantile(0.5)-1.8) > 0.001 || much.Doubt > 0.003 {
		t.Errorf("%+v, %v", much, err)
	}
	for _, bad := range [][]float64{{0}, {-1}, {math.NaN()}, {math.Inf(1)}} {
		if _, err := m.Learn(bad, 5); !errors.Is(err, path.ErrDelay) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := m.Learn(nil, 0); !errors.Is(err, path.ErrDelay) {
		t.Errorf("no weight: %v", err)
	}
}
