package avalon_test

import (
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/avalon"
	"sluice/driver/drivertest"
	world "sluice/world/avalon"
)

// TestMachine runs the conformance suite against both ways of saying sleep. A
// machine has one seat, so that a driver with two connections at once would wait
// for itself.
func TestMachine(t *testing.T) { // not parallel: it counts goroutines
	for name, b := range map[string]build{
		"1346 that sleeps at once and wakes by a restart":        {model: "1346", world: world.Options{Plain: true}},
		"Q that is scheduled, whose stats are empty":             {model: "Q", world: world.Options{Empty: "stats"}},
		"an unknown model that is asked, whose estats are empty": {model: "A99", world: world.Options{Skew: -time.Hour, Empty: "estats"}},
	} {
		t.Run(name, func(t *testing.T) {
			drivertest.Machine(t, drivertest.MachineSuite{Family: device.Avalon, New: b.start})
		})
	}
}

// TestVerbs checks that an unknown model is asked for its verbs, and that the
// caller may say better.
func TestVerbs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build build
		needs bool
		class device.AckClass
	}{
		"an unknown model without softon":       {build{model: "A99", world: world.Options{Plain: true}}, false, device.Accepted},
		"an unknown model with softon":          {build{model: "A99"}, true, device.Accepted},
		"a model that the caller knows better":  {build{model: "1366", driver: avalon.Options{Verbs: avalon.Scheduled}}, true, device.Accepted},
		"a model that the caller knows wrongly": {build{model: "1366", world: world.Options{Plain: true}, driver: avalon.Options{Verbs: avalon.Scheduled}}, true, device.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, c.build.start(t))
			if got := d.Capabilities().NeedsClock; got != c.needs {
				t.Errorf("needs a clock: %t, want %t", got, c.needs)
			}
			if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != c.class {
				t.Errorf("ack %v, want %s", a, c.class)
			}
		})
	}
}

// TestSkew checks that an order acts five seconds on, however wrong the
// machine's clock is.
func TestSkew(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-10 * 365 * 24 * time.Hour, -time.Minute, 0, time.Minute, 24 * time.Hour} {
		b := build{model: "Q", world: world.Options{Skew: skew}}.start(t)
		if a := open(t, b).Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
			t.Fatalf("ack %v", a)
		}
		b.Wait(4 * time.Second)
		if got := b.Machine.State(b.Now()).Intent; got != device.Running {
			t.Errorf("clock ahead by %v: told %s after four seconds", skew, got)
		}
		b.Wait(time.Second)
		if got := b.Machine.State(b.Now()).Intent; got != device.Asleep {
			t.Errorf("clock ahead by %v: told %s after five seconds", skew, got)
		}
	}
}

// TestWakeByRestart checks that a wake never restarts a machine that runs or
// starts, and that the answer to one that worked is silence or a yes.
func TestWakeByRestart(t *testing.T) {
	t.Parallel()
	b := build{model: "1346", world: world.Options{Plain: true}}.start(t)
	d := open(t, b)
	if a := d.Apply(t.Context(), device.Command{Verb: device.Wake}); a.Class != device.Refused || a.Reason != device.BadState {
		t.Errorf("waking a machine that runs: %v", a)
	}
	if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
		t.Fatalf("sleep: %v", a)
	}
	b.Wait(time.Minute)
	if a := d.Apply(t.Context(), device.Command{Verb: device.Wake}); a.Class != device.NoReply || a.Set.Verb != device.Wake {
		t.Errorf("wake: %v", a)
	}
	b.Wait(time.Minute)
	if a := d.Apply(t.Context(), device.Command{Verb: device.Wake}); a.Class != device.Refused || a.Reason != device.BadState {
		t.Errorf("waking a machine that starts: %v", a)
	}
	r, err := d.Read(t.Context(), device.All)
	if err != nil || r.Activity.Known && r.Activity.Value == device.Asleep || r.Intent.Known && r.Intent.Value == device.Asleep {
		t.Errorf("a machine that starts: activity %+v, intent %+v, error %v", r.Activity, r.Intent, err)
	}
}

// TestGoingDown checks that a machine is not asleep while its supply puts out power.
func TestGoingDown(t *testing.T) {
	t.Parallel()
	b := build{model: "1346", world: world.Options{Plain: true}}.start(t)
	d := open(t, b)
	if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
		t.Fatalf("sleep: %v", a)
	}
	b.Wait(4 * time.Second)
	r, err := d.Read(t.Context(), device.Status)
	if err != nil || r.Activity.Known || r.Intent != device.Stated(device.Asleep) {
		t.Errorf("activity %+v, intent %+v, error %v: it still draws power", r.Activity, r.Intent, err)
	}
}
