package board

import (
	"strings"

	"sluice/pdf"
)

// gutter is the room between two columns.
const gutter = 500

// layout is the columns of a table on a page.
type layout struct {
	boxes []pdf.Box
	size  int
}

// table lays a table under its caption; its heads stand on every page.
func (p *printer) table(t *table) {
	l := p.layOut(t)
	leading := l.size * 13
	head, bold, plain := pdf.Ink{Size: l.size, Bold: true, Colour: "0.35"}, pdf.Ink{Size: l.size, Bold: true, Colour: "0.1"}, pdf.Ink{Size: l.size, Colour: "0.1"}
	var heads []pdf.Cell
	for i, h := range t.Heads {
		heads = append(heads, p.Write(nil, l.boxes[i], h, head, pdf.AsPage))
	}
	p.Need(pdf.Highest(heads)*1_000 + 5_500)
	p.paragraph(t.Caption, pdf.Strong(), 1_250)
	p.Band(heads, 1_000)
	p.Y += pdf.HeadGap
	p.Rule("0.5", 200)
	p.Head = heads
	for i, r := range t.Rows {
		k := plain
		if r.Sum || r.Group {
			k = bold
		}
		if r.Group {
			p.Need(3 * leading)
		} else if i > 0 {
			p.Rule("0.9", 150)
		}
		p.Band(p.cells(t, r, l, k), leading)
		p.Y += 150
	}
	p.Head = nil
	p.Y += 300
}

// cells is a row of a table.
func (p *printer) cells(t *table, r row, l layout, k pdf.Ink) []pdf.Cell {
	if r.Group {
		return []pdf.Cell{p.Write(nil, whole(), r.Name, k, pdf.AsPage)}
	}
	name := pdf.AsPage
	if r.Own {
		name = pdf.Auto
	}
	out := []pdf.Cell{p.Write(nil, l.boxes[0], r.Name, k, name)}
	for i := range r.Cells {
		way := pdf.AsPage
		if t.Num(i) {
			way = pdf.Forward
		}
		out = append(out, p.Write(nil, l.boxes[i+1], cellText(r, i), k, way))
	}
	return out
}

// cellText is a cell as it is printed: a standing stands behind its sign.
func cellText(r row, i int) string {
	if r.Sign != "" && i == 1 {
		return marked(r.Sign, r.Cells[i])
	}
	return r.Cells[i]
}

// The sizes of type between which a table is fitted to the page.
const (
	mostType  = 75
	leastType = 55
)

// layOut makes columns as wide as they must be, with smaller type where they do not
// fit, and gives the rest to the names.
func (p *printer) layOut(t *table) layout {
	size := mostType
	widths := p.natural(t, size)
	for size > leastType && sum(widths) > pdf.TextWide {
		size -= 5
		widths = p.natural(t, size)
	}
	if over := sum(widths) - pdf.TextWide; over > 0 {
		squeeze(widths, over)
	}
	p.share(t, widths, pdf.TextWide-sum(widths))
	l := layout{size: size}
	at := 0
	for i, w := range widths {
		l.boxes = append(l.boxes, pdf.Box{X: at, Width: w - gutter, End: t.NumHead(i) && !p.RTL}) // numbers stand at the right, in every language
		at += w
	}
	return l
}

// share gives columns the room that is left: the names a third of the page, and the
// others the same each.
func (p *printer) share(t *table, widths []int, rest int) {
	names := min(rest, max(0, pdf.TextWide/3-widths[0]))
	if t.Tight {
		rest = min(rest, pdf.TextWide/4)
		names = min(names, rest/3)
	}
	widths[0] += names
	for i := 1; i < len(widths); i++ {
		widths[i] += (rest - names) / (len(widths) - 1)
	}
}

// natural is how wide each column would be in one line, names and texts bounded.
func (p *printer) natural(t *table, size int) []int {
	k, bold := pdf.Ink{Size: size, Colour: "0.1"}, pdf.Ink{Size: size, Bold: true, Colour: "0.1"}
	out := make([]int, len(t.Heads))
	for i, h := range t.Heads {
		for word := range strings.FieldsSeq(h) {
			out[i] = max(out[i], p.Wide(word, bold, pdf.AsPage))
		}
	}
	for _, r := range t.Rows {
		if r.Group {
			continue
		}
		ink := k
		if r.Sum {
			ink = bold
		}
		out[0] = max(out[0], min(p.Wide(r.Name, ink, pdf.Auto), pdf.TextWide*3/10))
		for i := range r.Cells {
			wide := p.Wide(cellText(r, i), ink, pdf.Auto)
			if !t.Num(i) {
				wide = min(wide, pdf.TextWide*3/10)
			}
			out[i+1] = max(out[i+1], wide)
		}
	}
	for i := range out {
		out[i] += gutter
	}
	return out
}

func sum(all []int) (n int) {
	for _, x := range all {
		n += x
	}
	return n
}

// squeeze takes from the widest columns what is too much.
func squeeze(widths []int, over int) {
	for over > 0 {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		x := min(over, max(widths[widest]/10, 1))
		widths[widest] -= x
		over -= x
	}
}

// grounds and letters are the colours of the cells of a heat map, by their level.
//
//nolint:gochecknoglobals // tables that nobody writes
var (
	grounds = [...]string{"1", "0.99 0.94 0.86", "0.98 0.85 0.66", "0.94 0.67 0.42", "0.56 0.18 0.04"}
	letters = [...]string{"0.1", "0.1", "0.1", "0.1", "1"}
)

// heat lays the map of a covenant: years below each other, quarters side by side.
func (p *printer) heat(h *heat) {
	const name, high = 5_000, 2_050
	const wide = (pdf.TextWide*2/3 - name) / 4
	box := func(i int) pdf.Box {
		if i == 0 {
			return pdf.Box{Width: name}
		}
		return pdf.Box{X: name + (i-1)*wide, Width: wide}
	}
	middle := func(i, down int) pdf.Point {
		b := box(i)
		return pdf.Point{X: b.Left(p.RTL) + b.Width/2, Y: p.Y + down}
	}
	p.Need(8_000)
	p.paragraph(h.Caption, pdf.Strong(), 1_250)
	for i, x := range h.Heads {
		p.Say(middle(i, 750), pdf.Middle, x, pdf.Ink{Size: 70, Bold: true, Colour: "0.35"})
	}
	p.Y += 1_150
	for _, r := range h.Rows {
		p.Need(high)
		p.Say(middle(0, 1_200), pdf.Middle, r.Name, pdf.Ink{Size: 75, Colour: "0.1"})
		for i, c := range r.Cells {
			p.heatCell(c, box(i+1), high)
		}
		p.Y += high
	}
	p.Y += 400
}

// heatCell lays a quarter: the probability, and the headroom below.
func (p *printer) heatCell(c heatCell, b pdf.Box, high int) {
	left := b.Left(p.RTL)
	at := pdf.Point{X: left + b.Width/2, Y: p.Y + 900}
	level := max(c.Level, 0)
	corners := []pdf.Point{{X: left, Y: p.Y}, {X: left + b.Width, Y: p.Y}, {X: left + b.Width, Y: p.Y + high}, {X: left, Y: p.Y + high}, {X: left, Y: p.Y}}
	p.Area(grounds[level], corners[:4]...)
	p.Stroke("0.8", 30, false, corners...)
	text := c.Text
	if c.Level == len(grounds)-1 {
		text = "! " + text
	}
	p.Say(at, pdf.Middle, text, pdf.Ink{Size: 75, Bold: true, Colour: letters[level]})
	at.Y += 850
	p.Say(at, pdf.Middle, c.Note, pdf.Ink{Size: 65, Colour: letters[level]})
}
