package solve_test

import (
	"math"

	"sluice/solve"
)

// site describes the reference instance R1 of the design: a site with miners,
// GPUs, jobs, a battery, wind, a reserve product, a demand charge and a
// coincident peak, over intervals of a quarter of an hour.
type site struct {
	from, intervals int     // first interval of the day and number of intervals
	peak            float64 // incumbent peak in MW
	commit          bool    // segments all or nothing with start costs
	noise           float64 // scale of a deterministic price ripple
}

// Columns of one interval, and then of the commitment.
const (
	cImp, cExp, cX0, cX1, cX2, cY, cSh, cOd = 0, 1, 2, 3, 4, 5, 6, 7
	cB0, cB1, cCh, cDi, cSoc, cCu, cR, cB   = 8, 9, 10, 11, 12, 13, 14, 15
	siteColumns                             = 16
	cU, cV, cW                              = 16, 17, 18
	siteRows                                = 8
)

const hours = 0.25

// price is the spot price of interval t of the day in USD/MWh.
func (s site) price(t int) float64 {
	d := t % 96
	switch {
	case d == 70 || d == 71:
		return 400 + 40 + 30*math.Sin(2*math.Pi*float64(d-36)/96)
	case d >= 12 && d <= 15:
		return -60
	}
	ripple := s.noise * math.Sin(1.7*float64(t)+0.3*float64(t%13))
	return 40 + 30*math.Sin(2*math.Pi*float64(d-36)/96) + ripple
}

// costs returns the costs of the columns of interval t.
func (s site) costs(t int) []float64 {
	p := s.price(t)
	c := []float64{
		(p + 0.5) * hours, -(p - 1) * hours, -97 * hours, -77 * hours, -60 * hours, 0, 2500 * hours, -600 * hours,
		0, 0, 0.5 * hours, 0.5 * hours, 0, 0, -(4 + 0.05*math.Max(0, p-50)) * hours, -(4 + 0.05*math.Max(0, p-50)) * hours,
	}
	if d := t % 96; d >= 64 && d <= 71 {
		c[cImp] += 150
	}
	return c
}

// bounds returns lower and upper bounds of the columns of interval t; i is its
// place in the horizon.
func (s site) bounds(t, i int) (lower, upper []float64) {
	d := t % 96
	wind := s.wind(t)
	upper = []float64{60, 20, 24, 10, 6, 5, 5, 3, 0, 0, 10, 10, 20, wind, 25, 10}
	if d < 48 {
		upper[cB0] = 4
	}
	if d >= 24 {
		upper[cB1] = 3
	}
	lower = make([]float64, siteColumns)
	lower[cSoc] = 1
	if i == s.intervals-1 {
		lower[cSoc] = 10
	}
	return lower, upper
}

// wind is the output of the wind park in MW.
func (s site) wind(t int) float64 { return 8 + 6*math.Sin(2*math.Pi*float64(t%96)/96) }

// pue is the marginal ratio of meter power to IT power of the miners.
func (s site) pue(t int) float64 { return 1.10 + 0.05*math.Sin(2*math.Pi*float64(t%96-32)/96) }

// problem builds the whole problem: blocks of one interval first, then peak and
// missed energy.
func (s site) problem() *solve.Problem {
	b := &builder{}
	for i := range s.intervals {
		s.addColumns(b, i)
	}
	n := s.intervals * siteColumns
	pk, m0, m1 := b.col(9000, 0, inf), b.col(900, 0, inf), b.col(900, 0, inf)
	for i := range s.intervals {
		s.addRows(b, i, pk)
	}
	var t0, t1 []float64
	for i := range s.intervals {
		t0 = append(t0, float64(i*siteColumns+cB0), hours)
		t1 = append(t1, float64(i*siteColumns+cB1), hours)
	}
	b.row(30, inf, append(t0, float64(m0), 1)...)
	b.row(20, inf, append(t1, float64(m1), 1)...)
	if s.commit {
		s.addCommitment(b, n)
	}
	return b.Problem()
}

// addColumns adds the block of interval i of the horizon.
func (s site) addColumns(b *builder, i int) {
	cost := s.costs(s.from + i)
	lower, upper := s.bounds(s.from+i, i)
	for j := range cost {
		b.col(cost[j], lower[j], upper[j])
	}
}

// addRows adds the eight rows of interval i of the horizon.
func (s site) addRows(b *builder, i, pk int) {
	at := func(c int) float64 { return float64(i*siteColumns + c) }
	t := s.from + i
	wind, e := s.wind(t), -s.pue(t)
	b.row(-wind, -wind, at(cImp), 1, at(cExp), -1, at(cCu), -1, at(cDi), 1, at(cCh), -1, at(cX0), e, at(cX1), e, at(cX2), e,
		at(cY), -1.2, at(cOd), -1.2, at(cB0), -1.2, at(cB1), -1.2)
	b.row(5, 5, at(cY), 1, at(cSh), 1)
	b.row(-inf, 12, at(cY), 1, at(cOd), 1, at(cB0), 1, at(cB1), 1)
	if i == 0 {
		b.row(10, 10, at(cSoc), 1, at(cCh), -0.95*hours, at(cDi), hours/0.95)
	} else {
		b.row(0, 0, at(cSoc), 1, at(cSoc-siteColumns), -1, at(cCh), -0.95*hours, at(cDi), hours/0.95)
	}
	b.row(-inf, 0, at(cR), 1, at(cX0), -1, at(cX1), -1, at(cX2), -1)
	b.row(-inf, 10, at(cB), 1, at(cDi), 1, at(cCh), -1)
	b.row(-inf, 0, at(cB), 1, at(cSoc), -1)
	b.row(-inf, s.peak, at(cImp), 1, float64(pk), -1)
}

// addCommitment makes the miners of the site all or nothing: 3 columns and 6
// rows per interval, start cost 200, at least 4 intervals on and 4 off.
func (s site) addCommitment(b *builder, n int) {
	base := n + 3
	at := func(i, c int) float64 { return float64(base + 3*i + c - cU) }
	for range s.intervals {
		b.bin(0)
		b.bin(200)
		b.bin(0)
	}
	for i := range s.intervals {
		x := func(k int) float64 { return float64(i*siteColumns + cX0 + k) }
		b.row(0, 0, x(0), 1, at(i, cU), -24)
		b.row(-inf, 0, x(1), 1, at(i, cU), -10)
		b.row(-inf, 0, x(2), 1, at(i, cU), -6)
		if i == 0 {
			b.row(1, 1, at(i, cU), 1, at(i, cV), -1, at(i, cW), 1)
		} else {
			b.row(0, 0, at(i, cU), 1, at(i-1, cU), -1, at(i, cV), -1, at(i, cW), 1)
		}
		up, down := []float64{at(i, cU), -1}, []float64{at(i, cU), 1}
		for z := max(0, i-3); z <= i; z++ {
			up, down = append(up, at(z, cV), 1), append(down, at(z, cW), 1)
		}
		b.row(-inf, 0, up...)
		b.row(-inf, 1, down...)
	}
}

// layout is where the blocks of the problem lie.
func (s site) layout() solve.Layout {
	return solve.Layout{Blocks: s.intervals, Columns: siteColumns, Rows: siteRows}
}

// r1 is the reference instance.
var r1 = site{intervals: 96, peak: 45}
