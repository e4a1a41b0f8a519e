package invoice

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

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
	set, err := newSetter(l)
	if err != nil {
		return nil, err
	}
	p := d.page(l, zone)
	s := &sheet{setter: set, rtl: p.Direction == "rtl"}
	s.page()
	s.title(p)
	s.parties(p)
	t := s.table(p, l.marks().point)
	s.rows(p, t)
	s.totals(p, t)
	s.feet(p, fmt.Sprintf("%x", hash))
	b, err := s.file(func(f *paper) (string, int) { return s.about(f, p) }, hash)
	if err != nil {
		return nil, fmt.Errorf("show document %s as a PDF in %q: %w", d.Number, string(l), err)
	}
	return b, nil
}

// about is what a reader is told of a file: language, direction and title.
func (s *sheet) about(f *paper, p page) (root string, info int) {
	way := "L2R"
	if s.rtl {
		way = "R2L"
	}
	root = fmt.Sprintf("/Lang %s /ViewerPreferences << /DisplayDocTitle true /Direction /%s >>", wide(p.Lang), way)
	return root, f.add("<< /Title %s /Author %s /Producer (Sluice) >>", wide(strings.TrimSpace(p.Title+" "+p.Number)), wide(p.From.Name))
}

// title is the kind and the number of a document.
func (s *sheet) title(p page) {
	title := p.Title
	if p.State != "" {
		title += " (" + p.State + ")"
	}
	const half = textWide * 11 / 20
	s.band([]cell{
		s.write(nil, box{width: half}, title, ink{200, true, "0.1"}, asPage),
		s.write(nil, box{x: half, width: textWide - half, end: true}, p.Number, ink{110, true, "0.1"}, forward),
	}, 2_600)
	s.y += 400
	s.rule("0.5", 900)
}

// parties is who asks whom, and the facts of the document.
func (s *sheet) parties(p page) {
	const third, gap = textWide / 3, 1_200
	from, to := s.party(box{width: third - gap}, p.W.From, p.From, p.W), s.party(box{x: third, width: third - gap}, p.W.To, p.To, p.W)
	labels, values := s.facts(2*third, p)
	s.band([]cell{from, to, labels, values}, 1_200)
	s.y += 1_400
}

func (s *sheet) party(b box, label string, who Party, w words) cell {
	c := s.write(nil, b, label, quiet(), asPage)
	c = s.write(c, b, who.Name, strong(), auto)
	for _, a := range append(append([]string{}, who.Address...), who.Country) {
		c = s.write(c, b, a, plain(), auto)
	}
	if who.TaxID != "" {
		c = s.write(c, b, w.TaxID+" "+alone(who.TaxID), plain(), asPage)
	}
	return c
}

// facts is what a document says of itself beside its number, in two cells side by side.
func (s *sheet) facts(x int, p page) (labels, values cell) {
	all := [][2]string{{p.W.Issued, p.Issued}, {p.W.Period, p.Period}, {p.W.RefersTo, p.RefersTo}, {p.W.Reason, p.Reason}}
	room := 0
	for _, f := range all {
		room = max(room, s.wide(f[0], quiet(), asPage))
	}
	left, right := box{x: x, width: room}, box{x: x + room + 700, width: textWide - x - room - 700}
	for i, f := range all {
		if f[1] == "" {
			continue
		}
		r := forward
		if i == len(all)-1 {
			r = auto // a reason is written by people
		}
		labels = s.write(labels, left, f[0], quiet(), asPage)
		values = s.write(values, right, f[1], plain(), r)
		for len(labels) < len(values) {
			labels = append(labels, mark{})
		}
	}
	return labels, values
}

// alone keeps a text together in its own direction, whatever stands around it.
func alone(text string) string { return "\u2068" + text + "\u2069" }

// table is the columns of the lines.
type table struct {
	item, meter, period, quantity, price, amount box
	quantities, amounts                          column
}

// gutter is the room between two columns.
const gutter = 900

// headGap is the room between the heads of the columns and their rule.
const headGap = 150

// priceMost bounds the column of prices, of which a line may have many.
const priceMost = 9_000

// big is how the total looks.
func big() ink { return ink{105, true, "0.1"} }

// table makes every column as wide as it must be and gives the rest to texts.
func (s *sheet) table(p page, point string) table {
	t := table{quantities: column{point: point}, amounts: column{point: point}}
	period, price := s.wide(p.W.Period, quiet(), asPage), s.wide(p.W.Price, quiet(), asPage)
	quantity, amount := s.wide(p.W.Quantity, quiet(), asPage), s.wide(p.W.Amount+" ("+p.Currency+")", quiet(), asPage)
	for _, r := range p.Rows {
		s.room(&t.quantities, r.Quantity, plain())
		s.room(&t.amounts, r.Amount, plain())
		quantity = max(quantity, min(s.wide(r.Unit, quiet(), auto), priceMost))
		price = max(price, min(s.wide(r.Price, plain(), forward), priceMost))
		for _, day := range days(r.Period) {
			period = max(period, s.wide(day, plain(), forward))
		}
	}
	for _, n := range append([]string{p.Net, p.Rounding}, amountsOf(p.Taxes)...) {
		s.room(&t.amounts, n, plain())
	}
	s.room(&t.amounts, p.Total, big())
	quantity, amount = max(quantity, t.quantities.before+t.quantities.from), max(amount, t.amounts.before+t.amounts.from)
	rest := textWide - period - price - quantity - amount - 5*gutter
	meter := rest * 2 / 5
	at := 0
	next := func(width int, end bool) box {
		b := box{at, width, end}
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
	head := func(b box, text string) cell { return s.write(nil, b, text, quiet(), asPage) }
	s.head = []cell{
		head(t.item, p.W.Item), head(t.meter, p.W.Meter), head(t.period, p.W.Period),
		head(t.quantity, p.W.Quantity), head(t.price, p.W.Price), head(t.amount, p.W.Amount+" ("+p.Currency+")"),
	}
	above := s.head
	s.head = nil
	s.need(highest(above)*1_000 + 6_000)
	s.band(above, 1_000)
	s.head = above
	s.y += headGap
	s.rule("0.5", 300)
	for i, r := range p.Rows {
		if i > 0 {
			s.rule("0.85", 300)
		}
		s.band(s.row(r, t, p.W), 1_150)
		s.y += 250
	}
	s.head = nil
	s.rule("0.5", 600)
}

// row is the cells of one line.
func (s *sheet) row(r row, t table, w words) []cell {
	item := s.write(nil, t.item, r.Item, strong(), asPage)
	item = s.write(item, t.item, r.Component, plain(), auto)
	if r.Contract != "" {
		item = s.write(item, t.item, w.Contract+" "+alone(r.Contract), quiet(), asPage)
	}
	if r.Apportioned {
		item = s.write(item, t.item, w.Apportioned, quiet(), asPage)
	}
	if r.Estimated {
		item = s.write(item, t.item, w.Estimated, quiet(), asPage)
	}
	for _, e := range r.Evidence {
		item = s.write(item, t.item, e, quiet(), forward)
	}
	meter := s.write(nil, t.meter, r.Meter, plain(), auto)
	if r.Revision != "" {
		meter = s.write(meter, t.meter, w.Revision+" "+r.Revision, quiet(), asPage)
	}
	var period cell
	for _, day := range days(r.Period) {
		period = s.write(period, t.period, day, plain(), forward)
	}
	quantity := s.number(t.quantities, t.quantity, r.Quantity, plain())
	quantity = s.write(quantity, t.quantity, r.Unit, quiet(), s.asWritten(r.Unit))
	return []cell{item, meter, period, quantity, s.write(nil, t.price, r.Price, plain(), forward), s.number(t.amounts, t.amount, r.Amount, plain())}
}

// asWritten is the direction of a unit, which may be a word or a sign.
func (s *sheet) asWritten(text string) reading {
	if strings.ContainsFunc(text, unicode.IsLetter) {
		return auto
	}
	return forward
}

// totals is the sums below the lines.
func (s *sheet) totals(p page, t table) {
	labels := box{x: textWide / 2, width: t.amount.x - textWide/2 - gutter}
	if labels.width < textWide/5 { // very long amounts
		labels = box{width: t.amount.x - gutter}
	}
	s.need((len(p.Taxes) + 4) * 1_500)
	line := func(label, amount string, k ink) {
		s.band([]cell{s.write(nil, labels, label, k, asPage), s.number(t.amounts, t.amount, amount, k)}, 1_350)
	}
	line(p.W.Net, p.Net, plain())
	for _, x := range p.Taxes {
		line(p.W.Tax+" "+alone(x.Code)+" "+alone(x.Rate+" %"), x.Amount, plain())
	}
	line(p.W.Rounding, p.Rounding, plain())
	s.y += 250
	s.ruleFrom(labels.x, "0.1", 350)
	line(p.W.Total+" ("+p.Currency+")", p.Total, big())
}

// feet writes below every page which of how many it is, and of what.
func (s *sheet) feet(p page, hash string) {
	small := ink{65, false, "0.4"}
	const most = textWide * 3 / 4
	for i, b := range s.pages {
		n := fmt.Sprintf("%d %s %d", i+1, p.W.Of, len(s.pages))
		cells := []cell{
			s.write(nil, box{width: most}, strings.TrimSpace(p.Title+" "+alone(p.Number)), small, asPage),
			s.write(nil, box{x: most, width: textWide - most, end: true}, n, small, asPage),
		}
		cells[0] = s.write(cells[0][:min(1, len(cells[0]))], box{width: textWide}, p.W.Fingerprint+" (SHA-256) "+alone(hash), small, asPage)
		for _, c := range cells {
			for j, m := range c {
				m.draw(b, bottom+2_000+j*950)
			}
		}
	}
}
