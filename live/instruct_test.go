package live

import (
	"testing"
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
)

// TestInstructions lays instructions over one another and looks at the limit at
// every half minute: it is the lowest that is ordered for that instant, unless two
// people replaced what was ordered before.
func TestInstructions(t *testing.T) {
	t.Parallel()
	type order struct {
		from, until int // minutes; until 0: no end
		limit       unit.Power
		two         bool
	}
	for sentence, c := range map[string]struct {
		orders []order
		want   []unit.Power // kW in each minute from the first on; 40: what the connection allows
	}{
		"one":                               {[]order{{1, 3, 20, false}}, []unit.Power{40, 20, 20, 40, 40}},
		"one without end":                   {[]order{{1, 0, 20, false}}, []unit.Power{40, 20, 20, 20, 20}},
		"a lower one in a longer":           {[]order{{0, 4, 30, false}, {1, 2, 10, false}}, []unit.Power{30, 10, 30, 30, 40}},
		"a longer one outlives a shorter":   {[]order{{0, 2, 30, false}, {0, 4, 20, false}}, []unit.Power{20, 20, 20, 20, 40}},
		"a higher one alone raises nothing": {[]order{{0, 3, 10, false}, {1, 4, 30, false}}, []unit.Power{10, 10, 10, 30, 40}},
		"two people replace it":             {[]order{{0, 4, 10, false}, {1, 3, 30, true}}, []unit.Power{10, 30, 30, 10, 40}},
		"two people end it":                 {[]order{{0, 0, 10, false}, {2, 0, 50, true}}, []unit.Power{10, 10, 40, 40, 40}},
		"they overlap":                      {[]order{{0, 3, 20, false}, {2, 4, 30, false}}, []unit.Power{20, 20, 20, 30, 40}},
		"nothing at all is allowed":         {[]order{{1, 2, 0, false}}, []unit.Power{40, 0, 40, 40, 40}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k, _ := lane(t, 10, Memory{})
			var kept []instructed
			for _, o := range c.orders {
				x := span{from: time.Duration(o.from) * time.Minute, until: forever, limit: o.limit * 1000}
				if o.until > 0 {
					x.until = time.Duration(o.until) * time.Minute
				}
				for _, i := range k.steps(x, o.two) {
					for _, d := range k.Handle(laneBegin, Said{By: "the grid", What: i}) {
						if keep, is := d.(Keep); is {
							kept = append(kept, instructed{Group: k.groups[0].Name, From: keep.Record.At, Limit: i.Limit})
						}
					}
				}
			}
			for minute, want := range c.want {
				got := min(40_000, standing(k.kernel.Instructed(0), time.Duration(minute)*time.Minute+30*time.Second))
				if got != want*1000 {
					t.Errorf("in minute %d at most %v, want %v kW", minute, got, want)
				}
			}
			if len(kept) == 0 {
				t.Error("nothing was kept")
			}
		})
	}
}

// TestJoined: who locks what another holds takes nothing over. Only both of them,
// or two others, release it.
func TestJoined(t *testing.T) {
	t.Parallel()
	k, _ := lane(t, 2, Memory{})
	lock := func(by string, ceiling unit.Power) {
		k.Handle(laneBegin, Said{By: by, What: k.joined(actuate.Locked{Ceiling: ceiling, By: by})})
	}
	unlock := func(by, and string) bool {
		k.Handle(laneBegin, Said{By: by, What: actuate.Unlocked{By: by, And: and}})
		return k.kernel.Unit(0).Locked == ""
	}
	lock("anna", 100)
	lock("ben", 9000)
	lock("anna", 8000)
	if v := k.kernel.Unit(0); v.Ceiling != 100 || v.Locked != "anna and ben" {
		t.Errorf("%q hold it at %v", v.Locked, v.Ceiling)
	}
	if unlock("ben", "") || unlock("anna", "") {
		t.Error("one of two released it")
	}
	if !unlock("anna", "ben") {
		t.Error("both together did not release it")
	}
}

// TestLastingTrouble: what only a person ends is not forgotten for a state that
// passes, and not over a restart.
func TestLastingTrouble(t *testing.T) {
	t.Parallel()
	k, _ := lane(t, 2, Memory{Machines: map[string]MachineMemory{"127.120.0.1": {UnitMemory: actuate.UnitMemory{Bad: true, Setpoint: -1}, Code: Liar}}})
	if got := k.machines[0].trouble; got != Liar {
		t.Fatalf("after a restart a liar is %q", got)
	}
	for _, e := range []Event{
		Said{By: "anna", What: actuate.Locked{Unit: 0, Ceiling: 0, By: "anna"}},
		Said{By: "anna", What: actuate.Unlocked{Unit: 0, By: "anna"}},
	} {
		k.Handle(laneBegin, e)
		if got := k.machines[0].trouble; got != Liar {
			t.Errorf("%T: a liar became %q", e.(Said).What, got)
		}
	}
	k.Handle(laneBegin, Said{By: "anna", What: actuate.Cleared{Unit: 0, By: "anna"}})
	if got := k.machines[0].trouble; got != Fine || k.kernel.Unit(0).Bad {
		t.Errorf("a machine that was given back is %q", got)
	}
	k.Handle(laneBegin, Said{By: "anna", What: actuate.Locked{Unit: 1, By: "anna"}})
	if got := k.machines[1].trouble; got != LockedOut {
		t.Errorf("a machine that is locked is %q", got)
	}
}
