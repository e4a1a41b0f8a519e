package dispatch

import (
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// reason says why bid i draws what it draws in the first interval. The rules
// are tried in the order of authority: equipment, minimum times, promises,
// limits, and only then money.
func (a *answer) reason(in Input, i int) cycle.Reason {
	b := in.Bids[i]
	r := cycle.Reason{Use: b.Use, Draw: a.total(in, i, 0), Cost: a.price[0]}
	r.Max = b.Capacity().Scale(b.Available.At(0))
	r.Worth = a.marginal(b, i)
	r.Flip = r.Worth - adders(in)
	r.Code = a.code(in, i, r)
	r.Gain = a.gain(in, i)
	return r
}

// adders is what the tariff adds to a spot MWh in the first interval.
func adders(in Input) unit.Price { return perImport(in.Charges, 0) }

// marginal is what one more (or, when all run, the last) MWh is worth at the meter.
func (a *answer) marginal(b use.Bid, i int) unit.Price {
	for k, s := range b.Steps {
		if a.on[i][k][0] < s.Power || k == len(b.Steps)-1 {
			return s.Worth.At(0).Unscale(b.PUE.At(0))
		}
	}
	return 0
}

func (a *answer) code(in Input, i int, r cycle.Reason) cycle.ReasonCode {
	b := in.Bids[i]
	switch {
	case r.Max == 0:
		return cycle.Unavailable
	case a.solver.Fallback != "":
		return cycle.MeritOrder
	case r.Draw > 0 && len(b.Floor) > 0 && r.Draw <= b.Floor.At(0):
		return cycle.Promised
	}
	since := in.Head.At.Sub(b.Now.Since)
	if r.Draw == r.Max {
		return fullReason(b, r, since)
	}
	if code := a.heldBack(in, i, r, since); code != "" {
		return code
	}
	return a.moneyReason(in, i, r)
}

// fullReason explains a use that runs whole.
func fullReason(b use.Bid, r cycle.Reason, since time.Duration) cycle.ReasonCode {
	switch {
	case r.Worth >= r.Cost:
		return cycle.Worthwhile
	case b.Now.Held > 0 && since < b.MinOn:
		return cycle.MinimumOn
	}
	return cycle.RideThrough
}

// heldBack explains a use that something other than its worth keeps down.
func (a *answer) heldBack(in Input, i int, r cycle.Reason, since time.Duration) cycle.ReasonCode {
	b := in.Bids[i]
	first := b.Steps[0].Worth.At(0).Unscale(b.PUE.At(0))
	if a.on[i][0][0] > 0 {
		first = r.Worth
	}
	dear := first < spotCost(in)
	switch {
	case b.Now.Rest > 0 && since < b.MinOff && !dear:
		return cycle.MinimumOff
	case a.full(in) && in.Limit.Ordered && !dear:
		return cycle.GridInstruction
	case a.full(in) && !dear:
		return cycle.ConnectionLimit
	case a.branchFull(in, b.Use) && !dear:
		return cycle.BranchLimit
	case a.peaked && !dear:
		return cycle.PeakCharge
	case a.anySold(in) && r.Draw == 0:
		return cycle.SoldBack
	}
	return ""
}

// full reports whether the first interval imports all that the connection allows.
func (a *answer) full(in Input) bool {
	var grid unit.Power
	for o, offer := range in.Offers {
		if !offer.BehindMeter {
			grid += a.supply[o][0]
		}
	}
	return grid+tolerance(in) >= in.Limit.Import.At(0)
}

// branchFull reports whether a hall or feeder of the use is full in the first interval.
func (a *answer) branchFull(in Input, name string) bool {
	for _, l := range in.Limit.Branches {
		var drawn unit.Power
		for i, b := range in.Bids {
			if slices.Contains(l.Uses, b.Use) {
				drawn += a.meter(in, i, 0)
			}
		}
		if slices.Contains(l.Uses, name) && drawn+tolerance(in) >= l.Max {
			return true
		}
	}
	return false
}

// spotCost is the cheapest grid MWh of the first interval.
func spotCost(in Input) unit.Price {
	var least unit.Price
	found := false
	for _, o := range in.Offers {
		if !o.BehindMeter && (!found || o.Marginal(0) < least) {
			least, found = o.Marginal(0), true
		}
	}
	return least + adders(in)
}

// anySold reports whether a bought block is sold back in the first interval.
func (a *answer) anySold(in Input) bool {
	for o, offer := range in.Offers {
		if len(offer.SellBack) > 0 && a.supply[o][0] < offer.Max.At(0) {
			return true
		}
	}
	return false
}

// moneyReason explains a use that is off, or partly off, because of its worth.
func (a *answer) moneyReason(in Input, i int, r cycle.Reason) cycle.ReasonCode {
	b := in.Bids[i]
	switch {
	case r.Draw > 0 && r.Worth > r.Cost:
		return cycle.RampLimit
	case r.Draw > 0:
		return cycle.Partly
	case b.Steps[0].Worth.At(0).Unscale(b.PUE.At(0)) > r.Cost:
		return cycle.NotYetWorth
	}
	return cycle.TooDear
}

// gain is what the decision earns in its interval against the opposite one:
// what runs, against standing still; what stands still, against running.
func (a *answer) gain(in Input, i int) unit.Amount {
	b := in.Bids[i]
	length := in.Mesh.Lengths[0]
	var sum unit.Amount
	for k, s := range b.Steps {
		worth := s.Worth.At(0).Unscale(b.PUE.At(0))
		runs := a.on[i][k][0].Scale(b.Available.At(0))
		idle := s.Power.Scale(b.Available.At(0)) - runs
		sum += (worth - a.price[0]).Of(runs.Scale(b.PUE.At(0)).Over(length))
		sum += (a.price[0] - worth).Of(idle.Scale(b.PUE.At(0)).Over(length))
	}
	return sum
}
