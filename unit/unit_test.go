package unit_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/unit"
)

// TestCostOfEnergy holds the vectors that the house rules state for money.
func TestCostOfEnergy(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		price  unit.Price
		energy unit.Energy
		want   unit.Amount
	}{
		"50.00 per MWh, 1 MW for five minutes":      {50 * unit.PerMWh, unit.Megawatt.Over(300 * time.Second), 4_166_667},
		"-31.25 per MWh, 18 MW for five minutes":    {-31_250_000, (18 * unit.Megawatt).Over(300 * time.Second), -46_875_000},
		"100.00 per MWh, 100 MW for an hour":        {100 * unit.PerMWh, (100 * unit.Megawatt).Over(time.Hour), 10_000_000_000},
		"a millionth, half a MWh: half to even":     {1, unit.MegawattHour / 2, 0},
		"a millionth, one and a half: half to even": {1, unit.MegawattHour * 3 / 2, 2},
		"a millionth, two and a half: half to even": {1, unit.MegawattHour * 5 / 2, 2},
		"the same for what is fed in":               {1, -unit.MegawattHour * 3 / 2, -2},
		"nothing costs nothing":                     {100 * unit.PerMWh, 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.price.Of(c.energy); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestValueOfBitcoin(t *testing.T) {
	t.Parallel()
	if got := unit.Bitcoin.Value(100_000 * unit.Unit); got != 100_000_000_000 {
		t.Errorf("one BTC at 100,000.00 is %d", got)
	}
	if got := (21_000_000 * unit.Bitcoin).Value(100_000 * unit.Unit); got != 2_100_000_000_000_000_000 {
		t.Errorf("all bitcoin at 100,000.00 are %d", got)
	}
}

func TestConversions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ got, want int64 }{
		"18 MW for 5 minutes, joules":            {int64((18 * unit.Megawatt).Over(5 * time.Minute)), 5_400_000_000},
		"a watt for half a second, half to even": {int64(unit.Watt.Over(time.Second / 2)), 0},
		"three watts for half a second":          {int64((3 * unit.Watt).Over(time.Second / 2)), 2},
		"fed in for a quarter of an hour":        {int64((-unit.Megawatt).Over(15 * time.Minute)), -900_000_000},
		"mean of one MWh over 15 minutes":        {int64(unit.MegawattHour.Mean(15 * time.Minute)), 4_000_000},
		"1 MW at PUE 1.25":                       {int64(unit.Megawatt.Scale(1_250_000)), 1_250_000},
		"1.25 MW metered at PUE 1.25":            {int64((1_250_000 * unit.Watt).Unscale(1_250_000)), 1_000_000},
		"40 per MWh scaled by 0.5":               {int64((40 * unit.PerMWh).Scale(500_000)), 20_000_000},
		"20 per MWh unscaled by 0.5":             {int64((20 * unit.PerMWh).Unscale(500_000)), 40_000_000},
		"demand of 12.5 MW at 8,000 a MW":        {int64(unit.DemandRate(8_000 * unit.Unit).Of(12_500 * unit.Kilowatt)), 100_000_000_000},
		"3,510 W for 200 TH/s, J/TH":             {int64(unit.EfficiencyOf(3_510, 200*unit.Terahash)), 17_550},
		"a petahash for a day at 50":             {int64(unit.Hashprice(50_000_000).Of(unit.Petahash.Over(24 * time.Hour))), 50_000_000},
		"an exahash for a day at 42,151,899":     {int64(unit.HashYield(42_151_899).Of((1000 * unit.Petahash).Over(24 * time.Hour))), 42_151_899},
		"a petahash for a day at 42,151,899":     {int64(unit.HashYield(42_151_899).Of(unit.Petahash.Over(24 * time.Hour))), 42_152},
	}
	for name, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: got %d, want %d", name, c.got, c.want)
		}
	}
}

func TestWordsForPeople(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"18.000 MW": (18 * unit.Megawatt).String(), "-2.500 MW": (-2_500 * unit.Kilowatt).String(), "999.9 kW": (999_900 * unit.Watt).String(),
		"-7 W": (-7 * unit.Watt).String(), "-31.25/MWh": unit.Price(-31_250_000).String(), "0.05": unit.Amount(50_000).String(),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestMulDivAgainstBigIntegers compares with an oracle that cannot overflow.
func TestMulDivAgainstBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		c := rapid.Int64Range(1, math.MaxInt64).Draw(t, "c")
		want := oracle(a, b, c)
		got, panicked := tried(a, b, c)
		if panicked == want.IsInt64() {
			t.Fatalf("%d*%d/%d is %v: panicked %v", a, b, c, want, panicked)
		}
		if !panicked && want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%d*%d/%d: got %d, want %v", a, b, c, got, want)
		}
	})
}

// TestMulDivTies meets the exact halves that random numbers miss.
func TestMulDivTies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		half := rapid.Int64Range(1, 1<<30).Draw(t, "half")
		odd := 2*rapid.Int64Range(-1<<30, 1<<30).Draw(t, "n") + 1
		got, want := unit.MulDiv(half, odd, 2*half), oracle(half, odd, 2*half)
		if want.Cmp(big.NewInt(got)) != 0 || got%2 != 0 {
			t.Fatalf("%d halves: got %d, want %v", odd, got, want)
		}
	})
}

func TestMulDivIsSymmetric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "a")
		b := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "b")
		c := max(a, -a, b, -b, 1)
		v := unit.MulDiv(a, b, c)
		if unit.MulDiv(b, a, c) != v || unit.MulDiv(-a, b, c) != -v || unit.MulDiv(a, -b, c) != -v || unit.MulDiv(-a, -b, c) != v {
			t.Fatalf("%d*%d/%d changes with its signs or order", a, b, c)
		}
	})
}

func TestMulDivAtTheEdges(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		a, b, c, want int64
		panics        bool
	}{
		"the least integer is kept":       {a: math.MinInt64, b: 1, c: 1, want: math.MinInt64},
		"the least integer, the long way": {a: math.MinInt64, b: math.MaxInt64, c: math.MaxInt64, want: math.MinInt64},
		"its negative does not fit":       {a: math.MinInt64, b: -1, c: 1, panics: true},
		"the greatest integer is kept":    {a: math.MaxInt64, b: math.MaxInt64, c: math.MaxInt64, want: math.MaxInt64},
		"twice the greatest":              {a: math.MaxInt64, b: 2, c: 1, panics: true},
		"rounded beyond the greatest":     {a: math.MaxInt64, b: math.MaxInt64, c: math.MaxInt64 - 1, panics: true},
		"a divisor of zero":               {a: 1, b: 1, c: 0, panics: true},
		"a negative divisor":              {a: 1, b: 1, c: -1, panics: true},
		"a rest with its top bit set":     {a: math.MaxInt64 - 1, b: 1, c: math.MaxInt64, want: 1},
	}
	for name, c := range cases {
		got, panicked := tried(c.a, c.b, c.c)
		if panicked != c.panics || got != c.want {
			t.Errorf("%s: got %d, panicked %v", name, got, panicked)
		}
	}
}

func tried(a, b, c int64) (v int64, panicked bool) {
	defer func() { panicked = recover() != nil }()
	return unit.MulDiv(a, b, c), false
}

// oracle rounds half to even with integers of any size.
func oracle(a, b, c int64) *big.Int {
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	floor, rest := new(big.Int).DivMod(product, big.NewInt(c), new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(big.NewInt(c)) {
	case 1:
		floor.Add(floor, big.NewInt(1))
	case 0:
		floor.Add(floor, new(big.Int).And(floor, big.NewInt(1)))
	}
	return floor
}

// TestScaleUp is a true ceiling: never below the product, and less than a watt
// above it, also where the product does not fit 64 bits.
func TestScaleUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    unit.Power
		r    unit.Ratio
		want unit.Power
	}{{0, 1_050_000, 0}, {1, 1_000_001, 2}, {1_000_000, 1_050_000, 1_050_000}, {20, 1_050_000, 21}, {21, 1_050_000, 23}, {40_000_000_000_000, 1_050_001, 42_000_040_000_000}} {
		if got := c.p.ScaleUp(c.r); got != c.want {
			t.Errorf("%d W times %d millionths is %d W, want %d", c.p, c.r, got, c.want)
		}
	}
}
