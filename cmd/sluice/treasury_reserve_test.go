package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"sluice/capital"
	"sluice/capital/path"
	"sluice/capital/treasury"
)

func stockRead(t *testing.T, args ...string) (out stockJSON) {
	t.Helper()
	if err := json.Unmarshal([]byte(treasuryWell(t, append([]string{"reserve", "--json"}, args...)...)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestStockByHand: the first year of a reserve, month by month.
func TestStockByHand(t *testing.T) {
	t.Parallel()
	got := stockRead(t, "--surplus", "spill", "--years", "1", "--paths", "100", "--btc-price", "90000", "--difficulty", "120e12", "--height", "930340", "--difficulty-growth", "0", "--share", "0.8")
	var energy, spilled, mined, all float64
	for i, x := range got.Season {
		all += x
		days := time.Date(2026, time.Month(i+2), 0, 0, 0, 0, 0, time.UTC).Day()
		used := min(x, 20*24*0.95*float64(days))
		energy, spilled = energy+used, spilled+x-used
		mined += used / (0.024 * 15 * 1.05) * 86_400e15 / (120e12 * (1 << 32)) * (3.125 + 0.024) * 0.99
	}
	x, y := got.Flat, got.ByYear[0]
	for what, pair := range map[string][2]float64{
		"energy": {y.Energy, energy}, "spilled": {y.Spilled, spilled}, "mined": {x.Mined, mined}, "held": {x.Held, 0.8 * mined}, "worth": {x.Value, 0.8 * mined * 90_000},
		"income": {x.Income, 0.2 * mined * 90_000}, "forgone": {x.Forgone, 10 * energy}, "operations": {x.Opex, 5 * energy},
		"cost": {x.Cost, (22e6 + 15*energy) / mined}, "net": {x.Net, (22e6 + 15*energy - x.Income) / x.Held},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-9*pair[1] {
			t.Errorf("%s: %v, by hand %v", what, pair[0], pair[1])
		}
	}
	if all < 60_000 || spilled <= 0 || !got.MadeUp || len(got.Fleets) != 1 || got.Futures.Mined.Counts != 100 {
		t.Errorf("%+v", got)
	}
	none := stockRead(t, "--surplus", "spill", "--years", "1", "--paths", "100", "--worth-per-mwh", "0", "--share", "0")
	if none.Flat.Forgone != 0 || none.Flat.Held != 0 || none.Flat.Net != 0 || none.Futures.Value.P95 != 0 {
		t.Errorf("%+v", none.Flat)
	}
}

// TestStockDecade: fleets come when they are due, halvings when the chain is there, and
// what is not held is sold.
func TestStockDecade(t *testing.T) {
	t.Parallel()
	got := stockRead(t, "--surplus", "spill", "--paths", "100")
	if len(got.Fleets) != 3 || got.Fleets[1].Month != "2030-01" || math.Abs(got.Fleets[1].Efficiency-15*math.Pow(0.914, 4)) > 1e-9 || got.Fleets[2].Capex != 22e6 {
		t.Errorf("%+v", got.Fleets)
	}
	halvings := map[int]string{}
	var mined float64
	for _, y := range got.ByYear {
		mined += y.Mined
		if y.Halving != "" {
			halvings[y.Year] = y.Halving
		}
		if math.Abs(y.Mined*0.1-y.Sold) > 1e-9 {
			t.Errorf("%+v", y)
		}
	}
	if len(halvings) != 2 || halvings[2028] != "2028-04" || halvings[2032] != "2032-04" || math.Abs(mined-got.Flat.Mined) > 1e-9 {
		t.Error(halvings, mined)
	}
	f := got.Futures
	if math.Abs(f.Held.P50-0.9*f.Mined.P50) > 1e-9 || f.Drawdown.P5 < 0 || f.Drawdown.P95 > 1 || f.Behind < 0 || f.Behind > 1 || f.Cost.P5 > f.Cost.P95 {
		t.Errorf("%+v", f)
	}
	if text := strings.Join(got.Warnings, " "); !strings.Contains(text, "MADE UP") || !strings.Contains(text, "mean of 5 years") || !strings.Contains(text, "few independent years") {
		t.Error(text)
	}
	once := stockRead(t, "--surplus", "spill", "--paths", "100", "--renew-years", "0")
	if len(once.Fleets) != 1 || once.Flat.Mined >= got.Flat.Mined || once.Futures.Mined.Mean >= f.Mined.Mean {
		t.Error("older machines mine no less")
	}
}

// TestStockMonths: a future by months takes the last price of the month and the mean of
// its difficulties.
func TestStockMonths(t *testing.T) {
	t.Parallel()
	s := &stockReport{in: stockFlags{years: 1}, plan: treasury.Reserve{Begin: capital.Month(2026 * 12)}}
	p := &path.Path{}
	for week := range 53 {
		p.Price, p.Difficulty = append(p.Price, float64(week)), append(p.Difficulty, float64(week))
	}
	price, difficulty := s.monthly(p)
	// January has weeks 0 to 3 and three days of week 4; February ends on day 59, week 7 on day 56.
	if price[0] != 3 || price[1] != 7 || price[11] != 51 || math.Abs(difficulty[0]-(7*(0+1+2+3)+3*4)/31.0) > 1e-12 || len(price) != 12 {
		t.Error(price, difficulty)
	}
}
