package option

import (
	"math"
	"math/rand/v2"
)

// Places of the state of a conversion.
const (
	hashprice = iota
	rent
	capex
	variables
)

// perYear is the number of dates in a year.
const perYear = 4

// future draws the markets of a conversion.
type future struct {
	roots        [3][3]float64
	walk         float64
	walking      []float64 // middle of ln b by date, on paths that do not return
	back         []float64 // and on those that do
	keep         float64   // share of a deviation that is left after a quarter
	step, homing float64   // spread of a quarter's shock, by kind of path
	middle       [variables][]float64
	spread       [variables]float64
}

// future prepares the draws.
//
// Formula: ln b = m(t) + x(t) - var x(t)/2; x is a random walk on a share of the
// paths and on the others x(t+1) = k x(t) + s sqrt((1-k^2)/(2 kappa)) z, kappa = 12 ln 2 /
// half-life, k = exp(-kappa/4), m(t) = ln L + (ln b(0) - ln L) k^t; rent and capex are
// geometric walks. Source: docs/formula/option.md.
func (c Conversion) future(dates int) future {
	m := c.Markets
	f := future{walk: m.Walk}
	f.roots, _ = m.roots()
	kappa := 12 * math.Ln2 / m.HalfLife
	f.keep = math.Exp(-kappa / perYear)
	f.step = m.HashVolatility / math.Sqrt(perYear)
	f.homing = m.HashVolatility * math.Sqrt((1-f.keep*f.keep)/(2*kappa))
	now, level := math.Log(c.Mine.Hashprice), math.Log(m.Level)
	for t := range dates {
		left := math.Pow(f.keep, float64(t))
		f.walking = append(f.walking, now-f.step*f.step*float64(t)/2)
		spread := m.HashVolatility * m.HashVolatility * (1 - left*left) / (2 * kappa)
		f.back = append(f.back, level+(now-level)*left-spread/2)
		years := float64(t) / perYear
		f.middle[rent] = append(f.middle[rent], math.Log(c.Hall.Rent)+years*(math.Log1p(m.RentGrowth)-m.RentVolatility*m.RentVolatility/2))
		f.middle[capex] = append(f.middle[capex], years*(math.Log1p(m.CapexGrowth)-m.CapexVolatility*m.CapexVolatility/2))
	}
	f.spread[rent], f.spread[capex] = m.RentVolatility/math.Sqrt(perYear), m.CapexVolatility/math.Sqrt(perYear)
	return f
}

// draw fills one path. It draws the same numbers whatever the inputs are, so that two
// conversions meet the same chance.
func (f future) draw(chance *rand.Rand, states []float64) {
	middle, keep, step := f.back, f.keep, f.homing
	if chance.Float64() < f.walk {
		middle, keep, step = f.walking, 1, f.step
	}
	var b, r, k float64
	for t := range len(states) / variables {
		if t > 0 {
			e0, e1, e2 := chance.NormFloat64(), chance.NormFloat64(), chance.NormFloat64()
			b = keep*b + step*e0
			r += f.spread[rent] * (f.roots[1][0]*e0 + f.roots[1][1]*e1)
			k += f.spread[capex] * (f.roots[2][0]*e0 + f.roots[2][1]*e1 + f.roots[2][2]*e2)
		}
		at := states[t*variables:]
		at[hashprice], at[rent], at[capex] = middle[t]+b, f.middle[rent][t]+r, f.middle[capex][t]+k
	}
}
