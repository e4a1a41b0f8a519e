package live

import "testing"

// TestPlace: what a person names is one machine, a network, a limit or a group;
// anything else is nothing.
func TestPlace(t *testing.T) {
	t.Parallel()
	k, _ := lane(t, 4, Memory{})
	first := k.machines[0]
	group := k.cfg.Rigs[first.Group].Group()
	for name, want := range map[string]int{
		first.Name(): 1, first.Name() + "/32": 1, "0.0.0.0/0": 4, k.cfg.Site.Name: 4, group.Name: 4,
		"": 0, "no such place": 0, "10.255.0.0/16": 0,
	} {
		if got := len(k.Place(name)); got != want {
			t.Errorf("%q means %d machines, want %d", name, got, want)
		}
	}
}
