package forecast

import (
	"math"
	"time"
)

// clock numbers the settlement intervals since 1970 and knows what a local
// clock shows in each. Numbers are UTC, so a clock change neither adds nor
// removes one; it only moves the slot that a number falls into.
type clock struct {
	zone  *time.Location
	step  int64    // seconds
	slots int      // of a local day of 24 h
	until [2]int64 // first interval of the second and of the third rule
	shift [3]int64 // seconds east of UTC under each rule
}

func newClock(zone *time.Location, step time.Duration) clock {
	seconds := int64(step / time.Second)
	return clock{zone: zone, step: seconds, slots: int(86_400 / seconds)}
}

// interval is the number of the interval that holds t.
func (c *clock) interval(t time.Time) int64 {
	s := t.Unix()
	return (s - floorMod(s, c.step)) / c.step
}

// start is where interval k begins.
func (c *clock) start(k int64) time.Time { return time.Unix(k*c.step, 0).UTC() }

// turn looks up the clock's rules from interval k on. Intervals come in order,
// so it reads the zone twice a year.
func (c *clock) turn(k int64) {
	if k < c.until[0] {
		return
	}
	at := c.start(k).In(c.zone)
	for i := range c.shift {
		_, east := at.Zone()
		c.shift[i] = int64(east)
		_, end := at.ZoneBounds()
		if end.IsZero() {
			c.settle(i)
			return
		}
		if i < len(c.until) {
			c.until[i] = c.interval(end)
		}
		at = end.In(c.zone)
	}
}

// settle makes rule i hold for ever.
func (c *clock) settle(i int) {
	for ; i < len(c.until); i++ {
		c.until[i], c.shift[i+1] = math.MaxInt64, c.shift[i]
	}
}

// slot is what the local clock shows at the start of interval k, counted in
// steps from midnight. Interval k must not lie before the last turn.
func (c *clock) slot(k int64) int {
	east := c.shift[0]
	switch {
	case k >= c.until[1]:
		east = c.shift[2]
	case k >= c.until[0]:
		east = c.shift[1]
	}
	return int(floorMod(k*c.step+east, 86_400) / c.step)
}

// opensHour reports whether interval k is the first of several in its hour.
func (c *clock) opensHour(k int64) bool { return c.step < 3600 && floorMod(k*c.step, 3600) == 0 }

// steps is d in whole intervals, at least least.
func (c *clock) steps(d time.Duration, least int) int {
	return max(least, int(int64(d/time.Second)/c.step))
}

func floorMod(a, b int64) int64 { return ((a % b) + b) % b }
