package dispatch

import (
	"math"
	"slices"

	"sluice/power"
	"sluice/unit"
	"sluice/use"
)

// market is the input in megawatts, hours and currency units, interval by
// interval. This file is the one way from integers into floats; no rounding
// takes place because every integer in range is exact as a float64.
type market struct {
	n        int
	hours    []float64
	mustRun  float64
	limit    []float64 // import at the connection, never above the rating
	rating   float64   // hard import limit above the contract; 0: the contract is hard
	ordered  []bool    // the limit is an instruction of the grid
	export   []float64 // most that may be fed in; nil: no bid could pass it
	fed      float64   // most that the bids that feed in could feed in
	both     []bool    // importing in order to feed in would pay; nil: in no interval
	carbon   float64   // cap in tonnes; 0: none
	lanes    []lane
	takers   []taker
	peaks    []peak
	branches []branch
}

// branch is a hall or feeder and the takers that hang on it.
type branch struct {
	limit  float64
	takers []int
}

// lane is one source of power.
type lane struct {
	cap, cost []float64
	grid      bool    // passes the connection
	must      bool    // cannot be turned down
	carbon    float64 // tonnes per MWh
}

// taker is one use of power. Steps are in IT MW switched on, of which the share
// avail draws; worth is per IT MWh drawn.
type taker struct {
	cap        []float64   // by step, with everything available
	worth      [][]float64 // by step and interval
	avail      []float64   // share of what is switched on that draws
	pue        []float64
	feed       bool
	tied       bool      // upper steps need machines of step 0 that run
	starts     bool      // starting costs something
	start      []float64 // cost per MW of step 0 started
	on, draw   float64   // IT MW of step 0, and drawn in all, before the first interval
	held, most []float64 // bounds on step 0 from minimum times that are still running
	floor      []float64 // nil: nothing promised
	penalty    float64
	ramp       float64 // MW per hour; 0: not limited
	whole      bool
	minOn      float64 // hours
	minOff     float64
	due        []due
	debts      []debt
}

type due struct {
	from, before    int
	energy, penalty float64
}

// peak is one demand charge over the plan.
type peak struct {
	rate, floor float64
	windows     []window
}

// window is one measurement interval of a demand charge; realised is the
// average power that the part already metered contributes.
type window struct {
	realised float64
	share    []share
}

type share struct {
	t      int
	weight float64
}

func (m *market) mixed() bool {
	return m.both != nil || slices.ContainsFunc(m.takers, func(k taker) bool { return k.whole })
}

func (m *market) dueCount() int {
	n := 0
	for _, k := range m.takers {
		n += len(k.due)
	}
	return n
}

// running is the on indicator before the first interval.
func (k taker) running() float64 { return indicator(k.on > 0) }

// newMarket converts in; in has been validated.
func newMarket(in Input) *market {
	spans := in.Mesh.Intervals()
	m := &market{n: len(spans), mustRun: in.MustRun.MW(), rating: in.Limit.Rating.MW()}
	for t, s := range spans {
		m.hours = append(m.hours, s.Hours())
		m.limit = append(m.limit, importLimit(in, t).MW())
		m.ordered = append(m.ordered, orderedAt(in.Limit, t, len(spans)))
	}
	for o, offer := range in.Offers {
		m.lanes = append(m.lanes, newLane(in, o, offer))
	}
	for _, b := range in.Bids {
		m.takers = append(m.takers, m.newTaker(in, b))
	}
	for _, p := range in.Charges.Peaks {
		m.peaks = append(m.peaks, newPeak(p))
	}
	m.branches = newBranches(in)
	m.carbon = float64(in.Charges.Carbon.Cap) / 1e6
	m.feeding(in)
	return m
}

// newLane prices one source, by laneCost.
func newLane(in Input, o int, offer power.Offer) lane {
	l := lane{grid: !offer.BehindMeter, must: forced(offer), carbon: float64(offer.Carbon) / 1000}
	for t := range in.Mesh.Len() {
		l.cap, l.cost = append(l.cap, offer.Max.At(t).MW()), append(l.cost, laneCost(in, o, t).Float())
	}
	return l
}

func (m *market) newTaker(in Input, b use.Bid) taker {
	k := taker{
		on: b.Now.On.MW(), draw: b.Now.Draw.MW(), whole: b.Whole, feed: b.Feed, penalty: b.Penalty.Float(),
		starts: b.Restart > 0 || b.Wear > 0,
		minOn:  b.MinOn.Hours(), minOff: b.MinOff.Hours(),
	}
	for _, s := range b.Steps {
		worths := make([]float64, m.n)
		for t := range m.n {
			worths[t] = s.Worth.At(t).Float()
		}
		k.cap, k.worth = append(k.cap, s.Power.MW()), append(k.worth, worths)
	}
	for t := range m.n {
		k.pue, k.avail = append(k.pue, b.PUE.At(t).Float()), append(k.avail, b.Available.At(t).Float())
		k.start = append(k.start, startCost(b, t).Float())
		if len(b.Floor) > 0 {
			k.floor = append(k.floor, b.Floor.At(t).MW())
		}
		k.held = append(k.held, heldAt(in, b, t).MW())
		k.most = append(k.most, (b.Steps[0].Power - restingAt(in, b, t)).MW())
	}
	k.tied = len(b.Steps) > 1 && (k.starts || b.Whole || b.MinOff > 0 || !falling(b, m.n))
	m.rampOf(&k, b)
	for _, d := range b.Due {
		k.due = append(k.due, due{from: d.From, before: d.Before, energy: d.Energy.MWh(), penalty: d.Penalty.Float()})
	}
	k.debts = debtsOf(b.Due)
	return k
}

// falling reports whether no step is worth more than the one below it, so that
// the steps fill in order by themselves.
func falling(b use.Bid, n int) bool {
	for k := 1; k < len(b.Steps); k++ {
		for t := range n {
			if b.Steps[k].Worth.At(t) > b.Steps[k-1].Worth.At(t) {
				return false
			}
		}
	}
	return true
}

// rampOf keeps a ramp only where it can bind within the shortest interval; a
// fast ramp would only cost rows.
func (m *market) rampOf(k *taker, b use.Bid) {
	if ramp := b.Ramp.MW() * 60; ramp > 0 && ramp*slices.Min(m.hours) < b.Capacity().MW() {
		k.ramp = ramp
	}
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// newPeak states a demand charge in megawatts.
func newPeak(p power.Peak) peak {
	k := peak{rate: p.Rate.Float(), floor: p.Floor().MW()}
	for _, m := range p.Measures {
		w := window{realised: m.Realised.Mean(m.Length).MW()}
		for _, part := range m.Parts {
			w.share = append(w.share, share{t: part.Interval, weight: part.Length.Hours() / m.Length.Hours()})
		}
		k.windows = append(k.windows, w)
	}
	return k
}

// newBranches finds the takers of each branch by name; a branch whose takers
// cannot fill it costs no row.
func newBranches(in Input) []branch {
	var out []branch
	for _, l := range in.Limit.Branches {
		k, possible := branch{limit: l.Max.MW()}, unit.Power(0)
		for i, b := range in.Bids {
			if slices.Contains(l.Uses, b.Use) {
				k.takers = append(k.takers, i)
				possible += mostAtMeter(b)
			}
		}
		if possible > l.Max {
			out = append(out, k)
		}
	}
	return out
}

// mostAtMeter is the most that a bid can draw at the meter.
func mostAtMeter(b use.Bid) unit.Power { return b.Capacity().ScaleUp(slices.Max(b.PUE)) }

// feeding finds whether what is fed in needs rows: where a bid could pass the
// export limit, and where power bought for less than feed-in earns could be
// passed on, which no meter would show.
func (m *market) feeding(in Input) {
	most, least := unit.Power(0), unit.Power(math.MaxInt64)
	for _, b := range in.Bids {
		if b.Feed {
			most += mostAtMeter(b)
		}
	}
	if most == 0 {
		return
	}
	m.fed = most.MW()
	for t := range m.n {
		x := exportLimit(in, t)
		m.export, least = append(m.export, x.MW()), min(least, x)
	}
	if most <= least {
		m.export = nil
	}
	both := make([]bool, m.n)
	for t := range both {
		both[t] = m.passesOn(t)
	}
	if slices.Contains(both, true) {
		m.both = both
	}
}

// passesOn reports whether some import of interval t costs less than some
// feed-in earns.
func (m *market) passesOn(t int) bool {
	cost, worth := math.Inf(1), math.Inf(-1)
	for _, l := range m.lanes {
		if l.grid && l.cap[t] > 0 {
			cost = min(cost, l.cost[t])
		}
	}
	for _, k := range m.takers {
		if k.feed && k.avail[t] > 0 {
			worth = max(worth, k.worth[0][t]/k.pue[t])
		}
	}
	return cost < worth
}
