package verify

import (
	"math"
	"slices"
)

// This file and weigh.go are the float room of the package: watts enter as a
// step, and leave through the methods of verdict. They weigh many units on one
// meter.
//
// Source: docs/formula/verify.md.

const (
	biasVariance   = 0.06 * 0.06 // of drawn over stated between honest units: uniform within 10 %
	commonVariance = 0.1 * 0.1   // of an error that all share: overhead, class of the meter
	liarShare      = 0.02        // of all units, before anything is known
	surprise       = 5           // standard deviations beyond which a step counts for less
	cells          = 8 << 20     // stated changes that are kept, all steps and units together
	stepsMost      = 1024        // steps that are kept, however few the units
	stepsLeast     = 64          // steps that are kept, however many the units
)

// step is what changed between two steady times.
type step struct {
	moved  []float32 // by how much each unit says that its draw changed, W; exact below 16 MW
	short  float64   // by how much more the meter says that the sum changed, W
	noise  float64   // variance of short, W²
	shared float64   // part of it that comes from the steady time that the step before ended in, W²
}

// scales holds the steps of a window, whitened one by one: of every step that
// part is kept which the steps before did not foretell, at a variance of one.
// Memory is units times steps, and each new step costs as much time.
type scales struct {
	steps  []step
	sums   []float64   // by step: stated change of all units
	lower  [][]float64 // Cholesky factor of the covariance of the shortfalls
	white  [][]float32 // by step: stated changes, whitened
	rest   []float64   // by step: shortfall, whitened
	common []float64   // by step: sum of white
	weight []float64   // by unit: its whitened changes squared and summed
}

func newScales(units int) *scales { return &scales{weight: make([]float64, units)} }

// most is how many steps are kept.
func (s *scales) most() int {
	return min(stepsMost, max(stepsLeast, cells/max(1, len(s.weight))))
}

// add puts one step on the scales. The oldest quarter falls off when they are full.
func (s *scales) add(p step) {
	if len(s.steps) >= s.most() {
		s.rebuild(s.steps[s.most()/4:])
	}
	row, l := s.foresee(&p)
	rest := p.short
	for f, v := range row {
		rest -= float64(v * s.rest[f])
	}
	bear := surprise * math.Sqrt(l*l+float64(liarShare*product(p.moved, p.moved)))
	if far := math.Abs(rest); far > bear { // something moved that is no unit: it must not outweigh the rest
		p.noise += far*far - l*l
		s.sums = s.sums[:len(s.steps)]
		row, l = s.foresee(&p) // once more, so that scales made anew of the same steps are the same
	}
	s.keep(p, row, l, rest/l)
}

// keep appends the whitened step.
func (s *scales) keep(p step, row []float64, l, rest float64) {
	wide := make([]float64, len(p.moved))
	for i, v := range p.moved {
		wide[i] = float64(v)
	}
	for f, v := range row {
		grow(wide, s.white[f], -v)
	}
	b, sum := make([]float32, len(wide)), 0.0
	for i, v := range wide {
		b[i] = float32(v / l)
		sum += float64(b[i])
		s.weight[i] += float64(float64(b[i]) * float64(b[i]))
	}
	s.steps, s.lower = append(s.steps, p), append(s.lower, append(row, l))
	s.white, s.rest, s.common = append(s.white, b), append(s.rest, rest), append(s.common, sum)
}

// foresee is the row of the Cholesky factor that belongs to p, and its end: the
// standard deviation of what the steps before do not foretell, with every unit honest.
func (s *scales) foresee(p *step) (row []float64, l float64) {
	sum := 0.0
	for _, v := range p.moved {
		sum += float64(v)
	}
	row = make([]float64, len(s.steps), len(s.steps)+1)
	own := float64(biasVariance*product(p.moved, p.moved)) + float64(commonVariance*sum*sum) + p.noise
	left := own
	for f := range s.steps {
		g := float64(biasVariance*product(p.moved, s.steps[f].moved)) + float64(commonVariance*sum*s.sums[f])
		if f == len(s.steps)-1 {
			g -= p.shared
		}
		for k, v := range s.lower[f][:f] {
			g -= float64(row[k] * v)
		}
		row[f] = g / s.lower[f][f]
		left -= float64(row[f] * row[f])
	}
	s.sums = append(s.sums, sum)
	return row, math.Sqrt(max(left, own/1e6, 1))
}

// rebuild starts anew with the steps given; what the first shared is forgotten.
func (s *scales) rebuild(steps []step) {
	kept := slices.Clone(steps)
	*s = *newScales(len(s.weight))
	for i, p := range kept {
		if i == 0 {
			p.shared = 0
		}
		row, l := s.foresee(&p)
		rest := p.short
		for f, v := range row {
			rest -= float64(v * s.rest[f])
		}
		s.keep(p, row, l, rest/l)
	}
}

// forget takes what one unit said and did out of all steps, given the part of
// its stated changes by which the meter is thought to have differed.
func (s *scales) forget(unit int, part float64) {
	for i := range s.steps {
		p := &s.steps[i]
		p.short -= float64(part * float64(p.moved[unit]))
		p.moved[unit] = 0
	}
	s.rebuild(s.steps)
}

// grow adds by times b to a. The conversions forbid fused products, which not
// every processor has: all reach the same bits.
func grow(a []float64, b []float32, by float64) {
	b = b[:len(a)]
	for i := range a {
		a[i] += float64(float64(b[i]) * by)
	}
}

// product is the scalar product.
func product(a, b []float32) float64 {
	sum := 0.0
	b = b[:len(a)]
	for i, v := range a {
		sum += float64(float64(v) * float64(b[i]))
	}
	return sum
}
