package invoice

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An A4 sheet, in hundredths of a point.
const (
	sheetWide = 59_528
	sheetHigh = 84_189
	margin    = 4_250
	textWide  = sheetWide - 2*margin
	bottom    = sheetHigh - 6_200 // above the foot
)

// ink is how letters look: size in tenths of a point, and how grey they are.
type ink struct {
	size int
	bold bool
	grey string // 0 is black, 1 is paper
}

// The looks of a document.
func plain() ink  { return ink{85, false, "0.1"} }
func strong() ink { return ink{85, true, "0.1"} }
func quiet() ink  { return ink{75, false, "0.4"} }

// mark is a line of text where it stands on a page, from the left.
type mark struct {
	x    int
	line textLine
	ink  ink
}

// cell is the lines of a box, from above.
type cell []mark

// box is where a cell stands: from the side at which reading begins, mirrored
// where that is the right.
type box struct {
	x, width int
	end      bool // its text stands at the side at which reading ends
}

// sheet lays lines on pages. The first failure stays, and nothing is laid after it.
type sheet struct {
	*setter
	rtl   bool
	pages []*bytes.Buffer
	y     int    // from above, where the next line begins
	head  []cell // above what continues on another page
	err   error
}

// reading is the direction in which a text is read.
type reading int

const (
	auto    reading = iota // as its first letter
	asPage                 // as the page is
	forward                // from left to right, always
)

func (s *sheet) fromRight(text string, r reading) bool {
	switch r {
	case forward:
		return false
	case asPage:
		return s.rtl
	case auto:
	}
	return fromRight(text)
}

// write adds a text to a cell, in as many lines as it needs.
func (s *sheet) write(c cell, b box, text string, k ink, r reading) cell {
	if text == "" || s.err != nil {
		return c
	}
	lines, err := s.set(text, k.bold, s.fromRight(text, r), b.width*100/k.size)
	if err != nil {
		s.err = err
		return c
	}
	for _, l := range lines {
		x := b.left(s.rtl)
		if b.end != s.rtl {
			x += b.width - l.points(k)
		}
		c = append(c, mark{x, l, k})
	}
	return c
}

// left is where a box begins on the page.
func (b box) left(rtl bool) int {
	if rtl {
		return sheetWide - margin - b.x - b.width
	}
	return margin + b.x
}

// points is how wide a line is, in hundredths of a point.
func (t textLine) points(k ink) int { return (t.width*k.size + 50) / 100 }

// wide is how wide a text is in one line.
func (s *sheet) wide(text string, k ink, r reading) int {
	widest := 0
	for _, m := range s.write(nil, box{width: 1 << 24}, text, k, r) {
		widest = max(widest, m.line.points(k))
	}
	return widest + slack
}

// slack is what a box is wider than its text, as lengths are rounded: a line that
// is measured is never broken.
const slack = 15

// column is numbers that stand with their points one above the other: the most
// room that is needed before the point and from it on.
type column struct {
	point        string
	before, from int
}

// cut is the room that a number needs before its point and from it on.
func (s *sheet) cut(point, number string, k ink) (before, from int) {
	all := s.wide(number, k, forward)
	whole, _, ok := strings.Cut(number, point)
	if !ok {
		return all, 0
	}
	before = s.wide(whole, k, forward)
	return before, all - before
}

// room makes a column as wide as a number needs.
func (s *sheet) room(c *column, number string, k ink) {
	before, from := s.cut(c.point, number, k)
	c.before, c.from = max(c.before, before), max(c.from, from)
}

// number is a cell with one number of a column; the numbers stand at the end of their box.
func (s *sheet) number(c column, b box, text string, k ink) cell {
	before, _ := s.cut(c.point, text, k)
	x := b.left(s.rtl) + c.before - before
	if !s.rtl {
		x += b.width - c.before - c.from
	}
	lines := s.write(nil, box{width: 1 << 24}, text, k, forward)
	for i := range lines {
		lines[i].x = x
	}
	return lines
}

// page begins another page.
func (s *sheet) page() {
	s.pages = append(s.pages, &bytes.Buffer{})
	s.y = margin
	if s.head != nil {
		head := s.head
		s.head = nil
		s.band(head, 1_000)
		s.head = head
		s.y += headGap
		s.rule("0.5", 300)
	}
}

// need begins another page where so much does not fit on this one, and would on another.
func (s *sheet) need(height int) {
	if s.y+height > bottom && s.y > margin && height < bottom-margin-3_000 {
		s.page()
	}
}

// band lays cells side by side; leading is from line to line. What does not fit on
// a page goes on on the next one.
func (s *sheet) band(cells []cell, leading int) {
	lines := 0
	for _, c := range cells {
		lines = max(lines, len(c))
	}
	s.need(lines * leading)
	for i := range lines {
		if s.y+leading > bottom {
			s.page()
		}
		for _, c := range cells {
			if i < len(c) {
				c[i].draw(s.pages[len(s.pages)-1], s.y+leading*3/4)
			}
		}
		s.y += leading
	}
}

// rule draws a line over the whole width, with some room below.
func (s *sheet) rule(grey string, below int) { s.ruleFrom(0, grey, below) }

// ruleFrom draws a line from a place to where the text ends.
func (s *sheet) ruleFrom(x int, grey string, below int) {
	b := box{x: x, width: textWide - x}
	left, y := b.left(s.rtl), sheetHigh-s.y
	fmt.Fprintf(s.pages[len(s.pages)-1], "%s G 0.4 w %s %s m %s %s l S\n", grey, hundredths(left), hundredths(y), hundredths(left+b.width), hundredths(y))
	s.y += below
}

// hundredths writes hundredths of a point as points.
func hundredths(n int) string {
	if n < 0 {
		return "-" + hundredths(-n)
	}
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

// draw writes a line with its baseline at y, from above.
func (m mark) draw(b *bytes.Buffer, y int) {
	x := 0
	for _, r := range m.line.runs {
		if len(r.glyphs) == 0 {
			continue
		}
		fmt.Fprintf(b, "BT %s g /%s %d.%d Tf %s %s Td ", m.ink.grey, r.face.name, m.ink.size/10, m.ink.size%10, hundredths(m.x+(x*m.ink.size+50)/100), hundredths(sheetHigh-y))
		x += r.show(b, m.ink.size)
		b.WriteString("ET\n")
	}
}

// show writes the glyphs of a run and returns its width in thousandths of the size.
func (r run) show(b *bytes.Buffer, size int) int {
	width, raised, back := 0, 0, 0
	b.WriteString("[")
	for _, g := range r.glyphs {
		if g.up != raised {
			fmt.Fprintf(b, "] TJ %s Ts [", hundredths(g.up*size/100))
			raised = g.up
		}
		if move := back - g.right; move != 0 {
			fmt.Fprintf(b, "%d", move)
		}
		fmt.Fprintf(b, "<%04X>", g.id)
		back = g.right + g.natural - g.advance
		width += g.advance
	}
	b.WriteString("] TJ ")
	if raised != 0 {
		b.WriteString("0 Ts ")
	}
	return width
}

// file is the pages as a PDF.
func (s *sheet) file(about func(*paper) (root string, info int), id [32]byte) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	p := &paper{}
	tree := p.reserve()
	var fonts, kids strings.Builder
	for _, f := range s.faces {
		if len(f.used) == 0 {
			continue
		}
		n, err := p.font(f)
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", f.name, err)
		}
		fmt.Fprintf(&fonts, "/%s %d 0 R ", f.name, n)
	}
	for _, b := range s.pages {
		n := p.add("<< /Type /Page /Parent %d 0 R /Contents %d 0 R >>", tree, p.stream(b.Bytes(), ""))
		fmt.Fprintf(&kids, "%d 0 R ", n)
	}
	p.put(tree, "<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 %s %s] /Resources << /Font << %s>> >> >>", len(s.pages), kids.String(), hundredths(sheetWide), hundredths(sheetHigh), fonts.String())
	more, info := about(p)
	root := p.add("<< /Type /Catalog /Pages %d 0 R %s >>", tree, more)
	return p.bytes(root, info, id), nil
}

// highest is how many lines the longest of cells has.
func highest(cells []cell) int {
	return len(slices.MaxFunc(cells, func(a, b cell) int { return cmp.Compare(len(a), len(b)) }))
}
