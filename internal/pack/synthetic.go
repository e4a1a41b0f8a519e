package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// climate is a made-up price zone. Everything is an integer in hundredths of a
// currency unit per MWh, so that every machine makes the same file.
type climate struct {
	seed      uint64
	zoneHours int       // local time minus UTC, without summer time
	month     [12]int64 // ordinary level
	hour      [24]int64 // percent of the level by local hour
	swing     [12]int64 // how far the slow weather moves the level, percent of it
	jitter    int64     // half width of the noise between intervals
	floor     int64     // no price is below this
	spikes    [12]int64 // chance that a spike begins in an hour, per hundred thousand
	height    [2]int64  // least and most of a spike
}

// weather is what persists from hour to hour.
type weather struct {
	dice  *rand.Rand
	slow  int64 // thousandths, -1000 to 1000: wet or dry, windy or calm
	fast  int64 // thousandths
	spike int64
}

// between is a die with a flat chance from low to high.
func (w *weather) between(low, high int64) int64 { return low + w.dice.Int64N(high-low+1) }

// hour moves the weather on and returns the level of the hour that begins at t.
func (w *weather) hour(c climate, t time.Time) int64 {
	local := t.Add(time.Duration(c.zoneHours) * time.Hour)
	m := local.Month() - 1
	w.slow = clamp(w.slow*995/1000+w.between(-90, 90), -1000, 1000)
	w.fast = clamp(w.fast*80/100+w.between(-450, 450), -1000, 1000)
	if w.spike = w.spike * 55 / 100; w.between(1, 100_000) <= c.spikes[m] {
		w.spike = w.between(c.height[0], c.height[1])
	}
	level := c.month[m] * c.hour[local.Hour()] / 100
	if d := local.Weekday(); d == time.Saturday || d == time.Sunday {
		level = level * 88 / 100
	}
	level += c.month[m] * c.swing[m] / 100 * w.slow / 1000
	level += c.jitter * w.fast / 1000
	return max(level+w.spike, c.floor+w.between(0, 150))
}

func clamp(v, low, high int64) int64 { return min(max(v, low), high) }

// prices makes the rows of [from, to): hours, and quarter hours from split on.
func (c climate) prices(from, split, to time.Time) []string {
	w := &weather{dice: rand.New(rand.NewPCG(c.seed, 2025))}
	var rows []string
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		level := w.hour(c, at)
		if at.Before(split) {
			rows = append(rows, row(at, level))
			continue
		}
		ramp := w.between(-c.jitter/3, c.jitter/3)
		for q := range int64(4) {
			price := level + ramp*(2*q-3)/3 + w.between(-c.jitter/12, c.jitter/12)
			rows = append(rows, row(at.Add(time.Duration(q)*15*time.Minute), max(price, c.floor)))
		}
	}
	return rows
}

func row(at time.Time, cents int64) string {
	return fmt.Sprintf("%s,%s", at.UTC().Format(time.RFC3339), decimals(cents, 2, 2))
}

// north is a made-up zone of rivers and wind in northern Sweden.
func north() table {
	c := climate{
		seed: 1, zoneHours: 1,
		month:  [12]int64{2600, 2900, 1700, 1400, 900, 450, 500, 650, 900, 1300, 2300, 2500},
		hour:   [24]int64{78, 74, 72, 71, 74, 86, 104, 122, 126, 116, 106, 98, 92, 89, 90, 95, 106, 124, 128, 118, 106, 98, 90, 82},
		swing:  [12]int64{60, 60, 65, 70, 85, 100, 95, 85, 80, 75, 65, 60},
		jitter: 420, floor: -480,
		spikes: [12]int64{220, 260, 120, 60, 20, 10, 10, 20, 60, 120, 220, 240},
		height: [2]int64{4_000, 19_000},
	}
	from := time.Date(2024, 12, 31, 23, 0, 0, 0, time.UTC)
	split := time.Date(2025, 9, 30, 22, 0, 0, 0, time.UTC)
	t := table{header: "interval_start_utc,price_eur_mwh", rows: c.prices(from, split, from.AddDate(1, 0, 0))}
	t.facts = syntheticFacts("se1_synthetic_2025.csv.gz", "Made-up spot price of a hydro and wind zone like SE1 in northern Sweden, 60 minutes, from 2025-10-01 local time 15 minutes",
		"interval_start_utc: start of the interval, UTC; price_eur_mwh: EUR per MWh", "2024-12-31T23:00Z to 2025-12-31T23:00Z (the local year), without a gap")
	return t
}

// columbia is a made-up zone of rivers in the state of Washington.
func columbia() table {
	c := climate{
		seed: 2, zoneHours: -8,
		month:  [12]int64{5400, 5600, 3600, 2200, 600, 900, 4300, 5200, 4500, 4000, 4300, 5000},
		hour:   [24]int64{86, 82, 80, 80, 84, 94, 110, 120, 114, 102, 92, 86, 82, 80, 82, 90, 104, 122, 132, 130, 120, 110, 100, 92},
		swing:  [12]int64{45, 45, 50, 70, 320, 190, 40, 35, 35, 35, 40, 45},
		jitter: 700, floor: -2_000,
		spikes: [12]int64{420, 380, 100, 40, 0, 20, 200, 260, 120, 60, 160, 300},
		height: [2]int64{8_000, 65_000},
	}
	from := time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC)
	t := table{header: "interval_start_utc,price_usd_mwh", rows: c.prices(from, from.AddDate(2, 0, 0), from.AddDate(1, 0, 0))}
	t.facts = syntheticFacts("washington_synthetic_2025.csv.gz", "Made-up hourly price of a hydro zone like Mid-C in the state of Washington",
		"interval_start_utc: start of the hour, UTC; price_usd_mwh: USD per MWh", "2025-01-01T08:00Z to 2026-01-01T08:00Z (the local year), without a gap")
	return t
}

func syntheticFacts(name, content, units, span string) facts {
	return facts{
		Name: name, Content: content, Units: units, Span: span, Synthetic: true,
		Origin:  []string{"made by internal/pack from a fixed seed; no record of any market was read for it"},
		Licence: "the licence of Sluice",
		Done:    []string{"A level by month and hour of the day, less at weekends, moved by slow weather (rivers, wind) and fast noise, with rare spikes that die away over hours and a floor below zero; integers only."},
		Notes:   []string{"SYNTHETIC. It serves to show and to test. No figure made from it says anything about a real site, and reports must say so."},
	}
}
