package live

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/sitefile"
	"sluice/unit"
	virtual "sluice/world/fleet"
)

// laneBegin is when the clock of a lane begins.
var laneBegin = time.Date(2025, 8, 1, 17, 0, 0, 0, time.UTC)

// lane is the core of a small virtual site whose machines nobody hears.
func lane(t *testing.T, miners int, remember Memory) (*Core, *virtual.Fleet) {
	t.Helper()
	f, err := laneFleet(miners, 3)
	if err != nil {
		t.Fatal(err)
	}
	return laneOf(t, f, remember), f
}

func laneFleet(miners int, seed uint64) (*virtual.Fleet, error) {
	return virtual.New(virtual.Config{
		Miners: miners, Seed: seed, Network: netip.MustParsePrefix("127.120.0.0/16"), Speed: 1000,
		Families: map[device.Family]int{device.Antminer: 1}, Liars: -1,
	}, time.Now())
}

// laneOf is the core of a virtual site.
func laneOf(t *testing.T, f *virtual.Fleet, remember Memory) *Core {
	t.Helper()
	core, err := laneCore(f, func(c *Config) { c.Remember = remember })
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// laneCore is the core of a virtual site with something changed.
func laneCore(f *virtual.Fleet, change func(*Config)) (*Core, error) {
	s, err := f.Behind(virtual.Grid{Meters: netip.MustParsePrefix("127.121.0.0/16")})
	if err != nil {
		return nil, err
	}
	text, err := s.SiteFile(virtual.Declaration{Limit: unit.Power(len(f.Units())) * 4000})
	if err != nil {
		return nil, err
	}
	file, err := sitefile.Read(bytes.NewReader(text), "lane")
	if err != nil {
		return nil, err
	}
	rigs, err := file.Rigs()
	if err != nil {
		return nil, err
	}
	c := Config{
		Site: file.Site, Rigs: rigs, Begin: laneBegin, Term: 2, Poll: 10 * time.Second, Shed: time.Minute,
		Grace: 15 * time.Second, Entrust: true,
	}
	for _, u := range f.Units() {
		for g, m := range file.Control.Machines {
			for a := range m.Addresses.All() {
				if a == u.Address {
					c.Machines = append(c.Machines, Machine{Host: u.Address, Group: g, Identity: identity(u)})
				}
			}
		}
	}
	change(&c)
	return New(c)
}

func identity(u virtual.Unit) device.Identity {
	return device.Identity{Family: u.Family, Model: u.Machine.Spec.Model, MAC: u.Machine.Spec.MAC, Serial: u.Machine.Spec.Serial}
}
