package hall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
)

// Config is one hall as its site file declares it.
type Config struct {
	Site      string
	Hall      hosting.Hall
	Tenancies []*hosting.Tenancy // of this hall
	Queues    map[string]string  // by contract; a missing one has the queue of its own name
	Racks     map[string]string  // node: rack
	Curves    gpu.Curves         // as known before this site taught anything
	Zone      *time.Location
	Currency  unit.Currency
	Budget    unit.Power // planning watts that the engine should have; 0: not compared

	Timing   curtail.Timing
	Beat     time.Duration // between two looks at the hall
	Interval time.Duration // of metering; it divides an hour
	Patience time.Duration // for one answer, by the computer's clock
}

// Agent is the power agent of some nodes.
type Agent struct {
	gpu.Agent

	Nodes []string // that it reaches; empty: all
}

// Place says what a meter stands in front of.
type Place string

// The places of meters.
const (
	HallMeter    Place = "hall"    // everything in the hall with its cooling
	RackMeter    Place = "rack"    // the servers of one rack
	SiteMeter    Place = "site"    // the connection
	CoolingMeter Place = "cooling" // a part of what the hall meter counts: cooling, pumps, losses
)

// Sample is what a meter shows.
type Sample struct {
	Power   unit.Power
	Energy  unit.Energy // counter, where Counted
	Counted bool
	At      time.Time
}

// Meter shows the power of a place.
type Meter interface {
	Sample(ctx context.Context) (Sample, error)
}

// Gauge is one meter with its place.
type Gauge struct {
	Place Place
	Name  string // of the hall, the rack or whatever it stands in front of
	Meter Meter
}

// Plant is everything that a hall reaches.
type Plant struct {
	Engine engine.Engine
	Agents []Agent
	Gauges []Gauge
	Store  *tenants.Store
	Folder string // for what must not be forgotten
	Clock  Clock
	Note   func(Notice)                                       // nil: nobody listens
	Ill    func(ctx context.Context) ([]EngineTrouble, error) // what the driver itself came upon; nil: nothing
}

// EngineTrouble is what a driver came upon in its engine.
type EngineTrouble struct{ Code, Subject, Why, Remedy string }

// Clock is the hall's time.
type Clock struct {
	Now   func() time.Time
	Speed int // how much faster than the computer's it runs; 0: as fast
	// Round, where it is not nil, lets the clock of a virtual hall go on: it is called
	// after every round, once all that was asked in it is answered.
	Round func()
}

// wall is how long a stretch of the hall's time takes.
func (c Clock) wall(d time.Duration) time.Duration { return d / time.Duration(max(1, c.Speed)) }

// Notice is one thing that happened, for people.
type Notice struct {
	At   time.Time `json:"at"`
	Code string    `json:"code"`
	Text string    `json:"text"`
}

// ErrConfig marks a hall that cannot be run as declared.
var ErrConfig = errors.New("the hall cannot be run")

// Defaults fills in what a configuration leaves open.
func (c Config) Defaults() Config {
	if c.Timing == (curtail.Timing{}) {
		c.Timing = curtail.DefaultTiming()
	}
	c.Timing.Ahead = 0 // what falls due is let out when it does
	if c.Beat == 0 {
		c.Beat = c.Timing.Period / 2
	}
	if c.Interval == 0 {
		c.Interval = 5 * time.Minute
	}
	if c.Patience == 0 {
		c.Patience = 10 * time.Second
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	return c
}

// validate reports every fault at once.
func (c Config) validate(p Plant) error {
	var faults []error
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	say(p.Engine == nil || p.Store == nil || p.Folder == "" || p.Clock.Now == nil, "it needs an engine, a store, a folder and a clock")
	say(c.Interval < time.Minute || time.Hour%c.Interval != 0, "an interval of %s: use a part of an hour, a minute or longer", c.Interval)
	say(c.Beat <= 0 || c.Beat > c.Timing.Period, "a look every %s is rarer than the control period of %s", c.Beat, c.Timing.Period)
	seen := map[Gauge]bool{}
	for _, g := range p.Gauges {
		key := Gauge{Place: g.Place, Name: g.Name}
		say(seen[key] || g.Meter == nil, "meter of %s %q: one of each, and it can be read", g.Place, g.Name)
		say(g.Place == HallMeter && g.Name != c.Hall.Name, "a meter of hall %q is not one of hall %q", g.Name, c.Hall.Name)
		seen[key] = true
	}
	for _, t := range c.Tenancies {
		say(t.Contract().Hall != c.Hall.Name, "contract %q is served in hall %q", t.Contract().Name, t.Contract().Hall)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: hall %q: %w", ErrConfig, c.Hall.Name, err)
	}
	return nil
}

// queue is the queue of a contract.
func (c Config) queue(contract string) string {
	if q, ok := c.Queues[contract]; ok {
		return q
	}
	return contract
}

// tenancy finds a contract; nil: it is not of this hall.
func (c Config) tenancy(contract string) *hosting.Tenancy {
	i := slices.IndexFunc(c.Tenancies, func(t *hosting.Tenancy) bool { return t.Contract().Name == contract })
	if i < 0 {
		return nil
	}
	return c.Tenancies[i]
}

// metered reports whether a meter stands in front of a place.
func (p Plant) metered(place Place) bool {
	return slices.ContainsFunc(p.Gauges, func(g Gauge) bool { return g.Place == place })
}
