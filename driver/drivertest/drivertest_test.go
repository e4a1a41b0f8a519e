package drivertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// fake is a plant of one use with faults to switch on.
type fake struct {
	now    time.Time
	it     unit.Energy
	on     unit.Power
	reads  int
	faults map[string]bool
}

func (f *fake) Read(context.Context) (cycle.Registers, error) {
	f.reads++
	r := cycle.Registers{At: f.now, Source: "fake", Import: f.it, Uses: []cycle.UseRegister{{Use: "a", IT: f.it, Meter: f.it}}}
	if f.faults["reading moves it"] {
		f.it++
	}
	if f.faults["falls"] {
		r.Import = unit.Energy(-f.reads)
	}
	if f.faults["nameless"] {
		r.Source = ""
	}
	if f.faults["cooling below zero"] {
		r.Uses[0].Meter /= 2
	}
	return r, nil
}

func (f *fake) States(context.Context) ([]cycle.UseState, error) {
	s := cycle.UseState{Use: "a", Source: "fake", At: f.now, Health: unit.One, State: use.State{On: f.on, Draw: f.on}}
	if f.faults["held without on"] {
		s.State.Held = f.on + 1
	}
	if f.faults["sick"] {
		s.Health = 2 * unit.One
	}
	return []cycle.UseState{s}, nil
}

func (f *fake) Carry(_ context.Context, o cycle.Order) (cycle.Receipt, error) {
	if o.Use != "a" && !f.faults["takes any order"] {
		return cycle.Receipt{}, errors.New("no such use")
	}
	if !f.faults["deaf"] {
		f.on = o.On
	}
	return cycle.Receipt{Use: o.Use, Accepted: true, At: f.now}, nil
}

func (f *fake) wait(d time.Duration) {
	f.now = f.now.Add(d)
	f.it += f.on.Over(d)
}

// listener keeps what a suite complains about instead of failing.
type listener struct {
	testing.TB
	heard []string
}

func (l *listener) Errorf(format string, args ...any) {
	l.heard = append(l.heard, fmt.Sprintf(format, args...))
}
func (l *listener) Fatalf(format string, args ...any) { l.Errorf(format, args...) }
func (l *listener) Helper()                           {}

// TestSuitesCatchPlantedFaults runs the suites against a sound plant and
// against plants with one fault each.
func TestSuitesCatchPlantedFaults(t *testing.T) {
	t.Parallel()
	suites := map[string]func(testing.TB, Open){"meter": Meter, "fleet": Fleet, "device": Device}
	for _, c := range []struct{ fault, suite, says string }{
		{"", "meter", ""},
		{"", "fleet", ""},
		{"", "device", ""},
		{"reading moves it", "meter", "must have no effect"},
		{"falls", "meter", "registers fell"},
		{"nameless", "meter", "name its source"},
		{"cooling below zero", "meter", "cooling is never negative"},
		{"held without on", "fleet", "makes no sense"},
		{"sick", "fleet", "is not a share"},
		{"deaf", "device", "told to stop"},
		{"takes any order", "device", "does not exist was accepted"},
	} {
		t.Run(c.suite+" "+c.fault, func(t *testing.T) {
			t.Parallel()
			l := &listener{TB: t}
			suites[c.suite](l, func(testing.TB) Bench {
				f := &fake{now: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), on: unit.Megawatt, faults: map[string]bool{c.fault: true}}
				return Bench{Meter: f, Fleet: f, Device: f, Wait: f.wait, Uses: []string{"a"}, Full: unit.Megawatt}
			})
			heard := strings.Join(l.heard, "\n")
			if c.says == "" && heard != "" {
				t.Errorf("a sound plant is blamed: %s", heard)
			}
			if !strings.Contains(heard, c.says) {
				t.Errorf("heard %q, want %q", heard, c.says)
			}
		})
	}
}
