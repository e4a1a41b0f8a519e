package hosting

import (
	"slices"
	"time"

	"sluice/gpu"
	"sluice/series"
	"sluice/unit"
)

// Forecast is what a contract's load is expected to be, learned from what was
// measured: a distribution for each local hour of the week. Before anything was
// measured it is what its seed says, after that never again. It is plain data in
// integers and never changed once made.
type Forecast struct {
	Full  unit.Power // capacity, by which bins are cut
	Mean  unit.Power // seed
	High  unit.Power // seed, exceeded one time in ten
	All   Cell       // of all hours
	Cells []Cell     `json:",omitempty"` // of the hours of the week from Monday midnight; nil: nothing was measured
	Last  unit.Power // measured last
	At    time.Time  // when; zero: nothing was measured
}

// Cell is what was measured in one hour of the week.
type Cell struct {
	Count int64
	Sum   int64 // watts
	Most  unit.Power
	Bins  [bins]int32 // counts by twentieths of the capacity, the last one of all above
}

const (
	bins  = 24
	parts = 20  // of the capacity
	known = 6   // measurements from which an hour of the week speaks for itself
	aging = 600 // measurements at which all counts are halved, so that the old fades
	fades = 6   // hours in which what was measured last is forgotten
)

// NewForecast is a forecast before anything was measured: mean and high are expected,
// of a capacity. Where nothing better is known they are the capacity itself.
func NewForecast(capacity, mean, high unit.Power) Forecast {
	return Forecast{Full: capacity, Mean: mean, High: max(mean, high)}
}

// Seeded is a forecast from what such equipment drew elsewhere, as shares of the
// most that it ever drew there; without such data it is the capacity.
func Seeded(capacity unit.Power, d gpu.Drawn) Forecast {
	n := len(d.Watts)
	if n == 0 || d.Watts[n-1] <= 0 {
		return NewForecast(capacity, capacity, capacity)
	}
	most := int64(d.Watts[n-1])
	of := func(w unit.Power) unit.Power { return unit.Power(unit.MulDiv(int64(capacity), int64(w), most)) }
	var sum unit.Power
	const steps = 100
	for k := range steps {
		sum += d.Quantile(unit.Ratio(k)*unit.One/steps + unit.One/(2*steps))
	}
	return NewForecast(capacity, of(sum/steps), of(d.Quantile(900_000)))
}

// Observe is the forecast after a measurement of what was drawn when nothing held it
// back: power under a limit of ours says nothing of the load. Measurements before the
// last one, and negative ones, are left out.
func (f Forecast) Observe(at time.Time, drawn unit.Power, zone *time.Location) Forecast {
	if drawn < 0 || f.Full <= 0 || at.Before(f.At) {
		return f
	}
	if f.Cells = slices.Clone(f.Cells); f.Cells == nil {
		f.Cells = make([]Cell, 7*24)
	}
	bin := int(min(bins-1, int64(drawn)*parts/int64(f.Full)))
	for _, c := range []*Cell{&f.Cells[hourOfWeek(at, zone)], &f.All} {
		c.Count, c.Sum, c.Most = c.Count+1, c.Sum+int64(drawn), max(c.Most, drawn)
		c.Bins[bin]++
		if c.Count >= aging {
			c.halve()
		}
	}
	f.Last, f.At = drawn, at
	return f
}

// halve makes room for what comes: the mean stays, the count is that of the bins.
func (c *Cell) halve() {
	var count int64
	for i := range c.Bins {
		c.Bins[i] /= 2
		count += int64(c.Bins[i])
	}
	c.Sum, c.Count = unit.MulDiv(c.Sum, count, c.Count), count
}

// hourOfWeek is the local hour of the week, from Monday midnight.
func hourOfWeek(at time.Time, zone *time.Location) int {
	local := at.In(place(zone))
	return (int(local.Weekday())+6)%7*24 + local.Hour()
}

// Expect is the load expected in an interval: in the mean, and what it exceeds one
// time in ten. What was measured last moves both, half as much with every hour that
// lies between.
func (f Forecast) Expect(i series.Interval, zone *time.Location) (mean, high unit.Power) {
	if f.Cells == nil {
		return f.Mean, f.High
	}
	var sum, top int64
	n := int64(0)
	for at := i.Start; at.Before(i.End()) || n == 0; at = at.Add(time.Hour) {
		m, h := f.hour(at, zone)
		away := int64(f.recent(at, zone))
		sum, top, n = sum+max(0, int64(m)+away), top+max(0, int64(h)+away), n+1
	}
	mean = unit.Power(sum / n)
	return mean, max(mean, unit.Power(top/n))
}

// Loads is the load expected in each interval of a plan, in the mean: what a bid
// takes as its load.
func (f Forecast) Loads(plan []series.Interval, zone *time.Location) series.Profile[unit.Power] {
	out := make(series.Profile[unit.Power], len(plan))
	for i, s := range plan {
		out[i], _ = f.Expect(s, zone)
	}
	return out
}

// recent is by how much the last measurement moves an hour.
func (f Forecast) recent(at time.Time, zone *time.Location) unit.Power {
	ahead := max(0, at.Sub(f.At)) / time.Hour
	if ahead >= fades {
		return 0
	}
	usual, _ := f.hour(f.At, zone)
	return (f.Last - usual) / (1 << ahead)
}

// hour is what the hour of the week says by itself, or all hours where it was
// measured too seldom.
func (f Forecast) hour(at time.Time, zone *time.Location) (mean, high unit.Power) {
	c := f.Cells[hourOfWeek(at, zone)]
	if c.Count < known {
		c = f.All
	}
	return unit.Power(c.Sum / c.Count), f.quantile(c)
}

// quantile is what a cell exceeds one time in ten: the upper edge of the bin, at most
// the highest that was measured.
func (f Forecast) quantile(c Cell) unit.Power {
	var below int64
	for i, n := range c.Bins {
		if below += int64(n); 10*below >= 9*c.Count && i+1 < bins {
			return min(c.Most, unit.Power(unit.MulDiv(int64(f.Full), int64(i+1), parts)))
		}
	}
	return c.Most
}
