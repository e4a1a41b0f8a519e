package actuate

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/unit"
)

// TestBound follows the vectors of the reservation.
func TestBound(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		do   func(r *rig)
		want unit.Power
	}{
		"1 confirmed and fresh":      {func(r *rig) { r.order(0, 1500, true) }, 1500},
		"2 a raise in flight":        {func(r *rig) { r.order(0, 1500, true); r.order(0, 3000, false) }, 3000},
		"3 a lowering in flight":     {func(r *rig) { r.order(0, 3000, true); r.order(0, 1500, false) }, 3000},
		"4 a lowering, then a raise": {func(r *rig) { r.order(0, 3000, true); r.order(0, 1500, false); r.order(0, 3200, false) }, 3200},
		"5 and the raise proven":     {func(r *rig) { r.order(0, 3000, true); r.order(0, 1500, false); r.order(0, 3200, true) }, 3200},
		"6 a late answer to the older": {func(r *rig) {
			r.order(0, 3000, true)
			e := r.order(0, 1500, false)
			r.order(0, 3200, false)
			r.step(Answered{Epoch: e, Class: device.Accepted})
			if n := len(r.k.units[0].flights); n != 2 {
				r.t.Errorf("%d orders in flight, want both", n)
			}
		}, 3200},
		"6b a raise answered, not proven": {func(r *rig) {
			r.order(0, 1500, true)
			r.step(Answered{Epoch: r.order(0, 3000, false), Class: device.Accepted})
		}, 3000},
		"7 a lowering answered, not proven": {func(r *rig) {
			r.order(0, 3000, true)
			r.step(Answered{Epoch: r.order(0, 1500, false), Class: device.Accepted})
		}, 3000},
		"8 a lowering proven": {func(r *rig) { r.order(0, 3000, true); r.order(0, 1500, true) }, 1500},
		"9 silent":            {func(r *rig) { r.order(0, 1500, true); r.now += 31 * time.Second; r.k.now = r.now; r.k.hush() }, 3500},
		"10 silent with a higher order in flight": {func(r *rig) {
			r.order(0, 1500, true)
			r.order(0, 3600, false)
			r.now += 31 * time.Second
			r.k.now = r.now
			r.k.hush()
		}, 3600},
		"11 draws more than it should":   {func(r *rig) { r.order(0, 1500, true); r.read(0, 3300, 1500) }, 3300},
		"12 draws little while starting": {func(r *rig) { r.order(0, 3000, true); r.read(0, 200, 3000) }, 3000},
		"13 another machine answers": {func(r *rig) {
			r.order(0, 1500, true)
			r.step(Readings{Units: []UnitReading{{Asked: r.now + time.Second, Power: 1500, Known: KnownPower}}})
		}, 3500},
		"14 restarted": {func(r *rig) {
			r.order(0, 1500, true)
			r.step(Readings{Units: []UnitReading{{Asked: r.now + time.Second, Power: 1500, Setpoint: 1500, Known: known | KnownUptime}}})
		}, 3500},
		"15 silent behind an open contact": {func(r *rig) {
			r.order(0, 1500, true)
			r.step(Isolated{Open: true})
			r.now += time.Minute
			r.step(Tick{})
		}, 0},
		"17 a value that is none": {func(r *rig) {
			r.order(0, 1500, true)
			r.now += 31 * time.Second
			r.read(0, math.MinInt64, 1500)
			r.k.hush()
		}, 3500},
		"an older order without a fence may act again": {func(r *rig) {
			r.k.cfg.Units[0].Fenced = false
			r.order(0, 3000, true)
			r.order(0, 1500, true)
		}, 3000},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, vectorConfig(1))
			r.read(0, 3500, 3500)
			c.do(r)
			if got := r.k.units[0].worst(&r.k.cfg.Units[0]); got != c.want {
				t.Errorf("counts at %d W, want %d", got, c.want)
			}
		})
	}
}

// TestGroupVector is the worked example of a group with a reserve of one step.
func TestGroupVector(t *testing.T) {
	t.Parallel()
	c := vectorConfig(2)
	c.Groups[0] = Group{Name: "site", Parent: -1, Limit: 10_000, Unmeasured: 500, Steps: 1, Margin: 30_000}
	r := newRig(t, c)
	for i := range 2 {
		r.read(i, 3500, 3500)
		r.order(i, 3000, true)
	}
	if got := r.k.reserved(0); got != 7300 {
		t.Errorf("R is %d W, want 7300", got)
	}
	r.order(0, 3500, false)
	if got := r.k.reserved(0); got != 7800 {
		t.Errorf("R after the raise is %d W, want 7800", got)
	}
}

// TestSteps meets the table of the reserve for fast reboots.
func TestSteps(t *testing.T) {
	t.Parallel()
	got := map[string][]int{}
	for _, n := range []int{10, 30, 100, 300, 1000, 10_000, 30_000} {
		got["a tenth"] = append(got["a tenth"], Steps(n, unit.One/10, 20*time.Second))
		got["a hundredth"] = append(got["a hundredth"], Steps(n, unit.One/100, 20*time.Second))
	}
	want := map[string][]int{"a tenth": {2, 2, 2, 3, 4, 6, 9}, "a hundredth": {1, 1, 2, 2, 2, 4, 5}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
	if Steps(10, 0, time.Second) != 0 || Steps(10, 1000*unit.One, time.Hour) != 10 {
		t.Error("no reboots need no reserve, and constant ones all of it")
	}
}
