package dispatch

import (
	"cmp"
	"fmt"
	"slices"

	"sluice/power"
	"sluice/unit"
	"sluice/use"
)

// tolerance is how many watts rounding and the solver's feasibility tolerance
// can add up to; anything beyond is a wrong answer.
func tolerance(in Input) unit.Power {
	n := 20 + 2*len(in.Offers)
	for _, b := range in.Bids {
		n += 3 + 2*len(b.Steps)
	}
	return unit.Power(n)
}

// even makes supply meet demand to the watt in interval t, moving no more than
// rounding explains. The balancing source takes up what rounding left, then the
// others; where none can, the last bids give way by those watts.
func (a *answer) even(in Input, t int) error {
	given := a.netFeed(in, t)
	gap := a.gap(in, t)
	if small := tolerance(in); gap > small || gap < -small-given {
		return fmt.Errorf("%w: in interval %d demand exceeds supply by %v", errRecount, t, gap)
	}
	order := balancingOrder(in, t)
	excess := a.imported(in, t) - importLimit(in, t) - a.over[t]
	if excess > tolerance(in)+given {
		return fmt.Errorf("%w: in interval %d the import exceeds its limit by %v", errRecount, t, excess)
	}
	a.lower(in, t, order, excess, true)
	if a.over[t] > 0 { // what is admitted may take up the watts of whole steps, within the rating
		a.over[t] = min(a.over[t]+tolerance(in), hardLimit(in, t)-importLimit(in, t))
	}
	gap = a.gap(in, t)
	a.spill[t] -= min(a.spill[t], max(0, gap))
	a.unmet[t] -= min(a.unmet[t], max(0, -gap))
	if gap = a.gap(in, t); gap > 0 {
		a.raise(in, t, order, gap)
		a.giveWay(in, t, a.gap(in, t))
	}
	a.lower(in, t, order, -a.gap(in, t), false)
	a.over[t] = max(0, a.imported(in, t)-importLimit(in, t))
	return a.admit(in, t)
}

// admit takes the watts that nothing could move as not served or spilt.
func (a *answer) admit(in Input, t int) error {
	switch gap := a.gap(in, t); {
	case gap < 0 && a.spill[t]-gap <= forcedOutput(in, t):
		a.spill[t] -= gap
	case gap > 0 && a.unmet[t]+gap <= in.MustRun:
		a.unmet[t] += gap
	case gap != 0:
		return fmt.Errorf("%w: in interval %d demand exceeds supply by %v and nothing can give way", errRecount, t, gap)
	}
	return nil
}

// balancingOrder lists the offers that may move by watts: grid sources without
// a right to sell back first, dearest first.
func balancingOrder(in Input, t int) []int {
	var order []int
	for o, offer := range in.Offers {
		if !forced(offer) {
			order = append(order, o)
		}
	}
	plain := func(o int) float64 {
		return indicator(in.Offers[o].BehindMeter) + indicator(len(in.Offers[o].SellBack) > 0)
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Or(cmp.Compare(plain(x), plain(y)), cmp.Compare(laneCost(in, y, t), laneCost(in, x, t)))
	})
	return order
}

// lower takes n watts from the sources, of the grid alone if so said.
func (a *answer) lower(in Input, t int, order []int, n unit.Power, grid bool) {
	for _, o := range order {
		if n <= 0 {
			return
		}
		if grid && in.Offers[o].BehindMeter {
			continue
		}
		back := min(n, a.supply[o][t])
		a.supply[o][t] -= back
		n -= back
	}
}

// raise draws n watts more from the sources, as far as their limits allow.
func (a *answer) raise(in Input, t int, order []int, n unit.Power) {
	grid := importLimit(in, t) + a.over[t] - a.imported(in, t)
	for _, o := range order {
		more := min(n, in.Offers[o].Max.At(t)-a.supply[o][t])
		if !in.Offers[o].BehindMeter {
			more = min(more, grid)
			grid -= max(0, more)
		}
		if more > 0 {
			a.supply[o][t] += more
			n -= more
		}
	}
}

// giveWay lowers the bids, last first, until the meter needs n less. A step that
// runs whole or not at all does not give way.
func (a *answer) giveWay(in Input, t int, n unit.Power) {
	for i, b := range slices.Backward(in.Bids) {
		share := b.Available.At(t)
		for k, on := range slices.Backward(a.on[i]) {
			if n <= 0 || share == 0 || b.Whole && k == 0 {
				continue
			}
			before := a.meter(in, i, t)
			on[t] -= min(on[t], n.Unscale(share)+2*unit.Power(unit.One/share))
			n -= before - a.meter(in, i, t)
		}
	}
}

// netFeed keeps a site from feeding in what it takes from the grid in the same
// interval, which no meter would show: feed-in gives way to what the plants
// behind the meter do not have left over. It returns by how much.
func (a *answer) netFeed(in Input, t int) unit.Power {
	own := -in.MustRun + a.unmet[t]
	for o, offer := range in.Offers {
		if offer.BehindMeter {
			own += a.supply[o][t]
		}
	}
	for i, b := range in.Bids {
		if !b.Feed {
			own -= a.meter(in, i, t)
		}
	}
	var given unit.Power
	for i, b := range in.Bids {
		if !b.Feed {
			continue
		}
		before := a.meter(in, i, t)
		if before > max(0, own) {
			a.feedAtMost(in, i, t, max(0, own))
		}
		given += before - a.meter(in, i, t)
		own -= a.meter(in, i, t)
	}
	return given
}

// feedAtMost lowers a bid that feeds in, last step first, to so much at the meter.
func (a *answer) feedAtMost(in Input, i, t int, most unit.Power) {
	for _, on := range slices.Backward(a.on[i]) {
		if a.meter(in, i, t) <= most {
			return
		}
		others := a.switched(i, t) - on[t]
		on[t] = max(0, min(on[t], switchable(in.Bids[i], t, most)-others))
	}
}

// switchable is the most power that may be switched on in interval t for so much at the meter.
func switchable(b use.Bid, t int, meter unit.Power) unit.Power {
	share, pue := b.Available.At(t), b.PUE.At(t)
	if share <= 0 || b.Capacity().Scale(share).ScaleUp(pue) <= meter {
		return b.Capacity()
	}
	on := unit.Power(unit.MulDiv(int64(meter), int64(unit.One), int64(pue))).Unscale(share) + 4
	for on > 0 && on.Scale(share).ScaleUp(pue) > meter {
		on--
	}
	return max(0, on)
}

// recount holds the answer against everything that may not be broken, in exact
// arithmetic: what is broken here makes the answer wrong, not the site.
func (a *answer) recount(in Input) error {
	for t := range in.Mesh.Len() {
		if err := a.recountSupply(in, t); err != nil {
			return err
		}
		for i := range in.Bids {
			if err := a.recountBid(in, i, t); err != nil {
				return err
			}
		}
	}
	return a.recountDues(in)
}

func (a *answer) recountSupply(in Input, t int) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: interval %d: "+format, append([]any{errRecount, t}, args...)...)
	}
	for o, offer := range in.Offers {
		p, most := a.supply[o][t], offer.Max.At(t)
		if p < 0 || p > most || forced(offer) && p != most {
			return wrong("%s supplies %v of %v", offer.Source, p, most)
		}
	}
	imp, fed := a.imported(in, t), a.fed(in, t)
	switch {
	case a.gap(in, t) != 0:
		return wrong("demand exceeds supply by %v", a.gap(in, t))
	case a.unmet[t] < 0 || a.unmet[t] > in.MustRun:
		return wrong("%v of %v of the house load are not served", a.unmet[t], in.MustRun)
	case a.spill[t] < 0 || a.spill[t] > forcedOutput(in, t):
		return wrong("%v of %v are spilt", a.spill[t], forcedOutput(in, t))
	case a.over[t] < 0 || imp > importLimit(in, t)+a.over[t] || imp > hardLimit(in, t):
		return wrong("import of %v exceeds the limit of %v", imp, importLimit(in, t))
	case fed > exportLimit(in, t)+tolerance(in):
		return wrong("feed-in of %v exceeds the limit of %v", fed, exportLimit(in, t))
	case fed > 0 && imp > tolerance(in):
		return wrong("imports %v and feeds in %v at once", imp, fed)
	}
	for _, l := range in.Limit.Branches {
		if drawn := a.branchDraw(in, l, t); drawn > l.Max+tolerance(in) {
			return wrong("branch %s draws %v of %v", l.Name, drawn, l.Max)
		}
	}
	return nil
}

// forcedOutput is what the sources that cannot be turned down give in interval t.
func forcedOutput(in Input, t int) unit.Power {
	var sum unit.Power
	for _, o := range in.Offers {
		if forced(o) {
			sum += o.Max.At(t)
		}
	}
	return sum
}

// branchDraw is what the uses on a hall or feeder draw at the meter.
func (a *answer) branchDraw(in Input, l power.Branch, t int) unit.Power {
	var drawn unit.Power
	for i, b := range in.Bids {
		if slices.Contains(l.Uses, b.Use) {
			drawn += a.meter(in, i, t)
		}
	}
	return drawn
}

func (a *answer) recountBid(in Input, i, t int) error {
	b, small := in.Bids[i], tolerance(in)
	first := a.on[i][0][t]
	rest := restingAt(in, b, t)
	if first > b.Steps[0].Power-rest {
		return fmt.Errorf("%w: interval %d: %s runs %v of step 0 while %v must rest", errRecount, t, b.Use, first, rest)
	}
	if b.Whole && first != 0 && first != b.Steps[0].Power {
		return fmt.Errorf("%w: interval %d: %s runs %v of a whole step of %v", errRecount, t, b.Use, first, b.Steps[0].Power)
	}
	for k, s := range b.Steps {
		p := a.on[i][k][t]
		if p < 0 || p > s.Power || p > share0(s.Power, first, b)+small && tied(b) {
			return fmt.Errorf("%w: interval %d: %s runs %v of step %d of %v, and %v of step 0", errRecount, t, b.Use, p, k, s.Power, first)
		}
	}
	return nil
}

// share0 is p times the share of step 0 that is on.
func share0(p, first unit.Power, b use.Bid) unit.Power {
	return unit.Power(unit.MulDiv(int64(p), int64(first), int64(b.Steps[0].Power)))
}

// tied reports whether upper steps need machines of step 0 for more than money's sake.
func tied(b use.Bid) bool { return b.Restart > 0 || b.Wear > 0 || b.Whole || b.MinOff > 0 }

// recountDues checks that what was not served by its deadline is admitted.
func (a *answer) recountDues(in Input) error {
	for i, b := range in.Bids {
		for _, d := range debtsOf(b.Due) {
			var got, slack unit.Energy
			for t := d.from; t < d.before; t++ {
				got += a.total(in, i, t).Over(in.Mesh.Lengths[t])
				slack += tolerance(in).Over(in.Mesh.Lengths[t])
			}
			for _, j := range d.items {
				got += a.missed[i][j]
			}
			if got+slack < d.energy {
				return fmt.Errorf("%w: %s serves or admits %.6f of %.6f MWh due", errRecount, b.Use, got.MWh(), d.energy.MWh())
			}
		}
	}
	return nil
}
