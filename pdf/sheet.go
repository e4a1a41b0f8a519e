package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An A4 sheet, in hundredths of a point.
const (
	Wide     = 59_528
	High     = 84_189
	Margin   = 4_250
	TextWide = Wide - 2*Margin
	Bottom   = High - 6_200 // above the foot
)

// Ink is how letters look: size in tenths of a point, and their colour.
type Ink struct {
	Size   int
	Bold   bool
	Colour string // "0.4" is a grey, 0 black and 1 paper; "0.8 0.2 0" is red, green and blue
}

// Plain is the ink of most text.
func Plain() Ink { return Ink{85, false, "0.1"} }

// Strong is the ink of names.
func Strong() Ink { return Ink{85, true, "0.1"} }

// Quiet is the ink of what explains.
func Quiet() Ink { return Ink{75, false, "0.4"} }

// Mark is a line of text where it stands on a page, from the left.
type Mark struct {
	x    int
	line textLine
	ink  Ink
}

// Ends is where a line begins and ends, from the left.
func (m Mark) Ends() (left, right int) { return m.x, m.x + m.line.points(m.ink) }

// Cell is the lines of a box, from above.
type Cell []Mark

// Box is where a cell stands: from the side at which reading begins, mirrored
// where that is the right.
type Box struct {
	X, Width int
	End      bool // its text stands at the side at which reading ends
}

// Sheet lays lines on pages. The first failure stays, and nothing is laid after it.
type Sheet struct {
	*setter
	RTL   bool
	Y     int    // from above, where the next line begins
	Head  []Cell // above what continues on another page
	pages []*bytes.Buffer
	err   error
}

// New is sheets without a page, in a language as an ISO 639-1 code. rtl says that
// pages are read from the right.
func New(language string, rtl bool) (*Sheet, error) {
	set, err := newSetter(language)
	if err != nil {
		return nil, err
	}
	return &Sheet{setter: set, RTL: rtl}, nil
}

// Err is the first failure; it wraps ErrLetter where a text has a letter that no
// font has.
func (s *Sheet) Err() error { return s.err }

// Pages is how many there are.
func (s *Sheet) Pages() int { return len(s.pages) }

// Reading is the direction in which a text is read.
type Reading int

// The directions.
const (
	Auto    Reading = iota // as its first letter
	AsPage                 // as the page is
	Forward                // from left to right, always
)

func (s *Sheet) fromRight(text string, r Reading) bool {
	switch r {
	case Forward:
		return false
	case AsPage:
		return s.RTL
	case Auto:
	}
	return fromRight(text)
}

// Write adds a text to a cell, in as many lines as it needs.
func (s *Sheet) Write(c Cell, b Box, text string, k Ink, r Reading) Cell {
	if text == "" || s.err != nil {
		return c
	}
	lines, err := s.set(text, k.Bold, s.fromRight(text, r), b.Width*100/k.Size)
	if err != nil {
		s.err = err
		return c
	}
	for _, l := range lines {
		x := b.Left(s.RTL)
		if b.End != s.RTL {
			x += b.Width - l.points(k)
		}
		c = append(c, Mark{x, l, k})
	}
	return c
}

// Left is where a box begins on the page.
func (b Box) Left(rtl bool) int {
	if rtl {
		return Wide - Margin - b.X - b.Width
	}
	return Margin + b.X
}

// points is how wide a line is, in hundredths of a point.
func (t textLine) points(k Ink) int { return (t.width*k.Size + 50) / 100 }

// endless is a box in which no line ends.
func endless() Box { return Box{Width: 1 << 24} }

// Wide is how wide a text is in one line.
func (s *Sheet) Wide(text string, k Ink, r Reading) int {
	widest := 0
	for _, m := range s.Write(nil, endless(), text, k, r) {
		widest = max(widest, m.line.points(k))
	}
	return widest + slack
}

// slack is what a box is wider than its text, as lengths are rounded: a line that
// is measured is never broken.
const slack = 15

// Column is numbers that stand with their points one above the other: the most
// room that is needed before the point and from it on.
type Column struct {
	Point        string
	Before, From int
}

// cut is the room that a number needs before its point and from it on.
func (s *Sheet) cut(point, number string, k Ink) (before, from int) {
	all := s.Wide(number, k, Forward)
	whole, _, ok := strings.Cut(number, point)
	if !ok {
		return all, 0
	}
	before = s.Wide(whole, k, Forward)
	return before, all - before
}

// Room makes a column as wide as a number needs.
func (s *Sheet) Room(c *Column, number string, k Ink) {
	before, from := s.cut(c.Point, number, k)
	c.Before, c.From = max(c.Before, before), max(c.From, from)
}

// Number is a cell with one number of a column; the numbers stand at the end of their box.
func (s *Sheet) Number(c Column, b Box, text string, k Ink) Cell {
	before, _ := s.cut(c.Point, text, k)
	x := b.Left(s.RTL) + c.Before - before
	if !s.RTL {
		x += b.Width - c.Before - c.From
	}
	lines := s.Write(nil, endless(), text, k, Forward)
	for i := range lines {
		lines[i].x = x
	}
	return lines
}

// HeadGap is the room between the heads of columns and their rule.
const HeadGap = 150

// Page begins another page.
func (s *Sheet) Page() {
	s.pages = append(s.pages, &bytes.Buffer{})
	s.Y = Margin
	if s.Head != nil {
		head := s.Head
		s.Head = nil
		s.Band(head, 1_000)
		s.Head = head
		s.Y += HeadGap
		s.Rule("0.5", 300)
	}
}

// Need begins another page where so much does not fit on this one, and would on another.
func (s *Sheet) Need(height int) {
	if s.Y+height > Bottom && s.Y > Margin && height < Bottom-Margin-3_000 {
		s.Page()
	}
}

// Band lays cells side by side; leading is from line to line. What does not fit on
// a page goes on on the next one.
func (s *Sheet) Band(cells []Cell, leading int) {
	lines := 0
	for _, c := range cells {
		lines = max(lines, len(c))
	}
	s.Need(lines * leading)
	for i := range lines {
		if s.Y+leading > Bottom {
			s.Page()
		}
		for _, c := range cells {
			if i < len(c) {
				c[i].draw(s.last(), s.Y+leading*3/4)
			}
		}
		s.Y += leading
	}
}

// last is the page that is being laid.
func (s *Sheet) last() *bytes.Buffer { return s.pages[len(s.pages)-1] }

// Foot writes lines below a page, counted from 0.
func (s *Sheet) Foot(page int, cells ...Cell) {
	for _, c := range cells {
		for j, m := range c {
			m.draw(s.pages[page], Bottom+2_000+j*950)
		}
	}
}

// Rule draws a line over the whole width, with some room below.
func (s *Sheet) Rule(grey string, below int) { s.RuleFrom(0, grey, below) }

// RuleFrom draws a line from a place to where the text ends.
func (s *Sheet) RuleFrom(x int, grey string, below int) {
	b := Box{X: x, Width: TextWide - x}
	left, y := b.Left(s.RTL), High-s.Y
	fmt.Fprintf(s.last(), "%s G 0.4 w %s %s m %s %s l S\n", grey, hundredths(left), hundredths(y), hundredths(left+b.Width), hundredths(y))
	s.Y += below
}

// hundredths writes hundredths of a point as points.
func hundredths(n int) string {
	if n < 0 {
		return "-" + hundredths(-n)
	}
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

// draw writes a line with its baseline at y, from above.
func (m Mark) draw(b *bytes.Buffer, y int) {
	x := 0
	for _, r := range m.line.runs {
		if len(r.glyphs) == 0 {
			continue
		}
		fmt.Fprintf(b, "BT %s %s /%s %d.%d Tf %s %s Td ", m.ink.Colour, fill(m.ink.Colour), r.face.name, m.ink.Size/10, m.ink.Size%10, hundredths(m.x+(x*m.ink.Size+50)/100), hundredths(High-y))
		x += r.show(b, m.ink.Size)
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

// About is what a reader is told of a file.
type About struct {
	Language, Title, Author string
}

// File is the pages as a PDF. The id of the document is made of what it shows.
func (s *Sheet) File(a About, id [32]byte) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	p := &file{}
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
	p.put(tree, "<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 %s %s] /Resources << /Font << %s>> >> >>", len(s.pages), kids.String(), hundredths(Wide), hundredths(High), fonts.String())
	way := "L2R"
	if s.RTL {
		way = "R2L"
	}
	info := p.add("<< /Title %s /Author %s /Producer (Sluice) >>", wide(a.Title), wide(a.Author))
	root := p.add("<< /Type /Catalog /Pages %d 0 R /Lang %s /ViewerPreferences << /DisplayDocTitle true /Direction /%s >> >>", tree, wide(a.Language), way)
	return p.bytes(root, info, id), nil
}

// Highest is how many lines the longest of cells has.
func Highest(cells []Cell) int {
	return len(slices.MaxFunc(cells, func(a, b Cell) int { return cmp.Compare(len(a), len(b)) }))
}

// Shut keeps a text together in its own direction, whatever stands around it.
func Shut(text string) string { return "\u2068" + text + "\u2069" }
