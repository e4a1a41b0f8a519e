package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/gpu"
	"sluice/unit"
)

// card is one GPU of a shelf.
type card struct {
	limit, standard unit.Power
	fails           bool // refuses to be set
	deaf            bool // takes a limit without effect
	silent          bool // states no range
}

// shelf is a Board in memory.
type shelf struct {
	mu    sync.Mutex
	cards []card
	sets  []string // what was set, in order
	after int      // from this set on everything fails; 0: never
	dead  bool
	first func() // before the first set
}

func (s *shelf) Route() string { return "shelf" }

func id(i int) string { return fmt.Sprintf("GPU-%d", i) }

func (s *shelf) Read(context.Context) ([]gpu.Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return nil, ErrNoGPU
	}
	var out []gpu.Reading
	for i, c := range s.cards {
		out = append(out, gpu.Reading{
			Index: i, UUID: id(i), Limit: c.limit, Default: c.standard, Min: 200, Max: 700, Source: "shelf",
			Has: gpu.Has{Limit: true, Default: c.standard > 0, Range: !c.silent},
		})
	}
	return out, nil
}

func (s *shelf) Limit(_ context.Context, g gpu.Reading, limit unit.Power) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sets) == 0 && s.first != nil {
		s.first()
	}
	s.sets = append(s.sets, fmt.Sprintf("%d:%d", g.Index, int64(limit)))
	c := &s.cards[g.Index]
	if c.fails || s.after > 0 && len(s.sets) >= s.after {
		return ErrDenied
	}
	if !c.deaf {
		c.limit = limit
	}
	return nil
}

func (s *shelf) limits() []unit.Power {
	var out []unit.Power
	for _, c := range s.cards {
		out = append(out, c.limit)
	}
	return out
}

// rig is an agent over a shelf, with its clock and its boot.
type rig struct {
	*shelf
	*Agent
	dir  string
	at   time.Time
	boot string
}

func stand(tb testing.TB, n int) *rig {
	tb.Helper()
	r := &rig{shelf: &shelf{}, dir: tb.TempDir(), at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), boot: "boot-1"}
	for range n {
		r.cards = append(r.cards, card{limit: 700, standard: 700})
	}
	r.restart()
	return r
}

// restart is another process over the same folder.
func (r *rig) restart() {
	r.Agent = New(r.shelf, Options{Node: "n1", Dir: r.dir, Now: func() time.Time { return r.at }, Boot: func() string { return r.boot }})
}

func (r *rig) Read(ctx context.Context) ([]gpu.Reading, error) { return r.Agent.Read(ctx) }

func (r *rig) set(tb testing.TB, s gpu.Setting) gpu.Answer {
	tb.Helper()
	a, err := r.Set(context.Background(), s)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func (r *rig) want(tb testing.TB, limits ...unit.Power) {
	tb.Helper()
	if diff := cmp.Diff(limits, r.limits()); diff != "" {
		tb.Error(diff)
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		before  func(*rig)
		setting gpu.Setting
		want    []unit.Power
		why     string
	}{
		"all GPUs take a limit":               {nil, gpu.Setting{Limit: 450}, []unit.Power{450, 450, 450}, ""},
		"those named take it":                 {nil, gpu.Setting{Limit: 450, UUIDs: []string{id(1)}}, []unit.Power{700, 450, 700}, ""},
		"zero is the default":                 {func(r *rig) { r.cards[1].limit = 300 }, gpu.Setting{}, []unit.Power{700, 700, 700}, ""},
		"nothing outside the range":           {nil, gpu.Setting{Limit: 100}, []unit.Power{700, 700, 700}, "takes 200 to 700 W, not 100"},
		"nothing below zero":                  {nil, gpu.Setting{Limit: -5}, []unit.Power{700, 700, 700}, "-5 W"},
		"no GPU that is not here":             {nil, gpu.Setting{Limit: 450, UUIDs: []string{id(1), "GPU-9"}}, []unit.Power{700, 700, 700}, `"GPU-9" is not here`},
		"no GPU twice":                        {nil, gpu.Setting{Limit: 450, UUIDs: []string{id(1), id(1)}}, []unit.Power{700, 700, 700}, "named twice"},
		"not of another node":                 {nil, gpu.Setting{Node: "n2", Limit: 450}, []unit.Power{700, 700, 700}, `not "n2"`},
		"no epoch below zero":                 {nil, gpu.Setting{Limit: 450, Epoch: -1}, []unit.Power{700, 700, 700}, "below zero"},
		"none, when one states no range":      {func(r *rig) { r.cards[2].silent = true }, gpu.Setting{Limit: 450}, []unit.Power{700, 700, 700}, "does not state which limits"},
		"none, when one states no default":    {func(r *rig) { r.cards[2].standard = 0 }, gpu.Setting{}, []unit.Power{700, 700, 700}, "does not state its default"},
		"all are put back when one refuses":   {func(r *rig) { r.cards[2].fails = true }, gpu.Setting{Limit: 450}, []unit.Power{700, 700, 700}, "every GPU has the limit it had"},
		"all are put back when one is deaf":   {func(r *rig) { r.cards[0].deaf = true }, gpu.Setting{Limit: 450}, []unit.Power{700, 700, 700}, "took 450 W without a word"},
		"a limit held lower by others stands": {func(r *rig) { r.cards[0].deaf = true; r.cards[0].limit = 400 }, gpu.Setting{Limit: 450}, []unit.Power{400, 450, 450}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := stand(t, 3)
			if c.before != nil {
				c.before(r)
			}
			a := r.set(t, c.setting)
			if a.Taken != (c.why == "") || !strings.Contains(a.Why, c.why) || a.Node != "n1" {
				t.Errorf("%+v, want %q", a, c.why)
			}
			r.want(t, c.want...)
			ours, err := r.Ours()
			if err != nil || a.Taken == (len(ours) == 0) {
				t.Errorf("%v kept after %+v, %v", ours, a, err)
			}
		})
	}
}

func TestEpoch(t *testing.T) {
	t.Parallel()
	r := stand(t, 1)
	if a := r.set(t, gpu.Setting{Limit: 450, Epoch: 7}); !a.Taken {
		t.Fatal(a.Why)
	}
	r.restart()
	if a := r.set(t, gpu.Setting{Limit: 600, Epoch: 6}); a.Taken || !strings.Contains(a.Why, "saw 7") {
		t.Errorf("an epoch that is over was obeyed: %+v", a)
	}
	if a, err := r.Restore(t.Context(), 6); err != nil || a.Taken {
		t.Errorf("and restored: %+v %v", a, err)
	}
	r.want(t, 450)
	if a := r.set(t, gpu.Setting{Limit: 10, Epoch: 9}); a.Taken {
		t.Error("outside the range")
	}
	if a := r.set(t, gpu.Setting{Limit: 500, Epoch: 8}); a.Taken {
		t.Error("an epoch was seen in a setting that was refused, and forgotten")
	}
}

func TestRestore(t *testing.T) {
	t.Parallel()
	r := stand(t, 3)
	r.cards[1].limit = 650 // somebody had set it before us
	r.set(t, gpu.Setting{Limit: 450})
	r.set(t, gpu.Setting{Limit: 300})
	r.restart()
	if a, err := r.Restore(t.Context(), 0, id(0)); err != nil || !a.Taken {
		t.Fatalf("%+v %v", a, err)
	}
	r.want(t, 700, 300, 300)
	if a, err := r.Restore(t.Context(), 0, id(0)); err != nil || a.Taken || !strings.Contains(a.Why, "not ours") {
		t.Errorf("twice: %+v %v", a, err)
	}
	r.cards[2].fails = true
	if a, err := r.Restore(t.Context(), 0); err != nil || a.Taken || !strings.Contains(a.Why, "no permission") {
		t.Errorf("one that refuses: %+v %v", a, err)
	}
	r.want(t, 700, 650, 300)
	ours, _ := r.Ours()
	if len(ours) != 1 || ours[0].Before != 700 || ours[0].UUID != id(2) {
		t.Errorf("what could not be put back was forgotten: %+v", ours)
	}
	r.cards[2].fails, r.cards[2].limit = false, 700 // and after a reboot it is capped again
	if err := r.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, 700, 650, 300)
}

func TestKeep(t *testing.T) {
	t.Parallel()
	capped := func(t *testing.T) *rig {
		t.Helper()
		r := stand(t, 2)
		r.set(t, gpu.Setting{Limit: 450})
		return r
	}
	keep := func(t *testing.T, r *rig) gpu.Report {
		t.Helper()
		if err := r.Keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		report, err := r.Report(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	t.Run("a reload of the driver loses the limits and they are set again", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.cards[0].limit, r.cards[1].limit = 700, 700
		r.restart()
		report := keep(t, r)
		r.want(t, 450, 450)
		if report.Reloads != 1 || len(report.Trouble) > 0 {
			t.Errorf("%+v", report)
		}
		if keep(t, r); len(r.sets) != 4 {
			t.Errorf("set again without need: %v", r.sets)
		}
	})
	t.Run("a reboot may leave any limit", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.cards[0].limit, r.boot = 500, "boot-2"
		if report := keep(t, r); report.Reloads != 1 {
			t.Errorf("%+v", report)
		}
		r.want(t, 450, 450)
	})
	t.Run("what somebody else set is said and left", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.cards[0].limit = 600
		report := keep(t, r)
		r.want(t, 600, 450)
		if len(report.Trouble) != 1 || !strings.Contains(report.Trouble[0], "somebody else set it") {
			t.Errorf("%+v", report)
		}
	})
	t.Run("a lower limit of somebody else is no trouble", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.cards[0].limit = 300
		if report := keep(t, r); len(report.Trouble) > 0 {
			t.Errorf("%+v", report)
		}
		r.want(t, 300, 450)
	})
	t.Run("what was lowered stays when its time is up", func(t *testing.T) {
		t.Parallel()
		r := stand(t, 2)
		r.set(t, gpu.Setting{Limit: 450, Until: r.at.Add(time.Minute)})
		r.at = r.at.Add(time.Hour)
		keep(t, r)
		r.want(t, 450, 450)
	})
	t.Run("what was raised goes back down when its time is up", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.set(t, gpu.Setting{Limit: 600, Until: r.at.Add(time.Minute)})
		r.at = r.at.Add(59 * time.Second)
		keep(t, r)
		r.want(t, 600, 600)
		r.at = r.at.Add(time.Second)
		r.restart()
		if report := keep(t, r); report.Reloads != 0 {
			t.Errorf("counted as a reload: %+v", report)
		}
		r.want(t, 450, 450)
	})
	t.Run("something newer ends the time", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.set(t, gpu.Setting{Limit: 600, Until: r.at.Add(time.Minute)})
		r.set(t, gpu.Setting{Limit: 650})
		r.at = r.at.Add(time.Hour)
		keep(t, r)
		r.want(t, 650, 650)
	})
	t.Run("a GPU that is gone is said", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.cards = r.cards[:1]
		if report := keep(t, r); len(report.Trouble) != 1 || !strings.Contains(report.Trouble[0], "is gone") {
			t.Errorf("%+v", report)
		}
	})
	t.Run("without GPUs there is an error and nothing is forgotten", func(t *testing.T) {
		t.Parallel()
		r := capped(t)
		r.dead = true
		if err := r.Keep(t.Context()); !errors.Is(err, ErrNoGPU) {
			t.Errorf("%v", err)
		}
		if ours, err := r.Ours(); err != nil || len(ours) != 2 {
			t.Errorf("%v %v", ours, err)
		}
	})
}

func TestMemory(t *testing.T) {
	t.Parallel()
	t.Run("what stood before is on the disk before the first write", func(t *testing.T) {
		t.Parallel()
		r := stand(t, 2)
		r.cards[0].limit = 650
		looked := false
		r.first = func() {
			looked = true
			m, err := recall(r.dir)
			info, statErr := os.Stat(filepath.Join(r.dir, memoryFile))
			if err != nil || statErr != nil || info.Mode().Perm() != 0o600 || m.GPUs[id(0)].Before != 650 || m.GPUs[id(1)].Before != 700 {
				t.Errorf("at the first write: %+v %v %v", m, err, statErr)
			}
		}
		r.set(t, gpu.Setting{Limit: 450})
		if !looked {
			t.Error("nothing was written")
		}
	})
	t.Run("where it cannot be written nothing is set", func(t *testing.T) {
		t.Parallel()
		r := stand(t, 2)
		r.dir = filepath.Join(r.dir, "file")
		if err := os.WriteFile(r.dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.restart()
		if _, err := r.Set(t.Context(), gpu.Setting{Limit: 450}); err == nil || len(r.sets) > 0 {
			t.Errorf("%v, and %v was set", err, r.sets)
		}
	})
	for sentence, text := range map[string]string{
		"no JSON": "{", "a limit below zero": `{"gpus":{"GPU-1":{"before_w":-1,"limit_w":1}}}`, "a UUID that is a flag": `{"gpus":{"-pl":{"before_w":1,"limit_w":1}}}`,
	} {
		t.Run("a memory that is broken stops everything: "+sentence, func(t *testing.T) {
			t.Parallel()
			r := stand(t, 1)
			if err := os.WriteFile(filepath.Join(r.dir, memoryFile), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Set(t.Context(), gpu.Setting{Limit: 450}); err == nil || len(r.sets) > 0 {
				t.Errorf("%v, and %v was set", err, r.sets)
			}
			if report, err := r.Report(t.Context()); err != nil || len(report.Trouble) != 1 {
				t.Errorf("it can be read all the same, with the trouble: %v %+v", err, report)
			}
		})
	}
	t.Run("an undo that fails is an error that names the GPU", func(t *testing.T) {
		t.Parallel()
		r := stand(t, 3)
		r.after = 2
		_, err := r.Set(t.Context(), gpu.Setting{Limit: 450})
		if err == nil || !strings.Contains(err.Error(), "not every GPU could be put back") {
			t.Errorf("%v", err)
		}
		if ours, _ := r.Ours(); len(ours) != 1 || ours[0].UUID != id(0) || ours[0].Before != 700 {
			t.Errorf("kept: %+v", ours)
		}
	})
}

// TestAnyFailureLeavesAllOrNone: whatever fails, the GPUs have all the new limits, or
// all the old ones, or there is an error; never is one above both; and at the end
// everything can be put back.
func TestAnyFailureLeavesAllOrNone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := stand(t, rapid.IntRange(1, 4).Draw(rt, "cards"))
		first := r.limits()
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			before := r.limits()
			r.sets, r.after = nil, rapid.IntRange(0, 6).Draw(rt, "fails from")
			limit := unit.Power(rapid.IntRange(150, 750).Draw(rt, "limit"))
			a, err := r.Set(t.Context(), gpu.Setting{Limit: limit})
			r.after = 0
			now := r.limits()
			for i, l := range now {
				if a.Taken && l != limit || !a.Taken && err == nil && l != before[i] || l != limit && l != before[i] {
					rt.Fatalf("%v, then %v, with %+v, %v", before, now, a, err)
				}
			}
			if rapid.Bool().Draw(rt, "restart") {
				r.restart()
				if err := r.Keep(t.Context()); err != nil {
					rt.Fatal(err)
				}
				for i, l := range r.limits() {
					if l > now[i] {
						rt.Fatalf("GPU %d was raised from %d to %d", i, now[i], l)
					}
				}
			}
		}
		if _, err := r.Restore(t.Context(), 0); err != nil {
			rt.Fatal(err)
		}
		ours, _ := r.Ours()
		if diff := cmp.Diff(first, r.limits()); diff != "" || len(ours) > 0 {
			rt.Fatalf("not as it was found: %s %v", diff, ours)
		}
	})
}

// TestTwoProcesses: a command and a service on one node do not meet half way.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	r := stand(t, 2)
	other := New(r.shelf, Options{Node: "n1", Dir: r.dir, Boot: func() string { return r.boot }})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			a := []*Agent{r.Agent, other}[i%2]
			if _, err := a.Set(context.Background(), gpu.Setting{Limit: unit.Power(300 + i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	m, err := recall(r.dir)
	if err != nil || len(m.GPUs) != 2 {
		t.Fatalf("%+v %v", m, err)
	}
	for k := range maps.Values(m.GPUs) {
		if k.Before != 700 || k.Limit != r.cards[0].limit || r.cards[0].limit != r.cards[1].limit {
			t.Errorf("%+v, and %v stands", k, r.limits())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	lock, err := take(ctx, r.dir)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := r.Set(ctx, gpu.Setting{Limit: 300}); !errors.Is(err, context.Canceled) {
		t.Errorf("waited for ever: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
}
