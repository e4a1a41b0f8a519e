package capital_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/capital"
)

func relative(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*math.Abs(want)
}

// TestSubsidyAt: both sides of every halving that matters.
func TestSubsidyAt(t *testing.T) {
	t.Parallel()
	for height, sat := range map[int64]float64{
		-1: 0, 0: 5_000_000_000, 209_999: 5_000_000_000, 210_000: 2_500_000_000, 419_999: 2_500_000_000, 420_000: 1_250_000_000,
		630_000: 625_000_000, 839_999: 625_000_000, 840_000: 312_500_000, 1_049_999: 312_500_000, 1_050_000: 156_250_000,
		6_929_999: 1, 6_930_000: 0, 64 * 210_000: 0, math.MaxInt64: 0,
	} {
		if got := capital.SubsidyAt(height); got != sat/1e8 {
			t.Errorf("block %d: %v BTC, want %v sat", height, got, sat)
		}
	}
	// rounded down, all coins that there will ever be
	var all float64
	for era := range int64(34) {
		all += 210_000 * math.Round(capital.SubsidyAt(era*210_000)*1e8)
	}
	if all != 2_099_999_997_690_000 {
		t.Errorf("%v sat in all", all)
	}
}

func TestHashpriceBTC(t *testing.T) {
	t.Parallel()
	for day, c := range map[string]struct{ difficulty, reward, price, btc, usd float64 }{
		"2021-11-10": {21659344833264.85, 6.37358987, 64626.71, 0.005919604334114038, 382.564552615531},
		"2024-04-19": {86388558925171.02, 7.02445463, 63740.37, 0.0016357248952615815, 104.26171004218446},
		"2024-04-20": {86388558925171.02, 12.73966896, 64627.63, 0.002966578157721437, 191.72291554330266},
		"2025-07-14": {126271255279306.98, 3.16463194, 120146.01, 0.0005041648809645603, 60.57339883001687},
		"2025-10-06": {150839487445890.5, 3.16066387, 124672.41, 0.00042151899025447603, 52.55178837579204},
		"2025-11-22": {152271405447597.38, 3.14561188, 84929.48, 0.0004155666251202083, 35.29385737681422},
		"2026-02-05": {141668107417558.25, 3.16896481, 0, 0.00044998621088054516, 0},
		"2026-06-30": {133869853540305.42, 3.15221653, 0, 0.0004736822762964594, 0},
	} {
		got := capital.HashpriceBTC(c.difficulty, c.reward)
		if !relative(got, c.btc, 1e-6) || !relative(got*c.price, c.usd, 1e-6) {
			t.Errorf("%s: %v BTC, %v USD", day, got, got*c.price)
		}
	}
}

func TestStrike(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ got, want float64 }{
		"no fee, no cooling":        {capital.Strike(35, 0, 17.5, 1), 83.33333333333334},
		"with both":                 {capital.Strike(35, 0.01, 18.5, 1.03), 75.76751508790343},
		"energy of a bitcoin":       {capital.EnergyPerBTC(0.000489349, 0, 18, 1), 882.8055232564079},
		"cost of a bitcoin":         {capital.CostPerBTC(44.8, 0.000489349, 0), 91550.20241177564},
		"the network's own strike":  {capital.Efficient(48, 20), 100},
		"8 % leave":                 {capital.Stays(0.08), 0.08 / 0.92},
		"the retarget of epoch 463": {1 + capital.Stays(0.111553), 1 / (1 - 0.111553)},
	} {
		if !relative(c.got, c.want, 1e-9) {
			t.Errorf("%s: %v, want %v", sentence, c.got, c.want)
		}
	}
}

// TestStrikeBreaksEven: at its strike a machine earns just its energy, and what a
// bitcoin costs then is its price.
func TestStrikeBreaksEven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		btc, price := rapid.Float64Range(1e-5, 1e-2).Draw(t, "hashprice"), rapid.Float64Range(1e3, 1e6).Draw(t, "price")
		fee, e, pue := rapid.Float64Range(0, 0.05).Draw(t, "fee"), rapid.Float64Range(10, 100).Draw(t, "J/TH"), rapid.Float64Range(1, 1.6).Draw(t, "PUE")
		strike := capital.Strike(btc*price, fee, e, pue)
		if cost := capital.CostPerBTC(0.024*e*pue*strike, btc, fee); !relative(cost, price, 1e-12) {
			t.Fatalf("a bitcoin costs %v at the strike, and is worth %v", cost, price)
		}
		if cost := capital.EnergyPerBTC(btc, fee, e, pue) * strike; !relative(cost, price, 1e-12) {
			t.Fatalf("its energy costs %v", cost)
		}
	})
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]float64{0: 0.5, 1.2815515655446004: 0.9, -1.6448536269514729: 0.05, 8: 1, -40: 0} {
		if got := capital.Normal(x); math.Abs(got-want) > 1e-15 {
			t.Errorf("at %v: %v, want %v", x, got, want)
		}
	}
}

func TestMonth(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 14*3600)
	for sentence, c := range map[string]struct {
		month capital.Month
		text  string
	}{
		"the last instant":           {capital.MonthOf(time.Date(2026, 11, 30, 23, 59, 59, 999999999, time.UTC)), "2026-11"},
		"already another day there":  {capital.MonthOf(time.Date(2027, 1, 1, 5, 0, 0, 0, east)), "2026-12"},
		"over the turn of the year":  {capital.MonthOf(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)).Add(2), "2027-01"},
		"back over the turn":         {capital.MonthOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).Add(-1), "2025-12"},
		"the first month of all":     {0, "0000-01"},
		"a month before the year 0":  {-1, "-001-12"},
		"twelve before the year 0":   {-12, "-001-01"},
		"thirteen before the year 0": {-13, "-002-12"},
	} {
		if got := c.month.String(); got != c.text {
			t.Errorf("%s: %s, want %s", sentence, got, c.text)
		}
		if begin := c.month.Begin(); capital.MonthOf(begin) != c.month || begin.Day() != 1 || begin.Hour() != 0 || begin.Year() != c.month.Year() {
			t.Errorf("%s: begins %v", sentence, begin)
		}
	}
	for _, text := range []string{"", "2026", "2026-13", "2026-00", "11-2026", "2026-1", "2026-11-01", "November"} {
		if m, err := capital.ParseMonth(text); !errors.Is(err, capital.ErrMonth) {
			t.Errorf("%q: %v, %v", text, m, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m := capital.Month(rapid.IntRange(0, 9999*12+11).Draw(t, "month"))
		if back, err := capital.ParseMonth(m.String()); err != nil || back != m {
			t.Fatalf("%d is %s is %d, %v", m, m, back, err)
		}
	})
}
