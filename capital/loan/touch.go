package loan

import (
	"errors"
	"fmt"
	"math"

	"sluice/capital"
)

// ErrPledge says that figures make no loan against bitcoin.
var ErrPledge = errors.New("no pledge")

// Touch is the probability that the loan to value of a pledge reaches a level within
// some years, watched at every moment, where the price is a geometric Brownian motion
// with volatility sigma and drift mu of a year, and the loan stays as it is.
//
// Formula: b = ln(ltv0 / level), v = mu - sigma^2/2, P = N((b - vT) / (sigma sqrt T)) +
// exp(2vb / sigma^2) N((b + vT) / (sigma sqrt T)). Source: docs/formula/loan.md.
func Touch(ltv0, level, sigma, mu, years float64) (float64, error) {
	if !(ltv0 > 0) || !(level > 0) || !(sigma >= 0) || !(years >= 0) || !finite(ltv0, level, sigma, mu, years) {
		return 0, fmt.Errorf("from a loan to value of %g to %g at a volatility of %g and a drift of %g within %g years: write shares above 0, such as 0.5, and a volatility and years that are not negative: %w", ltv0, level, sigma, mu, years, ErrPledge)
	}
	b := math.Log(ltv0 / level)
	switch s := sigma * math.Sqrt(years); {
	case b >= 0, s == 0 && b >= mu*years: // there already, or the price goes one way and falls far enough
		return 1, nil
	case s == 0:
		return 0, nil
	default:
		v := mu - sigma*sigma/2
		x, y := (b+v*years)/s, (b-v*years)/s
		back := capital.Normal(x) * math.Exp(2*v*b/(sigma*sigma))
		if x < -30 { // nothing times endless: the first term of the tail of N, which is 0.1 % off at most
			back = math.Exp(-y*y/2) / (math.Sqrt(2*math.Pi) * -x)
		}
		return min(capital.Normal(y)+back, 1), nil
	}
}

// finite says whether all values are numbers.
func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// Falls is, for each day on which a pledge may begin, the least price of so many days
// from it on over the price of that day. Days count the first; a start with fewer days
// after it is left out.
//
// Source: docs/formula/loan.md.
func Falls(prices []float64, days int) ([]float64, error) {
	if days < 1 || len(prices) < days {
		return nil, fmt.Errorf("%d prices for windows of %d days: give at least one whole window: %w", len(prices), days, ErrPledge)
	}
	falls := make([]float64, len(prices)-days+1)
	var least []int // days whose price is below that of all days after them in the window
	for t, p := range prices {
		if !(p > 0) || math.IsInf(p, 0) {
			return nil, fmt.Errorf("the price of day %d is %g: a price lies above 0, leave a day without one out: %w", t, p, ErrPledge)
		}
		for len(least) > 0 && prices[least[len(least)-1]] >= p {
			least = least[:len(least)-1]
		}
		least = append(least, t)
		first := t - days + 1
		if first < 0 {
			continue
		}
		if least[0] < first {
			least = least[1:]
		}
		falls[first] = prices[least[0]] / prices[first]
	}
	return falls, nil
}

// Touched is the share of falls in which a loan to value reaches a level. Years that
// overlap are no independent ones: seven years of days are about seven cases.
//
// Formula: share of falls of at most ltv0 / level. Source: docs/formula/loan.md.
func Touched(falls []float64, ltv0, level float64) (float64, error) {
	if len(falls) == 0 || !(ltv0 > 0) || !(level > 0) {
		return 0, fmt.Errorf("%d falls, from a loan to value of %g to %g: give falls, and shares above 0: %w", len(falls), ltv0, level, ErrPledge)
	}
	n := 0
	for _, f := range falls {
		if f*level <= ltv0 {
			n++
		}
	}
	return float64(n) / float64(len(falls)), nil
}

// CallPrice is the price at which a loan to value reaches a level.
//
// Formula: price * ltv0 / level. Source: docs/formula/loan.md.
func CallPrice(price, ltv0, level float64) float64 { return price * ltv0 / level }

// TopUp is the bitcoin that has to be added so that a loan is back at a target loan to
// value; none where it is there already.
//
// Formula: loan / (target * price) - pledged. Source: docs/formula/loan.md.
func TopUp(owed, target, price, pledged float64) float64 {
	return max(owed/(target*price)-pledged, 0)
}
