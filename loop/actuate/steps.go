package actuate

import (
	"math"
	"time"

	"sluice/unit"
)

// Steps is how many fast reboots a group of n units must hold in reserve, so that
// more than that many within one exposure are expected at most once in a hundred
// years. perDay is the fast reboots of one unit in a day; exposure is the time
// from a reboot until it was seen and answered.
//
// Source: docs/formula/reservation.md.
func Steps(n int, perDay unit.Ratio, exposure time.Duration) int {
	const scale = 1_000_000_000_000_000
	const year = 365 * 24 * time.Hour
	if n <= 0 || perDay <= 0 || exposure <= 0 {
		return 0
	}
	each := unit.MulDiv(int64(perDay)*(scale/int64(unit.One)), int64(exposure), int64(24*time.Hour))
	if each > math.MaxInt64/int64(n) || each*int64(n) > scale {
		return n // not rare at all: hold everything
	}
	rate := each * int64(n) // expected reboots in one exposure
	none := scale - rate + unit.MulDiv(rate, rate, 2*scale)
	term, windows := none, int64(year/exposure)
	for k := range n {
		term = unit.MulDiv(term, rate, scale*int64(k+1)) + 1
		tail := unit.MulDiv(term, scale, scale-rate/int64(k+2))
		if tail <= scale/100/windows {
			return k
		}
	}
	return n
}
