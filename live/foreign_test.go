package live

import (
	"slices"
	"testing"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
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
