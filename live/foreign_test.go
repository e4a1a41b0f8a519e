package live

import (
	"slices"
	"testing"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// TestForeignSleep: of a machine that somebody else put to sleep that is kept
// before a stop's own order to it, and so a restart does not take it for ours.
func TestForeignSleep(t *testing.T) {
	t.Parallel()
	k, f := lane(t, 2, Memory{})
	j := &slab{}
	at := laneBegin
	do := func(e Event) {
		at = at.Add(time.Second)
		for _, d := range k.Handle(at, e) {
			var r sqlite.Record
			switch d := d.(type) {
			case Keep:
				r = d.Record
			case Order:
				r = d.Record
			}
			if r.Key != "" && j.Append(t.Context(), r) != nil {
				t.Fatal("not kept")
			}
		}
	}
	who := identity(f.Units()[0])
	do(Heard{Machine: 0, Asked: at, Other: &who, Reading: device.Reading{
		Activity: device.Stated(device.Asleep), Power: device.Stated(k.machines[0].ladder.least() / 100), Uptime: device.Stated(time.Hour),
	}})
	do(Tick{})
	if !k.kernel.Unit(0).Foreign {
		t.Fatalf("nobody else put it to sleep: %+v", k.kernel.Unit(0))
	}
	do(Said{By: "ben", What: actuate.Stopped{By: "ben"}})
	if !slices.ContainsFunc(j.all(), func(r sqlite.Stored) bool { return r.Kind == sqlite.Order && r.Subject == k.machines[0].Name() }) {
		t.Fatal("the stop ordered nothing")
	}
	m, err := Recall(t.Context(), j, k.cfg.Site.Name)
	if err != nil {
		t.Fatal(err)
	}
	if u := m.Machines[k.machines[0].Name()]; !u.Foreign || u.Code != SleptByOther {
		t.Errorf("a restart takes it for ours: %+v", u)
	}
	if u := m.Machines[k.machines[1].Name()]; u.Foreign {
		t.Errorf("a restart takes a machine that ran for one that slept: %+v", u)
	}
}

// ordered is the first machine to which an order goes out after a plan.
func (h *hall) ordered(t *testing.T, number int64, one func(i int) unit.Power) int {
	t.Helper()
	first := -1
	h.watch = func(h *hall, d Deed) {
		if o, is := d.(Order); is && first < 0 {
			first = o.Machine
		}
	}
	h.want(number, one)
	for first < 0 && h.now.Before(dawn.Add(3*time.Hour)) {
		h.pass(time.Second)
	}
	h.watch = nil
	if first < 0 {
		t.Fatal("no order went out")
	}
	return first
}

// TestSleepCrossesADeath: what somebody put to sleep while our order to it was on
// its way is not woken by the next run, and what our own order put to sleep is,
// although the next run finds neither of the two proven.
func TestSleepCrossesADeath(t *testing.T) {
	t.Parallel()
	none := func(int) unit.Power { return 0 }
	for sentence, c := range map[string]struct {
		cross  func(t *testing.T, h *hall) int // returns the machine that sleeps
		theirs bool
	}{
		"theirs": {func(t *testing.T, h *hall) int {
			t.Helper()
			low := func(i int) unit.Power { return h.units[i].top().Power / 2 }
			i := h.ordered(t, 2, low)
			h.units[i].Sleep(h.now)
			return i
		}, true},
		"ours": {func(t *testing.T, h *hall) int {
			t.Helper()
			i := h.ordered(t, 2, none)
			h.pass(20 * time.Minute)
			if j := h.ordered(t, 3, func(j int) unit.Power { return h.full(j) * unit.Power(max(0, 1-max(i-j, j-i))) }); j != i {
				t.Fatalf("machine %d was ordered, want %d", j, i)
			}
			h.units[i].Sleep(h.now) // the order that wakes it had no effect
			return i
		}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h := few(4).build(t)
			h.pass(2 * time.Minute)
			h.want(1, h.full)
			h.pass(20 * time.Minute)
			i := c.cross(t, h)
			flying := false
			h.reborn(t, func(m *Memory) { flying = len(m.Machines[h.core.machines[i].Name()].Flight) == 1 })
			if !flying {
				t.Fatal("the order was proven before the death: the test sees nothing")
			}
			h.pass(2 * time.Minute)
			h.want(4, h.full)
			h.pass(30 * time.Minute)
			if got := h.asleep(i); got != c.theirs {
				t.Errorf("it sleeps: %v; %+v", got, h.core.kernel.Unit(i))
			}
			if got := h.core.machines[i].trouble == SleptByOther; got != c.theirs {
				t.Errorf("its state is %q", h.core.machines[i].trouble)
			}
		})
	}
}
