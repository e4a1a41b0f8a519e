package portfolio

import (
	"cmp"
	"math"
	"slices"
)

// slack is by what share of its own size a limit may be passed: what rounding of
// sums explains. A limit of L with terms a counts as kept up to
// L + slack * (|L| + sum |a|).
const slack = 1e-8

// point is a choice, or a mixture of choices, in figures: what it uses of each row
// and what it pays in each scenario.
type point struct {
	use, gross []float64 // by row
	npv        []float64 // by scenario
	cash       []float64 // by scenario and quarter, flows; nil without liquidity
}

// empty is a point with nothing taken.
func (t *table) empty() *point {
	x := &point{use: make([]float64, len(t.rows)), gross: make([]float64, len(t.rows)), npv: make([]float64, len(t.p.Scenarios))}
	if t.p.Liquidity != nil {
		x.cash = make([]float64, len(t.p.Scenarios)*t.p.Quarters)
	}
	return x
}

// put puts a share of a column into a point.
func (t *table) put(x *point, j int, share float64) {
	for _, e := range t.of[j] {
		x.use[e.row] += share * e.by
		x.gross[e.row] += share * math.Abs(e.by)
	}
	o := t.option(j)
	for s, v := range o.NPV {
		x.npv[s] += share * v
	}
	if x.cash == nil {
		return
	}
	for s, flows := range o.Cash {
		to := x.cash[s*t.p.Quarters:]
		for q, v := range flows {
			to[q] += share * v
		}
	}
}

// at is the point of a pick: one column for every site.
func (t *table) at(pick []int) *point {
	x := t.empty()
	for _, j := range pick {
		t.put(x, j, 1)
	}
	return x
}

// worth is what a point is worth, and why.
type worth struct {
	objective, expected float64
	atRisk, tail        float64   // VaR and CVaR of the loss
	share               []float64 // of each scenario in the tail, sums to 1
	short               []float64 // by quarter: expected money below the least liquidity
	worst               []int     // by quarter: the scenario that is shortest, or -1
	fault               float64   // how much is broken, each limit relative to its size; 0: feasible
}

// weigh computes the objective of a point and what it breaks.
//
// Source: docs/formula/portfolio.md.
func (t *table) weigh(x *point) worth {
	var w worth
	for s, v := range x.npv {
		w.expected += t.p.Scenarios[s].Weight * v
	}
	w.atRisk, w.tail, w.share = t.tailOf(x.npv)
	w.objective = w.expected - t.p.Aversion*w.tail
	for r := range t.rows {
		if t.rows[r].broken(x.use[r], x.gross[r]) {
			w.fault += (x.use[r] - t.rows[r].most) / t.rows[r].size
		}
	}
	if t.p.Liquidity != nil {
		t.weighCash(x, &w)
	}
	return w
}

// weighCash adds what is short of the least liquidity.
func (t *table) weighCash(x *point, w *worth) {
	l, n := t.p.Liquidity, t.p.Quarters
	w.short, w.worst = make([]float64, n), slices.Repeat([]int{-1}, n)
	deepest := make([]float64, n)
	for s, scenario := range t.p.Scenarios {
		level, gross := l.Start, math.Abs(l.Start)+math.Abs(l.Least)
		for q, v := range x.cash[s*n : (s+1)*n] {
			level += v
			gross += math.Abs(v)
			below := l.Least - level
			if below <= slack*gross {
				continue
			}
			w.short[q] += scenario.Weight * below
			if below > deepest[q] {
				deepest[q], w.worst[q] = below, s
			}
			if l.Hard {
				w.fault += below / gross
			}
		}
	}
	if !l.Hard {
		for _, v := range w.short {
			w.objective -= l.Penalty * v
		}
	}
}

// broken says whether a use passes the limit by more than rounding explains.
func (r *row) broken(use, gross float64) bool {
	return use-r.most > slack*(math.Abs(r.most)+gross)
}

// tailOf is the value at risk and the CVaR of losses, which are values with their
// sign turned, and the share of each scenario in the tail.
//
// Formula: the worst share 1-beta of all weight, its last scenario in part.
// Source: docs/formula/portfolio.md.
func (t *table) tailOf(npv []float64) (atRisk, tail float64, share []float64) {
	order := make([]int, len(npv))
	for s := range order {
		order[s] = s
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(npv[a], npv[b]) })
	share = make([]float64, len(npv))
	room, gone := 1-t.p.Beta, 0.0
	for _, s := range order {
		if gone > room+weightSlack {
			break
		}
		atRisk = -npv[s]
		weight := t.p.Scenarios[s].Weight
		share[s] = min(max(room-gone, 0), weight) / room
		tail -= share[s] * npv[s]
		gone += weight
	}
	return atRisk, tail, share
}
