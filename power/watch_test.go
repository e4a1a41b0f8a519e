package power

import (
	"compress/gzip"
	"encoding/csv"
	"testing"
	"time"

	"sluice/internal/beside"
	"sluice/unit"
)

// column reads one column of an hourly file by its start in UTC; empty values are left out.
func column(t *testing.T, name, of string) map[time.Time]unit.Power {
	t.Helper()
	z, err := gzip.NewReader(beside.Open(t, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at, out := -1, make(map[time.Time]unit.Power, len(rows))
	for i, h := range rows[0] {
		if h == of {
			at = i
		}
	}
	for _, r := range rows[1:] {
		if r[at] == "" {
			continue
		}
		start, err := time.Parse(time.RFC3339, r[0])
		if err != nil {
			t.Fatal(err)
		}
		out[start] = unit.Power(money(t, r[at])) // millionths of a MW are watts
	}
	return out
}

// TestWatchCatchesTheCountedHours replays the rule of the formula page on the
// grid's own load and forecast: curtailed hours and hits as published there.
func TestWatchCatchesTheCountedHours(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	actual := column(t, "ercot_native_load_hourly_2021-2025.csv.gz", "ercot_mw")
	forecast := column(t, "ercot_hubavg_dam_load_fc_temp_hourly_2024-2025-11.csv.gz", "da_load_forecast_mw")
	cases := map[string]struct {
		ratio      unit.Ratio
		year       int
		days, hits int
	}{
		"0.98 in 2024": {980_000, 2024, 54, 4},
		"0.98 in 2025": {980_000, 2025, 71, 4},
		"0.96 in 2024": {960_000, 2024, 68, 4},
		"0.96 in 2025": {960_000, 2025, 84, 4},
		"1.00 in 2024": {1_000_000, 2024, 38, 3},
		"1.00 in 2025": {1_000_000, 2025, 51, 4},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := Watch{Ratio: c.ratio, Hours: []Hours{{16 * time.Hour, 18 * time.Hour}}}
			days, hits := 0, 0
			for month := time.June; month <= time.September; month++ {
				var peak time.Time
				alarmed := map[Date]bool{}
				toDate := unit.Power(0)
				for day := time.Date(c.year, month, 1, 0, 0, 0, 0, z); day.Month() == month; day = day.AddDate(0, 0, 1) {
					highest, expected := unit.Power(0), unit.Power(0)
					for h := day; h.Before(day.AddDate(0, 0, 1)); h = h.Add(time.Hour) {
						highest, expected = max(highest, actual[h.UTC()]), max(expected, forecast[h.UTC()])
						if actual[h.UTC()] > actual[peak.UTC()] {
							peak = h
						}
					}
					if w.Alarmed(expected, toDate) {
						days++
						alarmed[DateOf(day)] = true
					}
					toDate = max(toDate, highest)
				}
				if alarmed[DateOf(peak)] && holdHours(w.Hours, peak) {
					hits++
				}
			}
			if days != c.days || hits != c.hits {
				t.Errorf("%d days and %d of 4 hits, want %d and %d", days, hits, c.days, c.hits)
			}
		})
	}
}
