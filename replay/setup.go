package replay

import (
	"errors"
	"fmt"
	"time"

	"sluice/power"
	"sluice/replay/report"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/mining"
	"sluice/world"
	"sluice/world/hall"
)

// Setup is everything that a replay depends on. Two replays of equal setups
// write equal papers.
type Setup struct {
	Site         site.Site
	Contracts    power.Contracts
	Rigs         []*mining.Rig
	Tenancies    []*hosting.Tenancy
	Halls        []hall.Config                         // of GPUs; start and air are the replay's
	Failures     map[string]world.Failures             // by group name
	Prices       *series.Series[unit.Price]            // in the site's currency; it may begin earlier than the period
	DayAhead     *series.Series[unit.Price]            // day-ahead prices that help to forecast a real-time price; nil: none
	AheadGate    power.Publication                     // when they, and load forecasts, are out
	Air          *series.Series[int64]                 // thousandths of a degree; nil: not known
	Load         *series.Series[unit.Power]            // of the whole grid, for coincident peaks; nil: not known
	LoadForecast *series.Series[unit.Power]            // as published the day before; nil: the day before stands in
	Networks     []mining.Network                      // one for each UTC day, in order, in the site's currency; none where nothing mines
	Generation   map[string]*series.Series[unit.Power] // by source of a plant behind the meter
	From, To     time.Time
	Step         time.Duration
	Lag          int // intervals that pass before a spot price is known
	Horizon      time.Duration
	Fine         time.Duration

	Made    string          // program and version
	Sources []report.Source // where the numbers come from
	Notes   []string
	Tariff  []string
	FX      string
	Digest  string // SHA-256 of all inputs; behind a plus sign, that of an unfinished program
}

// Validate reports every fault of the setup at once.
func (s *Setup) Validate() error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(s.Rigs)+len(s.Halls) == 0 {
		say("site %s has neither a mining group nor a hall of GPUs: nothing would use its power", s.Site.Name)
	}
	if s.Lag < 1 && !s.dayAhead() {
		say("lag %d: a settlement price is known one interval after its start at the earliest: use 1 or more", s.Lag)
	}
	if err := s.published(); err != nil {
		return errors.Join(append(faults, err)...)
	}
	if _, err := series.GridOver(s.From, s.To, s.Step); err != nil {
		faults = append(faults, err)
	}
	if s.Prices.Grid.Step() != s.Step {
		say("prices are on %v, the replay on %v: read them onto one grid", s.Prices.Grid.Step(), s.Step)
	}
	first := s.From
	if !s.dayAhead() {
		first = s.From.Add(-time.Duration(s.Lag) * s.Step)
	}
	s.covered(say, first)
	return errors.Join(faults...)
}

// published checks that there are prices, and where machines mine what they earn.
func (s *Setup) published() error {
	switch {
	case s.Prices == nil:
		return fmt.Errorf("site %s: no prices: give a file of them", s.Site.Name)
	case len(s.Networks) == 0 && s.mines():
		return fmt.Errorf("site %s mines: give bitcoin data", s.Site.Name)
	}
	return nil
}

// mines reports whether there are machines at the site; without any, nothing of
// the Bitcoin network is known or asked for.
func (s *Setup) mines() bool { return len(s.Rigs) > 0 }

// covered checks that prices and network reach over the whole period and what
// must be known before it.
func (s *Setup) covered(say func(string, ...any), first time.Time) {
	g, remedy := s.Prices.Grid, s.remedy()
	if g.Start(0).After(first) || g.End().Before(s.To) {
		say("prices cover %s to %s; a replay from %s to %s with lag %d needs them from %s on: %s",
			day(g.Start(0)), day(g.End()), day(s.From), day(s.To), s.Lag, day(first), remedy)
	}
	before := s.From.Truncate(24 * time.Hour).Add(-24 * time.Hour)
	if n := len(s.Networks); n > 0 && (s.Networks[0].Day.After(before) || s.Networks[n-1].Day.Before(s.To.Add(-s.Step).Truncate(24*time.Hour))) {
		say("bitcoin data covers the UTC days %s to %s; a replay from %s to %s needs every day of it and the day before: %s",
			s.Networks[0].Day.Format(time.DateOnly), s.Networks[n-1].Day.Format(time.DateOnly), day(s.From), day(s.To), remedy)
	}
	if s.Air != nil && (s.Air.Grid.Start(0).After(s.From) || s.Air.Grid.End().Before(s.To)) {
		say("temperatures cover %s to %s only; a replay from %s to %s needs them throughout: %s, or leave them out",
			day(s.Air.Grid.Start(0)), day(s.Air.Grid.End()), day(s.From), day(s.To), remedy)
	}
}

// Reach is how far the data of one kind allow a replay to go.
type Reach struct {
	What     string // "prices", "bitcoin data" or "temperatures"
	From, To time.Time
}

// Reaches lists how far each kind of data allows a replay to go: prices from
// the interval at which the first of them is known, bitcoin data from the day
// after their first, because a day's hashprice is known on the next.
func (s *Setup) Reaches() []Reach {
	const whole = 24 * time.Hour
	g := s.Prices.Grid
	out := []Reach{{"prices", g.Start(max(1, s.Lag)), g.End()}}
	if n := len(s.Networks); n > 0 {
		out = append(out, Reach{"bitcoin data", s.Networks[0].Day.Add(whole), s.Networks[n-1].Day.Add(whole)})
	}
	if s.Air != nil {
		out = append(out, Reach{"temperatures", s.Air.Grid.Start(0), s.Air.Grid.End()})
	}
	return out
}

// Longest is the longest period that all data allow, on the grid of the
// prices; ok is false when there is none.
func (s *Setup) Longest() (from, to time.Time, ok bool) {
	g := s.Prices.Grid
	for i, r := range s.Reaches() {
		if i == 0 || r.From.After(from) {
			from = r.From
		}
		if i == 0 || r.To.Before(to) {
			to = r.To
		}
	}
	from = g.Start(0).Add((from.Sub(g.Start(0)) + g.Step() - 1).Truncate(g.Step())) // the next boundary
	to = g.Start(0).Add(to.Sub(g.Start(0)).Truncate(g.Step()))
	return from, to, from.Before(to)
}

// remedy names a period that would do, in a form that the flags take.
func (s *Setup) remedy() string {
	from, to, ok := s.Longest()
	if !ok {
		return "give more data, these files have no period in common"
	}
	return fmt.Sprintf("give more data, or stay within --from %s --to %s", day(from), day(to))
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }

// dayAhead reports whether the site's spot price is published the day before.
func (s *Setup) dayAhead() bool {
	return s.Contracts.Spot != nil && s.Contracts.Spot.Publication.DayAhead
}

// grid is the intervals of the period.
func (s *Setup) grid() series.Grid {
	g, err := series.GridOver(s.From, s.To, s.Step)
	if err != nil {
		panic(err) // Validate has seen to it.
	}
	return g
}

// around is what happens to every policy alike: weather, failures, and what
// sun, wind and river would give.
func (s *Setup) around() world.Conditions {
	c := world.Conditions{Air: s.Air, Health: map[string]*world.Health{}, Generation: map[string]*series.Series[unit.Power]{}}
	hours := int(s.To.Sub(s.From)/time.Hour) + 72
	for _, r := range s.Rigs {
		g := r.Group()
		if f, declared := s.Failures[g.Name]; declared && f.Between > 0 {
			c.Health["mining/"+g.Name] = world.NewHealth(f, g.Name, g.Count, s.From, hours)
		}
	}
	for _, p := range s.Contracts.Plants {
		name := sourceOf(p)
		c.Generation[name] = s.Generation[name]
		if c.Generation[name] == nil {
			c.Generation[name] = s.byProfile(p)
		}
	}
	return c
}

func sourceOf(p power.Plant) string { return string(p.Kind) + "/" + p.Name }

// byProfile is a plant's output by its declared profile of local hours.
func (s *Setup) byProfile(p power.Plant) *series.Series[unit.Power] {
	out := series.New[unit.Power](s.grid())
	for i := range out.Grid.Len() {
		v := p.Power
		if len(p.Profile) == 24 {
			v = v.Scale(p.Profile[out.Grid.Start(i).In(s.Site.Zone).Hour()])
		}
		out.Set(i, v)
	}
	return out
}

// plant builds the simulated plant at start with every machine running.
func (s *Setup) plant(around world.Conditions, start time.Time, halls []*gpuHall) *world.Plant {
	c := world.Config{
		Start: start, MustRun: s.Site.MustRun, Export: s.Site.Connection.Outlet(),
		Rigs: s.Rigs, On: true, Around: around,
	}
	for _, p := range s.Contracts.Plants {
		c.Plants = append(c.Plants, sourceOf(p))
	}
	for _, h := range halls {
		c.Halls, c.Import = append(c.Halls, h), s.Site.Connection.Ceiling()
	}
	return world.New(c)
}

// halls builds the halls of GPUs at start.
func (s *Setup) halls(start time.Time) ([]*gpuHall, error) {
	var out []*gpuHall
	for _, c := range s.Halls {
		h, err := newGPUHall(c, s.Tenancies, start, s.Air)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}
