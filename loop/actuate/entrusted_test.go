package actuate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/unit"
)

// TestEntrusted: what is not entrusted is neither raised nor lowered by a plan or
// a limit, and still follows a person and the grid.
func TestEntrusted(t *testing.T) {
	t.Parallel()
	c := vectorConfig(2)
	c.Groups[0].Limit = 6000 // less than both may draw
	c.Units[0].Withheld, c.Units[1].Withheld = true, true
	r := newRig(t, c)
	r.read(0, 3000, 3000)
	r.read(1, 3000, 3000)
	r.step(wish(1, 0, 0))
	if got := sends(r.step(Tick{})); len(got) != 0 {
		t.Fatalf("in shadow %v was sent", got)
	}
	if got := codes(r.step(Tick{})); len(got) != 0 {
		t.Fatalf("a site that nobody entrusted alarms: %v", got)
	}
	r.step(Entrusted{Units: []bool{true, false}})
	for _, s := range sends(r.step(Tick{})) {
		if s.Unit != 0 {
			t.Fatalf("unit %d is not entrusted and was sent %d W", s.Unit, s.Target)
		}
	}
	r.step(Instruction{Group: 0, From: r.now, Limit: 0})
	if got := sends(r.step(Tick{})); len(got) == 0 || got[len(got)-1].Unit != 1 {
		t.Errorf("the grid's instruction did not reach the unit that is not entrusted: %v", got)
	}
	stopped := newRig(t, c)
	if got := sends(stopped.step(Stopped{By: "anna"})); len(got) != 2 {
		t.Errorf("a stop sent %v, want both", got)
	}
}

// TestWithheldIsNotWoken: a demotion in the middle of a wake sends nothing more upwards.
func TestWithheldIsNotWoken(t *testing.T) {
	t.Parallel()
	c := vectorConfig(1)
	c.Timing.Retry = time.Second
	r := newRig(t, c)
	r.read(0, 0, 0)
	r.order(0, 0, true)
	r.order(0, 3000, false)
	r.step(Entrusted{Units: []bool{false}})
	for range 60 {
		r.now += time.Second
		r.read(0, 0, 0)
		if got := sends(r.step(Tick{})); len(got) != 0 {
			t.Fatalf("a withheld unit was sent %v", got)
		}
	}
}

// TestLevels: a unit with steps is never sent anything between them.
func TestLevels(t *testing.T) {
	t.Parallel()
	c := vectorConfig(1)
	c.Units[0].Levels = []unit.Power{500, 1500, 3600}
	r := newRig(t, c)
	for p, want := range map[unit.Power]unit.Power{0: 0, 499: 0, 500: 500, 1499: 500, 1500: 1500, 3599: 1500, 3600: 3600, 9000: 3600} {
		if got := r.k.feasible(0, p); got != want {
			t.Errorf("at most %d W: %d W, want %d W", p, got, want)
		}
	}
	r.read(0, 500, 500)
	r.order(0, 500, true)
	r.step(wish(1, 2000))
	got := sends(r.step(Tick{}))
	if len(got) != 1 || got[0].Target != 1500 {
		t.Errorf("a wish of 2000 W sent %v, want 1500 W", got)
	}
}

// TestOverhead: what cooling adds counts against the limit.
func TestOverhead(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		overhead unit.Ratio
		want     unit.Power // with 20 %, only 6500 - 1.2 * 3500 = 2300 W are left, and each watt takes 1.2
	}{{0, 3400}, {200_000, 500 + 1916}} {
		c := vectorConfig(2)
		c.Groups[0].Limit, c.Groups[0].Overhead = 6500, x.overhead
		r := newRig(t, c)
		for i, p := range []unit.Power{3000, 500} {
			r.read(i, p, p)
			r.order(i, p, true)
		}
		r.step(wish(1, 3000, 3400))
		if got := sends(r.step(Tick{})); len(got) != 1 || got[0].Target != x.want {
			t.Errorf("with %d of overhead: %v, want %d W", x.overhead, got, x.want)
		}
	}
}

// TestFollow: a machine that needs time to follow is not called a liar within it.
func TestFollow(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		follow time.Duration
		bad    bool
	}{{0, true}, {time.Minute, false}} {
		c := vectorConfig(1)
		c.Units[0].Follow, c.Timing.Strikes = x.follow, 1
		r := newRig(t, c)
		r.read(0, 3000, 3000)
		e := r.order(0, 0, false)
		r.step(Answered{Unit: 0, Epoch: e, Class: device.Accepted})
		r.now += 10 * time.Second
		r.read(0, 2000, 0)
		if r.k.units[0].bad != x.bad {
			t.Errorf("follow %v: quarantined %t", x.follow, r.k.units[0].bad)
		}
	}
}

// TestProof: the shell hears of every proof, because it keeps it.
func TestProof(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.read(0, 3000, 3000)
	e := r.order(0, 1500, false)
	r.step(Answered{Unit: 0, Epoch: e, Class: device.Accepted})
	r.now += 5 * time.Second
	out := r.step(Readings{Units: []UnitReading{{Unit: 0, Asked: r.now, Power: 1500, Setpoint: 1500, Known: known}}})
	if want := []Effect{Proof{Unit: 0, Epoch: e, Setpoint: 1500}}; !cmp.Equal(out, want) {
		t.Errorf("%v, want %v", out, want)
	}
}
