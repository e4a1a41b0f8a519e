package shed

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"sluice/unit"
)

// point is one way to leave an item; the first of every item leaves it alone.
type point struct {
	saved  unit.Power
	cost   unit.Amount
	ready  time.Duration
	option int32 // of the item; -1: none
}

// segment is one edge of the lower convex hull of an item's points.
type segment struct {
	item     int32
	to       int32 // point at which it ends
	last     bool  // of its item
	saved    unit.Power
	cost     unit.Amount
	ready    time.Duration
	touched  bool
	tenant   int32 // see rankTenants
	position int32 // of the item in order of ID
}

// allowed reports whether an option may be taken at all, and whether without
// breaking into a firm tenant.
func allowed(it *Item, o *Option, a Ask) (may, soft bool) {
	may = o.Saved > 0 && o.Cost >= 0 && o.Ready <= a.Within && o.Lever != Hold
	return may, may && (!it.Firm || o.Lever != Evict)
}

// pointsOf are the points of an item, in order of what they save. firm lets
// evictions of firm tenants in.
func pointsOf(out []point, it *Item, a Ask, firm bool) []point {
	begin := len(out)
	out = append(out, point{option: -1})
	for i := range it.Options {
		o := &it.Options[i]
		if may, soft := allowed(it, o, a); soft || may && firm {
			out = append(out, point{saved: o.Saved, cost: o.Cost, ready: o.Ready, option: int32(i)})
		}
	}
	slices.SortStableFunc(out[begin:], func(a, b point) int {
		return cmp.Or(cmp.Compare(a.saved, b.saved), cmp.Compare(a.cost, b.cost), cmp.Compare(a.ready, b.ready))
	})
	return out
}

// hullOf appends the edges of the lower convex hull of an item's points.
func hullOf(out []segment, pts []point, base segment) []segment {
	begin, from := len(out), 0
	for from < len(pts)-1 {
		best := -1
		for to := from + 1; to < len(pts); to++ {
			if pts[to].saved <= pts[from].saved {
				continue
			}
			// The farthest of the cheapest: edges of one item rise strictly in price.
			if best < 0 || !dearer(pts[to].cost-pts[from].cost, pts[to].saved-pts[from].saved, pts[best].cost-pts[from].cost, pts[best].saved-pts[from].saved) {
				best = to
			}
		}
		if best < 0 {
			break
		}
		s := base
		s.to, s.saved, s.cost, s.ready = int32(best), pts[best].saved-pts[from].saved, pts[best].cost-pts[from].cost, pts[best].ready
		out = append(out, s)
		from = best
	}
	if len(out) > begin {
		out[len(out)-1].last = true
	}
	return out
}

// dearer reports whether cost c for s watts is more per watt than d for t watts.
func dearer(c unit.Amount, s unit.Power, d unit.Amount, t unit.Power) bool {
	return perWatt(c, s, d, t) > 0
}

// perWatt compares c/s with d/t in 128 bits; s and t are positive.
func perWatt(c unit.Amount, s unit.Power, d unit.Amount, t unit.Power) int {
	if neg := c < 0; neg != (d < 0) {
		if neg {
			return -1
		}
		return 1
	} else if neg {
		return perWatt(-d, t, -c, s)
	}
	h1, l1 := bits.Mul64(uint64(c), uint64(t))
	h2, l2 := bits.Mul64(uint64(d), uint64(s))
	return cmp.Or(cmp.Compare(h1, h2), cmp.Compare(l1, l2))
}

// byMerit orders segments: the cheapest watt, then the faster lever, then who is
// touched already, then tenant after tenant, so that few are touched.
func byMerit(a, b *segment) int {
	if c := perWatt(a.cost, a.saved, b.cost, b.saved); c != 0 {
		return c
	}
	if a.touched != b.touched {
		if a.touched {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.ready, b.ready), cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.position, b.position), cmp.Compare(a.to, b.to))
}

// fractional is the least that so many watts cost if segments could be cut
// anywhere; no choice of whole options costs less.
func fractional(segs []segment, need unit.Power) unit.Amount {
	var cost unit.Amount
	for i := range segs {
		s := &segs[i]
		if need <= 0 {
			break
		}
		if s.saved > need {
			return cost + unit.Amount(unit.MulDiv(int64(s.cost), int64(need), int64(s.saved)))
		}
		cost, need = cost+s.cost, need-s.saved
	}
	return cost
}
