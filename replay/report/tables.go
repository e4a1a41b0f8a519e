package report

import (
	"fmt"
	"html/template"
	"slices"

	"sluice/unit"
)

func (s scribe) policyTable() table {
	t := table{Caption: s.html("caption.policies", nil), Mark: s.mark(s.r.Standing()), Head: s.policyHeads()}
	for _, r := range s.policyRows() {
		t.Rows = append(t.Rows, s.tableRow(r))
	}
	money := s.moneyRows()
	if len(money) == 0 {
		return t
	}
	t.Rows = append(t.Rows, tableRow{Head: s.words["row.money"], Group: true})
	for _, r := range money {
		one := s.tableRow(r)
		one.Sum = r.id == "row.sum"
		t.Rows = append(t.Rows, one)
	}
	return t
}

func (s scribe) policyHeads() []head {
	heads := []head{{Text: s.words["policy"]}}
	for _, p := range s.r.Policies {
		h := head{Text: s.policyName(p), Num: true, Own: p.ID == Sluice}
		if !p.Executable {
			h.Note = s.words["notexecutable"]
		}
		heads = append(heads, h)
	}
	return heads
}

func (s scribe) tableRow(r row) tableRow {
	out := tableRow{Head: s.or(r.id, r.name), Unit: r.unit}
	for i, c := range r.cells {
		out.Cells = append(out.Cells, td{Text: c.text, Note: c.note, Num: true, Bad: c.bad, Own: s.r.Policies[i].ID == Sluice})
	}
	return out
}

func (s scribe) rules() []rule {
	var rules []rule
	for _, p := range s.r.Policies {
		_, known := s.words["policy."+p.ID+".says"]
		rules = append(rules, rule{s.policyName(p), s.policySays(p), !p.Executable, !known})
	}
	return rules
}

func (s scribe) decisionRows() []decisionRow {
	var rows []decisionRow
	for _, d := range s.r.Decisions {
		rows = append(rows, decisionRow{
			From: d.Start.UnixMilli(), To: d.End.UnixMilli(), When: span(d.Start, d.End, s.zone),
			What: d.What, Why: d.Why, Gain: plus(d.Gain, s.money(d.Gain, s.r.Period.Currency)),
		})
	}
	return rows
}

func (s scribe) timelinePart(c charts) *timelinePart {
	cur := s.r.Period.Currency
	values := map[string]string{"mean": "–", "low": "–", "high": "–", "when": "–", "power": "–"}
	if mean, ok := meanOf(s.r.Timeline.Price); ok {
		low, high := extremes(s.r.Timeline.Price)
		values["mean"] = s.cents(mean, cur)
		values["low"] = s.cents(int64(s.r.Timeline.Price[low]), cur)
		values["high"] = s.cents(int64(s.r.Timeline.Price[high]), cur)
		values["when"] = minute(s.r.Timeline.At(high), s.zone)
	}
	if mean, ok := meanOf(s.r.Timeline.Power); ok {
		values["power"] = s.megawatts(unit.Power(mean)*unit.Kilowatt) + thin + "MW"
	}
	return &timelinePart{
		Marks: []mark{
			{s.r.StandingOf(PriceRole), s.words["series.price"], s.words["standing."+string(s.r.StandingOf(PriceRole))]},
			{s.r.Standing(), s.words["series.power"], s.words["standing."+string(s.r.Standing())]},
		},
		Says: s.html("timeline.says", values),
		Help: s.html("timeline.help", map[string]string{"zone": s.r.zoneName()}),
		Cut:  s.html("timeline.cut", map[string]string{"low": s.cents(c.View.Low, cur), "high": s.cents(c.View.High, cur)}),
	}
}

// extremes returns where the lowest and the highest known value stand.
func extremes(t Trace) (low, high int) {
	low, high = -1, -1
	for i, v := range t {
		if v == Gap {
			continue
		}
		if low < 0 || v < t[low] {
			low = i
		}
		if high < 0 || v > t[high] {
			high = i
		}
	}
	return low, high
}

func (s scribe) durationSays() []template.HTML {
	sorted := sortedKnown(s.r.Timeline.Price)
	if len(sorted) == 0 {
		return nil
	}
	cur := s.r.Period.Currency
	says := []template.HTML{s.html("duration.says", map[string]string{
		"median": s.cents(int64(quantile(sorted, 500)), cur), "p99": s.cents(int64(quantile(sorted, 990)), cur),
	})}
	for _, g := range s.r.Site.Groups {
		if mean, ok := meanOf(g.BreakEven); ok {
			says = append(says, s.html("duration.above", map[string]string{
				"group": g.Name, "breakeven": s.cents(mean, cur), "share": s.share(int64(above(sorted, mean)), int64(len(sorted))),
			}))
		}
	}
	return says
}

func (s scribe) heatSays(h heatMap) template.HTML {
	if len(h.Cells) == 0 {
		return ""
	}
	least := slices.MinFunc(h.Cells, func(a, b [3]int64) int { return int(a[2] - b[2]) })
	return s.html("heat.says", map[string]string{
		"power": s.megawatts(unit.Power(least[2])*unit.Kilowatt) + thin + "MW",
		"hour":  fmt.Sprintf("%02d:00", least[0]), "month": h.Months[least[1]], "zone": s.r.zoneName(),
	})
}

func (s scribe) monthsPart() *monthsPart {
	best, ahead := 0, 0
	for i := range s.r.Months {
		if s.monthGain(i) > s.monthGain(best) {
			best = i
		}
		if s.monthGain(i) > 0 {
			ahead++
		}
	}
	gain := s.monthGain(best)
	return &monthsPart{
		Says: s.html("months.says", map[string]string{
			"best": s.r.Months[best].Label, "gain": plus(gain, s.money(gain, s.r.Period.Currency)),
			"ahead": s.whole(int64(ahead)), "all": s.whole(int64(len(s.r.Months))),
		}),
		Table: s.monthTable(),
	}
}

func (s scribe) monthTable() table {
	heads := s.policyHeads()
	heads[0].Text = s.words["month"]
	heads = append(heads, head{Text: s.words["month.gain"], Num: true})
	if !s.r.tenantsAlone() {
		heads = append(heads, head{Text: s.words["month.off"] + ", h", Num: true})
	}
	t := table{Tight: true, Caption: template.HTML(string(s.html("caption.months", nil)) + ", " + isolate(s.currency())), Mark: s.mark(s.r.Standing()), Head: heads} //nolint:gosec // escaped by isolate
	for i, m := range s.r.Months {
		row := tableRow{Head: m.Label}
		for k, a := range m.Net {
			row.Cells = append(row.Cells, td{Text: s.amount(a), Num: true, Own: s.r.Policies[k].ID == Sluice})
		}
		gain := s.monthGain(i)
		row.Cells = append(row.Cells, td{Text: plus(gain, s.amount(gain)), Num: true, Bad: gain < 0})
		if !s.r.tenantsAlone() {
			row.Cells = append(row.Cells, td{Text: s.hours(m.Off), Num: true})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s scribe) facts() []fact {
	r := s.r
	value := func(v string) template.HTML { return template.HTML(isolate(v)) } //nolint:gosec // escaped by isolate
	facts := []fact{
		{s.words["site.limit"], value(s.megawatts(r.Site.Limit) + thin + "MW")},
		{s.words["site.mustrun"], value(s.megawatts(r.Site.MustRun) + thin + "MW")},
		{s.words["site.zone"], value(r.zoneName())},
		{s.words["site.lag"], s.html("site.lag.says", map[string]string{"delay": s.whole(int64(r.Period.Lag*r.Period.Minutes)) + thin + "min"})},
	}
	if r.Period.Value > 0 {
		facts = append(facts, fact{s.words["site.value"], value(s.money(r.Period.Value, r.Period.Currency))})
	}
	if r.Period.FX != "" {
		facts = append(facts, fact{s.words["site.fx"], value(r.Period.FX)})
	}
	for _, line := range r.Site.Tariff {
		facts = append(facts, fact{s.words["site.tariff"], template.HTML(`<span lang="en" dir="auto">` + template.HTMLEscapeString(line) + `</span>`)}) //nolint:gosec // escaped here
	}
	return facts
}

func (s scribe) heads(numbersFrom, numbersTo int, ids ...string) []head {
	var heads []head
	for i, id := range ids {
		text := fill(s.words[id], map[string]string{"currency": s.currency()}, asIs, asIs)
		heads = append(heads, head{Text: text, Num: i >= numbersFrom && i < numbersTo})
	}
	return heads
}

func (s scribe) groupTable() table {
	t := table{Caption: s.html("caption.groups", nil), Head: s.heads(2, 6, "group.name", "group.model", "group.count", "group.power", "group.efficiency", "group.breakeven", "standing")}
	for _, g := range s.r.Site.Groups {
		t.Rows = append(t.Rows, tableRow{Head: g.Name, Cells: []td{
			{Text: g.Model},
			{Text: s.whole(int64(g.Count)), Num: true},
			{Text: s.megawatts(g.Power), Num: true},
			{Text: s.efficiency(g.Efficiency), Num: true},
			{Text: s.breakeven(g), Num: true},
			{Mark: s.mark(g.Standing)},
		}})
	}
	return t
}

func (s scribe) sourceTable() table {
	t := table{Caption: s.html("caption.sources", nil), Head: s.heads(3, 5, "source.name", "source.what", "standing", "source.rows", "source.filled", "source.licence", "source.sha")}
	for _, one := range s.r.Sources {
		t.Rows = append(t.Rows, tableRow{Head: one.Name, Cells: []td{
			{Text: one.What, Note: one.Note, Free: true},
			{Mark: s.mark(one.Standing)},
			{Text: s.whole(int64(one.Rows)), Num: true},
			{Text: s.whole(int64(one.Filled)), Num: true},
			{Text: join("; ", one.Licence, one.Origin), Free: true},
			{Text: firstOf(one.SHA256, "–"), Code: true},
		}})
	}
	return t
}

func (s scribe) forecastTable() table {
	t := table{
		Caption: s.html("caption.forecast", map[string]string{"currency": s.currency()}), Mark: s.mark(s.r.Standing()),
		Head: s.heads(2, 9, "forecast.model", "forecast.lead", "forecast.n", "forecast.mae", "forecast.rmse", "forecast.bias", "forecast.pinball", "forecast.coverage", "forecast.chosen"),
	}
	for _, f := range s.r.Forecast {
		number := func(v string) td { return td{Text: v, Num: true} }
		t.Rows = append(t.Rows, tableRow{Head: f.Model, Cells: []td{
			{Text: f.Lead},
			number(s.whole(int64(f.N))), number(s.price(f.MAE)), number(s.price(f.RMSE)),
			number(plus(f.Bias, s.price(f.Bias))), number(s.price(f.Pinball)), number(s.coverage(f)), number(s.percent(f.Chosen)),
		}})
	}
	return t
}

func (s scribe) proofHTML() []template.HTML {
	var list []template.HTML
	for _, one := range s.proofSentences() {
		list = append(list, s.html(one.id, one.values))
	}
	return list
}

func (s scribe) notes() []note {
	var list []note
	for _, text := range s.r.Notes {
		said, known := s.note(text)
		list = append(list, note{said, !known})
	}
	return list
}

func (s scribe) meanings() []fact {
	var list []fact
	for _, standing := range Standings() {
		id := "standing." + string(standing)
		list = append(list, fact{s.words[id], s.html(id+".says", nil)})
	}
	return list
}
