package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"sluice/driver/sitefile"
	"sluice/loop/dispatch"
	"sluice/solve"
	"sluice/unit"
)

const (
	runUp     = 3    // turns cleared before a timed one, so that it starts where it would in the run
	repeats   = 5    // times each turn is timed; the median counts
	tolerance = 1e-6 // relative difference of two objectives that are the same
	faster    = 50   // times, as promised against the peer
)

// cleared is how Sluice cleared one turn.
type cleared struct {
	problem   problem
	objective float64 // as the program minimises it
	stored    float64 // the same from the papers
	seen      float64 // last price known, per MWh
	warm      lap     // started from the turn before, as the run does
	cold      lap     // started from nothing
}

// lap is what a piece of work took.
type lap struct{ wall, cpu time.Duration }

// peerAnswer is what the peer says of one turn.
type peerAnswer struct {
	Name      string  `json:"name"`
	Status    string  `json:"status"`
	Objective float64 `json:"objective"`
	Network   float64 `json:"network_s"`
	Model     float64 `json:"model_s"`
	Solve     float64 `json:"solve_s"`
	Wall      float64 `json:"wall_s"`
	CPU       float64 `json:"cpu_s"`
	HiGHS     float64 `json:"highs_s"`
	Columns   int     `json:"columns"`
	Rows      int     `json:"rows"`
}

// peers clears sampled turns of a rolling year again, here and in PyPSA.
func (b *bench) peers(ctx context.Context) error {
	if b.papers == "" {
		b.papers = filepath.Join(b.work, "papers")
	}
	first, after := yearOf(b.year)
	_, _ = fmt.Fprintf(b.stderr, "replaying %d for its papers\n", b.year)
	r, _, err := b.product(ctx, play{from: first, to: after, papers: b.papers, threads: 2})
	if err != nil {
		return err
	}
	turns := chosen(r.Timeline.Price, 24*60/r.Timeline.Minutes, b.turns, runUp)
	stretches, err := collect(b.papers, turns, runUp)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(b.stderr, "clearing %d turns, here and in PyPSA\n", len(stretches))
	ours, err := clearAll(ctx, stretches)
	if err != nil {
		return err
	}
	theirs, err := b.ask(ctx, ours)
	if err != nil {
		return err
	}
	return b.publish(compare(ours, theirs, b.year))
}

// clearAll clears every stretch on one thread.
func clearAll(ctx context.Context, all []stretch) ([]cleared, error) {
	text, err := sitefile.Example("houston")
	if err != nil {
		return nil, err
	}
	site, err := sitefile.Read(bytes.NewReader(text), "houston")
	if err != nil {
		return nil, err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	cache, err := os.MkdirTemp("", "sluice-bench-wasm-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(cache) //nolint:errcheck // a folder in the system's own place for such
	engine, err := solve.New(ctx, solve.Config{CacheDir: cache})
	if err != nil {
		return nil, err
	}
	defer engine.Close(ctx) //nolint:errcheck // nothing is left to lose
	solver, err := engine.Instance(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]cleared, 0, len(all))
	for _, s := range all {
		c, err := s.clear(ctx, solver, site.Site.MustRun)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// clear clears the last turn of the stretch several times, warm and cold.
func (s stretch) clear(ctx context.Context, solver dispatch.Solver, mustRun unit.Power) (cleared, error) {
	last := s[len(s)-1]
	in := inputOf(last, mustRun)
	p, err := problemOf(in)
	if err != nil {
		return cleared{}, err
	}
	c := cleared{problem: p, stored: -last.Plan.Worth.Float(), seen: last.Snapshot.Spot.Value.Float()}
	var warm, cold []lap
	for range repeats {
		m := dispatch.New(solver, solve.Options{IterationLimit: 200_000, NodeLimit: 10_000, Gap: 1e-4})
		for _, before := range s[:len(s)-1] {
			if _, err := m.Clear(ctx, inputOf(before, mustRun)); err != nil {
				return c, err
			}
		}
		for _, into := range []*[]lap{&warm, &cold} {
			watch := startWatch()
			plan, err := m.Clear(ctx, in)
			*into = append(*into, watch.stop())
			if err != nil || plan.Solver.Fallback != "" {
				return c, fmt.Errorf("turn %s is not cleared by the solver: %s: %w", p.Name, plan.Solver.Fallback, errors.Join(err, errBroken))
			}
			c.objective = -plan.Worth.Float()
			m.Forget()
		}
	}
	c.warm, c.cold = median(warm), median(cold)
	return c, nil
}

// errBroken marks a measurement that cannot be trusted.
var errBroken = errors.New("the measurement means nothing")

func median(laps []lap) lap {
	slices.SortFunc(laps, func(a, b lap) int { return int(a.wall - b.wall) })
	return laps[len(laps)/2]
}

// watch stops the time of the wall and of this process on its processors.
type watch struct {
	begin time.Time
	spent time.Duration
}

func startWatch() watch { return watch{begin: time.Now(), spent: spent()} }

func (w watch) stop() lap { return lap{wall: time.Since(w.begin), cpu: spent() - w.spent} }

// spent is the processor time of this process so far.
func spent() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// ask lets PyPSA clear the same turns.
func (b *bench) ask(ctx context.Context, ours []cleared) ([]peerAnswer, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	for _, c := range ours {
		if err := e.Encode(c.problem); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(b.work, "turns.jsonl")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	c := exec.CommandContext(ctx, b.python, "test/peers/rolling_pypsa.py", path) //nolint:gosec // the caller named it
	c.Stdout = &out
	c.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1", "NUMEXPR_NUM_THREADS=1")
	if _, err := execute(c); err != nil {
		return nil, fmt.Errorf("%w\n(is %s the Python of test/peers/run bench?)", err, b.python)
	}
	var answers []peerAnswer
	for d := json.NewDecoder(&out); d.More(); {
		var a peerAnswer
		if err := d.Decode(&a); err != nil {
			return nil, fmt.Errorf("read the answers of PyPSA: %w", err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(ours) {
		return nil, fmt.Errorf("PyPSA answered %d of %d turns", len(answers), len(ours))
	}
	return answers, nil
}

// apart is the relative difference of two objectives.
func apart(a, b float64) float64 {
	return math.Abs(a-b) / max(1, math.Abs(a), math.Abs(b))
}
