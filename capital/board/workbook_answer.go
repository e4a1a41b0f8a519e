package board

import (
	"fmt"
	"math"

	"github.com/xuri/excelize/v2"

	"sluice/capital"
	"sluice/capital/model"
)

// answerSheet is NPV, IRR and payback as formulas, beside what the run found.
func (b *workbook) answerSheet() {
	w, g := b.words, b.months
	n := len(b.r.Months)
	t := &tab{name: answerTab}
	t.put(b.text(asTitle, w["section.answer"]))
	t.put(b.text(asNote, b.say("answer.how", map[string]string{"rate": b.percent(b.plan.Discount, 1), "multiple": b.trimmed(b.plan.Terminal)})))
	t.put()
	res := t.put(b.text(asText, w["answer.residual"]), b.value(asInput, b.r.Residuals), b.text(asNote, b.plan.Currency))
	b.call("answer_residuals", res)
	last := g.fixed("ebitda", n-12, n-1)
	mul := t.put(b.text(asText, w["answer.multiple"]), b.formula(asMoney, "MAX(0,in_terminal_ebitda_multiple*SUM("+last+"))", b.r.Multiple), b.text(asNote, b.plan.Currency))
	b.call("answer_multiple", mul)
	t.put()
	t.put(b.text(asHead, w["head.end"]), b.text(asHead, w["xlsx.formula"]), b.text(asHead, w["xlsx.found"]), b.text(asHead, w["head.difference"]))
	for _, x := range g.ways() {
		b.answerRows(t, x)
	}
	t.put()
	row := t.put(b.text(asText, w["xlsx.checks"]), b.formula(asCheck, "SUMSQ("+g.fixed("check", 0, n-1)+")", 0))
	b.call("answer_check", row)
	b.checkRows(t)
	b.write(t, 60, 0, 0)
}

// call names the value of a row of the sheet of answers.
func (b *workbook) call(name string, row int) {
	b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: fmt.Sprintf("%s!$B$%d", answerTab, row)}))
}

// answerRows is one of the answers.
func (b *workbook) answerRows(t *tab, x way) {
	w, g := b.words, b.months
	n := len(b.r.Months)
	number := g.fixed("t", 0, n-1)
	flow, sum, below := g.fixed("flow."+x.id, 0, n-1), g.fixed("sum."+x.id, 0, n-1), g.fixed("below."+x.id, 0, n-1)
	line := func(id, key, formula string, l look, now float64) {
		row := len(t.rows) + 1
		t.put(b.text(asText, w["answer."+x.id]+": "+w[key]), b.formula(l, formula, now), b.value(l, now), b.formula(asCheck, fmt.Sprintf("IFERROR(ROUND(B%d-C%d,6),0)", row, row), 0))
		b.call("answer_"+id+"_"+x.id, row)
	}
	line("npv", "head.npv", "SUMPRODUCT("+flow+","+g.fixed("factor", 0, n-1)+")", asMoney, x.value.NPV)
	irr, guess := math.NaN(), 0.005
	if x.value.HasIRR {
		irr, guess = x.value.IRR, capital.PerPeriod(x.value.IRR, 12)
	}
	line("irr", "head.irr", fmt.Sprintf(`IFERROR((1+IRR(%s,%.6f))^12-1,"%s")`, flow, guess, w["none.irr"]), asShare, irr)
	years := math.NaN()
	if x.value.Pays {
		years = x.value.Payback
	}
	// in the month after the last one below nothing, the sum is taken to grow evenly
	flows := Flows(b.r.Months, x.last)
	turn, before := lastBelow(flows)
	line("below", "xlsx.last", "MAX("+below+")", asCount, float64(turn))
	m := len(t.rows)
	line("before", "xlsx.before", fmt.Sprintf("SUMIF(%s,B%d-1,%s)", number, m, sum), asMoney, before)
	after := 0.0
	if turn < n {
		after = flows[turn]
	}
	line("turn", "xlsx.turn", fmt.Sprintf("SUMIF(%s,B%d,%s)", number, m, flow), asMoney, after)
	line("payback", "head.payback", fmt.Sprintf(`IF(B%d=%d,"%s",IF(B%d=0,0,(B%d-B%d/B%d)/12))`, m, n, w["none.payback"], m, m, m+1, m+2), asRatio, years)
}

// lastBelow is the number of the last month, from 1 on, at whose end less has come
// back than was paid, and the sum then; 0 where there is none.
func lastBelow(flows []float64) (month int, sum float64) {
	var all float64
	for k, f := range flows {
		if all += f; all < 0 {
			month, sum = k+1, all
		}
	}
	return month, sum
}

// checkRows are figures that were published, beside ours.
func (b *workbook) checkRows(t *tab) {
	if len(b.r.Checks) == 0 {
		return
	}
	w := b.words
	t.put()
	t.put(b.text(asHead, w["head.what"]), b.text(asHead, w["head.published"]), b.text(asHead, w["head.ours"]), b.text(asHead, w["head.difference"]), b.text(asHead, w["head.unit"]), b.text(asHead, w["head.source"]))
	for _, c := range b.r.Checks {
		row := len(t.rows) + 1
		t.put(b.text(asText, c.What), b.value(asFree, c.Value), b.value(asFree, c.Ours), b.formula(asShare, fmt.Sprintf(`IF(OR(B%d=0,C%d=""),"",(C%d-B%d)/ABS(B%d))`, row, row, row, row, row), ratio(c.Ours-c.Value, math.Abs(c.Value))),
			b.text(asNote, c.Unit), b.text(asNote, c.From))
	}
}

// siteSheet is the operating profit of each site by years.
func (b *workbook) siteSheet() {
	if len(b.r.Sites) == 0 {
		return
	}
	w := b.words
	operating, _ := operatingLines()
	t := &tab{name: siteTab}
	for _, s := range b.r.Sites {
		t.put(b.text(asTitle, s.Name))
		heads := []any{b.text(asHead, w["head.line"]), b.text(asHead, w["head.unit"])}
		for y := range b.r.years() {
			heads = append(heads, b.text(asHead, b.r.yearName(y)))
		}
		from := t.put(heads...) + 1
		for _, l := range operating {
			cells := []any{b.text(asText, b.lineName(l)), b.text(asNote, b.plan.Currency)}
			for y := range b.r.years() {
				cells = append(cells, b.value(asInput, year(s.Months, l, y)))
			}
			t.put(cells...)
		}
		to := len(t.rows)
		cells := []any{b.text(asText, w["line.ebitda"]), b.text(asNote, b.plan.Currency)}
		for y := range b.r.years() {
			c := column(3 + y)
			cells = append(cells, b.formula(asSum, fmt.Sprintf("SUM(%s%d:%s%d)", c, from, c, to), of(s.Months, y, model.EBITDA)))
		}
		t.put(cells...)
		t.put()
	}
	b.write(t, 34, 0, 0)
}
