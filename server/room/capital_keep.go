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

	files "sluice/store/whole"
)

// CapitalFound is what a run of a plan found: what is shown, and what whoever writes the
// report for a board makes it of.
type CapitalFound struct {
	Result CapitalRiskResult `json:"result"`
	Board  []byte            `json:"board"`
}

// keptRisk is a run as it is kept.
type keptRisk struct {
	CapitalRisk

	Board []byte `json:"board,omitempty"`
}

// RiskShelf keeps runs of plans, each in a file of its folder, and says who may begin one.
// It may be used from any goroutine.
type RiskShelf struct {
	dir string

	mu      sync.Mutex // guards what follows
	all     []keptRisk // oldest first
	running []runningRisk
}

type runningRisk struct {
	CapitalRisk
	cancel context.CancelFunc
}

// NewRisks opens the shelf of a folder, which is made where it is missing.
func NewRisks(dir string) (*RiskShelf, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("runs of plans: %w", err)
	}
	s := &RiskShelf{dir: dir}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("runs of plans: %w", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // of the folder of the room
		var x keptRisk
		if err == nil {
			err = json.Unmarshal(text, &x)
		}
		if err != nil {
			return nil, fmt.Errorf("run of a plan %s: %w: take it away, it can be made again", name, err)
		}
		s.all = append(s.all, x)
	}
	slices.SortFunc(s.all, earlier)
	return s, nil
}

func earlier(a, b keptRisk) int {
	return cmp.Or(a.Began.Compare(b.Began), strings.Compare(a.ID, b.ID))
}

// Keep puts a run on the shelf that was made before, in the place of one of its name. Of x
// count the name, the plan with its version, the futures and the seed.
func (s *RiskShelf) Keep(x CapitalRisk, found CapitalFound, at time.Time) error {
	ended := at.UTC()
	x.State, x.Shown, x.Began, x.Ended, x.Done, x.Result = "done", true, ended, &ended, 100, &found.Result
	return s.put(keptRisk{CapitalRisk: x, Board: found.Board})
}

// put writes one down, and lets the oldest go where there are too many.
func (s *RiskShelf) put(x keptRisk) error {
	text, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if err := files.Replace(s.file(x.ID), files.Private, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(slices.DeleteFunc(s.all, func(y keptRisk) bool { return y.ID == x.ID }), x)
	slices.SortFunc(s.all, earlier)
	var faults []error
	for len(s.all) > risksKept {
		faults = append(faults, os.Remove(s.file(s.all[0].ID)))
		s.all = s.all[1:]
	}
	return errors.Join(faults...)
}

func (s *RiskShelf) file(id string) string { return filepath.Join(s.dir, id+".json") }

// of are those of a plan, newest first and without results, and whether somebody has to
// wait before they begin another one.
func (s *RiskShelf) of(plan, person string) (out []CapitalRisk, busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out = []CapitalRisk{}
	for _, x := range s.running {
		if x.Plan == plan {
			out = append(out, x.CapitalRisk)
		}
	}
	for _, x := range slices.Backward(s.all) {
		if x.Plan == plan {
			x.Result = nil
			out = append(out, x.CapitalRisk)
		}
	}
	return out, s.full(person)
}

// full reports whether a person may begin no run now. The caller holds the lock.
func (s *RiskShelf) full(person string) bool {
	return len(s.running) >= risksRun || slices.ContainsFunc(s.running, func(x runningRisk) bool { return x.By == person })
}

func (s *RiskShelf) find(plan, id string) (keptRisk, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.running {
		if x.Plan == plan && x.ID == id {
			return keptRisk{CapitalRisk: x.CapitalRisk}, true
		}
	}
	i := slices.IndexFunc(s.all, func(x keptRisk) bool { return x.Plan == plan && x.ID == id })
	if i < 0 {
		return keptRisk{}, false
	}
	return s.all[i], true
}

// begin makes it one that runs and names it; false: it has to wait.
func (s *RiskShelf) begin(x CapitalRisk, cancel context.CancelFunc) (CapitalRisk, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full(x.By) {
		return x, false
	}
	name := x.Began.Format("20060102-150405")
	taken := func(id string) bool {
		return slices.ContainsFunc(s.all, func(y keptRisk) bool { return y.ID == id }) || slices.ContainsFunc(s.running, func(y runningRisk) bool { return y.ID == id })
	}
	x.ID = name
	for n := 2; taken(x.ID); n++ {
		x.ID = fmt.Sprintf("%s-%d", name, n)
	}
	s.running = append(s.running, runningRisk{x, cancel})
	return x, true
}

// step notes how far a run is.
func (s *RiskShelf) step(id string, done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.running {
		if s.running[i].ID == id && total > 0 {
			s.running[i].Done = max(s.running[i].Done, min(99, 100*done/total))
		}
	}
}

// end ends one that runs, for who began it.
func (s *RiskShelf) end(plan, id, by string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.running, func(x runningRisk) bool { return x.Plan == plan && x.ID == id && x.By == by })
	if i < 0 {
		return false
	}
	s.running[i].cancel()
	return true
}

// over keeps what came of a run. What somebody ended is kept too, so that nobody wonders
// where it went.
func (s *RiskShelf) over(ctx context.Context, x CapitalRisk, found CapitalFound, no error, at time.Time) error {
	ended := at.UTC()
	x.Ended = &ended
	kept := keptRisk{CapitalRisk: x}
	switch {
	case no == nil:
		kept.State, kept.Done, kept.Result, kept.Board = "done", 100, &found.Result, found.Board
	case errors.Is(context.Cause(ctx), context.Canceled):
		kept.State = "cancelled"
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		kept.State, kept.Why = "failed", tooLong()
	default:
		kept.State, kept.Why = "failed", line(no)
	}
	err := s.put(kept)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = slices.DeleteFunc(s.running, func(y runningRisk) bool { return y.ID == x.ID })
	return err
}
