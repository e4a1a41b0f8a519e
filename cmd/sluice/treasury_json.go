package main

import (
	"time"

	"sluice/capital/treasury"
)

// treasuryJSON is the report for programs: money in whole units of the currency, shares
// from 0 to 1, coins in BTC.
type treasuryJSON struct {
	Plan     string               `json:"plan"`
	Currency string               `json:"currency"`
	Bitcoin  treasuryFileJSON     `json:"bitcoin"`
	Warnings []string             `json:"warnings"`
	Miner    treasuryMinerJSON    `json:"miner"`
	Policies []treasuryPolicyJSON `json:"policies"`
	Windows  []treasuryWindowJSON `json:"windows"`
	Pledges  []treasuryPledgeJSON `json:"pledges"`
	Holding  []treasuryHeldJSON   `json:"holding_against_selling"`
	Hedges   []treasuryHedgeJSON  `json:"hedges"`
	Futures  *treasuryRankJSON    `json:"futures"` // null: none were asked for
}

type treasuryFileJSON struct {
	File      string `json:"file"`
	SHA256    string `json:"sha256"`
	Estimated int    `json:"estimated_days"`
}

type treasuryMinerJSON struct {
	MW         float64 `json:"mw"`
	PH         float64 `json:"ph_per_s"`
	Efficiency float64 `json:"j_per_th"`
	Past       float64 `json:"j_per_th_on_history"`
	PUE        float64 `json:"pue"`
	Fee        float64 `json:"pool_fee"`
	Uptime     float64 `json:"running"`
	Power      float64 `json:"power_per_mwh"`
	Opex       float64 `json:"operations_per_week"`
	Service    float64 `json:"debt_service_per_week"`
	SaleCost   float64 `json:"sale_cost"`
	Cash       float64 `json:"cash"`
	BTC        float64 `json:"btc"`
}

type treasuryPolicyJSON struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind"`
	Share   float64 `json:"share"`
	Least   float64 `json:"least_share"`
	Floor   float64 `json:"cash_floor"`
	Ceiling float64 `json:"cash_ceiling"`
	Cover   float64 `json:"cover_days"`
	Every   int     `json:"every_weeks"`
	Evenly  bool    `json:"evenly"`
	Keep    float64 `json:"keep_btc"`
}

type treasuryWindowJSON struct {
	Name     string                `json:"name"`
	From     string                `json:"from"`
	To       string                `json:"to"`
	Weeks    int                   `json:"weeks"`
	Lent     []float64             `json:"lent"` // by pledge of the plan
	Outcomes []treasuryOutcomeJSON `json:"outcomes"`
}

type treasuryOutcomeJSON struct {
	Policy   string             `json:"policy"`
	Cash     float64            `json:"cash"`
	BTC      float64            `json:"btc"`
	Owed     float64            `json:"owed_on_coins"`
	Net      float64            `json:"net_assets"`
	Least    float64            `json:"least_cash"`
	Out      string             `json:"cash_out,omitempty"` // first day of the week
	Mined    float64            `json:"btc_mined"`
	Sold     float64            `json:"btc_sold"`
	Forced   float64            `json:"btc_sold_for_bills"`
	Mean     float64            `json:"mean_price"` // 0: nothing was sold
	Seized   float64            `json:"btc_sold_by_lenders"`
	StoodOff int                `json:"weeks_stopped"`
	Calls    []treasuryCallJSON `json:"calls"`
}

type treasuryCallJSON struct {
	Week    string  `json:"week"`
	Loan    string  `json:"loan"`
	Price   float64 `json:"price"`
	Before  float64 `json:"ltv_before"`
	After   float64 `json:"ltv_after"`
	Pledged float64 `json:"btc_pledged"`
	Repaid  float64 `json:"repaid"`
	Sold    float64 `json:"btc_sold_by_lender"`
	Due     float64 `json:"due"`
}

type treasuryPledgeJSON struct {
	Name     string     `json:"name"`
	LTV      float64    `json:"ltv"`
	Price    float64    `json:"price"`
	Lent     float64    `json:"lent"`
	Coins    float64    `json:"btc_pledged"`
	Levels   [2]float64 `json:"levels_call_liquidation"`
	Prices   [2]float64 `json:"prices_call_liquidation"`
	Formula  [2]float64 `json:"touched_in_a_year_formula"`
	Recorded []float64  `json:"touched_in_a_year_history"` // null: the history is shorter than a year
	Begins   int        `json:"begins_in_history"`
}

type treasuryHeldJSON struct {
	Weeks   int     `json:"weeks"`
	Windows int     `json:"windows"`
	Apart   int     `json:"windows_apart"`
	Won     float64 `json:"holding_won"`
	P5      float64 `json:"ahead_p5"`
	P50     float64 `json:"ahead_p50"`
	P95     float64 `json:"ahead_p95"`
}

type treasuryHedgeJSON struct {
	Where   string               `json:"where"`
	Months  int                  `json:"months"`
	Paid    float64              `json:"cost"`
	Got     float64              `json:"received"`
	Gave    float64              `json:"given_up"`
	Years   []treasuryYearJSON   `json:"years,omitempty"`
	Without *treasuryOutcomeJSON `json:"without,omitempty"`
	With    *treasuryOutcomeJSON `json:"with,omitempty"`
	Ranked  []treasuryRatedJSON  `json:"without_and_with,omitempty"`
}

type treasuryYearJSON struct {
	Year    int     `json:"year"`
	Without float64 `json:"cash_flow_without"`
	Paid    float64 `json:"hedges_cost"`
	Net     float64 `json:"hedges_net"`
	With    float64 `json:"cash_flow_with"`

	Coins [2]float64 `json:"btc_held_without_and_with"`
}

type treasuryRankJSON struct {
	Paths  int                 `json:"paths"`
	Weeks  int                 `json:"weeks"`
	Seed   uint64              `json:"seed"`
	Drawn  int                 `json:"drawn_from_weeks"`
	Lent   []float64           `json:"lent"`
	Ranked []treasuryRatedJSON `json:"ranked"`
}

type treasuryRatedJSON struct {
	Policy    string     `json:"policy"`
	Out       float64    `json:"cash_runs_out"`
	OutError  float64    `json:"cash_runs_out_error"`
	CFaR      float64    `json:"cash_flow_at_risk"`
	CFaRError float64    `json:"cash_flow_at_risk_error"`
	Plan      float64    `json:"planned_cash_flow"`
	Net       spreadView `json:"net_assets"`
	Least     spreadView `json:"least_cash"`
	Called    float64    `json:"called"`
	Seized    float64    `json:"btc_sold_by_lenders"`
}

// view is the report for programs.
func (s *treasuryReport) view() treasuryJSON {
	p, m := s.plan.plan, s.miner
	out := treasuryJSON{
		Plan: p.Name, Currency: p.Currency, Warnings: append([]string{}, s.warns...), Windows: []treasuryWindowJSON{}, Pledges: []treasuryPledgeJSON{}, Holding: []treasuryHeldJSON{}, Hedges: []treasuryHedgeJSON{},
		Bitcoin: treasuryFileJSON{s.days.source.Name, s.days.source.SHA256, s.days.source.Estimated},
		Miner:   treasuryMinerJSON{m.mw, m.PH, m.Efficiency, m.older(s.in.efficiency).Efficiency, m.PUE, m.Fee, m.Uptime, m.Power, m.Opex, m.Service, m.SaleCost, m.Cash, m.BTC},
	}
	for _, c := range s.choices {
		q := c.Policy
		out.Policies = append(out.Policies, treasuryPolicyJSON{c.Name, q.Kind.String(), q.Share, q.Least, q.Floor, q.Ceiling, q.Cover, q.Every, q.Evenly, q.Keep})
	}
	for i := range s.windows {
		out.Windows = append(out.Windows, s.windowView(&s.windows[i]))
	}
	for _, x := range s.pledges {
		row := treasuryPledgeJSON{x.pledge.Name, x.pledge.LTV, x.price, x.lent, x.coins, [2]float64{x.pledge.Call, x.pledge.Liquidate}, [2]float64{x.call, x.sold}, x.formula, nil, x.begins}
		if x.begins > 0 {
			row.Recorded = x.recorded[:]
		}
		out.Pledges = append(out.Pledges, row)
	}
	for _, h := range s.held {
		out.Holding = append(out.Holding, treasuryHeldJSON{h.Weeks, h.Ratio.N, s.apart(h), h.Won, h.Ratio.P5, h.Ratio.P50, h.Ratio.P95})
	}
	for _, h := range s.hedged {
		out.Hedges = append(out.Hedges, s.hedgeView(h))
	}
	if f := s.futures; f != nil {
		out.Futures = &treasuryRankJSON{Paths: f.paths, Weeks: f.weeks, Seed: s.in.seed, Drawn: f.facts.Weeks, Lent: f.lent, Ranked: ratedView(f.ranked)}
	}
	return out
}

func (s *treasuryReport) windowView(w *treasuryWindow) treasuryWindowJSON {
	out := treasuryWindowJSON{Name: w.name, From: mondayOf(w.path, 0), To: lastDay(w.path), Weeks: len(w.path.Price), Lent: w.lent}
	for i, c := range s.choices {
		r := w.reports[i]
		o := outcomeView(c.Name, r.Outcome, w.path)
		for _, x := range callsOf(r) {
			o.Calls = append(o.Calls, treasuryCallJSON{mondayOf(w.path, x.Week), w.loans[x.Loan].Name, x.Price, x.Before, x.After, x.Coins, x.Cash, x.Sold, x.Due})
		}
		out.Outcomes = append(out.Outcomes, o)
	}
	return out
}

func outcomeView(name string, o treasury.Outcome, p treasury.Path) treasuryOutcomeJSON {
	out := treasuryOutcomeJSON{
		Policy: name, Cash: o.Cash, BTC: o.BTC, Owed: o.Owed, Net: o.Net, Least: o.Least, Mined: o.Mined, Sold: o.Sold, Forced: o.Forced, Mean: o.Mean, Seized: o.Seized, StoodOff: o.Off,
		Calls: []treasuryCallJSON{},
	}
	if o.Out >= 0 {
		out.Out = p.Begin[o.Out].Format(time.DateOnly)
	}
	return out
}

func (s *treasuryReport) hedgeView(h treasuryHedged) treasuryHedgeJSON {
	out := treasuryHedgeJSON{Where: h.where, Months: h.months, Paid: h.paid, Got: h.got, Gave: h.gave}
	if h.years == nil {
		out.Ranked = ratedView(h.ranked[:])
		return out
	}
	for _, y := range h.years {
		out.Years = append(out.Years, treasuryYearJSON{y.year, y.without, y.paid, y.net, y.with, y.coins})
	}
	own := s.choices[len(s.choices)-1].Name
	without, with := outcomeView(own, h.without, h.path), outcomeView(own, h.with, h.path)
	out.Without, out.With = &without, &with
	return out
}

func ratedView(all []treasury.Rated) (out []treasuryRatedJSON) {
	for _, r := range all {
		out = append(out, treasuryRatedJSON{r.Name, r.Out, r.OutError, r.CFaR, r.CFaRError, r.Plan, viewSpread(r.Net), viewSpread(r.Least), r.Called, r.SeizedMean})
	}
	return out
}
