package peer

import (
	"strings"

	"sluice/capital"
	"sluice/unit"
)

// Column is a figure that is put side by side.
type Column struct {
	Key  string // for programs
	Unit string
	Says string // what it is, with the base that it is told for
	Told bool   // it is shown as it was told, and nothing is made of it
	of   func(view) Figure
}

// Columns are the figures that are put side by side, in their order.
func Columns() []Column {
	return []Column{
		{"avg_operating_hashrate", unitHashrate, "average operating hashrate of the period", false, func(v view) Figure { return v.over(mAverage, "") }},
		{"fleet_efficiency", unitEfficiency, "of the fleet, at the machines", false, func(v view) Figure { return v.last(mEfficiency) }},
		{"btc_produced", unitBTC, "bitcoin mined in the period", false, func(v view) Figure { return v.over(mProduced, "") }},
		{"hashprice_earned", unitHashprice, "revenue of a PH/s of average operating hashrate and day", false, view.hashpriceEarned},
		{"hashprice_earned_btc", "BTC/PH/day", "bitcoin of a PH/s of average operating hashrate and day", false, view.hashpriceEarnedBTC},
		{"cash_cost_per_btc", unitPerBTC, "as the company defines it", false, func(v view) Figure { return v.rate(mCashCost) }},
		{"all_in_cost_per_btc", unitPerBTC, "with depreciation and what is paid in shares", false, view.allIn},
		{"energy_per_btc", "MWh/BTC", "at the meter where the energy is told, else at the machines", false, view.energyPerBTC},
		{"power_gross", unitPower, "energised, at the meter", false, func(v view) Figure { return v.last(mGross) }},
		{"power_critical", unitPower, "critical IT", false, func(v view) Figure { return v.last(mCritical) }},
		{"market_cap", unitMoney, "shares at their price", false, view.marketCap},
		{"debt", unitMoney, "borrowed money", false, func(v view) Figure { return v.last(mDebt) }},
		{"cash", unitMoney, "bitcoin not counted", false, func(v view) Figure { return v.last(mCash) }},
		{"btc_held", unitBTC, "owned, pledged ones too", false, func(v view) Figure { return v.last(mHeld) }},
		{"ev", unitMoney, "market cap and debt, less cash and bitcoin at its price", false, view.ev},
		{"ev_per_gross_mw", "USD/MW gross", "EV over energised gross power", false, func(v view) Figure { return ratio(v.ev(), v.last(mGross), mGross) }},
		{"ev_per_critical_mw", "USD/MW critical", "EV over critical IT power", false, func(v view) Figure { return ratio(v.ev(), v.last(mCritical), mCritical) }},
		{"ev_per_ehs", "USD/(EH/s)", "EV over operating hashrate at the end, else over its average", false, func(v view) Figure { return ratio(v.ev(), v.hashrate(), "hashrate") }},
		{"sat_per_share", "sat/share", "bitcoin owned for each share", false, view.satPerShare},
		{"debt_per_btc", unitPerBTC, "debt for each bitcoin owned", false, func(v view) Figure { return ratio(v.last(mDebt), v.last(mHeld), mHeld) }},
		{"revenue", unitMoney, "all revenue of the period", true, func(v view) Figure { return v.over(mRevenue, "") }},
		{"adjusted_ebitda", unitMoney, "as the company adjusts it", true, func(v view) Figure { return v.over(mEBITDA, "") }},
		{"gross_mining_margin", unitPart, "as the company defines it", true, func(v view) Figure { return v.rate(mMargin) }},
		{"hashcost", unitHashprice, "cost of a PH/s and day, as published", true, func(v view) Figure { return v.rate(mHashcost) }},
		{"hashprice_published", unitHashprice, "income of a PH/s and day, as published", true, func(v view) Figure { return v.rate(mHashprice) }},
		{"all_in_power_cost", unitPerMWh, "net of credits", true, func(v view) Figure { return v.rate(mPowerCost) }},
		{"total_power_credits", unitMoney, "of curtailment and grid services", true, func(v view) Figure { return v.over(mCredits, "") }},
		{"power_utilised", unitPower, "in use", true, func(v view) Figure { return v.last(mUtilised) }},
		{"power_contracted", unitPower, "secured by contract, energised or not", true, func(v view) Figure { return v.last(mContracted) }},
	}
}

// Side is one company at a period.
type Side struct {
	Company, Class, Ticker string
	Figures                []Figure // as Columns
}

// Figure is that of a column.
func (s Side) Figure(key string) Figure {
	for i, c := range Columns() {
		if c.Key == key && i < len(s.Figures) {
			return s.Figures[i]
		}
	}
	return none("no column is named %q", key)
}

// Empty reports a company of which nothing is known for the period.
func (s Side) Empty() bool {
	for _, f := range s.Figures {
		if f.OK {
			return false
		}
	}
	return true
}

// Sides puts all companies side by side at a period.
//
// Source of all figures: docs/formula/peer.md.
func (g *Group) Sides(p Period, m Market) []Side {
	var out []Side
	for _, company := range g.companies {
		v := view{g, company, p, m}
		s := Side{Company: company, Ticker: g.Ticker(company, p.Last)}
		s.Class, _ = g.Class(company, p.Last)
		for _, c := range Columns() {
			s.Figures = append(s.Figures, c.of(v))
		}
		out = append(out, s)
	}
	return out
}

// together is what two figures were made of, and the first that is missing.
func together(of ...Figure) (how string, missing *Figure) {
	var hows []string
	for _, f := range of {
		if !f.OK {
			return "", &f
		}
		for h := range strings.SplitSeq(f.How, "; ") {
			if h != "" && !strings.Contains("; "+strings.Join(hows, "; ")+"; ", "; "+h+"; ") {
				hows = append(hows, h)
			}
		}
	}
	return strings.Join(hows, "; "), nil
}

// ratio is a figure over another.
func ratio(a, b Figure, name string) Figure {
	how, missing := together(a, b)
	switch {
	case missing != nil:
		return *missing
	case b.Value == 0:
		return none("%s is nought", name)
	}
	return got(a.Value/b.Value, how)
}

// petahashDays is the average operating hashrate in PH/s, times the days.
func (v view) petahashDays() Figure {
	f := v.over(mAverage, "")
	if _, derived := v.exact(mRealised, ""); derived && !f.OK {
		return none("%s of %s is missing; realized_hashrate is derived from production", mAverage, v.period)
	}
	f.Value *= 1000 * float64(v.period.Days())
	return f
}

// hashpriceEarned is the revenue of mining for a PH/s and day; where that revenue is
// not told, what was produced at the mean price of bitcoin.
func (v view) hashpriceEarned() Figure {
	if revenue := v.over(mRevenue, "mining"); revenue.OK {
		return ratio(revenue, v.petahashDays(), mAverage)
	}
	f := v.hashpriceEarnedBTC()
	n, there := v.market.Network(v.period)
	if !f.OK || !there {
		return none("revenue:mining of %s is missing, and so is its production, its average operating hashrate or the price of bitcoin", v.period)
	}
	how, _ := together(got(0, "revenue:mining is missing: its bitcoin at the mean price of the period"), f)
	if n.Estimated > 0 {
		how += "; some prices of bitcoin are estimated"
	}
	return got(f.Value*n.Mean, how)
}

// hashpriceEarnedBTC is the bitcoin of a PH/s and day.
func (v view) hashpriceEarnedBTC() Figure {
	return ratio(v.over(mProduced, ""), v.petahashDays(), mAverage)
}

// allIn is the cost of a bitcoin with all, as published or else from its total.
func (v view) allIn() Figure {
	if f := v.rate(mAllIn); f.OK {
		return f
	}
	f := ratio(v.over(mTotalCost, ""), v.over(mProduced, ""), mProduced)
	if !f.OK {
		return none("%s of %s is missing, or total_cost with btc_produced", mAllIn, v.period)
	}
	f.How, _ = together(got(0, "total_cost over btc_produced"), f)
	return f
}

// energyPerBTC is the energy of a bitcoin: metered, or what the machines need for it.
func (v view) energyPerBTC() Figure {
	if f := ratio(v.over(mEnergy, ""), v.over(mProduced, ""), mProduced); f.OK {
		f.How, _ = together(got(0, "energy_used over btc_produced, at the meter"), f)
		return f
	}
	found, e := v.hashpriceEarnedBTC(), v.last(mEfficiency)
	how, missing := together(got(0, "at the machines: PUE 1"), found, e)
	switch {
	case missing != nil:
		return *missing
	case found.Value == 0:
		return none("%s is nought", mProduced)
	}
	return got(capital.EnergyPerBTC(found.Value, 0, e.Value, 1), how)
}

// sharePrice is the close at the end of the period, or what was told of it.
func (v view) sharePrice() Figure {
	c, age, err := v.market.close(v.g.Ticker(v.company, v.period.Last), v.period.Last)
	if err != nil {
		f := v.last(mSharePrice)
		if !f.OK {
			return none("the price of the share at the end of %s is missing", v.period)
		}
		f.How, _ = together(got(0, "share_price as told, no close"), f)
		return f
	}
	if age > 0 {
		return got(c.Price, "close of "+c.Day.Format("2006-01-02"))
	}
	return got(c.Price, "")
}

// marketCap is all shares at their price.
func (v view) marketCap() Figure {
	n, price := v.last(mShares), v.sharePrice()
	how, missing := together(n, price)
	if missing != nil {
		return *missing
	}
	return got(n.Value*price.Value, how)
}

// ev is what it would cost to buy the company and pay its debt, less what is as good
// as money. What is not told is not nought.
func (v view) ev() Figure {
	worth, debt, cash, held, price := v.marketCap(), v.last(mDebt), v.last(mCash), v.last(mHeld), v.market.bitcoin(v.period.Last)
	how, missing := together(worth, debt, cash, held, price)
	if missing != nil {
		return *missing
	}
	return got(worth.Value+debt.Value-cash.Value-held.Value*price.Value, how)
}

// hashrate is what operates at the end of the period, else the average of it.
func (v view) hashrate() Figure {
	if f := v.last(mOperating); f.OK {
		return f
	}
	f := v.over(mAverage, "")
	if f.OK {
		f.How, _ = together(got(0, "average operating hashrate"), f)
	}
	return f
}

func (v view) satPerShare() Figure {
	f := ratio(v.last(mHeld), v.last(mShares), mShares)
	f.Value *= float64(unit.Bitcoin)
	return f
}
