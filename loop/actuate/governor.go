package actuate

import (
	"time"

	"sluice/unit"
)

const (
	slot  = 5 * time.Second
	slots = 13 // twelve make a minute; one more, so that no minute at all holds more than the ramp
)

// governor adds up what a group moved in the last minute, in one direction. Its
// sums cover at least every sixty seconds, so the bound holds in any window.
type governor struct {
	moved [slots]unit.Power
	sum   unit.Power
	at    int64
}

func (v *governor) turn(now time.Duration) {
	n := int64(now / slot)
	if n-v.at >= slots {
		*v = governor{at: n}
		return
	}
	for ; v.at < n; v.at++ {
		i := (v.at + 1) % slots
		v.sum -= v.moved[i]
		v.moved[i] = 0
	}
}

// left is what may still move under ramp.
func (v *governor) left(now time.Duration, ramp unit.Power) unit.Power {
	v.turn(now)
	return max(0, ramp-v.sum)
}

func (v *governor) spend(now time.Duration, p unit.Power) {
	v.turn(now)
	v.moved[v.at%slots] += p
	v.sum += p
}

// jitter spreads starts: the same site and number always wait as long, other
// sites wait differently. It is FNV-1a, so it needs no random source.
func jitter(site string, number int64, within time.Duration) time.Duration {
	if within <= 0 {
		return 0
	}
	h := uint64(14695981039346656037)
	for _, b := range []byte(site) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	for i := range 8 {
		h = (h ^ uint64(number>>(8*i))&255) * 1099511628211
	}
	return time.Duration(h % uint64(within))
}
