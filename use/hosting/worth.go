package hosting

import (
	"cmp"
	"slices"
	"time"

	"sluice/series"
	"sluice/service"
	"sluice/unit"
	"sluice/use"
)

// faint is the least load that is priced by itself, as a share of the capacity: the
// worth of a watt grows as the watts of a unit fall, and what hardly draws at all
// frees nothing.
const faint = unit.One / 10

// breach is the penalty of taking power that a contract lets nobody take, and the
// most that any credit weighs in a plan: above every price of a market, and below
// what the market sets for an order of the grid, the rating of the connection, a ramp
// and a minimum time, which no credit overrules.
const breach = 15_000 * unit.PerMWh

// worths are the steps of the bid with what each is worth.
//
// Formula: V * ds / dP * units at work / (load / k), V what all units earn in an
// hour. Source: docs/formula/hosting.md, "Worth of a step".
func (b *bidder) worths() []use.Step {
	steps := slices.Clone(b.steps)
	at := max(0, slices.Index(b.granted, true)) // what is let go stands where its price belongs; the first step stays the first
	slices.SortStableFunc(steps[1:], func(x, y step) int { return cmp.Compare(b.plain(y, at), b.plain(x, at)) })
	out := make([]use.Step, len(steps))
	for k, s := range steps {
		out[k] = use.Step{Power: s.power, Worth: make(series.Profile[unit.Price], len(b.in.Intervals))}
		for i := range b.in.Intervals {
			w := b.plain(s, i)
			if k > 0 {
				w = min(w, out[k-1].Worth[i])
			}
			out[k].Worth[i] = w
		}
	}
	return out
}

// plain is what a step is worth by itself in interval i.
func (b *bidder) plain(s step, i int) unit.Price {
	w := b.crowded(b.flat(s), i)
	if !s.granted || !b.granted[i] {
		return w
	}
	if b.contract.Flex.Share == unit.One {
		return min(w, b.callWorth(i))
	}
	return b.callWorth(i)
}

// callWorth is the price of a call as a worth of IT power.
func (b *bidder) callWorth(i int) unit.Price { return b.in.Call.Scale(b.pue.At(i)) }

// flat is what a step is worth with every unit at full load.
func (b *bidder) flat(s step) unit.Price {
	hour := int64(b.contract.hourly(b.in.At, b.zone)) * b.contract.Units()
	return unit.Price(unit.MulDiv(hour, int64(s.speed), int64(s.power)))
}

// crowded raises a worth where the load is that of more units than would draw it at
// full load: a watt then carries more of the contract.
func (b *bidder) crowded(w unit.Price, i int) unit.Price {
	full := int64(b.available[i])
	if full == 0 {
		return w
	}
	return unit.Price(unit.MulDiv(int64(w), b.unitsAt(i), b.contract.Units()*max(full, int64(faint))))
}

// unitsAt is how many units the load of interval i is of, in millionths.
func (b *bidder) unitsAt(i int) int64 {
	at := b.in.Intervals[i].Start
	switch {
	case b.contract.Kind.Commits():
		return b.contract.CommittedAt(at, b.zone) * int64(unit.One)
	case len(b.in.Busy) > 0:
		return min(b.in.Busy.At(i), b.contract.Units()) * int64(unit.One)
	}
	return b.contract.Units() * int64(b.available[i])
}

// penalty is what a MWh of the floor costs that is not served: the credit at the end
// of a call of the typical length, along the convex lower bound of the tiers, and
// the risk of losing the tenant. What the time is worth to the tenant is in the steps.
// Where the contract lets nobody stop what runs, or says nothing of what that costs, it
// is a breach whatever the credit.
//
// Formula: min(15,000, (slope * 3600 + renewal) * units / load).
// Source: docs/formula/hosting.md, "Penalty".
func (b *bidder) penalty() unit.Price {
	if k := b.contract.Kind; k == Colocation || k == OnDemand || len(b.contract.Level.Tiers) == 0 && b.contract.Renewal == 0 {
		return breach
	}
	units, load := b.meanUnits()
	if units == 0 || load == 0 {
		return min(breach, Worth(b.contract.Renewal, b.each))
	}
	call := b.in.Hold
	if call == 0 {
		call = hold
	}
	slope := b.slope(units, call)
	hour, ok := unit.TryMulDiv(int64(slope.Cost), 3600, max(1, slope.Seconds))
	if ok {
		hour, ok = unit.TryMulDiv(hour+int64(b.contract.Renewal), units*int64(unit.Megawatt), int64(load))
	}
	if !ok { // a jump within a second is beyond every price
		return breach
	}
	return min(breach, unit.Price(hour))
}

// meanUnits is how many units the floor is of, and what they draw, in the mean of
// the plan; where it draws nothing at any time, none.
func (b *bidder) meanUnits() (int64, unit.Power) {
	var units, energy, length int64
	for i, s := range b.in.Intervals {
		d := int64(s.Length / time.Second)
		share := max(b.available[i], faint)
		if b.available[i] == 0 || d == 0 {
			continue
		}
		units += unit.MulDiv(b.unitsAt(i), d, int64(unit.One))
		energy += int64(b.Capacity().Scale(share)) * d
		length += d
	}
	if length == 0 {
		return 0, 0
	}
	return max(1, units/length), unit.Power(energy / length)
}

// slope is the stretch of the credit's lower bound in which a call ends that takes
// so many units: a share of the allowance is left for what nobody plans.
func (b *bidder) slope(units int64, call time.Duration) service.Slope {
	l, month := b.contract.Level, series.MonthOf(b.in.At, b.zone)
	rest := int64(month.End().Sub(b.in.At) / time.Second)
	most := units * min(rest, int64(max(call, b.end().Sub(b.in.At))/time.Second))
	taken := units * min(rest, int64(call/time.Second))
	fee := b.contract.Fee(month, b.zone)
	record := service.Record{Committed: b.contract.Committed(month.Start, month.End(), b.zone), Down: b.level.Down, Excused: b.level.Excused}
	if parts := b.level.records(); l.Scope == service.Instance && len(parts) > 0 {
		return service.At(b.apart(fee, record, parts, most), taken)
	}
	return service.At(l.Envelope(fee, b.guarded(record, b.in.Unplanned), most), taken)
}

// guarded is a record with the unplanned downtime in it as far as it costs nothing:
// the allowance that is left is the usable one, and the jump behind it stays.
func (b *bidder) guarded(r service.Record, unplanned int64) service.Record {
	if a, left := b.contract.Level.Allowance(r); left {
		r.Down += a - service.Usable(a, unplanned)
	}
	return r
}

// apart is the lower bound where each node fails by itself. The unplanned downtime is
// divided by nodes.
func (b *bidder) apart(fee unit.Amount, whole service.Record, parts []service.Record, most int64) []service.Slope {
	n := int64(len(parts))
	all := make([][]service.Slope, n)
	for i, p := range parts {
		p.Committed = whole.Committed / n
		all[i] = b.contract.Level.Envelope(unit.Amount(int64(fee)/n), b.guarded(p, b.in.Unplanned/n), most/n)
	}
	return service.Together(all...)
}

// byDeadline is work by deadline, and then by name; work without one is left out.
func byDeadline(in []Work) []Work {
	var out []Work
	for _, w := range in {
		if !w.Deadline.IsZero() {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b Work) int { return cmp.Or(a.Deadline.Compare(b.Deadline), cmp.Compare(a.ID, b.ID)) })
	return out
}
