package replay

import (
	"fmt"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// This file reads from a plan what it does not state outright: the spot price at
// which a decision turns, what else the power could have done, and when the
// decision is expected to change.

// importCharge is what every imported MWh of the first interval costs on top of
// its source.
func importCharge(p cycle.Plan) unit.Price {
	if len(p.Charges.Import) == 0 {
		return 0
	}
	return p.Charges.Import.At(0)
}

// turn says in words at which price the decision would turn: as a spot price
// where the cheapest power from the grid follows it, else as a cost of power.
func (e *teller) turn(flip unit.Price) string {
	p, spot := e.t.Plan, e.t.Outlook.Spot
	best := -1
	for o, offer := range p.Offers {
		if !offer.BehindMeter && (best < 0 || offer.Marginal(0) < p.Offers[best].Marginal(0)) {
			best = o
		}
	}
	if best < 0 || len(spot) == 0 {
		return "a cost of power of " + e.price(flip)
	}
	far := 0
	for t := range spot {
		if distance(spot[t], spot[0]) > distance(spot[far], spot[0]) {
			far = t
		}
	}
	offer := p.Offers[best]
	above := flip - offer.Marginal(0) - importCharge(p)
	if rise := offer.Marginal(far) - offer.Marginal(0); distance(spot[far], spot[0]) >= unit.PerMWh {
		if rise == 0 {
			return "a cost of power of " + e.price(flip)
		}
		// Losses make the cost rise by a little more than the spot price does.
		above = unit.Price(unit.MulDiv(int64(above), int64(spot[far]-spot[0])*sign(rise), int64(distance(rise, 0))))
	}
	return "a spot price of " + e.price(spot[0]+above)
}

func distance(a, b unit.Price) unit.Price { return max(a-b, b-a) }

func sign(p unit.Price) int64 {
	if p < 0 {
		return -1
	}
	return 1
}

// instead says what the second best thing would have been to do with the power:
// of a use that runs, with its power; of one that stands still, with its machines.
func (e *teller) instead(i int, r cycle.Reason) string {
	p := e.t.Plan
	if r.Max == 0 {
		return "Nothing else can be done with it."
	}
	if r.Draw == 0 {
		b := p.Bids[i]
		best := b.Steps[0].Power.Scale(b.Available.At(0))
		energy := best.Scale(b.PUE.At(0)).Over(p.Mesh.Lengths[0])
		what, margin := "run all of it", e.earned(i, best)-p.Price[0].Of(energy)
		switch {
		case b.Feed:
			what = "feed all of it in"
		case len(b.Steps) > 1:
			what = fmt.Sprintf("run its %s of best worth", best)
		}
		if margin < 0 {
			return fmt.Sprintf("Second best: %s, which would lose %s in this interval.", what, e.amount(-margin))
		}
		return fmt.Sprintf("Second best: %s, which would bring %s in this interval, the start not counted.", what, e.amount(margin))
	}
	name, value := "", unit.Price(0)
	for k, b := range p.Bids {
		if worth, idle := e.idleWorth(k, b); k != i && idle && (name == "" || worth > value) {
			name, value = b.Use, worth
		}
	}
	for o, offer := range p.Offers {
		if len(offer.SellBack) > 0 && p.Supply[o].Power[0] > 0 && (name == "" || offer.SellBack.At(0) > value) {
			name, value = "selling "+offer.Source+" back", offer.SellBack.At(0)
		}
	}
	if name == "" || value <= p.Price[0] {
		return fmt.Sprintf("Second best: leave the power where it is, which saves %s.", e.price(p.Price[0]))
	}
	return fmt.Sprintf("Second best: %s, worth %s.", name, e.price(value))
}

// earned is what a use earns with so much IT power in the interval decided.
func (e *teller) earned(i int, draw unit.Power) unit.Amount {
	b := e.t.Plan.Bids[i]
	var sum unit.Amount
	for _, s := range b.Steps {
		take := min(draw, s.Power.Scale(b.Available.At(0)))
		sum += s.Worth.At(0).Of(take.Over(e.t.Plan.Mesh.Lengths[0]))
		draw -= take
	}
	return sum
}

// idleWorth is what the next MWh at the meter would be worth to bid k, and
// whether any of it is idle now.
func (e *teller) idleWorth(k int, b use.Bid) (unit.Price, bool) {
	draw := e.t.Plan.Uses[k].Draw[0]
	for _, s := range b.Steps {
		room := s.Power.Scale(b.Available.At(0))
		if draw < room {
			return s.Worth.At(0).Unscale(b.PUE.At(0)), true
		}
		draw -= room
	}
	return 0, false
}

// stand is how much of a use runs: nothing, a part or the whole.
type stand string

const (
	idle stand = "stand still"
	part stand = "run in part"
	all  stand = "run whole"
	none stand = "be out"
)

// standing is how much of bid i the plan lets run in interval t.
func standing(p cycle.Plan, i, t int) stand {
	most := p.Bids[i].Capacity().Scale(p.Bids[i].Available.At(t))
	switch draw := p.Uses[i].Draw[t]; {
	case most == 0:
		return none
	case draw == 0:
		return idle
	case draw < most-most/50:
		return part
	}
	return all
}

// next says when the plan expects the decision to change.
func (e *teller) next(i int) string {
	p := e.t.Plan
	now := standing(p, i, 0)
	for t, at := range p.Mesh.Intervals() {
		if s := standing(p, i, t); s != now {
			return fmt.Sprintf("It is expected to %s from %s on, in %s.", s, e.clock(at.Start), span(at.Start.Sub(p.At)))
		}
	}
	var all time.Duration
	for _, d := range p.Mesh.Lengths {
		all += d
	}
	return fmt.Sprintf("It is expected to %s throughout the %s of the plan.", now, span(all))
}
