package power

import (
	"time"

	"sluice/series"
	"sluice/unit"
)

// peaks states one demand charge for every billing period that the plan touches.
func (p *planner) peaks(d DemandCharge) []Peak {
	var out []Peak
	end := p.at[len(p.at)-1].End()
	for start := p.at[0].Start; start.Before(end); {
		period := d.periodOf(start, p.in.Zone)
		k := p.stand(d, period)
		k.Measures = p.measures(d, period)
		if len(k.Measures) > 0 {
			out = append(out, k)
		}
		start = period.End()
	}
	return out
}

// stand is what has already happened to a demand charge in one billing period.
func (p *planner) stand(d DemandCharge, period series.Interval) Peak {
	k := Peak{Rule: d.Name, Period: period, Rate: d.rateOver(period, p.in.Zone), Ratchet: d.MinimumBilled}
	for _, s := range p.in.Peaks {
		if s.Rule != d.Name {
			continue
		}
		if s.Period.Start.Equal(period.Start) {
			k.Incurred, k.Planned, k.Ratchet = s.Highest, s.Last, max(k.Ratchet, s.Ratchet)
		} else if s.Period.Start.Before(period.Start) {
			k.Planned, k.Ratchet = max(s.Highest, s.Last), max(k.Ratchet, s.Next)
		}
	}
	if planned, stated := p.in.Planned[d.Name]; stated {
		later := period.Start.After(p.at[0].Start)
		if !later {
			k.Planned = 0
		}
		k.Planned = max(k.Planned, planned)
	}
	return k
}

// measures lists the counted measurement intervals of a billing period that the plan touches.
func (p *planner) measures(d DemandCharge, period series.Interval) []Measure {
	var out []Measure
	i, whole := 0, -1
	start := later(p.at[0].Start, period.Start).Truncate(d.Interval)
	end := earlier(p.at[len(p.at)-1].End(), period.End())
	for ; start.Before(end); start = start.Add(d.Interval) {
		for i < len(p.at) && !p.at[i].End().After(start) {
			i++
		}
		if start.Before(period.Start) || !d.counts(start, p.in.Zone, p.contracts.Holidays) {
			continue
		}
		m := p.measure(d, start, i)
		if len(m.Parts) == 1 && m.Parts[0].Length == d.Interval {
			if whole == i {
				continue
			}
			whole = i
		}
		out = append(out, m)
	}
	return out
}

// measure is the measurement interval from start; i is the first interval of the plan in it.
func (p *planner) measure(d DemandCharge, start time.Time, i int) Measure {
	m := Measure{Start: start, Length: d.Interval}
	end, covered := start.Add(d.Interval), time.Duration(0)
	for ; i < len(p.at) && p.at[i].Start.Before(end); i++ {
		part := earlier(end, p.at[i].End()).Sub(later(start, p.at[i].Start))
		m.Parts = append(m.Parts, Part{Interval: i, Length: part})
		covered += part
	}
	if open, known := p.open(d.Name, start); known {
		m.Realised = open.Energy
		covered += open.Covered
	}
	// What neither the meter nor the plan covers is taken to go on as the plan
	// does, so the average is over the covered time alone.
	m.Length = min(covered, d.Interval)
	return m
}

// open is the state of the measurement interval from start, if the meter has opened it.
func (p *planner) open(rule string, start time.Time) (PeakState, bool) {
	for _, s := range p.in.Peaks {
		if s.Rule == rule && !s.Open.IsZero() && s.Open.Equal(start) {
			return s, true
		}
	}
	return PeakState{}, false
}

// coincident is the expected charge of one coincident peak rule per MW and interval.
func (p *planner) coincident(k CoincidentPeak) Coincident {
	out := Coincident{Rule: k.Name, Rate: k.Rate, N: k.Counted, Odds: p.odds(k), Cost: make(series.Profile[unit.DemandRate], len(p.at))}
	for i, at := range p.at {
		out.Cost[i] = k.expected(out.Odds.At(i), at.Length)
	}
	return out
}

// expected is what one MW imported throughout an interval is expected to cost.
//
// Formula: odds * rate / n * min(1, length / counted length).
// Source: docs/formula/tariff.md, "Coincident peak".
func (k CoincidentPeak) expected(odds unit.Ratio, length time.Duration) unit.DemandRate {
	seconds := int64(k.Interval / time.Second)
	share := int64(odds) * min(int64(length/time.Second), seconds)
	return unit.DemandRate(unit.MulDiv(int64(k.Rate), share, int64(k.Counted)*int64(unit.One)*seconds))
}

// Threshold is the probability above which giving up a margin, per MWh, in one
// counted interval is cheaper than the risk of being counted in it.
//
// Formula: margin * hours / (rate / n). Source: docs/formula/tariff.md, "Coincident peak".
func (k CoincidentPeak) Threshold(margin unit.Price) unit.Ratio {
	lost := margin.Of(unit.Megawatt.Over(k.Interval))
	return unit.Ratio(unit.MulDiv(int64(lost)*int64(k.Counted), int64(unit.One), int64(k.Rate)))
}

// odds is the forecast, restricted to the window, or the guess of the watch.
func (p *planner) odds(k CoincidentPeak) series.Profile[unit.Ratio] {
	n := len(p.at)
	out := make(series.Profile[unit.Ratio], n)
	forecast, stated := p.in.Odds[k.Name]
	if stated && !forecast.Covers(n) {
		p.lack("coincident peak %q: %d odds for %d intervals: state one for each", k.Name, len(forecast), n)
		return out
	}
	for i, at := range p.at {
		switch {
		case stated && p.share(k.Window, k.Term, at) > 0:
			out[i] = forecast.At(i)
		case !stated:
			out[i] = p.guess(k, at)
		}
	}
	return out
}

// guess is the watch's probability that an interval holds a counted one.
func (p *planner) guess(k CoincidentPeak, at series.Interval) unit.Ratio {
	day := DateOf(at.Start.In(p.in.Zone))
	for _, l := range p.in.Load {
		if l.Day != day || !k.Watch.Alarmed(l.Forecast, l.MonthToDate) {
			continue
		}
		w := k.Window
		w.Hours = k.Watch.Hours
		held := int64(p.share(w, k.Term, at))
		times := max(int64(unit.One), unit.MulDiv(int64(at.Length), int64(unit.One), int64(k.Interval)))
		odds := unit.MulDiv(unit.MulDiv(int64(k.Watch.Odds), held, int64(unit.One)), times, int64(unit.One))
		return min(unit.One, unit.Ratio(odds))
	}
	return 0
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
