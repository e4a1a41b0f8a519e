// Package drivertest is the conformance suite of the ports through which the
// loop meets a plant: one exported function for each port, run by every driver
// and by the simulated world alike. What passes here can be put behind the loop.
package drivertest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/loop/observe"
	"sluice/unit"
)

// Bench is one plant behind its ports, as a test drives it. Ports that a driver
// does not have stay nil, and only the functions of those it has are called.
type Bench struct {
	Meter  observe.Meter
	Fleet  observe.Fleet
	Device actuate.Device
	Wait   func(time.Duration) // lets time pass at the plant: virtual time, or a recorded one
	Uses   []string            // names of the uses that orders may be sent to
	Full   unit.Power          // an IT power at which each use runs whole
}

// Open starts a plant that nobody has told anything yet. It registers its own
// cleaning up.
type Open func(testing.TB) Bench

// Meter checks that cumulative registers are what the loop takes them for: they
// name their source, only rise, stand still between readings that no time
// separates, and balance what came in with what was used.
func Meter(tb testing.TB, open Open) {
	tb.Helper()
	b := open(tb)
	before := reading(tb, b)
	if before.Source == "" {
		tb.Errorf("the meter does not name its source")
	}
	if again := reading(tb, b); again.Import != before.Import || again.Export != before.Export || !again.At.Equal(before.At) {
		tb.Errorf("reading twice gave %v and %v: a reading must have no effect", before, again)
	}
	for range 8 {
		b.Wait(15 * time.Minute)
		after := reading(tb, b)
		if got := after.At.Sub(before.At); got != 15*time.Minute {
			tb.Errorf("the meter moved %v on in a quarter of an hour", got)
		}
		rising(tb, before, after)
		before = after
	}
}

// rising reports every register that fell or changed its place.
func rising(tb testing.TB, before, after cycle.Registers) {
	tb.Helper()
	if after.Import < before.Import || after.Export < before.Export {
		tb.Errorf("the site's registers fell from %d/%d to %d/%d J", before.Import, before.Export, after.Import, after.Export)
	}
	if after.Peak < 0 {
		tb.Errorf("the highest import is %v: imports are counted, feed-in is not", after.Peak)
	}
	if len(after.Own) != len(before.Own) || len(after.Uses) != len(before.Uses) {
		tb.Fatalf("the number of registers changed from %d and %d to %d and %d", len(before.Own), len(before.Uses), len(after.Own), len(after.Uses))
	}
	for i, o := range after.Own {
		if was := before.Own[i]; o.Source != was.Source || o.Generated < was.Generated {
			tb.Errorf("register of %s went from %s %d to %d J", o.Source, was.Source, was.Generated, o.Generated)
		}
	}
	for i, u := range after.Uses {
		was := before.Uses[i]
		if u.Use != was.Use || u.IT < was.IT || u.Meter < was.Meter || u.Work < was.Work || u.Started < was.Started {
			tb.Errorf("a register of %s fell: from %+v to %+v", u.Use, was, u)
		}
		if u.Meter-was.Meter < u.IT-was.IT {
			tb.Errorf("%s used %d J of IT and only %d J at the meter: cooling is never negative", u.Use, u.IT-was.IT, u.Meter-was.Meter)
		}
	}
}

// Fleet checks that every use reports a state that a bid can be made of, and
// that asking has no effect.
func Fleet(tb testing.TB, open Open) {
	tb.Helper()
	b := open(tb)
	for range 4 {
		states := stateOf(tb, b)
		for _, s := range states {
			if s.Use == "" || s.Source == "" || s.At.IsZero() {
				tb.Errorf("state %+v lacks its use, source or time", s)
			}
			if s.Health < 0 || s.Health > unit.One {
				tb.Errorf("%s: health %d is not a share", s.Use, s.Health)
			}
			if s.State.On < 0 || s.State.Draw < 0 || s.State.Held > s.State.On {
				tb.Errorf("%s: state %+v makes no sense: nothing is drawn backwards, and only what is on can be held on", s.Use, s.State)
			}
			if (s.State.Held > 0 || s.State.Rest > 0) == s.State.Since.IsZero() {
				tb.Errorf("%s: a minimum time runs exactly when Since says from when: %+v", s.Use, s.State)
			}
		}
		if again := stateOf(tb, b); !reflect.DeepEqual(states, again) {
			tb.Errorf("asking twice gave %v and %v: asking must have no effect", states, again)
		}
		b.Wait(15 * time.Minute)
	}
}

// Device checks that orders are carried out, that repeating one has no further
// effect, that a stop is a stop, and that an order for nobody is an error.
func Device(tb testing.TB, open Open) {
	tb.Helper()
	b := open(tb)
	for _, name := range b.Uses {
		stop := cycle.Order{Head: cycle.Head{Version: cycle.Version}, Use: name}
		accept(tb, b, stop)
		accept(tb, b, stop)
	}
	b.Wait(time.Hour)
	before := reading(tb, b)
	b.Wait(time.Hour)
	for _, name := range b.Uses {
		if drawn := used(reading(tb, b), name) - used(before, name); drawn != 0 {
			tb.Errorf("%s drew %d J in an hour after it was told to stop", name, drawn)
		}
		accept(tb, b, cycle.Order{Head: cycle.Head{Version: cycle.Version}, Use: name, On: b.Full, Draw: b.Full})
	}
	before = reading(tb, b)
	b.Wait(time.Hour)
	for _, name := range b.Uses {
		if drawn := used(reading(tb, b), name) - used(before, name); drawn <= 0 {
			tb.Errorf("%s drew %d J in an hour after it was told to run", name, drawn)
		}
	}
	if r, err := b.Device.Carry(tb.Context(), cycle.Order{Use: "nobody/nowhere"}); err == nil && r.Accepted {
		tb.Errorf("an order for a use that does not exist was accepted")
	}
}

func accept(tb testing.TB, b Bench, o cycle.Order) {
	tb.Helper()
	r, err := b.Device.Carry(tb.Context(), o)
	if err != nil || !r.Accepted || r.Use != o.Use {
		tb.Errorf("order %+v: receipt %+v, error %v", o, r, err)
	}
}

func used(r cycle.Registers, name string) unit.Energy {
	for _, u := range r.Uses {
		if u.Use == name {
			return u.IT
		}
	}
	return 0
}

func reading(tb testing.TB, b Bench) cycle.Registers {
	tb.Helper()
	return must(tb, b.Meter.Read)
}

func stateOf(tb testing.TB, b Bench) []cycle.UseState {
	tb.Helper()
	return must(tb, b.Fleet.States)
}

func must[T any](tb testing.TB, ask func(context.Context) (T, error)) T {
	tb.Helper()
	v, err := ask(tb.Context())
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return v
}
