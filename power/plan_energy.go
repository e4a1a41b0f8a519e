package power

import (
	"sluice/series"
	"sluice/unit"
)

// supply offers what a utility supplies: up to the authorised power at the
// price of the hour, beyond it, or in an interruption, at the dear price.
func (p *planner) supply(offers []Offer) []Offer {
	for _, e := range p.contracts.Energy {
		if !e.Supply {
			continue
		}
		base := Offer{
			Source: e.source(), Kind: KindTariff, Curtailable: true, Carbon: e.Carbon,
			Price: p.energyPrice(e),
		}
		if e.Authorised == 0 && e.Interruption == nil {
			base.Max = p.available(p.in.Connection.Ceiling(), Window{}, e.Term)
			offers = append(offers, base)
			continue
		}
		beyond := base
		beyond.Source += "/beyond"
		base.Max, beyond.Max, beyond.Price = p.authorised(e)
		offers = append(offers, base, beyond)
	}
	return offers
}

// authorised is, per interval, the power at the ordinary price, the power
// beyond it, and the price of that.
func (p *planner) authorised(e EnergyCharge) (within, beyond series.Profile[unit.Power], dear series.Profile[unit.Price]) {
	n := len(p.at)
	within, beyond, dear = make(series.Profile[unit.Power], n), make(series.Profile[unit.Power], n), make(series.Profile[unit.Price], n)
	all := p.available(p.in.Connection.Ceiling(), Window{}, e.Term)
	for i := range p.at {
		limit, price := e.limit(p.instructed(e, i), p.highest(e))
		within[i] = min(limit, all.At(i))
		beyond[i] = all.At(i) - within[i]
		dear[i] = price
	}
	return within, beyond, dear
}

// limit is the power at the ordinary price and the price beyond it, with the
// interruption in force or not and the highest demand of the last 12 months.
func (e EnergyCharge) limit(instructed bool, highest unit.Power) (unit.Power, unit.Price) {
	if instructed && e.Interruption != nil {
		return highest.Scale(e.Interruption.Share), e.Interruption.Price
	}
	if e.Authorised == 0 {
		return noLimit, e.Beyond
	}
	return e.Authorised, e.Beyond
}

func (p *planner) instructed(e EnergyCharge, i int) bool {
	return e.Interruption != nil && len(p.in.Instructed) > 0 && p.in.Instructed.At(i)
}

// highest is the maximum that an interruption refers to; unknown it counts as
// zero, which allows nothing at the ordinary price while the instruction holds.
func (p *planner) highest(e EnergyCharge) unit.Power {
	if e.Interruption == nil {
		return 0
	}
	return p.in.Highest[e.Interruption.Demand]
}

// energyPrice is the price of an energy charge per interval, tier included. A
// long interval has the mean of the prices within it. The tier is that of the
// volume drawn so far, for the whole plan.
func (p *planner) energyPrice(e EnergyCharge) series.Profile[unit.Price] {
	tier := e.tierAt(p.in.Volume[e.Name])
	if len(e.Uses) == 0 && e.Term == (Term{}) {
		return series.Flat(e.Price + tier)
	}
	out := make(series.Profile[unit.Price], len(p.at))
	for i, at := range p.at {
		out[i] = p.meanPrice(e, tier, at)
	}
	return out
}

// meanPrice is the price of e over one interval, weighted by time. Outside its term a charge is zero.
func (p *planner) meanPrice(e EnergyCharge, tier unit.Price, at series.Interval) unit.Price {
	sum, covered := int64(0), int64(0)
	for t := at.Start; t.Before(at.End()); t = nextPiece(t) {
		seconds := int64(min(nextPiece(t).Sub(t), at.End().Sub(t)).Seconds())
		covered += seconds
		if e.Term.Holds(t) {
			sum += int64(e.priceAt(t.In(p.in.Zone), p.contracts.Holidays)+tier) * seconds
		}
	}
	return unit.Price(unit.MulDiv(sum, 1, max(covered, 1)))
}
