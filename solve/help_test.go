package solve_test

import (
	"context"
	"math"
	"os"
	"sync"
	"testing"
	"time"

	"sluice/solve"
)

var inf = math.Inf(1)

// cacheDir is one compile cache for all tests of a run, because compiling takes
// seconds and loading hundredths of one.
var cacheDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "sluice-solve-") })

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := cacheDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// shared is one engine for the tests that need nothing special. It lives as
// long as the process.
var shared = sync.OnceValues(func() (*solve.Engine, error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	return solve.New(context.Background(), solve.Config{
		CacheDir: dir,
		Now:      func() time.Duration { return time.Since(begin) },
	})
})

// instance returns a fresh instance of the shared engine.
func instance(tb testing.TB) *solve.Instance {
	tb.Helper()
	e, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return instanceOf(tb, e)
}

// instanceOf returns a fresh instance that is closed at the end of the test.
func instanceOf(tb testing.TB, e *solve.Engine) *solve.Instance {
	tb.Helper()
	in, err := e.Instance(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = in.Close(context.WithoutCancel(tb.Context())) })
	return in
}

// mustSolve solves and fails the test on an error.
func mustSolve(tb testing.TB, in *solve.Instance, p *solve.Problem, opt solve.Options) *solve.Solution {
	tb.Helper()
	s, err := in.Solve(tb.Context(), p, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// near says whether a and b agree within tol, relative to the larger of 1 and b.
func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Max(1, math.Abs(b)) }

// wantOptimal checks status and objective.
func wantOptimal(tb testing.TB, s *solve.Solution, objective, tol float64) {
	tb.Helper()
	if s.Status != solve.Optimal || !near(s.Objective, objective, tol) {
		tb.Fatalf("%v %.9f (%s), want optimal %.9f", s.Status, s.Objective, s.Detail, objective)
	}
}

// builder adds columns and rows with few words.
type builder struct{ solve.Builder }

// col adds a continuous column.
func (b *builder) col(cost, lower, upper float64) int {
	return b.AddColumn(solve.Column{Cost: cost, Lower: lower, Upper: upper})
}

// bin adds a column of zero or one.
func (b *builder) bin(cost float64) int {
	return b.AddColumn(solve.Column{Cost: cost, Upper: 1, Kind: solve.Integer})
}

// row adds lower <= sum <= upper with terms as column, value, column, value.
func (b *builder) row(lower, upper float64, terms ...float64) int {
	var t []solve.Term
	for i := 0; i < len(terms); i += 2 {
		t = append(t, solve.Term{Column: int(terms[i]), Value: terms[i+1]})
	}
	return b.AddRow(lower, upper, t...)
}
