package board

import (
	"sluice/capital"
	"sluice/capital/model"
)

// Value is what a row of payments is worth.
type Value struct {
	NPV     float64
	IRR     float64 // of a year
	HasIRR  bool
	Several bool    // more than one rate makes the payments worth nothing; IRR is the one nearest to nought
	Payback float64 // years
	Pays    bool    // it is paid back at all
}

// ValueOf values the free cash of months at a rate of a year, with an amount that is
// received in the last month beside it. Each month's cash comes at its end.
//
// Formula: docs/formula/capital.md.
func ValueOf(rate float64, months [][model.LineCount]float64, last float64) Value {
	return ValueOfFlows(rate, Flows(months, last))
}

// Flows is the free cash of months before anything is financed, with an amount that
// is received in the last month beside it.
func Flows(months [][model.LineCount]float64, last float64) []float64 {
	out := make([]float64, len(months))
	for k := range months {
		out[k] = model.Free(&months[k])
	}
	if len(out) > 0 {
		out[len(out)-1] += last
	}
	return out
}

// ValueOfFlows values payments that are one month apart, at a rate of a year.
func ValueOfFlows(rate float64, flows []float64) Value {
	v := Value{NPV: atEnds(capital.PerPeriod(rate, 12), flows)}
	month, several, err := capital.Return(flows)
	if v.HasIRR = err == nil; v.HasIRR {
		v.IRR, v.Several = capital.PerYear(month, 12), several
	}
	v.Payback, v.Pays = capital.Payback(flows)
	if v.Pays && v.Payback > 0 {
		v.Payback = (v.Payback + 1) / 12
	}
	return v
}

// atEnds is the value, at the begin of the first period, of payments at the end of
// each. As everywhere in a plan: docs/formula/risk.md.
func atEnds(rate float64, flows []float64) float64 { return capital.Present(rate, flows) / (1 + rate) }

// AnswerOf values the months of a report in all three ways.
func (r Report) AnswerOf() Answer {
	d := r.Plan.Discount
	return Answer{Without: ValueOf(d, r.Months, 0), Residual: ValueOf(d, r.Months, r.Residuals), Multiple: ValueOf(d, r.Months, r.Multiple)}
}

// part is a share of the NPV, by where it comes from.
type part struct {
	name   string // a word of the report
	amount float64
}

// bridge splits the NPV into the present values of the lines that make it up.
func (r *Report) bridge(last float64) []part {
	lines := []struct {
		name  string
		lines []model.Line
	}{
		{"bridge.rent", []model.Line{model.Rent, model.PassedOn, model.Credit}},
		{"bridge.mining", []model.Line{model.Mining}},
		{"bridge.energy", []model.Line{model.Energy}},
		{"bridge.opex", []model.Line{model.Running, model.Opex, model.Upkeep}},
		{"bridge.taxes", []model.Line{model.Taxes}},
		{"bridge.hedged", []model.Line{model.Hedged}},
		{"bridge.prepaid", []model.Line{model.Prepaid, model.Claimed, model.Forfeit}},
		{"bridge.built", []model.Line{model.Built, model.Bought}},
		{"bridge.sold", []model.Line{model.Disposal, model.Scrapped}},
	}
	d := capital.PerPeriod(r.Plan.Discount, 12)
	var out []part
	row := make([]float64, len(r.Months))
	for _, g := range lines {
		clear(row)
		for k := range r.Months {
			for _, l := range g.lines {
				row[k] += r.Months[k][l]
			}
		}
		if v := atEnds(d, row); v != 0 {
			out = append(out, part{g.name, v})
		}
	}
	if last != 0 {
		clear(row)
		row[len(row)-1] = last
		out = append(out, part{"bridge.end", atEnds(d, row)})
	}
	return out
}
