package solve_test

import (
	"context"
	"testing"

	"sluice/solve"
)

// rolling is the site of the benchmarks: R1 with prices that never repeat.
var rolling = site{intervals: 96, peak: 45, noise: 6}

// mustRun runs a model to an optimum or fails.
func mustRun(tb testing.TB, m *solve.Model, opt solve.Options) *solve.Solution {
	tb.Helper()
	s, err := m.Run(tb.Context(), opt)
	if err != nil {
		tb.Fatal(err)
	}
	if s.Status != solve.Optimal {
		tb.Fatalf("%v: %s", s.Status, s.Detail)
	}
	return s
}

// mustShift makes the next run start from b shifted by one block.
func mustShift(tb testing.TB, m *solve.Model, b *solve.Basis, l solve.Layout) {
	tb.Helper()
	shifted, err := b.Shift(l, 1)
	if err != nil {
		tb.Fatal(err)
	}
	if err := m.SetBasis(shifted); err != nil {
		tb.Fatal(err)
	}
}

// step brings model m to the horizon that starts at interval t.
func step(tb testing.TB, m *solve.Model, s site, t int) {
	tb.Helper()
	n := s.intervals * siteColumns
	cost, lower, upper := make([]float64, 0, n), make([]float64, 0, n), make([]float64, 0, n)
	rl, ru := make([]float64, s.intervals*siteRows), make([]float64, s.intervals*siteRows)
	p := m.Problem()
	copy(rl, p.RowLower)
	copy(ru, p.RowUpper)
	for i := range s.intervals {
		cost = append(cost, s.costs(t+i)...)
		l, u := s.bounds(t+i, i)
		lower, upper = append(lower, l...), append(upper, u...)
		rl[i*siteRows], ru[i*siteRows] = -s.wind(t+i), -s.wind(t+i)
	}
	for _, err := range []error{m.SetCosts(0, cost), m.SetBounds(0, lower, upper), m.SetRowBounds(0, rl, ru)} {
		if err != nil {
			tb.Fatal(err)
		}
	}
}

func BenchmarkCold(b *testing.B) {
	in := instance(b)
	p := rolling.problem()
	for b.Loop() {
		mustSolve(b, in, p, solve.Options{})
	}
}

// BenchmarkRolling advances a kept model by one interval per operation, as a
// backtest does: new costs, bounds and row bounds, shifted basis, run.
func BenchmarkRolling(b *testing.B) {
	for _, c := range []struct {
		name string
		site site
		opt  solve.Options
	}{
		{"96x15min", rolling, solve.Options{}},
		{"96x15min without duals", rolling, solve.Options{NoDuals: true}},
		{"168x15min", site{intervals: 168, peak: 45, noise: 6}, solve.Options{}},
	} {
		b.Run(c.name, func(b *testing.B) { benchRolling(b, instance(b), c.site, c.opt) })
	}
}

// BenchmarkRollingGuarded is the price of Config.Guarded.
func BenchmarkRollingGuarded(b *testing.B) {
	e, err := solve.New(b.Context(), solve.Config{Guarded: true})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = e.Close(context.WithoutCancel(b.Context())) }()
	in, err := e.Instance(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	benchRolling(b, in, rolling, solve.Options{})
}

func benchRolling(b *testing.B, in *solve.Instance, z site, opt solve.Options) {
	b.Helper()
	m, err := in.Load(b.Context(), z.problem())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = m.Close(context.WithoutCancel(b.Context())) }()
	s := mustRun(b, m, opt)
	iterations, turn := 0, 0
	for b.Loop() {
		turn++
		step(b, m, z, turn)
		mustShift(b, m, s.Basis, z.layout())
		s = mustRun(b, m, opt)
		iterations += s.Iterations
	}
	b.ReportMetric(float64(iterations)/float64(turn), "iterations/op")
}

// BenchmarkReload is the same turn without a kept model: the whole problem is
// handed over with the shifted basis.
func BenchmarkReload(b *testing.B) {
	in := instance(b)
	p := rolling.problem()
	s := mustSolve(b, in, p, solve.Options{})
	turn := 0
	for b.Loop() {
		turn++
		b.StopTimer()
		z := rolling
		z.from = turn
		p = z.problem()
		b.StartTimer()
		basis, err := s.Basis.Shift(z.layout(), 1)
		if err != nil {
			b.Fatal(err)
		}
		s = mustSolve(b, in, p, solve.Options{Basis: basis})
	}
}

// BenchmarkCompile compiles the module from scratch.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		benchStart(b, solve.Config{})
	}
}

// BenchmarkStartFromCache loads the compiled module from disk.
func BenchmarkStartFromCache(b *testing.B) {
	cfg := solve.Config{CacheDir: b.TempDir()}
	benchStart(b, cfg)
	for b.Loop() {
		benchStart(b, cfg)
	}
}

func benchStart(b *testing.B, cfg solve.Config) {
	b.Helper()
	e, err := solve.New(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	if err := e.Close(context.WithoutCancel(b.Context())); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkInstance starts an instance of a compiled engine.
func BenchmarkInstance(b *testing.B) {
	e, err := shared()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		in, err := e.Instance(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		_ = in.Close(context.WithoutCancel(b.Context()))
	}
}

// BenchmarkCommitment solves the day with commitment, duals included.
func BenchmarkCommitment(b *testing.B) {
	in := instance(b)
	z := r1
	z.commit = true
	p := z.problem()
	for b.Loop() {
		mustSolve(b, in, p, solve.Options{})
	}
}
