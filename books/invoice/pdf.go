package invoice

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"sluice/pdf"
)

// ErrLetter is a text with a letter that no font of the PDF has.
var ErrLetter = pdf.ErrLetter

// PDF renders a document on A4 sheets: what HTML shows, and the hash of the
// canonical bytes on every sheet. In Arabic it is read from the right. Days are
// those of zone; nil is UTC. The same document has the same bytes. An error wraps
// ErrDocument, or ErrLetter where a name has a letter that is neither Latin,
// Greek, Cyrillic nor Arabic: hand the page out as HTML then.
func (d Document) PDF(l Language, zone *time.Location) ([]byte, error) {
	hash, err := d.Hash()
	if err != nil {
		return nil, err
	}
	p := d.page(l, zone)
	on, err := pdf.New(string(l), p.Direction == "rtl")
	if err != nil {
		return nil, err
	}
	s := &sheet{on}
	s.Page()
	s.title(p)
	s.parties(p)
	t := s.table(p, l.marks().point)
	s.rows(p, t)
	s.totals(p, t)
	s.feet(p, fmt.Sprintf("%x", hash))
	b, err := s.File(pdf.About{Language: p.Lang, Title: strings.TrimSpace(p.Title + " " + p.Number), Author: p.From.Name}, hash)
	if err != nil {
		return nil, fmt.Errorf("show document %s as a PDF in %q: %w", d.Number, string(l), err)
	}
	return b, nil
}

// sheet lays a document on pages.
type sheet struct{ *pdf.Sheet }

// title is the kind and the number of a document.
func (s *sheet) title(p page) {
	title := p.Title
	if p.State != "" {
		title += " (" + p.State + ")"
	}
	const half = pdf.TextWide * 11 / 20
	s.Band([]pdf.Cell{
		s.Write(nil, pdf.Box{Width: half}, title, pdf.Ink{Size: 200, Bold: true, Colour: "0.1"}, pdf.AsPage),
		s.Write(nil, pdf.Box{X: half, Width: pdf.TextWide - half, End: true}, p.Number, pdf.Ink{Size: 110, Bold: true, Colour: "0.1"}, pdf.Forward),
	}, 2_600)
	s.Y += 400
	s.Rule("0.5", 900)
}

// parties is who asks whom, and the facts of the document.
func (s *sheet) parties(p page) {
	const third, gap = pdf.TextWide / 3, 1_200
	from, to := s.party(pdf.Box{Width: third - gap}, p.W.From, p.From, p.W), s.party(pdf.Box{X: third, Width: third - gap}, p.W.To, p.To, p.W)
	labels, values := s.facts(2*third, p)
	s.Band([]pdf.Cell{from, to, labels, values}, 1_200)
	s.Y += 1_400
}

func (s *sheet) party(b pdf.Box, label string, who Party, w words) pdf.Cell {
	c := s.Write(nil, b, label, pdf.Quiet(), pdf.AsPage)
	c = s.Write(c, b, who.Name, pdf.Strong(), pdf.Auto)
	for _, a := range append(append([]string{}, who.Address...), who.Country) {
		c = s.Write(c, b, a, pdf.Plain(), pdf.Auto)
	}
	if who.TaxID != "" {
		c = s.Write(c, b, w.TaxID+" "+pdf.Shut(who.TaxID), pdf.Plain(), pdf.AsPage)
	}
	return c
}

// facts is what a document says of itself beside its number, in two cells side by side.
func (s *sheet) facts(x int, p page) (labels, values pdf.Cell) {
	all := [][2]string{{p.W.Issued, p.Issued}, {p.W.Period, p.Period}, {p.W.RefersTo, p.RefersTo}, {p.W.Reason, p.Reason}}
	room := 0
	for _, f := range all {
		room = max(room, s.Wide(f[0], pdf.Quiet(), pdf.AsPage))
	}
	left, right := pdf.Box{X: x, Width: room}, pdf.Box{X: x + room + 700, Width: pdf.TextWide - x - room - 700}
	for i, f := range all {
		if f[1] == "" {
			continue
		}
		r := pdf.Forward
		if i == len(all)-1 {
			r = pdf.Auto // a reason is written by people
		}
		labels = s.Write(labels, left, f[0], pdf.Quiet(), pdf.AsPage)
		values = s.Write(values, right, f[1], pdf.Plain(), r)
		for len(labels) < len(values) {
			labels = append(labels, pdf.Mark{})
		}
	}
	return labels, values
}

// table is the columns of the lines.
type table struct {
	item, meter, period, quantity, price, amount pdf.Box
	quantities, amounts                          pdf.Column
}

// gutter is the room between two columns.
const gutter = 900

// priceMost bounds the column of prices, of which a line may have many.
const priceMost = 9_000

// big is how the total looks.
func big() pdf.Ink { return pdf.Ink{Size: 105, Bold: true, Colour: "0.1"} }

// table makes every column as wide as it must be and gives the rest to texts.
func (s *sheet) table(p page, point string) table {
	t := table{quantities: pdf.Column{Point: point}, amounts: pdf.Column{Point: point}}
	period, price := s.Wide(p.W.Period, pdf.Quiet(), pdf.AsPage), s.Wide(p.W.Price, pdf.Quiet(), pdf.AsPage)
	quantity, amount := s.Wide(p.W.Quantity, pdf.Quiet(), pdf.AsPage), s.Wide(p.W.Amount+" ("+p.Currency+")", pdf.Quiet(), pdf.AsPage)
	for _, r := range p.Rows {
		s.Room(&t.quantities, r.Quantity, pdf.Plain())
		s.Room(&t.amounts, r.Amount, pdf.Plain())
		quantity = max(quantity, min(s.Wide(r.Unit, pdf.Quiet(), pdf.Auto), priceMost))
		price = max(price, min(s.Wide(r.Price, pdf.Plain(), pdf.Forward), priceMost))
		for _, day := range days(r.Period) {
			period = max(period, s.Wide(day, pdf.Plain(), pdf.Forward))
		}
	}
	for _, n := range append([]string{p.Net, p.Rounding}, amountsOf(p.Taxes)...) {
		s.Room(&t.amounts, n, pdf.Plain())
	}
	s.Room(&t.amounts, p.Total, big())
	quantity, amount = max(quantity, t.quantities.Before+t.quantities.From), max(amount, t.amounts.Before+t.amounts.From)
	rest := pdf.TextWide - period - price - quantity - amount - 5*gutter
	meter := rest * 2 / 5
	at := 0
	next := func(width int, end bool) pdf.Box {
		b := pdf.Box{X: at, Width: width, End: end}
		at += width + gutter
		return b
	}
	t.item, t.meter, t.period = next(rest-meter, false), next(meter, false), next(period, false)
	t.quantity, t.price, t.amount = next(quantity, true), next(price, true), next(amount, true)
	return t
}

func amountsOf(taxes []taxRow) []string {
	var out []string
	for _, t := range taxes {
		out = append(out, t.Amount)
	}
	return out
}

// days is the first and the last day of a period, in lines of their own.
func days(period string) []string {
	first, last, two := strings.Cut(period, " – ")
	if !two {
		return []string{period}
	}
	return []string{first + " –", last}
}

// rows is the lines of a document under the heads of their columns.
func (s *sheet) rows(p page, t table) {
	head := func(b pdf.Box, text string) pdf.Cell { return s.Write(nil, b, text, pdf.Quiet(), pdf.AsPage) }
	s.Head = []pdf.Cell{
		head(t.item, p.W.Item), head(t.meter, p.W.Meter), head(t.period, p.W.Period),
		head(t.quantity, p.W.Quantity), head(t.price, p.W.Price), head(t.amount, p.W.Amount+" ("+p.Currency+")"),
	}
	above := s.Head
	s.Head = nil
	s.Need(pdf.Highest(above)*1_000 + 6_000)
	s.Band(above, 1_000)
	s.Head = above
	s.Y += pdf.HeadGap
	s.Rule("0.5", 300)
	for i, r := range p.Rows {
		if i > 0 {
			s.Rule("0.85", 300)
		}
		s.Band(s.row(r, t, p.W), 1_150)
		s.Y += 250
	}
	s.Head = nil
	s.Rule("0.5", 600)
}

// row is the cells of one line.
func (s *sheet) row(r row, t table, w words) []pdf.Cell {
	item := s.Write(nil, t.item, r.Item, pdf.Strong(), pdf.AsPage)
	item = s.Write(item, t.item, r.Component, pdf.Plain(), pdf.Auto)
	if r.Contract != "" {
		item = s.Write(item, t.item, w.Contract+" "+pdf.Shut(r.Contract), pdf.Quiet(), pdf.AsPage)
	}
	if r.Apportioned {
		item = s.Write(item, t.item, w.Apportioned, pdf.Quiet(), pdf.AsPage)
	}
	if r.Estimated {
		item = s.Write(item, t.item, w.Estimated, pdf.Quiet(), pdf.AsPage)
	}
	for _, e := range r.Evidence {
		item = s.Write(item, t.item, e, pdf.Quiet(), pdf.Forward)
	}
	meter := s.Write(nil, t.meter, r.Meter, pdf.Plain(), pdf.Auto)
	if r.Revision != "" {
		meter = s.Write(meter, t.meter, w.Revision+" "+r.Revision, pdf.Quiet(), pdf.AsPage)
	}
	var period pdf.Cell
	for _, day := range days(r.Period) {
		period = s.Write(period, t.period, day, pdf.Plain(), pdf.Forward)
	}
	quantity := s.Number(t.quantities, t.quantity, r.Quantity, pdf.Plain())
	quantity = s.Write(quantity, t.quantity, r.Unit, pdf.Quiet(), s.asWritten(r.Unit))
	return []pdf.Cell{item, meter, period, quantity, s.Write(nil, t.price, r.Price, pdf.Plain(), pdf.Forward), s.Number(t.amounts, t.amount, r.Amount, pdf.Plain())}
}

// asWritten is the direction of a unit, which may be a word or a sign.
func (s *sheet) asWritten(text string) pdf.Reading {
	if strings.ContainsFunc(text, unicode.IsLetter) {
		return pdf.Auto
	}
	return pdf.Forward
}

// totals is the sums below the lines.
func (s *sheet) totals(p page, t table) {
	labels := pdf.Box{X: pdf.TextWide / 2, Width: t.amount.X - pdf.TextWide/2 - gutter}
	if labels.Width < pdf.TextWide/5 { // very long amounts
		labels = pdf.Box{Width: t.amount.X - gutter}
	}
	s.Need((len(p.Taxes) + 4) * 1_500)
	line := func(label, amount string, k pdf.Ink) {
		s.Band([]pdf.Cell{s.Write(nil, labels, label, k, pdf.AsPage), s.Number(t.amounts, t.amount, amount, k)}, 1_350)
	}
	line(p.W.Net, p.Net, pdf.Plain())
	for _, x := range p.Taxes {
		line(p.W.Tax+" "+pdf.Shut(x.Code)+" "+pdf.Shut(x.Rate+" %"), x.Amount, pdf.Plain())
	}
	line(p.W.Rounding, p.Rounding, pdf.Plain())
	s.Y += 250
	s.RuleFrom(labels.X, "0.1", 350)
	line(p.W.Total+" ("+p.Currency+")", p.Total, big())
}

// feet writes below every page which of how many it is, and of what.
func (s *sheet) feet(p page, hash string) {
	small := pdf.Ink{Size: 65, Colour: "0.4"}
	const most = pdf.TextWide * 3 / 4
	for i := range s.Pages() {
		n := fmt.Sprintf("%d %s %d", i+1, p.W.Of, s.Pages())
		cells := []pdf.Cell{
			s.Write(nil, pdf.Box{Width: most}, strings.TrimSpace(p.Title+" "+pdf.Shut(p.Number)), small, pdf.AsPage),
			s.Write(nil, pdf.Box{X: most, Width: pdf.TextWide - most, End: true}, n, small, pdf.AsPage),
		}
		cells[0] = s.Write(cells[0][:min(1, len(cells[0]))], pdf.Box{Width: pdf.TextWide}, p.W.Fingerprint+" (SHA-256) "+pdf.Shut(hash), small, pdf.AsPage)
		s.Foot(i, cells...)
	}
}
