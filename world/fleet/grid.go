package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	driver "sluice/driver/modbus"
	"sluice/unit"
	"sluice/world/modbus"
)

// RevenueMeter is the name of the meter at the connection of a virtual site.
const RevenueMeter = "revenue"

// Grid says how the machines of a fleet are connected and metered.
type Grid struct {
	Feeders   int                   // machines are dealt over them in the order of addresses; 0: 1
	Meters    netip.Prefix          // inside 127.0.0.0/8; its first address is the revenue meter, then one a feeder
	Template  string                // of all meters, shipped; empty: schneider-pm5000
	PUE       unit.Ratio            // power at the feeder's meter for one watt at the machines; 0: 1
	Auxiliary unit.Power            // house load that always draws, dealt evenly over the feeders
	Losses    unit.Ratio            // share of what the feeders carry that is lost between them and the revenue meter
	Cadence   time.Duration         // a meter renews what it shows so often; 0: a second
	Noise     unit.Ratio            // standard deviation of the power shown, as a share of it; energies have none
	Faults    map[string]MeterFault // what is wrong with a meter from the beginning, by its name
	Trips     []Trip                // when feeders lose their supply
	Now       func() time.Time      // nil: the wall clock
	GPUs      int                   // of a hall behind the last feeder that is declared in the site file; 0: none
	Guest     *Guest                // what draws there; nil: nothing
}

// MeterFault is what is wrong with a meter.
type MeterFault struct {
	modbus.Mischief

	Scale unit.Ratio // it shows so much of power and energies, as with a wrong transformer ratio; 0: all
}

// Site is a fleet behind its feeders and meters.
type Site struct {
	fleet  *Fleet
	grid   Grid
	shared survey
	meters []*Meter
}

// Behind connects the machines of a fleet. It reports every fault of g.
func (f *Fleet) Behind(g Grid) (*Site, error) {
	g.Feeders, g.PUE, g.Cadence = cmp.Or(g.Feeders, 1), cmp.Or(g.PUE, unit.One), cmp.Or(g.Cadence, renewal)
	g.Template = cmp.Or(g.Template, "schneider-pm5000")
	if g.Now == nil {
		g.Now = time.Now
	}
	s := &Site{fleet: f, grid: g}
	s.shared.site = s
	at := g.Meters.Masked().Addr()
	for i := range g.Feeders + 1 {
		at = at.Next()
		s.meters = append(s.meters, newMeter(s, i-1, at))
	}
	if err := errors.Join(g.check(f), s.checkFaults(), s.checkTrips()); err != nil {
		return nil, err
	}
	s.trip()
	return s, nil
}

// check reports all faults of a grid at once.
func (g Grid) check(f *Fleet) error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if g.Feeders < 1 || g.Feeders > f.config.Miners {
		say("%d feeders for %d machines: each carries at least one", g.Feeders, f.config.Miners)
	}
	switch p := g.Meters; {
	case !p.IsValid() || !p.Addr().Is4() || !p.Addr().IsLoopback() || p.Bits() < 8:
		say("meters: %w", errLoopback)
	case p.Overlaps(f.config.Network):
		say("meters in %s among the machines in %s: give them a network of their own, such as 127.8.0.0/24", p, f.config.Network)
	case 1<<(32-p.Bits())-2 <= g.Feeders:
		say("%d meters in %s: widen the network", g.Feeders+1, p)
	}
	if g.PUE < unit.One || g.PUE > 3*unit.One {
		say("pue %g: give 1 to 3", g.PUE.Float())
	}
	if g.Auxiliary < 0 || g.Losses < 0 || g.Losses > unit.One/5 || g.Noise < 0 || g.Noise > unit.One/5 {
		say("auxiliary load %v, losses %g, noise %g: none is negative, and the shares are at most 0.2", g.Auxiliary, g.Losses.Float(), g.Noise.Float())
	}
	if g.GPUs < 0 || g.GPUs%gpusPerNode != 0 || g.GPUs > mostGPUs {
		say("%d GPUs: give servers of %d, at most %d GPUs", g.GPUs, gpusPerNode, mostGPUs)
	}
	if g.Cadence < renewal {
		say("meters renew every %s: give at least %s", g.Cadence, renewal)
	}
	_, err := driver.Shipped(g.Template)
	return errors.Join(append(faults, err)...)
}

// checkFaults reports faults of meters that there are none of.
func (s *Site) checkFaults() error {
	var names []string
	for _, m := range s.meters {
		names = append(names, m.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.grid.Faults)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no meter %q: the meters are %v", name, names)
		}
	}
	return nil
}

// on is the machines of a feeder, counted from zero.
func (s *Site) on(feeder int) []Unit {
	n := len(s.fleet.units)
	return s.fleet.units[n*feeder/s.grid.Feeders : n*(feeder+1)/s.grid.Feeders]
}

// feederName names a feeder, counted from zero.
func feederName(feeder int) string { return fmt.Sprintf("feeder-%d", feeder+1) }

// auxiliary is the house load on a feeder that has supply; the first carries what does not divide.
func (g Grid) auxiliary(feeder int) unit.Power {
	each := g.Auxiliary / unit.Power(g.Feeders)
	if feeder == 0 {
		return g.Auxiliary - each*unit.Power(g.Feeders-1)
	}
	return each
}
