package portfolio

import "slices"

// thin says which options are worth a look: an option that another of its site
// equals or betters in value, in every limit and in cash is left out.
func (t *table) thin() []bool {
	open := make([]bool, len(t.cols))
	for j := range open {
		open[j] = true
	}
	for i := range t.p.Sites {
		for a := t.first[i]; a < t.first[i+1]; a++ {
			for b := t.first[i]; b < t.first[i+1] && open[a]; b++ {
				if a != b && open[b] && t.covers(b, a) && (a > b || !t.covers(a, b)) {
					open[a] = false
				}
			}
		}
	}
	return open
}

// covers says whether b is as good as a in every respect.
func (t *table) covers(b, a int) bool {
	if t.mean[b] < t.mean[a] {
		return false
	}
	x, y := t.option(b), t.option(a)
	if t.p.Aversion > 0 {
		for s := range t.p.Scenarios {
			if at(x.NPV, s) < at(y.NPV, s) {
				return false
			}
		}
	}
	return t.lighter(b, a) && (t.p.Liquidity == nil || t.richer(x, y))
}

// lighter says whether b uses no more of any limit than a.
func (t *table) lighter(b, a int) bool {
	m := 0
	for _, e := range t.of[b] {
		for m < len(t.of[a]) && t.of[a][m].row < e.row {
			if t.of[a][m].by < 0 {
				return false
			}
			m++
		}
		other := 0.0
		if m < len(t.of[a]) && t.of[a][m].row == e.row {
			other = t.of[a][m].by
			m++
		}
		if e.by > other {
			return false
		}
	}
	for ; m < len(t.of[a]); m++ {
		if t.of[a][m].by < 0 {
			return false
		}
	}
	return true
}

// richer says whether x has as much cash as y at the end of every quarter.
func (t *table) richer(x, y *Option) bool {
	for s := range t.p.Scenarios {
		var ahead float64
		for q := range t.p.Quarters {
			ahead += at(at(x.Cash, s), q) - at(at(y.Cash, s), q)
			if ahead < 0 {
				return false
			}
		}
	}
	return true
}

// idle is the pick that builds nothing.
func (t *table) idle() []int {
	none := make([]int, len(t.p.Sites))
	for j := range t.cols {
		if t.option(j).Product == None {
			none[t.cols[j].site] = j
		}
	}
	return none
}

// mostSteps bounds a climb.
const mostSteps = 400

// climb changes one site at a time: first whatever breaks least, then whatever is
// worth most.
func (t *table) climb(pick []int, open []bool) []int {
	out := slices.Clone(pick)
	x := t.at(out)
	w := t.weigh(x)
	for range mostSteps {
		best, to := w, -1
		for i, j := range out {
			t.put(x, j, -1)
			for k := t.first[i]; k < t.first[i+1]; k++ {
				if k == j || !open[k] {
					continue
				}
				t.put(x, k, 1)
				if v := t.weigh(x); v.fault < best.fault || v.fault == best.fault && v.objective > best.objective {
					best, to = v, k
				}
				t.put(x, k, -1)
			}
			t.put(x, j, 1)
		}
		if to < 0 {
			return out
		}
		out[t.cols[to].site] = to
		x, w = t.at(out), best
	}
	return out
}
