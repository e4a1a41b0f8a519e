package board

import (
	"math"
	"strconv"
)

// picture is a drawing made of areas, strokes and texts, from above and from the
// left, in units of which letters are twelve high. A page shows it as SVG, a sheet
// in its own way.
type picture struct {
	W, H   float64
	Shapes []shape
}

// shape is one thing that is drawn. Its class says how it looks.
type shape struct {
	Kind   shapeKind
	Class  string
	Points []point
	Text   string
	Anchor anchor
}

type point struct{ X, Y float64 }

type shapeKind int

const (
	areaShape shapeKind = iota
	strokeShape
	textShape
)

// anchor is where a text stands around its point.
type anchor int

const (
	startAnchor anchor = iota
	middleAnchor
	endAnchor
)

// Name is the anchor as SVG calls it.
func (a anchor) Name() string { return [...]string{"start", "middle", "end"}[a] }

func (p *picture) area(class string, points ...point) {
	p.Shapes = append(p.Shapes, shape{Kind: areaShape, Class: class, Points: points})
}

func (p *picture) stroke(class string, points ...point) {
	p.Shapes = append(p.Shapes, shape{Kind: strokeShape, Class: class, Points: points})
}

func (p *picture) text(class string, at point, a anchor, text string) {
	p.Shapes = append(p.Shapes, shape{Kind: textShape, Class: class, Points: []point{at}, Text: text, Anchor: a})
}

// box is an area with its sides along the page.
func (p *picture) box(class string, x0, y0, x1, y1 float64) {
	p.area(class, point{x0, y0}, point{x1, y0}, point{x1, y1}, point{x0, y1})
}

// axis is a range that begins and ends on a multiple of its step.
type axis struct{ low, high, step float64 }

// axisOver is the axis of about so many steps that holds low and high.
func axisOver(low, high float64, steps int) axis {
	if !(high > low) {
		low, high = low-1, low+1
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(steps))))
	for _, m := range []float64{1, 2, 5, 10} {
		if (high-low)/(m*step) < float64(steps+1) {
			step *= m
			break
		}
	}
	return axis{math.Floor(low/step) * step, math.Ceil(high/step) * step, step}
}

// ticks are the multiples of the step.
func (a axis) ticks() []float64 {
	var out []float64
	for i := 0; ; i++ {
		v := a.low + float64(i)*a.step
		if v > a.high+a.step/2 {
			return out
		}
		if math.Abs(v) < a.step/1e6 {
			v = 0
		}
		out = append(out, v)
	}
}

// plot is a picture with a value axis upwards and room around.
type plot struct {
	picture
	left, right, top, bottom float64
	y                        axis
}

// newPlot begins a picture of a width; narrow ones are higher, so that a phone shows
// as much.
func newPlot(width float64, y axis) *plot {
	h := width * 0.36
	if width < narrow {
		h = width * 0.62
	}
	return &plot{picture: picture{W: width, H: math.Round(h)}, left: 52, right: width - 10, top: 20, bottom: math.Round(h) - 24, y: y}
}

// narrow is the width below which a picture is made for a phone.
const narrow = 480

func (p *plot) at(v float64) float64 {
	return p.bottom - (v-p.y.low)/(p.y.high-p.y.low)*(p.bottom-p.top)
}

// grid draws the lines of the value axis and says their unit.
func (p *plot) grid(unit string, show func(float64) string) {
	for _, v := range p.y.ticks() {
		class := "grid"
		if v == 0 {
			class = "zero"
		}
		p.stroke(class, point{p.left, p.at(v)}, point{p.right, p.at(v)})
		p.text("label", point{p.left - 6, p.at(v) + 4}, endAnchor, show(v))
	}
	p.text("label", point{p.left - 46, 11}, startAnchor, unit)
}

// digitsFor is how many digits the ticks of an axis need.
func digitsFor(step float64) int {
	d := 0
	for ; d < 4 && math.Abs(step-math.Round(step)) > 1e-9; d++ {
		step *= 10
	}
	return d
}

// trace writes a coordinate, to a tenth.
func trace(v float64) string { return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64) }
