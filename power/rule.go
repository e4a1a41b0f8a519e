package power

import (
	"time"

	"sluice/series"
	"sluice/unit"
)

// The names of sources on offers and statements.
func (s Spot) source() string {
	if s.Name == "" {
		return "spot"
	}
	return s.Name
}
func (d PPA) source() string          { return "ppa/" + d.Name }
func (g Plant) source() string        { return string(g.Kind) + "/" + g.Name }
func (e EnergyCharge) source() string { return "energy/" + e.Name }

// sold is what one MWh of the block that is not drawn earns at a market price.
//
// Formula: market - fee. Source: docs/formula/tariff.md, "Sell-back".
func (d PPA) sold(market unit.Price) unit.Price { return market - d.Fee }

// priceAt is the price of the hour that local shows, without tiers.
func (e EnergyCharge) priceAt(local time.Time, holidays []Date) unit.Price {
	for i := range e.Uses {
		if e.Uses[i].Window.Holds(local, holidays) {
			return e.Uses[i].Price
		}
	}
	return e.Price
}

// tierAt is the surcharge of the tier in which the month's volume stands.
func (e EnergyCharge) tierAt(volume unit.Energy) unit.Price {
	for _, t := range e.Tiers {
		if t.UpTo == 0 || volume < t.UpTo {
			return t.Price
		}
	}
	return 0
}

// tiered is the surcharge on e more joules after volume, split at the tiers.
//
// Formula: sum over tiers of price * energy in the tier, each rounded half to
// even. Source: docs/formula/tariff.md, "Energy charge".
func (e EnergyCharge) tiered(volume, more unit.Energy) unit.Amount {
	sum := unit.Amount(0)
	for _, t := range e.Tiers {
		if more <= 0 {
			break
		}
		part := more
		if t.UpTo > 0 {
			part = max(0, min(more, t.UpTo-volume))
		}
		sum += t.Price.Of(part)
		volume += part
		more -= part
	}
	return sum
}

// periodOf is the billing period of the rule that holds t.
func (d DemandCharge) periodOf(t time.Time, zone *time.Location) series.Interval {
	if d.Period == Daily {
		return series.DayOf(t, zone)
	}
	return series.MonthOf(t, zone)
}

// rateOver is the rate for one whole billing period.
//
// Formula: rate * days / rate days. Source: docs/formula/tariff.md, "Demand charge".
func (d DemandCharge) rateOver(period series.Interval, zone *time.Location) unit.DemandRate {
	if d.RateDays == 0 {
		return d.Rate
	}
	days := int64(1)
	if d.Period != Daily {
		y, m, _ := period.Start.In(zone).Date()
		days = int64(time.Date(y, m+1, 0, 12, 0, 0, 0, time.UTC).Day())
	}
	return unit.DemandRate(unit.MulDiv(int64(d.Rate), days, int64(d.RateDays)))
}

// counts reports whether the measurement interval from start counts.
func (d DemandCharge) counts(start time.Time, zone *time.Location, holidays []Date) bool {
	return d.Term.Holds(start) && (d.Window.always() || d.Window.Holds(start.In(zone), holidays))
}

// CountedTime is how long a billing period counts for the rule: what a planned
// peak weighs the charge against. With a window it walks the period.
func (d DemandCharge) CountedTime(period series.Interval, zone *time.Location, holidays []Date) time.Duration {
	if d.Window.always() && d.Term == (Term{}) {
		return period.Length
	}
	counted := time.Duration(0)
	for t := period.Start; t.Before(period.End()); t = t.Add(d.Interval) {
		if d.counts(t, zone, holidays) {
			counted += d.Interval
		}
	}
	return counted
}

// PlannedPeaks is the peak that a plan of the whole billing period would reach,
// per demand charge, for Input.Planned: most where drawing one MW for the rest
// of the period earns more than the charge on it, else nothing. Without it the
// first day of a period weighs a month's charge against two days' margin and
// stops the site. The margin is what one MWh at the meter earns on the average,
// power paid.
//
// Formula: see Peak.Pays. Source: docs/formula/tariff.md, "Planned peak".
func (c Contracts) PlannedPeaks(at time.Time, zone *time.Location, margin unit.Price, most unit.Power) map[string]unit.Power {
	out := make(map[string]unit.Power, len(c.Demand))
	for _, d := range c.Demand {
		period := d.periodOf(at, zone)
		p := Peak{Rate: d.rateOver(period, zone)}
		rest := series.Interval{Start: at.Truncate(d.Interval), Length: period.End().Sub(at.Truncate(d.Interval))}
		out[d.Name] = 0
		if p.Pays(margin, d.CountedTime(rest, zone, c.Holidays)) {
			out[d.Name] = most
		}
	}
	return out
}

// always reports whether the window restricts nothing.
func (w Window) always() bool {
	return len(w.Months) == 0 && len(w.Weekdays) == 0 && len(w.Hours) == 0 && w.Holidays == HolidaysCount
}
