package room

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/loop/cycle"
	"sluice/replay/report"
	files "sluice/store/whole"
)

// Replayed is what a replay found: the report, and why Sluice decided as it did in the
// intervals that the report names, by their beginning in seconds since 1970.
type Replayed struct {
	Report report.Report
	Why    map[int64][]cycle.Reason
}

// BacktestShelf keeps backtests, each in a file of its folder, and runs one at a time.
type BacktestShelf struct {
	dir     string
	replays Replays

	mu      sync.Mutex // guards what follows
	all     []Backtest // oldest first
	running *Backtest
	cancel  context.CancelFunc
}

// NewBacktests opens the shelf of a folder, which is made where it is missing. Without
// replays what is kept is shown and nothing runs.
func NewBacktests(dir string, replays Replays) (*BacktestShelf, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("backtests: %w", err)
	}
	s := &BacktestShelf{dir: dir, replays: replays}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("backtests: %w", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // of the folder of the room
		var b Backtest
		if err == nil {
			err = json.Unmarshal(text, &b)
		}
		if err != nil {
			return nil, fmt.Errorf("backtest %s: %w: take it away, it can be made again", name, err)
		}
		s.all = append(s.all, b)
	}
	slices.SortFunc(s.all, older)
	return s, nil
}

func older(a, b Backtest) int {
	return cmp.Or(a.Began.Compare(b.Began), strings.Compare(a.ID, b.ID))
}

// Keep puts a backtest on the shelf that was made before, in the place of one of its name.
func (s *BacktestShelf) Keep(site, id string, at time.Time, x Replayed) error {
	ended := at.UTC()
	return s.put(Backtest{
		ID: id, Site: site, State: "done", Shown: true, Began: at.UTC(), Ended: &ended, Done: 100,
		From: x.Report.Period.From, To: x.Report.Period.To, Result: resultOf(x),
	})
}

// put writes one down, and lets the oldest go where there are too many.
func (s *BacktestShelf) put(b Backtest) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := files.Replace(s.file(b.ID), files.Private, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(slices.DeleteFunc(s.all, func(x Backtest) bool { return x.ID == b.ID }), b)
	slices.SortFunc(s.all, older)
	var faults []error
	for len(s.all) > backtestsKept {
		faults = append(faults, os.Remove(s.file(s.all[0].ID)))
		s.all = s.all[1:]
	}
	return errors.Join(faults...)
}

func (s *BacktestShelf) file(id string) string { return filepath.Join(s.dir, id+".json") }

// of are those of a site, newest first and without results, and whether any runs.
func (s *BacktestShelf) of(site string) (out []Backtest, busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out = []Backtest{}
	for _, b := range s.all {
		if b.Site == site {
			b.Result = nil
			out = append(out, b)
		}
	}
	if s.running != nil && s.running.Site == site {
		out = append(out, *s.running)
	}
	slices.SortFunc(out, func(a, b Backtest) int { return older(b, a) })
	return out, s.running != nil
}

// find is one of a site.
func (s *BacktestShelf) find(site, id string) (Backtest, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil && s.running.Site == site && s.running.ID == id {
		return *s.running, true
	}
	i := slices.IndexFunc(s.all, func(b Backtest) bool { return b.Site == site && b.ID == id })
	if i < 0 {
		return Backtest{}, false
	}
	return s.all[i], true
}

// begin makes it the one that runs and names it; false: another one runs.
func (s *BacktestShelf) begin(b Backtest, cancel context.CancelFunc) (Backtest, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return b, false
	}
	name := b.Began.Format("20060102-150405")
	b.ID = name
	for n := 2; slices.ContainsFunc(s.all, func(x Backtest) bool { return x.ID == b.ID }); n++ {
		b.ID = fmt.Sprintf("%s-%d", name, n)
	}
	s.running, s.cancel = &b, cancel
	return b, true
}

// end ends the one that runs, for who began it.
func (s *BacktestShelf) end(site, id, by string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil || s.running.Site != site || s.running.ID != id || s.running.By != by {
		return false
	}
	s.cancel()
	return true
}

// run replays, and keeps what came of it. What somebody ended is kept too, so that nobody
// wonders where it went.
func (s *BacktestShelf) run(ctx context.Context, b Backtest, clock func() time.Time) error {
	x, err := s.replays.Replay(ctx, b.Site, b.From, b.To, func(done, total int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if total > 0 && s.running != nil {
			next := *s.running // who asked holds the one before
			next.Done = min(99, 100*done/total)
			s.running = &next
		}
	})
	ended := clock().UTC()
	b.Ended = &ended
	switch {
	case err == nil:
		b.State, b.Done, b.Result = "done", 100, resultOf(x)
	case errors.Is(context.Cause(ctx), context.Canceled):
		b.State = "cancelled"
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		b.State, b.Why = "failed", fmt.Sprintf("it was not done within %v: choose fewer days", backtestWithin)
	default:
		b.State, b.Why = "failed", line(err)
	}
	err = s.put(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running, s.cancel = nil, nil
	return err
}
