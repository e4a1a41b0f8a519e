package trust

import (
	"errors"
	"fmt"
	"time"

	"sluice/unit"
)

// Unit is one machine as trust sees it.
type Unit struct {
	Name    string     // unique at the site
	Group   string     // mining group, hall or feeder: each gets its share of a trial
	Most    unit.Power // highest draw; what it counts under a cap
	Adopted bool       // its identity was pinned; others are never entrusted
}

// Caps bound the sum of the full power of the entrusted machines, in watts. All
// holds in advisory too, for what people accepted.
type Caps struct {
	Rack, Five, Quarter, All unit.Power
}

// of is the cap of a stage.
func (c Caps) of(s Stage) unit.Power {
	switch s {
	case ClosedRack:
		return c.Rack
	case ClosedFive:
		return c.Five
	case ClosedQuarter:
		return c.Quarter
	case ClosedAll, Advisory:
		return c.All
	case Observe, Shadow:
	}
	return 0
}

// CapsOf are the usual caps of a site: the share of its full power that the
// stage names, never less than its largest machine, so that each stage can begin.
func CapsOf(units []Unit) Caps {
	var sum, largest unit.Power
	for _, u := range units {
		sum, largest = sum+u.Most, max(largest, u.Most)
	}
	five := max(sum/20, largest)
	return Caps{Rack: five, Five: five, Quarter: max(sum/4, largest), All: sum}
}

// Need is what a stage must have shown before it can be left.
type Need struct {
	Wait            time.Duration // time in the stage since it was entered or last disturbed
	Availability    unit.Ratio    // least share of that time with fresh critical data
	Valued          unit.Ratio    // least share of that time for which the worth of the plan is known; 0: not asked
	Recommendations int           // least number of recommendations that were answered or ran out; 0: not asked
	Answered        unit.Ratio    // least share of them that were accepted, or declined with a reason
	Orders          int           // least number of orders with a proof or its failure; 0: not asked
	Failures        unit.Ratio    // most of them without a proof
}

// Needs are the needs of all stages. Closed holds for each closed stage but the last.
type Needs struct {
	Observe, Shadow, Advisory, Closed Need
}

const (
	day = 24 * time.Hour

	usualShare    = unit.One * 95 / 100
	usualAnswered = unit.One * 90 / 100
	usualFailures = unit.One * 2 / 100
)

// DefaultNeeds are those of docs/modes.md.
func DefaultNeeds() Needs {
	return Needs{
		Observe:  Need{Wait: day, Availability: usualShare},
		Shadow:   Need{Wait: 14 * day, Availability: usualShare, Valued: usualShare},
		Advisory: Need{Wait: 14 * day, Availability: usualShare, Recommendations: 100, Answered: usualAnswered},
		Closed:   Need{Wait: 3 * day, Availability: usualShare, Orders: 20, Failures: usualFailures},
	}
}

// of is what a stage needs to be left.
func (n Needs) of(s Stage) Need {
	switch s {
	case Observe:
		return n.Observe
	case Shadow:
		return n.Shadow
	case Advisory:
		return n.Advisory
	case ClosedRack, ClosedFive, ClosedQuarter, ClosedAll:
	}
	return n.Closed
}

// Limits are where the guards act.
type Limits struct {
	Failures      unit.Ratio    // share of orders without a proof within Window that is too much
	FailuresLeast int           // fewer failures than this prove nothing
	Window        time.Duration // over which failures are counted
	Stale         int           // so many stale critical feeds are too many
	Offset        time.Duration // the clock may be off by so much
	Overrides     int           // more manual overrides than this in 24 hours are too many
	NoClock       bool          // the site has nothing to compare its clock with
}

// DefaultLimits are those of docs/modes.md.
func DefaultLimits() Limits {
	return Limits{
		Failures: usualFailures, FailuresLeast: 3, Window: 10 * time.Minute,
		Stale: 2, Offset: 500 * time.Millisecond, Overrides: 3,
	}
}

// Config is what one kernel looks after.
type Config struct {
	Site   string
	Zone   *time.Location // of the days in the summary; nil: UTC
	Units  []Unit         // in the order of the actuation kernel
	Rack   []string       // names of the machines of the first closed stage; nil: a block is chosen
	Block  int            // machines in that block; 0: ten
	Caps   Caps
	Needs  Needs
	Limits Limits
}

const usualBlock = 10

// Validate reports every fault at once.
func (c Config) Validate() error {
	faults := []error{validUnits(c.Units), c.Caps.validate(), c.Limits.validate()}
	for _, s := range []Stage{Observe, Shadow, Advisory, ClosedRack} {
		faults = append(faults, c.Needs.of(s).validate(s))
	}
	if c.Site == "" {
		faults = append(faults, errors.New("trust: the site has no name: state one"))
	}
	if c.Block < 0 {
		faults = append(faults, fmt.Errorf("trust: a block of %d machines: state a positive number or none", c.Block))
	}
	return errors.Join(faults...)
}

func validUnits(units []Unit) error {
	var faults []error
	seen := make(map[string]bool, len(units))
	for i, u := range units {
		if u.Name == "" || u.Most <= 0 || u.Most > mostPower {
			faults = append(faults, fmt.Errorf("trust: machine %d, %q of %d W: state a name and a full power", i, u.Name, int64(u.Most)))
		}
		if seen[u.Name] {
			faults = append(faults, fmt.Errorf("trust: machine %q is stated twice: names must differ", u.Name))
		}
		seen[u.Name] = true
	}
	return errors.Join(faults...)
}

// mostPower is more than any machine or connection has; sums below it cannot overflow.
const mostPower = 1_000_000 * unit.Megawatt

func (c Caps) validate() error {
	if c.Rack <= 0 || c.Five < c.Rack || c.Quarter < c.Five || c.All < c.Quarter || c.All > mostPower {
		return fmt.Errorf("trust: caps of %v, %v, %v, %v: each must be positive and none below the one before", c.Rack, c.Five, c.Quarter, c.All)
	}
	return nil
}

func share(r unit.Ratio) bool { return r >= 0 && r <= unit.One }

func (n Need) validate(s Stage) error {
	if n.Wait <= 0 || n.Availability <= 0 || !share(n.Availability) || !share(n.Valued) || !share(n.Answered) || !share(n.Failures) || min(n.Recommendations, n.Orders) < 0 {
		return fmt.Errorf("trust: needs of %s %+v: the wait and the availability must be positive, shares within 0 and 1, counts not negative", s, n)
	}
	if s.Closed() && n.Orders == 0 || s == Advisory && n.Recommendations == 0 {
		return fmt.Errorf("trust: needs of %s: ask for at least one order or recommendation, or the stage shows nothing", s)
	}
	return nil
}

func (l Limits) validate() error {
	if l.Failures <= 0 || !share(l.Failures) || l.FailuresLeast < 1 || l.Window <= 0 || l.Window > day || l.Stale < 1 || l.Offset <= 0 || l.Overrides < 0 {
		return fmt.Errorf("trust: limits %+v: each must be positive, and the window at most a day", l)
	}
	return nil
}
