package main

import (
	"math"

	"sluice/capital"
	"sluice/capital/path"
	"sluice/capital/risk"
)

// finite is a number that JSON can write; nil where there is none.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// spreadView is a spread as JSON.
type spreadView struct {
	Mean   float64 `json:"mean"`
	Error  float64 `json:"standard_error"`
	P5     float64 `json:"p5"`
	P10    float64 `json:"p10"`
	P25    float64 `json:"p25"`
	P50    float64 `json:"p50"`
	P75    float64 `json:"p75"`
	P90    float64 `json:"p90"`
	P95    float64 `json:"p95"`
	Counts int     `json:"futures"`
}

func viewSpread(x capital.Spread) spreadView {
	return spreadView{Mean: x.Mean, Error: x.Error, P5: x.P5, P10: x.P10, P25: x.P25, P50: x.P50, P75: x.P75, P90: x.P90, P95: x.P95, Counts: x.N}
}

// view is the risk of a plan as JSON.
func (s *exposure) view() map[string]any {
	r, p := s.result, s.plan.plan
	out := map[string]any{
		"plan": p.Name, "version": p.Version, "currency": p.Currency, "begin": p.Begin.String(), "years": p.Years,
		"futures": r.Paths, "seed": s.seed, "bitcoin": map[string]any{"file": s.days.Name, "sha256": s.days.SHA256, "weeks": s.facts.Weeks},
		"npv": viewSpread(r.NPV), "irr": viewSpread(r.IRR), "without_irr": r.NoReturn, "payback_years": viewSpread(r.Payback), "never_paid_back": r.NeverBack,
		"equity": viewSpread(r.Equity), "least_cash": viewSpread(r.Least), "cash_runs_out": r.Broke, "cash_runs_out_error": r.BrokeError, "runway_months": finite(r.Runway),
		"cash_flow_at_risk": r.CFaR, "value_at_risk": r.AtRisk, "cvar": r.CVaR, "margin_calls": r.Calls, "liquidated": r.Liquidated,
		"planned":  map[string]any{"npv": r.Planned.NPV, "irr": finite(r.Planned.IRR), "payback_years": finite(r.Planned.Payback), "equity": r.Planned.Equity, "least_cash": r.Planned.Least},
		"warnings": r.Warnings,
	}
	out["fans"], out["covenants"] = fanView(r.Fans), promiseView(r.Covenants)
	out["scenarios"], out["tornado"], out["drivers"] = s.scenarioView(), barView(s.bars), shareView(s.shares)
	if s.worst.Promise != "" {
		out["reverse"] = map[string]any{"breaks": s.worst.Promise, "month": p.Begin.Add(s.worst.Month).String(), "standard_deviations": s.worst.Size, "bitcoin": s.worst.Price, "bitcoin_per_hash": s.worst.Hash, "power": s.worst.Power, "delay_months": s.worst.Delay}
	}
	out["coverage"] = coverageView(s.coverage)
	return out
}

func fanView(fans []risk.Fan) map[string]any {
	out := map[string]any{}
	for _, f := range fans {
		rows := make([]spreadView, 0, len(f.At))
		for _, x := range f.At {
			rows = append(rows, viewSpread(x))
		}
		out[f.Name] = rows
	}
	return out
}

func promiseView(all []risk.Promise) []map[string]any {
	out := []map[string]any{}
	for _, c := range all {
		room := make([]*float64, 0, len(c.Room))
		for _, x := range c.Room {
			room = append(room, finite(x))
		}
		out = append(out, map[string]any{"name": c.Name, "kind": c.Kind, "limit": c.Limit, "breach": c.Breach, "standard_error": c.Error, "headroom_p5": room, "ever": c.Ever, "first_breach": c.First})
	}
	return out
}

func (s *exposure) scenarioView() []map[string]any {
	out := []map[string]any{}
	for _, x := range s.named {
		row := map[string]any{"name": x.Name}
		if x.Void != "" {
			row["void"] = x.Void
		} else {
			row["npv"], row["equity"], row["least_cash"] = x.NPV, x.Equity, x.Least
		}
		if x.Quarter >= 0 {
			row["first_breach"], row["breach_quarter_ends"] = x.Breach, s.plan.plan.Begin.Add(3*x.Quarter+2).String()
		}
		if x.Broke >= 0 {
			row["cash_runs_out"] = s.plan.plan.Begin.Add(x.Broke).String()
		}
		out = append(out, row)
	}
	return out
}

func barView(bars []risk.Bar) []map[string]any {
	out := []map[string]any{}
	for _, b := range bars {
		out = append(out, map[string]any{"input": b.Name, "low": b.Low, "high": b.High, "added": b.Added, "range": b.From, "npv_low": b.AtLow, "npv_high": b.AtHigh})
	}
	return out
}

func shareView(all []risk.Share) []map[string]any {
	out := []map[string]any{}
	for _, x := range all {
		out = append(out, map[string]any{"factor": x.Factor.String(), "first_order": x.Index, "standard_error": x.Error})
	}
	return out
}

func coverageView(all []path.Covered) []map[string]any {
	out := []map[string]any{}
	for _, c := range all {
		out = append(out, map[string]any{"model": c.Model.String(), "weeks": c.Weeks, "origins": c.Origins, "p10_p90": c.Inner, "p5_p95": c.Outer, "above_p95": c.Above, "below_p5": c.Below})
	}
	return out
}
