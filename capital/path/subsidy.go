package path

import (
	"math"
	"time"

	"sluice/capital"
)

const (
	halvingBlocks = 210_000
	weekBlocks    = int64(7 * capital.BlocksPerDay)
)

// halvings are the times in the headers of the blocks at which the subsidy was
// halved, at heights 210,000 to 840,000.
func halvings() [4]time.Time {
	return [4]time.Time{
		time.Date(2012, 11, 28, 15, 24, 38, 0, time.UTC), time.Date(2016, 7, 9, 16, 46, 13, 0, time.UTC),
		time.Date(2020, 5, 11, 19, 23, 43, 0, time.UTC), time.Date(2024, 4, 20, 0, 9, 27, 0, time.UTC),
	}
}

// subsidyBetween is the mean subsidy of the blocks between two times, by the clock:
// blocks are taken as even. mixed says that a halving lies between them; ok is
// false where a halving may have come that is not known here.
func subsidyBetween(begin, end time.Time) (btc float64, mixed, ok bool) {
	if begin.Before(time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC)) || end.After(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)) {
		return 0, false, false
	}
	btc = capital.SubsidyAt(0)
	for i, at := range halvings() {
		after := capital.SubsidyAt(int64(i+1) * halvingBlocks)
		switch {
		case !at.After(begin):
			btc = after
		case at.Before(end):
			share := float64(at.Sub(begin)) / float64(end.Sub(begin))
			return share*btc + (1-share)*after, true, true
		}
	}
	return btc, false, true
}

// Start is where futures begin: a time, the height of the last block by then, the
// last price and the last difficulty.
type Start struct {
	At         time.Time
	Height     int64
	Price      float64 // USD/BTC
	Difficulty float64
}

// Subsidy is the mean new coin of a block, BTC, in a week from the start on, 0 the
// first. Blocks come at 144 a day, whatever difficulty does; a week in which a
// halving falls is shared by its blocks.
func (s Start) Subsidy(week int) float64 {
	first := s.Height + 1 + int64(week)*weekBlocks
	next := (first/halvingBlocks + 1) * halvingBlocks
	before := min(next-first, weekBlocks)
	share := float64(before) / float64(weekBlocks)
	return share*capital.SubsidyAt(first) + (1-share)*capital.SubsidyAt(next)
}

// Halving is the week from the start on in which the subsidy is next halved, and
// when the first block with the lower one is expected at 144 a day.
func (s Start) Halving() (week int, at time.Time) {
	next := (s.Height/halvingBlocks + 1) * halvingBlocks
	left := next - s.Height
	days := float64(left) / capital.BlocksPerDay
	return int((left - 1) / weekBlocks), s.At.Add(time.Duration(math.Round(days*86_400)) * time.Second)
}
