package history_test

import (
	"errors"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"sluice/driver/history"
	"sluice/internal/beside"
	"sluice/series"
	"sluice/unit"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// yearOfPrices are the published statistics of one local year.
type yearOfPrices struct {
	N                 int
	Mean, Median, P99 float64
	Spikes            int
	Negative          float64
}

func TestHoustonStatisticsByLocalYear(t *testing.T) {
	t.Parallel()
	p, err := history.ReadPrices(beside.Open(t, "data", "ercot_hb_houston_rt15_2021-2025.csv.gz"), "houston.csv.gz", history.Columns{}, history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]yearOfPrices{
		2021: {34_368, 153.38, 26.48, 8_796.14, 425, 1.78},
		2022: {35_040, 69.05, 46.59, 511.90, 24, 1.15},
		2023: {35_040, 49.58, 21.62, 571.65, 56, 1.41},
		2024: {35_136, 26.89, 19.95, 134.41, 6, 1.54},
		2025: {35_040, 33.05, 26.28, 130.48, 0, 1.69},
	}
	if diff := cmp.Diff(want, statistics(t, p.Series, zone(t, "America/Chicago"))); diff != "" {
		t.Error(diff)
	}
	if p.Source.Rows != 174_624 || p.Series.Grid.Len() != 174_624 || p.Source.Currency != "USD" {
		t.Errorf("read %d rows onto %d intervals in %s", p.Source.Rows, p.Series.Grid.Len(), p.Source.Currency)
	}
	if p.Source.Filled+p.Source.Missing+p.Source.Duplicates+p.Source.Outside+p.Source.Held+p.Source.Averaged != 0 {
		t.Errorf("a clean file was changed: %+v", p.Source)
	}
}

func statistics(t *testing.T, s *series.Series[unit.Price], zone *time.Location) map[int]yearOfPrices {
	t.Helper()
	byYear := map[int][]unit.Price{}
	for i := range s.Grid.Len() {
		v, known := s.Value(i)
		if !known {
			t.Fatalf("interval %d is not known", i)
		}
		y := s.Grid.Start(i).In(zone).Year()
		byYear[y] = append(byYear[y], v)
	}
	out := map[int]yearOfPrices{}
	for y, prices := range byYear {
		slices.Sort(prices)
		n := len(prices)
		var sum int64
		w := yearOfPrices{N: n}
		negative := 0
		for _, p := range prices {
			sum += int64(p)
			if p >= 4000*unit.PerMWh {
				w.Spikes++
			}
			if p < 0 {
				negative++
			}
		}
		cents := func(micro, n int64) float64 { return float64(unit.MulDiv(micro, 1, n*10_000)) / 100 }
		w.Mean, w.Median, w.P99 = cents(sum, int64(n)), cents(int64(prices[n/2-1]+prices[n/2]), 2), cents(int64(prices[n*99/100]), 1)
		w.Negative = float64(unit.MulDiv(int64(negative), 10_000, int64(n))) / 100
		out[y] = w
	}
	return out
}

func TestSwedishSpotSwitchesFrom60To15Minutes(t *testing.T) {
	t.Parallel()
	c := history.Columns{Value: "se1_eur_mwh"}
	p, err := history.ReadPrices(beside.Open(t, "data", "se_spot_2021-11_2025.csv.gz"), "se.csv.gz", c, history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := history.Source{
		Name: "se.csv.gz", Column: "se1_eur_mwh", Rows: 43_155, Currency: "EUR", Zone: "UTC", Label: history.IntervalStart,
		First: time.Date(2021, 10, 31, 23, 0, 0, 0, time.UTC), Last: time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC),
		Steps: []time.Duration{15 * time.Minute, time.Hour}, Step: 15 * time.Minute, Held: 4 * 34_319,
		SHA256: p.Source.SHA256,
	}
	if diff := cmp.Diff(want, p.Source); diff != "" {
		t.Error(diff)
	}
	for at, euro := range map[string]float64{"2021-10-31T23:45:00Z": 13.94, "2025-09-30T21:45:00Z": 0, "2025-09-30T22:00:00Z": 12.71, "2025-10-26T00:45:00Z": 2.16, "2025-10-26T01:00:00Z": 2.50, "2025-12-31T22:45:00Z": 15.26} {
		i, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if v, known := p.Series.At(i); !known || euro != 0 && v.Float() != euro {
			t.Errorf("%s: %v (known %v), want %v", at, v, known, euro)
		}
	}
}

// TestSwedishSpotLengthThatLies uses a row of the real file that says 60
// minutes although the next row follows after 15.
func TestSwedishSpotLengthThatLies(t *testing.T) {
	t.Parallel()
	c := history.Columns{Value: "se1_eur_mwh", Minutes: "minutes"}
	_, err := history.ReadPrices(beside.Open(t, "data", "se_spot_2021-11_2025.csv.gz"), "se.csv.gz", c, history.Options{})
	f, ok := errors.AsType[*history.Fault](err)
	if !ok || f.Line != 36_733 {
		t.Fatalf("got %v", err)
	}
}

func TestBitcoinDaily(t *testing.T) {
	t.Parallel()
	days, src, err := history.ReadBitcoin(beside.Open(t, "data", "btc_daily.csv"), "btc.csv", "USD")
	if err != nil {
		t.Fatal(err)
	}
	if src.Rows != len(days) || src.First.Format(time.DateOnly) != "2011-03-01" || src.Last.Format(time.DateOnly) != "2026-01-01" {
		t.Fatalf("read %+v", src)
	}
	// Vectors of capital_test_vectors.json, USD per PH/s and day.
	want := map[string]float64{"2021-11-10": 382.564553, "2024-04-19": 104.261710, "2024-04-20": 191.722916, "2025-07-14": 60.573399, "2025-10-06": 52.551788, "2025-11-22": 35.293857}
	for _, d := range days {
		if w, ok := want[d.Day.Format(time.DateOnly)]; ok {
			if got := d.Hashprice().Float(); got < w*(1-1e-6) || got > w*(1+1e-6) {
				t.Errorf("%s: hashprice %v, want %v", d.Day.Format(time.DateOnly), got, w)
			}
			delete(want, d.Day.Format(time.DateOnly))
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

func TestHoustonWeather(t *testing.T) {
	t.Parallel()
	a, err := history.ReadTemperatures(beside.Open(t, "data", "weather_houston_hourly_2021-2025.csv.gz"), "w.csv.gz", history.Columns{}, history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	low, high := int64(1<<62), int64(-1<<62)
	for i := range a.Series.Grid.Len() {
		v, _ := a.Series.Value(i)
		low, high = min(low, v), max(high, v)
	}
	if a.Source.Rows != 43_824 || low != -10_900 || high != 41_700 {
		t.Errorf("%d rows from %d to %d", a.Source.Rows, low, high)
	}
}
