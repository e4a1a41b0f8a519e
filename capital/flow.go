package capital

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrNoReturn says why a row of payments has no internal rate of return.
var ErrNoReturn = errors.New("no rate of return")

// Present is the value, at the time of the first payment, of payments that are one
// period apart, at a rate for that period, which lies above -1. Positive is received.
//
// Formula: sum of flow(t) / (1 + rate)^t. Source: docs/formula/capital.md.
func Present(rate float64, flows []float64) float64 {
	d := 1 / (1 + rate)
	var sum float64
	for _, flow := range slices.Backward(flows) {
		sum = sum*d + flow
	}
	return sum
}

// bounds of a rate of return for one period: nearly all is lost, or a thousandfold is gained.
const (
	leastReturn = -0.999
	mostReturn  = 1000.0
	sameReturn  = 1e-7 // two rates that are nearer than this are one
)

// Return is the rate, for one period, at which payments are worth nothing together.
// Payments of one sign have none; where several rates do, the one nearest to nought
// is given, and several says so. A rate at which the worth only touches nothing
// counts too.
//
// Formula: the root of Present. Source: docs/formula/capital.md.
func Return(flows []float64) (rate float64, several bool, err error) {
	changes, err := signChanges(flows)
	if err != nil {
		return 0, false, err
	}
	if changes == 0 {
		return 0, false, fmt.Errorf("the payments do not change their sign: compare their present values instead: %w", ErrNoReturn)
	}
	at := crossings(flows, changes)
	if len(at) == 0 {
		return 0, false, fmt.Errorf("no rate between %.1f %% and %.0f %% makes the payments worth nothing: compare their present values instead: %w", 100*leastReturn, 100*mostReturn, ErrNoReturn)
	}
	best := at[0]
	for _, r := range at[1:] {
		if math.Abs(r) < math.Abs(best) {
			best = r
		}
	}
	return best, len(at) > 1, nil
}

// signChanges counts how often payments change their sign; a payment of nothing has none.
func signChanges(flows []float64) (changes int, err error) {
	last := 0.0
	for t, f := range flows {
		switch {
		case math.IsNaN(f) || math.IsInf(f, 0):
			return 0, fmt.Errorf("payment %d is no number: look for what made it: %w", t, ErrNoReturn)
		case f == 0:
		case last != 0 && (f < 0) != (last < 0):
			changes++
			last = f
		default:
			last = f
		}
	}
	return changes, nil
}

// worth is the present value of payments over the logarithm of 1 + rate, in which a
// loss of nearly all and a gain of a thousandfold are equally far away.
type worth []float64

func (w worth) at(x float64) float64 { return Present(math.Expm1(x), w) }

// slope is the derivative of worth, up to its sign and scale: only its sign is used.
func (w worth) slope(x float64) float64 {
	d := math.Exp(-x)
	var sum float64
	for t := len(w) - 1; t > 0; t-- {
		sum = sum*d + float64(t)*w[t]
	}
	return -sum * d
}

// nothing says whether a worth is no more than the noise of its sum.
func (w worth) nothing(x, v float64) bool {
	d := math.Exp(-x)
	var sum float64
	for _, v := range slices.Backward(w) {
		sum = sum*d + math.Abs(v)
	}
	return math.Abs(v) <= 1e-13*sum
}

// crossings are the rates at which the present value is nothing. Payments that
// change their sign once have one rate at most (the rule of Descartes). Else a grid
// that is fine where rates of return usually are is searched, and between two points
// of it also the bend at which the value would come back.
func crossings(flows []float64, changes int) (at []float64) {
	w := worth(flows)
	low, high := math.Log1p(leastReturn), math.Log1p(mostReturn)
	steps := 512
	if changes == 1 {
		steps = 2
	}
	// sinh spreads the grid: close around nought, wide at the ends
	grid := func(i int) float64 {
		u := 2*float64(i)/float64(steps) - 1
		if u < 0 {
			return low * math.Sinh(-4*u) / math.Sinh(4)
		}
		return high * math.Sinh(4*u) / math.Sinh(4)
	}
	var last point
	for i := range steps + 1 {
		p := w.point(grid(i))
		if i > 0 {
			at = append(at, w.between(last, p)...)
		}
		if p.v == 0 {
			at = append(at, math.Expm1(p.x))
		}
		last = p
	}
	// around a rate that is only touched the worth is nothing but noise
	return slices.CompactFunc(at, func(a, b float64) bool { return math.Abs(a-b) < sameReturn })
}

// point is a place, its worth, and whether worth falls there.
type point struct {
	x, v  float64
	falls bool
}

func (w worth) point(x float64) point { return point{x, w.at(x), w.slope(x) < 0} }

// between are the rates after a and before b at which worth is nothing. It bends
// once there at most.
func (w worth) between(a, b point) []float64 {
	// beside a point with no worth, the slope says on which side of nothing it is
	below := a.v < 0 || a.v == 0 && a.falls
	if after := b.v < 0 || b.v == 0 && !b.falls; below != after {
		return []float64{math.Expm1(bisect(w.at, below, a.x, b.x))}
	}
	if a.falls == below || b.falls == a.falls {
		return nil // it leads away from nothing, or does not come back
	}
	m := bisect(w.slope, a.falls, a.x, b.x)
	v := w.at(m)
	switch {
	case w.nothing(m, v):
		return []float64{math.Expm1(m)}
	case (v < 0) != below:
		return []float64{math.Expm1(bisect(w.at, below, a.x, m)), math.Expm1(bisect(w.at, !below, m, b.x))}
	}
	return nil
}

// bisect is where a function that is below nothing at a, or is not, ceases to be so
// before b.
func bisect(f func(float64) float64, below bool, a, b float64) float64 {
	for range 200 {
		m := (a + b) / 2
		fm := f(m)
		if fm == 0 || m == a || m == b {
			return m
		}
		if below != (fm < 0) {
			b = m
		} else {
			a = m
		}
	}
	return (a + b) / 2
}

// Payback is the number of periods, with a fraction, after which the payments so
// far are no longer negative together and stay so; ok is false where they never are,
// and where one of them is no number.
//
// Formula: within the period in which the sum turns, it is taken to grow evenly.
// Source: docs/formula/capital.md.
func Payback(flows []float64) (periods float64, ok bool) {
	var sum float64
	at := -1.0
	for t, f := range flows {
		before := sum
		sum += f
		switch {
		case math.IsNaN(sum):
			return 0, false
		case sum < 0:
			at = -1
		case at < 0 && t == 0:
			at = 0
		case at < 0:
			at = float64(t-1) + (-before)/f
		}
	}
	if at < 0 {
		return 0, false
	}
	return at, true
}

// PerPeriod turns a rate of a year into that of one of n equal periods of it, with
// interest on interest.
func PerPeriod(year float64, n float64) float64 { return math.Expm1(math.Log1p(year) / n) }

// PerYear is the other way round.
func PerYear(period float64, n float64) float64 { return math.Expm1(n * math.Log1p(period)) }
