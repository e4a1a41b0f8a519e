package tables

import (
	"math"
	"slices"
	"sort"
	"testing"
	"time"
	_ "time/tzdata"

	"sluice/unit"
	"sluice/use/mining"
)

func TestPriceStatisticsByLocalYear(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	years := map[int][]float64{}
	for _, row := range records(t, "ercot_hb_houston_rt15_2021-2025.csv.gz") {
		at, err := time.Parse(time.RFC3339, row[0])
		if err != nil {
			t.Fatal(err)
		}
		y := at.In(zone).Year()
		years[y] = append(years[y], number(t, row[1]))
	}
	for year, want := range map[int]struct {
		n                 int
		mean, median, p99 float64
		scarce            int
		negative          float64 // percent
	}{
		2021: {34368, 153.38, 26.48, 8796.14, 425, 1.78},
		2022: {35040, 69.05, 46.59, 511.90, 24, 1.15},
		2023: {35040, 49.58, 21.62, 571.65, 56, 1.41},
		2024: {35136, 26.89, 19.95, 134.41, 6, 1.54},
		2025: {35040, 33.05, 26.28, 130.48, 0, 1.69},
	} {
		prices := years[year]
		sort.Float64s(prices)
		sum, scarce, negative := 0.0, 0, 0
		for _, p := range prices {
			sum += p
			if p >= 4000 {
				scarce++
			}
			if p < 0 {
				negative++
			}
		}
		n := len(prices)
		if n != want.n || scarce != want.scarce {
			t.Errorf("%d: %d intervals, %d scarce instead of %d, %d", year, n, scarce, want.n, want.scarce)
		}
		for what, pair := range map[string][2]float64{
			"mean": {want.mean, sum / float64(n)}, "median": {want.median, (prices[(n-1)/2] + prices[n/2]) / 2},
			"p99": {want.p99, prices[n*99/100]}, "negative %": {want.negative, 100 * float64(negative) / float64(n)},
		} {
			if math.Abs(pair[0]-pair[1]) > 0.005+1e-9 {
				t.Errorf("%d: %s %.4f instead of %.2f", year, what, pair[1], pair[0])
			}
		}
	}
}

// modes is what a fleet earns in a year under three policies, in USD per MW of full power.
type modes struct{ Always, OnOff, Best float64 }

// run sums the modes by year over raw presets, the full one last.
func run(all []quarter, presets []mining.Point) map[int]modes {
	full := presets[len(presets)-1]
	years := map[int]modes{}
	scale := 1e6 / float64(full.Power)
	for _, q := range all {
		best := 0.0
		for _, p := range presets {
			best = max(best, margin(q, p))
		}
		y, atFull := years[q.Year], margin(q, full)
		y.Always += scale * atFull
		y.OnOff += scale * max(0, atFull)
		y.Best += scale * best
		years[q.Year] = y
	}
	return years
}

// margin is what one machine at a preset earns in a quarter of an hour, in USD.
func margin(q quarter, p mining.Point) float64 {
	ths := float64(p.Hashrate) / float64(unit.Terahash)
	return q.Hashprice/1000/24*quarterHours*ths - float64(p.Power)*quarterHours/1e6*q.Price
}

func TestPowerModes(t *testing.T) {
	t.Parallel()
	all := quarters(t)
	c, err := mining.Standard()
	if err != nil {
		t.Fatal(err)
	}
	for sentence, fleet := range map[string]struct {
		firmware string
		full     mining.Point
		want     map[int]modes
	}{
		"S19j Pro on LuxOS, full at 3,126 W": {"LuxOS", mining.Point{Power: 3126, Hashrate: 105_800}, map[int]modes{
			2021: {2512443, 3460884, 3461004}, 2022: {921753, 1064147, 1064437}, 2023: {490391, 689611, 689773},
			2024: {563596, 598295, 598479}, 2025: {336110, 359447, 359858},
		}},
		"S19j Pro on VNish, full at 2,970 W": {"VNish 1.2.6", mining.Point{Power: 2970, Hashrate: 100_000}, map[int]modes{
			2021: {2492624, 3441558, 3443107}, 2022: {913852, 1056505, 1064091}, 2023: {485607, 684979, 687628},
			2024: {559458, 594253, 596848}, 2025: {332873, 356398, 362290},
		}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			presets := slices.DeleteFunc(c.Presets("Bitmain Antminer S19j Pro", fleet.firmware), func(p mining.Point) bool { return p.Power > fleet.full.Power })
			if top := presets[len(presets)-1]; top.Power != fleet.full.Power || top.Hashrate != fleet.full.Hashrate {
				t.Fatalf("the full preset is %v", top)
			}
			got := run(all, presets)
			for year, want := range fleet.want {
				g := got[year]
				if math.Abs(want.Always-g.Always) > 1 || math.Abs(want.OnOff-g.OnOff) > 1 || math.Abs(want.Best-g.Best) > 1 {
					t.Errorf("%d: %.1f, %.1f, %.1f instead of %.0f, %.0f, %.0f", year, g.Always, g.OnOff, g.Best, want.Always, want.OnOff, want.Best)
				}
			}
		})
	}
}
