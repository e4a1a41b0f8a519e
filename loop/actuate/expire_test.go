package actuate

import (
	"testing"
	"time"
)

// TestExpire: an order that was overtaken counts until the unit was seen after it
// could act for the last time, and not only until that time is over: it may have
// acted since the unit was seen last.
func TestExpire(t *testing.T) {
	t.Parallel()
	const late = 90 * time.Second
	sent := 76 * time.Second
	for seen, gone := range map[time.Duration]bool{137 * time.Second: false, sent + late: false, sent + late + time.Second: true} {
		s := state{seen: seen, flights: []flight{{past: true, last: sent, ceil: 3500}, {last: sent, ceil: 500}}}
		if s.expire(late) != gone || len(s.flights) == 1 != gone {
			t.Errorf("seen at %v: %d orders count", seen, len(s.flights))
		}
	}
}
