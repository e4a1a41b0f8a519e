package dispatch

import (
	"math"
	"slices"

	"sluice/power"
	"sluice/series"
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
	limit    []float64 // import at the connection
	rating   float64   // hard import limit above the contract; 0: the contract is hard
	ordered  bool      // the limit is an instruction of the grid
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
	grid      bool // passes the connection
}

// taker is one use of power. Steps are in IT MW switched on, of which the share
// avail draws; worth is per IT MWh drawn.
type taker struct {
	cap         []float64   // by step, with everything available
	worth       [][]float64 // by step and interval
	avail       []float64   // share of what is switched on that draws
	pue         []float64
	upper       float64   // IT MW of the steps above the first per IT MW of the first
	starts      bool      // starting costs something
	start       []float64 // cost per MW of step 0 started
	on, draw    float64   // IT MW of step 0, and in all, before the first interval
	least, most []float64 // bounds on step 0 from minimum times
	floor       []float64 // nil: nothing promised
	penalty     float64
	ramp        float64 // MW per hour; 0: not limited
	whole       bool
	onLeast     []float64
	onMost      []float64
	minOn       float64 // hours
	minOff      float64
	due         []due
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
	for _, k := range m.takers {
		if k.whole {
			return true
		}
	}
	return false
}

func (m *market) dueCount() int {
	n := 0
	for _, k := range m.takers {
		n += len(k.due)
	}
	return n
}

// running is the on indicator before the first interval.
func (k taker) running() float64 {
	if k.on > 0 {
		return 1
	}
	return 0
}

// newMarket converts in; in has been validated.
func newMarket(in Input) *market {
	spans := in.Mesh.Intervals()
	m := &market{n: len(spans), mustRun: in.MustRun.MW()}
	for t, s := range spans {
		m.hours = append(m.hours, s.Hours())
		m.limit = append(m.limit, in.Limit.Import.At(t).MW())
	}
	if in.Limit.Rating > 0 {
		m.rating = in.Limit.Rating.MW()
	}
	m.ordered = in.Limit.Ordered
	for _, o := range in.Offers {
		m.lanes = append(m.lanes, m.newLane(o, in.Charges))
	}
	for _, b := range in.Bids {
		m.takers = append(m.takers, m.newTaker(b, spans))
	}
	for _, p := range in.Charges.Peaks {
		m.peaks = append(m.peaks, newPeak(p))
	}
	m.branches = newBranches(in)
	return m
}

// newLane prices one source: what drawing costs and what selling instead would
// have earned, its carbon, and for what passes the connection the charges on
// every import, expected coincident peaks included.
func (m *market) newLane(o power.Offer, c power.Charges) lane {
	l := lane{grid: !o.BehindMeter}
	for t := range m.n {
		cost := (o.Marginal(t) + c.Carbon.Price(o.Carbon)).Float()
		if l.grid {
			cost += perImport(c, t).Float()
			for _, k := range c.Coincident {
				cost += k.Cost.At(t).Float() / m.hours[t]
			}
		}
		l.cap, l.cost = append(l.cap, o.Max.At(t).MW()), append(l.cost, cost)
	}
	return l
}

// perImport is what every imported MWh costs on top of its source.
func perImport(c power.Charges, t int) unit.Price {
	if len(c.Import) == 0 {
		return 0
	}
	return c.Import.At(t)
}

func (m *market) newTaker(b use.Bid, spans []series.Interval) taker {
	k := taker{
		on: b.Now.On.MW(), draw: b.Now.Draw.MW(), whole: b.Whole, penalty: b.Penalty.Float(),
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
		k.start = append(k.start, b.Wear.Float()+b.Restart.Hours()*k.avail[t]*math.Max(0, k.worth[0][t]))
		if len(b.Floor) > 0 {
			k.floor = append(k.floor, b.Floor.At(t).MW())
		}
	}
	k.upper = (b.Capacity() - b.Steps[0].Power).MW() / b.Steps[0].Power.MW()
	m.rampOf(&k, b)
	k.hold(b, spans)
	for _, d := range b.Due {
		k.due = append(k.due, due{from: d.From, before: d.Before, energy: d.Energy.MWh(), penalty: d.Penalty.Float()})
	}
	return k
}

// rampOf keeps a ramp only where it can bind within the shortest interval; a
// fast ramp would only cost rows.
func (m *market) rampOf(k *taker, b use.Bid) {
	shortest := math.Inf(1)
	for _, h := range m.hours {
		shortest = math.Min(shortest, h)
	}
	if ramp := b.Ramp.MW() * 60; ramp > 0 && ramp*shortest < b.Capacity().MW() {
		k.ramp = ramp
	}
}

// hold turns minimum times that are still running into bounds on step 0.
func (k *taker) hold(b use.Bid, spans []series.Interval) {
	for _, s := range spans {
		least, most := 0.0, math.Inf(1)
		age := s.Start.Sub(b.Now.Since)
		if !b.Now.Since.IsZero() && age < b.MinOn {
			least = math.Min(b.Now.Held.MW(), k.cap[0])
		}
		if !b.Now.Since.IsZero() && age < b.MinOff {
			most = math.Max(0, k.cap[0]-b.Now.Rest.MW())
		}
		k.least, k.most = append(k.least, least), append(k.most, most)
		k.onLeast = append(k.onLeast, indicator(least > 0))
		k.onMost = append(k.onMost, indicator(b.Now.Rest == 0 || age >= b.MinOff))
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
				possible += b.Capacity().Scale(slices.Max(b.PUE))
			}
		}
		if possible > l.Max {
			out = append(out, k)
		}
	}
	return out
}

// watts converts megawatts of a load into watts, rounded down so that a limit
// holds; what is within a watt of its bound is the bound.
func watts(mw float64, bound unit.Power) unit.Power {
	w := unit.Power(math.Floor(mw*1e6 + 1e-3))
	switch {
	case w >= bound-1:
		return bound
	case w <= 1:
		return 0
	}
	return w
}
