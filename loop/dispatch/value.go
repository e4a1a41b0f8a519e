package dispatch

import (
	"math"

	"sluice/unit"
	"sluice/use"
)

// value is the margin of the answer against a site that only serves its house
// load at no cost: what the uses earn, less starts, sources, the part of a
// billed peak above its floor, and what contracts charge for a broken promise
// or deadline. Penalties that no contract states are not money. What is sunk,
// and what selling all blocks back would earn, are left out: they are the same
// for every plan.
//
// Source: docs/formula/dispatch.md, "Worth of a plan".
func (a *answer) value(in Input) unit.Amount {
	var sum unit.Amount
	for i, b := range in.Bids {
		sum += a.earned(in, i, b) - a.fines(in, i, b)
	}
	for o := range in.Offers {
		for t, p := range a.supply[o] {
			sum -= laneCost(in, o, t).Of(p.Over(in.Mesh.Lengths[t]))
		}
	}
	imports := make([]unit.Power, in.Mesh.Len())
	for t := range imports {
		imports[t] = a.imported(in, t)
	}
	for _, p := range in.Charges.Peaks {
		sum -= p.Cost(imports)
	}
	return sum
}

// earned is what bid i earns by what it draws, less its starts.
func (a *answer) earned(in Input, i int, b use.Bid) unit.Amount {
	var sum unit.Amount
	for t, d := range in.Mesh.Lengths {
		for k, s := range b.Steps {
			sum += s.Worth.At(t).Of(a.on[i][k][t].Scale(b.Available.At(t)).Over(d))
		}
		if up := a.on[i][0][t] - a.firstBefore(b, i, t); up > 0 {
			sum -= unit.Amount(unit.MulDiv(int64(startCost(b, t)), int64(up), int64(unit.Megawatt)))
		}
	}
	return sum
}

// fines is what the contracts of bid i charge for what it does not get.
func (a *answer) fines(in Input, i int, b use.Bid) unit.Amount {
	var sum unit.Amount
	for t, d := range in.Mesh.Lengths {
		if len(b.Floor) > 0 {
			sum += b.Penalty.Of(max(0, b.Floor.At(t)-a.total(in, i, t)).Over(d))
		}
	}
	for j, d := range b.Due {
		sum += d.Penalty.Of(a.missed[i][j])
	}
	return sum
}

// quoted is the range of prices in interval t that someone states: what sources
// cost, and what uses are worth with the penalties of their own contracts.
func quoted(in Input, t int) (least, most unit.Price) {
	least, most = math.MaxInt64, math.MinInt64
	for o := range in.Offers {
		c := laneCost(in, o, t)
		least, most = min(least, c), max(most, c)
	}
	for _, b := range in.Bids {
		for k := range b.Steps {
			w := meterWorth(b, k, t)
			least, most = min(least, w), max(most, w+promised(b, t).Unscale(b.PUE.At(t)))
		}
	}
	if least > most {
		return 0, 0
	}
	return least, most
}

// promised is the highest penalty per IT MWh that a promise or deadline of b
// puts on not serving it in interval t.
func promised(b use.Bid, t int) unit.Price {
	var most unit.Price
	if len(b.Floor) > 0 && b.Floor.At(t) > 0 {
		most = b.Penalty
	}
	for _, d := range b.Due {
		if t >= d.From && t < d.Before {
			most = max(most, d.Penalty)
		}
	}
	return most
}

// marginalCost is what one more MWh costs the site in interval t, read off the
// answer: the cheapest source that has room or, where none has, the best refused
// bid, or else the dearest source in use.
func (a *answer) marginalCost(in Input, t int) unit.Price {
	next, found := a.nextCost(in, t)
	refused, wanted := a.refused(in, t)
	switch {
	case a.spill[t] > 0:
		least, _ := quoted(in, t)
		return least
	case found && (!wanted || next <= refused):
		return next
	case wanted:
		return refused
	}
	return a.dearest(in, t)
}

// nextCost is the cost of the cheapest source that has room in interval t, a
// peak that more import would raise counted as no room.
func (a *answer) nextCost(in Input, t int) (unit.Price, bool) {
	small := tolerance(in)
	grid := importLimit(in, t)-a.imported(in, t) > small && !a.raisesPeak(in, t)
	var least unit.Price
	found := false
	for o, offer := range in.Offers {
		if offer.Max.At(t)-a.supply[o][t] <= small || !offer.BehindMeter && !grid {
			continue
		}
		if c := laneCost(in, o, t); !found || c < least {
			least, found = c, true
		}
	}
	return least, found
}

// refused is the highest worth at the meter of what is switched off in interval
// t and could run.
func (a *answer) refused(in Input, t int) (unit.Price, bool) {
	var most unit.Price
	found := false
	for i, b := range in.Bids {
		if b.Available.At(t) == 0 || a.branchFull(in, b.Use, t) {
			continue
		}
		for k, s := range b.Steps {
			if a.on[i][k][t]+tolerance(in) >= s.Power || k > 0 && a.on[i][0][t] == 0 {
				continue
			}
			if w := meterWorth(b, k, t); !found || w > most {
				most, found = w, true
			}
		}
	}
	return most, found
}

// dearest is the cost of the dearest source in use in interval t, or of the
// cheapest where none is.
func (a *answer) dearest(in Input, t int) unit.Price {
	var top, least unit.Price
	used, found := false, false
	for o := range in.Offers {
		c := laneCost(in, o, t)
		if a.supply[o][t] > 0 && (!used || c > top) {
			top, used = c, true
		}
		if !found || c < least {
			least, found = c, true
		}
	}
	if used {
		return top
	}
	return least
}

// raisesPeak reports whether more import in interval t would raise a billed
// peak: the average of a measurement interval stands at the floor or above, and
// at the highest of the plan.
func (a *answer) raisesPeak(in Input, t int) bool {
	if len(in.Charges.Peaks) == 0 {
		return false
	}
	imports := make([]unit.Power, in.Mesh.Len())
	for k := range imports {
		imports[k] = a.imported(in, k)
	}
	for _, p := range in.Charges.Peaks {
		billed := p.Floor() + p.Over(imports)
		for _, m := range p.Measures {
			for _, part := range m.Parts {
				if part.Interval == t && p.Rate > 0 && m.Average(imports)+tolerance(in) >= billed {
					return true
				}
			}
		}
	}
	return false
}
