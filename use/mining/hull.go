package mining

import (
	"cmp"
	"slices"

	"sluice/unit"
)

// Front is the Pareto front of points: rising in power and in hash rate, and
// no point left that draws as much or more for less hash. Of equal points the
// first one given stays.
func Front(points []Point) []Point {
	sorted := slices.Clone(points)
	slices.SortStableFunc(sorted, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Power, b.Power), cmp.Compare(b.Hashrate, a.Hashrate))
	})
	var front []Point
	var best unit.Hashrate
	for _, p := range sorted {
		if p.Hashrate > best {
			front, best = append(front, p), p.Hashrate
		}
	}
	return front
}

// Step is one slice of a machine's power: from one operating point of the hull
// to the next. The first begins at off and ends at the sweet spot.
type Step struct {
	To       Point         // where the machine stands with this step on
	Power    unit.Power    // W beyond the step before
	Hashrate unit.Hashrate // GH/s beyond the step before
}

// Marginal is the energy per hash of this step alone.
//
// Formula: e_m = dW / dH. Source: docs/formula/mining.md.
func (s Step) Marginal() unit.Efficiency { return unit.EfficiencyOf(s.Power, s.Hashrate) }

// Average is the energy per hash of the machine with this step on.
func (s Step) Average() unit.Efficiency { return s.To.Efficiency() }

// Worth is what one IT MWh in this step earns, after the pool's fee and the
// operating cost. It is formed from the watts and hashes of the step and
// rounded once, half to even, so it does not depend on a rounded J/TH.
//
// Formula: V = HP * (1-f) * dH / (24 * dW) - vom. Source: docs/formula/mining.md.
func (s Step) Worth(hp unit.Hashprice, fee unit.Ratio, cost unit.Price) unit.Price {
	kept := int64(s.Hashrate) * int64(unit.One-fee)
	return unit.Price(unit.MulDiv(int64(hp), kept, 24*int64(s.Power)*int64(unit.One))) - cost
}

// Worth is what one IT MWh earns at efficiency e > 0, after the pool's fee and
// the operating cost. Steps of a hull use their own exact method; this one is
// for a single machine efficiency, as people quote it.
//
// Formula: V = HP * (1-f) * 1000 / (24 * e) - vom. Source: docs/formula/mining.md.
func Worth(hp unit.Hashprice, e unit.Efficiency, fee unit.Ratio, cost unit.Price) unit.Price {
	return unit.Price(unit.MulDiv(int64(hp), int64(unit.One-fee), 24*int64(e))) - cost
}

// BreakEven is the price of energy at the meter at which a machine of
// efficiency e > 0 earns nothing, behind a marginal PUE of at least 1. Income
// and operating cost are rounded once each, half to even.
//
// Formula: b = V / PUE. Source: docs/formula/mining.md.
func BreakEven(hp unit.Hashprice, e unit.Efficiency, fee unit.Ratio, cost unit.Price, pue unit.Ratio) unit.Price {
	income := unit.MulDiv(int64(hp), int64(unit.One-fee)*int64(unit.One), 24*int64(e)*int64(pue))
	return unit.Price(income) - cost.Unscale(pue)
}

// Hull is the steps of the upper concave hull of a curve with the origin (off),
// so every step is dearer per hash than the one before. The first step ends at
// the best average J/TH, the sweet spot: below it a machine is better off, and
// a group runs fewer machines there. Points above limit are left out; with
// none left there is no step.
//
// Source: docs/formula/mining.md.
func Hull(points []Point, limit unit.Power) []Step {
	var steps []Step
	front, at := Front(points), Point{}
	for {
		front = slices.DeleteFunc(front, func(p Point) bool { return p.Power <= at.Power || p.Power > limit })
		if len(front) == 0 {
			return steps
		}
		next := steepest(at, front)
		steps = append(steps, Step{To: next, Power: next.Power - at.Power, Hashrate: next.Hashrate - at.Hashrate})
		at = next
	}
}

// steepest is the point with most hash per watt beyond at; of equals the farthest.
func steepest(at Point, front []Point) Point {
	best := front[0]
	for _, p := range front[1:] {
		one := int64(p.Hashrate-at.Hashrate) * int64(best.Power-at.Power)
		other := int64(best.Hashrate-at.Hashrate) * int64(p.Power-at.Power)
		if one >= other {
			best = p
		}
	}
	return best
}
