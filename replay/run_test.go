package replay

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/loop/dispatch"
	"sluice/replay/report"
	"sluice/solve"
	"sluice/unit"
)

// TestSameInputsSamePapers: the same inputs give the same papers and the same
// report, again, on two threads, and where a month was planned from a standing
// that did not come about.
func TestSameInputsSamePapers(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ from, to string }{
		"a month that begins with everything running": {"2025-03-31T12:00", "2025-04-01T12:00"},
		"a month that begins amid restarts":           {"2025-04-30T18:00", "2025-05-01T06:00"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := texan(t, c.from, c.to)
			one := replayed(t, s, options(t, 1))
			if len(one.Months) != 2 {
				t.Fatalf("the test needs a month's end in the middle, has %d months", len(one.Months))
			}
			again := replayed(t, s, options(t, 1))
			two := replayed(t, s, options(t, 2))
			for name, r := range map[string]*report.Report{"again": again, "on two threads": two} {
				if r.Papers != one.Papers {
					t.Errorf("%s: papers %+v, first %+v", name, r.Papers, one.Papers)
				}
				if diff := cmp.Diff(one, r); diff != "" {
					t.Errorf("%s the report differs:\n%s", name, diff)
				}
			}
		})
	}
}

// TestWrongGuessIsPlannedAgain counts how often a month was planned: once where
// the guess came true, twice where it did not.
func TestWrongGuessIsPlannedAgain(t *testing.T) {
	t.Parallel()
	s := texan(t, "2025-04-30T18:00", "2025-05-01T06:00")
	m := newMarket(s)
	o := options(t, 2)
	r := &run{s: s, o: o, m: m, around: s.around(), solvers: &solvers{open: o.Solver}}
	r.book, r.legs = book{r.o.Dir}, m.legs()
	var err error
	if r.feeds, r.desk, err = m.feeds(r.legs); err != nil {
		t.Fatal(err)
	}
	guessed := r.guess(t.Context(), 1)
	if guessed.err != nil {
		t.Fatal(guessed.err)
	}
	if err := r.wheel(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.seals[1].Standing == guessed.seal.Standing {
		t.Fatal("the guess came true: the test needs a month that begins with machines off")
	}
	if r.seals[1].SHA256 == guessed.seal.SHA256 {
		t.Error("the papers of the wrong guess stand")
	}
	if got, _ := r.book.sealed(r.legs[1].month, s.Digest); got != r.seals[1] {
		t.Errorf("the folder holds %+v, the run counts %+v", got, r.seals[1])
	}
}

// TestInterruptAndGoOn: Ctrl-C keeps the finished month, and a second run ends
// with the same report as one that was never interrupted.
func TestInterruptAndGoOn(t *testing.T) {
	t.Parallel()
	s := texan(t, "2025-04-30T12:00", "2025-05-20") // long enough that the second month is under way when the first is sealed
	whole := replayed(t, s, options(t, 1))
	for _, threads := range []int{1, 2} {
		o := options(t, threads)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		o.Progress = &after{month: filepath.Join(o.Dir, "papers-2025-04.seal.json"), stop: stop}
		if _, err := Run(ctx, s, o); !errors.Is(err, context.Canceled) {
			t.Fatalf("the interrupted run ended with %v", err)
		}
		kept, err := filepath.Glob(filepath.Join(o.Dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range kept {
			if !strings.HasPrefix(filepath.Base(name), "papers-") {
				t.Errorf("%s was left behind", name)
			}
		}
		before, err := os.Stat(filepath.Join(o.Dir, "papers-2025-04.jsonl.zst"))
		if err != nil {
			t.Fatalf("the finished month is gone: %v", err)
		}
		o.Progress = nil
		if diff := cmp.Diff(whole, replayed(t, s, o)); diff != "" {
			t.Errorf("%d threads: the report differs from that of a run without a break:\n%s", threads, diff)
		}
		now, err := os.Stat(filepath.Join(o.Dir, "papers-2025-04.jsonl.zst"))
		if err != nil || !now.ModTime().Equal(before.ModTime()) {
			t.Errorf("%d threads: the finished month was made again", threads)
		}
	}
}

// after stops a run as soon as a month is sealed and the run goes on.
type after struct {
	month string
	stop  context.CancelFunc
}

func (a *after) Step(int, int) {
	if _, err := os.Stat(a.month); err == nil {
		a.stop()
	}
}

// TestTouchedPapers: papers that were changed after they were sealed are made
// again by a replay and refused by an explanation.
func TestTouchedPapers(t *testing.T) {
	t.Parallel()
	s := texan(t, "2025-05-01", "2025-05-01T06:00")
	o := options(t, 1)
	first := replayed(t, s, o)
	path := filepath.Join(o.Dir, "papers-2025-05.jsonl.zst")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := book{o.Dir}
	sealed, found := b.sealed("2025-05", s.Digest)
	if !found {
		t.Fatal("the month is not sealed")
	}
	forge(t, b, sealed)
	if _, err := Find(o.Dir, "2025-05-01T06:00Z"); err == nil || !strings.Contains(err.Error(), "were changed") {
		t.Errorf("an explanation of forged papers: %v", err)
	}
	if got := replayed(t, s, o); got.Papers != first.Papers {
		t.Errorf("papers %+v, want %+v", got.Papers, first.Papers)
	}
	again, err := os.ReadFile(path)
	if err != nil || string(again) != string(good) {
		t.Errorf("the forged papers were not replaced: %v", err)
	}
	if err := os.WriteFile(path, good[:len(good)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(o.Dir, "2025-05-01T06:00Z"); err == nil {
		t.Error("half a file was explained")
	}
	if got := replayed(t, s, o); got.Papers != first.Papers {
		t.Errorf("after half a file: papers %+v, want %+v", got.Papers, first.Papers)
	}
}

// forge rewrites the papers of a month with a dollar more on the first posting,
// as whole and well-formed as before.
func forge(t *testing.T, b book, s seal) {
	t.Helper()
	p, err := b.open(s.Month)
	if err != nil {
		t.Fatal(err)
	}
	err = b.read(s, func(line []byte) error {
		_, err := p.Write([]byte(strings.Replace(string(line), `"Mined":`, `"Mined":9`, 1)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.zip.Close(), p.file.Close(), os.Rename(p.file.Name(), b.papers(s.Month))); err != nil {
		t.Fatal(err)
	}
}

// TestReportAddsUp checks the accounts of a report that has a storm in it, and
// the order in which the policies must stand.
func TestReportAddsUp(t *testing.T) {
	t.Parallel()
	long(t)
	for sentence, c := range map[string]struct {
		from, to string
		share    unit.Amount // per mille of the lag rule's gain that Sluice must earn
	}{
		// No forecast that learned in quiet weeks believes the first hours of such a storm.
		"the winter storm of 2021": {"2021-02-13", "2021-02-15", 995},
		"spikes in May":            {"2025-05-06", "2025-05-08", 1000},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := texan(t, c.from, c.to)
			r := replayed(t, s, options(t, 1))
			addsUp(t, r)
			always, lagged, sluice, best := policy(t, r, report.Always), policy(t, r, report.Lagged), policy(t, r, report.Sluice), policy(t, r, report.Hindsight)
			if sluice.Net < always.Net || sluice.Net-always.Net < (lagged.Net-always.Net)/1000*c.share {
				t.Errorf("Sluice nets %.2f, always on %.2f, the lag rule %.2f", sluice.Net.Float(), always.Net.Float(), lagged.Net.Float())
			}
			for _, p := range r.Policies {
				// Foresight plans with linear restarts where a plant has minutes; it
				// may be short of an executable policy by a thousandth, not more.
				if slack := always.Revenue / 1000; p.Net > best.Net+slack {
					t.Errorf("%s nets %.2f, perfect foresight %.2f", p.ID, p.Net.Float(), best.Net.Float())
				}
				if p.Violations != 0 {
					t.Errorf("%s broke a limit in %d intervals", p.ID, p.Violations)
				}
			}
			if r.Solver.Turns != r.Papers.Turns || r.Solver.Fallback != 0 {
				t.Errorf("solver %+v of %d turns", r.Solver, r.Papers.Turns)
			}
			if len(r.Forecast) == 0 {
				t.Error("the report states no forecast errors")
			}
			for _, f := range r.Forecast {
				if f.N == 0 || f.MAE <= 0 || f.RMSE < f.MAE || f.Coverage < 0 || f.Coverage > unit.One {
					t.Errorf("forecast score %+v", f)
				}
			}
		})
	}
}

// addsUp checks that money lines sum to the net, and months to policies.
func addsUp(t *testing.T, r *report.Report) {
	t.Helper()
	for k, p := range r.Policies {
		var lines, months unit.Amount
		for _, l := range p.Money {
			lines += l.Amount
		}
		for _, m := range r.Months {
			months += m.Net[k]
		}
		if lines != p.Net || months != p.Net {
			t.Errorf("%s: net %d, lines sum to %d, months to %d", p.ID, p.Net, lines, months)
		}
	}
}

// TestMonthByMonthForesightIsOneProgram: the yardstick, solved month by month
// with an overlap, is worth as much as one program over the whole stretch.
func TestMonthByMonthForesightIsOneProgram(t *testing.T) {
	t.Parallel()
	long(t)
	s := texan(t, "2025-05-04", "2025-05-09")
	m := newMarket(s)
	n := m.grid.Len()
	one := []leg{{month: "all", last: n}}
	three := []leg{{month: "a", last: n / 3}, {month: "b", first: n / 3, last: 2 * n / 3}, {month: "c", first: 2 * n / 3, last: n}}
	net := func(legs []leg) unit.Amount {
		l, err := m.foreseeAll(t.Context(), legs, s.around(), dispatch.New(solverOf(t), solve.Options{}), func() {})
		if err != nil {
			t.Fatal(err)
		}
		var sum unit.Amount
		for i := range n {
			sum += l.net(i)
		}
		return sum
	}
	whole, parts := net(one), net(three)
	if d := max(whole-parts, parts-whole); d > whole/1_000_000 {
		t.Errorf("one program nets %.6f, three with an overlap %.6f", whole.Float(), parts.Float())
	}
}

// TestWithoutASolver: every turn still has a plan, by merit order, that says so,
// and the limits hold; only the yardstick may not be replaced silently.
func TestWithoutASolver(t *testing.T) {
	t.Parallel()
	s := texan(t, "2025-05-06", "2025-05-07")
	o := options(t, 1)
	var asked atomic.Int64
	o.Solver = func(ctx context.Context) (dispatch.Solver, error) {
		if asked.Add(1) == 1 {
			return open(ctx) // for the yardstick, which runs first
		}
		return nil, nil
	}
	r := replayed(t, s, o)
	if r.Solver.Turns != 96 || r.Solver.Fallback != 96 {
		t.Errorf("solver %+v, want 96 turns by merit order", r.Solver)
	}
	if p := policy(t, r, report.Sluice); p.Energy == 0 || p.Violations != 0 {
		t.Errorf("without a solver %.1f MWh are drawn, with %d violations", p.Energy.MWh(), p.Violations)
	}
	turn, err := Find(o.Dir, "2025-05-06T12:00Z")
	if err != nil || turn.Plan.Solver.Fallback == "" {
		t.Errorf("the papers do not say that merit order decided: %v", err)
	}
	o.Solver = func(context.Context) (dispatch.Solver, error) { return nil, nil }
	for _, o.Threads = range []int{1, 2} {
		if _, err := Run(t.Context(), s, o); !errors.Is(err, solve.ErrNoSolver) || errors.Is(err, context.Canceled) {
			t.Errorf("a yardstick without a solver on %d threads: %v", o.Threads, err)
		}
	}
}
