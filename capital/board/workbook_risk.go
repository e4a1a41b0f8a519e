package board

import (
	"sluice/capital"
)

// riskSheet is the risk of the plan, as values: paths of chance cannot be computed in
// a sheet.
func (b *workbook) riskSheet() {
	k := b.r.Risk
	if k == nil {
		return
	}
	w := b.words
	t := &tab{name: riskTab}
	t.put(b.text(asTitle, w["section.risk"]))
	t.put(b.text(asNote, w["xlsx.values"]))
	for _, text := range k.Warnings {
		t.put(b.text(asText, "! "+text))
	}
	b.spreadRows(t)
	b.fanRows(t)
	b.covenantRows(t)
	b.barRows(t)
	b.tryRows(t)
	b.write(t, 40, 0, 0)
}

// heads begins a table.
func (b *workbook) heads(t *tab, title string, heads ...string) {
	t.put()
	t.put(b.text(asTitle, title))
	var out []any
	for _, h := range heads {
		out = append(out, b.text(asHead, h))
	}
	t.put(out...)
}

// numbers is a row of numbers behind a name.
func (b *workbook) numbers(t *tab, name string, l look, all ...float64) {
	out := []any{b.text(asText, name)}
	for _, v := range all {
		out = append(out, b.value(l, v))
	}
	t.put(out...)
}

func (b *workbook) spreadRows(t *tab) {
	k, w := b.r.Risk, b.words
	b.heads(t, b.say("risk.caption", map[string]string{"paths": b.number(float64(k.Paths), 0)}), w["head.what"], "P5", "P10", "P25", "P50", "P75", "P90", "P95", w["head.mean"], w["head.error"])
	spread := func(name string, l look, x capital.Spread) {
		if x.N > 0 {
			b.numbers(t, name, l, x.P5, x.P10, x.P25, x.P50, x.P75, x.P90, x.P95, x.Mean, x.Error)
		}
	}
	spread(w["risk.npv"], asMoney, k.NPV)
	spread(w["risk.irr"], asShare, k.IRR)
	spread(w["risk.runway"], asRatio, k.Runway)
	b.heads(t, w["section.risk"], w["head.what"], w["head.value"], w["head.error"])
	b.numbers(t, w["xlsx.broke"], asShare, k.Broke)
	b.numbers(t, w["xlsx.noirr"], asShare, k.NoIRR)
	b.numbers(t, w["xlsx.cfar"], asMoney, k.CashAtRisk.Value, k.CashAtRisk.Error)
	b.numbers(t, w["xlsx.cvar"], asMoney, k.CashTail.Value, k.CashTail.Error)
}

func (b *workbook) fanRows(t *tab) {
	k, w := b.r.Risk, b.words
	for _, f := range []struct {
		name  string
		look  look
		bands []Band
	}{{"fan.cash", asMoney, k.Fans.Cash}, {"fan.debt", asMoney, k.Fans.Debt}, {"fan.btc", asRatio, k.Fans.BTC}, {"fan.free", asMoney, k.Fans.Free}} {
		if len(f.bands) == 0 {
			continue
		}
		b.heads(t, w[f.name], w["head.month"], "P5", "P10", "P25", "P50", "P75", "P90", "P95")
		for q, x := range f.bands {
			b.numbers(t, k.Quarters[q].String(), f.look, x.P5, x.P10, x.P25, x.P50, x.P75, x.P90, x.P95)
		}
	}
}

func (b *workbook) covenantRows(t *tab) {
	k, w := b.r.Risk, b.words
	for i := range k.Covenants {
		c := &k.Covenants[i]
		b.heads(t, c.Name+" ("+b.or("covenant."+c.Kind, c.Kind)+")", w["head.month"], w["xlsx.breach"], w["xlsx.room"])
		for q := range k.Quarters {
			t.put(b.text(asText, k.Quarters[q].String()), b.value(asShare, c.Breach[q]), b.value(asFree, c.Headroom[q]))
		}
	}
}

func (b *workbook) barRows(t *tab) {
	k, w := b.r.Risk, b.words
	if len(k.Tornado) > 0 {
		b.heads(t, w["section.tornado"], w["head.input"], w["head.low"], w["head.high"], w["head.npvlow"], w["head.npvhigh"])
		for _, x := range widestFirst(k.Tornado) {
			t.put(b.text(asText, x.Input), b.text(asText, x.Low), b.text(asText, x.High), b.value(asMoney, x.NPVLow), b.value(asMoney, x.NPVHigh))
		}
	}
	if len(k.Drivers) > 0 {
		b.heads(t, w["drivers.caption"], w["head.input"], w["head.first"], w["head.error"], w["head.total"])
		for _, x := range k.Drivers {
			b.numbers(t, x.Input, asShare, x.First, x.Error, x.Total)
		}
	}
	if len(k.Scenarios) > 0 {
		b.heads(t, w["section.scenarios"], w["head.scenario"], w["head.npv"], w["head.leastcash"], w["head.breach"])
		for _, x := range k.Scenarios {
			t.put(b.text(asText, x.Name), b.value(asMoney, x.NPV), b.value(asMoney, x.LeastCash), b.text(asText, x.FirstBreach))
		}
	}
	if len(k.Reverse) > 0 {
		b.heads(t, w["section.reverse"])
		for _, x := range k.Reverse {
			t.put(b.text(asText, x))
		}
	}
}

// tryRows is how far the figures can be trusted.
func (b *workbook) tryRows(t *tab) {
	k, w := b.r.Risk, b.words
	if len(k.Convergence) > 0 {
		b.heads(t, w["section.convergence"], w["head.paths"], w["head.mean"], w["head.error"])
		for _, x := range k.Convergence {
			t.put(b.value(asFree, float64(x.Paths)), b.value(asMoney, x.Mean), b.value(asMoney, x.Error))
		}
	}
	if len(k.Coverage) > 0 {
		b.heads(t, w["section.coverage"], w["head.what"], w["head.horizon"], w["head.nominal"], w["head.realised"], w["head.origins"])
		for _, x := range k.Coverage {
			t.put(b.text(asText, x.What), b.value(asCount, float64(x.Weeks)), b.value(asShare, x.Nominal), b.value(asShare, x.Realised), b.value(asCount, float64(x.Origins)))
		}
	}
}
