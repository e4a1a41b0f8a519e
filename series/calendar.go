package series

import (
	"slices"
	"time"
)

// DayOf is the local calendar day that holds t, as an interval in UTC. It is
// 23, 24 or 25 hours long (23.5 or 24.5 where the clock moves by half an hour).
// Days follow each other without hole or overlap; where a clock steps back over
// midnight, as that of Newfoundland once did, what is shown twice belongs to
// the later day.
func DayOf(t time.Time, zone *time.Location) Interval {
	y, m, d := t.In(zone).Date()
	return around(t, func(k int) time.Time { return startOfDay(y, m, d+k, zone) })
}

// MonthOf is the local calendar month that holds t, as an interval in UTC.
func MonthOf(t time.Time, zone *time.Location) Interval {
	y, m, _ := t.In(zone).Date()
	return around(t, func(k int) time.Time { return startOfDay(y, m+time.Month(k), 1, zone) })
}

// around is the interval from start(0) to start(1), or the next one where that
// ends before t. A start is the first instant that shows midnight, so t is never
// before it.
func around(t time.Time, start func(k int) time.Time) Interval {
	from, to := start(0), start(1)
	if !t.Before(to) {
		from, to = to, start(2)
	}
	return Interval{Start: from, Length: to.Sub(from)}
}

// startOfDay is the first instant of a local day. Where midnight is skipped by
// a clock change, the day begins at the instant of the change.
func startOfDay(y int, m time.Month, d int, zone *time.Location) time.Time {
	noon := time.Date(y, m, d, 12, 0, 0, 0, zone)
	midnight := Wall{Year: noon.Year(), Month: noon.Month(), Day: noon.Day()}
	if shown := midnight.Instants(zone); len(shown) > 0 {
		return shown[0]
	}
	t := noon.Add(-15 * time.Minute)
	for sameDay(t, noon) {
		t = t.Add(-15 * time.Minute)
	}
	return t.Add(15 * time.Minute).UTC()
}

func sameDay(a, b time.Time) bool {
	ya, ma, da := a.Date()
	yb, mb, db := b.Date()
	return ya == yb && ma == mb && da == db
}

// Wall is a reading of a local clock, without a zone.
type Wall struct {
	Year                   int
	Month                  time.Month
	Day, Hour, Min, Second int
}

// Instants lists, in order, the instants at which a clock in zone shows w: one
// on ordinary days, two in the repeated hour of autumn, none in the skipped
// hour of spring. The caller says what two or none mean; nothing is guessed.
func (w Wall) Instants(zone *time.Location) []time.Time {
	asUTC := time.Date(w.Year, w.Month, w.Day, w.Hour, w.Min, w.Second, 0, time.UTC)
	var out []time.Time
	for _, near := range []time.Duration{-36 * time.Hour, 0, 36 * time.Hour} {
		_, ahead := asUTC.Add(near).In(zone).Zone()
		t := asUTC.Add(-time.Duration(ahead) * time.Second)
		if w.shownBy(t.In(zone)) && !slices.ContainsFunc(out, t.Equal) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

func (w Wall) shownBy(t time.Time) bool {
	return w == Wall{t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second()}
}
