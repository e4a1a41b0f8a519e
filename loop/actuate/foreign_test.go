package actuate

import (
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

// sleeper is a unit of which somebody, or Sluice, makes a sleeper while an order
// to it is not proven.
type sleeper struct {
	before func(r *rig) // what happened until it sleeps
	theirs bool         // nobody of us put it to sleep
}

// sleepers are the ways in which an order and a sleep cross.
func sleepers() map[string]sleeper {
	return map[string]sleeper{
		"it ran, was lowered, and slept before that was proven": {func(r *rig) {
			r.read(0, 3000, 3000)
			r.order(0, 3000, true)
			r.order(0, 1500, false)
		}, true},
		"it ran, was asked to stay, and slept before that was proven": {func(r *rig) {
			r.read(0, 3000, 3000)
			r.order(0, 3000, false)
		}, true},
		"the order that crossed its sleep was answered with yes": {func(r *rig) {
			r.read(0, 3000, 3000)
			r.order(0, 3000, true)
			e := r.order(0, 1500, false)
			r.step(Answered{Unit: 0, Epoch: e, Class: device.Accepted})
		}, true},
		"we put it to sleep and wake it": {func(r *rig) {
			r.read(0, 3000, 3000)
			r.order(0, 0, true)
			r.order(0, 3000, false)
		}, false},
		"we put it to sleep, and before that was proven we wake it": {func(r *rig) {
			r.read(0, 3000, 3000)
			r.order(0, 3000, true)
			r.order(0, 0, false)
			r.order(0, 3000, false)
		}, false},
		"we wake it, and change our mind about how far": {func(r *rig) {
			r.read(0, 3000, 3000)
			r.order(0, 0, true)
			r.order(0, 3000, false)
			r.order(0, 1500, false)
		}, false},
		"so many orders are in flight that the oldest were joined": {func(r *rig) {
			r.read(0, 3000, 3000)
			r.order(0, 3000, true)
			r.order(0, 0, false)
			for n := range flightsMost + 2 {
				r.order(0, 1500+unit.Power(n), false)
			}
		}, false},
	}
}

// woken lets the unit sleep for half an hour with a plan that wants it at full
// power, and reports whether it was told to rise.
func (r *rig) woken() bool {
	r.step(wish(7, 3000))
	for range 360 {
		r.now += 4 * time.Second
		r.read(0, 0, 0)
		for _, s := range sends(r.step(Tick{})) {
			if s.Target > 0 {
				return true
			}
			r.step(Answered{Unit: 0, Epoch: s.Epoch, Class: device.Accepted})
		}
	}
	return false
}

// TestSleepCrossesAnOrder: a unit that somebody else puts to sleep while an order
// to it is not proven stays asleep, over a restart too, and one that sleeps on
// our own order is woken.
func TestSleepCrossesAnOrder(t *testing.T) {
	t.Parallel()
	for sentence, c := range sleepers() {
		for _, restart := range []bool{false, true} {
			t.Run(sentence, func(t *testing.T) {
				t.Parallel()
				r := c.asleep(t, restart)
				if got := r.woken(); got == c.theirs {
					t.Errorf("restart %v: it was woken: %v; %+v", restart, got, r.k.Unit(0))
				}
				if got := r.k.Unit(0).Foreign; got != c.theirs {
					t.Errorf("restart %v: put to sleep by somebody else: %v", restart, got)
				}
				if c.theirs {
					r.step(Cleared{Unit: 0, By: "anna"})
					if !r.woken() {
						t.Errorf("a person gave it back, and it was not woken: %+v", r.k.Unit(0))
					}
				}
			})
		}
	}
}

// asleep is a site where the orders have crossed, begun anew if so asked.
func (c sleeper) asleep(t *testing.T, restart bool) *rig {
	t.Helper()
	r := newRig(t, vectorConfig(1))
	c.before(r)
	if restart {
		again, err := New(r.k.cfg, r.k.Memory())
		if err != nil {
			t.Fatal(err)
		}
		again.sabotage = r.k.sabotage
		r.k = again
	}
	return r
}

// TestSleepersAreNoticed: a kernel that takes every sleep for its own fails.
func TestSleepersAreNoticed(t *testing.T) {
	t.Parallel()
	for sentence, c := range sleepers() {
		r := c.asleep(t, false)
		r.k.wakesAll = true
		if !r.woken() {
			t.Errorf("%s: even a kernel that takes all sleep for its own wakes nothing: the test sees nothing", sentence)
		}
	}
}

// TestSeemsAsleepOnItsWay: a unit that seems asleep while it takes a new level up
// is neither told again nor taken for somebody else's, until it should have followed.
func TestSeemsAsleepOnItsWay(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{false, true} {
		c := vectorConfig(1)
		c.Units[0].Follow = 3 * time.Minute
		r := newRig(t, c)
		r.read(0, 3000, 3000)
		r.order(0, 3000, true)
		e := r.order(0, 1500, false)
		if answered {
			r.step(Answered{Unit: 0, Epoch: e, Class: device.Accepted})
		}
		for range 16 {
			r.now += 9 * time.Second
			r.read(0, 0, 0)
			if got := sends(r.step(Tick{})); len(got) > 0 || r.k.Unit(0).Foreign {
				t.Fatalf("answered %v: on its way it was sent %+v; %+v", answered, got, r.k.Unit(0))
			}
		}
		r.now += time.Minute
		r.read(0, 1500, 1500)
		if v := r.k.Unit(0); v.Open || v.Foreign || v.Setpoint != 1500 {
			t.Errorf("answered %v: it followed, and is %+v", answered, v)
		}
	}
}
