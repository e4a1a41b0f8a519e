package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/learned"
	"sluice/driver/trial"
	"sluice/live"
	"sluice/loop/commission"
	"sluice/server/room"
	"sluice/unit"
)

// besides is a control room's folder of a yard that serves, and the site's own door.
func besides(t *testing.T, y *yard) (*roomTrials, *live.Remote) {
	t.Helper()
	r := newRoomTrials(t.TempDir())
	r.every = 20 * time.Millisecond
	dir := filepath.Join(r.dir, "sites", "v")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{y.file: siteYAML, y.keys: keysName} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, to), text, 0o600) //nolint:gosec // a folder of the test
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	remote := live.Dial(y.data)
	t.Cleanup(remote.Close)
	return r, remote
}

// TestRoomTrials tries a machine of a site that runs in a closed loop: the site lends it,
// moves it not once meanwhile, finds no fault with it afterwards, and begins anew with
// what was learned.
func TestRoomTrials(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 231, limit: 200 * unit.Kilowatt, miners: 12})
	r, remote := besides(t, y)
	file := filepath.Join(r.dir, "sites", "v", learnedName)
	if err := shelved(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
	y.serve(t, 20, "--entrust", "--learned", file)
	at := y.pick(t, device.LuxOS)
	page := func() live.MachinePage {
		p, err := remote.Machine(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	q := live.Request{By: "anna", Machine: at, Reason: "trial"}
	var no error
	if !soon(t, "the machine can be lent", 30*time.Second, func() bool {
		if p := page(); p.State != live.MachineRunning || !p.Entrusted || p.Proving {
			return false
		}
		_, no = remote.Act(t.Context(), "lend", q)
		return no == nil
	}) {
		t.Fatal(no, page().Shown)
	}
	orders := len(page().Orders)
	of := room.TrialOf{Site: "v", Machine: at, Levels: 2}
	r.tries(t, of)
	if p := page(); len(p.Orders) != orders || p.LentTo != "anna" {
		t.Errorf("the site told it %d times something meanwhile; lent to %q", len(p.Orders)-orders, p.LentTo)
	}
	if _, err := remote.Act(t.Context(), "giveback", q); err != nil {
		t.Fatal(err)
	}
	if !soon(t, "the site has it in hand", 10*time.Second, func() bool {
		p := page()
		return p.Entrusted && p.LentTo == "" && p.Trouble == live.Fine && p.State == live.MachineRunning
	}) {
		t.Errorf("given back: %+v", page().Shown)
	}
	seen, err := r.Yard("v")
	if err != nil || len(seen.Kept) == 0 || !strings.Contains(seen.Curves, "models:") || len(seen.Meters) != 3 {
		t.Fatalf("%+v, %v", seen, err)
	}
	if err := r.Take("v", seen.Kept[len(seen.Kept)-1:]); err != nil {
		t.Fatal(err)
	}
	if all, err := learned.Load(file); err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	if page().Times.Learned {
		t.Error("it knows before it was told")
	}
	if _, err := remote.Act(t.Context(), "relearn", q); err != nil {
		t.Fatal(err)
	}
	if !soon(t, "the site reckons with what was learned", 30*time.Second, func() bool {
		p, err := remote.Machine(t.Context(), at)
		return err == nil && p.Times.Learned && p.Times.SleepSeen != nil
	}) {
		t.Error("the site did not take it over")
	}
}

// tries tries a machine in ever longer windows until the computer keeps up.
func (r *roomTrials) tries(t *testing.T, q room.TrialOf) {
	t.Helper()
	patiently(t, func(window time.Duration) string {
		q.Window = window
		r.every = window / 16
		plan, err := r.Look(t.Context(), q)
		if err != nil || plan.Record.Address != q.Machine || len(plan.Steps()) < 3 {
			t.Fatalf("%+v, %v", plan, err)
		}
		var steps []commission.Step
		c, err := r.Try(t.Context(), q, room.TrialWatch{Tell: func(_ time.Duration, e commission.Effect) {
			if b, is := e.(commission.Began); is {
				steps = append(steps, b.Step)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if why := c.Record.Why; busy(why) {
			return why
		}
		if c.Record.Verdict != commission.Learned || c.Record.Sleep == nil || len(steps) < 3 || len(c.Record.NotRestored) > 0 {
			t.Fatalf("steps %v, %+v", steps, c.Record)
		}
		return ""
	})
}

// TestRoomTrialLeaves ends at once: the machine is told nothing more, what it was found
// doing is kept, and no other trial begins before it has it back.
func TestRoomTrialLeaves(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 233, limit: 200 * unit.Kilowatt, miners: 12})
	r, _ := besides(t, y)
	at := y.pick(t, device.LuxOS)
	q := room.TrialOf{Site: "v", Machine: at, Window: 320 * time.Millisecond}
	for sentence, wrong := range map[string]room.TrialOf{
		"another site":   {Site: "w", Machine: at, Window: time.Second},
		"no such meter":  {Site: "v", Machine: at, Meter: "abacus", Window: time.Second},
		"nobody there":   {Site: "v", Machine: "127.233.200.1", Window: time.Second},
		"out of reach":   {Site: "v", Machine: "10.1.1.1", Window: time.Second},
		"out of folders": {Site: "../../v", Machine: "10.1.1.1", Window: time.Second},
	} {
		if _, err := r.Look(t.Context(), wrong); err == nil {
			t.Errorf("%s: no word against it", sentence)
		}
	}
	patiently(t, func(window time.Duration) string {
		q.Window = window
		leave := make(chan struct{})
		c, err := r.Try(t.Context(), q, room.TrialWatch{Leave: leave, Tell: func(_ time.Duration, e commission.Effect) {
			if s, is := e.(commission.Send); is && s.Command.Verb == device.Sleep {
				close(leave)
			}
		}})
		if busy(c.Record.Why) {
			return c.Record.Why
		}
		if !errors.Is(err, trial.ErrLeft) || c.Orders != 1 {
			t.Fatalf("%+v, %v", c, err)
		}
		return ""
	})
	if _, err := r.Look(t.Context(), q); err == nil || !strings.Contains(err.Error(), "not given back") && !strings.Contains(err.Error(), "restore") {
		t.Errorf("it is tried again as it was left: %v", err)
	}
}
