package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sluice/unit"
)

// columns is the widest line that Text writes, unless one word is wider.
const columns = 100

// Text writes r for a terminal, in English, at most 100 columns wide.
func Text(w io.Writer, r Report) error {
	s, err := newScribe(r, English)
	if err != nil {
		return err
	}
	s.minus = "-"
	p := &paper{scribe: s}
	if err := p.all(); err != nil {
		return err
	}
	if _, err := io.WriteString(w, strings.ReplaceAll(p.out.String(), thin, " ")); err != nil {
		return fmt.Errorf("write report of %q as text: %w", r.Site.Name, err)
	}
	return nil
}

// paper is the text while it grows.
type paper struct {
	scribe
	out strings.Builder
}

func (p *paper) all() error {
	p.head()
	if err := p.lead(); err != nil {
		return err
	}
	p.policies()
	p.tenants()
	p.months()
	p.decisions()
	p.site()
	p.data()
	p.forecast()
	return p.proof()
}

func (p *paper) line(text string) { p.out.WriteString(strings.TrimRight(text, " ") + "\n") }

// section begins a part with its title and a rule below it.
func (p *paper) section(title string) {
	p.line("")
	p.line(strings.ToUpper(title))
	p.line(strings.Repeat("─", columns))
}

// wrap writes a paragraph, every line after the first set in by hang.
func (p *paper) wrap(text, indent, hang string) {
	line := indent
	fresh := true
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }) {
		if !fresh && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
			p.line(line)
			line, fresh = hang, true
		}
		if !fresh {
			line += " "
		}
		line, fresh = line+word, false
	}
	p.line(line)
}

func (p *paper) head() {
	r := p.r
	title := "SLUICE  backtest report"
	p.line(title + strings.Repeat(" ", max(2, columns-len(title)-utf8.RuneCountInString(r.Made))) + r.Made)
	p.line(strings.Repeat("━", columns))
	p.wrap(join(", ", r.Site.Name, r.Site.Place), "", "")
	lag := "prices published the day before"
	if r.Period.Lag > 0 {
		lag = fmt.Sprintf("prices known %d min late", r.Period.Lag*r.Period.Minutes)
	}
	p.wrap(fmt.Sprintf("%s to %s (%s), every %d min, %s, in %s", day(r.Period.From, p.zone),
		day(r.Period.To.Add(-time.Second), p.zone), r.zoneName(), r.Period.Minutes, lag, join(", ", p.currency(), r.Period.FX)), "", "")
}

// lead writes the headline and what warns against it.
func (p *paper) lead() error {
	p.line("")
	text, err := p.write(p.headline(), asIs, asIs)
	if err != nil {
		return err
	}
	p.wrap(text, "", "")
	if why := p.r.Capture.Why; why != "" {
		p.wrap("Why no share: "+why+".", "", "")
	}
	standing, err := p.write([]sentence{{"result.standing", map[string]string{"standing": strings.ToUpper(string(p.r.Standing()))}}}, asIs, asIs)
	p.wrap(standing, "", "")
	p.warn()
	return err
}

func (p *paper) warn() {
	if names := p.r.Synthetic(); len(names) > 0 {
		p.line("")
		p.wrap(p.words["banner.synthetic"]+" Made-up inputs: "+strings.Join(names, ", ")+".", "!! ", "!! ")
	}
	if s, _ := p.r.Policy(Sluice); s.Violations > 0 {
		p.line("")
		p.wrap(strings.ReplaceAll(p.words["banner.violations"], "{count}", p.whole(int64(s.Violations))), "!! ", "!! ")
	}
}

// grid is a table: a column is as wide as its widest cell.
type grid struct {
	right []bool // which columns are numbers
	rows  [][]string
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

func (p *paper) table(g grid) {
	width := make([]int, len(g.right))
	for _, row := range g.rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for n, row := range g.rows {
		var line strings.Builder
		for i, c := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if g.right[i] {
				c, pad = pad+c, ""
			}
			line.WriteString(c + pad + "  ")
		}
		p.line(line.String())
		if n == 0 {
			p.line(strings.TrimRight(strings.Repeat("·", min(columns, sum(width)+2*len(width)-2)), " "))
		}
	}
}

func sum(widths []int) int {
	n := 0
	for _, w := range widths {
		n += w
	}
	return n
}

func numbers(first, n int) []bool {
	right := make([]bool, n)
	for i := first; i < n; i++ {
		right[i] = true
	}
	return right
}

func (p *paper) policies() {
	p.section("The policies side by side")
	g := grid{right: numbers(1, len(p.r.Policies)+1)}
	g.add(p.names()...)
	for _, row := range p.policyRows() {
		g.add(p.cells(row)...)
	}
	if money := p.moneyRows(); len(money) > 0 {
		g.add(make([]string, len(p.r.Policies)+1)...)
		for _, row := range money {
			g.add(p.cells(row)...)
		}
	}
	p.table(g)
	p.line("")
	p.worst()
	for _, policy := range p.r.Policies {
		p.rule(policy)
	}
}

// worst says when the worst hours were.
func (p *paper) worst() {
	var parts []string
	for _, policy := range p.r.Policies {
		if !policy.WorstHour.Start.IsZero() {
			parts = append(parts, strings.ReplaceAll(p.policyName(policy)+" "+minute(policy.WorstHour.Start, p.zone), " ", thin))
		}
	}
	p.wrap(strings.Join(parts, ", "), "Worst hours:   ", strings.Repeat(" ", 15))
}

func (p *paper) names() []string {
	names := []string{""}
	for _, policy := range p.r.Policies {
		names = append(names, clip(p.policyName(policy), 13))
	}
	return names
}

func (p *paper) cells(r row) []string {
	cells := []string{join(", ", clip(p.or(r.id, r.name), 24), r.unit)}
	for _, c := range r.cells {
		cells = append(cells, c.text)
	}
	return cells
}

func (p *paper) rule(policy Policy) {
	text := p.policySays(policy)
	if !policy.Executable {
		text += " [cannot be executed]"
	}
	p.wrap(text, fmt.Sprintf("%-14s ", clip(p.policyName(policy), 13)), strings.Repeat(" ", 15))
}

func (p *paper) months() {
	if len(p.r.Months) == 0 {
		return
	}
	p.section("Net margin by month, " + p.currency())
	n := len(p.r.Policies)
	own := []string{"gain", "off, h"}
	if p.r.tenantsAlone() {
		own = own[:1]
	}
	g := grid{right: numbers(1, n+1+len(own))}
	g.add(slices.Concat([]string{"month"}, p.names()[1:], own)...)
	always, best := p.index(Always), p.index(Sluice)
	for _, m := range p.r.Months {
		cells := []string{m.Label}
		for _, a := range m.Net {
			cells = append(cells, p.amount(a))
		}
		gain := m.Net[best] - m.Net[always]
		g.add(append(cells, []string{plus(gain, p.amount(gain)), p.hours(m.Off)}[:len(own)]...)...)
	}
	p.table(g)
}

func (r Report) index(id string) int {
	return slices.IndexFunc(r.Policies, func(p Policy) bool { return p.ID == id })
}

func (p *paper) index(id string) int { return p.r.index(id) }

func (p *paper) decisions() {
	if len(p.r.Decisions) == 0 {
		return
	}
	p.section("The decisions that mattered most, gain over always-on in " + p.currency())
	for _, d := range p.r.Decisions {
		p.wrap(join(": ", d.What, d.Why), fmt.Sprintf("%12s  %s  ", plus(d.Gain, p.amount(d.Gain)), span(d.Start, d.End, p.zone)), strings.Repeat(" ", 14))
	}
}

func (p *paper) site() {
	p.section("Site")
	p.line(fmt.Sprintf("connection limit %s MW, load that must run %s MW", p.megawatts(p.r.Site.Limit), p.megawatts(p.r.Site.MustRun)))
	for _, t := range p.r.Site.Tariff {
		p.wrap(t, "tariff: ", "        ")
	}
	if len(p.r.Site.Groups) == 0 {
		return
	}
	p.line("")
	g := grid{right: []bool{false, false, true, true, true, true, false}}
	g.add("group", "model", "count", "MW", "J/TH", "break-even "+p.currency()+"/MWh", "standing")
	for _, group := range p.r.Site.Groups {
		g.add(clip(group.Name, 18), clip(group.Model, 24), p.whole(int64(group.Count)), p.megawatts(group.Power),
			p.efficiency(group.Efficiency), p.breakeven(group), string(group.Standing))
	}
	p.table(g)
}

// breakeven writes the mean break-even price of a group, or a dash.
func (s scribe) breakeven(g Group) string {
	mean, ok := meanOf(g.BreakEven)
	if !ok {
		return "–"
	}
	return s.fixed(mean, 2)
}

func (p *paper) data() {
	p.section("Data")
	g := grid{right: []bool{false, false, false, true, true, false}}
	g.add("standing", "what", "source", "rows", "filled", "sha-256")
	for _, source := range p.r.Sources {
		g.add(string(source.Standing), clip(source.What, 24), clip(source.Name, 30), p.whole(int64(source.Rows)), p.whole(int64(source.Filled)), clip(source.SHA256, 12))
	}
	p.table(g)
	for _, source := range p.r.Sources {
		if about := join("; ", source.Origin, source.Licence, source.Note); about != "" {
			p.wrap(about, source.Name+": ", "    ")
		}
	}
}

func (p *paper) forecast() {
	if len(p.r.Forecast) == 0 {
		return
	}
	p.section("Forecast errors, " + p.currency() + "/MWh")
	g := grid{right: numbers(2, 9)}
	g.add("model", "lead", "forecasts", "mean abs", "root mean sq", "bias", "pinball", "in band (promised)", "used")
	for _, f := range p.r.Forecast {
		g.add(clip(f.Model, 20), clip(f.Lead, 8), p.whole(int64(f.N)), p.price(f.MAE), p.price(f.RMSE), plus(f.Bias, p.price(f.Bias)),
			p.price(f.Pinball), p.coverage(f), p.percent(f.Chosen))
	}
	p.table(g)
}

// coverage writes what fell inside the band and what was promised.
func (s scribe) coverage(f ForecastScore) string {
	if f.Band == 0 {
		return s.percent(f.Coverage)
	}
	return s.percent(f.Coverage) + " (" + s.scaled(int64(f.Band), 10_000, 0) + thin + "%)"
}

func (p *paper) proof() error {
	p.section("Proof and notes")
	text, err := p.write(p.proofSentences(), asIs, asIs)
	if err != nil {
		return err
	}
	if text != "" {
		p.wrap(text, "", "")
	}
	if p.r.Papers.SHA256 != "" {
		p.line("  " + p.r.Papers.SHA256)
	}
	for _, n := range p.r.Notes {
		p.wrap(n, "- ", "  ")
	}
	return nil
}

func (s scribe) proofSentences() []sentence {
	v, k := s.r.Solver, s.r.Papers
	count := func(n int) string { return s.whole(int64(n)) }
	var out []sentence
	if v.Turns > 0 {
		out = append(out, sentence{"solver.says", map[string]string{"turns": count(v.Turns), "optimal": count(v.Optimal), "alone": count(v.Alone), "fallback": count(v.Fallback)}})
	}
	if k.SHA256 != "" {
		out = append(out, sentence{"papers.says", map[string]string{"turns": count(k.Turns), "bytes": s.bytes(k.Bytes)}})
	}
	return out
}

// clip shortens a text to so many letters.
func clip(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// join joins the parts that are not empty.
func join(by string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), by)
}

// meanOf returns the mean of a trace without its gaps, and whether it has any value.
func meanOf(t Trace) (int64, bool) {
	var all, n int64
	for _, v := range t {
		if v != Gap {
			all, n = all+int64(v), n+1
		}
	}
	if n == 0 {
		return 0, false
	}
	return unit.MulDiv(all, 1, n), true
}
