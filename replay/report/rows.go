package report

import (
	"slices"
	"strings"
	"time"

	"sluice/unit"
)

// row is one line of the policy table: a text id or a source of money, a unit,
// and one cell per policy.
type row struct {
	id    string // of the text, or empty
	name  string // used when the table has no such id
	unit  string
	cells []cell
}

// cell is one number of a table.
type cell struct {
	text string
	bad  bool // needs a reader's attention
	note string
}

// scribe writes numbers of one report in one language.
type scribe struct {
	tongue
	r    Report
	zone *time.Location
}

func newScribe(r Report, l Language) (scribe, error) {
	t, err := speak(l)
	if err != nil {
		return scribe{}, err
	}
	if err := r.Check(); err != nil {
		return scribe{}, err
	}
	zone, err := r.zone()
	return scribe{t, r, zone}, err
}

func (s scribe) currency() string { return string(s.r.Period.Currency) }

// policyRows returns the rows of the comparison, in the order of importance.
func (s scribe) policyRows() []row {
	cur := s.currency()
	plain := func(f func(p Policy) string) []cell {
		return s.each(func(p Policy) cell { return cell{text: f(p)} })
	}
	rows := []row{
		{"row.net", "", cur, plain(func(p Policy) string { return s.amount(p.Net) })},
		{"row.gain", "", cur, plain(s.gainCell)},
		{"row.capture", "", "", plain(s.captureCell)},
		{"row.energy", "", "MWh", plain(func(p Policy) string { return s.energy(p.Energy) })},
		{"row.idle", "", "MWh", plain(func(p Policy) string { return s.energy(p.Idle) })},
		{"row.exported", "", "MWh", plain(func(p Policy) string { return s.energy(p.Exported) })},
		{"row.bitcoin", "", "BTC", plain(func(p Policy) string { return s.bitcoin(p.Bitcoin) })},
		{"row.off", "", "h", plain(func(p Policy) string { return s.hours(p.Off) })},
		{"row.starts", "", "", plain(func(p Policy) string { return s.whole(int64(p.Starts)) })},
		{"row.cost", "", cur, plain(s.costCell)},
		{"row.worst", "", cur, s.each(s.worstCell)},
		{"row.violations", "", "", s.each(func(p Policy) cell {
			return cell{text: s.whole(int64(p.Violations)), bad: p.Violations > 0}
		})},
	}
	if !s.r.tenantsAlone() {
		return rows
	}
	ofMachines := []string{"row.idle", "row.bitcoin", "row.off", "row.starts", "row.cost"}
	return slices.DeleteFunc(rows, func(r row) bool { return slices.Contains(ofMachines, r.id) })
}

func (s scribe) each(f func(p Policy) cell) []cell {
	cells := make([]cell, 0, len(s.r.Policies))
	for _, p := range s.r.Policies {
		cells = append(cells, f(p))
	}
	return cells
}

func (s scribe) gainCell(p Policy) string {
	if p.ID == Always {
		return "–"
	}
	gain := s.r.Gain(p.ID)
	return plus(gain, s.amount(gain))
}

func (s scribe) captureCell(p Policy) string {
	r, ok := s.captured(p.ID)
	if !ok {
		return "–"
	}
	return s.percent(r)
}

// captured returns the stated share of a policy, if there is one.
func (s scribe) captured(id string) (unit.Ratio, bool) {
	c := s.r.Capture
	switch id {
	case Sluice:
		return c.Sluice, c.Defined
	case Lagged:
		return c.Lagged, c.Defined && s.has(Lagged)
	case Breakeven:
		return c.Breakeven, c.Defined && s.has(Breakeven)
	case Hindsight:
		return unit.One, c.Defined
	}
	return 0, false
}

func (s scribe) has(id string) bool {
	_, ok := s.r.Policy(id)
	return ok
}

func (s scribe) costCell(p Policy) string {
	if p.Bitcoin <= 0 {
		return "–"
	}
	return s.amount(p.EnergyCostPerBTC)
}

func (s scribe) worstCell(p Policy) cell {
	if p.WorstHour.Start.IsZero() {
		return cell{text: "–"}
	}
	return cell{text: s.amount(p.WorstHour.Amount), note: minute(p.WorstHour.Start, s.zone)}
}

// moneyRows returns one row per source of money that any policy has, the sum last.
func (s scribe) moneyRows() []row {
	var rows []row
	for _, source := range s.moneySources() {
		rows = append(rows, row{"money." + source, source, s.currency(), s.each(func(p Policy) cell {
			return cell{text: s.amount(moneyOf(p, source))}
		})})
	}
	if len(rows) == 0 {
		return nil
	}
	return append(rows, row{"row.sum", "", s.currency(), s.each(func(p Policy) cell {
		return cell{text: s.amount(total(p.Money))}
	})})
}

// moneySources returns every source in the order in which policies name them.
func (s scribe) moneySources() []string {
	var sources []string
	for _, p := range s.r.Policies {
		for _, l := range p.Money {
			if !slices.Contains(sources, l.Source) {
				sources = append(sources, l.Source)
			}
		}
	}
	return sources
}

func moneyOf(p Policy, source string) unit.Amount {
	var sum unit.Amount
	for _, l := range p.Money {
		if l.Source == source {
			sum += l.Amount
		}
	}
	return sum
}

// sentence is a text id and the values it wants.
type sentence struct {
	id     string
	values map[string]string
}

// headline says in a few short sentences what a CFO asks first.
func (s scribe) headline() []sentence {
	always, _ := s.r.Policy(Always)
	p, _ := s.r.Policy(Sluice)
	gain := s.r.Gain(Sluice)
	id := "headline.more"
	if gain < 0 {
		id, gain = "headline.less", -gain
	}
	out := []sentence{
		{id, map[string]string{"gain": plus(s.r.Gain(Sluice), s.money(gain, s.r.Period.Currency)), "percent": s.relative(s.r.Gain(Sluice), always.Net)}},
	}
	out = append(out, s.captureSays())
	if s.r.tenantsAlone() {
		return append(out, sentence{"headline.tenants", map[string]string{
			"paid": s.money(moneyOf(p, Tenants), s.r.Period.Currency), "credits": s.money(-moneyOf(p, Credits), s.r.Period.Currency),
		}})
	}
	return append(out, sentence{"headline.off", map[string]string{
		"off": s.hours(p.Off) + thin + "h", "hours": s.whole(int64(s.r.Period.To.Sub(s.r.Period.From)/time.Hour)) + thin + "h",
	}})
}

func (s scribe) captureSays() sentence {
	c := s.r.Capture
	values := map[string]string{"capture": s.percent(c.Sluice), "lagged": s.percent(c.Lagged)}
	switch {
	case !s.has(Hindsight):
		return sentence{"headline.nohindsight", nil}
	case !c.Defined:
		return sentence{"headline.nocapture", nil}
	case s.has(Lagged):
		return sentence{"headline.capture.lagged", values}
	}
	return sentence{"headline.capture", values}
}

// relative returns " (+4.2 %)", or nothing when the base is no profit: a
// percentage of a loss misleads.
func (s scribe) relative(gain, base unit.Amount) string {
	if base < unit.Unit {
		return ""
	}
	r := unit.Ratio(unit.MulDiv(int64(gain), int64(unit.One), int64(base)))
	return " (" + plus(r, s.percent(r)) + ")"
}

// write joins sentences into one paragraph.
func (s scribe) write(sentences []sentence, plain, value func(string) string) (string, error) {
	var parts []string
	for _, one := range sentences {
		text, err := s.say(one.id)
		if err != nil {
			return "", err
		}
		parts = append(parts, fill(text, one.values, plain, value))
	}
	return strings.Join(parts, " "), nil
}
