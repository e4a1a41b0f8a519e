package board

import (
	"strconv"
	"strings"

	"sluice/capital"
)

// kind is what sort of number a figure is.
type kind int

const (
	plainNumber kind = iota
	money
	moneyYear
	share     // shown as per cent
	shareYear // per cent of a year
	times     // a ratio
	calendar  // a month of the calendar
	months
	years
	weeks
	days
	megawatt
	megawattCritical
	coins
	perCoin
	perMWh
	perMWYear         // at the meter of a fleet
	perCriticalMWYear // of a project
	perMW             // at the meter of a fleet
	joules
	kilowatt
	blocks
)

// kinds are what the keys of a plan are, where the key alone says so.
//
//nolint:gochecknoglobals // a table that nobody writes
var kinds = map[string]kind{
	"begin": calendar, "first": calendar, "starts": calendar, "ends": calendar, "from": calendar, "to": calendar, "month": calendar,
	"years": years, "plant_years": years, "life_years": years,
	"months": months, "months_before_energised": months, "term_months": months, "tenor_months": months, "interest_only_months": months,
	"reserve_months": months, "vacancy_months": months, "credited_from_month": months, "credited_to_month": months,
	"every_weeks": weeks, "cover_days": days,
	"discount_rate": shareYear, "opex_escalator": shareYear, "btc_drift": shareYear, "difficulty_growth": shareYear, "gpu_rent_decay": shareYear,
	"escalator": shareYear, "commitment_fee": shareYear, "default_per_year": shareYear, "network_j_per_th_trend": shareYear,
	"fee_share_of_subsidy": share, "pool_fee": share, "uptime": share, "salvage": share, "residual": share, "billed_utilisation": share,
	"take_or_pay": share, "ramp": share, "prepaid": share, "expected_credits": share, "load": share, "renewal_share": share, "on_time": share,
	"on_budget": share, "facility_residual": share, "most_of_cost": share, "upfront_fee": share, "sweep": share, "ltv": share, "call_ltv": share,
	"cure_ltv": share, "liquidation_ltv": share, "share": share, "least_share": share, "distribute": share,
	"terminal_ebitda_multiple": times, "pue": times, "mean": times, "overrun_mean": times, "dscr": times, "sweep_below_dscr": times,
	"overhead_per_year": moneyYear, "opex_per_year": moneyYear,
	"losses_brought_forward": money, "cash": money, "plant": money, "plant_tax_value": money, "capex": money, "cost": money, "amount": money,
	"decommissioning": money, "cash_floor": money, "cash_ceiling": money, "distribute_above": money,
	"btc_price": perCoin, "btc": coins, "keep_btc": coins, "height": blocks, "network_j_per_th": joules, "j_per_th": joules,
	"gross_mw": megawatt, "mw": megawatt, "energises_mw": megawatt, "critical_mw": megawattCritical, "kw_per_gpu": kilowatt,
	"other_per_mwh": perMWh, "price_per_mwh": perMWh, "delivery_per_mwh": perMWh,
	"upkeep_per_mw_year": perMWYear, "opex_per_critical_mw_year": perCriticalMWYear, "resale_per_mw": perMW,
}

// key is the last word of a place that is no number, and that number plus one, or 0.
func key(place string) (string, int) {
	parts := strings.Split(place, ".")
	last := parts[len(parts)-1]
	if n, err := strconv.Atoi(last); err == nil && len(parts) > 1 {
		return parts[len(parts)-2], n + 1
	}
	return last, 0
}

// part1 is the first word of a place: the part of the plan in which it lies.
func part1(place string) string {
	first, _, ok := strings.Cut(place, ".")
	if !ok {
		return "plan"
	}
	return first
}

// shown writes a figure with its unit.
func (s *scribe) shown(f capital.Figure) string {
	k, _ := key(f.Place)
	v := f.Value
	kind := s.kindOf(k, f.Place)
	if kind == calendar {
		return capital.Month(v).String()
	}
	if kind == share || kind == shareYear {
		v *= 100
	}
	return strings.TrimRight(s.trimmed(v)+thin+s.unit(f), thin+" ")
}

// unit is the unit of a figure, by the key that it has in the plan.
func (s *scribe) unit(f capital.Figure) string {
	k, _ := key(f.Place)
	cur, w := s.currencyAt(f.Place), s.words
	switch s.kindOf(k, f.Place) {
	case calendar:
		return w["unit.month"]
	case share:
		return "%"
	case shareYear:
		return "% " + w["unit.ayear"]
	case money:
		return cur
	case moneyYear:
		return cur + " " + w["unit.ayear"]
	case times:
		return "×"
	case months:
		return w["unit.months"]
	case years:
		return w["unit.years"]
	case weeks:
		return w["unit.weeks"]
	case days:
		return w["unit.days"]
	case megawatt:
		return "MW"
	case megawattCritical:
		return "MW " + w["base.critical"]
	case coins:
		return "BTC"
	case perCoin:
		return cur + "/BTC"
	case perMWh:
		return cur + "/MWh"
	case joules:
		return "J/TH"
	case kilowatt:
		return "kW"
	case blocks:
		return w["unit.blocks"]
	case perMW, perMWYear, perCriticalMWYear, plainNumber:
	}
	return s.perUnit(f, cur)
}

// perUnit is the unit of what is paid per MW or per something else, with its base.
func (s *scribe) perUnit(f capital.Figure, cur string) string {
	k, _ := key(f.Place)
	w := s.words
	base := func(otherwise string) string {
		if f.Source.Base != "" {
			return " (" + s.apart(f.Source.Base) + ")"
		}
		return " (" + w[otherwise] + ")"
	}
	kind := s.kindOf(k, f.Place)
	if kind == perMW {
		return cur + "/MW" + base("base.meter")
	}
	if kind == perMWYear {
		return cur + "/MW " + w["unit.ayear"] + base("base.meter")
	}
	if kind == perCriticalMWYear {
		return cur + "/MW " + w["unit.ayear"] + base("base.critical")
	}
	if k == "rate" { // of a contract: the others are shares
		switch p := s.projectAt(f.Place); p.Contract.Unit {
		case capital.PerKWMonth:
			return cur + "/kW " + w["unit.amonth"] + base("base.critical")
		case capital.PerMWYear:
			return cur + "/MW " + w["unit.ayear"] + base("base.critical")
		case capital.PerGPUHour:
			return cur + "/" + w["unit.gpuhour"]
		}
	}
	return ""
}

// kindOf is the kind of a key where it stands.
func (s *scribe) kindOf(k, place string) kind {
	top := part1(place)
	switch {
	case k == "rate" && top == "tax":
		return share
	case k == "rate" && top != "projects":
		return shareYear
	case k == "limit" && top == "revolver":
		return money
	case top == "hedges" && (k == "strike" || k == "cost"):
		return plainNumber
	case k == "limit" && top == "covenants":
		for _, c := range s.plan.Covenants {
			if strings.HasPrefix(place, "covenants."+c.Name+".") {
				return limitKind(c.Kind)
			}
		}
	}
	return kinds[k]
}

// limitKind is what sort of number the limit of a covenant is.
func limitKind(covenant string) kind {
	switch covenant {
	case capital.CoverLTV:
		return share
	case capital.CoverLiquidity:
		return money
	}
	return times
}

// projectAt is the project in which a place lies; an empty one where it is in none.
func (s *scribe) projectAt(place string) capital.Project {
	for _, p := range s.plan.Projects {
		if strings.HasPrefix(place, "projects."+p.Name+".") {
			return p
		}
	}
	return capital.Project{}
}

// currencyAt is the currency of a place.
func (s *scribe) currencyAt(place string) string {
	p := s.projectAt(place)
	own := first(p.Currency, s.plan.Currency)
	if strings.Contains(place, ".contract.") {
		return first(p.Contract.Currency, s.plan.Currency)
	}
	for _, f := range p.Phases {
		if strings.HasPrefix(place, "projects."+p.Name+".phases."+f.Name+".") {
			return first(f.Currency, own)
		}
	}
	for _, e := range p.Equipment {
		if strings.HasPrefix(place, "projects."+p.Name+".equipment."+e.Name+".") {
			return first(e.Currency, own)
		}
	}
	for _, l := range s.plan.Loans {
		if strings.HasPrefix(place, "loans."+l.Name+".") {
			return first(l.Currency, own)
		}
	}
	return own
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
