package hosting

import (
	"time"

	"sluice/series"
	"sluice/unit"
)

// Commits reports whether the kind is paid whether it is used or not.
func (k Kind) Commits() bool { return k == Colocation || k == Reserved || k == Flexible }

// Units is what the contract counts: GPUs, of a colocation contract kilowatts.
func (c Contract) Units() int64 {
	if c.Kind == Colocation {
		return int64(c.Power / unit.Kilowatt)
	}
	return int64(c.GPUs)
}

// InTerm reports whether the contract is in force at an instant.
func (c Contract) InTerm(at time.Time) bool {
	return !at.Before(c.Start) && (c.End.IsZero() || at.Before(c.End))
}

// CommittedAt is how many units must be kept for the tenant at an instant, by the
// ramp of the contract month, part of a unit counted whole; 0 outside the term and
// of kinds that commit nothing. Months are counted in zone.
func (c Contract) CommittedAt(at time.Time, zone *time.Location) int64 {
	if !c.Kind.Commits() || !c.InTerm(at) {
		return 0
	}
	month := 0
	for month < len(c.Ramp) && !at.Before(anniversary(c.Start, month+1, zone)) {
		month++
	}
	return c.ramped(month)
}

// ramped is the units committed in contract month n, from 0.
func (c Contract) ramped(n int) int64 {
	share := int64(unit.One)
	if n < len(c.Ramp) {
		share = int64(c.Ramp[n])
	}
	return (c.Units()*share + int64(unit.One) - 1) / int64(unit.One)
}

// Committed is the unit-seconds that are committed within a stretch of time.
//
// Formula: sum over contract months of units * ramp * seconds.
// Source: docs/formula/hosting.md.
func (c Contract) Committed(from, to time.Time, zone *time.Location) int64 {
	if !c.Kind.Commits() {
		return 0
	}
	var sum int64
	for _, s := range c.stretches(from, to, zone) {
		sum += s.units * (s.to.Unix() - s.from.Unix())
	}
	return sum
}

// stretch is a stretch of time in which the commitment does not change.
type stretch struct {
	from, to time.Time
	units    int64
}

// stretches cuts a stretch of time at the term and at the months of the ramp.
func (c Contract) stretches(from, to time.Time, zone *time.Location) []stretch {
	if from.Before(c.Start) {
		from = c.Start
	}
	if !c.End.IsZero() && c.End.Before(to) {
		to = c.End
	}
	var out []stretch
	for n := 0; from.Before(to); n++ {
		end := to
		if n < len(c.Ramp) {
			end = anniversary(c.Start, n+1, zone)
		}
		if end.After(to) {
			end = to
		}
		if end.After(from) {
			out = append(out, stretch{from, end, c.ramped(n)})
			from = end
		}
	}
	return out
}

// anniversary is the same local time of day so many calendar months later; a day
// that a month does not have is its last one.
func anniversary(start time.Time, months int, zone *time.Location) time.Time {
	t := start.In(place(zone))
	last := time.Date(t.Year(), t.Month()+time.Month(months)+1, 0, 0, 0, 0, 0, place(zone)).Day()
	return time.Date(t.Year(), t.Month()+time.Month(months), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), 0, place(zone)).UTC()
}

// place is a zone, or UTC where none is stated.
func place(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}

// seconds is the whole seconds of an interval.
func seconds(i series.Interval) int64 { return i.End().Unix() - i.Start.Unix() }

// Fee is what a committing contract is paid for a local month, used or not: a
// GPU-hour by the hour, a kW-month by the month's own seconds.
//
// Formula: GPU-seconds * price / 3600; kW-seconds * price / seconds of the month.
// Source: docs/formula/hosting.md.
func (c Contract) Fee(month series.Interval, zone *time.Location) unit.Amount {
	return c.charge(c.Committed(month.Start, month.End(), zone), month)
}

// charge is what so many unit-seconds of a month cost.
func (c Contract) charge(unitSeconds int64, month series.Interval) unit.Amount {
	per := int64(3600)
	if c.Kind == Colocation {
		per = max(1, seconds(month))
	}
	return unit.Amount(unit.MulDiv(unitSeconds, int64(c.Price), per))
}

// hourly is what one unit earns in an hour of the month that holds at.
func (c Contract) hourly(at time.Time, zone *time.Location) unit.Amount {
	if c.Kind != Colocation {
		return c.Price // whatever the month
	}
	return c.charge(3600, series.MonthOf(at, place(zone)))
}
