package dispatch

import (
	"math"
	"slices"

	"sluice/unit"
	"sluice/use"
)

// chain is one use alone, at a price of power that it does not change: how much
// of its first step to have switched on in each interval, where only switching
// more on than before costs something.
//
// What an interval earns is a straight line in the first step, because the steps
// above run in its proportion or do not depend on it. So an optimum stands on
// the same few levels in every interval: nothing, all, the level at the
// beginning, and what minimum times hold.
type chain struct {
	k      *taker
	i      int // place among the bids, for ties
	n      int
	hours  []float64
	cost   []float64 // of a MWh at the meter
	levels []float64
	chosen []int8
}

func newChain(m *market, i int, cost []float64) *chain {
	k := &m.takers[i]
	c := &chain{k: k, i: i, n: m.n, hours: m.hours, cost: cost, levels: make([]float64, 0, 8)}
	c.level(0)
	c.level(k.cap[0])
	c.level(min(k.on, k.cap[0]))
	for t := range c.n {
		c.level(k.held[t])
		c.level(k.most[t])
	}
	slices.Sort(c.levels)
	return c
}

// level adds a level that is not there yet.
func (c *chain) level(y float64) {
	for _, x := range c.levels {
		if math.Abs(x-y) < 1e-9 {
			return
		}
	}
	c.levels = append(c.levels, y)
}

// allowed reports whether minimum times leave level y open in interval t.
func (c *chain) allowed(t int, y float64) bool {
	return y > c.k.held[t]-1e-9 && y < c.k.most[t]+1e-9
}

// margin is what a MW of step n switched on earns in interval t, power paid.
// Equals are told apart as in the program.
func (c *chain) margin(t, n int) float64 {
	worth := c.k.worth[n][t] - tie*float64(1+c.i) - tie*float64(t)/float64(c.n)
	return c.hours[t] * c.k.avail[t] * (worth - c.cost[t]*c.k.pue[t])
}

// slope is what a MW of the first step earns in interval t, with the steps above
// that run in its proportion.
func (c *chain) slope(t int) float64 {
	sum := c.margin(t, 0)
	for n := 1; c.k.tied && n < len(c.k.cap); n++ {
		sum += max(0, c.margin(t, n)) * c.k.cap[n] / c.k.cap[0]
	}
	return sum
}

// best finds the levels that earn most, going through the intervals once: what
// each level of an interval can have earned so far, and from which level before.
// It is false where minimum times leave no level open.
func (c *chain) best() bool {
	l := len(c.levels)
	so, next := make([]float64, l), make([]float64, l)
	from := make([]int8, l*c.n)
	for t := range c.n {
		slope, open := c.slope(t), false
		for y, level := range c.levels {
			next[y] = math.Inf(-1)
			if c.allowed(t, level) {
				v, x := c.arrive(t, y, so)
				next[y], from[t*l+y], open = v+level*slope, x, true
			}
		}
		if !open {
			return false
		}
		so, next = next, so
	}
	c.trace(so, from)
	return true
}

// arrive is the most that can be left on arriving at level y in interval t, and
// the level before from which it is.
func (c *chain) arrive(t, y int, so []float64) (float64, int8) {
	if t == 0 {
		return -c.start(t, c.k.on, c.levels[y]), 0
	}
	best, from := math.Inf(-1), int8(0)
	for x := range c.levels {
		if v := so[x] - c.start(t, c.levels[x], c.levels[y]); v > best {
			best, from = v, int8(x)
		}
	}
	return best, from
}

// start is what going from level x to level y costs in interval t.
func (c *chain) start(t int, x, y float64) float64 {
	if y <= x || !c.k.starts {
		return 0
	}
	return c.k.start[t] * (y - x)
}

// trace walks back from the best end.
func (c *chain) trace(so []float64, from []int8) {
	l := len(c.levels)
	end := 0
	for y := range so {
		if so[y] >= so[end] {
			end = y
		}
	}
	c.chosen = make([]int8, c.n)
	for t, y := c.n-1, int8(end); t >= 0; t-- {
		c.chosen[t] = y
		y = from[t*l+int(y)]
	}
}

// write turns the levels into watts switched on, by step and interval.
func (c *chain) write(on [][]unit.Power, steps []use.Step) {
	for t, y := range c.chosen {
		on[0][t] = watts(c.levels[y], steps[0].Power)
		for n := 1; n < len(steps); n++ {
			if c.margin(t, n) <= 0 {
				continue
			}
			share := 1.0
			if c.k.tied {
				share = c.levels[y] / c.k.cap[0]
			}
			on[n][t] = watts(c.k.cap[n]*share, steps[n].Power)
		}
	}
}
