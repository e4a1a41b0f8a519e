package pdf

import (
	"fmt"
	"strings"
)

// Point is a place on a page, from the left and from above.
type Point struct{ X, Y int }

// fill is the operator that takes a colour for letters and areas.
func fill(colour string) string {
	if strings.Contains(colour, " ") {
		return "rg"
	}
	return "g"
}

// Area fills what lies within points, on the page that is being laid.
func (s *Sheet) Area(colour string, points ...Point) {
	if len(points) < 3 {
		return
	}
	fmt.Fprintf(s.last(), "%s %s %sh f\n", colour, fill(colour), trail(points))
}

// Stroke draws a line over points; width is in hundredths of a point.
func (s *Sheet) Stroke(colour string, width int, dashed bool, points ...Point) {
	if len(points) < 2 {
		return
	}
	dash, after := "", ""
	if dashed {
		dash, after = "[4 3] 0 d ", " [] 0 d"
	}
	fmt.Fprintf(s.last(), "%s %s %s w %s%sS%s\n", colour, strings.ToUpper(fill(colour)), hundredths(width), dash, trail(points), after)
}

// trail is the way over points.
func trail(points []Point) string {
	var b strings.Builder
	for i, p := range points {
		op := "l"
		if i == 0 {
			op = "m"
		}
		fmt.Fprintf(&b, "%s %s %s ", hundredths(p.X), hundredths(High-p.Y), op)
	}
	return b.String()
}

// Anchor is where a text stands around its point.
type Anchor int

// The anchors: from the point to the right, around it, and up to it.
const (
	FromLeft Anchor = iota
	Middle
	ToRight
)

// Say writes one line with its baseline at a point, read as its first letter is.
func (s *Sheet) Say(at Point, a Anchor, text string, k Ink) {
	for _, m := range s.Write(nil, endless(), text, k, Auto) {
		wide := m.line.points(k)
		m.x = at.X - wide*int(a)/2
		m.draw(s.last(), at.Y)
	}
}
