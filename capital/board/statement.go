package board

import (
	"math"

	"sluice/capital/model"
)

// abreast is how many years stand side by side in a table.
const abreast = 10

// statements are profit and loss, cash and the balance sheet by years.
func (s *scribe) statements() section {
	x := s.section("statements")
	n := s.r.years()
	for from := 0; from < n; from += abreast {
		to := min(from+abreast, n)
		for _, t := range []*table{s.profitTable(from, to), s.cashTable(from, to), s.balanceTable(from, to), s.ratioTable(from, to)} {
			x.Blocks = append(x.Blocks, block{Table: t})
		}
	}
	for _, site := range s.r.Sites {
		x.Blocks = append(x.Blocks, block{Table: s.siteTable(site)})
	}
	return x
}

// ledger is a table of money by years that is being written.
type ledger struct {
	s        *scribe
	t        *table
	from, to int
	size     sized
}

// ledger begins a table over years.
func (s *scribe) ledger(caption string, months [][model.LineCount]float64, from, to int) *ledger {
	greatest := 0.0
	for _, l := range append(append(model.ProfitLines(), model.FlowLines()...), model.BalanceLines()...) {
		for k := range months {
			greatest = max(greatest, math.Abs(months[k][l]))
		}
	}
	z := s.size(greatest)
	t := &table{Caption: caption + " (" + s.apart(z.unit) + ")", Heads: []string{s.words["head.line"]}, Numbers: 1}
	for y := from; y < to; y++ {
		t.Heads = append(t.Heads, s.r.yearName(y))
	}
	return &ledger{s, t, from, to, z}
}

// line writes a row by what it is in each year; a row of nothing is left out.
func (g *ledger) line(name string, sum bool, value func(y int) float64) {
	out := row{Name: name, Sum: sum}
	some := sum
	for y := g.from; y < g.to; y++ {
		v := value(y)
		some = some || math.Abs(v) >= 1
		out.Cells = append(out.Cells, g.s.in(g.size, v))
	}
	if some {
		g.t.Rows = append(g.t.Rows, out)
	}
}

// lineName is what a line is called.
func (s *scribe) lineName(l model.Line) string {
	return s.or("line."+model.Names()[l], model.Names()[l])
}

func (s *scribe) profitTable(from, to int) *table {
	m := s.r.Months
	g := s.ledger(s.words["table.profit"], m, from, to)
	sums := func(lines []model.Line) {
		for _, l := range lines {
			g.line(s.lineName(l), false, func(y int) float64 { return year(m, l, y) })
		}
	}
	operating, other := operatingLines()
	sums(operating)
	g.line(s.words["line.ebitda"], true, func(y int) float64 { return of(m, y, model.EBITDA) })
	sums(other)
	g.line(s.words["line.profit"], true, func(y int) float64 { return of(m, y, model.Profit) })
	return g.t
}

// operatingLines are the lines of profit that make up EBITDA, and the others.
func operatingLines() (operating, other []model.Line) {
	for _, l := range model.ProfitLines() {
		var one [model.LineCount]float64
		one[l] = 1
		if model.EBITDA(&one) != 0 {
			operating = append(operating, l)
		} else {
			other = append(other, l)
		}
	}
	return operating, other
}

func (s *scribe) cashTable(from, to int) *table {
	m := s.r.Months
	g := s.ledger(s.words["table.cash"], m, from, to)
	g.line(s.words["line.profit"], false, func(y int) float64 { return of(m, y, model.Profit) })
	for _, l := range model.FlowLines() {
		g.line(s.lineName(l), false, func(y int) float64 { return year(m, l, y) })
	}
	g.line(s.words["line.cash.end"], true, func(y int) float64 { return m[12*y+11][model.Cash] })
	g.line(s.words["line.free"], true, func(y int) float64 { return of(m, y, model.Free) })
	return g.t
}

func (s *scribe) balanceTable(from, to int) *table {
	m := s.r.Months
	g := s.ledger(s.words["table.balance"], m, from, to)
	for _, l := range model.BalanceLines() {
		if l == model.Loans {
			g.line(s.words["line.assets"], true, func(y int) float64 { return assetsOf(&m[12*y+11]) })
		}
		g.line(s.lineName(l), l == model.Equity, func(y int) float64 { return m[12*y+11][l] })
	}
	return g.t
}

// assetsOf is all that is owned.
func assetsOf(l *[model.LineCount]float64) float64 {
	return l[model.Cash] + l[model.Aside] + l[model.Coins] + l[model.Plant]
}

// ratioTable is what is no money: megawatts, coins and ratios, at each year's end.
func (s *scribe) ratioTable(from, to int) *table {
	m := s.r.Months
	t := &table{Caption: s.words["table.ratios"], Heads: []string{s.words["head.line"]}, Numbers: 1}
	for y := from; y < to; y++ {
		t.Heads = append(t.Heads, s.r.yearName(y))
	}
	add := func(name string, value func(y int) string) {
		out := row{Name: name}
		for y := from; y < to; y++ {
			out.Cells = append(out.Cells, value(y))
		}
		t.Rows = append(t.Rows, out)
	}
	for _, l := range []model.Line{model.Minable, model.Hosted, model.Idle} {
		add(s.lineName(l), func(y int) string { return s.number(year(m, l, y)/12, 1) })
	}
	add(s.lineName(model.Mined), func(y int) string { return s.number(year(m, model.Mined, y), 1) })
	add(s.lineName(model.BTC), func(y int) string { return s.number(m[12*y+11][model.BTC], 1) })
	add(s.lineName(model.Price), func(y int) string { return s.number(m[12*y+11][model.Price], 0) })
	add(s.words["covenant.dscr"]+" (×)", func(y int) string { return s.number(s.tested(y).DSCR, 2) })
	add(s.words["covenant.leverage"]+" (×)", func(y int) string { return s.number(s.tested(y).Leverage, 2) })
	add(s.words["covenant.ltv"]+" (%)", func(y int) string { return s.number(100*s.tested(y).LTV, 1) })
	return t
}

// tested are the ratios of the last quarter of a year; NaN where there are none.
func (s *scribe) tested(y int) model.Ratios {
	for _, t := range s.r.Tested {
		if t.Month == 12*y+11 {
			return t
		}
	}
	n := math.NaN()
	return model.Ratios{DSCR: n, LTV: n, Liquidity: n, Leverage: n}
}

// siteTable is the operating profit of a site, ten years of it at most.
func (s *scribe) siteTable(site Site) *table {
	g := s.ledger(s.say("table.site", map[string]string{"site": site.Name}), site.Months, 0, min(s.r.years(), abreast))
	operating, _ := operatingLines()
	for _, l := range operating {
		g.line(s.lineName(l), false, func(y int) float64 { return year(site.Months, l, y) })
	}
	g.line(s.words["line.ebitda"], true, func(y int) float64 { return of(site.Months, y, model.EBITDA) })
	g.line(s.lineName(model.Built), false, func(y int) float64 { return year(site.Months, model.Built, y) })
	g.line(s.lineName(model.Bought), false, func(y int) float64 { return year(site.Months, model.Bought, y) })
	return g.t
}
