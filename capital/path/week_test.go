package path_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"sluice/capital/path"
)

// plainDays are days of one price, difficulty and reward.
func plainDays(from string, n int, reward float64) []path.Day {
	at, err := time.Parse(time.DateOnly, from)
	if err != nil {
		panic(err)
	}
	out := make([]path.Day, n)
	for i := range out {
		out[i] = path.Day{Day: at.AddDate(0, 0, i), Price: 60_000 + float64(i), Difficulty: 8e13 + float64(i), Reward: reward}
	}
	return out
}

func TestWeekly(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		days   func() []path.Day
		weeks  int
		fees   float64
		noFees bool
	}{
		"price and difficulty are the last day's": {func() []path.Day { return plainDays("2025-01-01", 7, 3.4375) }, 1, 1.1, false},
		"a rest of days is left out":              {func() []path.Day { return plainDays("2025-01-01", 13, 3.125) }, 1, 1, false},
		"no reward is known":                      {func() []path.Day { return plainDays("2025-01-01", 7, 0) }, 1, 1, true},
		"the reward of one day is known": {func() []path.Day {
			d := plainDays("2025-01-01", 7, 0)
			d[3].Reward = 6.25
			return d
		}, 1, 2, false},
		"the day of a halving is left out": {func() []path.Day {
			d := plainDays("2024-04-16", 7, 6.875) // 1.1 of 6.25
			d[4].Reward = 12.74                    // 20 April
			d[5].Reward, d[6].Reward = 3.4375, 3.4375
			return d
		}, 1, 1.1, false},
		"the day of a halving with its own subsidy counts": {func() []path.Day {
			d := plainDays("2024-04-16", 7, 6.875)
			d[4].Reward, d[4].Subsidy = 12.73966896, 3.19602273
			d[5].Reward, d[6].Reward = 3.4375, 3.4375
			return d
		}, 1, (6*1.1 + 12.73966896/3.19602273) / 7, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h, err := path.Weekly(c.days())
			if err != nil || len(h) != c.weeks {
				t.Fatalf("%d weeks, %v", len(h), err)
			}
			w, d := h[0], c.days()
			if math.Abs(w.Fees-c.fees) > 1e-12 || w.NoFees != c.noFees || w.Price != d[6].Price || w.Difficulty != d[6].Difficulty || !w.Begin.Equal(d[0].Day) {
				t.Errorf("%+v", w)
			}
			if err := h.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWeeklyRefuses(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		from  string
		spoil func([]path.Day) []path.Day
	}{
		"a gap":                         {"2025-01-01", func(d []path.Day) []path.Day { return slices.Delete(d, 2, 3) }},
		"six days":                      {"2025-01-01", func(d []path.Day) []path.Day { return d[:6] }},
		"no price":                      {"2025-01-01", func(d []path.Day) []path.Day { d[1].Price = 0; return d }},
		"a difficulty without end":      {"2025-01-01", func(d []path.Day) []path.Day { d[1].Difficulty = math.Inf(1); return d }},
		"a reward that is no number":    {"2025-01-01", func(d []path.Day) []path.Day { d[1].Reward = math.NaN(); return d }},
		"a negative subsidy":            {"2025-01-01", func(d []path.Day) []path.Day { d[1].Subsidy = -1; return d }},
		"a reward below its subsidy":    {"2024-04-01", func(d []path.Day) []path.Day { return d }},
		"a date that says no subsidy":   {"2028-04-01", func(d []path.Day) []path.Day { return d }},
		"a date before the first block": {"2008-04-01", func(d []path.Day) []path.Day { return d }},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if _, err := path.Weekly(c.spoil(plainDays(c.from, 14, 3.5))); !errors.Is(err, path.ErrHistory) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestHistoryRefuses(t *testing.T) {
	t.Parallel()
	for sentence, spoil := range map[string]func(path.History){
		"a gap":           func(h path.History) { h[9].Begin = h[9].Begin.Add(time.Hour) },
		"fees below one":  func(h path.History) { h[9].Fees = 0.99 },
		"no number":       func(h path.History) { h[9].Price = math.NaN() },
		"no difficulty":   func(h path.History) { h[9].Difficulty = 0 },
		"a subsidy below": func(h path.History) { h[9].Subsidy = -1 },
	} {
		h := made(157)
		spoil(h)
		if err := h.Validate(); !errors.Is(err, path.ErrHistory) {
			t.Errorf("%s: %v", sentence, err)
		}
		if _, err := path.New(path.Usual(ends()), h); !errors.Is(err, path.ErrHistory) {
			t.Errorf("%s: futures of it: %v", sentence, err)
		}
	}
}

// TestRealWeeks: the whole real series makes weeks, with the halvings in it.
func TestRealWeeks(t *testing.T) {
	t.Parallel()
	d := days(t, began())
	h, err := path.Weekly(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(h) != 774 || h[len(h)-1].Begin.Format(time.DateOnly) != "2025-12-24" {
		t.Errorf("%d weeks, the last begins %s", len(h), h[len(h)-1].Begin)
	}
	for i := range d { // by the date alone it is the same but for the days of halvings
		d[i].Subsidy = 0
	}
	plain, err := path.Weekly(d)
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for i := range h {
		if h[i].Begin.Year() >= 2019 && math.Abs(h[i].Fees/plain[i].Fees-1) > 1e-6 { // before, miners did not claim all they could
			differ++
		}
	}
	if differ != 2 {
		t.Errorf("%d weeks have other fees by the date, and there were 2 halvings", differ)
	}
}
