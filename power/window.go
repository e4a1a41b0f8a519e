package power

import (
	"slices"
	"time"
)

// Date is a local calendar day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the calendar day that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Hours is a stretch of the local clock from From to before To, for example
// 17h to 20h30m. Where To is not later than From it runs over midnight.
type Hours struct{ From, To time.Duration }

// HolidayRule says what a window makes of holidays.
type HolidayRule string

// The holiday rules.
const (
	HolidaysCount HolidayRule = ""     // a holiday is a day like any other
	HolidaysOff   HolidayRule = "off"  // the window does not hold on a holiday
	HolidaysOnly  HolidayRule = "only" // the window holds on holidays only, whatever their weekday
)

// Window is a set of local times. What is empty does not restrict; the zero
// window is always. The clock on the wall decides: an hour that a clock change
// repeats counts twice, one that it skips does not count.
type Window struct {
	Months   []time.Month
	Weekdays []time.Weekday
	Hours    []Hours
	Holidays HolidayRule
}

// Holds reports whether the window holds at the instant that local shows in
// the tariff's own zone.
func (w Window) Holds(local time.Time, holidays []Date) bool {
	if len(w.Months) > 0 && !slices.Contains(w.Months, local.Month()) {
		return false
	}
	return w.holdsOn(local, holidays) && holdHours(w.Hours, local)
}

// holdsOn reports whether the window holds on the weekday or holiday of local.
func (w Window) holdsOn(local time.Time, holidays []Date) bool {
	if w.Holidays != HolidaysCount {
		holiday := slices.Contains(holidays, DateOf(local))
		if w.Holidays == HolidaysOnly || holiday {
			return holiday && w.Holidays == HolidaysOnly
		}
	}
	return len(w.Weekdays) == 0 || slices.Contains(w.Weekdays, local.Weekday())
}

// holdHours reports whether the clock that local shows lies in one of hours; no hours mean all.
func holdHours(hours []Hours, local time.Time) bool {
	if len(hours) == 0 {
		return true
	}
	h, m, s := local.Clock()
	clock := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	for _, r := range hours {
		inside := clock >= r.From && clock < r.To
		if r.To <= r.From {
			inside = clock >= r.From || clock < r.To
		}
		if inside {
			return true
		}
	}
	return false
}
