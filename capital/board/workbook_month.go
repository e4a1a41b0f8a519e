package board

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sluice/capital/model"
)

// entry is a row of months: a value that came from the run, or a formula with the
// value that the run found.
type entry struct {
	id, name, unit string
	look           look
	value          func(k int) float64
	formula        func(k int) string // nil: a value
	opening        float64
	open           func() string // formula of the opening; nil: a value
	opens          bool          // there is an opening
	stock          bool          // what stands at a month's end, not what goes by in it
	head           bool          // a heading
}

// grid is the rows of the months, and where each stands.
type grid struct {
	b    *workbook
	rows []entry
	at   map[string]int // row of an id
}

// The first rows of the sheet of months, and the column of the first month; the
// opening stands before it.
const (
	monthHead  = 4
	firstMonth = 4
)

// cell is where a row stands in a month; month -1 is the opening.
func (g *grid) cell(id string, k int) string {
	return fmt.Sprintf("%s%d", column(firstMonth+k), g.at[id])
}

// span is a row from a month to another.
func (g *grid) span(id string, from, to int) string { return g.cell(id, from) + ":" + g.cell(id, to) }

// fixed is span with the columns and the row held fast, on the sheet of months.
func (g *grid) fixed(id string, from, to int) string {
	return fmt.Sprintf("%s!$%s$%d:$%s$%d", monthTab, column(firstMonth+from), g.at[id], column(firstMonth+to), g.at[id])
}

// lineID is the id of a line of the model.
func lineID(l model.Line) string { return fmt.Sprintf("line%d", l) }

// monthSheet is every line of every month.
func (b *workbook) monthSheet() {
	g := &grid{b: b, at: map[string]int{}}
	b.months = g
	g.frame()
	g.profit()
	g.cash()
	g.balance()
	g.worth()
	for i, e := range g.rows {
		g.at[e.id] = monthHead + 1 + i
	}
	g.write()
}

func (g *grid) add(e entry) { g.rows = append(g.rows, e) }

func (g *grid) heading(id string) {
	g.add(entry{id: "head." + id, name: g.b.words[id], head: true})
}

// line is a line of the model as it came from the run.
func (g *grid) line(l model.Line) {
	g.add(entry{id: lineID(l), name: g.b.lineName(l), unit: g.unit(l), look: g.look(l), value: func(k int) float64 { return g.b.r.Months[k][l] }})
}

func (g *grid) unit(l model.Line) string {
	if slices.Contains([]model.Line{model.BTC, model.Mined, model.Spent}, l) {
		return "BTC"
	}
	if slices.Contains([]model.Line{model.Minable, model.Hosted, model.Idle}, l) {
		return "MW"
	}
	return g.b.plan.Currency
}

func (g *grid) look(l model.Line) look {
	if g.unit(l) != g.b.plan.Currency {
		return asRatio
	}
	return asMoney
}

// frame is the number of each month and the year of the plan in which it lies.
func (g *grid) frame() {
	w := g.b.words
	g.add(entry{id: "t", name: w["xlsx.t"], unit: w["unit.months"], look: asCount, value: func(k int) float64 { return float64(k) }})
	g.add(entry{id: "factor", name: w["xlsx.factor"], look: asFree, value: func(k int) float64 { return math.Pow(1+g.b.plan.Discount, -float64(k+1)/12) }, formula: func(k int) string {
		return fmt.Sprintf("(1+in_discount_rate)^(-(%s+1)/12)", g.cell("t", k))
	}})
}

// sumOf is the formula that adds cells of a month.
func (g *grid) sumOf(k int, ids ...string) string {
	out := ""
	var outSb110 strings.Builder
	for i, id := range ids {
		if i > 0 {
			outSb110.WriteString("+")
		}
		outSb110.WriteString(g.cell(id, k))
	}
	out += outSb110.String()
	return out
}

func ids(lines []model.Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, lineID(l))
	}
	return out
}

// profit is profit and loss.
func (g *grid) profit() {
	months := g.b.r.Months
	g.heading("table.profit")
	operating, other := operatingLines()
	for _, l := range operating {
		g.line(l)
	}
	g.add(entry{id: "ebitda", name: g.b.words["line.ebitda"], unit: g.b.plan.Currency, look: asSum, value: func(k int) float64 { return model.EBITDA(&months[k]) }, formula: func(k int) string { return g.sumOf(k, ids(operating)...) }})
	for _, l := range other {
		g.line(l)
	}
	g.add(entry{id: "profit", name: g.b.words["line.profit"], unit: g.b.plan.Currency, look: asSum, value: func(k int) float64 { return model.Profit(&months[k]) }, formula: func(k int) string {
		return g.sumOf(k, append([]string{"ebitda"}, ids(other)...)...)
	}})
}

// cash is the flows beside profit. What a run always makes of other lines is a formula.
func (g *grid) cash() {
	g.heading("table.cash")
	derived := map[model.Line][]model.Line{model.NonCash: {model.WriteOff, model.FairValue}, model.Found: {model.Mining}}
	for _, l := range model.FlowLines() {
		from, ok := derived[l]
		if !ok || !g.mirrors(l, from) {
			g.line(l)
			continue
		}
		g.add(entry{id: lineID(l), name: g.b.lineName(l), unit: g.unit(l), look: asMoney, value: func(k int) float64 { return g.b.r.Months[k][l] }, formula: func(k int) string {
			return "-(" + g.sumOf(k, ids(from)...) + ")"
		}})
	}
}

// cent is what two ways of computing an amount may differ by.
const cent = 0.01

// mirrors says whether a line takes out what others are, in every month.
func (g *grid) mirrors(l model.Line, from []model.Line) bool {
	for k := range g.b.r.Months {
		sum := g.b.r.Months[k][l]
		for _, f := range from {
			sum += g.b.r.Months[k][f]
		}
		if math.Abs(sum) > cent/10 {
			return false
		}
	}
	return true
}

// move is what changes a balance in a month.
type move struct {
	line model.Line
	less bool
}

// moves are what changes each balance.
func moves() map[model.Line][]move {
	out := map[model.Line][]move{
		model.Plant:     {{model.Built, true}, {model.Capitalised, true}, {model.Bought, true}, {model.WriteOff, false}, {model.Scrapped, true}},
		model.Loans:     {{model.Drawn, false}, {model.Repaid, false}},
		model.Pledged:   {{model.Lent, false}, {model.Returned, false}},
		model.Revolving: {{model.Covered, false}},
		model.Aside:     {{model.Reserved, true}},
		model.Missing:   {{model.Unfunded, false}},
		model.Deferred:  {{model.Prepaid, false}, {model.Claimed, false}},
		model.Coins:     {{model.Found, true}, {model.FairValue, false}, {model.Sold, true}},
		model.BTC:       {{model.Mined, false}, {model.Spent, true}},
		model.Equity:    {{model.PaidIn, false}, {model.Distributed, false}},
	}
	for _, l := range model.FlowLines() {
		out[model.Cash] = append(out[model.Cash], move{l, false})
	}
	return out
}

// owned and owed are the two sides of a balance sheet, equity left out.
func owned() []model.Line { return []model.Line{model.Cash, model.Aside, model.Coins, model.Plant} }

func owed() []model.Line {
	return []model.Line{model.Loans, model.Pledged, model.Revolving, model.Deferred, model.Missing}
}

// balance is what stands at the end of each month: what stood before, and what moved it.
func (g *grid) balance() {
	w, cur := g.b.words, g.b.plan.Currency
	g.heading("table.balance")
	for _, l := range owned() {
		g.stock(l, l == model.Cash)
	}
	g.total("assets", w["line.assets"], ids(owned()), func(k int) float64 { return assetsOf(&g.b.r.Months[k]) })
	for _, l := range owed() {
		g.stock(l, false)
	}
	g.stock(model.Equity, true)
	check := func(k int) string {
		return g.cell("assets", k) + "-(" + g.sumOf(k, ids(append(owed(), model.Equity))...) + ")"
	}
	e := entry{id: "check", name: w["xlsx.check"], unit: cur, look: asCheck, value: func(int) float64 { return 0 }, formula: func(k int) string { return "ROUND(" + check(k) + ",2)" }, opens: true, stock: true}
	g.add(e)
	g.heading("table.ratios")
	for _, l := range []model.Line{model.Mined, model.Spent} {
		g.line(l)
	}
	g.stock(model.BTC, false)
	for _, l := range []model.Line{model.Minable, model.Hosted, model.Idle, model.Price, model.Service} {
		g.line(l)
	}
	g.add(entry{id: lineID(model.Available), name: g.b.lineName(model.Available), unit: cur, look: asMoney, value: func(k int) float64 { return g.b.r.Months[k][model.Available] }, formula: func(k int) string {
		return g.sumOf(k, "ebitda", lineID(model.Taxes))
	}})
}

// total is a sum of stocks.
func (g *grid) total(id, name string, of []string, value func(k int) float64) {
	e := entry{id: id, name: name, unit: g.b.plan.Currency, look: asSum, value: value, formula: func(k int) string { return g.sumOf(k, of...) }, opens: true, stock: true}
	g.add(e)
}

// stock is a balance: its opening, and from month to month what moves it.
func (g *grid) stock(l model.Line, withProfit bool) {
	months, all := g.b.r.Months, moves()[l]
	e := entry{id: lineID(l), name: g.b.lineName(l), unit: g.unit(l), look: g.look(l), opens: true, stock: true, value: func(k int) float64 { return months[k][l] }}
	e.opening = months[0][l]
	for _, m := range all {
		if m.less {
			e.opening += months[0][m.line]
		} else {
			e.opening -= months[0][m.line]
		}
	}
	if withProfit {
		e.opening -= model.Profit(&months[0])
	}
	e.open = g.opening(l, e.opening)
	e.formula = func(k int) string {
		f := g.cell(e.id, k-1)
		if withProfit {
			f += "+" + g.cell("profit", k)
		}
		var fSb267 strings.Builder
		for _, m := range all {
			op := "+"
			if m.less {
				op = "-"
			}
			fSb267.WriteString(op + g.cell(lineID(m.line), k))
		}
		f += fSb267.String()
		return f
	}
	g.add(e)
}

// opening is the formula of an opening balance: the assumption where it is one.
func (g *grid) opening(l model.Line, value float64) func() string {
	for _, x := range []struct {
		line  model.Line
		name  string
		value float64
	}{
		{model.Cash, "in_opening_cash", g.b.plan.Opening.Cash}, {model.Plant, "in_opening_plant", g.b.plan.Opening.Plant}, {model.BTC, "in_opening_btc", g.b.plan.Opening.BTC},
	} {
		if x.line == l && math.Abs(x.value-value) < cent {
			return func() string { return x.name }
		}
	}
	if l == model.Equity { // what is owned, less what is owed
		return func() string { return g.sumOf(-1, ids(owned())...) + "-(" + g.sumOf(-1, ids(owed())...) + ")" }
	}
	return nil
}

// worth is free cash and what it is worth, with nothing left and with what is left.
func (g *grid) worth() {
	w, cur := g.b.words, g.b.plan.Currency
	g.heading("xlsx.worth")
	n := len(g.b.r.Months)
	free := []model.Line{model.Taxes, model.Hedged, model.Disposal, model.Scrapped, model.Built, model.Bought, model.Prepaid, model.Claimed, model.Forfeit}
	for _, x := range g.ways() {
		flows := Flows(g.b.r.Months, x.last)
		g.add(entry{id: "flow." + x.id, name: w["line.free"] + ": " + w["answer."+x.id], unit: cur, look: asMoney, value: func(k int) float64 { return flows[k] }, formula: func(k int) string {
			f := g.sumOf(k, append([]string{"ebitda"}, ids(free)...)...)
			if x.id != "without" {
				f = g.cell("flow.without", k)
			}
			if k == n-1 && x.ref != "" {
				f += "+" + x.ref
			}
			return f
		}})
		g.paid(x.id, flows)
	}
}

// paid is how much has come back so far, and the number of the month while it is less
// than nothing.
func (g *grid) paid(id string, flows []float64) {
	w := g.b.words
	sums := make([]float64, len(flows))
	var sum float64
	for k, f := range flows {
		sum += f
		sums[k] = sum
	}
	g.add(entry{id: "sum." + id, name: w["xlsx.sum"], unit: g.b.plan.Currency, look: asMoney, stock: true, value: func(k int) float64 { return sums[k] }, formula: func(k int) string {
		if k == 0 {
			return g.cell("flow."+id, 0)
		}
		return g.cell("sum."+id, k-1) + "+" + g.cell("flow."+id, k)
	}})
	g.add(entry{id: "below." + id, name: w["xlsx.below"], look: asCount, stock: true, value: func(k int) float64 {
		if sums[k] < 0 {
			return float64(k + 1)
		}
		return 0
	}, formula: func(k int) string {
		return fmt.Sprintf("IF(%s<0,%s+1,0)", g.cell("sum."+id, k), g.cell("t", k))
	}})
}

// way is one of the answers: what is taken to be left at the end, and where it stands.
type way struct {
	id, ref string
	last    float64
	value   Value
}

func (g *grid) ways() []way {
	r := g.b.r
	d := r.Plan.Discount
	return []way{
		{"without", "", 0, ValueOf(d, r.Months, 0)},
		{"residual", "answer_residuals", r.Residuals, ValueOf(d, r.Months, r.Residuals)},
		{"multiple", "answer_multiple", r.Multiple, ValueOf(d, r.Months, r.Multiple)},
	}
}

// write puts the grid into the file.
func (g *grid) write() {
	b := g.b
	t := &tab{name: monthTab}
	t.put(b.text(asTitle, b.words["xlsx.months"]))
	t.put(b.text(asNote, b.words["xlsx.blue"]))
	t.put()
	heads := []any{b.text(asHead, b.words["head.line"]), b.text(asHead, b.words["head.unit"]), b.text(asHead, b.words["xlsx.opening"])}
	for k := range b.r.Months {
		heads = append(heads, b.text(asHead, b.r.begin().Add(k).String()))
	}
	t.put(heads...)
	for _, e := range g.rows {
		t.put(g.cells(e)...)
	}
	b.write(t, 34, 3, monthHead)
}

// cells is a row as it is written.
func (g *grid) cells(e entry) []any {
	b := g.b
	if e.head {
		return []any{b.text(asHead, e.name)}
	}
	out := []any{b.text(asText, e.name), b.text(asNote, e.unit), g.openCell(e)}
	for k := range b.r.Months {
		if e.formula != nil {
			out = append(out, b.formula(e.look, e.formula(k), e.value(k)))
			continue
		}
		l := e.look
		if l == asMoney {
			l = asInput
		}
		out = append(out, b.value(l, e.value(k)))
	}
	return out
}

func (g *grid) openCell(e entry) any {
	switch {
	case !e.opens:
		return nil
	case e.open != nil:
		return g.b.formula(e.look, e.open(), e.opening)
	case e.id == "assets" || e.id == "check":
		return g.b.formula(e.look, e.formula(-1), g.opened(e.id))
	}
	return g.b.value(asInput, e.opening)
}

// opened is the sum of what was owned at the begin; a check is nothing.
func (g *grid) opened(id string) (sum float64) {
	if id == "check" {
		return 0
	}
	for _, e := range g.rows {
		for _, l := range owned() {
			if e.id == lineID(l) {
				sum += e.opening
			}
		}
	}
	return sum
}
