package actuate

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/site"
	"sluice/unit"
)

// Group is a set of units behind one limit: the site, a feeder, a hall. Groups
// are listed parents first; the first is the site.
type Group struct {
	Name       string
	Parent     int        // index of the group around this one; -1 for the site
	Limit      unit.Power // hard, by contract or equipment; never exceeded by what is ordered
	Unmeasured unit.Power // most that draws behind the limit and is no unit: pumps, offices, cooling
	Metered    bool       // a meter tells what really draws; without a fresh one nothing is raised
	Steps      int        // fast reboots held in reserve at once, see Steps
	Margin     unit.Ratio // share of the limit that stays unused
	Ramp       unit.Power // most that may be raised in any minute, and lowered for economics; 0: no bound
	Wakes      int        // most units that wake at the same time; 0: no bound
	Overhead   unit.Ratio // what cooling adds behind this limit, as a share of the units' draw
}

// Unit is one machine that takes orders. Its bounds are what it can draw.
type Unit struct {
	Name        string
	Group       int           // innermost group
	Least, Most unit.Power    // range of setpoints besides 0, which is asleep
	Levels      []unit.Power  // the setpoints it has, rising from Least to Most; nil: any in the range
	Boot        unit.Power    // most it draws after a restart that nobody ordered
	Overshoot   unit.Power    // highest draw while it takes a new setpoint; 0: none known
	Waking      unit.Power    // highest draw on the way from sleep to any setpoint; 0: none known
	Smallest    unit.Power    // a raise smaller than this waits
	Tolerance   unit.Power    // draw above a setpoint that still proves it
	Error       unit.Ratio    // error of its stated power
	Follow      time.Duration // after a yes its draw and its settings may need so long to show it
	MinOn       time.Duration
	MinOff      time.Duration
	Starts      int  // most starts in a day after it was put to sleep by a plan; 0: no bound
	Fenced      bool // an order that came after a later one never acts
	Withheld    bool // not entrusted at the start, see Entrusted
}

// Timing holds the periods of the kernel. The defaults are those of
// docs/formula/reservation.md.
type Timing struct {
	Silent   time.Duration // without a good reading for longer, a unit counts at its boot draw
	Shed     time.Duration // declared time between a cut of a limit and power below it
	Retry    time.Duration // until an unproven order is sent again; doubles with every try
	GiveUp   time.Duration // pause after the last try
	Settle   time.Duration // from an answer until a reading may prove or disprove the order
	Late     time.Duration // an order may still act so long after it was sent, where nothing fences it
	Hold     time.Duration // stable time after a stop before anything is raised
	Jitter   time.Duration // spread of starts after a plan or a stop, by hash of site and number
	MeterAge time.Duration // an older meter is stale
	Meet     time.Duration // after a start, at most until every unit was read once; 0: no such time
	Tries    int           // times one order is sent
	Strikes  int           // orders answered with yes and without effect until a unit is quarantined
}

// DefaultTiming suits a poll every five seconds.
func DefaultTiming() Timing {
	return Timing{
		Silent: 30 * time.Second, Shed: time.Minute, Retry: 12 * time.Second, GiveUp: 2 * time.Minute,
		Settle: 2 * time.Second, Late: 90 * time.Second, Hold: 5 * time.Minute, Jitter: time.Minute,
		MeterAge: 30 * time.Second, Tries: 5, Strikes: 2,
	}
}

// Config is what one kernel controls. Its order is its identity: units and
// groups are named by their index.
type Config struct {
	Site   string
	Term   int64 // of this controller; a later controller has a higher one
	Groups []Group
	Units  []Unit
	Timing Timing
}

const margin = unit.One / 100

// GroupsOf are the groups of a site: its connection, its feeders and its halls,
// in that order and in the order in which the site states them. Each keeps the
// usual margin of 1 %, and the site rises by 10 % of its limit or 10 MW in a
// minute, or by what its connection states if that is less. The reserve for fast
// reboots depends on the units: set Steps for each group.
func GroupsOf(s site.Site) []Group {
	limit := s.Connection.Ceiling()
	ramp := min(limit/10, 10*unit.Megawatt)
	if r := s.Connection.RampPerMinute; r > 0 {
		ramp = min(ramp, r)
	}
	out := []Group{{Name: s.Name, Parent: -1, Limit: limit, Unmeasured: s.MustRun, Ramp: ramp, Margin: margin}}
	feeder := map[string]int{}
	for _, f := range s.Feeders {
		feeder[f.Name] = len(out)
		out = append(out, Group{Name: f.Name, Limit: f.Limit, Margin: margin})
	}
	for _, h := range s.Halls {
		out = append(out, Group{Name: h.Name, Parent: feeder[h.Feeder], Limit: h.Limit, Margin: margin})
	}
	return out
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var faults []error
	for g, x := range c.Groups {
		faults = append(faults, x.validate(g))
	}
	for _, u := range c.Units {
		faults = append(faults, u.validate(c.Groups))
	}
	if len(c.Groups) == 0 {
		faults = append(faults, errors.New("no group: state the site and its limit"))
	}
	t := c.Timing
	if min(t.Silent, t.Shed, t.Retry, t.GiveUp, t.Late, t.MeterAge) <= 0 || min(t.Settle, t.Hold, t.Jitter, t.Meet) < 0 || t.Tries < 1 || t.Strikes < 1 {
		faults = append(faults, fmt.Errorf("timing %+v: periods and counts must be positive", t))
	}
	return errors.Join(faults...)
}

func (x Group) validate(index int) error {
	var faults []error
	if (index == 0) != (x.Parent == -1) || x.Parent >= index {
		faults = append(faults, fmt.Errorf("group %q: parent %d: list the site first with parent -1, then parents before children", x.Name, x.Parent))
	}
	if min(x.Limit, x.Unmeasured, x.Ramp) < 0 || x.Overhead < 0 || x.Steps < 0 || x.Wakes < 0 || x.Margin < 0 || x.Margin >= unit.One {
		faults = append(faults, fmt.Errorf("group %q: no bound may be negative, and the margin must be below one", x.Name))
	}
	return errors.Join(faults...)
}

func (u Unit) validate(groups []Group) error {
	if u.Group < 0 || u.Group >= len(groups) {
		return fmt.Errorf("unit %q: group %d does not exist", u.Name, u.Group)
	}
	var faults []error
	if u.Least <= 0 || u.Most < u.Least || u.Boot < 0 || min(u.Overshoot, u.Waking, u.Smallest, u.Tolerance) < 0 || u.Starts < 0 || u.Follow < 0 || u.Error < 0 {
		faults = append(faults, fmt.Errorf("unit %q: needs 0 < least <= most and no negative bound", u.Name))
	}
	if n := len(u.Levels); n > 0 && (u.Levels[0] != u.Least || u.Levels[n-1] != u.Most || !slices.IsSorted(u.Levels)) {
		faults = append(faults, fmt.Errorf("unit %q: levels %v must rise from its least to its most", u.Name, u.Levels))
	}
	for g := u.Group; g >= 0; g = groups[g].Parent {
		if r := groups[g].Ramp; r > 0 && r < max(u.Most, u.Boot) {
			faults = append(faults, fmt.Errorf("unit %q: draws %d W, more than the ramp of group %q lets rise in a minute: it could never start", u.Name, u.Most, groups[g].Name))
		}
		if groups[g].Parent >= g {
			break
		}
	}
	return errors.Join(faults...)
}
