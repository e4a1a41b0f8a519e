package series_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/series"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func zones() []string {
	return []string{
		"America/Chicago", "Europe/Stockholm", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Cairo", "America/St_Johns",
		"Pacific/Apia", "America/Havana", "Asia/Beirut", "Antarctica/Troll", "Antarctica/Casey", "America/Caracas", "UTC",
	}
}

func TestDayOf(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		zone, date string
		quarters   int
		start      string
	}{
		"an ordinary day in Chicago":               {"America/Chicago", "2025-06-01", 96, "2025-06-01T05:00:00Z"},
		"spring in Chicago":                        {"America/Chicago", "2025-03-09", 92, "2025-03-09T06:00:00Z"},
		"autumn in Chicago":                        {"America/Chicago", "2025-11-02", 100, "2025-11-02T05:00:00Z"},
		"spring in Stockholm":                      {"Europe/Stockholm", "2025-03-30", 92, "2025-03-29T23:00:00Z"},
		"autumn in Stockholm":                      {"Europe/Stockholm", "2025-10-26", 100, "2025-10-25T22:00:00Z"},
		"spring by half an hour on Lord Howe":      {"Australia/Lord_Howe", "2025-10-05", 94, "2025-10-04T13:30:00Z"},
		"autumn by half an hour on Lord Howe":      {"Australia/Lord_Howe", "2025-04-06", 98, "2025-04-05T13:00:00Z"},
		"a quarter-hour offset in Kathmandu":       {"Asia/Kathmandu", "2025-06-01", 96, "2025-05-31T18:15:00Z"},
		"midnight skipped in Sao Paulo":            {"America/Sao_Paulo", "2017-10-15", 92, "2017-10-15T03:00:00Z"},
		"the day before it":                        {"America/Sao_Paulo", "2017-10-14", 96, "2017-10-14T03:00:00Z"},
		"the hour before midnight twice":           {"America/Sao_Paulo", "2017-02-18", 100, "2017-02-18T02:00:00Z"},
		"midnight skipped in Cairo":                {"Africa/Cairo", "2024-04-26", 92, "2024-04-25T22:00:00Z"},
		"the hour before midnight twice in Cairo":  {"Africa/Cairo", "2024-10-31", 100, "2024-10-30T21:00:00Z"},
		"midnight itself twice in Havana":          {"America/Havana", "2025-11-02", 100, "2025-11-02T04:00:00Z"},
		"the day after the one that Samoa skipped": {"Pacific/Apia", "2011-12-31", 96, "2011-12-30T10:00:00Z"},
		"leap day": {"UTC", "2024-02-29", 96, "2024-02-29T00:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := zone(t, c.zone)
			noon, err := time.ParseInLocation("2006-01-02 15:04", c.date+" 12:00", z)
			if err != nil {
				t.Fatal(err)
			}
			d := series.DayOf(noon, z)
			if got := int(d.Length / (15 * time.Minute)); got != c.quarters || d.Start.Format(time.RFC3339) != c.start {
				t.Errorf("%d quarter hours from %s, want %d from %s", got, d.Start.Format(time.RFC3339), c.quarters, c.start)
			}
		})
	}
}

// TestDaysAndMonthsTileTheTimeLine: every instant lies in its day and month, the
// next begins where it ends, and from anywhere inside one finds the same.
func TestDaysAndMonthsTileTheTimeLine(t *testing.T) {
	t.Parallel()
	loaded := map[string]*time.Location{}
	for _, name := range zones() {
		loaded[name] = zone(t, name)
	}
	from, to := time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	rapid.Check(t, func(t *rapid.T) {
		z := loaded[rapid.SampledFrom(zones()).Draw(t, "zone")]
		at := time.Unix(rapid.Int64Range(from, to).Draw(t, "at"), 0)
		if change, _ := at.In(z).ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "near a clock change") {
			at = change.Add(time.Duration(rapid.Int64Range(-int64(30*time.Hour), int64(30*time.Hour)).Draw(t, "away")))
		}
		for _, of := range []func(time.Time, *time.Location) series.Interval{series.DayOf, series.MonthOf} {
			d := of(at, z)
			if at.Before(d.Start) || !at.Before(d.End()) {
				t.Fatalf("%s is not in %s + %s", at.UTC(), d.Start, d.Length)
			}
			if next := of(d.End(), z); !next.Start.Equal(d.End()) {
				t.Fatalf("%s + %s is followed by %s", d.Start, d.Length, next.Start)
			}
			for _, inside := range []time.Time{d.Start, d.Start.Add(d.Length / 2), d.End().Add(-1)} {
				if again := of(inside, z); !again.Start.Equal(d.Start) || again.Length != d.Length {
					t.Fatalf("%s lies in %s + %s, and in %s + %s", inside, d.Start, d.Length, again.Start, again.Length)
				}
			}
		}
	})
}

// TestNewfoundlandStepsBackOverMidnight: the clock went from 00:01 back to 23:01.
func TestNewfoundlandStepsBackOverMidnight(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/St_Johns")
	second := time.Date(2000, 10, 29, 2, 45, 0, 0, time.UTC) // shows 23:15 of the 28th for the second time
	d := series.DayOf(second, z)
	if d.Start.Format(time.RFC3339) != "2000-10-29T02:30:00Z" || d.Length != 25*time.Hour {
		t.Errorf("%s + %s", d.Start, d.Length)
	}
}

func TestMonthOf(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		zone, at string
		want     series.Interval
	}{
		"March in Chicago is an hour short":   {"America/Chicago", "2025-03-20T00:00:00Z", series.Interval{Start: time.Date(2025, 3, 1, 6, 0, 0, 0, time.UTC), Length: 31*24*time.Hour - time.Hour}},
		"November in Chicago is an hour long": {"America/Chicago", "2025-11-20T00:00:00Z", series.Interval{Start: time.Date(2025, 11, 1, 5, 0, 0, 0, time.UTC), Length: 30*24*time.Hour + time.Hour}},
		"December ends with the year":         {"UTC", "2025-12-31T23:59:59Z", series.Interval{Start: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), Length: 31 * 24 * time.Hour}},
		"still December in Chicago":           {"America/Chicago", "2026-01-01T05:59:59Z", series.Interval{Start: time.Date(2025, 12, 1, 6, 0, 0, 0, time.UTC), Length: 31 * 24 * time.Hour}},
	}
	for name, c := range cases {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, series.MonthOf(at, zone(t, c.zone))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWallInstants(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		zone string
		wall series.Wall
		want []string
	}{
		"once on an ordinary day":          {"America/Chicago", series.Wall{Year: 2025, Month: 6, Day: 1, Hour: 1, Min: 30}, []string{"2025-06-01T06:30:00Z"}},
		"twice in autumn":                  {"America/Chicago", series.Wall{Year: 2025, Month: 11, Day: 2, Hour: 1, Min: 30}, []string{"2025-11-02T06:30:00Z", "2025-11-02T07:30:00Z"}},
		"once when autumn is over":         {"America/Chicago", series.Wall{Year: 2025, Month: 11, Day: 2, Hour: 2}, []string{"2025-11-02T08:00:00Z"}},
		"never in spring":                  {"America/Chicago", series.Wall{Year: 2025, Month: 3, Day: 9, Hour: 2, Min: 30}, nil},
		"once at the end of the gap":       {"America/Chicago", series.Wall{Year: 2025, Month: 3, Day: 9, Hour: 3}, []string{"2025-03-09T08:00:00Z"}},
		"twice by half an hour":            {"Australia/Lord_Howe", series.Wall{Year: 2025, Month: 4, Day: 6, Hour: 1, Min: 45}, []string{"2025-04-05T14:45:00Z", "2025-04-05T15:15:00Z"}},
		"never by half an hour":            {"Australia/Lord_Howe", series.Wall{Year: 2025, Month: 10, Day: 5, Hour: 2, Min: 15}, nil},
		"never at midnight in Sao Paulo":   {"America/Sao_Paulo", series.Wall{Year: 2017, Month: 10, Day: 15}, nil},
		"never on the day Samoa skipped":   {"Pacific/Apia", series.Wall{Year: 2011, Month: 12, Day: 30, Hour: 12}, nil},
		"twice by two hours":               {"Antarctica/Troll", series.Wall{Year: 2025, Month: 10, Day: 26, Hour: 1, Min: 30}, []string{"2025-10-25T23:30:00Z", "2025-10-26T01:30:00Z"}},
		"twice by three hours":             {"Antarctica/Casey", series.Wall{Year: 2010, Month: 3, Day: 5, Hour: 0, Min: 30}, []string{"2010-03-04T13:30:00Z", "2010-03-04T16:30:00Z"}},
		"never on a date that is none":     {"UTC", series.Wall{Year: 2025, Month: 2, Day: 30}, nil},
		"with an offset of a quarter hour": {"Asia/Kathmandu", series.Wall{Year: 2025, Month: 6, Day: 1}, []string{"2025-05-31T18:15:00Z"}},
	}
	for name, c := range cases {
		var got []string
		for _, at := range c.wall.Instants(zone(t, c.zone)) {
			got = append(got, at.Format(time.RFC3339))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestEveryInstantIsAmongThoseOfItsWall turns instants into readings and back.
func TestEveryInstantIsAmongThoseOfItsWall(t *testing.T) {
	t.Parallel()
	loaded := map[string]*time.Location{}
	for _, name := range zones() {
		loaded[name] = zone(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		z := loaded[rapid.SampledFrom(zones()).Draw(t, "zone")]
		at := time.Unix(rapid.Int64Range(946_684_800, 2_208_988_800).Draw(t, "at"), 0).In(z)
		if change, _ := at.ZoneBounds(); !change.IsZero() {
			at = change.Add(time.Duration(rapid.Int64Range(-5*3600, 5*3600).Draw(t, "away")) * time.Second)
		}
		w := series.Wall{Year: at.Year(), Month: at.Month(), Day: at.Day(), Hour: at.Hour(), Min: at.Minute(), Second: at.Second()}
		found := false
		for _, i := range w.Instants(z) {
			found = found || i.Equal(at)
		}
		if !found {
			t.Fatalf("%s is not among %v", at, w.Instants(z))
		}
	})
}
