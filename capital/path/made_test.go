package path_test

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"sluice/capital/path"
	"sluice/internal/beside"
)

// began is a Wednesday: weeks from it end on Tuesdays.
func began() time.Time { return time.Date(2011, 3, 2, 0, 0, 0, 0, time.UTC) }

// made is a history from a seed: 7 % a week of the price, 2 % of difficulty, both rising.
func made(weeks int) path.History {
	r := rand.New(rand.NewPCG(7, 7))
	h := make(path.History, weeks)
	price, difficulty := 20_000.0, 3e13
	from := time.Date(2023, 1, 4, 0, 0, 0, 0, time.UTC)
	for i := range h {
		price *= math.Exp(0.004 + 0.07*r.NormFloat64())
		difficulty *= math.Exp(0.006 + 0.02*r.NormFloat64())
		h[i] = path.Week{Begin: from.Add(time.Duration(i) * 7 * 24 * time.Hour), Price: price, Difficulty: difficulty, Fees: 1 + 0.1*r.Float64(), Subsidy: 3.125}
	}
	return h
}

// still is a history in which nothing moves.
func still(weeks int) path.History {
	h := made(weeks)
	for i := range h {
		h[i].Price, h[i].Difficulty, h[i].Fees = 90_000, 1.48e14, 1
	}
	return h
}

// ends is the end of 2025, where the height was 930,340.
func ends() path.Start {
	return path.Start{At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Height: 930_340, Price: 87_291.86, Difficulty: 148_258_433_855_481.31}
}

func drawn(tb testing.TB, c path.Config, h path.History) *path.Bootstrap {
	tb.Helper()
	b, err := path.New(c, h)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// days reads the real series that lies beside the checkout, from a day on.
func days(tb testing.TB, from time.Time) []path.Day {
	tb.Helper()
	rows, err := csv.NewReader(beside.Open(tb, "data", "btc_daily.csv")).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	var out []path.Day
	for _, r := range rows[1:] {
		number := func(name string) float64 {
			x, err := strconv.ParseFloat(r[column[name]], 64)
			if err != nil {
				tb.Fatal(err)
			}
			return x
		}
		at, err := time.Parse(time.DateOnly, r[column["date"]])
		if err != nil {
			tb.Fatal(err)
		}
		if at.Before(from) {
			continue
		}
		reward := number("reward_per_block_btc")
		out = append(out, path.Day{
			Day: at, Price: number("price_usd"), Difficulty: number("difficulty"),
			Reward: reward, Subsidy: reward - number("fee_per_block_btc"),
		})
	}
	return out
}
