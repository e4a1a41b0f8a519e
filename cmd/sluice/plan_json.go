package main

import "sluice/capital"

// planJSON is a plan that was worked out, for programs: money in whole units of its
// currency, shares from 0 to 1.
type planJSON struct {
	Plan       string            `json:"plan"`
	Version    int               `json:"version"`
	Currency   string            `json:"currency"`
	Begin      capital.Month     `json:"begin"`
	Years      int               `json:"years"`
	Discount   float64           `json:"discount_rate"`
	Without    string            `json:"without,omitempty"`
	Figures    []planFigureJSON  `json:"assumptions"`
	Histories  []planHistoryJSON `json:"histories"`
	Answer     planAnswerJSON    `json:"answer"`
	Projects   []planProjectJSON `json:"projects"`
	Periods    []string          `json:"periods"`
	Site       string            `json:"site,omitempty"` // whose statements these are; none: the company's
	Statements []planTableJSON   `json:"statements"`
	Coverage   []*float64        `json:"dscr"` // by period; null: nothing was due
	Covenants  []planKeptJSON    `json:"covenants"`
	Published  []planClaimJSON   `json:"published"`
}

type planFigureJSON struct {
	Place    string           `json:"place"`
	Value    string           `json:"value"`
	Unit     string           `json:"unit"`
	Standing capital.Standing `json:"standing"`
	From     string           `json:"from"`
	Base     string           `json:"base,omitempty"`
	Assumed  bool             `json:"assumed"`
}

type planHistoryJSON struct {
	Name      string  `json:"name"`
	File      string  `json:"file"`
	SHA256    string  `json:"sha256"`
	Weeks     int     `json:"weeks"`
	Mean      float64 `json:"mean_per_mwh"`
	Filled    int     `json:"intervals_filled"`
	Synthetic bool    `json:"synthetic"`
}

type planWorthJSON struct {
	Left    float64  `json:"at_the_end"`
	NPV     float64  `json:"npv"`
	IRR     *float64 `json:"irr"` // null: there is none
	Several bool     `json:"several_irr"`
}

type planThreeJSON struct {
	Bare     planWorthJSON `json:"without_terminal_value"`
	Residual planWorthJSON `json:"with_residual_values"`
	Multiple planWorthJSON `json:"with_ebitda_multiple"`
}

type planAnswerJSON struct {
	planThreeJSON
	Payback  *float64      `json:"payback_years"` // null: not within the plan
	Peak     float64       `json:"peak_funding_need"`
	PeakAt   capital.Month `json:"peak_funding_month"`
	Broke    capital.Month `json:"first_month_without_cash"` // empty: none
	Unfunded float64       `json:"most_unfunded"`
	Lowest   float64       `json:"least_cash"`
	LowestAt capital.Month `json:"least_cash_month"`
}

type planProjectJSON struct {
	Name      string          `json:"project"`
	Ready     float64         `json:"ready_months"`
	First     capital.Month   `json:"first_rent"`
	Facility  float64         `json:"facility"`
	Equipment float64         `json:"equipment"`
	PerGross  float64         `json:"facility_per_gross_mw"`
	PerIT     float64         `json:"facility_per_critical_mw"`
	Rent      float64         `json:"first_year_rent"`
	EBITDA    float64         `json:"first_year_ebitda"`
	Alone     planThreeJSON   `json:"alone"`
	Against   planThreeJSON   `json:"against_the_plan_without_it"`
	Unit      string          `json:"levelised_unit"`
	Cost      float64         `json:"levelised_cost"`
	Whole     float64         `json:"levelised_cost_with_mining_forgone"`
	Brings    float64         `json:"levelised_rent"`
	Delays    []planDelayJSON `json:"delays"`
}

type planDelayJSON struct {
	Months   int     `json:"months"`
	Rent     float64 `json:"rent"`
	Opex     float64 `json:"operations"`
	Mining   float64 `json:"mining_kept"`
	Interest float64 `json:"interest"`
	NPV      float64 `json:"npv"`
}

type planTableJSON struct {
	Name  string        `json:"statement"`
	Lines []planRowJSON `json:"lines"`
}

type planRowJSON struct {
	Name   string    `json:"line"`
	Sum    bool      `json:"sum"`
	Values []float64 `json:"values"`
}

type planKeptJSON struct {
	Name   string        `json:"covenant"`
	Kind   string        `json:"kind"`
	Limit  float64       `json:"limit"`
	Worst  string        `json:"worst"` // a text, since it may be without bound
	At     capital.Month `json:"worst_month"`
	Breach capital.Month `json:"first_breach"` // empty: none
}

type planClaimJSON struct {
	What     string   `json:"what"`
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
	Unit     string   `json:"unit"`
	From     string   `json:"from"`
	Ours     string   `json:"ours"`
	Contrary bool     `json:"contradicted"`
	Findings []string `json:"findings"`
}

func planWorthView(w worth) planWorthJSON {
	out := planWorthJSON{Left: w.left, NPV: w.npv, Several: w.several}
	if w.why == "" {
		out.IRR = &w.irr
	}
	return out
}

func planThreeView(t planWorths) planThreeJSON {
	return planThreeJSON{planWorthView(t.bare), planWorthView(t.residual), planWorthView(t.multiple)}
}

func (s *planReport) view() planJSON {
	p, a := s.plan, s.answer
	out := planJSON{
		Plan: p.Name, Version: p.Version, Currency: p.Currency, Begin: p.Begin, Years: p.Years, Discount: p.Discount, Without: s.left,
		Figures: []planFigureJSON{}, Histories: []planHistoryJSON{}, Projects: []planProjectJSON{}, Statements: []planTableJSON{}, Covenants: []planKeptJSON{}, Published: []planClaimJSON{},
		Answer: planAnswerJSON{planThreeJSON: planThreeView(a.worth), Peak: a.peak, PeakAt: a.peakAt, Broke: a.broke, Unfunded: a.unfunded, Lowest: a.lowest, LowestAt: a.lowestAt},
	}
	if a.pays {
		years := a.payback / 12
		out.Answer.Payback = &years
	}
	if s.site >= 0 {
		out.Site = p.Sites[s.site].Name
	}
	for _, r := range s.figures() {
		out.Figures = append(out.Figures, planFigureJSON{r.place, r.value, r.count.Unit, r.source.Standing, r.source.From, r.source.Base, r.assumed})
	}
	for _, t := range s.told {
		out.Histories = append(out.Histories, planHistoryJSON{t.name, t.file, t.source.SHA256, t.weeks.Hours.Weeks(), t.weeks.Hours.Mean(), t.source.Filled, t.synthetic})
	}
	for i := range s.projects {
		out.Projects = append(out.Projects, s.projects[i].view())
	}
	s.tables(&out)
	return out
}

func (x *planProject) view() planProjectJSON {
	p := x.project
	facility, equipment := planCapex(p)
	out := planProjectJSON{
		Name: p.Name, Ready: x.ready, First: x.first, Facility: facility, Equipment: equipment, PerGross: facility / p.Gross, PerIT: facility / p.Gross * p.PUE,
		Rent: x.rent, EBITDA: x.earns, Alone: planThreeView(x.alone), Against: planThreeView(x.against),
		Unit: x.cost.unit, Cost: x.cost.cost, Whole: x.cost.whole, Brings: x.cost.rent, Delays: []planDelayJSON{},
	}
	for _, d := range x.delays {
		out.Delays = append(out.Delays, planDelayJSON{d.months, d.rent, d.opex, d.mining, d.interest, d.npv})
	}
	return out
}

// tables adds statements, coverage, covenants and what was published.
func (s *planReport) tables(out *planJSON) {
	for _, x := range s.spans() {
		out.Periods = append(out.Periods, x.name)
		var cover *float64
		if v, ok := s.cover(x); ok {
			cover = &v
		}
		out.Coverage = append(out.Coverage, cover)
	}
	for _, t := range s.statements() {
		table := planTableJSON{Name: t.name, Lines: []planRowJSON{}}
		for _, r := range t.rows {
			table.Lines = append(table.Lines, planRowJSON{r.name, r.sum, r.values})
		}
		out.Statements = append(out.Statements, table)
	}
	for _, k := range s.kept {
		c := k.covenant
		out.Covenants = append(out.Covenants, planKeptJSON{c.Name, c.Kind, c.Limit, planLimit(c, k.worst), k.at, k.breach})
	}
	for _, c := range s.claims {
		row := planClaimJSON{What: c.what, Low: c.low, High: c.high, Unit: c.unit, From: c.from, Ours: c.ours, Contrary: c.contrary()}
		for _, f := range c.findings {
			row.Findings = append(row.Findings, f.says)
		}
		out.Published = append(out.Published, row)
	}
}
