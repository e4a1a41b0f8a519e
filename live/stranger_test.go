package live

import (
	"context"
	"errors"
	"testing"

	"sluice/device"
)

// TestNoPasswordForStrangers: a machine that was exchanged is neither opened with
// the credential nor sent an order, whatever the core wants of it.
func TestNoPasswordForStrangers(t *testing.T) {
	t.Parallel()
	core, _ := lane(t, 1, Memory{})
	m := core.cfg.Machines[0]
	asked := 0
	other := m.Identity
	other.MAC, other.Serial = "02:00:00:00:00:99", "another"
	for sentence, c := range map[string]struct {
		who  device.Identity
		open bool
	}{
		"the machine that was adopted":      {m.Identity, true},
		"another machine":                   {other, false},
		"somebody who does not name itself": {device.Identity{Family: m.Identity.Family, Weak: true}, false},
	} {
		asked = 0
		s := &Site{core: core, hands: make([]hand, 1), plant: Plant{
			Drivers: map[device.Family]device.Driver{m.Identity.Family: ear{told: make(chan device.Verb, 9), who: map[string]device.Identity{m.Name(): c.who}}},
			Key:     func(Machine) (device.Credential, error) { asked++; return device.Credential{}, nil },
		}}
		_, err := s.open(context.WithoutCancel(t.Context()), 0, false)
		if (err == nil) != c.open || (asked > 0) != c.open || err != nil && !errors.Is(err, errStranger) {
			t.Errorf("%s: the key was asked for %d times, error %v", sentence, asked, err)
		}
	}
}
