package board

import (
	"math"
	"strconv"

	"sluice/capital"
	"sluice/capital/model"
)

// aYear is how many weeks a horizon needs to be one of a year.
const aYear = 52

// riskSections are what paths of chance made of the plan.
func (s *scribe) riskSections() []section {
	return []section{
		s.spreads(), s.fans(), s.tornado(), s.covenants(), s.scenarios(), s.reverse(), s.drivers(), s.convergence(), s.coverage(), s.warnings(),
	}
}

// spreads are the figures of all paths, each with its standard error.
func (s *scribe) spreads() section {
	k, w := s.r.Risk, s.words
	if k.Paths == 0 {
		return section{}
	}
	t := &table{
		Caption: s.say("risk.caption", map[string]string{"paths": s.number(float64(k.Paths), 0)}), Numbers: 1,
		Heads: []string{w["head.what"], "P5", "P10", "P50", "P90", "P95", w["head.mean"], w["head.error"]},
	}
	spread := func(name string, x capital.Spread, show func(float64) string) {
		if x.N == 0 {
			return
		}
		t.Rows = append(t.Rows, row{Name: name, Cells: []string{show(x.P5), show(x.P10), show(x.P50), show(x.P90), show(x.P95), show(x.Mean), "± " + show(x.Error)}})
	}
	z := s.size(max(math.Abs(k.NPV.P5), math.Abs(k.NPV.P95)))
	spread(w["risk.npv"]+" ("+s.apart(z.unit)+")", k.NPV, func(v float64) string { return s.in(z, v) })
	spread(w["risk.irr"], k.IRR, func(v float64) string { return s.percent(v, 1) })
	spread(w["risk.runway"], k.Runway, func(v float64) string { return s.number(v, 1) })
	p := math.Sqrt(k.Broke * (1 - k.Broke) / float64(k.Paths))
	list := []string{
		s.say("risk.broke", map[string]string{"share": s.percent(k.Broke, 2), "error": s.percent(p, 2)}),
		s.say("risk.noirr", map[string]string{"share": s.percent(k.NoIRR, 2)}),
		s.say("risk.cfar", map[string]string{"value": s.money(k.CashAtRisk.Value), "error": s.money(k.CashAtRisk.Error)}),
		s.say("risk.cvar", map[string]string{"value": s.money(k.CashTail.Value), "error": s.money(k.CashTail.Error)}),
	}
	return s.section("risk", block{Table: t}, block{List: list}, s.quiet("risk.how", map[string]string{"seed": strconv.FormatUint(k.Seed, 10)}))
}

// fans are the bands of cash, debt, coins and free cash.
func (s *scribe) fans() section {
	k, w := s.r.Risk, s.words
	x := s.section("fans")
	amount := func(v float64) string { return s.money(v) }
	coins := func(v float64) string { return s.number(v, 0) + thin + "BTC" }
	for _, f := range []struct {
		id    string
		bands []Band
		show  func(float64) string
		plan  func(k int) float64
	}{
		{"cash", k.Fans.Cash, amount, func(m int) float64 { return s.r.Months[m][model.Cash] }},
		{"debt", k.Fans.Debt, amount, func(m int) float64 { return debtOf(&s.r.Months[m]) }},
		{"btc", k.Fans.BTC, coins, func(m int) float64 { return s.r.Months[m][model.BTC] }},
		{"free", k.Fans.Free, amount, s.quarterFree},
	} {
		if len(f.bands) == 0 {
			continue
		}
		last := f.bands[len(f.bands)-1]
		p := &plate{ID: "fan-" + f.id, Title: w["fan."+f.id], Draw: s.drawFan(f.bands, f.plan), Legend: []legend{
			{"b1", w["fan.outer"]}, {"b2", w["fan.inner"]}, {"median", w["fan.median"]}, {"plan", w["fan.plan"]},
		}}
		p.Says = s.say("fan.says", map[string]string{
			"month": month(k.Quarters[len(k.Quarters)-1]), "p50": f.show(last.P50), "p5": f.show(last.P5), "p95": f.show(last.P95),
		})
		x.Blocks = append(x.Blocks, block{Picture: p}, block{Table: s.fanTable(w["fan."+f.id], f.bands, f.id != "btc")})
	}
	if len(x.Blocks) == 0 {
		return section{}
	}
	x.Blocks = append([]block{{Text: s.bandSays()}}, x.Blocks...)
	return x
}

// quarterFree is the free cash of the quarter that ends with a month.
func (s *scribe) quarterFree(m int) (sum float64) {
	for k := max(0, m-2); k <= m; k++ {
		sum += model.Free(&s.r.Months[k])
	}
	return sum
}

// bandSays says why the outer band is printed as one of 80 % from a year on, with
// what the back-test found.
func (s *scribe) bandSays() string {
	text := s.words["fan.band"]
	narrow, wide := s.tested80(0.8), s.tested80(0.9)
	if narrow == nil {
		return text + " " + s.words["fan.untested"]
	}
	text += " " + s.say("fan.narrow", map[string]string{"weeks": s.number(float64(narrow.Weeks), 0), "realised": s.percent(narrow.Realised, 0)})
	if wide != nil {
		text += " " + s.say("fan.wide", map[string]string{"realised": s.percent(wide.Realised, 0)})
	}
	return text
}

// tested80 is the back-test of a band that claims a share, over a year or more.
func (s *scribe) tested80(nominal float64) *Coverage {
	for i, c := range s.r.Risk.Coverage {
		if c.Weeks >= aYear && math.Abs(c.Nominal-nominal) < 1e-9 {
			return &s.r.Risk.Coverage[i]
		}
	}
	return nil
}

// fanTable is the bands at the end of each year, for who does not see the drawing.
func (s *scribe) fanTable(name string, bands []Band, isMoney bool) *table {
	greatest := 0.0
	for _, b := range bands {
		greatest = max(greatest, math.Abs(b.P5), math.Abs(b.P95))
	}
	z := sized{1, 1, "BTC"}
	if isMoney {
		z = s.size(greatest)
	}
	t := &table{Caption: name + " (" + s.apart(z.unit) + ")", Heads: []string{s.words["head.month"], "P5", "P25", "P50", "P75", "P95"}, Numbers: 1, Tight: true}
	for q, b := range bands {
		if q%4 != 3 && q != len(bands)-1 {
			continue
		}
		t.Rows = append(t.Rows, row{Name: s.r.Risk.Quarters[q].String(), Cells: []string{s.in(z, b.P5), s.in(z, b.P25), s.in(z, b.P50), s.in(z, b.P75), s.in(z, b.P95)}})
	}
	return t
}

// tornado is each input at two values, the one that moves most first.
func (s *scribe) tornado() section {
	bars, w := s.r.Risk.Tornado, s.words
	if len(bars) == 0 {
		return section{}
	}
	bars = widestFirst(bars)
	t := &table{Caption: w["tornado.caption"], Heads: []string{w["head.input"], w["head.low"], w["head.npvlow"], w["head.high"], w["head.npvhigh"]}, Numbers: 1}
	for _, b := range bars {
		t.Rows = append(t.Rows, row{Name: b.Input, Own: true, Cells: []string{s.apart(b.Low), s.money(b.NPVLow), s.apart(b.High), s.money(b.NPVHigh)}})
	}
	p := &plate{
		ID: "tornado", Title: w["tornado.title"], Draw: s.drawTornado(bars),
		Says:   s.say("tornado.says", map[string]string{"input": bars[0].Input, "low": s.money(bars[0].NPVLow), "high": s.money(bars[0].NPVHigh)}),
		Legend: []legend{{"low", w["tornado.low"]}, {"high", w["tornado.high"]}},
	}
	return s.section("tornado", block{Picture: p}, block{Table: t})
}

// covenants are heat maps: how likely each is breached in each quarter.
func (s *scribe) covenants() section {
	k := s.r.Risk
	if len(k.Covenants) == 0 || len(k.Quarters) == 0 {
		return section{}
	}
	x := s.section("covenants", s.quiet("covenants.how", nil))
	for i := range k.Covenants {
		c := &k.Covenants[i]
		if c.First != "" {
			x.Blocks = append(x.Blocks, block{Text: s.apart(c.Name) + ": " + s.apart(c.First)})
		}
		x.Blocks = append(x.Blocks, block{Heat: s.heat(c)})
	}
	return x
}

// heat is the map of one covenant.
func (s *scribe) heat(c *CovenantRisk) *heat {
	kind := limitKind(c.Kind)
	h := &heat{Caption: s.say("covenants.caption", map[string]string{
		"name": c.Name, "kind": s.or("covenant."+c.Kind, c.Kind), "limit": s.bound(kind, c.Limit), "unit": s.boundUnit(c, kind),
	})}
	h.Heads = []string{s.words["head.year"], s.words["quarter.1"], s.words["quarter.2"], s.words["quarter.3"], s.words["quarter.4"]}
	for q, m := range s.r.Risk.Quarters {
		name, column := m.String()[:4], int(m)%12/3
		if n := len(h.Rows); n == 0 || h.Rows[n-1].Name != name {
			h.Rows = append(h.Rows, heatRow{Name: name, Cells: []heatCell{{Level: -1}, {Level: -1}, {Level: -1}, {Level: -1}}})
		}
		h.Rows[len(h.Rows)-1].Cells[column] = s.heatCell(c, q, kind)
	}
	return h
}

// heatCell is a covenant in a quarter.
func (s *scribe) heatCell(c *CovenantRisk, q int, kind kind) heatCell {
	if math.IsNaN(c.Breach[q]) {
		return heatCell{Text: none, Level: -1}
	}
	out := heatCell{Text: s.percent(c.Breach[q], 1), Level: level(c.Breach[q])}
	if h := c.Headroom[q]; !math.IsNaN(h) {
		out.Note = s.headroom(c, kind, h)
	}
	return out
}

// roomSize is the unit in which the headroom of a covenant on money is written.
func (s *scribe) roomSize(c *CovenantRisk) sized {
	greatest := math.Abs(c.Limit)
	for _, h := range c.Headroom {
		if !math.IsNaN(h) {
			greatest = max(greatest, math.Abs(h))
		}
	}
	return s.size(greatest)
}

// boundUnit is the unit of the headroom of a covenant.
func (s *scribe) boundUnit(c *CovenantRisk, kind kind) string {
	if kind == share {
		return "%"
	}
	if kind == money {
		return s.roomSize(c).unit
	}
	return "×"
}

// headroom writes a distance to a limit in that unit.
func (s *scribe) headroom(c *CovenantRisk, kind kind, h float64) string {
	if kind == share {
		return s.number(100*h, 1)
	}
	if kind == money {
		return s.in(s.roomSize(c), h)
	}
	return s.number(h, 2)
}

// level is how loud a probability is shown.
func level(p float64) int {
	switch {
	case p <= 0:
		return 0
	case p < 0.05:
		return 1
	case p < 0.2:
		return 2
	case p < 0.5:
		return 3
	}
	return 4
}

// bound writes a limit, or the distance to one.
func (s *scribe) bound(kind kind, v float64) string {
	if kind == share {
		return s.percent(v, 1)
	}
	if kind == money {
		return s.money(v)
	}
	return s.number(v, 2) + thin + "×"
}

func (s *scribe) scenarios() section {
	w := s.words
	if len(s.r.Risk.Scenarios) == 0 {
		return section{}
	}
	greatest := 0.0
	for _, x := range s.r.Risk.Scenarios {
		greatest = max(greatest, math.Abs(x.NPV), math.Abs(x.LeastCash))
	}
	z := s.size(greatest)
	t := &table{Caption: w["scenarios.caption"] + " (" + s.apart(z.unit) + ")", Heads: []string{w["head.scenario"], w["head.npv"], w["head.leastcash"], w["head.breach"]}, Numbers: 1, Tail: 1}
	for _, x := range s.r.Risk.Scenarios {
		t.Rows = append(t.Rows, row{Name: x.Name, Own: true, Cells: []string{s.in(z, x.NPV), s.in(z, x.LeastCash), s.apart(first(x.FirstBreach, w["none.breach"]))}})
	}
	return s.section("scenarios", block{Table: t})
}

func (s *scribe) reverse() section {
	if len(s.r.Risk.Reverse) == 0 {
		return section{}
	}
	return s.section("reverse", s.quiet("reverse.how", nil), block{List: s.all(s.r.Risk.Reverse)})
}

// all keeps texts that people wrote apart.
func (s *scribe) all(texts []string) []string {
	var out []string
	for _, x := range texts {
		out = append(out, s.apart(x))
	}
	return out
}

func (s *scribe) drivers() section {
	w := s.words
	if len(s.r.Risk.Drivers) == 0 {
		return section{}
	}
	t := &table{Caption: w["drivers.caption"], Heads: []string{w["head.input"], w["head.first"], w["head.error"], w["head.total"]}, Numbers: 1, Tight: true}
	for _, d := range s.r.Risk.Drivers {
		t.Rows = append(t.Rows, row{Name: d.Input, Own: true, Cells: []string{s.percent(d.First, 1), "± " + s.percent(d.Error, 1), s.percent(d.Total, 1)}})
	}
	return s.section("drivers", block{Table: t}, s.quiet("drivers.how", nil))
}

func (s *scribe) convergence() section {
	rows, w := s.r.Risk.Convergence, s.words
	if len(rows) == 0 {
		return section{}
	}
	z := s.size(math.Abs(rows[len(rows)-1].Mean))
	t := &table{Caption: w["convergence.caption"] + " (" + s.apart(z.unit) + ")", Numbers: 1, Heads: []string{w["head.paths"], w["head.mean"], w["head.error"]}, Tight: true}
	for _, c := range rows {
		t.Rows = append(t.Rows, row{Name: s.number(float64(c.Paths), 0), Cells: []string{s.in(z, c.Mean), "± " + s.in(z, c.Error)}})
	}
	last := rows[len(rows)-1]
	p := &plate{ID: "convergence", Title: w["convergence.title"], Draw: s.drawConvergence(rows), Says: s.say("convergence.says", map[string]string{
		"paths": s.number(float64(last.Paths), 0), "mean": s.money(last.Mean), "error": s.money(last.Error),
	}), Legend: []legend{{"b1", w["convergence.band"]}, {"median", w["head.mean"]}}}
	return s.section("convergence", block{Picture: p}, block{Table: t})
}

// coverage is how often bands held what happened, beside what they claim.
func (s *scribe) coverage() section {
	w := s.words
	if len(s.r.Risk.Coverage) == 0 {
		return section{}
	}
	t := &table{Caption: w["coverage.caption"], Heads: []string{w["head.what"], w["head.horizon"], w["head.nominal"], w["head.realised"], w["head.difference"], w["head.origins"]}, Numbers: 1}
	for _, c := range s.r.Risk.Coverage {
		t.Rows = append(t.Rows, row{Name: c.What, Own: true, Cells: []string{
			s.number(float64(c.Weeks), 0) + thin + w["unit.weeks"], s.percent(c.Nominal, 0), s.percent(c.Realised, 0),
			s.number(100*(c.Realised-c.Nominal), 0) + thin + w["unit.points"], s.number(float64(c.Origins), 0),
		}})
	}
	return s.section("coverage", block{Table: t}, s.quiet("coverage.how", nil))
}

func (s *scribe) warnings() section {
	if len(s.r.Risk.Warnings) == 0 {
		return section{}
	}
	return s.section("warnings", block{Warn: s.all(s.r.Risk.Warnings)})
}
