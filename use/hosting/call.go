package hosting

import "sluice/unit"

// slack is what rounding takes of a draw and is no call: a thousandth.
const slack = unit.One / 1000

// Calling is the call that a plan needs and that must be announced now, because the
// next turn would be too late for its notice: from the first interval in which the
// plan takes what the tenant lets go, as long as it goes on doing so and the terms
// allow. It is false where the plan takes nothing beyond what was announced, or can
// still wait. The plan is that of the bid made of in; draw is its IT power.
func (t *Tenancy) Calling(in Input, draw []unit.Power) (Call, bool) {
	if t.contract.Kind != Flexible || t.check(in) != nil || len(draw) != len(in.Intervals) {
		return Call{}, false
	}
	b := t.newBidder(in)
	first := 0
	for first < len(draw) && !b.takes(first, draw[first]) {
		first++
	}
	if first == len(draw) {
		return Call{}, false
	}
	next, f := in.At.Add(in.Intervals[0].Length), t.contract.Flex
	call := Call{From: in.Intervals[first].Start}
	if call.From.Sub(next) >= f.Notice {
		return Call{}, false
	}
	most, _ := in.Flex.Left(f, call.From, t.zone)
	if f.Event > 0 {
		most = min(most, f.Event)
	}
	call.To = call.From
	for i := first; i < len(draw) && b.takes(i, draw[i]) && call.To.Equal(in.Intervals[i].Start); i++ {
		call.To = in.Intervals[i].End()
	}
	if latest := call.From.Add(most); call.To.After(latest) {
		call.To = latest
	}
	return call, call.To.After(call.From)
}

// takes reports whether a draw takes of what the tenant lets go in interval i, beyond
// what limits take and a call covers that was announced.
func (b *bidder) takes(i int, draw unit.Power) bool {
	if !b.granted[i] || b.in.Flex.Covers(b.in.Intervals[i]) {
		return false
	}
	var kept unit.Power
	for _, s := range b.steps {
		if !s.band {
			kept += s.power.Scale(b.available[i])
		}
	}
	return draw < kept-kept.Scale(slack)-unit.Power(len(b.steps))
}
