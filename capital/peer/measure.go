package peer

import (
	"errors"
	"math"

	"sluice/capital"
)

// yearDays is a mean year.
const yearDays = 365.25

// still is a deviation that rounding alone makes.
const still = 1e-12

// measure works out how the basket and bitcoin went.
func (r *Result) measure(worth, bitcoin []float64) error {
	basket, btc := returns(worth), returns(bitcoin)
	gap := make([]float64, len(basket))
	for i := range gap {
		gap[i] = basket[i] - btc[i]
	}
	// how many of these steps, weekends within them, make a year
	year := float64(len(basket)) / float64(days(r.Window.First, r.Window.Last)) * yearDays
	sb, sm := deviation(basket), deviation(btc)
	if !(sb > still) || !(sm > still) {
		return errors.New("the basket or bitcoin does not move at all: are these closes?")
	}
	both := covariance(basket, btc)
	r.Basket = Track{whole(worth), sb * math.Sqrt(year), drawdown(worth)}
	r.BTC = Track{whole(bitcoin), sm * math.Sqrt(year), drawdown(bitcoin)}
	r.Correlation, r.Beta = both/(sb*sm), both/(sm*sm)
	r.Tracking = deviation(gap) * math.Sqrt(year)
	r.Ahead = r.Basket.Return - r.BTC.Return
	return nil
}

// returns are those from close to close.
func returns(worth []float64) []float64 {
	out := make([]float64, 0, len(worth))
	for i := 1; i < len(worth); i++ {
		out = append(out, worth[i]/worth[i-1]-1)
	}
	return out
}

// whole is the return from the first to the last.
func whole(worth []float64) float64 { return worth[len(worth)-1]/worth[0] - 1 }

// covariance of two samples of one length, with n-1.
func covariance(a, b []float64) float64 {
	ma, mb := capital.SpreadOf(a).Mean, capital.SpreadOf(b).Mean
	sum := 0.0
	for i := range a {
		sum += (a[i] - ma) * (b[i] - mb)
	}
	return sum / float64(len(a)-1)
}

// deviation is the standard deviation of a sample, with n-1.
func deviation(a []float64) float64 {
	return capital.SpreadOf(a).Error * math.Sqrt(float64(len(a)))
}

// drawdown is the worst fall from the highest until then, as a share of it.
func drawdown(worth []float64) float64 {
	high, worst := 0.0, 0.0
	for _, v := range worth {
		high = max(high, v)
		worst = max(worst, 1-v/high)
	}
	return worst
}
