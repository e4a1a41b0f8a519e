package meter

import (
	"slices"
	"time"

	"sluice/books/rate"
	"sluice/series"
	"sluice/unit"
)

// Balance holds what a meter counted against everything behind it.
type Balance struct {
	Name     string
	Stretch  rate.Span
	Total    unit.Energy // of the meter
	Parts    unit.Energy // of everything behind it
	Residual unit.Energy // Total less Parts: what nothing inside counted; negative: too much was counted
	Borne    unit.Energy // of the residual, by contracts that agreed to it
	Known    bool        // the meter and everything behind it was read or estimated
	Vague    bool        // some of it was estimated
}

// small is the residual that needs no alarm, as a share of the meter.
const small = unit.Ratio(20_000) // 2 %

// exceeds reports a residual beyond a share of the meter's energy. A meter that
// counted nothing explains nothing.
func exceeds(residual, total unit.Energy, most unit.Ratio) bool {
	r := residual
	if r < 0 {
		r = -r
	}
	return unit.Energy(unit.MulDiv(int64(r), int64(unit.One), int64(most))) > total
}

// balance reconciles racks and boundary.
func (b *bill) balance() {
	for _, r := range b.Racks {
		total, known := r.Meter.Energy()
		x := Balance{Name: r.Name, Stretch: b.Interval.Span, Total: total, Parts: b.racked[r.Name], Known: known && !b.missing(r.Name), Vague: b.vague[r.Name] || r.Meter.Estimated}
		if x.Known {
			x.Residual = x.Total - x.Parts
		}
		b.Balances = append(b.Balances, x)
	}
	a := &b.Attribution
	total, known := b.Meter.Energy()
	a.Balance = Balance{Name: b.Interval.Boundary, Stretch: b.Interval.Span, Total: total, Parts: a.IT + a.Overhead + a.Others, Known: known && b.complete()}
	a.Vague = b.Meter.Estimated || slices.ContainsFunc(b.counts(), func(c Count) bool { return c.Estimated }) || slices.ContainsFunc(a.Nodes, func(n NodeEnergy) bool { return n.State == Estimated })
	if !a.Known {
		return
	}
	a.Residual = a.Total - a.Parts
	if hall := a.Total - a.Others - a.OthersBear; a.IT > 0 && hall > 0 {
		a.PUE = unit.Ratio(unit.MulDiv(int64(hall), int64(unit.One), int64(a.IT)))
	}
	b.bear()
}

// missing reports a rack of which a node's energy is not known at all.
func (b *bill) missing(rack string) bool {
	for i, n := range b.Interval.Nodes {
		if n.Rack == rack && b.Attribution.Nodes[i].State == Unknown {
			return true
		}
	}
	return false
}

// complete reports that everything behind the boundary is known.
func (b *bill) complete() bool {
	inner := slices.Concat(b.Network, b.Interval.Others)
	for _, o := range b.Interval.Overhead {
		inner = append(inner, o.Count)
	}
	lost := slices.ContainsFunc(inner, func(c Count) bool { _, known := c.Energy(); return !known })
	return !lost && !slices.ContainsFunc(b.Attribution.Nodes, func(n NodeEnergy) bool { return n.State == Unknown })
}

// bear divides a small residual by IT energy; the part of who did not agree to bear
// it stays with the operator.
func (b *bill) bear() {
	a := &b.Attribution
	agreed := map[string]bool{}
	for _, c := range b.Interval.Contracts {
		agreed[c.Name] = c.Residual
	}
	if exceeds(a.Residual, a.Total, small) || len(agreed) == 0 {
		return
	}
	weights := b.energies()
	if a.Others > 0 {
		weights[others()] = int64(a.Others)
	}
	for h, part := range portionsOf(weights).share(a.Residual) {
		if h.contract != "" && agreed[h.contract] {
			b.row(h).Residual += part
			a.Borne += part
		}
	}
}

// Standing is how far a boundary's energy is explained over a stretch.
type Standing string

// The standings.
const (
	Explained Standing = "explained" // the residual is small
	Warned    Standing = "warning"   // over an hour it is not: find the meter that is wrong or missing
	Blocked   Standing = "blocked"   // over a day it is not: no energy of the day is billed until it is
	Unproven  Standing = "unproven"  // nothing of the stretch could be held against the meter
)

// Verdict is what the balances of one stretch come to.
type Verdict struct {
	Stretch  rate.Span
	Total    unit.Energy
	Residual unit.Energy
	Seconds  int64 // of the stretch that could be held against the meter
	Standing Standing
}

// Share is the residual by the energy of the meter; 0 where that is nothing.
func (v Verdict) Share() unit.Ratio {
	if v.Total <= 0 {
		return 0
	}
	return unit.Ratio(unit.MulDiv(int64(v.Residual), int64(unit.One), int64(v.Total)))
}

// Hours judges balances of one meter by clock hours: a residual beyond 2 % warns.
func Hours(all []Balance) []Verdict {
	return judge(all, Warned, func(at int64) rate.Span { return rate.Span{From: at - at%3600, To: at - at%3600 + 3600} })
}

// Days judges them by days of the site: a residual beyond 2 % blocks the energy lines
// of the day, and so does a day of which nothing was held against the meter.
func Days(all []Balance, zone *time.Location) []Verdict {
	return judge(all, Blocked, func(at int64) rate.Span {
		d := series.DayOf(time.Unix(at, 0), zone)
		return rate.Span{From: d.Start.Unix(), To: d.Start.Add(d.Length).Unix()}
	})
}

// judge gathers balances by stretches. One that crosses an edge counts where it begins.
func judge(all []Balance, beyond Standing, of func(int64) rate.Span) []Verdict {
	in := slices.Clone(all)
	slices.SortFunc(in, func(a, b Balance) int { return int(min(1, max(-1, a.Stretch.From-b.Stretch.From))) })
	var out []Verdict
	for _, b := range in {
		s := of(b.Stretch.From)
		if n := len(out); n == 0 || out[n-1].Stretch != s {
			out = append(out, Verdict{Stretch: s})
		}
		v := &out[len(out)-1]
		if b.Known {
			v.Total, v.Residual, v.Seconds = v.Total+b.Total, v.Residual+b.Residual, v.Seconds+b.Stretch.Seconds()
		}
	}
	for i, v := range out {
		switch {
		case v.Seconds == 0:
			out[i].Standing = Unproven
		case exceeds(v.Residual, v.Total, small):
			out[i].Standing = beyond
		default:
			out[i].Standing = Explained
		}
	}
	return out
}

// Block holds the energy lines of the days that are not explained.
func Block(lines []Usage, days []Verdict) (free []Usage, held []Hold) {
	for _, u := range lines {
		i := slices.IndexFunc(days, func(v Verdict) bool {
			return v.Standing != Explained && !v.Stretch.Common(u.Span).Empty()
		})
		if i < 0 || u.Measure != Joules {
			free = append(free, u)
			continue
		}
		held = append(held, Hold{Contract: u.Contract, Component: u.Component, Span: u.Span, Why: days[i].says()})
	}
	return free, held
}

func (v Verdict) says() string {
	if v.Standing == Unproven {
		return "nothing of the day was held against the meter of the boundary: send its readings"
	}
	return "more than 2 % of the day's energy is not explained: find the meter that is wrong or missing, then meter the day again"
}
