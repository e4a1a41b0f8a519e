package dispatch

import (
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// hair is the difference of prices below which they count as equal: tie-breaking
// and rounding stay far below it.
const hair = unit.PerMWh / 1000

// reason says why bid i draws what it draws in the first interval. The rules
// are tried in the order of authority: equipment, promises, minimum times,
// limits, and only then money.
func (a *answer) reason(in Input, i int) cycle.Reason {
	b := in.Bids[i]
	r := cycle.Reason{Use: b.Use, Draw: a.total(in, i, 0), Cost: a.price[0]}
	r.Max = b.Capacity().Scale(b.Available.At(0))
	r.Worth = meterWorth(b, a.marginalStep(b, i), 0)
	r.Code = a.code(in, i, r)
	r.Flip = a.flip(in, i, r.Code)
	r.Gain = a.gain(in, i)
	return r
}

// marginalStep is the step that would change next: the first that is not all
// on, or the last when all are.
func (a *answer) marginalStep(b use.Bid, i int) int {
	for k, s := range b.Steps {
		if a.on[i][k][0] < s.Power {
			return k
		}
	}
	return len(b.Steps) - 1
}

func (a *answer) code(in Input, i int, r cycle.Reason) cycle.ReasonCode {
	b := in.Bids[i]
	switch {
	case r.Max == 0:
		return cycle.Unavailable
	case a.solver.Fallback != "":
		return cycle.MeritOrder
	case a.promises(in, i, r):
		return cycle.Promised
	}
	if r.Draw > 0 && a.lastWorth(b, i) < r.Cost-hair {
		if code := a.atLoss(in, i, r); code != "" {
			return code
		}
	}
	if r.Draw == r.Max {
		return cycle.Worthwhile
	}
	if code := a.heldBack(in, i, r); code != "" {
		return code
	}
	return a.moneyReason(b, i, r)
}

// promises reports whether a floor decides: what is drawn is what was promised,
// and it would not run, or not run more, for its worth alone.
func (a *answer) promises(in Input, i int, r cycle.Reason) bool {
	b := in.Bids[i]
	if len(b.Floor) == 0 || r.Draw == 0 {
		return false
	}
	off := r.Draw - b.Floor.At(0)
	return max(off, -off) <= tolerance(in)
}

// lastWorth is the worth at the meter of the last step of bid i that runs.
func (a *answer) lastWorth(b use.Bid, i int) unit.Price {
	worth := meterWorth(b, 0, 0)
	for k := range b.Steps {
		if a.on[i][k][0] > 0 {
			worth = meterWorth(b, k, 0)
		}
	}
	return worth
}

// atLoss explains a use of which something runs that is worth less than it costs.
func (a *answer) atLoss(in Input, i int, r cycle.Reason) cycle.ReasonCode {
	b := in.Bids[i]
	room, limited := rampRoom(in, b, 0)
	switch {
	case a.dueNow(b):
		return cycle.Promised
	case heldAt(in, b, 0) > 0 && meterWorth(b, 0, 0) < r.Cost-hair:
		return cycle.MinimumOn
	case limited && r.Draw > b.Now.Draw && b.Now.Draw+room <= r.Draw+tolerance(in):
		return cycle.RampLimit
	case limited && r.Draw < b.Now.Draw && b.Now.Draw-room >= r.Draw-tolerance(in):
		return cycle.RampLimit
	case limited && r.Draw > 0 && meterWorth(b, 0, 0) >= r.Cost-hair:
		return cycle.RampLimit
	case b.Now.On > 0 || a.startsSoon(b, i):
		return cycle.RideThrough
	}
	return ""
}

// dueNow reports whether energy is owed that this interval may serve.
func (a *answer) dueNow(b use.Bid) bool {
	for _, d := range b.Due {
		if d.From == 0 {
			return true
		}
	}
	return false
}

// startsSoon reports whether bid i runs on in the next interval.
func (a *answer) startsSoon(b use.Bid, i int) bool {
	return len(a.on[i][0]) > 1 && a.on[i][0][1] > 0 && (b.Restart > 0 || b.Wear > 0 || b.Whole)
}

// heldBack explains a use that something other than its worth keeps down.
func (a *answer) heldBack(in Input, i int, r cycle.Reason) cycle.ReasonCode {
	b, small := in.Bids[i], tolerance(in)
	if code := a.soldBack(in, r); code != "" {
		return code
	}
	if b.Feed {
		return a.feedHeld(in, r)
	}
	if r.Worth < a.gridCost(in)-hair {
		return ""
	}
	room, limited := rampRoom(in, b, 0)
	rest := restingAt(in, b, 0)
	switch {
	case rest > 0 && a.on[i][0][0]+small >= b.Steps[0].Power-rest, b.Whole && rest > 0:
		return cycle.MinimumOff
	case limited && r.Draw+small >= b.Now.Draw+room:
		return cycle.RampLimit
	case a.full(in) && orderedAt(in.Limit, 0, in.Mesh.Len()):
		return cycle.GridInstruction
	case a.full(in):
		return cycle.ConnectionLimit
	case a.branchFull(in, b.Use, 0):
		return cycle.BranchLimit
	case a.raisesPeak(in, 0):
		return cycle.PeakCharge
	}
	return ""
}

// feedHeld explains feed-in that is kept down although it earns more than power
// costs: the export limit is reached, or the connection carries imports.
func (a *answer) feedHeld(in Input, r cycle.Reason) cycle.ReasonCode {
	small := tolerance(in)
	if r.Worth > r.Cost+hair && (a.imported(in, 0) > small || a.fed(in, 0)+small >= exportLimit(in, 0)) {
		return cycle.ConnectionLimit
	}
	return ""
}

// full reports whether the first interval imports all that the connection allows.
func (a *answer) full(in Input) bool {
	return a.imported(in, 0)+tolerance(in) >= importLimit(in, 0)
}

// branchFull reports whether a hall or feeder of the use is full in interval t.
func (a *answer) branchFull(in Input, name string, t int) bool {
	for _, l := range in.Limit.Branches {
		for _, u := range l.Uses {
			if u == name && a.branchDraw(in, l, t)+tolerance(in) >= l.Max {
				return true
			}
		}
	}
	return false
}

// gridCost is what one more MWh through the connection would cost in the first
// interval: the cheapest grid source that is not used up, or where all are the
// dearest of them.
func (a *answer) gridCost(in Input) unit.Price {
	var least, most unit.Price
	room, found := false, false
	for o, offer := range in.Offers {
		if offer.BehindMeter {
			continue
		}
		c := laneCost(in, o, 0)
		if offer.Max.At(0)-a.supply[o][0] > tolerance(in) && (!room || c < least) {
			least, room = c, true
		}
		if !found || c > most {
			most, found = c, true
		}
	}
	switch {
	case room:
		return least
	case found:
		return most
	}
	return a.price[0]
}

// soldBack reports whether a use is kept down because a bought block earns more
// when sold: without the right to sell, the block would be worth drawing.
func (a *answer) soldBack(in Input, r cycle.Reason) cycle.ReasonCode {
	for o, offer := range in.Offers {
		if len(offer.SellBack) == 0 || offer.Max.At(0)-a.supply[o][0] <= tolerance(in) {
			continue
		}
		if c := laneCost(in, o, 0); r.Worth <= c+hair && r.Worth > c-offer.SellBack.At(0) {
			return cycle.SoldBack
		}
	}
	return ""
}

// moneyReason explains a use that is off, or partly off, because of its worth.
func (a *answer) moneyReason(b use.Bid, i int, r cycle.Reason) cycle.ReasonCode {
	switch {
	case a.marginalStep(b, i) == 0 && r.Worth > r.Cost+hair:
		return cycle.NotYetWorth
	case r.Draw > 0:
		return cycle.Partly
	}
	return cycle.TooDear
}

// flip is the cost of one MWh at the meter at which the decision for the first
// interval alone would turn, all other intervals as planned: above it what runs
// last would stop, below it what is off would run. It is the worth of the
// marginal step; for step 0 of a use whose starts cost something, the starts
// that the change would save or cause now and in the next interval are spread
// over the energy of this one; where a promise decides, its penalty counts as
// worth. Where something else than cost decides (a limit, a minimum time), it is
// the cost at which cost alone would decide otherwise.
//
// Formula: worth - change of start costs / (hours * availability * PUE).
// Source: docs/formula/dispatch.md, "Flip".
func (a *answer) flip(in Input, i int, code cycle.ReasonCode) unit.Price {
	b := in.Bids[i]
	k := a.marginalStep(b, i)
	worth := meterWorth(b, k, 0)
	if code == cycle.Promised {
		worth += promised(b, 0).Unscale(b.PUE.At(0))
	}
	share := unit.MulDiv(int64(b.Available.At(0)), int64(b.PUE.At(0)), int64(unit.One))
	if k > 0 || share == 0 {
		return worth
	}
	perMWh := unit.MulDiv(int64(a.startChange(in, i)), int64(time.Hour), int64(in.Mesh.Lengths[0]))
	return worth - unit.Price(unit.MulDiv(perMWh, int64(unit.One), share))
}

// startChange is by how much the cost of starts rises per MW of step 0 that
// runs more in the first interval, or falls per MW that runs less where all of
// it runs.
func (a *answer) startChange(in Input, i int) unit.Amount {
	b, first := in.Bids[i], a.on[i][0]
	now, rising := first[0], first[0] < in.Bids[i].Steps[0].Power
	var change unit.Amount
	if now > b.Now.On || rising && now == b.Now.On {
		change += startCost(b, 0)
	}
	if len(first) > 1 && (first[1] > now || !rising && first[1] == now) {
		change -= startCost(b, 1)
	}
	return change
}

// gain is what the decision earns in its interval against the opposite one:
// what runs, against standing still; what stands still, against running.
func (a *answer) gain(in Input, i int) unit.Amount {
	b := in.Bids[i]
	length := in.Mesh.Lengths[0]
	var sum unit.Amount
	for k, s := range b.Steps {
		worth := meterWorth(b, k, 0)
		runs := a.on[i][k][0].Scale(b.Available.At(0))
		idle := s.Power.Scale(b.Available.At(0)) - runs
		sum += (worth - a.price[0]).Of(runs.Scale(b.PUE.At(0)).Over(length))
		sum += (a.price[0] - worth).Of(idle.Scale(b.PUE.At(0)).Over(length))
	}
	return sum
}
