package mining

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/unit"
)

const dollar = unit.Price(1_000_000)

// stepRow is a step as the reference states it, rounded.
type stepRow struct {
	Watts             unit.Power
	Average, Marginal float64 // J/TH, one decimal
	Worth             float64 // USD per IT MWh at hashprice 40, two decimals
}

func rows(steps []Step) []stepRow {
	var out []stepRow
	for _, s := range steps {
		w := s.Worth(40_000_000, 0, 0)
		average, marginal := jth(s.To.Power, s.To.Hashrate), jth(s.Power, s.Hashrate)
		out = append(out, stepRow{s.To.Power, round(average, 1), round(marginal, 1), round(w.Float(), 2)})
	}
	return out
}

// jth is J/TH without the rounding to thousandths.
func jth(p unit.Power, h unit.Hashrate) float64 { return 1000 * float64(p) / float64(h) }

func round(v float64, digits int) float64 {
	scale := math.Pow(10, float64(digits))
	return math.Round(v*scale) / scale
}

func TestHullOfKnownMachines(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		model, firmware string
		limit           unit.Power
		want            []stepRow
	}{
		"S21: the sweet spot at 3.0 kW, then dearer step by step": {"Antminer S21", "", 4180, []stepRow{
			{3000, 17.1, 17.1, 97.22}, {3220, 17.2, 18.3, 90.91}, {3500, 17.5, 21.5, 77.38}, {3820, 17.9, 24.6, 67.71}, {4180, 18.5, 27.7, 60.19},
		}},
		"S21 held at its nameplate": {"Antminer S21", "", 3500, []stepRow{
			{3000, 17.1, 17.1, 97.22}, {3220, 17.2, 18.3, 90.91}, {3500, 17.5, 21.5, 77.38},
		}},
		"S19j Pro on LuxOS: 27.6 J/TH at 1,714 W, then 28 to 38": {"Antminer S19j Pro", "LuxOS", 3830, []stepRow{
			{1714, 27.6, 27.6, 60.39},
			{1852, 27.6, 28.2, 59.18},
			{1994, 27.8, 29.6, 56.34},
			{2142, 27.9, 30.2, 55.18},
			{2297, 28.1, 31.6, 52.69},
			{2459, 28.4, 33.1, 50.41},
			{2627, 28.7, 34.3, 48.61},
			{3126, 29.5, 34.7, 48.10},
			{3296, 29.8, 35.4, 47.06},
			{3470, 30.1, 36.3, 45.98},
			{3648, 30.3, 37.1, 44.94},
			{3830, 30.6, 37.9, 43.96},
		}},
		"S19j Pro on VNish": {"Antminer S19j Pro", "VNish", 2970, []stepRow{
			{1850, 24.3, 24.3, 68.47}, {2000, 25.0, 37.5, 44.44}, {2500, 27.2, 41.7, 40.00}, {2700, 28.1, 50.0, 33.33}, {2970, 29.7, 67.5, 24.69},
		}},
		"S21 Hydro: the nameplate beats what was measured below it": {"Antminer S21 Hyd", "", 5360, []stepRow{{5360, 16.0, 16.0, 104.17}}},
		"S19k Pro: mixed tuning tiers leave two steps":              {"Antminer S19k Pro", "", 4860, []stepRow{{2760, 23.0, 23.0, 72.46}, {4860, 25.9, 30.9, 53.97}}},
		"a nameplate alone is one step":                             {"Antminer T21", "", 3610, []stepRow{{3610, 19, 19, 87.72}}},
		"nothing below the limit":                                   {"Antminer T21", "", 3609, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			curve, err := model(t, c.model).Curve(c.firmware)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, rows(Hull(curve.Points, c.limit))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHullIsConcaveAndAboveEveryPoint(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		points := anyPoints(t)
		limit := unit.Power(rapid.IntRange(400, 9000).Draw(t, "limit"))
		steps := Hull(points, limit)
		var inside []Point
		for _, p := range points {
			if p.Power <= limit {
				inside = append(inside, p)
			}
		}
		if len(inside) == 0 {
			if steps != nil {
				t.Fatalf("steps %v from no points", steps)
			}
			return
		}
		front := Front(inside)
		if top := steps[len(steps)-1].To; top != front[len(front)-1] {
			t.Fatalf("the hull ends at %v, the front at %v", top, front[len(front)-1])
		}
		from := Point{}
		for k, s := range steps {
			if s.To.Power != from.Power+s.Power || s.To.Hashrate != from.Hashrate+s.Hashrate || s.Power <= 0 || s.Hashrate <= 0 {
				t.Fatalf("step %d %+v does not join %v", k, s, from)
			}
			if k > 0 && int64(s.Hashrate)*int64(steps[k-1].Power) >= int64(steps[k-1].Hashrate)*int64(s.Power) {
				t.Fatalf("step %d is no dearer per hash than the one before", k)
			}
			for _, p := range inside {
				if int64(p.Hashrate-from.Hashrate)*int64(s.Power) > int64(s.Hashrate)*int64(p.Power-from.Power) {
					t.Fatalf("%v lies above step %d", p, k)
				}
			}
			from = s.To
		}
	})
}

func TestWorthOfAnEfficiency(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		hashprice unit.Hashprice
		e         unit.Efficiency
		fee       unit.Ratio
		cost      unit.Price
		pue       unit.Ratio
		want      unit.Price
	}{
		"hashprice 39 at 17.5 J/TH":             {39_000_000, 17_500, 0, 0, unit.One, 92_857_143},
		"hashprice 40 at 17.1 J/TH":             {40_000_000, 17_100, 0, 0, unit.One, 97_465_887},
		"hashprice 40 at 21.5 J/TH":             {40_000_000, 21_500, 0, 0, unit.One, 77_519_380},
		"hashprice 40 at 27.7 J/TH":             {40_000_000, 27_700, 0, 0, unit.One, 60_168_472},
		"hashprice 35 at 17.5 J/TH":             {35_000_000, 17_500, 0, 0, unit.One, 83_333_333},
		"fee 1 % and PUE 1.03":                  {35_000_000, 18_500, 10_000, 0, 1_030_000, 75_767_515},
		"what operating costs is taken off":     {39_000_000, 17_500, 0, 2 * dollar, unit.One, 90_857_143},
		"operating cost can eat all of it":      {1_000_000, 20_000, 0, 5 * dollar, unit.One, -2_916_667},
		"the PUE divides what reaches the hash": {40_000_000, 20_000, 0, 0, 1_250_000, 66_666_667},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := BreakEven(c.hashprice, c.e, c.fee, c.cost, c.pue); got != c.want {
				t.Errorf("break-even %d instead of %d", got, c.want)
			}
			if got := Worth(c.hashprice, c.e, c.fee, c.cost); c.pue == unit.One && got != c.want {
				t.Errorf("worth %d instead of %d", got, c.want)
			}
		})
	}
}

func TestWorthOfAStepAgreesWithItsEfficiency(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hp := unit.Hashprice(rapid.Int64Range(1_000_000, 500_000_000).Draw(t, "hashprice"))
		fee := unit.Ratio(rapid.Int64Range(0, 999_999).Draw(t, "fee"))
		cost := unit.Price(rapid.Int64Range(0, 20_000_000).Draw(t, "cost"))
		for _, s := range Hull(anyPoints(t), powerMax) {
			exact, rounded := s.Worth(hp, fee, cost), Worth(hp, s.Marginal(), fee, cost)
			// The rounded J/TH is off by half a thousandth at most.
			if off := exact - rounded; max(off, -off) > 2+(rounded+cost)/(2*unit.Price(s.Marginal()))+1 {
				t.Fatalf("step %+v: %d from watts and hashes, %d from J/TH", s, exact, rounded)
			}
		}
	})
}
