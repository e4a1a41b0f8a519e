package dispatch

import (
	"cmp"
	"slices"

	"sluice/loop/cycle"
	"sluice/unit"
)

// EachAlone is the solver status of a plan that fell apart into one small
// problem per use and needed no program.
const EachAlone = "each alone"

// apartBy is how much room, in MW, must be left on everything that uses share
// before they are called independent of each other.
const apartBy = 1e-4

// alone returns the optimum of a market in which nothing is shared, and nil for
// any other market.
//
// Where the dearest source in use is the same whether the uses draw nothing or
// all they could, and neither the connection nor a hall nor a source can fill
// up, no use changes what power costs another. The program then falls apart into
// one chain per use, which joins its intervals by its starts alone, and each
// chain is solved exactly by going through its levels (chain.best). A billed
// peak that the separate optima do not raise cannot have changed them either.
//
// Most turns of most sites are so. They need no solver, and both ways earn the
// same. Source: docs/formula/dispatch.md, "Uses alone".
func alone(m *market, in Input) *answer {
	cost := m.costs()
	if cost == nil || !m.apart(in) {
		return nil
	}
	a := newAnswer(in)
	for i := range in.Bids {
		c := newChain(m, i, cost)
		if !c.best() {
			return nil
		}
		c.write(a.on[i], in.Bids[i].Steps)
	}
	for t := range m.n {
		m.supply(in, a, t)
		if a.even(in, t) != nil {
			return nil
		}
	}
	if m.nearPeak(a) || a.recount(in) != nil {
		return nil
	}
	for t := range m.n {
		a.price[t] = unit.Price(unit.FromFloat(cost[t]))
	}
	a.flag(in)
	a.worth = a.value(in)
	a.solver = cycle.Solver{Status: EachAlone}
	return a
}

// apart reports whether the uses can only meet in the price: none feeds in, has
// promises, deadlines, ramps or indicators, no instruction holds, no source is
// forced, no carbon is capped, and no hall or feeder fills up with everything running.
func (m *market) apart(in Input) bool {
	if len(in.Bids) == 0 || m.carbon > 0 || m.both != nil || m.export != nil || slices.Contains(m.ordered, true) {
		return false
	}
	for _, l := range m.lanes {
		if l.must {
			return false
		}
	}
	for i, b := range in.Bids {
		k := &m.takers[i]
		if b.Feed || k.whole || k.ramp > 0 || k.floor != nil || len(k.due) > 0 {
			return false
		}
	}
	for _, b := range m.branches {
		for t := range m.n {
			full := 0.0
			for _, i := range b.takers {
				full += m.takers[i].full(t)
			}
			if full > b.limit-apartBy {
				return false
			}
		}
	}
	return true
}

// full is what the meter sees of a taker with every step running.
func (k *taker) full(t int) float64 {
	sum := 0.0
	for _, c := range k.cap {
		sum += c
	}
	return sum * k.avail[t] * k.pue[t]
}

// costs is what a MWh costs in each interval, or nil where that depends on how
// much the uses draw.
func (m *market) costs() []float64 {
	out := make([]float64, m.n)
	order := make([]int, len(m.lanes))
	for t := range out {
		full := m.mustRun
		for i := range m.takers {
			full += m.takers[i].full(t)
		}
		m.byCost(order, t)
		low, some := m.next(order, t, m.mustRun)
		high, enough := m.next(order, t, full)
		if !some || !enough || high != low {
			return nil
		}
		out[t] = low
	}
	return out
}

// byCost lists the sources of interval t in order, the cheapest first.
func (m *market) byCost(order []int, t int) {
	for o := range order {
		order[o] = o
	}
	if len(order) > 1 {
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(m.lanes[x].cost[t], m.lanes[y].cost[t]) })
	}
}

// next is the cost of the next MWh when load is served from the cheapest
// sources, and whether there is a next one.
func (m *market) next(order []int, t int, load float64) (float64, bool) {
	grid := m.limit[t]
	for _, o := range order {
		l := &m.lanes[o]
		room := l.cap[t]
		if l.grid {
			room = min(room, grid)
			grid -= room
		}
		if load < room-apartBy {
			return l.cost[t], true
		}
		load = max(0, load-room)
	}
	return 0, false
}

// supply serves what interval t draws from the cheapest sources.
func (m *market) supply(in Input, a *answer, t int) {
	load := in.MustRun
	for i := range in.Bids {
		load += a.meter(in, i, t)
	}
	order := make([]int, len(m.lanes))
	m.byCost(order, t)
	a.raise(in, t, order, load)
}

// nearPeak reports whether the plan raises a billed peak, or comes near it.
func (m *market) nearPeak(a *answer) bool {
	for _, p := range m.peaks {
		for _, w := range p.windows {
			average := w.realised
			for _, s := range w.share {
				for o := range m.lanes {
					if m.lanes[o].grid {
						average += s.weight * a.supply[o][s.t].MW()
					}
				}
			}
			if average > p.floor-apartBy {
				return true
			}
		}
	}
	return false
}
