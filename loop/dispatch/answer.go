package dispatch

import (
	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// answer is a decision in integers, from the solver or from merit order.
type answer struct {
	on     [][][]unit.Power // by bid, step and interval, IT watts switched on
	supply [][]unit.Power   // by offer and interval
	unmet  []unit.Power     // must-run load not served
	over   []unit.Power     // import above the limit that the answer admits
	spill  []unit.Power     // output of forced sources that nothing takes
	missed [][]unit.Energy  // by bid and deadline
	price  []unit.Price
	flags  []cycle.Flag
	worth  unit.Amount
	solver cycle.Solver
}

// newAnswer returns an answer in which nothing draws.
func newAnswer(in Input) *answer {
	n := in.Mesh.Len()
	watts := func() []unit.Power { return make([]unit.Power, n) }
	a := &answer{unmet: watts(), over: watts(), spill: watts(), price: make([]unit.Price, n)}
	for _, b := range in.Bids {
		steps := make([][]unit.Power, len(b.Steps))
		for k := range steps {
			steps[k] = watts()
		}
		a.on = append(a.on, steps)
		a.missed = append(a.missed, make([]unit.Energy, len(b.Due)))
	}
	for range in.Offers {
		a.supply = append(a.supply, watts())
	}
	return a
}

// switched is what bid i has switched on in interval t, over all steps.
func (a *answer) switched(i, t int) unit.Power {
	var sum unit.Power
	for _, step := range a.on[i] {
		sum += step[t]
	}
	return sum
}

// total is the IT power that bid i draws in interval t: of what is switched on,
// the share that is available.
func (a *answer) total(in Input, i, t int) unit.Power {
	return a.switched(i, t).Scale(in.Bids[i].Available.At(t))
}

// meter is the power at the site's meter of what bid i draws in interval t.
func (a *answer) meter(in Input, i, t int) unit.Power {
	return a.total(in, i, t).ScaleUp(in.Bids[i].PUE.At(t))
}

// imported is what passes the connection inwards in interval t.
func (a *answer) imported(in Input, t int) unit.Power {
	var sum unit.Power
	for o, offer := range in.Offers {
		if !offer.BehindMeter {
			sum += a.supply[o][t]
		}
	}
	return sum
}

// fed is what is fed into the grid in interval t.
func (a *answer) fed(in Input, t int) unit.Power {
	var sum unit.Power
	for i, b := range in.Bids {
		if b.Feed {
			sum += a.meter(in, i, t)
		}
	}
	return sum
}

// gap is by how much demand exceeds supply in interval t.
func (a *answer) gap(in Input, t int) unit.Power {
	gap := in.MustRun - a.unmet[t] + a.spill[t]
	for i := range in.Bids {
		gap += a.meter(in, i, t)
	}
	for o := range in.Offers {
		gap -= a.supply[o][t]
	}
	return gap
}

// plan writes the answer down as a paper.
func (a *answer) plan(in Input) cycle.Plan {
	p := cycle.Plan{
		Head: in.Head, Mesh: in.Mesh, Bids: in.Bids, Offers: in.Offers, Charges: in.Charges, MustRun: in.MustRun,
		Price: a.price, Flags: a.flags, Worth: a.worth, Solver: a.solver,
	}
	for i, b := range in.Bids {
		p.Uses = append(p.Uses, a.usePlan(in, i, b))
		p.Reasons = append(p.Reasons, a.reason(in, i))
	}
	for o, offer := range in.Offers {
		s := cycle.SupplyPlan{Source: offer.Source, Power: a.supply[o]}
		if len(offer.SellBack) > 0 {
			for t, used := range a.supply[o] {
				s.Sold = append(s.Sold, offer.Max.At(t)-used)
			}
		}
		p.Supply = append(p.Supply, s)
	}
	return p
}

func (a *answer) usePlan(in Input, i int, b use.Bid) cycle.UsePlan {
	u := cycle.UsePlan{Use: b.Use, On: a.on[i][0][0]}
	for t := range in.Mesh.Len() {
		u.Draw = append(u.Draw, a.total(in, i, t))
		u.Meter = append(u.Meter, a.meter(in, i, t))
	}
	return u
}
