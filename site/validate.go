package site

import (
	"errors"
	"fmt"

	"sluice/unit"
)

// ErrSite marks a site that contradicts itself.
var ErrSite = errors.New("the site is not consistent")

// Validate reports every fault of the site at once, each with its remedy.
func (s Site) Validate() error {
	f := faults{site: s.Name}
	s.checkNames(&f)
	s.checkPosition(&f)
	s.checkConnection(&f)
	s.checkFeeders(&f)
	s.checkHalls(&f)
	s.checkMeters(&f)
	return errors.Join(f.found...)
}

// faults collects what is wrong with one site.
type faults struct {
	site  string
	found []error
}

func (f *faults) say(format string, args ...any) {
	args = append([]any{f.site, ErrSite}, args...)
	f.found = append(f.found, fmt.Errorf("site %q: %w: "+format, args...))
}

// names reports empty and repeated names of one kind of thing and returns the known ones.
func (f *faults) names(kind string, names []string) map[string]bool {
	seen := make(map[string]bool, len(names))
	for i, n := range names {
		switch {
		case n == "":
			f.say("%s %d has no name: name it", kind, i+1)
		case seen[n]:
			f.say("%s %q is stated twice: rename one of them", kind, n)
		}
		seen[n] = true
	}
	return seen
}

func (s Site) checkNames(f *faults) {
	if s.Name == "" {
		f.say("it has no name: name it")
	}
	if s.Zone == nil {
		f.say("it has no time zone: state one, such as America/Chicago")
	}
	if len(s.Currency) != 3 {
		f.say("currency %q is not an ISO 4217 code: state one, such as USD", string(s.Currency))
	}
}

func (s Site) checkConnection(f *faults) {
	c := s.Connection
	if c.Import <= 0 {
		f.say("the import limit is %v: state the power that the connection contract allows", c.Import)
	}
	if c.Export < 0 || c.RampPerMinute < 0 || s.MustRun < 0 {
		f.say("export limit %v, ramp %v per minute and must-run load %v must not be negative", c.Export, c.RampPerMinute, s.MustRun)
	}
	if c.Rating < max(c.Import, c.Export) {
		f.say("the rating of the connection, %v, is below the contract of %v import and %v export: correct the rating or lower the contract limits",
			c.Rating, c.Import, c.Export)
	}
	if s.MustRun > c.Ceiling() {
		f.say("must-run load %v is larger than the connection of %v: lower the must-run load or raise the import limit", s.MustRun, c.Ceiling())
	}
}

func (s Site) checkFeeders(f *faults) {
	names := make([]string, len(s.Feeders))
	for i, d := range s.Feeders {
		names[i] = d.Name
		if d.Limit <= 0 {
			f.say("feeder %q has a limit of %v: state the rating of its breaker", d.Name, d.Limit)
		}
	}
	f.names("feeder", names)
}

func (s Site) checkHalls(f *faults) {
	feeders := make(map[string]unit.Power, len(s.Feeders))
	for _, d := range s.Feeders {
		feeders[d.Name] = d.Limit
	}
	names := make([]string, len(s.Halls))
	for i, h := range s.Halls {
		names[i] = h.Name
		if h.Limit <= 0 {
			f.say("hall %q has a limit of %v: state what its distribution and cooling bear", h.Name, h.Limit)
		}
		if _, known := feeders[h.Feeder]; !known {
			f.say("hall %q hangs on feeder %q, which the site does not have: declare the feeder or correct the name", h.Name, h.Feeder)
		}
	}
	f.names("hall", names)
}

func (s Site) checkMeters(f *faults) {
	names, revenue := make([]string, len(s.Meters)), 0
	for i, m := range s.Meters {
		names[i] = m.Name
		switch m.Kind {
		case RevenueMeter:
			revenue++
		case FeederMeter:
			s.checkMeasured(f, m, len(s.On(m.Of)) > 0 || s.hasFeeder(m.Of))
		case HallMeter:
			_, known := s.Room(m.Of)
			s.checkMeasured(f, m, known)
		case GenerationMeter:
			s.checkMeasured(f, m, m.Of != "")
		default:
			f.say("meter %q is of kind %q: use %s, %s, %s or %s", m.Name, string(m.Kind), RevenueMeter, FeederMeter, HallMeter, GenerationMeter)
		}
	}
	f.names("meter", names)
	if revenue != 1 {
		f.say("it has %d revenue meters: state exactly one, the meter that the grid operator bills", revenue)
	}
}

func (s Site) checkMeasured(f *faults, m Meter, known bool) {
	if !known {
		f.say("meter %q measures %s %q, which the site does not have: correct the name", m.Name, m.Kind, m.Of)
	}
}

func (s Site) hasFeeder(name string) bool {
	for _, d := range s.Feeders {
		if d.Name == name {
			return true
		}
	}
	return false
}
