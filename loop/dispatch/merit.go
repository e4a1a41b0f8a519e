package dispatch

import (
	"cmp"
	"math"
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/unit"
	"sluice/use"
)

// patience is how long a gain must last before merit order starts or stops a
// use; it stands in for the look-ahead that only the solver has.
const patience = time.Hour

// slice is one step of one bid, valued at the meter.
type slice struct {
	bid, step int
	worth     unit.Price
	must      bool // promised, held or due
}

// byMerit serves interval after interval in falling order of worth while a
// cheaper source is left, in integers and without a solver. It keeps every
// limit that the solver keeps, and looks no further than its interval.
func byMerit(in Input) *answer {
	a := newAnswer(in)
	for t := range in.Mesh.Len() {
		r := newRound(in, a, t)
		r.serveHouse()
		for _, s := range r.slices() {
			r.serve(s)
		}
	}
	return a
}

// round is one interval of merit order.
type round struct {
	in    Input
	a     *answer
	t     int
	order []int // offers, cheapest first
	left  []unit.Power
	grid  unit.Power   // import still allowed
	spare []unit.Power // what each hall and feeder still bears
}

func newRound(in Input, a *answer, t int) *round {
	r := &round{in: in, a: a, t: t, grid: in.Limit.Import.At(t)}
	for _, p := range in.Charges.Peaks {
		if floor := p.Floor(); floor > 0 && counts(p, t) {
			r.grid = min(r.grid, floor)
		}
	}
	for _, b := range in.Limit.Branches {
		r.spare = append(r.spare, b.Max)
	}
	for o, offer := range in.Offers {
		r.order = append(r.order, o)
		r.left = append(r.left, offer.Max.At(t))
	}
	slices.SortStableFunc(r.order, func(x, y int) int { return cmp.Compare(r.cost(x), r.cost(y)) })
	return r
}

// counts reports whether interval t lies in a measurement interval of p.
func counts(p power.Peak, t int) bool {
	for _, m := range p.Measures {
		for _, part := range m.Parts {
			if part.Interval == t {
				return true
			}
		}
	}
	return false
}

// cost is what one MWh of offer o costs, what it would earn when sold included.
func (r *round) cost(o int) unit.Price {
	offer := r.in.Offers[o]
	c := offer.Marginal(r.t) + r.in.Charges.Carbon.Price(offer.Carbon)
	if !offer.BehindMeter {
		c += perImport(r.in.Charges, r.t)
	}
	return c
}

// take draws up to want from the cheapest sources that cost less than worth and
// returns what it got. The last price taken becomes the site's price.
func (r *round) take(want unit.Power, worth unit.Price, must bool) unit.Power {
	var got unit.Power
	for _, o := range r.order {
		if got == want || !must && r.cost(o) >= worth {
			break
		}
		n := min(want-got, r.left[o])
		if !r.in.Offers[o].BehindMeter {
			n = min(n, r.grid)
			r.grid -= n
		}
		if n > 0 {
			r.left[o] -= n
			r.a.supply[o][r.t] += n
			r.a.price[r.t] = r.cost(o)
			got += n
		}
	}
	return got
}

// serveHouse serves the must-run load before anything else, beyond a peak or an
// instruction if need be, and says so.
func (r *round) serveHouse() {
	want := r.in.MustRun
	got := r.take(want, 0, true)
	if got < want && r.in.Limit.Import.At(r.t) > r.in.MustRun {
		r.grid = want - got
		got += r.take(want-got, 0, true)
		r.grid = 0
	}
	if got < want {
		r.a.unmet[r.t] = want - got
		r.a.flags = append(r.a.flags, cycle.Flag{Code: cycle.NodeShort, Interval: r.t, Power: want - got, Subject: r.in.Head.Site})
	}
	if len(r.order) > 0 && r.a.price[r.t] == 0 {
		r.a.price[r.t] = r.cost(r.order[0])
	}
}

// slices lists the steps of all bids: what is promised or held first, then by
// falling worth; equal worths keep the order of the bids.
func (r *round) slices() []slice {
	var out []slice
	for i, b := range r.in.Bids {
		for k, s := range b.Steps {
			out = append(out, slice{bid: i, step: k, worth: s.Worth.At(r.t).Unscale(b.PUE.At(r.t)), must: r.must(i, k)})
		}
	}
	slices.SortStableFunc(out, func(x, y slice) int {
		if x.must != y.must {
			return cmp.Compare(indicator(y.must), indicator(x.must))
		}
		if x.step != y.step && x.bid == y.bid {
			return cmp.Compare(x.step, y.step)
		}
		return cmp.Compare(y.worth, x.worth)
	})
	return out
}

// must reports whether step k of bid i may not be refused for its price.
func (r *round) must(i, k int) bool {
	b := r.in.Bids[i]
	if len(b.Floor) > 0 && b.Floor.At(r.t) > 0 && k == 0 {
		return true
	}
	for _, d := range b.Due {
		if r.t >= d.From && r.t < d.Before && r.noSlack(i, d.Before, d.Energy) {
			return true
		}
	}
	age := r.in.Mesh.Intervals()[r.t].Start.Sub(b.Now.Since)
	return k == 0 && b.Now.Held > 0 && !b.Now.Since.IsZero() && age < b.MinOn
}

// noSlack reports whether energy can only just be served before the deadline.
func (r *round) noSlack(i, before int, energy unit.Energy) bool {
	var possible unit.Energy
	for t := r.t; t < before; t++ {
		possible += r.in.Bids[i].Capacity().Scale(r.in.Bids[i].Available.At(t)).Over(r.in.Mesh.Lengths[t])
	}
	return possible <= energy
}

// serve gives one slice what it may have.
func (r *round) serve(s slice) {
	b := r.in.Bids[s.bid]
	want := min(r.wanted(s), r.switchable(b, r.branchRoom(b.Use)))
	if want <= 0 {
		return
	}
	worth := s.worth
	if s.step == 0 && !s.must {
		worth += r.inertia(s)
	}
	need := r.atMeter(b, want)
	got := r.take(need, worth, s.must)
	on := want
	if got < need {
		on = min(want, r.switchable(b, got))
	}
	if b.Whole && s.step == 0 && on < want {
		r.giveBack(got)
		on = 0
	}
	r.a.on[s.bid][s.step][r.t] = on
	for k, l := range r.in.Limit.Branches {
		if slices.Contains(l.Uses, b.Use) {
			r.spare[k] -= r.atMeter(b, on)
		}
	}
}

// atMeter is what the meter sees of power switched on, rounded up.
func (r *round) atMeter(b use.Bid, on unit.Power) unit.Power {
	return atMeter(on.Scale(b.Available.At(r.t)), b.PUE.At(r.t))
}

// switchable is the most power that may be switched on for so much at the meter.
func (r *round) switchable(b use.Bid, meter unit.Power) unit.Power {
	factor := unit.MulDiv(int64(b.Available.At(r.t)), int64(b.PUE.At(r.t)), int64(unit.One))
	if factor == 0 || meter > b.Capacity()*2*unit.Power(b.PUE.At(r.t)/unit.One+1) {
		return math.MaxInt64
	}
	on := unit.Power(unit.MulDiv(int64(meter), int64(unit.One), factor)) + 3
	for on > 0 && r.atMeter(b, on) > meter {
		on--
	}
	return max(0, on)
}

// branchRoom is what the halls and feeders of a use still bear, at the meter.
func (r *round) branchRoom(name string) unit.Power {
	room := unit.Power(math.MaxInt64)
	for k, l := range r.in.Limit.Branches {
		if slices.Contains(l.Uses, name) {
			room = min(room, r.spare[k])
		}
	}
	return room
}

// giveBack returns power taken for a slice that must run whole and cannot.
func (r *round) giveBack(n unit.Power) {
	for k := len(r.order) - 1; k >= 0 && n > 0; k-- {
		o := r.order[k]
		back := min(n, r.a.supply[o][r.t])
		r.a.supply[o][r.t] -= back
		r.left[o] += back
		if !r.in.Offers[o].BehindMeter {
			r.grid += back
		}
		n -= back
	}
}

// wanted is the IT power that the slice may switch on: no step above the first
// without machines that run, none that must still rest.
func (r *round) wanted(s slice) unit.Power {
	b := r.in.Bids[s.bid]
	capacity := b.Steps[s.step].Power
	if s.step == 0 {
		age := r.in.Mesh.Intervals()[r.t].Start.Sub(b.Now.Since)
		if b.Now.Rest > 0 && !b.Now.Since.IsZero() && age < b.MinOff {
			capacity = max(0, capacity-b.Now.Rest)
		}
		return capacity
	}
	return unit.Power(unit.MulDiv(int64(capacity), int64(r.a.on[s.bid][0][r.t]), int64(b.Steps[0].Power)))
}

// inertia raises the worth of what runs and lowers that of what is off by the
// cost of a start spread over the patience, so that merit order does not flap.
func (r *round) inertia(s slice) unit.Price {
	b := r.in.Bids[s.bid]
	lost := b.Steps[0].Worth.At(r.t).Of(unit.Megawatt.Over(b.Restart))
	perMWh := unit.Price(unit.MulDiv(int64(lost+b.Wear), int64(time.Hour), int64(patience)))
	runs := b.Now.On > 0
	if r.t > 0 {
		runs = r.a.on[s.bid][0][r.t-1] > 0
	}
	if runs {
		return perMWh
	}
	return -perMWh
}
