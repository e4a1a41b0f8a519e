package forecast

import "math"

// curve is the published day-ahead price per real-time interval.
type curve struct {
	of    []int64 // which interval each place of the ring speaks of
	price []float64
}

func newCurve(n int) curve {
	c := curve{of: make([]int64, n), price: make([]float64, n)}
	for i := range c.of {
		c.of[i] = math.MinInt64
	}
	return c
}

func (c *curve) set(k int64, p float64) {
	i := floorMod(k, int64(len(c.of)))
	c.of[i], c.price[i] = k, p
}

// at is the day-ahead price of interval k; NaN where none was published.
func (c *curve) at(k int64) float64 {
	if i := floorMod(k, int64(len(c.of))); c.of[i] == k {
		return c.price[i]
	}
	return math.NaN()
}
