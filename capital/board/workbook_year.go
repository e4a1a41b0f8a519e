package board

import (
	"fmt"
	"math"

	"sluice/capital"
	"sluice/capital/model"
)

// yearSheet adds up the months by years of the plan. Nothing in it is a value.
func (b *workbook) yearSheet() {
	g, w := b.months, b.words
	t := &tab{name: yearTab}
	t.put(b.text(asTitle, w["section.statements"]))
	t.put()
	heads := []any{b.text(asHead, w["head.line"]), b.text(asHead, w["head.unit"])}
	for y := range b.r.years() {
		heads = append(heads, b.text(asHead, b.r.yearName(y)))
	}
	t.put(heads...)
	for _, e := range g.rows {
		if e.id == "t" || e.id == "factor" {
			continue
		}
		if e.head {
			t.put(b.text(asHead, e.name))
			continue
		}
		cells := []any{b.text(asText, e.name), b.text(asNote, e.unit)}
		for y := range b.r.years() {
			cells = append(cells, g.yearly(e, y))
		}
		t.put(cells...)
	}
	b.write(t, 34, 2, 3)
}

// yearly is a row in a year: a balance at its end, megawatts and prices by their
// mean, all else as a sum.
func (g *grid) yearly(e entry, y int) any {
	from, to := 12*y, 12*y+11
	if e.stock {
		return g.b.formula(e.look, monthTab+"!"+g.cell(e.id, to), e.value(to))
	}
	var sum float64
	for k := from; k <= to; k++ {
		sum += e.value(k)
	}
	span := monthTab + "!" + g.span(e.id, from, to)
	if e.unit == "MW" || e.id == lineID(model.Price) {
		return g.b.formula(e.look, "AVERAGE("+span+")", sum/12)
	}
	return g.b.formula(e.look, "SUM("+span+")", sum)
}

// debtSheet is what is owed and what covenants are tested on, by months.
func (b *workbook) debtSheet() {
	d := &debt{b: b, g: b.months, row: map[string]int{}, now: map[string][]float64{}}
	d.t.name = debtTab
	w := b.words
	d.t.put(b.text(asTitle, w["xlsx.debt"]))
	d.t.put(b.text(asNote, w["xlsx.tested"]))
	d.t.put()
	heads := []any{b.text(asHead, w["head.line"]), b.text(asHead, w["head.unit"]), b.text(asHead, "")}
	for k := range b.r.Months {
		heads = append(heads, b.text(asHead, b.r.begin().Add(k).String()))
	}
	d.t.put(heads...)
	d.balances()
	d.ratios()
	for i, c := range b.plan.Covenants {
		d.covenant(c, i)
	}
	b.write(&d.t, 40, 3, 4)
}

// debt is the sheet of debt that is being filled.
type debt struct {
	b   *workbook
	g   *grid
	t   tab
	row map[string]int
	now map[string][]float64 // what each row is in each month
}

// add writes a row of formulas.
func (d *debt) add(id, name, unit string, l look, cell func(k int) (formula string, now float64)) {
	cells := []any{d.b.text(asText, name), d.b.text(asNote, unit), nil}
	for k := range d.b.r.Months {
		f, now := cell(k)
		d.now[id] = append(d.now[id], now)
		if f == "" {
			cells = append(cells, nil)
			continue
		}
		cells = append(cells, d.b.formula(l, f, now))
	}
	d.row[id] = d.t.put(cells...)
}

// at is a row of this sheet in a month.
func (d *debt) at(id string, k int) string {
	return fmt.Sprintf("%s%d", column(firstMonth+k), d.row[id])
}

// month is a row of the sheet of months.
func (d *debt) month(id string, k int) string { return monthTab + "!" + d.g.cell(id, k) }

// balances is each debt: what stood, was drawn and repaid, and stands.
func (d *debt) balances() {
	months, cur := d.b.r.Months, d.b.plan.Currency
	line := func(l model.Line, k int) (string, float64) { return d.month(lineID(l), k), months[k][l] }
	for _, l := range []model.Line{model.Loans, model.Drawn, model.Repaid, model.Pledged, model.Lent, model.Returned, model.Revolving, model.Missing, model.Interest, model.Fees} {
		d.add(lineID(l), d.b.lineName(l), cur, asMoney, func(k int) (string, float64) { return line(l, k) })
	}
	d.add("owed", d.b.words["xlsx.owed"], cur, asSum, func(k int) (string, float64) {
		return d.at(lineID(model.Loans), k) + "+" + d.at(lineID(model.Pledged), k) + "+" + d.at(lineID(model.Revolving), k) + "+" + d.at(lineID(model.Missing), k), debtOf(&months[k])
	})
	for _, l := range []model.Line{model.Service, model.Available} {
		d.add(lineID(l), d.b.lineName(l), cur, asMoney, func(k int) (string, float64) { return line(l, k) })
	}
}

// ratios is what covenants are tested on. A ratio against nothing is left empty.
func (d *debt) ratios() {
	w, cur := d.b.words, d.b.plan.Currency
	loans, revolving, missing := lineID(model.Loans), lineID(model.Revolving), lineID(model.Missing)
	twelve := func(id string, k int) string { return "SUM(" + monthTab + "!" + d.g.span(id, max(0, k-11), k) + ")" }
	d.add(capital.CoverDSCR, w["covenant.dscr"], "×", asRatio, func(k int) (string, float64) {
		due := twelve(lineID(model.Service), k)
		return fmt.Sprintf(`IF(%s<=0,"",%s/%s)`, due, twelve(lineID(model.Available), k), due), d.b.cover(k)
	})
	d.add(capital.CoverLTV, w["covenant.ltv"], "", asShare, func(k int) (string, float64) {
		owes, plant := d.at(loans, k)+"+"+d.at(revolving, k)+"+"+d.at(missing, k), d.month(lineID(model.Plant), k)
		m := &d.b.r.Months[k]
		return fmt.Sprintf(`IF(%s<=0,0,IF(%s<=0,"",(%s)/%s))`, owes, plant, owes, plant), overNothing(m[model.Loans]+m[model.Revolving]+m[model.Missing], m[model.Plant])
	})
	d.add(capital.CoverLiquidity, w["covenant.liquidity"], cur, asMoney, func(k int) (string, float64) {
		m := &d.b.r.Months[k]
		now := m[model.Cash] + d.b.plan.Revolver.Limit - m[model.Revolving]
		if m[model.Missing] > 0 {
			now = -m[model.Missing]
		}
		return fmt.Sprintf("IF(%s>0,-%s,%s+in_revolver_limit-%s)", d.at(missing, k), d.at(missing, k), d.month(lineID(model.Cash), k), d.at(revolving, k)), now
	})
	d.add(capital.CoverLeverage, w["covenant.leverage"], "×", asRatio, func(k int) (string, float64) {
		net, earned := d.at("owed", k)+"-"+d.month(lineID(model.Cash), k), twelve("ebitda", k)
		var sum float64
		for n := max(0, k-11); n <= k; n++ {
			sum += model.EBITDA(&d.b.r.Months[n])
		}
		return fmt.Sprintf(`IF(%s<=0,0,IF(%s<=0,"",(%s)/%s))`, net, earned, net, earned), overNothing(debtOf(&d.b.r.Months[k])-d.b.r.Months[k][model.Cash], sum)
	})
}

// cover is the coverage of twelve months; NaN where nothing was due.
func (b *workbook) cover(k int) float64 {
	var due, available float64
	for n := max(0, k-11); n <= k; n++ {
		due += b.r.Months[n][model.Service]
		available += b.r.Months[n][model.Available]
	}
	if due <= 0 {
		return math.NaN()
	}
	return available / due
}

// overNothing is a ratio of a debt: none is 0, and against nothing there is none.
func overNothing(owes, against float64) float64 {
	switch {
	case owes <= 0:
		return 0
	case against <= 0:
		return math.NaN()
	}
	return owes / against
}

// covenant is the distance to a limit at the end of each quarter from which it holds.
func (d *debt) covenant(c capital.Covenant, i int) {
	limit, ok := d.b.at[covenantPlace(c, i)]
	if _, known := d.row[c.Kind]; !ok || !known {
		return
	}
	up := c.Kind == capital.CoverDSCR || c.Kind == capital.CoverLiquidity
	look := asRatio
	if limitKind(c.Kind) == money {
		look = asMoney
	}
	id := fmt.Sprintf("covenant%d", i)
	d.add(id, d.b.say("xlsx.headroom", map[string]string{"name": c.Name}), "", look, func(k int) (string, float64) {
		if (k+1)%3 != 0 || d.b.r.begin().Add(k) < c.From {
			return "", 0
		}
		at := d.at(c.Kind, k)
		if !up {
			return fmt.Sprintf(`IF(%s="","",%s-%s)`, at, limit, at), c.Limit - d.now[c.Kind][k]
		}
		return fmt.Sprintf(`IF(%s="","",%s-%s)`, at, at, limit), d.now[c.Kind][k] - c.Limit
	})
}
