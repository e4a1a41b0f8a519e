package actuate

import (
	"testing"
	"time"

	"sluice/unit"
)

// TestBeside: what others steer behind a limit is reserved at its most, in its group
// and in those around it; it explains what the meter shows, and no more than it drew.
func TestBeside(t *testing.T) {
	t.Parallel()
	c := vectorConfig(2)
	c.Groups = []Group{{Name: "site", Parent: -1, Limit: 20_000, Metered: true}, {Name: "hall", Limit: 12_000}, {Name: "miners", Limit: 12_000}}
	c.Units[0].Group, c.Units[1].Group = 2, 2
	r := newRig(t, c)
	for i := range 2 {
		r.read(i, 3000, 3000)
		r.order(i, 3000, true)
	}
	apart := func(g int) unit.Power { return r.k.apart(g) }
	meter := func(p unit.Power) {
		r.now += time.Minute
		r.read(0, 3000, 3000)
		r.read(1, 3000, 3000)
		r.step(Metered{Group: 0, Asked: r.now, Power: p})
	}
	meter(10_500)
	if got := apart(0); got != 4500 {
		t.Errorf("nobody says whose 4,500 W are, and %d are reserved", got)
	}
	r.step(Beside{Group: 1, Draw: 4000, Most: 6000})
	meter(10_500) // 6,000 of units, 4,000 of the guest, 500 of the house
	for g, want := range []unit.Power{6500, 6000, 0} {
		if got := apart(g); got != want {
			t.Errorf("group %d reserves %d W beside its units, want %d", g, got, want)
		}
	}
	r.step(Beside{Group: 1, Draw: 1000, Most: 1000})
	meter(10_500) // the meter may show it as it was
	if got := apart(0); got != 1500 {
		t.Errorf("the guest fell to 1,000 W, and %d W are reserved, want 1,500", got)
	}
	r.step(Beside{Group: 1, Draw: 1000, Most: 1000})
	meter(11_500) // 4,500 that nobody explains
	if got := apart(0); got != 5500 {
		t.Errorf("of 4,500 W nobody says whose they are: %d W are reserved, want 5,500", got)
	}
	if got := codes(r.step(Beside{Group: 9, Most: 1})); len(got) != 1 || got[0] != string(BadEvent) {
		t.Errorf("a group that is not there: %v", got)
	}
}
