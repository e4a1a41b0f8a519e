package settle

import (
	"strings"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// Expect is what the rest of a day is to cost and to earn by a plan, at the prices
// that it stands on. Books set it aside when the day begins. What tenants pay is left
// out: most of it comes whether they are served or not.
//
// Source: docs/formula/settle.md, "Set aside".
func Expect(p cycle.Plan, until time.Time) cycle.Expected {
	e := cycle.Expected{Until: until}
	for t, at := 0, p.Mesh.Start; t < p.Mesh.Len() && at.Before(until); t++ {
		length := min(p.Mesh.Lengths[t], until.Sub(at))
		for o := range p.Supply {
			e.Power += supplied(p, o, t, length)
		}
		for i, u := range p.Uses {
			if strings.HasPrefix(p.Bids[i].Use, "hosting/") {
				continue
			}
			worth := worthOf(p.Bids[i], u.Draw[t], t, length)
			if p.Bids[i].Feed {
				e.Power -= worth
				continue
			}
			e.Worth += worth
		}
		at = at.Add(p.Mesh.Lengths[t])
	}
	return e
}

// supplied is what source o costs in interval t.
func supplied(p cycle.Plan, o, t int, length time.Duration) unit.Amount {
	offer, s := p.Offers[o], p.Supply[o]
	cost := offer.Price.At(t).Of(s.Power[t].Over(length))
	if !offer.BehindMeter {
		cost += p.Charges.Import.At(t).Of(s.Power[t].Over(length))
	}
	if offer.Sunk {
		cost += offer.Paid.Of(offer.Max.At(t).Over(length))
	}
	if len(s.Sold) > 0 {
		cost -= offer.SellBack.At(t).Of(s.Sold[t].Over(length))
	}
	return cost
}

// worthOf is what a use earns with what it draws: its best steps first.
func worthOf(b use.Bid, draw unit.Power, t int, length time.Duration) (sum unit.Amount) {
	for _, s := range b.Steps {
		of := min(draw, s.Power)
		sum += s.Worth.At(t).Of(of.Over(length))
		draw -= of
	}
	return sum
}
