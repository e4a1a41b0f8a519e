package board

import (
	"math"
	"strings"

	"sluice/capital"
	"sluice/capital/model"
)

// answer is what the plan is worth, and what of it each project adds.
func (s *scribe) answer() section {
	a := s.r.Answer
	x := s.section("answer", block{Tiles: s.tiles()}, block{Table: s.answerTable(a)}, s.quiet("answer.how", map[string]string{
		"rate": s.percent(s.plan.Discount, 1), "multiple": s.trimmed(s.plan.Terminal),
	}))
	if a.Without.Several || a.Residual.Several || a.Multiple.Several {
		x.Blocks = append(x.Blocks, s.quiet("answer.several", nil))
	}
	if len(s.r.Projects) > 0 {
		x.Blocks = append(x.Blocks, block{Table: s.projectTable()}, s.quiet("projects.how", nil))
	}
	return x
}

// tiles are the figures that are asked for first.
func (s *scribe) tiles() []tile {
	least, at := s.r.leastCash()
	debt, peak := s.r.mostDebt()
	a := s.r.Answer
	out := []tile{
		{s.words["tile.npv"], s.money(a.Residual.NPV), s.say("tile.npv.note", map[string]string{"without": s.money(a.Without.NPV)})},
		{s.words["tile.irr"], s.irr(a.Residual), s.say("tile.irr.note", map[string]string{"without": s.irr(a.Without)})},
		{s.words["tile.payback"], s.payback(a.Without), s.say("tile.payback.note", map[string]string{"with": s.payback(a.Residual)})},
		{s.words["tile.cash"], s.money(least), s.say("tile.at", map[string]string{"month": at.String()})},
		{s.words["tile.debt"], s.money(debt), s.say("tile.at", map[string]string{"month": peak.String()})},
	}
	if cover, when := s.r.leastCover(); !math.IsInf(cover, 1) {
		out = append(out, tile{s.words["tile.dscr"], s.number(cover, 2) + thin + "×", s.say("tile.at", map[string]string{"month": when.String()})})
	}
	for i := range out { // a phone has no room for a figure and its unit in one line
		out[i].Value = strings.ReplaceAll(out[i].Value, thin, " ")
	}
	return out
}

func (s *scribe) irr(v Value) string {
	if !v.HasIRR {
		return s.words["none.irr"]
	}
	return s.percent(v.IRR, 2)
}

func (s *scribe) payback(v Value) string {
	if !v.Pays {
		return s.words["none.payback"]
	}
	return s.number(v.Payback, 1) + thin + s.words["unit.years"]
}

// leastCash is the least cash at the end of a month, and that month. What is missing
// counts as less than nothing.
func (r *Report) leastCash() (float64, capital.Month) {
	least, at := math.Inf(1), r.begin()
	for k := range r.Months {
		if v := r.Months[k][model.Cash] - r.Months[k][model.Missing]; v < least {
			least, at = v, r.begin().Add(k)
		}
	}
	return least, at
}

// mostDebt is the greatest debt at the end of a month.
func (r *Report) mostDebt() (float64, capital.Month) {
	most, at := math.Inf(-1), r.begin()
	for k := range r.Months {
		if v := debtOf(&r.Months[k]); v > most {
			most, at = v, r.begin().Add(k)
		}
	}
	return most, at
}

// debtOf is all that is owed to lenders.
func debtOf(l *[model.LineCount]float64) float64 {
	return l[model.Loans] + l[model.Pledged] + l[model.Revolving] + l[model.Missing]
}

// leastCover is the least debt service coverage of a quarter; +Inf where nothing is due.
func (r *Report) leastCover() (float64, capital.Month) {
	least, at := math.Inf(1), r.begin()
	for _, t := range r.Tested {
		if t.DSCR < least {
			least, at = t.DSCR, r.begin().Add(t.Month)
		}
	}
	return least, at
}

func (s *scribe) answerTable(a Answer) *table {
	z := s.size(max(math.Abs(a.Without.NPV), math.Abs(a.Residual.NPV)))
	t := &table{Caption: s.words["answer.caption"] + " (" + s.apart(z.unit) + ")", Heads: []string{s.words["head.end"], s.words["head.npv"], s.words["head.irr"], s.words["head.payback"]}, Numbers: 1, Tight: true}
	line := func(id string, v Value) {
		t.Rows = append(t.Rows, row{Name: s.words[id], Cells: []string{s.in(z, v.NPV), s.irr(v), s.payback(v)}})
	}
	line("answer.without", a.Without)
	line("answer.residual", a.Residual)
	if s.plan.Terminal != 0 {
		line("answer.multiple", a.Multiple)
	}
	return t
}

func (s *scribe) projectTable() *table {
	w, greatest := s.words, 0.0
	for _, p := range s.r.Projects {
		greatest = max(greatest, p.Capex, math.Abs(p.Without.NPV), math.Abs(p.Residual.NPV))
	}
	z := s.size(greatest)
	t := &table{
		Caption: w["projects.caption"] + " (" + s.apart(z.unit) + ")", Numbers: 1,
		Heads: []string{w["head.project"], w["head.mw"], w["head.capex"], w["head.capexmw"], w["head.ready"], w["head.npv"], w["head.npvend"], w["head.irr"], w["head.payback"]},
	}
	for _, p := range s.r.Projects {
		t.Rows = append(t.Rows, row{Name: p.Name, Own: true, Cells: []string{
			s.trimmed(p.Gross) + " / " + s.trimmed(p.Critical), s.in(z, p.Capex), s.in(z, ratio(p.Capex, p.Critical)), month(p.Ready),
			s.in(z, p.Without.NPV), s.in(z, p.Residual.NPV), s.irr(p.Residual), s.payback(p.Without),
		}})
	}
	return t
}

// ratio is a over b; NaN where b is nothing.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// checks are figures that were published, beside those of the plan.
func (s *scribe) checks() section {
	if len(s.r.Checks) == 0 {
		return section{}
	}
	w := s.words
	t := &table{Caption: w["checks.caption"], Heads: []string{w["head.what"], w["head.unit"], w["head.published"], w["head.ours"], w["head.difference"], w["head.source"]}, Numbers: 2, Tail: 1}
	for _, c := range s.r.Checks {
		t.Rows = append(t.Rows, row{Name: c.What, Own: true, Cells: []string{
			s.apart(first(c.Unit, none)), s.trimmed(c.Value), s.trimmed(rounded(c.Ours)), s.percent(ratio(c.Ours-c.Value, math.Abs(c.Value)), 1), s.apart(first(c.From, none)),
		}})
	}
	return s.section("checks", block{Table: t})
}

// rounded leaves six digits that say something, so that a computed figure reads as a
// published one does.
func rounded(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// bridgeSection is how the NPV comes together.
func (s *scribe) bridgeSection() section {
	parts := s.r.bridge(s.r.Residuals)
	if len(parts) == 0 {
		return section{}
	}
	t := &table{Caption: s.words["bridge.caption"], Heads: []string{s.words["head.part"], s.words["head.worth"]}, Numbers: 1, Tight: true}
	var sum float64
	for _, p := range parts {
		sum += p.amount
		t.Rows = append(t.Rows, row{Name: s.words[p.name], Cells: []string{s.money(p.amount)}})
	}
	t.Rows = append(t.Rows, row{Name: s.words["head.npvend"], Sum: true, Cells: []string{s.money(sum)}})
	title := s.words["bridge.title"]
	p := &plate{ID: "bridge", Title: title, Says: s.say("bridge.says", map[string]string{"npv": s.money(sum)}), Draw: s.drawBridge(parts)}
	return s.section("bridge", block{Picture: p}, block{Table: t})
}
