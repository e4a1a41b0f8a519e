package power

import (
	"time"

	"sluice/unit"
)

// allocate shares the import of an interval out to the agreements, cheapest
// marginal cost first, up to the supplier's own price, and returns what the
// supplier delivers. Nominations are the site's to make, so the statement takes
// the order that dispatch takes; of equal costs the first declared is drawn
// first, an agreement before the supplier.
func (b *Bill) allocate(r Reading, local time.Time) unit.Energy {
	rest := r.Import
	ceiling, supplied := b.supplierPrice(r, local)
	for i := range b.drawn {
		b.drawn[i] = -1
	}
	for range b.drawn {
		best, cost := -1, unit.Price(0)
		for i := range b.contracts.PPAs {
			if b.drawn[i] >= 0 {
				continue
			}
			if c := b.marginal(&b.contracts.PPAs[i], r); best < 0 || c < cost {
				best, cost = i, c
			}
		}
		b.drawn[best] = 0
		if supplied && cost > ceiling {
			continue
		}
		b.drawn[best] = min(rest, b.block(&b.contracts.PPAs[best], r, local))
		rest -= b.drawn[best]
	}
	return rest
}

// marginal is what drawing one further MWh of an agreement costs: the same as
// Offer.Marginal, with the price of carbon.
func (b *Bill) marginal(d *PPA, r Reading) unit.Price {
	cost := b.contracts.Carbon.Price(d.Carbon)
	if !d.TakeOrPay {
		return cost + d.Price
	}
	if d.SellBack {
		return cost + d.sold(r.Price)
	}
	return cost
}

// block is the energy of an agreement in the interval.
func (b *Bill) block(d *PPA, r Reading, local time.Time) unit.Energy {
	if !d.Term.Holds(r.Interval.Start) || !d.Shape.always() && !d.Shape.Holds(local, b.contracts.Holidays) {
		return 0
	}
	return d.Power.Over(r.Interval.Length)
}

// supplierPrice is what one MWh of the spot market or of the supplying utility
// costs in the interval, and whether either supplies at all.
func (b *Bill) supplierPrice(r Reading, local time.Time) (unit.Price, bool) {
	c := &b.contracts
	if c.Spot != nil && c.Spot.Term.Holds(r.Interval.Start) {
		return c.Spot.Adders.Buy(r.Price) + c.Carbon.Price(c.Spot.Carbon), true
	}
	for i := range c.Energy {
		e := &c.Energy[i]
		if e.Supply && e.Term.Holds(r.Interval.Start) {
			return e.priceAt(local, c.Holidays) + e.tierAt(b.volume[i]) + c.Carbon.Price(e.Carbon), true
		}
	}
	return 0, false
}

// settleBlocks pays the agreements and credits what is sold back, each on its
// own line: the decision price is the market's, the statement shows both.
//
// Formula: -price * (take-or-pay: block; else drawn) + (market - fee) * (block - drawn).
// Source: docs/formula/tariff.md, "Sell-back".
func (b *Bill) settleBlocks(r Reading, local time.Time) unit.Amount {
	sum := unit.Amount(0)
	for i := range b.contracts.PPAs {
		d, drawn, at := &b.contracts.PPAs[i], b.drawn[i], b.place.blocks+3*i
		if !d.TakeOrPay {
			sum += b.post(at, drawn, -d.Price.Of(drawn))
			continue
		}
		block := b.block(d, r, local)
		sum += b.post(at, block, -d.Price.Of(block))
		if d.SellBack {
			sum += b.post(at+1, block-drawn, d.sold(r.Price).Of(block-drawn))
		} else {
			b.post(at+2, block-drawn, 0)
		}
	}
	return sum
}

// settleRest pays what no agreement delivers: the spot market or the utility.
func (b *Bill) settleRest(r Reading, rest unit.Energy, local time.Time) unit.Amount {
	c := &b.contracts
	if c.Spot != nil && c.Spot.Term.Holds(r.Interval.Start) {
		return b.post(b.place.spot, rest, -c.Spot.Adders.Buy(r.Price).Of(rest))
	}
	for i := range c.Energy {
		e := &c.Energy[i]
		if e.Supply && e.Term.Holds(r.Interval.Start) {
			return b.settleSupply(i, r, rest, local)
		}
	}
	return 0
}

// settleSupply pays a utility: the authorised energy at the price of the hour,
// what lies beyond it at the dear price.
func (b *Bill) settleSupply(i int, r Reading, rest unit.Energy, local time.Time) unit.Amount {
	e, within := &b.contracts.Energy[i], rest
	if e.Authorised > 0 || e.Interruption != nil {
		highest := unit.Power(0)
		if r.Instructed && e.Interruption != nil {
			highest, _ = b.highest(e.Interruption.Demand)
		}
		limit, _ := e.limit(r.Instructed, highest)
		within = min(rest, limited(limit, r.Interval.Length))
	}
	_, dear := e.limit(r.Instructed, 0)
	sum := b.charge(i, within, local)
	return sum + b.post(b.place.energy+2*i+1, rest-within, -dear.Of(rest-within))
}

// limited is the energy of a limit over an interval; no limit stays one.
func limited(limit unit.Power, length time.Duration) unit.Energy {
	if limit >= noLimit {
		return unit.Energy(noLimit)
	}
	return limit.Over(length)
}

// charge posts e at the price of the hour and of the month's tiers.
func (b *Bill) charge(i int, e unit.Energy, local time.Time) unit.Amount {
	rule := &b.contracts.Energy[i]
	cost := rule.priceAt(local, b.contracts.Holidays).Of(e) + rule.tiered(b.volume[i], e)
	b.volume[i] += e
	return b.post(b.place.energy+2*i, e, -cost)
}

// settleDelivery pays the charges on every MWh through the meter, whoever sold it.
func (b *Bill) settleDelivery(r Reading, local time.Time) unit.Amount {
	sum := unit.Amount(0)
	for i := range b.contracts.Energy {
		if e := &b.contracts.Energy[i]; !e.Supply && e.Term.Holds(r.Interval.Start) {
			sum += b.charge(i, r.Import, local)
		}
	}
	return sum
}

// settleExport credits what was fed in. Without the right to feed in it earns nothing.
func (b *Bill) settleExport(r Reading) unit.Amount {
	s := b.contracts.Spot
	if s == nil || !s.Export || !s.Term.Holds(r.Interval.Start) {
		return b.post(b.place.export, r.Export, 0)
	}
	return b.post(b.place.export, r.Export, s.Adders.Sell(r.Price).Of(r.Export))
}

// settlePlants pays the operation of the plants behind the meter.
func (b *Bill) settlePlants(r Reading) unit.Amount {
	sum := unit.Amount(0)
	for i := range b.contracts.Plants {
		g := &b.contracts.Plants[i]
		sum += b.post(b.place.plants+i, r.Generated[i], -g.Price.Of(r.Generated[i]))
	}
	return sum
}

// settleCarbon pays for the emissions of what was drawn and generated.
//
// Formula: per tonne * sum(g/kWh * J) / 3.6e12. Source: docs/formula/tariff.md, "Carbon".
func (b *Bill) settleCarbon(r Reading, rest unit.Energy) unit.Amount {
	c := &b.contracts
	if c.Carbon.PerTonne == 0 {
		return 0
	}
	weighted := c.restCarbon(r.Interval.Start) * int64(rest)
	for i := range c.PPAs {
		weighted += c.PPAs[i].Carbon * int64(b.drawn[i])
	}
	for i := range c.Plants {
		weighted += c.Plants[i].Carbon * int64(r.Generated[i])
	}
	cost := unit.Amount(unit.MulDiv(int64(c.Carbon.PerTonne), weighted, 1000*int64(unit.MegawattHour)))
	return b.post(b.place.carbon, 0, -cost)
}

// restCarbon is the emission factor of the spot market or of the supplying utility.
func (c *Contracts) restCarbon(t time.Time) int64 {
	if c.Spot != nil && c.Spot.Term.Holds(t) {
		return c.Spot.Carbon
	}
	for i := range c.Energy {
		if c.Energy[i].Supply && c.Energy[i].Term.Holds(t) {
			return c.Energy[i].Carbon
		}
	}
	return 0
}
