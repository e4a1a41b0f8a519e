package power

import (
	"errors"
	"fmt"

	"sluice/series"
	"sluice/unit"
)

// Kind says what stands behind an offer.
type Kind string

// The kinds of offer.
const (
	KindSpot       Kind = "spot"       // bought at the market price of the zone
	KindBlock      Kind = "block"      // delivered under a purchase agreement
	KindTariff     Kind = "tariff"     // bought from a utility at its published rate
	KindGeneration Kind = "generation" // a plant behind the revenue meter
)

// Offer is what one source of power can supply over the intervals of a plan,
// and at what price. It is plain data.
//
// Of a source with a SellBack price, everything that is not drawn IS sold, at
// either sign of that price: drawing one MWh therefore costs Price + SellBack,
// whatever was paid for the block. Marginal states that sum.
type Offer struct {
	Source string // stable name, for example "spot", "ppa/block-a", "wind/ridge"
	Kind   Kind

	Max      series.Profile[unit.Power] // most that can be drawn, watts at the site's meter bus, >= 0
	Price    series.Profile[unit.Price] // what drawing one further MWh costs, own adders included, carbon (Charges.Carbon.Price) not; 0 for what is sunk
	SellBack series.Profile[unit.Price] // what one MWh not drawn earns, fee deducted; empty: no right to sell back

	BehindMeter bool       // does not use the connection and pays none of Charges.Import
	Sunk        bool       // paid whether drawn or not: Price leaves Paid out, the Bill charges it
	Paid        unit.Price // contract price of what is sunk, for statements; no part of the decision
	Curtailable bool       // need not be drawn; false only for a plant that cannot be turned down
	Carbon      int64      // grams of CO2 per kWh drawn
}

// Marginal is what drawing one further MWh in interval i costs the site: its
// price and the sell-back income forgone.
//
// Formula: price + sell-back. Source: docs/formula/tariff.md, "Sell-back".
func (o Offer) Marginal(i int) unit.Price {
	if len(o.SellBack) == 0 {
		return o.Price.At(i)
	}
	return o.Price.At(i) + o.SellBack.At(i)
}

// Validate reports every fault of the offer for a plan of n intervals at once.
func (o Offer) Validate(n int) error {
	var found []error
	say := func(format string, args ...any) {
		found = append(found, fmt.Errorf("offer %q: "+format, append([]any{o.Source}, args...)...))
	}
	if o.Source == "" {
		say("has no name: name its source")
	}
	if !o.Max.Covers(n) || !o.Price.Covers(n) || len(o.SellBack) > 0 && !o.SellBack.Covers(n) {
		say("states %d powers, %d prices and %d sell-back prices for %d intervals: state one for all or one for each", len(o.Max), len(o.Price), len(o.SellBack), n)
	}
	for i, p := range o.Max {
		if p < 0 {
			say("supplies %v in interval %d: supply must not be negative", p, i)
			break
		}
	}
	if o.Carbon < 0 {
		say("carbon of %d g/kWh must not be negative", o.Carbon)
	}
	return errors.Join(found...)
}
