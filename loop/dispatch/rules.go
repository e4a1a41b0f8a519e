package dispatch

import (
	"math"
	"slices"
	"time"

	"sluice/power"
	"sluice/unit"
	"sluice/use"
)

// This file holds what solver, merit order, recount and reasons must all read
// alike: what a source costs, which limit holds, what a minimum time still
// binds. All of it is exact in integers.

// laneCost is what drawing one MWh from offer o in interval t costs: its price,
// what selling it instead would have earned, its carbon, and for what passes
// the connection the charge on every import and the expected coincident peaks.
//
// Source: docs/formula/dispatch.md, "Cost of a source".
func laneCost(in Input, o, t int) unit.Price {
	offer, c := in.Offers[o], in.Charges
	cost := offer.Marginal(t) + c.Carbon.Price(offer.Carbon)
	if offer.BehindMeter {
		return cost
	}
	if len(c.Import) > 0 {
		cost += c.Import.At(t)
	}
	for _, k := range c.Coincident {
		cost += unit.Price(unit.MulDiv(int64(k.Cost.At(t)), int64(time.Hour), int64(in.Mesh.Lengths[t])))
	}
	return cost
}

// forced reports whether a source cannot be turned down: what it gives is drawn,
// fed in or spilt by name.
func forced(o power.Offer) bool { return o.BehindMeter && !o.Curtailable }

// importLimit is the contract limit or instruction of interval t, never above the rating.
func importLimit(in Input, t int) unit.Power {
	if l := in.Limit; l.Rating > 0 {
		return min(l.Import.At(t), l.Rating)
	}
	return in.Limit.Import.At(t)
}

// hardLimit is what the connection bears in interval t: the rating where one is
// stated, else the contract limit.
func hardLimit(in Input, t int) unit.Power { return max(importLimit(in, t), in.Limit.Rating) }

// orderedAt reports whether the limit of interval t is an instruction of the
// grid. Only instructions vary within a plan: where the limit is not at its
// highest, or is the same throughout an ordered plan, it is one.
func orderedAt(l power.Limit, t, n int) bool {
	if !l.Ordered {
		return false
	}
	least, most := l.Import.At(0), l.Import.At(0)
	for k := range n {
		least, most = min(least, l.Import.At(k)), max(most, l.Import.At(k))
	}
	return least == most || l.Import.At(t) < most
}

// exportLimit is the most that may be fed in during interval t.
func exportLimit(in Input, t int) unit.Power {
	if len(in.Limit.Export) == 0 {
		return in.Charges.ExportMax
	}
	return min(in.Charges.ExportMax, in.Limit.Export.At(t))
}

// startCost is what starting one MW of step 0 in interval t costs: wear, and
// what the available share would have earned until the machines work.
//
// Formula: wear + restart * availability * max(0, worth).
// Source: docs/formula/dispatch.md, "Start".
func startCost(b use.Bid, t int) unit.Amount {
	lost := max(0, b.Steps[0].Worth.At(t)).Of(unit.Megawatt.Over(b.Restart))
	return b.Wear + unit.Amount(unit.MulDiv(int64(lost), int64(b.Available.At(t)), int64(unit.One)))
}

// heldAt is how much of step 0 may not stop yet in interval t. What a state
// calls held is held in the first interval whatever its age; a state without
// age is as old as the plan.
func heldAt(in Input, b use.Bid, t int) unit.Power {
	if b.Now.Held <= 0 || !binds(in, b, t, b.MinOn) {
		return 0
	}
	return min(b.Now.Held, b.Steps[0].Power)
}

// restingAt is how much of step 0 may not start yet in interval t.
func restingAt(in Input, b use.Bid, t int) unit.Power {
	if b.Now.Rest <= 0 || !binds(in, b, t, b.MinOff) {
		return 0
	}
	return min(b.Now.Rest, b.Steps[0].Power)
}

// binds reports whether a minimum time d of the state still binds in interval t.
func binds(in Input, b use.Bid, t int, d time.Duration) bool {
	since := b.Now.Since
	if since.IsZero() {
		since = in.Mesh.Start
	}
	return t == 0 || in.Mesh.Start.Add(span(in, 0, t)).Sub(since) < d
}

// debt is energy owed within a stretch of the plan: what is due in it cannot be
// served outside it. A set of windows can be served together if and only if
// every stretch from the start of one to the end of one has room for all the
// windows that lie within it.
//
// Source: docs/formula/dispatch.md, "Energy due".
type debt struct {
	from, before int
	items        []int // dues that lie within
	energy       unit.Energy
}

// debtsOf lists the stretches that can bind.
func debtsOf(dues []use.Due) []debt {
	var out []debt
	for _, a := range starts(dues) {
		for _, b := range ends(dues) {
			d := debt{from: math.MaxInt, items: nil}
			for j, x := range dues {
				if x.From >= a && x.Before <= b {
					d.items, d.energy = append(d.items, j), d.energy+x.Energy
					d.from, d.before = min(d.from, x.From), max(d.before, x.Before)
				}
			}
			if len(d.items) > 0 && d.from == a && d.before == b {
				out = append(out, d)
			}
		}
	}
	return out
}

func starts(dues []use.Due) []int {
	var out []int
	for _, d := range dues {
		out = append(out, d.From)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func ends(dues []use.Due) []int {
	var out []int
	for _, d := range dues {
		out = append(out, d.Before)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// meterWorth is what one MWh at the meter is worth to step k of b in interval t.
func meterWorth(b use.Bid, k, t int) unit.Price { return b.Steps[k].Worth.At(t).Unscale(b.PUE.At(t)) }

// rampRoom is by how much the draw of b may change from one interval to t, and
// whether it is limited at all.
func rampRoom(in Input, b use.Bid, t int) (unit.Power, bool) {
	room := unit.Power(unit.MulDiv(int64(b.Ramp), int64(in.Mesh.Lengths[t]), int64(time.Minute)))
	return room, b.Ramp > 0 && room < b.Capacity()
}
