package portfolio

import "slices"

// mostSweeps bounds how often all pairs of sites are tried.
const mostSweeps = 400

// exchange is a pick that is bettered by changing two sites at once: where a limit is
// full, one project must become later or smaller for another to become better.
type exchange struct {
	t     *table
	tried []bool  // of columns: in near, or picked
	near  [][]int // by site: columns that are tried
	pick  []int
	x     *point
	w     worth
	value []float64 // of columns: what one more of it is worth at most, money
	room  []float64 // of rows, without the two sites and then with the first of them
}

// exchanged betters a pick by the options of least reduced cost of every site.
func (s *search) exchanged(pick []int) []int {
	e := &exchange{t: s.t, near: s.near, pick: slices.Clone(pick), room: make([]float64, len(s.t.rows)), tried: make([]bool, len(s.t.cols))}
	for i, j := range pick {
		e.tried[j] = true
		for _, j := range s.near[i] {
			e.tried[j] = true
		}
	}
	x := s.t.at(pick)
	e.settle(x, s.t.weigh(x))
	for range mostSweeps {
		if !e.better() {
			break
		}
	}
	return e.pick
}

// settle stands at a pick and values the columns there.
func (e *exchange) settle(x *point, w worth) {
	e.x, e.w = x, w
	e.value = e.t.slope(e.x, &e.w, e.tried)
}

// slope is what each column that is tried is worth at a point. The objective is
// concave: no change is worth more than the sum of what its columns gain.
func (t *table) slope(x *point, w *worth, tried []bool) []float64 {
	out := make([]float64, len(t.cols))
	weight := t.p.cashSlope(x, w)
	for j := range out {
		if !tried[j] {
			continue
		}
		o := t.option(j)
		out[j] = t.mean[j]
		for s, v := range o.NPV {
			out[j] += t.p.Aversion * w.share[s] * v
		}
		if weight == nil {
			continue
		}
		for s, flows := range o.Cash {
			for q, v := range flows {
				out[j] += weight[s*t.p.Quarters+q] * v
			}
		}
	}
	return out
}

// cashSlope is what more cash in a scenario and quarter is worth: the penalty of all
// quarters from it on that are short. It is nil where none is.
func (p *Problem) cashSlope(x *point, w *worth) []float64 {
	if p.Liquidity == nil || p.Liquidity.Hard {
		return nil
	}
	out := make([]float64, len(p.Scenarios)*p.Quarters)
	for s := range p.Scenarios {
		level, row := p.Liquidity.Start, out[s*p.Quarters:(s+1)*p.Quarters]
		for q, v := range x.cash[s*p.Quarters : (s+1)*p.Quarters] {
			level += v
			if level < p.Liquidity.Least {
				row[q] = p.Liquidity.Penalty * p.Scenarios[s].Weight
			}
		}
		for q := len(row) - 2; q >= 0; q-- {
			row[q] += row[q+1]
		}
	}
	return out
}

// better goes through all pairs of sites once, and says whether that bettered the pick.
func (e *exchange) better() bool {
	done := false
	for i := range e.pick {
		for k := i + 1; k < len(e.pick); k++ {
			if e.pair(i, k) {
				done = true
			}
		}
	}
	return done
}

// pair tries the options of two sites.
func (e *exchange) pair(i, k int) bool {
	for r := range e.room {
		e.room[r] = e.t.rows[r].most - e.x.use[r]
	}
	e.lift(e.pick[i], -1)
	e.lift(e.pick[k], -1)
	from := e.value[e.pick[i]] + e.value[e.pick[k]]
	gain, best := 0.0, [2]int{}
	for _, a := range e.near[i] {
		e.lift(a, 1)
		for _, b := range e.near[k] {
			if g := e.value[a] + e.value[b] - from; g > gain && e.fits(b) {
				gain, best = g, [2]int{a, b}
			}
		}
		e.lift(a, -1)
	}
	return gain > 0 && e.take(i, k, best)
}

// lift takes the use of a column out of the room that is left.
func (e *exchange) lift(j int, times float64) {
	for _, x := range e.t.of[j] {
		e.room[x.row] -= times * x.by
	}
}

// fits says whether there is room for a column in every row.
func (e *exchange) fits(j int) bool {
	for _, x := range e.t.of[j] {
		if x.by > e.room[x.row] {
			return false
		}
	}
	return true
}

// take exchanges, and goes back where the true worth is no better.
func (e *exchange) take(i, k int, to [2]int) bool {
	was := [2]int{e.pick[i], e.pick[k]}
	e.pick[i], e.pick[k] = to[0], to[1]
	x := e.t.at(e.pick)
	if w := e.t.weigh(x); w.fault < e.w.fault || w.fault == e.w.fault && w.objective > e.w.objective {
		e.settle(x, w)
		return true
	}
	e.pick[i], e.pick[k] = was[0], was[1]
	return false
}
