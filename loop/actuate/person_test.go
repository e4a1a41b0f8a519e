package actuate

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/unit"
)

// TestRestartIsStaged: after a stop nothing rises for the hold and its jitter, and
// then no faster than the ramp.
func TestRestartIsStaged(t *testing.T) {
	t.Parallel()
	c := vectorConfig(20)
	c.Groups[0].Ramp = 7000
	c.Timing.Hold, c.Timing.Jitter = 5*time.Minute, time.Minute
	r := newRig(t, c)
	target := make([]unit.Power, 20)
	for i := range target {
		target[i] = 3500
		r.read(i, 3500, 3500)
		r.order(i, 0, true)
	}
	r.step(Stopped{By: "anna"})
	r.step(wish(1, target...))
	r.step(Resumed{By: "anna", And: "ben"})
	resumed := r.now
	first, risen := time.Duration(0), unit.Power(0)
	for r.now < resumed+10*time.Minute {
		for _, s := range sends(r.step(Tick{})) {
			if !s.Raise || s.Cause != ForPlan {
				continue
			}
			if risen += s.Target; first == 0 {
				first = r.now
			}
		}
		for i := range target {
			p := r.k.units[i].current()
			r.read(i, p, p)
		}
	}
	if wait := first - resumed; wait < 5*time.Minute || wait > 7*time.Minute {
		t.Errorf("the first unit was raised %v after the stop ended", wait)
	}
	if most := unit.Power(7000 * (1 + int64((r.now-first)/time.Minute))); risen == 0 || risen > most {
		t.Errorf("%d W were raised, want more than none and at most %d", risen, most)
	}
}

// TestJitterSpreads: sites do not start together, and one site always waits the same.
func TestJitterSpreads(t *testing.T) {
	t.Parallel()
	var waits []time.Duration
	for _, s := range []string{"pecos", "odessa", "rockdale", "corsicana"} {
		w := jitter(s, 7, time.Minute)
		if w != jitter(s, 7, time.Minute) || w < 0 || w >= time.Minute {
			t.Errorf("%s waits %v", s, w)
		}
		waits = append(waits, w.Round(time.Second))
	}
	slices.Sort(waits)
	if len(slices.Compact(waits)) < 4 {
		t.Errorf("sites start together: %v", waits)
	}
}

// TestOldPlanPlanted: a kernel that follows any plan does what TestOldPlansLose forbids.
func TestOldPlanPlanted(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.k.anyEpoch = true
	r.step(wish(5, 1500))
	if got := codes(r.step(wish(4, 600))); got != nil || r.k.units[0].wish != 600 {
		t.Errorf("the planted fault does nothing: %v", got)
	}
}

// TestMinOnYieldsToLimits: economics may not stop a unit that has just started; a limit may.
func TestMinOnYieldsToLimits(t *testing.T) {
	t.Parallel()
	c := vectorConfig(1)
	c.Units[0].MinOn = time.Hour
	r := newRig(t, c)
	r.read(0, 3500, 3500)
	r.order(0, 0, true)
	r.order(0, 1500, true)
	r.step(wish(1, 0))
	if out := r.step(Tick{}); len(sends(out)) != 0 || !cmp.Equal(codes(out), []string{"min_on_time"}) {
		t.Errorf("economics: sent %+v, said %v", sends(out), codes(out))
	}
	r.step(Instruction{From: r.now, Limit: 100})
	if out := sends(r.step(Tick{})); len(out) != 1 || out[0].Target != 0 || out[0].Cause != ForLimit {
		t.Errorf("the grid: sent %+v", out)
	}
}

// TestTriesAreBounded: an order that never works is sent a few times, told to a
// person, and then rarely.
func TestTriesAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.read(0, 3500, 3500)
	r.order(0, 1500, false)
	sent, alarms := 0, 0
	for range 30 * 60 / 5 {
		r.now += 3 * time.Second
		r.read(0, 3500, 3500)
		out := r.step(Tick{})
		sent, alarms = sent+len(sends(out)), alarms+len(codes(out))
	}
	if sent < 5 || sent > 25 || alarms == 0 || alarms > 5 {
		t.Errorf("%d orders and %d alarms in half an hour", sent, alarms)
	}
}

// TestDisturbance: a sag may have restarted a whole feeder, so all of it counts in full.
func TestDisturbance(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(3))
	for i := range 3 {
		r.read(i, 1500, 1500)
		r.order(i, 1500, true)
	}
	r.step(Disturbed{})
	if got := r.k.reserved(0); got != 3*3500 {
		t.Errorf("%d W are reserved after a sag, want all in full", got)
	}
}

// TestNothingUnseenIsOrdered: before the first round of polling nobody is shed,
// since a unit that sleeps might be woken by it; a stop goes out to all the same.
func TestNothingUnseenIsOrdered(t *testing.T) {
	t.Parallel()
	c := vectorConfig(3)
	c.Groups[0].Limit = 1000
	r := newRig(t, c)
	out := r.step(Tick{})
	if got := sends(out); len(got) != 0 || !cmp.Equal(codes(out), []string{"cannot_shed"}) {
		t.Errorf("sent %+v and said %v", got, codes(out))
	}
	if got := codes(r.step(Tick{})); got != nil {
		t.Errorf("said again: %v", got)
	}
	if got := sends(r.step(Stopped{By: "anna"})); len(got) != 3 {
		t.Errorf("a stop sent %+v", got)
	}
}

// BenchmarkStop is the time from one person's stop to the orders for 10,000 units.
func BenchmarkStop(b *testing.B) {
	c := vectorConfig(10_000)
	c.Groups[0].Limit = 1 << 40
	for b.Loop() {
		b.StopTimer()
		k, err := New(c, Memory{})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		k.Step(time.Second, Stopped{By: "anna"})
	}
}
