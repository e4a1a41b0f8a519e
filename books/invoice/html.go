package invoice

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// page is a document ready to be filled into the template: everything is text.
type page struct {
	W                                     words
	Lang, Direction, Title, Number, State string
	Issued, Period, Currency              string
	RefersTo, Reason                      string
	From, To                              Party
	Rows                                  []row
	Net, Rounding, Total                  string
	Taxes                                 []taxRow
}

type row struct {
	Item, Component, Contract, Quantity, Unit, Price string
	Period, Amount, Meter, Revision, ID              string
	Apportioned, Estimated                           bool
	Evidence                                         []string
}

type taxRow struct{ Code, Rate, Amount string }

// HTML renders a document as one page without scripts or other files: it prints,
// fits a phone, and is written from right to left in Arabic. Line amounts show
// all decimals they have, so that the page adds up. Days are those of zone; nil
// is UTC. The same document has the same bytes.
func (d Document) HTML(l Language, zone *time.Location) ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	t, err := template.New("document").Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("the layout of documents: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d.page(l, zone)); err != nil {
		return nil, fmt.Errorf("show document %s in %q: %w", d.Number, string(l), err)
	}
	return b.Bytes(), nil
}

func (d Document) page(l Language, zone *time.Location) page {
	w, m := l.words(), l.marks()
	p := page{
		W: w, Lang: string(l), Direction: m.direction, Title: w.document(d.Kind), Number: d.Number.String(), Currency: string(d.Currency),
		Period: m.period(d.From, d.To, zone), RefersTo: d.RefersTo, Reason: d.Reason, From: d.Entity, To: d.Customer,
		Net: m.money(d.net(), d.decimals()), Rounding: m.money(d.Rounding, d.decimals()), Total: m.money(d.Payable(), d.decimals()),
	}
	if d.Issued == 0 {
		p.State = w.Draft
	} else {
		p.Issued = m.date(d.Issued, zone)
	}
	for _, x := range d.Lines {
		p.Rows = append(p.Rows, d.row(x, w, m, zone))
	}
	for _, t := range d.Taxes {
		p.Taxes = append(p.Taxes, taxRow{t.Code, m.number(percent(t.Rate)), m.money(t.Amount, d.decimals())})
	}
	return p
}

func (d Document) row(l Line, w words, m marks, zone *time.Location) row {
	r := row{
		Item: w.kind(l.Kind), Component: l.Component, Contract: l.Contract, Quantity: m.number(l.quantity()), Unit: w.unit(l.Unit), Price: m.prices(l.Price, d.decimals()),
		Period: m.period(l.From, l.To, zone), Amount: m.money(l.Amount, d.decimals()), Meter: l.Meter, ID: l.ID,
		Apportioned: l.Apportioned, Estimated: l.Estimated, Evidence: l.Evidence,
	}
	if l.Meter != "" {
		r.Revision = strconv.Itoa(l.Revision)
	}
	return r
}

// number writes a decimal as a language does: -1234.5 becomes -1.234,5.
func (m marks) number(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, has := strings.Cut(text, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(m.group)
		}
		b.WriteRune(r)
	}
	if has {
		b.WriteString(m.point + fraction)
	}
	return sign + b.String()
}

// money writes an amount with at least the decimals of its coin.
func (m marks) money(a unit.Amount, decimals int) string {
	return m.number(trim(decimal(int64(a)), decimals))
}

// prices writes every number of a text of prices as a language does.
func (m marks) prices(text string, decimals int) string {
	var out []string
	for band := range strings.SplitSeq(text, "; ") {
		var ends []string
		for p := range strings.SplitSeq(band, "..") {
			if n, err := books.Asset("").Parse(p); err == nil {
				p = m.money(unit.Amount(n), decimals)
			}
			ends = append(ends, p)
		}
		out = append(out, strings.Join(ends, " – "))
	}
	return strings.Join(out, "; ")
}

func (m marks) date(at int64, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return time.Unix(at, 0).In(zone).Format(m.day)
}

// period is the first and the last day of a half-open stretch.
func (m marks) period(from, to int64, zone *time.Location) string {
	first, last := m.date(from, zone), m.date(to-1, zone)
	if first == last {
		return first
	}
	return first + " – " + last
}

// layout is the page. On a phone every row becomes a card whose labels are the
// words of its columns. What people wrote stands in bdi, so that an address keeps
// its order on an Arabic page.
const layout = `<!doctype html>
<html lang="{{.Lang}}" dir="{{.Direction}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} {{.Number}}</title>
<style>
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #111; background: #fff; max-width: 68rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
.n { direction: ltr; unicode-bidi: isolate; font-variant-numeric: tabular-nums; white-space: nowrap; }
.sides { display: flex; flex-wrap: wrap; gap: 2rem; margin: 1rem 0; }
.sides > div { flex: 1 1 16rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
dt, .k { color: #555; } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: start; vertical-align: top; padding: .4rem .5rem; border-bottom: 1px solid #ccc; }
.end { text-align: end; }
small { color: #555; overflow-wrap: anywhere; }
.total { font-weight: 700; font-size: 1.15rem; }
@media (max-width: 40rem) {
  body { padding: .75rem; }
  .lines thead { display: none; }
  .lines tr { display: block; border-bottom: 2px solid #999; padding: .5rem 0; }
  .lines td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .15rem 0; text-align: end; }
  .lines td::before { content: attr(data-k); color: #555; text-align: start; }
}
@media print {
  @page { margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  thead { display: table-header-group; }
  tr, .sides { break-inside: avoid; }
}
</style>
</head>
<body>
<h1>{{.Title}}{{with .State}} ({{.}}){{end}}</h1>
<dl>
{{with .Number}}<dt>{{$.W.Number}}</dt><dd><span class="n">{{.}}</span></dd>{{end}}
{{with .Issued}}<dt>{{$.W.Issued}}</dt><dd><span class="n">{{.}}</span></dd>{{end}}
<dt>{{.W.Period}}</dt><dd><span class="n">{{.Period}}</span></dd>
{{with .RefersTo}}<dt>{{$.W.RefersTo}}</dt><dd><span class="n">{{.}}</span></dd>{{end}}
{{with .Reason}}<dt>{{$.W.Reason}}</dt><dd><bdi>{{.}}</bdi></dd>{{end}}
</dl>
<div class="sides">
<div><div class="k">{{.W.From}}</div>{{template "party" .From}}{{with .From.TaxID}}<div>{{$.W.TaxID}} <span class="n">{{.}}</span></div>{{end}}</div>
<div><div class="k">{{.W.To}}</div>{{template "party" .To}}{{with .To.TaxID}}<div>{{$.W.TaxID}} <span class="n">{{.}}</span></div>{{end}}</div>
</div>
<table class="lines">
<thead><tr><th>{{.W.Item}}</th><th class="end">{{.W.Quantity}}</th><th>{{.W.Unit}}</th><th class="end">{{.W.Price}}</th><th>{{.W.Period}}</th><th>{{.W.Meter}}</th><th class="end">{{.W.Revision}}</th><th class="end">{{.W.Amount}} ({{.Currency}})</th></tr></thead>
<tbody>
{{range .Rows}}<tr id="l-{{.ID}}">
<td data-k="{{$.W.Item}}"><span>{{.Item}}: <bdi>{{.Component}}</bdi>{{with .Contract}}<br><small>{{$.W.Contract}} <bdi>{{.}}</bdi></small>{{end}}{{if .Apportioned}}<br><small>{{$.W.Apportioned}}</small>{{end}}{{if .Estimated}}<br><small>{{$.W.Estimated}}</small>{{end}}{{range .Evidence}}<br><small class="n">{{.}}</small>{{end}}</span></td>
<td class="end" data-k="{{$.W.Quantity}}"><span class="n">{{.Quantity}}</span></td>
<td data-k="{{$.W.Unit}}">{{.Unit}}</td>
<td class="end" data-k="{{$.W.Price}}"><span class="n">{{.Price}}</span></td>
<td data-k="{{$.W.Period}}"><span class="n">{{.Period}}</span></td>
<td data-k="{{$.W.Meter}}"><bdi>{{.Meter}}</bdi></td>
<td class="end" data-k="{{$.W.Revision}}"><span class="n">{{.Revision}}</span></td>
<td class="end" data-k="{{$.W.Amount}}"><span class="n">{{.Amount}}</span></td>
</tr>
{{end}}</tbody>
</table>
<table>
<tbody>
<tr><td>{{.W.Net}}</td><td class="end"><span class="n">{{.Net}}</span></td></tr>
{{range .Taxes}}<tr><td>{{$.W.Tax}} {{.Code}} <span class="n">{{.Rate}} %</span></td><td class="end"><span class="n">{{.Amount}}</span></td></tr>
{{end}}<tr><td>{{.W.Rounding}}</td><td class="end"><span class="n">{{.Rounding}}</span></td></tr>
<tr class="total"><td>{{.W.Total}} ({{.Currency}})</td><td class="end"><span class="n">{{.Total}}</span></td></tr>
</tbody>
</table>
</body>
</html>
{{define "party"}}<div><strong><bdi>{{.Name}}</bdi></strong></div>{{range .Address}}<div><bdi>{{.}}</bdi></div>{{end}}{{with .Country}}<div>{{.}}</div>{{end}}{{end}}`
