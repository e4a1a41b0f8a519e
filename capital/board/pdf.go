package board

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"

	"sluice/capital"
	"sluice/pdf"
)

// WritePDF writes a report on A4 sheets: what WriteHTML shows, with drawings made of
// lines and areas. The same report has the same bytes. An error wraps ErrReport where
// the report does not hold together, or pdf.ErrLetter where a name has a letter
// that no font of the PDF has: hand the page out as HTML then.
func WritePDF(w io.Writer, r Report) error {
	s, err := newScribe(&r)
	if err != nil {
		return err
	}
	var page bytes.Buffer // the file is known by what it shows
	if err := WriteHTML(&page, r); err != nil {
		return err
	}
	on, err := pdf.New(string(s.language), s.rtl())
	if err != nil {
		return fmt.Errorf("write the report of %q as a PDF: %w", r.Plan.Name, err)
	}
	d := s.document()
	p := &printer{Sheet: on, words: s.words}
	p.Page()
	p.paragraph(d.Title, pdf.Ink{Size: 180, Bold: true, Colour: "0.1"}, 2_300)
	p.paragraph(d.When, pdf.Quiet(), 1_050)
	p.paragraph(d.Made, pdf.Quiet(), 1_050)
	for _, x := range d.Sections {
		p.section(x)
	}
	p.feet(d.Title)
	b, err := p.File(pdf.About{Language: string(s.language), Title: d.Title, Author: r.Plan.Name}, sha256.Sum256(page.Bytes()))
	if err != nil {
		return fmt.Errorf("write the report of %q as a PDF: %w", r.Plan.Name, err)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write the report of %q as a PDF: %w", r.Plan.Name, err)
	}
	return nil
}

// printer lays a report on sheets.
type printer struct {
	*pdf.Sheet
	words map[string]string
}

// whole is a box over the whole width.
func whole() pdf.Box { return pdf.Box{Width: pdf.TextWide} }

// paragraph lays a text over the whole width.
func (p *printer) paragraph(text string, k pdf.Ink, leading int) {
	if text == "" {
		return
	}
	p.Band([]pdf.Cell{p.Write(nil, whole(), text, k, pdf.AsPage)}, leading)
}

// Heights of the parts of a report.
const (
	headHigh  = 1_900
	keepBelow = 9_000 // a heading does not stand alone at the foot of a page
	line      = 1_150
)

// section lays a part of a report.
func (p *printer) section(x section) {
	need := headHigh + keepBelow
	for _, b := range x.Blocks[:min(2, len(x.Blocks))] {
		if b.Picture != nil {
			need = headHigh + 2*line + p.high(b.Picture)
		}
	}
	p.Need(need)
	p.Y += 700
	p.Rule("0.5", 500)
	p.paragraph(x.Title, pdf.Ink{Size: 130, Bold: true, Colour: "0.1"}, headHigh)
	for _, b := range x.Blocks {
		p.block(b)
	}
}

// block lays one thing of a section.
func (p *printer) block(b block) {
	k := pdf.Plain()
	if b.Quiet {
		k = pdf.Quiet()
	}
	p.paragraph(b.Text, k, line)
	for _, x := range b.Warn {
		p.item("!", x)
	}
	for _, x := range b.List {
		p.item("•", x)
	}
	p.tiles(b.Tiles)
	if b.Picture != nil {
		p.plate(b.Picture)
	}
	if b.Heat != nil {
		p.heat(b.Heat)
	}
	if b.Table != nil {
		p.table(b.Table)
	}
	p.Y += 250
}

// item is a text behind a sign.
func (p *printer) item(sign, text string) {
	const room = 1_200
	p.Band([]pdf.Cell{
		p.Write(nil, pdf.Box{Width: room}, sign, pdf.Strong(), pdf.AsPage),
		p.Write(nil, pdf.Box{X: room, Width: pdf.TextWide - room}, text, pdf.Plain(), pdf.AsPage),
	}, line)
	p.Y += 150
}

// tiles are figures three abreast.
func (p *printer) tiles(all []tile) {
	const wide, gap = pdf.TextWide / 3, 800
	for len(all) > 0 {
		n := min(3, len(all))
		p.Need(4_600)
		var names, values, notes []pdf.Cell
		for i, x := range all[:n] {
			b := pdf.Box{X: i * wide, Width: wide - gap}
			names = append(names, p.Write(nil, b, x.Name, pdf.Quiet(), pdf.AsPage))
			values = append(values, p.Write(nil, b, x.Value, pdf.Ink{Size: 125, Bold: true, Colour: "0.1"}, pdf.AsPage))
			notes = append(notes, p.Write(nil, b, x.Note, pdf.Quiet(), pdf.AsPage))
		}
		p.Band(names, 1_000)
		p.Band(values, 1_650)
		p.Band(notes, 1_000)
		p.Y += 500
		all = all[n:]
	}
}

// feet writes below every page what it is of, and which of how many.
func (p *printer) feet(title string) {
	small := pdf.Ink{Size: 65, Colour: "0.4"}
	const most = pdf.TextWide * 3 / 4
	for i := range p.Pages() {
		n := fmt.Sprintf("%d %s %d", i+1, p.words["page.of"], p.Pages())
		p.Foot(i, p.Write(nil, pdf.Box{Width: most}, title, small, pdf.AsPage), p.Write(nil, pdf.Box{X: most, Width: pdf.TextWide - most, End: true}, n, small, pdf.AsPage))
	}
}

// colours are those of the classes of drawings.
//
//nolint:gochecknoglobals // a table that nobody writes
var colours = map[string]string{
	"b1": "0.76 0.86 0.89", "b2": "0.53 0.71 0.78", "median": "0.1", "plan": "0.7 0.33 0.11", "grid": "0.88", "zero": "0.4",
	"gain": "0.17 0.48 0.58", "loss": "0.7 0.33 0.11", "total": "0.28 0.33 0.36", "high": "0.17 0.48 0.58", "low": "0.7 0.33 0.11",
	"label": "0.35", "name": "0.1", "value": "0.1",
}

// high is how high a drawing is with all that stands around it.
func (p *printer) high(x *plate) int {
	d := x.Draw(pageWide)
	return int(d.H*float64(pdf.TextWide)/d.W) + 4_600
}

// plate lays a drawing with its title, its legend and what it says.
func (p *printer) plate(x *plate) {
	d := x.Draw(pageWide)
	scale := float64(pdf.TextWide) / d.W
	p.Need(p.high(x))
	p.paragraph(x.Title, pdf.Strong(), line)
	p.legend(x.Legend)
	top := p.Y
	at := func(q point) pdf.Point {
		return pdf.Point{X: pdf.Margin + int(q.X*scale), Y: top + int(q.Y*scale)}
	}
	for _, y := range d.Shapes {
		p.shape(y, at)
	}
	p.Y = top + int(d.H*scale) + 200
	p.paragraph(x.Says, pdf.Quiet(), 1_000)
}

// shape draws one thing.
func (p *printer) shape(x shape, at func(point) pdf.Point) {
	var all []pdf.Point
	for _, q := range x.Points {
		all = append(all, at(q))
	}
	colour := colours[x.Class]
	switch x.Kind {
	case areaShape:
		if x.Class == "low" { // hollow, so that more than its colour tells it from the other
			p.Stroke(colour, 120, false, append(all, all[0])...)
			return
		}
		p.Area(colour, all...)
	case strokeShape:
		width := 40
		if x.Class == "median" || x.Class == "plan" {
			width = 120
		}
		p.Stroke(colour, width, x.Class == "plan", all...)
	case textShape:
		p.Say(all[0], pdf.Anchor(x.Anchor), x.Text, pdf.Ink{Size: 72, Bold: x.Class == "name", Colour: colour})
	}
}

// legend says what the colours mean, one beside the other.
func (p *printer) legend(all []legend) {
	if len(all) == 0 {
		return
	}
	x := 0
	k := pdf.Quiet()
	for _, l := range all {
		wide := p.Wide(l.Text, k, pdf.AsPage)
		if x+wide+3_500 > pdf.TextWide {
			x = 0
			p.Y += 1_050
		}
		left := pdf.Box{X: x, Width: 1_600}.Left(p.RTL)
		y := p.Y + 550
		switch l.Class {
		case "median", "plan":
			p.Stroke(colours[l.Class], 120, l.Class == "plan", pdf.Point{X: left, Y: y}, pdf.Point{X: left + 1_600, Y: y})
		default:
			p.shape(shape{Kind: areaShape, Class: l.Class, Points: []point{{0, 0}, {1_600, 0}, {1_600, 600}, {0, 600}}}, func(q point) pdf.Point {
				return pdf.Point{X: left + int(q.X), Y: p.Y + 250 + int(q.Y)}
			})
		}
		cell := p.Write(nil, pdf.Box{X: x + 2_000, Width: wide}, l.Text, k, pdf.AsPage)
		y = p.Y
		p.Band([]pdf.Cell{cell}, 1_050)
		p.Y = y
		x += wide + 3_500
	}
	p.Y += 1_250
}

// marked is the standing of a figure behind its sign.
func marked(x capital.Standing, name string) string { return sign(x) + " " + name }
