package rate

import (
	"cmp"
	"slices"
)

// superseded reports for each of ordered intervals whether later revisions of its
// meter and component say all of its stretch anew, cut in whatever way. Then it
// counts no more, like a lower revision of the same interval. What has a fault
// supersedes nothing; where a part is said anew, and the rest is not, both stay and
// overlap.
//
// Source: docs/formula/rating.md.
func superseded(in []Interval, whys []Reason) []bool {
	out := make([]bool, len(in))
	for from := 0; from < len(in); {
		to, reach, overlaps := from+1, in[from].To, false
		for to < len(in) && in[from].beside(in[to]) {
			overlaps = overlaps || in[to].From < reach
			reach = max(reach, in[to].To)
			to++
		}
		if overlaps {
			recut(in[from:to], whys[from:to], out[from:to])
		}
		from = to
	}
	return out
}

// beside reports whether two intervals are of one meter and component.
func (i Interval) beside(o Interval) bool {
	return i.Contract == o.Contract && i.Component == o.Component && i.Meter == o.Meter
}

// recut marks what is said anew among the intervals of one meter, from the highest
// revision down.
func recut(in []Interval, whys []Reason, old []bool) {
	order := make([]int, len(in))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(in[b].Revision, in[a].Revision) })
	var said cover
	for first := 0; first < len(order); {
		last := first
		for ; last < len(order) && in[order[last]].Revision == in[order[first]].Revision; last++ {
			i := order[last]
			old[i] = !in[i].Span().Empty() && said.holds(in[i].Span())
		}
		for _, i := range order[first:last] {
			if whys[i] == "" {
				said.add(in[i].Span())
			}
		}
		first = last
	}
}

// cover is seconds, as spans in order that neither overlap nor touch.
type cover []Span

// at is the first span that ends at a second or later.
func (c cover) at(second int64) int {
	i, _ := slices.BinarySearchFunc(c, second, func(s Span, to int64) int { return cmp.Compare(s.To, to) })
	return i
}

// holds reports whether all seconds of a stretch are there.
func (c cover) holds(s Span) bool {
	i := c.at(s.To)
	return i < len(c) && c[i].From <= s.From
}

// add takes a stretch in.
func (c *cover) add(s Span) {
	from := c.at(s.From)
	to := from
	for ; to < len(*c) && (*c)[to].From <= s.To; to++ {
		s = Span{min(s.From, (*c)[to].From), max(s.To, (*c)[to].To)}
	}
	*c = slices.Replace(*c, from, to, s)
}
