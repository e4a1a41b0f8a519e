// Package tables recomputes published tables of value from real prices with
// the product's own hashprice, curves and formulas. It holds tests only.
//
// Every figure is in USD per MW of load at the meter, PUE 1, no pool fee, no
// adders, no restart loss. Tolerance: 1 USD on sums, exact on counts.
package tables

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/internal/beside"
	"sluice/unit"
	"sluice/use/mining"
)

// open opens a file of the shared data next to the checkout, or skips.
func open(t *testing.T, name string) io.Reader {
	t.Helper()
	f := beside.Open(t, "data", name)
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return z
}

// records reads all rows of a shared CSV file below its heading.
func records(t *testing.T, name string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(open(t, name)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), err)
	}
	return rows[1:]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// quarter is one settlement interval of 15 minutes with the hashprice of its UTC day.
type quarter struct {
	Year      int
	Price     float64 // USD per MWh
	Hashprice float64 // USD per PH/s and day
}

const quarterHours = 0.25

// quarters joins the Houston hub with the hashprice that the product computes
// from the network of the day; intervals of days without one are dropped.
func quarters(t *testing.T) []quarter {
	t.Helper()
	days := hashprices(t)
	var out []quarter
	for _, row := range records(t, "ercot_hb_houston_rt15_2021-2025.csv.gz") {
		at, err := time.Parse(time.RFC3339, row[0])
		if err != nil {
			t.Fatal(err)
		}
		if hp, known := days[row[0][:len(time.DateOnly)]]; known {
			out = append(out, quarter{at.Year(), number(t, row[1]), hp})
		}
	}
	return out
}

// hashprices is the hashprice of every UTC day, which must agree with the one
// published beside it to 1e-6 and half of its last printed digit.
func hashprices(t *testing.T) map[string]float64 {
	t.Helper()
	days := map[string]float64{}
	for _, row := range records(t, "btc_daily.csv") {
		if row[0] < "2021" {
			continue
		}
		n := mining.Network{
			Price: unit.Amount(unit.FromFloat(number(t, row[1]))), Difficulty: int64(math.RoundToEven(number(t, row[2]))),
			Reward: unit.Satoshi(math.Round(number(t, row[5]) * 1e8)),
		}
		hp, published := n.Hashprice().Float(), number(t, row[7])
		if math.Abs(hp-published) > 1e-6*published+0.5e-4 {
			t.Errorf("%s: hashprice %v, published %v", row[0], hp, published)
		}
		days[row[0]] = hp
	}
	return days
}

func TestYearMeansOfHashprice(t *testing.T) {
	t.Parallel()
	sum, n := map[string]float64{}, map[string]float64{}
	for day, hp := range hashprices(t) {
		sum[day[:4]], n[day[:4]] = sum[day[:4]]+hp, n[day[:4]]+1
	}
	for year, want := range map[string]float64{"2021": 315.04, "2022": 123.59, "2023": 74.85, "2024": 64.56, "2025": 50.64} {
		if got := sum[year] / n[year]; math.Abs(got-want) > 0.005 {
			t.Errorf("%s: mean hashprice %.4f instead of %.2f", year, got, want)
		}
	}
}

// outcome is a year of one machine at the price of power.
type outcome struct {
	Intervals                          int
	Always, Curtailed, Gain, Lag, Kept float64 // USD; Kept in percent of Gain
	OffHours                           float64
	Stops                              int
}

// curtail runs a machine of e over all quarters and sums by year.
func curtail(all []quarter, e unit.Efficiency) map[int]*outcome {
	years := map[int]*outcome{}
	ran, lagged := true, true
	for i, q := range all {
		y := years[q.Year]
		if y == nil {
			y = &outcome{}
			years[q.Year] = y
		}
		b := mining.Worth(unit.Hashprice(unit.FromFloat(q.Hashprice)), e, 0, 0).Float()
		margin := quarterHours * (b - q.Price)
		runs := b > q.Price
		if i > 0 {
			lagged = all[i-1].Price < b
		}
		y.Intervals++
		y.Always += margin
		if runs {
			y.Curtailed += margin
		} else {
			y.OffHours += quarterHours
		}
		if ran && !runs {
			y.Stops++
		}
		if lagged {
			y.Lag += margin
		}
		ran = runs
	}
	for _, y := range years {
		y.Gain, y.Lag = y.Curtailed-y.Always, y.Lag-y.Always
		y.Kept = 100 * y.Lag / y.Gain
	}
	return years
}

func TestPriceCurtailmentInQuarterHours(t *testing.T) {
	t.Parallel()
	all := quarters(t)
	type row struct {
		year int
		outcome
	}
	for e, want := range map[unit.Efficiency][]row{
		17_500: {
			{2021, outcome{34344, 5148864, 6035609, 886745, 881005, 99.4, 178.25, 35}},
			{2022, outcome{35040, 1972760, 2090214, 117454, 105326, 89.7, 187.25, 201}},
			{2023, outcome{35040, 1126900, 1310242, 183342, 166641, 90.9, 198.00, 221}},
			{2024, outcome{35136, 1114098, 1141465, 27367, 22902, 83.7, 84.50, 130}},
			{2025, outcome{35040, 766747, 777510, 10763, 8457, 78.6, 127.25, 159}},
		},
		30_000: {
			{2021, outcome{34344, 2454522, 3404405, 949883, 940689, 99.0, 202.00, 75}},
			{2022, outcome{35040, 898663, 1041821, 143158, 130095, 90.9, 359.25, 402}},
			{2023, outcome{35040, 476408, 676077, 199669, 186981, 93.6, 310.50, 349}},
			{2024, outcome{35136, 551502, 586487, 34985, 31212, 89.2, 249.00, 262}},
			{2025, outcome{35040, 326649, 350541, 23892, 21758, 91.1, 557.75, 399}},
		},
	} {
		got := curtail(all, e)
		for _, w := range want {
			compare(t, e, w.year, w.outcome, *got[w.year])
		}
	}
}

func compare(t *testing.T, e unit.Efficiency, year int, want, got outcome) {
	t.Helper()
	if want.Intervals != got.Intervals || want.Stops != got.Stops || want.OffHours != got.OffHours {
		t.Errorf("%v J/TH %d: %d intervals, %d stops, %v h off instead of %d, %d, %v",
			e.Float(), year, got.Intervals, got.Stops, got.OffHours, want.Intervals, want.Stops, want.OffHours)
	}
	for what, pair := range map[string][2]float64{
		"always on": {want.Always, got.Always}, "curtailed": {want.Curtailed, got.Curtailed},
		"gain": {want.Gain, got.Gain}, "gain with lag": {want.Lag, got.Lag},
	} {
		if math.Abs(pair[0]-pair[1]) > 1 {
			t.Errorf("%v J/TH %d: %s %.2f instead of %.0f", e.Float(), year, what, pair[1], pair[0])
		}
	}
	if math.Abs(want.Kept-got.Kept) > 0.05+1e-9 {
		t.Errorf("%v J/TH %d: %.2f %% captured instead of %.1f", e.Float(), year, got.Kept, want.Kept)
	}
}
