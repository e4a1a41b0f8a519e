package power

import (
	"testing"
	"time"

	"sluice/series"
)

func TestWindowHolds(t *testing.T) {
	t.Parallel()
	h := time.Hour
	work := Window{Weekdays: workdays(), Hours: []Hours{{7 * h, 22 * h}}, Holidays: HolidaysOff}
	summer := Window{Months: []time.Month{time.June, time.July}}
	night := Window{Hours: []Hours{{22 * h, 6 * h}}}
	free := Window{Holidays: HolidaysOnly}
	holidays := []Date{{2025, time.July, 4}}
	cases := map[string]struct {
		w    Window
		at   string
		want bool
	}{
		"the zero window is always":                        {Window{}, "2025-01-01 03:00", true},
		"a workday morning from its first minute":          {work, "2025-07-03 07:00", true},
		"not a minute before":                              {work, "2025-07-03 06:59", false},
		"the end does not belong to it":                    {work, "2025-07-03 22:00", false},
		"Saturday is not a workday":                        {work, "2025-07-05 12:00", false},
		"a holiday on a Friday is off":                     {work, "2025-07-04 12:00", false},
		"a holidays-only window holds on the holiday":      {free, "2025-07-04 12:00", true},
		"and on no other day":                              {free, "2025-07-03 12:00", false},
		"a night window runs over midnight, before it":     {night, "2025-07-03 23:30", true},
		"a night window runs over midnight, after it":      {night, "2025-07-03 05:59", true},
		"and ends in the morning":                          {night, "2025-07-03 06:00", false},
		"June belongs to summer":                           {summer, "2025-06-01 00:00", true},
		"August does not":                                  {summer, "2025-08-01 00:00", false},
		"24h is the end of the day":                        {Window{Hours: []Hours{{20 * h, 24 * h}}}, "2025-08-01 23:59", true},
		"two stretches of hours hold in either, first":     {Window{Hours: []Hours{{7 * h, 9 * h}, {17 * h, 20 * h}}}, "2025-08-01 08:00", true},
		"two stretches of hours hold in either, and apart": {Window{Hours: []Hours{{7 * h, 9 * h}, {17 * h, 20 * h}}}, "2025-08-01 12:00", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse("2006-01-02 15:04", c.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.w.Holds(at, holidays); got != c.want {
				t.Errorf("at %s the window holds: %v, want %v", c.at, got, c.want)
			}
		})
	}
}

func TestWindowsAcrossClockChanges(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	cases := map[string]struct {
		day  time.Time
		w    Window
		want time.Duration
	}{
		"an ordinary day":                              {time.Date(2025, 5, 5, 12, 0, 0, 0, z), Window{}, 24 * time.Hour},
		"the day of spring has 23 hours":               {time.Date(2025, 3, 9, 12, 0, 0, 0, z), Window{}, 23 * time.Hour},
		"the day of autumn has 25":                     {time.Date(2025, 11, 2, 12, 0, 0, 0, z), Window{}, 25 * time.Hour},
		"1 to 3 loses its skipped hour":                {time.Date(2025, 3, 9, 12, 0, 0, 0, z), Window{Hours: []Hours{{time.Hour, 3 * time.Hour}}}, time.Hour},
		"1 to 3 repeats an hour":                       {time.Date(2025, 11, 2, 12, 0, 0, 0, z), Window{Hours: []Hours{{time.Hour, 3 * time.Hour}}}, 3 * time.Hour},
		"the afternoon is as long as ever":             {time.Date(2025, 11, 2, 12, 0, 0, 0, z), Window{Hours: []Hours{{14 * time.Hour, 18 * time.Hour}}}, 4 * time.Hour},
		"a window of the skipped hour alone is empty":  {time.Date(2025, 3, 9, 12, 0, 0, 0, z), Window{Hours: []Hours{{2 * time.Hour, 3 * time.Hour}}}, 0},
		"a Sunday window covers the whole long Sunday": {time.Date(2025, 11, 2, 12, 0, 0, 0, z), Window{Weekdays: []time.Weekday{time.Sunday}}, 25 * time.Hour},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := DemandCharge{Interval: 15 * time.Minute, Period: Daily, Window: c.w}
			if got := d.CountedTime(series.DayOf(c.day, z), z, nil); got != c.want {
				t.Errorf("counted %v, want %v", got, c.want)
			}
		})
	}
}

func TestPublication(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	start := time.Date(2025, 11, 3, 0, 0, 0, 0, z).UTC()
	after := Publication{Lag: 10 * time.Minute}
	if got, want := after.At(start, 15*time.Minute, z), start.Add(25*time.Minute); !got.Equal(want) {
		t.Errorf("real-time price known at %s, want %s", got, want)
	}
	ahead := Publication{DayAhead: true, Gate: 13*time.Hour + 30*time.Minute}
	if got, want := ahead.At(start, time.Hour, z), time.Date(2025, 11, 2, 13, 30, 0, 0, z); !got.Equal(want) {
		t.Errorf("day-ahead price known at %s, want %s: the day before is 25 hours long", got, want)
	}
}
