package hosting_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/gpu"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

func expect(t *testing.T, f hosting.Forecast, in series.Interval, mean, high unit.Power) {
	t.Helper()
	if m, h := f.Expect(in, time.UTC); m != mean || h != high {
		t.Errorf("expected at %s: %v in the mean and %v at most, want %v and %v", in.Start, m, h, mean, high)
	}
}

// TestForecast: a seed before anything was measured, then what was measured in each
// hour of the week, and never the nameplate again.
func TestForecast(t *testing.T) {
	t.Parallel()
	monday := utc(2025, 9, 8, 0)
	f := hosting.NewForecast(100_000, 70_000, 90_000)
	expect(t, f, series.Interval{Start: monday, Length: time.Hour}, 70_000, 90_000)
	f = f.Observe(monday, 20_000, time.UTC)
	expect(t, f, series.Interval{Start: monday.Add(100 * time.Hour), Length: time.Hour}, 20_000, 20_000)
	for i := range 4 * 7 * 24 * 12 { // four weeks: 60 kW by day, 20 kW by night, one measurement in six 90 kW
		at := monday.Add(time.Duration(i) * 5 * time.Minute)
		drawn := unit.Power(20_000)
		if h := at.Hour(); h >= 8 && h < 20 {
			drawn = 60_000
			if i%6 == 0 {
				drawn = 90_000
			}
		}
		f = f.Observe(at, drawn, time.UTC)
	}
	later := utc(2025, 10, 15, 0)
	expect(t, f, series.Interval{Start: later.Add(3 * time.Hour), Length: time.Hour}, 20_000, 20_000)
	expect(t, f, series.Interval{Start: later.Add(10 * time.Hour), Length: 5 * time.Minute}, 65_000, 90_000)
	expect(t, f, series.Interval{Start: later.Add(7 * time.Hour), Length: 2 * time.Hour}, (20_000+65_000)/2, (20_000+90_000)/2)
	if diff := cmp.Diff(series.Profile[unit.Power]{20_000, 65_000}, f.Loads(hours(later.Add(7*time.Hour), 2), time.UTC)); diff != "" {
		t.Error(diff)
	}
}

// TestForecastFollows: what was measured last moves the hours that follow, half as much each.
func TestForecastFollows(t *testing.T) {
	t.Parallel()
	monday := utc(2025, 9, 8, 0)
	f := hosting.NewForecast(100_000, 0, 0)
	for i := range 3 * 7 * 24 * 6 {
		f = f.Observe(monday.Add(time.Duration(i)*10*time.Minute), 40_000, time.UTC)
	}
	at := utc(2025, 9, 29, 0)
	before, _ := f.Expect(series.Interval{Start: at, Length: time.Hour}, time.UTC)
	f = f.Observe(at, 40_000+19*1_600, time.UTC) // one of 19 measurements of this hour: its mean rises by 1,600
	for ahead, want := range map[time.Duration]unit.Power{5 * time.Minute: 41_600 + 28_800, time.Hour: 40_000 + 14_400, 2 * time.Hour: 40_000 + 7_200, 6 * time.Hour: 40_000} {
		got, _ := f.Expect(series.Interval{Start: at.Add(ahead), Length: time.Hour}, time.UTC)
		if off := got - want; before != 40_000 || off < -50 || off > 50 {
			t.Errorf("%s ahead: %v, want %v", ahead, got, want)
		}
	}
	if g := f.Observe(at.Add(-time.Hour), 1, time.UTC); g.Last != f.Last {
		t.Error("a measurement of before the last one was taken")
	}
	if g := f.Observe(at.Add(time.Hour), -1, time.UTC); g.Last != f.Last {
		t.Error("a power below nothing was taken")
	}
}

// TestForecastForgets: after months of another load the old one is gone.
func TestForecastForgets(t *testing.T) {
	t.Parallel()
	at := utc(2025, 1, 6, 0)
	f := hosting.NewForecast(100_000, 0, 0)
	for i := range 900 {
		drawn := unit.Power(80_000)
		if i >= 300 {
			drawn = 20_000
		}
		for range 12 {
			f = f.Observe(at.Add(time.Duration(i)*7*24*time.Hour), drawn, time.UTC)
		}
	}
	mean, high := f.Expect(series.Interval{Start: at.Add(1000 * 7 * 24 * time.Hour), Length: time.Hour}, time.UTC)
	if mean > 20_100 || high != 25_000 {
		t.Errorf("%v in the mean and %v at most", mean, high)
	}
}

// TestSeeded: before anything is measured, the shape of servers that were.
func TestSeeded(t *testing.T) {
	t.Parallel()
	drawn, err := gpu.StandardDrawn()
	if err != nil {
		t.Fatal(err)
	}
	mean, high := hosting.Seeded(65_540, drawn.Server).Expect(series.Interval{Start: utc(2025, 1, 1, 0), Length: time.Hour}, time.UTC)
	if mean < 29_000 || mean > 29_700 || high != 48_510 {
		t.Errorf("%v in the mean and %v at most: AcmeTrace has 2,930 and 4,851 of 6,554 W", mean, high)
	}
	if mean, high = hosting.Seeded(100, gpu.Drawn{}).Expect(series.Interval{Start: utc(2025, 1, 1, 0), Length: time.Hour}, time.UTC); mean != 100 || high != 100 {
		t.Errorf("without data %v and %v, not the capacity", mean, high)
	}
}

// TestForecastIsSound: a forecast is pure, lies in order, and within what was measured
// once the last measurement is old.
func TestForecastIsSound(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	rapid.Check(t, func(t *rapid.T) {
		f := hosting.NewForecast(1_000, 500, 700)
		at := utc(2025, 10, 25, 0)
		least, most := unit.Power(1<<40), unit.Power(0)
		for range rapid.IntRange(1, 60).Draw(t, "measurements") {
			drawn := unit.Power(rapid.Int64Range(0, 1_500).Draw(t, "drawn"))
			least, most = min(least, drawn), max(most, drawn)
			at = at.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "later")) * time.Minute)
			was, _ := f.Expect(series.Interval{Start: at, Length: time.Hour}, z)
			next := f.Observe(at, drawn, z)
			if again, _ := f.Expect(series.Interval{Start: at, Length: time.Hour}, z); again != was {
				t.Fatalf("a forecast of %v became %v", was, again)
			}
			f = next
		}
		mean, high := f.Expect(series.Interval{Start: at.Add(7 * time.Hour), Length: time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour}, z)
		if mean < least || mean > high || high > most {
			t.Fatalf("%v in the mean and %v at most of %v to %v", mean, high, least, most)
		}
	})
}
