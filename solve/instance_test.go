package solve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/solve"
)

// split is a mixed-integer problem that takes many nodes to prove: halve three
// sets of numbers at once as evenly as possible.
func split(n int) *solve.Problem {
	b := &builder{}
	seed := uint32(7)
	var terms [3][]float64
	var sum [3]float64
	for range n {
		x := float64(b.bin(0))
		for r := range terms {
			seed = seed*1664525 + 1013904223
			v := float64(seed >> 25)
			terms[r], sum[r] = append(terms[r], x, v), sum[r]+v
		}
	}
	for r := range terms {
		over, under := float64(b.col(1, 0, inf)), float64(b.col(1, 0, inf))
		half := math.Floor(sum[r] / 2)
		b.row(half, half, append(terms[r], over, 1, under, -1)...)
	}
	return b.Problem()
}

func TestParallelInstances(t *testing.T) {
	t.Parallel()
	first := mustSolve(t, instance(t), r1.problem(), solve.Options{})
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		in := instance(t)
		wg.Go(func() {
			for range 2 {
				s, err := in.Solve(t.Context(), r1.problem(), solve.Options{})
				if err != nil {
					errs[i] = err
				} else if diff := cmp.Diff(first, s); diff != "" {
					errs[i] = fmt.Errorf("instance %d differs: %s", i, diff)
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func TestSecondGoroutineIsRefused(t *testing.T) {
	t.Parallel()
	inside, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	e := engine(t, solve.Config{Now: func() time.Duration {
		once.Do(func() { close(inside); <-release })
		return 0
	}})
	in := instanceOf(t, e)
	done := make(chan error, 1)
	go func() {
		_, err := in.Solve(t.Context(), v1(), solve.Options{})
		done <- err
	}()
	<-inside
	if _, err := in.Solve(t.Context(), v1(), solve.Options{}); !errors.Is(err, solve.ErrBusy) {
		t.Errorf("second goroutine got %v, want ErrBusy", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// engine makes an engine that is closed at the end of the test.
func engine(tb testing.TB, cfg solve.Config) *solve.Engine {
	tb.Helper()
	if cfg.CacheDir == "" {
		if _, err := shared(); err != nil { // Compiles once for all.
			tb.Fatal(err)
		}
		cfg.CacheDir, _ = cacheDir()
	}
	e, err := solve.New(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(context.WithoutCancel(tb.Context())); err != nil {
			tb.Error(err)
		}
	})
	return e
}

// hurried is a clock that runs a thousand times faster at every reading.
func hurried() func() time.Duration {
	var now time.Duration
	return func() time.Duration { now += time.Millisecond; return now }
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	in := instanceOf(t, engine(t, solve.Config{Now: hurried()}))
	for range 2 { // The limit counts each run alone.
		s := mustSolve(t, in, r1.problem(), solve.Options{TimeLimit: 50 * time.Millisecond, NoPresolve: true})
		if s.Status != solve.Failed || s.Column != nil || !strings.Contains(s.Detail, "time limit") {
			t.Fatalf("limited run: %v, %q", s.Status, s.Detail)
		}
	}
	wantOptimal(t, mustSolve(t, in, r1.problem(), solve.Options{}), -84475.155183, 1e-10)
}

func TestLimitsKeepCheckedPrimal(t *testing.T) {
	t.Parallel()
	in := instance(t)
	p := split(18)
	best := mustSolve(t, in, p, solve.Options{})
	if best.Status != solve.Optimal || best.Nodes < 2 {
		t.Fatalf("%v after %d nodes", best.Status, best.Nodes)
	}
	s := mustSolve(t, in, p, solve.Options{NodeLimit: 1, NoDuals: true})
	if s.Status != solve.Feasible || !strings.Contains(s.Detail, "node limit") || s.Objective < best.Objective-1e-6 || s.Bound > best.Objective+1e-6 {
		t.Errorf("limited run: %v %v (%s), bound %v, best %v", s.Status, s.Objective, s.Detail, s.Bound, best.Objective)
	}
	s = mustSolve(t, in, p, solve.Options{Gap: 10})
	if s.Status != solve.Optimal || s.Nodes >= best.Nodes {
		t.Errorf("with gap: %v after %d nodes, without after %d", s.Status, s.Nodes, best.Nodes)
	}
	s = mustSolve(t, in, p, solve.Options{Start: best.Column})
	wantOptimal(t, s, best.Objective, 1e-9)
	s = mustSolve(t, in, r1.problem(), solve.Options{IterationLimit: 5, NoPresolve: true})
	if s.Status != solve.Failed || !strings.Contains(s.Detail, "iteration limit") {
		t.Errorf("5 iterations: %v %q", s.Status, s.Detail)
	}
}

// TestWithoutHeuristics: less help on the way changes no answer, and the run after it
// has the usual help again.
func TestWithoutHeuristics(t *testing.T) {
	t.Parallel()
	in := instance(t)
	p := split(18)
	usual := mustSolve(t, in, p, solve.Options{})
	plain := mustSolve(t, in, p, solve.Options{NoHeuristics: true, CutAge: 1})
	wantOptimal(t, plain, usual.Objective, 1e-9)
	again := mustSolve(t, in, p, solve.Options{})
	if again.Objective != usual.Objective || again.Nodes != usual.Nodes || again.Iterations != usual.Iterations {
		t.Errorf("after a plain run: %v in %d nodes, before it %v in %d", again.Objective, again.Nodes, usual.Objective, usual.Nodes)
	}
	if bad, err := in.Solve(t.Context(), p, solve.Options{CutAge: -1}); err == nil {
		t.Errorf("an age of -1 was taken: %v", bad.Status)
	}
}

func TestCancelThenReuse(t *testing.T) {
	t.Parallel()
	for _, guarded := range []bool{false, true} {
		t.Run(fmt.Sprintf("guarded %v", guarded), func(t *testing.T) {
			t.Parallel()
			if guarded && testing.Short() {
				t.Skip("SKIPPED by -short: it compiles the solver a second time")
			}
			cause := errors.New("turn is over")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			readings := 0
			cfg := solve.Config{Guarded: guarded, Now: func() time.Duration {
				if readings++; readings == 40 {
					cancel(cause)
				}
				return time.Duration(readings)
			}}
			if guarded { // Other code: the shared cache stays as it is.
				cfg.CacheDir = t.TempDir()
			}
			e := engine(t, cfg)
			in := instanceOf(t, e)
			if _, err := in.Solve(ctx, r1.problem(), solve.Options{}); !errors.Is(err, cause) {
				t.Fatalf("error %v, want the cause of the cancellation", err)
			}
			if in.Running() {
				t.Error("the cancelled module was kept")
			}
			if _, err := in.Solve(ctx, v1(), solve.Options{}); !errors.Is(err, cause) {
				t.Errorf("start with ended context: %v", err)
			}
			wantOptimal(t, mustSolve(t, in, v1(), solve.Options{}), -1059, 1e-9)
			if in.Generation() != 2 {
				t.Errorf("generation %d, want 2", in.Generation())
			}
		})
	}
}

func TestTrapIsReplaced(t *testing.T) {
	t.Parallel()
	in := instance(t)
	wantOptimal(t, mustSolve(t, in, v1(), solve.Options{}), -1059, 1e-9)
	m, err := in.Load(t.Context(), v1())
	if err != nil {
		t.Fatal(err)
	}
	in.Corrupt(t)
	if _, err := in.Solve(t.Context(), v1(), solve.Options{}); !errors.Is(err, solve.ErrEngine) {
		t.Fatalf("planted fault: %v, want ErrEngine", err)
	}
	wantOptimal(t, mustRun(t, m, solve.Options{}), -1059, 1e-9) // The model survives its module.
	m.CorruptModel(t)
	if _, err := m.Run(t.Context(), solve.Options{}); !errors.Is(err, solve.ErrEngine) {
		t.Fatalf("planted fault in model: %v, want ErrEngine", err)
	}
	if err := m.SetCosts(0, []float64{60}); err != nil { // A change while the module is gone is not lost.
		t.Fatal(err)
	}
	wantOptimal(t, mustRun(t, m, solve.Options{}), -959, 1e-9)
	wantOptimal(t, mustSolve(t, in, v1(), solve.Options{}), -1059, 1e-9)
	if in.Generation() != 3 {
		t.Errorf("generation %d, want 3", in.Generation())
	}
}

func TestMemoryGrowsAndIsLimited(t *testing.T) {
	t.Parallel()
	big := site{intervals: 4000, peak: 45}.problem()
	in := instance(t)
	before := in.MemoryBytes()
	s := mustSolve(t, in, big, solve.Options{IterationLimit: 1, NoPresolve: true})
	if s.Status != solve.Failed || in.MemoryBytes() <= before {
		t.Errorf("%v, memory %d to %d bytes", s.Status, before, in.MemoryBytes())
	}
	small := instanceOf(t, engine(t, solve.Config{MemoryPages: 330}))
	if _, err := small.Solve(t.Context(), big, solve.Options{}); !errors.Is(err, solve.ErrEngine) {
		t.Errorf("with too little memory: %v, want ErrEngine", err)
	}
	wantOptimal(t, mustSolve(t, small, v1(), solve.Options{}), -1059, 1e-9)
}

func TestLargeInstanceIsRecycled(t *testing.T) {
	t.Parallel()
	in := instance(t)
	m, err := in.Load(t.Context(), v1())
	if err != nil {
		t.Fatal(err)
	}
	// A wide problem of ranges: large to hold, nothing to iterate.
	b := &builder{}
	for range 200 {
		b.col(1, 1, 2)
	}
	for range 24000 {
		terms := make([]float64, 0, 100)
		for k := range 50 {
			terms = append(terms, float64(4*k), 1)
		}
		b.row(0, inf, terms...)
	}
	s := mustSolve(t, in, b.Problem(), solve.Options{NoPresolve: true})
	wantOptimal(t, s, 200, 1e-9)
	if in.Running() {
		t.Fatalf("a module of %d MiB was kept", in.MemoryBytes()>>20)
	}
	wantOptimal(t, mustRun(t, m, solve.Options{}), -1059, 1e-9)
}

func TestSecondStartFromDiskCache(t *testing.T) {
	t.Parallel()
	_ = engine(t, solve.Config{}) // Fills the cache where no other test has.
	source, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	in := instanceOf(t, engine(t, solve.Config{CacheDir: dir}))
	wantOptimal(t, mustSolve(t, in, v1(), solve.Options{}), -1059, 1e-9)
	if diff := cmp.Diff(before, listing(t, dir)); len(before) == 0 || diff != "" {
		t.Errorf("the second start did not live off the cache: %v %s", before, diff)
	}
	if _, err := solve.New(t.Context(), solve.Config{CacheDir: filepath.Join(dir, before[0])}); err == nil {
		t.Error("a file was accepted as cache directory")
	}
}

// listing returns the names of all files below dir.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestNoSolver(t *testing.T) {
	t.Parallel()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  error
	}{
		"nothing":         {fstest.MapFS{}, solve.ErrNoSolver},
		"empty module":    {fstest.MapFS{"highs.wasm": file(""), "highs.json": file("{}")}, solve.ErrNoSolver},
		"no names":        {fstest.MapFS{"highs.wasm": file("x")}, solve.ErrNoSolver},
		"broken names":    {fstest.MapFS{"highs.wasm": file("x"), "highs.json": file("{")}, solve.ErrEngine},
		"names of others": {fstest.MapFS{"highs.wasm": file("x"), "highs.json": file("{}")}, solve.ErrEngine},
	} {
		if err := solve.LoadAssetsFrom(t, c.files); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestLogAndVersion(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	e := engine(t, solve.Config{Log: &log})
	wantOptimal(t, mustSolve(t, instanceOf(t, e), v1(), solve.Options{}), -1059, 1e-9)
	if !strings.Contains(log.String(), "HiGHS") || e.Version() != "1.15.3" {
		t.Errorf("version %q, log %q", e.Version(), log.String())
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	in := instance(t)
	m, err := in.Load(t.Context(), v1())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Run(t.Context(), solve.Options{}); !errors.Is(err, solve.ErrClosed) {
		t.Errorf("closed model: %v", err)
	}
	for range 2 {
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := in.Solve(t.Context(), v1(), solve.Options{}); !errors.Is(err, solve.ErrClosed) {
		t.Errorf("closed instance: %v", err)
	}
}
