package report

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// errReport is wrapped by every fault that Check finds.
var errReport = errors.New("report")

// tiny is the share of always-on's net or revenue below which a gain of hindsight is too
// small to divide by: one part in ten thousand.
const tiny unit.Ratio = 100

// CaptureOf returns which share of hindsight's gain over always-on the other
// policies reached. It is not defined when a needed policy is missing or
// when hindsight gained less than one currency unit or less than a ten
// thousandth of always-on's net or of its revenue: noise divided by noise is no
// figure.
//
// Formula: captured = (policy - always) / (hindsight - always). Source: docs/formula/replay.md.
func CaptureOf(policies []Policy) Capture {
	r := Report{Policies: policies}
	always, ok1 := r.Policy(Always)
	best, ok2 := r.Policy(Hindsight)
	if !ok1 || !ok2 {
		return Capture{Why: "always-on or hindsight was not replayed"}
	}
	gap := best.Net - always.Net
	least := max(unit.Unit, unit.Amount(unit.MulDiv(int64(max(always.Net, -always.Net, always.Revenue)), int64(tiny), int64(unit.One))))
	if gap < least {
		return Capture{Why: fmt.Sprintf("perfect foresight gained only %s over always-on", gap)}
	}
	share := func(id string) unit.Ratio {
		p, ok := r.Policy(id)
		if !ok {
			return 0
		}
		return unit.Ratio(unit.MulDiv(int64(p.Net-always.Net), int64(unit.One), int64(gap)))
	}
	return Capture{Sluice: share(Sluice), Lagged: share(Lagged), Breakeven: share(Breakeven), Defined: true}
}

// Policy returns the policy of that identity and whether it was replayed.
func (r Report) Policy(id string) (Policy, bool) {
	i := slices.IndexFunc(r.Policies, func(p Policy) bool { return p.ID == id })
	if i < 0 {
		return Policy{}, false
	}
	return r.Policies[i], true
}

// Gain returns what the policy earned more than always-on; negative when less.
func (r Report) Gain(id string) unit.Amount {
	p, _ := r.Policy(id)
	always, _ := r.Policy(Always)
	return p.Net - always.Net
}

// Standing returns how far the results may be trusted. A backtest simulates
// the plant, so they are estimated at best, and no better than the weakest input.
func (r Report) Standing() Standing {
	worst := Estimated
	for _, s := range r.Sources {
		worst = weaker(worst, s.Standing)
	}
	for _, g := range r.Site.Groups {
		worst = weaker(worst, g.Standing)
	}
	return worst
}

// StandingOf returns the weakest standing among the sources of a role, or the
// standing of the results when no source has that role.
func (r Report) StandingOf(role Role) Standing {
	worst := Standing("")
	for _, s := range r.Sources {
		if s.Role == role {
			worst = weaker(worst, s.Standing)
		}
	}
	if worst == "" {
		return r.Standing()
	}
	return worst
}

// Synthetic returns the names of the made-up inputs.
func (r Report) Synthetic() []string {
	var names []string
	for _, s := range r.Sources {
		if s.Standing == Synthetic {
			names = append(names, s.Name)
		}
	}
	return names
}

// Standings returns every standing, strongest first.
func Standings() []Standing {
	return []Standing{Measured, Metered, Published, Estimated, Assumed, Synthetic}
}

func weaker(a, b Standing) Standing {
	order := Standings()
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// Check returns every fault of r at once, or nil: money that does not add up,
// traces of different length, an unknown zone or standing, a missing policy.
// The writers refuse a report that has faults.
func (r Report) Check() error {
	faults := []error{r.checkHead(), r.checkPolicies(), r.checkMonths(), r.checkDays(), r.checkTimeline(), r.checkStandings()}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w of %q: %w", errReport, r.Site.Name, err)
	}
	return nil
}

func (r Report) checkHead() error {
	var faults []error
	if r.Version != 0 && r.Version != Version {
		faults = append(faults, fmt.Errorf("version is %d, this program knows %d: use the program that wrote it", r.Version, Version))
	}
	if !r.Period.From.Before(r.Period.To) {
		faults = append(faults, fmt.Errorf("period ends at %s, not after its start %s", r.Period.To, r.Period.From))
	}
	if r.Period.Minutes < 1 {
		faults = append(faults, fmt.Errorf("interval is %d min: want at least 1", r.Period.Minutes))
	}
	if r.Period.Currency == "" {
		faults = append(faults, errors.New("the currency is missing: amounts would mean nothing"))
	}
	if _, err := r.zone(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func (r Report) zone() (*time.Location, error) {
	name := r.zoneName()
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known here (want an IANA name such as America/Chicago): %w", name, err)
	}
	return z, nil
}

func (r Report) zoneName() string {
	switch {
	case r.Period.Zone != "":
		return r.Period.Zone
	case r.Site.Zone != "":
		return r.Site.Zone
	}
	return "UTC"
}

func (r Report) checkPolicies() error {
	var faults []error
	seen := map[string]bool{}
	for _, p := range r.Policies {
		if p.ID == "" || seen[p.ID] {
			faults = append(faults, fmt.Errorf("policy identity %q is empty or used twice", p.ID))
		}
		seen[p.ID] = true
		if sum := total(p.Money); len(p.Money) > 0 && sum != p.Net {
			faults = append(faults, fmt.Errorf("money of policy %q adds up to %d micro-units, its net says %d", p.ID, sum, p.Net))
		}
	}
	for _, id := range []string{Always, Sluice} {
		if !seen[id] {
			faults = append(faults, fmt.Errorf("policy %q is missing: every report compares it", id))
		}
	}
	return errors.Join(faults...)
}

func total(lines []Line) unit.Amount {
	var sum unit.Amount
	for _, l := range lines {
		sum += l.Amount
	}
	return sum
}

func (r Report) checkMonths() error {
	var faults []error
	for _, m := range r.Months {
		if len(m.Net) != len(r.Policies) {
			faults = append(faults, fmt.Errorf("month %s has %d amounts for %d policies", m.Label, len(m.Net), len(r.Policies)))
		}
	}
	return errors.Join(faults...)
}

// checkDays reports a day or an interval that does not speak of every policy.
func (r Report) checkDays() error {
	n := len(r.Policies)
	for _, d := range r.Days {
		if len(d.Net) != n {
			return fmt.Errorf("day %s has %d results for %d policies", d.Start.UTC().Format(time.RFC3339), len(d.Net), n)
		}
	}
	for _, m := range r.Moments {
		if len(m.Net) != n || len(m.Power) != n {
			return fmt.Errorf("interval %s has %d results and %d powers for %d policies", m.Start.UTC().Format(time.RFC3339), len(m.Net), len(m.Power), n)
		}
	}
	return nil
}

func (r Report) checkTimeline() error {
	n := r.Timeline.Len()
	var faults []error
	look := func(name string, t Trace) {
		if len(t) != 0 && len(t) != n {
			faults = append(faults, fmt.Errorf("trace of %s has %d values, another has %d", name, len(t), n))
		}
	}
	look("price", r.Timeline.Price)
	look("power", r.Timeline.Power)
	look("site price", r.Timeline.SitePrice)
	if n > 0 && r.Timeline.Minutes < 1 {
		faults = append(faults, fmt.Errorf("timeline has intervals of %d min: want at least 1", r.Timeline.Minutes))
	}
	return errors.Join(faults...)
}

func (r Report) checkStandings() error {
	var faults []error
	look := func(what string, s Standing) {
		if !slices.Contains(Standings(), s) {
			faults = append(faults, fmt.Errorf("standing of %s is %q: want one of %v", what, s, Standings()))
		}
	}
	for _, s := range r.Sources {
		look("source "+s.Name, s.Standing)
	}
	for _, g := range r.Site.Groups {
		look("group "+g.Name, g.Standing)
	}
	return errors.Join(faults...)
}

// Len returns the number of intervals of the longest trace.
func (t Timeline) Len() int { return max(len(t.Price), len(t.Power), len(t.SitePrice)) }

// At returns the start of interval i.
func (t Timeline) At(i int) time.Time {
	return t.Start.Add(time.Duration(i) * time.Duration(t.Minutes) * time.Minute)
}
