package planfile

import (
	"strings"

	"sluice/capital"
)

// Count is what a figure of a plan is counted in.
type Count struct {
	Unit  string // empty: a plain number
	Month bool   // it is a month, counted as capital.Month
	Share bool   // it is a share, and 0.11 is 11 %
	Name  string // key without its place
}

// Unit is what the figure at a place such as projects.washington.gross_mw is counted
// in, by the end of its key; currency is that of the plan. ok is false where the key is
// none of a plan.
func Unit(place, currency string) (c Count, ok bool) {
	parts := strings.Split(place, ".")
	at := len(parts) - 1
	for at > 0 && strings.Trim(parts[at], "0123456789") == "" {
		at--
	}
	c.Name = parts[at]
	if len(parts) > 1 && parts[0] == "rates" {
		return Count{Unit: currency + " for one", Name: c.Name}, true
	}
	says, ok := special(parts[0], c.Name)
	if !ok {
		if says, ok = exact()[c.Name]; !ok {
			says, ok = ending(c.Name)
		}
	}
	switch says {
	case "month":
		c.Month = true
	case "share", "share a year":
		c.Share = true
	}
	c.Unit = strings.ReplaceAll(says, "CUR", currency)
	return c, ok
}

// special are keys that mean different things in different parts of a plan.
func special(part, name string) (says string, ok bool) {
	switch part + " " + name {
	case "projects rate":
		return "CUR", true // by the unit of the contract
	case "loans rate", "pledges rate", "revolver rate":
		return "share a year", true
	case "tax rate":
		return "share", true
	case "revolver limit":
		return "CUR", true
	case "covenants limit":
		return "", true // by the kind of covenant
	case "hedges cost", "hedges strike":
		return "CUR a BTC, or a PH/s and day", true
	case "pledges months":
		return "months", true
	}
	return "", false
}

// exact are keys whose end says nothing.
func exact() map[string]string {
	out := map[string]string{}
	for says, names := range map[string]string{
		"month":                "begin starts ends first month from to",
		"years":                "years",
		"months":               "months",
		"days":                 "cover_days",
		"weeks":                "every_weeks",
		"BTC":                  "btc keep_btc",
		"CUR":                  "cash plant capex cost amount limit paid decommissioning cash_floor cash_ceiling distribute_above plant_tax_value losses_brought_forward",
		"MW":                   "mw",
		"CUR/BTC":              "btc_price",
		"blocks":               "height",
		"times 2^32 hashes":    "difficulty",
		"x":                    "dscr sweep_below_dscr mean overrun_mean terminal_ebitda_multiple",
		"BTC a month, or PH/s": "size",
		"share a year":         "discount_rate opex_escalator btc_drift difficulty_growth network_j_per_th_trend gpu_rent_decay escalator default_per_year commitment_fee",
		"share": `fee_share_of_subsidy pool_fee uptime facility_residual residual salvage billed_utilisation take_or_pay ramp prepaid expected_credits
			load renewal_share on_time on_budget most_of_cost upfront_fee sweep ltv call_ltv cure_ltv liquidation_ltv share least_share distribute`,
		"":                  "pue correlation done",
		"month of the term": "credited_from_month credited_to_month",
	} {
		for name := range strings.FieldsSeq(names) {
			out[name] = says
		}
	}
	return out
}

// ending reads the unit off the end of a key.
func ending(name string) (says string, ok bool) {
	for _, x := range [][2]string{
		{"_per_critical_mw_year", "CUR/critical MW-year"},
		{"_per_mw_year", "CUR/MW-year"},
		{"_per_year", "CUR/year"},
		{"_per_mwh", "CUR/MWh"},
		{"_per_mw", "CUR/MW"},
		{"j_per_th", "J/TH"},
		{"kw_per_gpu", "kW/GPU"},
		{"months_before_energised", "months"},
		{"critical_mw", "MW critical"},
		{"gross_mw", "MW gross"},
		{"_mw", "MW"},
		{"_months", "months"},
		{"_years", "years"},
	} {
		if strings.HasSuffix(name, x[0]) {
			return x[1], true
		}
	}
	return "", false
}

// RentUnit is what the rate of a contract is counted in.
func RentUnit(c capital.Lease, currency string) string {
	switch c.Unit {
	case capital.PerKWMonth:
		return currency + "/kW-month of IT"
	case capital.PerMWYear:
		return currency + "/critical MW-year"
	case capital.PerGPUHour:
		return currency + "/GPU-hour"
	}
	return currency
}
