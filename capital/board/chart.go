package board

import (
	"cmp"
	"math"
	"slices"
)

// drawFan draws bands over quarters, and what the plan expects in them.
func (s *scribe) drawFan(bands []Band, plan func(m int) float64) func(float64) picture {
	return func(width float64) picture {
		low, high := 0.0, 0.0
		for _, b := range bands {
			low, high = min(low, b.P5), max(high, b.P95)
		}
		var expected []float64
		for _, m := range s.r.Risk.Quarters[:len(bands)] {
			k := int(m - s.r.begin())
			v := math.NaN()
			if k >= 0 && k < len(s.r.Months) {
				v = plan(k)
				low, high = min(low, v), max(high, v)
			}
			expected = append(expected, v)
		}
		if -low < (high-low)/1000 { // a rounding below nothing needs no room
			low = 0
		}
		z := s.size(max(-low, high))
		p := newPlot(width, axisOver(low/z.per, high/z.per, 5))
		unit := z.unit
		if high < 1e5 && s.countsCoins(bands) {
			unit = "BTC"
		}
		p.grid(unit, func(v float64) string { return s.number(v, digitsFor(p.y.step)) })
		x := func(i int) float64 {
			return p.left + (p.right-p.left)*(float64(i)+0.5)/float64(len(bands))
		}
		s.yearTicks(p, x, len(bands))
		p.band("b1", bands, x, func(b Band) (float64, float64) { return b.P5 / z.per, b.P95 / z.per })
		p.band("b2", bands, x, func(b Band) (float64, float64) { return b.P25 / z.per, b.P75 / z.per })
		p.line("median", len(bands), x, func(i int) float64 { return bands[i].P50 / z.per })
		p.line("plan", len(bands), x, func(i int) float64 { return expected[i] / z.per })
		return p.picture
	}
}

// countsCoins says whether bands are those of coins.
func (s *scribe) countsCoins(bands []Band) bool {
	coins := s.r.Risk.Fans.BTC
	return len(coins) > 0 && &coins[0] == &bands[0]
}

// yearTicks writes the years below quarters, as many as there is room for.
func (s *scribe) yearTicks(p *plot, x func(int) float64, n int) {
	every := max(1, int(math.Ceil(float64((n+3)/4)*44/(p.right-p.left))))
	for q, m := range s.r.Risk.Quarters[:n] {
		if int(m)%12 < 3 || q == 0 {
			if (m.Year()-s.r.Risk.Quarters[0].Year())%every == 0 {
				p.stroke("grid", point{x(q), p.bottom}, point{x(q), p.bottom + 4})
				p.text("label", point{x(q), p.bottom + 17}, middleAnchor, m.String()[:4])
			}
		}
	}
}

// band draws the area between two rows.
func (p *plot) band(class string, bands []Band, x func(int) float64, ends func(Band) (low, high float64)) {
	var up, down []point
	for i, b := range bands {
		low, high := ends(b)
		up, down = append(up, point{x(i), p.at(high)}), append(down, point{x(i), p.at(low)})
	}
	slices.Reverse(down)
	p.area(class, append(up, down...)...)
}

// line draws a row, broken where it has no figure.
func (p *plot) line(class string, n int, x func(int) float64, value func(int) float64) {
	var run []point
	for i := range n {
		v := value(i)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if len(run) > 1 {
				p.stroke(class, run...)
			}
			run = nil
			continue
		}
		run = append(run, point{x(i), p.at(v)})
	}
	if len(run) > 1 {
		p.stroke(class, run...)
	}
}

// widestFirst sorts inputs by how far they move the NPV.
func widestFirst(bars []Bar) []Bar {
	return slices.SortedStableFunc(slices.Values(bars), func(a, b Bar) int {
		return cmp.Compare(math.Abs(b.NPVHigh-b.NPVLow), math.Abs(a.NPVHigh-a.NPVLow))
	})
}

// lane is a picture of bars that lie one below the other, each under its name.
type lane struct {
	picture
	left, right float64
	x           axis
	y           float64
	rtl         bool // names stand at the right
}

// Heights of a bar with its name above.
const (
	laneHigh = 40.0
	barHigh  = 14.0
	laneTop  = 8.0
	laneFoot = 34.0
)

func (s *scribe) newLane(width float64, rows int, x axis) *lane {
	const side = 14
	return &lane{rtl: s.rtl(), picture: picture{W: width, H: laneTop + laneHigh*float64(rows) + laneFoot}, left: side, right: width - side, x: x, y: laneTop}
}

func (p *lane) at(v float64) float64 {
	return p.left + (v-p.x.low)/(p.x.high-p.x.low)*(p.right-p.left)
}

// foot draws the axis below the bars.
func (p *lane) foot(unit string, show func(float64) string) {
	bottom := p.H - laneFoot
	for _, v := range p.x.ticks() {
		class := "grid"
		if v == 0 {
			class = "zero"
		}
		p.stroke(class, point{p.at(v), laneTop}, point{p.at(v), bottom})
		p.text("label", point{p.at(v), bottom + 14}, middleAnchor, show(v))
	}
	p.text("label", point{p.W / 2, bottom + 29}, middleAnchor, unit)
}

// drawBridge draws how the NPV comes together, from nothing to the whole.
func (s *scribe) drawBridge(parts []part) func(float64) picture {
	return func(width float64) picture {
		low, high, at := 0.0, 0.0, 0.0
		for _, x := range parts {
			at += x.amount
			low, high = min(low, at), max(high, at)
		}
		z := s.size(max(-low, high))
		p := s.newLane(width, len(parts)+1, axisOver(low/z.per, high/z.per, laneSteps(width)))
		p.foot(z.unit, func(v float64) string { return s.number(v, digitsFor(p.x.step)) })
		at = 0
		for _, x := range parts {
			class := "gain"
			if x.amount < 0 {
				class = "loss"
			}
			p.bar(class, s.words[x.name], s.signed(z, x.amount), at/z.per, (at+x.amount)/z.per)
			at += x.amount
		}
		p.bar("total", s.words["head.npvend"], s.in(z, at), 0, at/z.per)
		return p.picture
	}
}

func laneSteps(width float64) int {
	if width < narrow {
		return 4
	}
	return 8
}

// signed writes an amount with its sign, whichever it is.
func (s *scribe) signed(z sized, v float64) string {
	if v > 0 {
		return "+" + s.in(z, v)
	}
	return s.in(z, v)
}

// title is what stands above a bar: its name where reading begins, its value where
// it ends.
func (p *lane) title(name, value string) {
	from, to := p.left, p.right
	a, z := startAnchor, endAnchor
	if p.rtl {
		from, to, a, z = to, from, z, a
	}
	p.text("name", point{from, p.y + 14}, a, name)
	if letter := 7.2; letter*float64(len([]rune(name))+len([]rune(value))) < p.W { // else the table below says it
		p.text("value", point{to, p.y + 14}, z, value)
	}
}

// bar draws a bar with its name and its value above.
func (p *lane) bar(class, name, value string, from, to float64) {
	p.title(name, value)
	x0, x1 := p.at(min(from, to)), p.at(max(from, to))
	p.box(class, x0, p.y+19, max(x1, x0+1), p.y+19+barHigh)
	p.y += laneHigh
}

// drawTornado draws what each input does to the NPV, around that of the plan.
func (s *scribe) drawTornado(bars []Bar) func(float64) picture {
	return func(width float64) picture {
		base := s.r.Answer.Residual.NPV
		low, high := base, base
		for _, b := range bars {
			low, high = min(low, b.NPVLow, b.NPVHigh), max(high, b.NPVLow, b.NPVHigh)
		}
		z := s.size(max(math.Abs(low), math.Abs(high)))
		p := s.newLane(width, len(bars), axisOver(low/z.per, high/z.per, laneSteps(width)))
		p.foot(s.words["head.npv"]+", "+s.apart(z.unit), func(v float64) string { return s.number(v, digitsFor(p.x.step)) })
		for _, b := range bars {
			p.title(b.Input, s.apart(b.Low)+" | "+s.apart(b.High))
			for _, end := range []struct {
				class string
				npv   float64
			}{{"high", b.NPVHigh}, {"low", b.NPVLow}} {
				x0, x1 := p.at(min(base, end.npv)/z.per), p.at(max(base, end.npv)/z.per)
				p.box(end.class, x0, p.y+19, max(x1, x0+1), p.y+19+barHigh)
			}
			p.y += laneHigh
		}
		p.stroke("zero", point{p.at(base / z.per), laneTop}, point{p.at(base / z.per), p.H - laneFoot})
		return p.picture
	}
}

// drawConvergence draws the mean of the first paths, with two standard errors around.
func (s *scribe) drawConvergence(rows []Convergence) func(float64) picture {
	return func(width float64) picture {
		low, high := math.Inf(1), math.Inf(-1)
		for _, c := range rows {
			low, high = min(low, c.Mean-2*c.Error), max(high, c.Mean+2*c.Error)
		}
		z := s.size(max(math.Abs(low), math.Abs(high)))
		p := newPlot(width, axisOver(low/z.per, high/z.per, 5))
		p.grid(z.unit, func(v float64) string { return s.number(v, digitsFor(p.y.step)) })
		x := func(i int) float64 {
			return p.left + (p.right-p.left)*(float64(i)+0.5)/float64(len(rows))
		}
		bands := make([]Band, len(rows))
		for i, c := range rows {
			bands[i] = Band{P5: (c.Mean - 2*c.Error) / z.per, P95: (c.Mean + 2*c.Error) / z.per}
			if every := max(1, int(math.Ceil(float64(len(rows))*56/(p.right-p.left)))); i%every == 0 {
				p.text("label", point{x(i), p.bottom + 17}, middleAnchor, s.number(float64(c.Paths), 0))
			}
		}
		p.band("b1", bands, x, func(b Band) (float64, float64) { return b.P5, b.P95 })
		p.line("median", len(rows), x, func(i int) float64 { return rows[i].Mean / z.per })
		return p.picture
	}
}
