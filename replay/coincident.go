package replay

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sluice/power"
	"sluice/series"
	"sluice/unit"
)

// dayLoads is what is known of the grid's load when t begins, for the local day
// of t and the next: the forecast where one is given, else the day before. A day
// that no rule bills is left out.
func (m *market) dayLoads(t time.Time) []power.DayLoad {
	if m.s.Load == nil || len(m.s.Contracts.Coincident) == 0 {
		return nil
	}
	zone := m.s.Site.Zone
	var out []power.DayLoad
	for d := range 2 {
		today := series.DayOf(series.DayOf(t, zone).Start.Add(time.Duration(d)*26*time.Hour), zone)
		if !m.billable(today.Start) {
			continue
		}
		month := series.MonthOf(today.Start, zone)
		known := series.DayOf(t, zone).Start
		if today.Start.Before(known) {
			known = today.Start
		}
		l := power.DayLoad{Day: power.DateOf(today.Start.In(zone)), MonthToDate: highest(m.s.Load, month.Start, known)}
		if m.s.LoadForecast != nil && !m.s.AheadGate.At(today.Start, m.s.Step, zone).After(t) {
			l.Forecast = highest(m.s.LoadForecast, today.Start, today.End())
		} else {
			l.Forecast = highest(m.s.Load, known.Add(-24*time.Hour), known)
		}
		out = append(out, l)
	}
	return out
}

// highest is the highest value of s in [from, to), zero where it has none.
func highest(s *series.Series[unit.Power], from, to time.Time) unit.Power {
	var top unit.Power
	first := max(0, int(from.Sub(s.Grid.Start(0))/s.Grid.Step()))
	for i := first; i < s.Grid.Len() && s.Grid.Start(i).Before(to); i++ {
		if v, known := s.Value(i); known {
			top = max(top, v)
		}
	}
	return top
}

// season is the months of which a coincident peak rule counts intervals
// together, and how many.
type season struct {
	months []series.Interval
	count  int
}

// seasons is every season of a rule in the calendar years of the period. Where
// the year's count spreads evenly over the months of the window, each month is a
// season of its own; else those of a calendar year are one.
func (m *market) seasons(k power.CoincidentPeak) []season {
	zone, named := m.s.Site.Zone, slices.Compact(slices.Sorted(slices.Values(k.Window.Months)))
	for month := time.January; len(k.Window.Months) == 0 && month <= time.December; month++ {
		named = append(named, month)
	}
	var out []season
	for year := m.s.From.In(zone).Year(); year <= m.s.To.In(zone).Year(); year++ {
		var months []series.Interval
		for _, month := range named {
			months = append(months, series.MonthOf(time.Date(year, month, 1, 0, 0, 0, 0, zone), zone))
		}
		if k.Counted%len(named) != 0 {
			out = append(out, season{months, k.Counted})
			continue
		}
		for i := range months {
			out = append(out, season{months[i : i+1], k.Counted / len(named)})
		}
	}
	return out
}

// covers reports whether the period and the load of the grid hold all of a season.
func (m *market) covers(s season) bool {
	if m.s.Load == nil {
		return false
	}
	from, to := m.s.Load.Grid.Start(0), m.s.Load.Grid.End()
	for _, month := range s.months {
		if month.Start.Before(m.s.From) || month.End().After(m.s.To) || month.Start.Before(from) || month.End().After(to) {
			return false
		}
	}
	return true
}

// billable reports whether t lies in a season of a rule that the period covers:
// nothing is watched for a charge that is never billed.
func (m *market) billable(t time.Time) bool {
	holds := func(month series.Interval) bool { return !t.Before(month.Start) && t.Before(month.End()) }
	return slices.ContainsFunc(m.s.Contracts.Coincident, func(k power.CoincidentPeak) bool {
		return slices.ContainsFunc(m.seasons(k), func(s season) bool {
			return slices.ContainsFunc(s.months, holds) && m.covers(s)
		})
	})
}

// counted is the intervals that a coincident peak rule counts within the
// period: of every season that it covers whole, those in which the whole grid
// drew most, on different local days, in the order of time.
func (m *market) counted(k power.CoincidentPeak) []time.Time {
	var out []time.Time
	for _, s := range m.seasons(k) {
		if m.covers(s) {
			out = append(out, m.peaksOf(k, s)...)
		}
	}
	return out
}

// peaksOf is the intervals that a rule counts in a season: the highest interval
// of each of the days that had the highest ones.
func (m *market) peaksOf(k power.CoincidentPeak, s season) []time.Time {
	type peak struct {
		load unit.Power
		at   time.Time
	}
	var days []peak
	for _, month := range s.months {
		for d := month.Start; d.Before(month.End()); d = series.DayOf(d, m.s.Site.Zone).End() {
			if t, load := m.peakOf(k, series.DayOf(d, m.s.Site.Zone)); load > 0 {
				days = append(days, peak{load, t})
			}
		}
	}
	slices.SortStableFunc(days, func(a, b peak) int { return cmp.Compare(b.load, a.load) })
	var out []time.Time
	for _, p := range days[:min(s.count, len(days))] {
		out = append(out, p.at)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// peakOf is the interval of highest load in a day, where the rule's window and
// term hold, and that load; zero where there is none.
func (m *market) peakOf(k power.CoincidentPeak, day series.Interval) (time.Time, unit.Power) {
	var top unit.Power
	var when time.Time
	for t := day.Start; t.Before(day.End()); t = t.Add(k.Interval) {
		if !k.Term.Holds(t) || !k.Window.Holds(t.In(m.s.Site.Zone), m.s.Contracts.Holidays) {
			continue
		}
		if v, known := m.s.Load.At(t); known && v > top {
			top, when = v, t
		}
	}
	return when, top
}

// countPeaks bills the counted intervals once the period is over.
func (l *line) countPeaks() error {
	if l.m.s.Load == nil {
		return nil
	}
	for _, k := range l.m.s.Contracts.Coincident {
		if starts := l.m.counted(k); len(starts) > 0 {
			if _, err := l.bill.Count(k.Name, starts); err != nil {
				return fmt.Errorf("bill the counted intervals: %w", err)
			}
		}
	}
	return nil
}
