package hosting_test

import (
	"testing"
	"time"

	"sluice/unit"
	"sluice/use/hosting"
)

// TestWorth: what a MWh at the meter is worth, for published prices and powers.
func TestWorth(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		price unit.Amount
		each  unit.Power
		want  unit.Price
	}{
		"H100 spot at 0.80":         {800_000, 1_400, 457_142_857},
		"H100 spot at 1.25":         {1_250_000, 1_400, 714_285_714},
		"B200 class at 1.25":        {1_250_000, 2_640, 378_787_878},
		"GB300 class at 2.91":       {2_910_000, 2_640, 881_818_182},
		"B300 list at 6.99":         {6_990_000, 2_640, 2_118_181_818},
		"nothing without its power": {6_990_000, 0, 0},
	} {
		if got := hosting.Worth(c.price, c.each).Unscale(1_250_000); got != c.want {
			t.Errorf("%s: %d, want %d", sentence, got, c.want)
		}
	}
}

// TestBreakEven: a GPU-hour that earns what mining at 18 J/TH earns on the same power.
func TestBreakEven(t *testing.T) {
	t.Parallel()
	if got := hosting.BreakEven(104_166_667, 2_640, 1_250_000); got != 343_750 {
		t.Errorf("%d, want 0.343750", got)
	}
}

// TestEviction: short calls do not pay an eviction even of spot work.
func TestEviction(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		price unit.Amount
		lost  time.Duration // since the save, and the restart
		call  time.Duration
		want  unit.Price
	}{
		"0.80, a quarter saved, a quarter of an hour": {800_000, 21 * time.Minute, 15 * time.Minute, 1_280 * unit.PerMWh},
		"an hour":                      {800_000, 21 * time.Minute, time.Hour, 720 * unit.PerMWh},
		"four hours":                   {800_000, 21 * time.Minute, 4 * time.Hour, 580 * unit.PerMWh},
		"1.25, an hour since it saved": {1_250_000, 66 * time.Minute, 15 * time.Minute, 4_500 * unit.PerMWh},
		"the same for an hour":         {1_250_000, 66 * time.Minute, time.Hour, 1_750 * unit.PerMWh},
		"the same for four":            {1_250_000, 66 * time.Minute, 4 * time.Hour, 1_062_500_000},
		"no call at all":               {1_250_000, time.Hour, 0, 0},
	} {
		if got := hosting.Eviction(c.price, 1_200, c.lost, c.call).Unscale(1_250_000); got != c.want {
			t.Errorf("%s: %v, want %v", sentence, got, c.want)
		}
	}
}

// TestDiscount: fifty hours at 1,000 gain 165 a GPU-year, 0.647 % of 2.91.
func TestDiscount(t *testing.T) {
	t.Parallel()
	gain, most := hosting.Discount(hosting.Flex{Hours: 50 * time.Hour}, 1_000*unit.PerMWh, 3_300, 2_910_000, unit.One)
	if gain != 165*unit.Unit || most != 6_473 {
		t.Errorf("a gain of %v and a discount of %d millionths, want 165.00 and 6,473", gain, most)
	}
	if _, most = hosting.Discount(hosting.Flex{Hours: 50 * time.Hour}, 1_000*unit.PerMWh, 3_300, 0, unit.One); most != 0 {
		t.Errorf("a discount of %d of a price of nothing", most)
	}
}
