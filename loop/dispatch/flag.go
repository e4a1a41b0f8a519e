package dispatch

import (
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// flag names every commitment that the answer breaks. Flags are read off the
// integer plan and not off the solver's slacks, so that what is broken is said
// whoever made the plan; what rounding explains is not broken.
func (a *answer) flag(in Input) {
	a.flags = nil
	for t := range in.Mesh.Len() {
		a.flagSite(in, t)
		for i := range in.Bids {
			a.flagBid(in, i, t)
		}
	}
	for i, b := range in.Bids {
		for j, d := range b.Due {
			window := span(in, d.From, d.Before)
			a.say(in, cycle.Flag{Code: cycle.JobMiss, Interval: d.Before - 1, Power: a.missed[i][j].Mean(window), Subject: b.Use + "/" + d.ID})
		}
	}
	a.flagCarbon(in)
}

// say adds a flag unless rounding explains it.
func (a *answer) say(in Input, f cycle.Flag) {
	if f.Power > tolerance(in) {
		a.flags = append(a.flags, f)
	}
}

func (a *answer) flagSite(in Input, t int) {
	site := in.Head.Site
	a.say(in, cycle.Flag{Code: cycle.NodeShort, Interval: t, Power: a.unmet[t], Subject: site})
	a.say(in, cycle.Flag{Code: cycle.NodeSpill, Interval: t, Power: a.spill[t], Subject: site})
	code := cycle.ImportOver
	if orderedAt(in.Limit, t, in.Mesh.Len()) {
		code = cycle.OrderMiss
	}
	a.say(in, cycle.Flag{Code: code, Interval: t, Power: a.imported(in, t) - importLimit(in, t), Subject: site})
}

func (a *answer) flagBid(in Input, i, t int) {
	b := in.Bids[i]
	draw := a.total(in, i, t)
	a.say(in, cycle.Flag{Code: cycle.MinRunBreak, Interval: t, Power: a.mustStay(in, i, t) - a.on[i][0][t], Subject: b.Use})
	if room, limited := rampRoom(in, b, t); limited {
		before := b.Now.Draw
		if t > 0 {
			before = a.total(in, i, t-1)
		}
		a.say(in, cycle.Flag{Code: cycle.RampOver, Interval: t, Power: max(draw-before, before-draw) - room, Subject: b.Use})
	}
	if len(b.Floor) > 0 {
		a.say(in, cycle.Flag{Code: cycle.ContractShort, Interval: t, Power: b.Floor.At(t) - draw, Subject: b.Use})
	}
}

// mustStay is how much of step 0 of bid i may not stop in interval t: what the
// state holds and, of a whole step, what the plan itself started too recently.
func (a *answer) mustStay(in Input, i, t int) unit.Power {
	b := in.Bids[i]
	held := heldAt(in, b, t)
	if !b.Whole || b.MinOn == 0 {
		return held
	}
	for z := t - 1; z >= 0 && span(in, z, t) < b.MinOn; z-- {
		if a.on[i][0][z] > 0 && a.firstBefore(b, i, z) == 0 {
			return b.Steps[0].Power
		}
	}
	return held
}

// firstBefore is what of step 0 was on in the interval before t.
func (a *answer) firstBefore(b use.Bid, i, t int) unit.Power {
	if t == 0 {
		return b.Now.On
	}
	return a.on[i][0][t-1]
}

// flagCarbon names emissions above the cap as the mean power over the plan that
// causes them.
func (a *answer) flagCarbon(in Input) {
	limit := in.Charges.Carbon.Cap
	if limit == 0 {
		return
	}
	grams, energy := a.emissions(in)
	over := grams - limit
	if over <= 0 || grams == 0 {
		return
	}
	excess := unit.Energy(unit.MulDiv(int64(energy), over, grams))
	n := in.Mesh.Len()
	a.say(in, cycle.Flag{Code: cycle.CarbonOver, Interval: n - 1, Power: excess.Mean(span(in, 0, n)), Subject: in.Head.Site})
}

// emissions is what the plan emits, in grams, and the energy that it emits it for.
func (a *answer) emissions(in Input) (grams int64, energy unit.Energy) {
	for o, offer := range in.Offers {
		if offer.Carbon == 0 {
			continue
		}
		for t, p := range a.supply[o] {
			e := p.Over(in.Mesh.Lengths[t])
			grams += gramsOf(e, offer.Carbon)
			energy += e
		}
	}
	return grams, energy
}

// gramsOf is what e emits at so many grams per kWh.
func gramsOf(e unit.Energy, perKWh int64) int64 {
	return unit.MulDiv(int64(e), perKWh, int64(unit.KilowattHour))
}

// span is the time from the beginning of interval a to the beginning of interval b.
func span(in Input, a, b int) time.Duration {
	var d time.Duration
	for t := a; t < b; t++ {
		d += in.Mesh.Lengths[t]
	}
	return d
}
