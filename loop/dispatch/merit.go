package dispatch

import (
	"cmp"
	"math"
	"slices"
	"time"

	"sluice/unit"
	"sluice/use"
)

// patience is how long a gain must last before merit order starts or stops a
// use; it stands in for the look-ahead that only the solver has.
const patience = time.Hour

// slice is a part of one step of one bid, valued at the meter.
type slice struct {
	bid, step int
	power     unit.Power // IT watts switched on
	worth     unit.Price // penalties that serving it avoids included
}

// byMerit serves interval after interval in falling order of worth while a
// cheaper source is left, in integers and without a solver. It keeps every
// limit that the solver keeps, weighs promises, deadlines and minimum times by
// the same penalties, and looks no further than its interval.
func byMerit(in Input) *answer {
	a := newAnswer(in)
	for t := range in.Mesh.Len() {
		r := newRound(in, a, t)
		r.serveHouse()
		for _, s := range r.slices() {
			r.serve(s)
		}
		r.spill()
		a.price[t] = a.marginalCost(in, t)
	}
	a.admitMissed(in)
	a.flag(in)
	a.worth = a.value(in)
	return a
}

// round is one interval of merit order.
type round struct {
	in    Input
	a     *answer
	t     int
	order []int        // offers, cheapest first, plants before the grid
	cost  []unit.Price // by offer
	left  []unit.Power // by offer
	grid  unit.Power   // import still allowed
	feed  unit.Power   // feed-in still allowed
	grams int64        // emissions still allowed under a cap
	spare []unit.Power // what each hall and feeder still bears
}

func newRound(in Input, a *answer, t int) *round {
	r := &round{in: in, a: a, t: t, grid: importLimit(in, t), feed: exportLimit(in, t)}
	for _, b := range in.Limit.Branches {
		r.spare = append(r.spare, b.Max)
	}
	for o, offer := range in.Offers {
		c := laneCost(in, o, t)
		if forced(offer) {
			c = unit.Price(unit.FromFloat(-penaltyNode)) // taken first: what is left of it is spilt
		}
		r.order, r.cost, r.left = append(r.order, o), append(r.cost, c), append(r.left, offer.Max.At(t))
	}
	slices.SortStableFunc(r.order, func(x, y int) int {
		return cmp.Or(cmp.Compare(r.cost[x], r.cost[y]), cmp.Compare(indicator(!in.Offers[x].BehindMeter), indicator(!in.Offers[y].BehindMeter)))
	})
	return r
}

// serveHouse serves the must-run load before anything else, beyond a peak, a
// cap or an instruction if need be, and says so. What is left for others keeps
// within all of them.
func (r *round) serveHouse() {
	want := r.in.MustRun
	r.grams = unlimited
	want -= r.take(want, math.MaxInt64)
	r.grid = hardLimit(r.in, r.t) - r.a.imported(r.in, r.t)
	r.a.unmet[r.t] = want - r.take(want, math.MaxInt64)
	imported := r.a.imported(r.in, r.t)
	r.a.over[r.t] = max(0, imported-importLimit(r.in, r.t))
	r.grid = max(0, min(importLimit(r.in, r.t), r.peakRoom())-imported)
	r.grams = r.carbonLeft()
}

// peakRoom is the import of this interval at which no measurement interval of a
// demand charge passes what is paid anyhow, when the rest of it imports as much.
func (r *round) peakRoom() unit.Power {
	most := unit.Power(math.MaxInt64)
	for _, p := range r.in.Charges.Peaks {
		for _, m := range p.Measures {
			room := p.Floor().Over(m.Length) - m.Realised
			var rest time.Duration
			counted := false
			for _, part := range m.Parts {
				if part.Interval < r.t {
					room -= r.a.imported(r.in, part.Interval).Over(part.Length)
					continue
				}
				rest += part.Length
				counted = counted || part.Interval == r.t
			}
			if counted && p.Rate > 0 {
				most = min(most, max(0, room.Mean(rest)-1))
			}
		}
	}
	return most
}

// unlimited emissions are those of a plan without a cap.
const unlimited = math.MaxInt64

// carbonLeft is what may still be emitted in this interval: the cap's share of
// the time gone by at its end, less what the plan emits so far.
func (r *round) carbonLeft() int64 {
	limit := r.in.Charges.Carbon.Cap
	if limit == 0 {
		return unlimited
	}
	share := unit.MulDiv(limit, int64(span(r.in, 0, r.t+1)), int64(span(r.in, 0, r.in.Mesh.Len())))
	gone, _ := r.a.emissions(r.in)
	return max(0, share-gone)
}

// room is what offer o can still give.
func (r *round) room(o int) unit.Power {
	offer, room := r.in.Offers[o], r.left[o]
	if !offer.BehindMeter {
		room = min(room, r.grid)
	}
	if offer.Carbon > 0 && r.grams != unlimited {
		clean := unit.Energy(unit.MulDiv(r.grams, int64(unit.KilowattHour), offer.Carbon)).Mean(r.in.Mesh.Lengths[r.t])
		room = min(room, max(0, clean-1))
	}
	return max(0, room)
}

// offered is what the sources that cost less than worth can still give, up to want.
func (r *round) offered(want unit.Power, worth unit.Price) unit.Power {
	var sum, grid unit.Power
	for _, o := range r.order {
		if sum >= want || r.cost[o] >= worth {
			break
		}
		n := min(want-sum, r.room(o))
		if !r.in.Offers[o].BehindMeter {
			n = min(n, r.grid-grid)
			grid += n
		}
		sum += n
	}
	return sum
}

// take draws up to want from the cheapest sources that cost less than worth and
// returns what it got.
func (r *round) take(want unit.Power, worth unit.Price) unit.Power {
	var got unit.Power
	for _, o := range r.order {
		if got == want || r.cost[o] >= worth {
			break
		}
		n := min(want-got, r.room(o))
		if n <= 0 {
			continue
		}
		r.left[o] -= n
		r.a.supply[o][r.t] += n
		if !r.in.Offers[o].BehindMeter {
			r.grid -= n
		}
		if r.grams != unlimited {
			r.grams = max(0, r.grams-gramsOf(n.Over(r.in.Mesh.Lengths[r.t]), r.in.Offers[o].Carbon))
		}
		got += n
	}
	return got
}

// slices lists the parts of all bids by falling worth; equal worths keep the
// order of the bids and of their steps.
func (r *round) slices() []slice {
	var out []slice
	for i, b := range r.in.Bids {
		out = append(out, r.slicesOf(i, b)...)
	}
	slices.SortStableFunc(out, func(x, y slice) int { return cmp.Compare(y.worth, x.worth) })
	return out
}

// mark is a power up to which serving a bid avoids a penalty per IT MWh.
type mark struct {
	power   unit.Power // IT watts switched on, counted from the first step
	penalty unit.Price
}

// slicesOf cuts the steps of a bid where what serving it avoids changes, and
// where machines end that run already: what lies above must start first.
func (r *round) slicesOf(i int, b use.Bid) []slice {
	resting := restingAt(r.in, b, r.t)
	if b.Whole && (resting > 0 || r.stoppedLately(i, b)) {
		return nil
	}
	marks, before := r.marks(i, b), r.a.firstBefore(b, i, r.t)
	var out []slice
	var from unit.Power
	plain, started := b.Steps[0].Worth.At(r.t), unit.Price(math.MaxInt64)
	for k, s := range b.Steps {
		plain = min(plain, s.Worth.At(r.t))
		end, runs := from+s.Power, from+share0(s.Power, min(before, b.Steps[0].Power), b)
		if k == 0 {
			end -= resting
		}
		for _, cut := range r.cuts(marks, stretch{from, end}, runs, b.Whole && k == 0) {
			w := avoiding(plain, marks, cut, b.Whole && k == 0).Unscale(b.PUE.At(r.t))
			switch {
			case k == 0:
				w += r.inertia(b, cut.to <= runs)
				started = w
			case cut.to > runs:
				w = min(w, started)
			}
			out = append(out, slice{bid: i, step: k, power: cut.to - cut.from, worth: w})
		}
		from += s.Power
	}
	return out
}

// avoiding is worth and the penalties that serving a stretch avoids. A whole
// step avoids all of them.
func avoiding(worth unit.Price, marks []mark, cut stretch, whole bool) unit.Price {
	for _, m := range marks {
		if m.power >= cut.to || whole {
			worth += m.penalty
		}
	}
	return worth
}

// stretch is a part of a bid's power, counted from the first step.
type stretch struct{ from, to unit.Power }

// cuts divides a step at the marks and at what runs already.
func (r *round) cuts(marks []mark, step stretch, runs unit.Power, whole bool) []stretch {
	at := []unit.Power{step.to}
	if !whole {
		at = append(at, runs)
		for _, m := range marks {
			at = append(at, m.power)
		}
	}
	slices.Sort(at)
	var out []stretch
	for _, p := range at {
		if p > step.from && p <= step.to {
			out = append(out, stretch{step.from, p})
			step.from = p
		}
	}
	return out
}

// marks lists up to where serving bid i avoids the penalty of a promise, a
// deadline, a minimum time or a ramp.
func (r *round) marks(i int, b use.Bid) []mark {
	var out []mark
	share := b.Available.At(r.t)
	drawn := func(it unit.Power, penalty unit.Price) {
		if it > 0 && share > 0 {
			on := unit.Power(unit.MulDiv(int64(it), int64(unit.One), int64(share)))
			out = append(out, mark{min(on+1, b.Capacity()), penalty})
		}
	}
	if held := r.a.mustStay(r.in, i, r.t); held > 0 {
		out = append(out, mark{held, unit.Price(unit.FromFloat(penaltyHold))})
	}
	if room, limited := rampRoom(r.in, b, r.t); limited {
		drawn(r.drewBefore(i, b)-room, unit.Price(unit.FromFloat(penaltyRamp)))
	}
	if len(b.Floor) > 0 {
		drawn(b.Floor.At(r.t), b.Penalty)
	}
	for _, d := range b.Due {
		drawn(r.pressing(i, b, d), d.Penalty)
	}
	return out
}

func (r *round) drewBefore(i int, b use.Bid) unit.Power {
	if r.t == 0 {
		return b.Now.Draw
	}
	return r.a.total(r.in, i, r.t-1)
}

// pressing is the power that must be drawn now so that the energy due by d, and
// by any deadline before it, can still be served.
func (r *round) pressing(i int, b use.Bid, d use.Due) unit.Power {
	if r.t < d.From || r.t >= d.Before {
		return 0
	}
	var owed unit.Energy
	for j, e := range r.a.owed(r.in, i, r.t) {
		if b.Due[j].Before <= d.Before {
			owed += e
		}
	}
	for t := r.t + 1; t < d.Before; t++ {
		owed -= b.Capacity().Scale(b.Available.At(t)).Over(r.in.Mesh.Lengths[t])
	}
	return max(0, owed.Mean(r.in.Mesh.Lengths[r.t]))
}

// stoppedLately reports whether a whole bid was stopped by the plan itself less
// than its minimum time off ago.
func (r *round) stoppedLately(i int, b use.Bid) bool {
	for z := r.t - 1; z >= 0 && span(r.in, z, r.t) < b.MinOff; z-- {
		if r.a.on[i][0][z] == 0 && r.a.firstBefore(b, i, z) > 0 {
			return true
		}
	}
	return false
}

// serve gives one slice what it may have.
func (r *round) serve(s slice) {
	b := r.in.Bids[s.bid]
	on := min(s.power, r.allowed(s, b))
	now := r.a.meter(r.in, s.bid, r.t)
	if b.Feed {
		if r.a.imported(r.in, r.t) > 0 {
			return
		}
		// Power that passed the connection both ways at once would not be metered.
		grid := r.grid
		r.grid = 0
		defer func() {
			if r.a.meter(r.in, s.bid, r.t) == now {
				r.grid = grid
			}
		}()
	}
	offered := r.offered(r.need(s, b, on), s.worth)
	if b.Feed {
		offered = min(offered, r.feed)
	}
	on = max(0, min(on, switchable(b, r.t, now+offered)-r.a.switched(s.bid, r.t)))
	for on > 0 && r.need(s, b, on) > offered {
		on--
	}
	if on <= 0 || b.Whole && s.step == 0 && on < s.power {
		return
	}
	need := r.need(s, b, on)
	r.take(need, s.worth)
	r.a.on[s.bid][s.step][r.t] += on
	for k, l := range r.in.Limit.Branches {
		if slices.Contains(l.Uses, b.Use) {
			r.spare[k] -= need
		}
	}
	if b.Feed {
		r.feed -= need
	}
}

// need is what switching on so much more adds at the meter.
func (r *round) need(s slice, b use.Bid, on unit.Power) unit.Power {
	it := (r.a.switched(s.bid, r.t) + on).Scale(b.Available.At(r.t))
	return it.ScaleUp(b.PUE.At(r.t)) - r.a.meter(r.in, s.bid, r.t)
}

// allowed is the power that limits other than supply allow a slice: its
// machines that run, its halls and feeders, its ramp.
func (r *round) allowed(s slice, b use.Bid) unit.Power {
	switched := r.a.switched(s.bid, r.t)
	room := unit.Power(math.MaxInt64)
	if s.step > 0 {
		room = share0(b.Steps[s.step].Power, r.a.on[s.bid][0][r.t], b) - r.a.on[s.bid][s.step][r.t]
	}
	now := r.a.meter(r.in, s.bid, r.t)
	for k, l := range r.in.Limit.Branches {
		if slices.Contains(l.Uses, b.Use) {
			room = min(room, switchable(b, r.t, now+r.spare[k])-switched)
		}
	}
	if up, limited := rampRoom(r.in, b, r.t); limited && b.Available.At(r.t) > 0 {
		most := unit.Power(unit.MulDiv(int64(r.drewBefore(s.bid, b)+up), int64(unit.One), int64(b.Available.At(r.t))))
		room = min(room, most-switched)
	}
	return max(0, room)
}

// spill admits what forced sources give and nothing takes.
func (r *round) spill() {
	for o, offer := range r.in.Offers {
		if forced(offer) {
			r.a.spill[r.t] += offer.Max.At(r.t) - r.a.supply[o][r.t]
			r.a.supply[o][r.t] = offer.Max.At(r.t)
		}
	}
}

// inertia raises the worth of what runs and lowers that of what is off by the
// cost of a start spread over the patience, so that merit order does not flap.
func (r *round) inertia(b use.Bid, runs bool) unit.Price {
	patient := max(patience, r.in.Mesh.Lengths[r.t])
	perMWh := unit.Price(unit.MulDiv(int64(startCost(b, r.t)), int64(time.Hour), int64(patient)))
	if runs {
		return perMWh
	}
	return -perMWh
}

// owed is the energy of each deadline of bid i that is not served before
// interval t, what was drawn serving the earliest open deadline first.
func (a *answer) owed(in Input, i, t int) []unit.Energy {
	dues := in.Bids[i].Due
	left := make([]unit.Energy, len(dues))
	order := make([]int, len(dues))
	for j, d := range dues {
		left[j], order[j] = d.Energy, j
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(dues[x].Before, dues[y].Before) })
	for z := range t {
		got := a.total(in, i, z).Over(in.Mesh.Lengths[z])
		for _, j := range order {
			if z >= dues[j].From && z < dues[j].Before {
				n := min(got, left[j])
				left[j], got = left[j]-n, got-n
			}
		}
	}
	return left
}

// admitMissed writes down what is not served by its deadline.
func (a *answer) admitMissed(in Input) {
	for i := range in.Bids {
		copy(a.missed[i], a.owed(in, i, in.Mesh.Len()))
	}
}
