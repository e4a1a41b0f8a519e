package live

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/loop/verify"
	"sluice/site"
	"sluice/unit"
	"sluice/use/mining"
)

// Machine is one machine of the site, as it was adopted.
type Machine struct {
	Host     netip.Addr
	Group    int             // index of Config.Rigs
	Identity device.Identity // pinned: another one at this address is a stranger
	Can      device.Capabilities
	Met      time.Time // when it was asked who it is, if that was in this run
	Twin     string    // another address at which the same machine answers; empty: none. It is counted and not commanded
}

// Name is what a machine is called in orders, records and locks.
func (m Machine) Name() string { return m.Host.String() }

// Config is what a Core knows before anything happens.
type Config struct {
	Site     site.Site
	Rigs     []*mining.Rig // one for each mining group
	Machines []Machine
	Begin    time.Time // site clock at which the core starts; the kernel counts from it
	Term     int64     // of this run; higher than that of every run before

	Poll     time.Duration           // one round of reading every machine
	Shed     time.Duration           // declared time between a cut of a limit and power below it
	Grace    time.Duration           // a meter may be above its limit for so long outside the shed window: noise and its own cadence
	Pools    []verify.Allowed        // where machines may mine; empty: nobody watches
	Reboots  unit.Ratio              // fast reboots of one machine in a day
	Wakes    int                     // machines that may wake at once on one feeder; 0: no bound
	Starts   int                     // most starts of one machine in a day after a plan put it to sleep; 0: no bound
	Jitter   time.Duration           // spread of starts after a plan
	Settle   time.Duration           // length of a settlement interval; 0: five minutes
	Learned  func(m Machine) Learned // what commissioning taught; nil: nothing
	Fast     bool                    // the clock runs faster than the meters' own
	Loose    bool                    // the clock is not that of the halls; only virtual sites
	Entrust  bool                    // every machine may be moved from the start; only tests and virtual sites
	Remember Memory
	Halls    []GPUHall // that run by themselves and take budgets of the market
}

// Memory is what an earlier run of the site left behind.
type Memory struct {
	Stopped  bool
	Plan     actuate.Epoch            // of the last plan
	Machines map[string]MachineMemory // by name

	Instructions []instructed // of the grid, in any order
}

// MachineMemory is what is kept of one machine.
type MachineMemory struct {
	actuate.UnitMemory
	Found string  // mode that it had before it was put to sleep
	Code  Trouble // that it was in last

	ordered time.Time      // when it was ordered anything last
	last    actuate.Flying // that order
	starts  []time.Time    // in the day before, after a plan had put it to sleep
	lock    lock           // who holds it, and why
}

// ErrConfig marks a site that cannot be run as declared.
var ErrConfig = errors.New("the site cannot be run")

// tolerance is by how much a stated power may be above a setpoint and still
// prove it: 15 %, and at least 150 W, because firmware estimates.
func tolerance(p unit.Power) unit.Power { return max(150, p.Scale(150_000)) }

// confirmPulse is how often a machine with an open order is read.
const confirmPulse = 3 * time.Second

// timing fits the kernel's periods to the round of reading.
func (c Config) timing() actuate.Timing {
	t := actuate.DefaultTiming()
	t.Silent = max(t.Silent, 3*c.Poll)
	t.Retry = max(t.Retry, 2*confirmPulse+6*time.Second)
	t.MeterAge = max(t.MeterAge, 3*c.Poll)
	t.Shed = c.Shed
	t.Jitter = c.Jitter
	t.Meet = 2*c.Poll + 10*time.Second
	return t
}

// kernel is the configuration of the kernel for the machines of now.
func (c Config) kernel(ladders []ladder) actuate.Config {
	out := actuate.Config{Site: c.Site.Name, Term: c.Term, Groups: actuate.GroupsOf(c.Site), Timing: c.timing()}
	for _, m := range c.Site.Meters {
		if g, known := c.metered(m); known {
			out.Groups[g].Metered = true
		}
	}
	for i := range c.Site.Feeders {
		out.Groups[1+i].Wakes = c.Wakes
	}
	count := make([]int, len(out.Groups))
	for i, m := range c.Machines {
		u := c.unit(m, ladders[i])
		u.Group = c.hall(c.Rigs[m.Group].Group().Hall)
		for g := u.Group; g >= 0; g = out.Groups[g].Parent {
			count[g]++
		}
		out.Units = append(out.Units, u)
	}
	exposure := 2*min(c.Poll, out.Timing.Silent) + 10*time.Second
	for g := range out.Groups {
		out.Groups[g].Overhead = c.overhead()
		out.Groups[g].Steps = min(actuate.Steps(count[g], c.Reboots, exposure), 64)
	}
	out.Groups[0].Ramp = max(out.Groups[0].Ramp, largest(out.Units))
	return out
}

// metered is the kernel's group that a meter measures: the site, its feeders and
// its halls stand in that order. A meter of generation measures none.
func (c Config) metered(m site.Meter) (int, bool) {
	switch m.Kind {
	case site.RevenueMeter:
		return 0, true
	case site.FeederMeter:
		i := slices.IndexFunc(c.Site.Feeders, func(f site.Feeder) bool { return f.Name == m.Of })
		return 1 + i, i >= 0
	case site.HallMeter:
		g := c.hall(m.Of)
		return g, g > 0
	case site.GenerationMeter:
	}
	return 0, false
}

// hall is the kernel's group of a hall; the site itself where there are none.
func (c Config) hall(name string) int {
	i := slices.IndexFunc(c.Site.Halls, func(h site.Hall) bool { return h.Name == name })
	if i < 0 {
		return 0
	}
	return 1 + len(c.Site.Feeders) + i
}

// overhead is the highest share that cooling adds to the draw of any group at
// 45 degrees, which is hotter than most sites ever are.
func (c Config) overhead() unit.Ratio {
	const hot = 45_000
	var most unit.Ratio
	for _, r := range c.Rigs {
		most = max(most, r.Group().Cooling.PUE(hot)-unit.One)
	}
	return most
}

func largest(units []actuate.Unit) unit.Power {
	var most unit.Power
	for _, u := range units {
		most = max(most, u.Most, u.Boot)
	}
	return most
}

// unit is one machine as the kernel sees it.
func (c Config) unit(m Machine, l ladder) actuate.Unit {
	g, most := c.Rigs[m.Group].Group(), l.most()
	u := actuate.Unit{
		Name: m.Name(), Least: l.least(), Most: most, Levels: l.levels(),
		Boot:   max(most, c.Rigs[m.Group].Model().Power).ScaleUp(unit.One + unit.One/10),
		Waking: most, Tolerance: tolerance(most), MinOn: g.MinOn, MinOff: g.MinOff, Withheld: !c.Entrust || m.Twin != "",
		Follow: max(20*time.Second, m.Can.Lag), Starts: c.Starts,
	}
	if m.Can.Dark || m.Can.LevelCost == device.Restarts {
		u.Follow = max(u.Follow, m.Can.Restart)
	}
	if c.Learned != nil {
		c.Learned(m).teach(&u)
	}
	if len(c.Site.Meters) == 0 {
		u.Error = unit.One / 10 // no meter makes good for what a machine does not state
	}
	return u
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if c.Poll < time.Second || c.Shed <= 0 {
		say("a round of reading takes %v and the shed window is %v: both must be at least a second", c.Poll, c.Shed)
	}
	seen := map[netip.Addr]bool{}
	for _, m := range c.Machines {
		if seen[m.Host] {
			say("machine %s is there twice", m.Host)
		}
		seen[m.Host] = true
		if m.Group < 0 || m.Group >= len(c.Rigs) {
			say("machine %s belongs to no group", m.Host)
		}
	}
	for _, r := range c.Rigs {
		if _, known := c.Site.Room(r.Group().Hall); !known && len(c.Site.Halls) > 0 {
			say("group %s stands in hall %q, which the site does not have", r.Group().Name, r.Group().Hall)
		}
	}
	faults = append(faults, c.Site.Validate())
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrConfig, c.Site.Name, err)
	}
	return nil
}
