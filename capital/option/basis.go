package option

import "math"

// term is a product of powers: an earlier term times one variable. The constant has
// no earlier one.
type term struct{ from, by, degree int }

// terms are all products of some variables up to a degree, lower degrees first, so
// that a smaller basis is a shorter list. What comes after the first so many is a
// feature, and enters as it is.
func terms(variables []int, states, degree int) []term {
	out := []term{{-1, -1, 0}}
	type open struct{ at, least int } // least keeps the variables of a product in order
	layer := []open{{0, 0}}
	for d := 1; d <= degree; d++ {
		var next []open
		for _, o := range layer {
			for v := o.least; v < len(variables) && variables[v] < states; v++ {
				next = append(next, open{len(out), v})
				out = append(out, term{o.at, variables[v], d})
			}
		}
		for _, v := range variables {
			if d == 1 && v >= states {
				out = append(out, term{0, v, d})
			}
		}
		layer = next
	}
	return out
}

// upTo is how many of some terms have at most a degree.
func upTo(all []term, degree int) int {
	n := 0
	for n < len(all) && all[n].degree <= degree {
		n++
	}
	return n
}

// scale brings a state to mean 0 and deviation 1, and holds it within what the
// fitted paths have seen: a polynomial says nothing beyond.
type scale struct{ mean, by, low, high [widthMost]float64 }

func (s *scale) of(v int, x float64) float64 {
	return (min(max(x, s.low[v]), s.high[v]) - s.mean[v]) * s.by[v]
}

// fill computes the terms at a state.
func (s *scale) fill(all []term, x, into []float64) {
	into[0] = 1
	for j := 1; j < len(all); j++ {
		t := all[j]
		into[j] = into[t.from] * s.of(t.by, x[t.by])
	}
}

// moments are sums over paths, taken from the first state of all, so that states
// which are all the same have a deviation of exactly nought.
type moments struct {
	n                       int
	sum, square, least, top [widthMost]float64
}

func (m *moments) add(x, from []float64) {
	for v := range x {
		d := x[v] - from[v]
		m.sum[v] += d
		m.square[v] += d * d
		if m.n == 0 || x[v] < m.least[v] {
			m.least[v] = x[v]
		}
		if m.n == 0 || x[v] > m.top[v] {
			m.top[v] = x[v]
		}
	}
	m.n++
}

// join adds the sums of a later block.
func (m *moments) join(o moments) {
	if o.n == 0 {
		return
	}
	if m.n == 0 {
		*m = o
		return
	}
	m.n += o.n
	for v := range m.sum {
		m.sum[v] += o.sum[v]
		m.square[v] += o.square[v]
		m.least[v], m.top[v] = min(m.least[v], o.least[v]), max(m.top[v], o.top[v])
	}
}

// scale is that of the sums, and the variables that vary at all.
func (m *moments) scale(from []float64) (s scale, varies []int) {
	n := float64(max(m.n, 1))
	for v := range from {
		mean := m.sum[v] / n
		s.mean[v], s.low[v], s.high[v] = from[v]+mean, m.least[v], m.top[v]
		deviation := math.Sqrt(max(m.square[v]/n-mean*mean, 0))
		// a spread at the last digits of a number is rounding, not chance
		if deviation > 1e-12*math.Abs(s.mean[v]) && m.top[v] > m.least[v] {
			s.by[v] = 1 / deviation
			varies = append(varies, v)
		}
	}
	return s, varies
}
