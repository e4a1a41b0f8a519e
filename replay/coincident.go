package replay

import (
	"fmt"
	"time"

	"sluice/power"
	"sluice/series"
	"sluice/unit"
)

// dayLoads is what is known of the grid's load when t begins, for the local day
// of t and the next: the forecast where one is given, else the day before.
func (m *market) dayLoads(t time.Time) []power.DayLoad {
	if m.s.Load == nil || len(m.s.Contracts.Coincident) == 0 {
		return nil
	}
	zone := m.s.Site.Zone
	var out []power.DayLoad
	for d := range 2 {
		today := series.DayOf(series.DayOf(t, zone).Start.Add(time.Duration(d)*26*time.Hour), zone)
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

// counted is the intervals that a coincident peak rule counts within the
// period: of every whole month that its window names, the interval in which the
// whole grid drew most.
func (m *market) counted(k power.CoincidentPeak) []time.Time {
	var out []time.Time
	for at := m.s.From; at.Before(m.s.To); at = series.MonthOf(at, m.s.Site.Zone).End() {
		month := series.MonthOf(at, m.s.Site.Zone)
		if month.Start.Before(m.s.From) || month.End().After(m.s.To) {
			continue
		}
		if t, found := m.peakOf(k, month); found {
			out = append(out, t)
		}
	}
	return out
}

// peakOf is the interval of highest load in a month, where the rule's window holds.
func (m *market) peakOf(k power.CoincidentPeak, month series.Interval) (time.Time, bool) {
	var top unit.Power
	var when time.Time
	for t := month.Start; t.Before(month.End()); t = t.Add(k.Interval) {
		if !k.Window.Holds(t.In(m.s.Site.Zone), m.s.Contracts.Holidays) {
			continue
		}
		if v, known := m.s.Load.At(t); known && v > top {
			top, when = v, t
		}
	}
	return when, top > 0
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
