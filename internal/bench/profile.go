package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"sluice/loop/dispatch"
	"sluice/replay"
	"sluice/solve"
)

// started is what a process needed until it had solved its first program.
type started struct{ Wall, CPU time.Duration }

// startSolver is a child that starts the solver with the cache it is given.
func startSolver(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 1 {
		return errUsage
	}
	w := startWatch()
	e, err := solve.New(ctx, solve.Config{CacheDir: args[0]})
	if err != nil {
		return err
	}
	in, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	s, err := in.Solve(ctx, &solve.Problem{Cost: []float64{1}, Lower: []float64{2}, Upper: []float64{3}, Start: []int32{0}}, solve.Options{})
	if err != nil || s.Status != solve.Optimal {
		return fmt.Errorf("solve a program of one column: %v: %w", s, errors.Join(err, errBroken))
	}
	l := w.stop()
	return json.NewEncoder(stdout).Encode(started{Wall: l.wall, CPU: l.cpu})
}

// profileYear is a child that replays a period under the profiler.
func profileYear(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 5 {
		return errUsage
	}
	runtime.GOMAXPROCS(2)
	f, err := os.Create(args[2])
	if err != nil {
		return err
	}
	w := startWatch()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	err = replayYear(ctx, args[0], args[1], args[3], args[4])
	pprof.StopCPUProfile()
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	l := w.stop()
	return json.NewEncoder(stdout).Encode(started{Wall: l.wall, CPU: l.cpu})
}

// replayYear replays the shipped site in this process.
func replayYear(ctx context.Context, from, to, dir, cache string) error {
	s, err := houston(from, to)
	if err != nil {
		return err
	}
	engine, err := solve.New(ctx, solve.Config{CacheDir: cache})
	if err != nil {
		return err
	}
	r, err := replay.Run(ctx, s, replay.Options{
		Dir: dir, Threads: 2,
		Solver: func(ctx context.Context) (dispatch.Solver, error) {
			in, err := engine.Instance(ctx)
			return labelled{in}, err
		},
		Limits: solve.Options{IterationLimit: 200_000, NodeLimit: 10_000, Gap: 1e-4},
	})
	if err == nil && r.Solver.Fallback > 0 {
		err = fmt.Errorf("%d turns fell back to merit order: %w", r.Solver.Fallback, errBroken)
	}
	return err
}

// labelled marks the samples taken while a program is solved, because the
// solver's own code has no stack that tells who called it.
type labelled struct{ solver dispatch.Solver }

// monthly is the number of columns above which a program is a month of
// foresight and not a turn.
const monthly = 8_000

// Solve implements dispatch.Solver.
func (l labelled) Solve(ctx context.Context, p *solve.Problem, o solve.Options) (s *solve.Solution, err error) {
	name := "turns"
	if len(p.Cost) > monthly {
		name = "foresight"
	}
	pprof.Do(ctx, pprof.Labels(label, name), func(ctx context.Context) { s, err = l.solver.Solve(ctx, p, o) })
	return s, err
}

// label is the key under which a sample says which program is being solved.
const label = "program"

// parts are where the processor's time of a replay goes: by the program being
// solved, else by what is found first on the way from the running function to
// its callers.
func parts() []part {
	return []part{
		{"solving turns", "the programs of the turns, solver's own code and its Go side", []string{"program: turns"}},
		{"solving foresight", "the monthly programs of perfect foresight", []string{"program: foresight"}},
		{"solver start", "load the compiled solver, make instances", []string{"runtime._ExternalCode", "sluice/solve."}},
		{"clearing", "build the program, read it back, recount, reasons", []string{"sluice/loop/dispatch."}},
		{"forecast", "prices with quantiles", []string{"sluice/loop/forecast."}},
		{"papers", "write, hash and compress the papers of every turn", []string{"sluice/replay.(*pen)", "sluice/replay.book", "sluice/replay.(*book)"}},
		{"physics", "simulated plant: power, temperature, failures, restarts", []string{"sluice/world."}},
		{"books", "offers, bill, delivery and postings", []string{"sluice/power.", "sluice/loop/settle.", "sluice/loop/verify."}},
		{"bids", "what power is worth to each group", []string{"sluice/use"}},
		{"data", "read prices, temperatures and Bitcoin history", []string{"sluice/driver/", "sluice/data."}},
		{"report", "sum up and follow the line of time", []string{"sluice/replay"}},
		{"loop", "the rest of a turn", []string{"sluice/loop", "sluice/series.", "sluice/unit."}},
		{"memory", "garbage collection beside the work", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge", "runtime._GC"}},
	}
}

// part is one of them; frames are the beginnings of function names.
type part struct {
	name, says string
	frames     []string
}

// shares profiles the period in a child and sums its samples up.
func (b *bench) shares(ctx context.Context, from, to string) ([]figure, error) {
	dir, err := os.MkdirTemp(b.work, "profile-*")
	if err != nil {
		return nil, err
	}
	profile := filepath.Join(dir, "cpu")
	cache, err := b.compiled()
	if err != nil {
		return nil, err
	}
	var s started
	if _, err := again(ctx, &s, "child-start", cache); err != nil {
		return nil, err
	}
	if _, err := again(ctx, &s, "child-year", from, to, profile, dir, cache); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	c := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", "-unit=ms", profile) //nolint:gosec // a file of this program
	c.Stdout = &text
	if _, err := execute(c); err != nil {
		return nil, err
	}
	sums, total, err := sumTraces(&text)
	if err != nil || total == 0 {
		return nil, fmt.Errorf("read the profile: %w", errors.Join(err, errBroken))
	}
	var out []figure
	for name, ms := range sums {
		out = append(out, figure{Name: from[:4] + " share of " + name, Value: 100 * ms / total, Unit: "% of processor", How: says(name) + "; profile of a run in a process of its own"})
	}
	slices.SortFunc(out, func(a, b figure) int {
		if a.Value != b.Value {
			return int(1e6 * (b.Value - a.Value))
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out, nil
}

func says(name string) string {
	for _, p := range parts() {
		if p.name == name {
			return p.says
		}
	}
	return "what belongs to no part"
}

// sumTraces adds the samples of `go tool pprof -traces` up by part.
func sumTraces(r io.Reader) (map[string]float64, float64, error) {
	sums, total := map[string]float64{}, 0.0
	var weight float64
	var frames []string
	flush := func() {
		if weight > 0 {
			sums[partOf(frames)] += weight
			total += weight
		}
		weight, frames = 0, nil
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "-----------+") {
			flush()
			continue
		}
		fields := strings.Fields(line)
		var ms float64
		switch {
		case len(fields) == 2 && fields[0] == label+":":
			frames = append(frames, label+": "+fields[1])
		case len(fields) >= 2 && weight == 0:
			if _, err := fmt.Sscanf(fields[0], "%fms", &ms); err == nil {
				weight, frames = ms, append(frames, fields[1])
			}
		case len(fields) >= 1 && weight > 0:
			frames = append(frames, fields[0])
		}
	}
	flush()
	return sums, total, lines.Err()
}

// partOf is the part to which a stack belongs; frames run from the function
// that was running to its callers.
func partOf(frames []string) string {
	for _, f := range frames {
		for _, p := range parts() {
			if slices.ContainsFunc(p.frames, func(beginning string) bool { return strings.HasPrefix(f, beginning) }) {
				return p.name
			}
		}
	}
	return "the runtime"
}
