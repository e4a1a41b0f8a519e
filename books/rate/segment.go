package rate

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strings"

	"sluice/books"
	"sluice/unit"
)

// segment is a stretch in which nothing changes that a term depends on.
type segment struct {
	span   Span
	prices []*big.Rat // escalated, one for each price of the term; nil: one is missing
	share  *big.Rat   // of the commitment, and of the period: what is committed in this stretch is share * commitment
}

// frame is what a line is rated in: one version of a contract, the part of a
// period in which it is in force, and the prices.
type frame struct {
	contract Contract
	period   Span // the whole one, for which monthly prices are
	window   Span // the part of it in which this version charges
	stretch  Span // the same, where only a part of it is rated so far
	book     pricebook
}

// segments cuts the window of a frame for one term. The prices used come with it.
func (f frame) segments(t Term) ([]segment, []PriceVersion) {
	var used []PriceVersion
	edges := []int64{f.window.From, f.window.To}
	for _, name := range t.prices() {
		for _, p := range f.book.over(name, f.window) {
			used, edges = append(used, p), append(edges, p.From, p.To)
		}
	}
	edges = append(edges, f.calendar(t)...)
	slices.Sort(edges)
	edges = slices.DeleteFunc(slices.Compact(edges), func(e int64) bool { return e < f.window.From || e > f.window.To })
	var out []segment
	for i := 1; i < len(edges); i++ {
		out = append(out, f.segment(t, Span{edges[i-1], edges[i]}))
	}
	return out, used
}

// calendar is where the ramp, the escalator and the stretches of a cap change.
func (f frame) calendar(t Term) []int64 {
	var out []int64
	c := f.contract
	for m := range t.Ramp {
		out = append(out, anniversary(c.Start, m+1, c.Zone))
	}
	if t.Escalator != 0 {
		for y, at := 1, c.Start; at < f.window.To; y++ {
			at = anniversary(c.Start, 12*y, c.Zone)
			out = append(out, at)
		}
	}
	if t.CapSeconds > 0 && t.IT != "" {
		for at := f.window.From - f.window.From%t.CapSeconds; at < f.window.To; at += t.CapSeconds {
			out = append(out, at)
		}
	}
	return out
}

func (f frame) segment(t Term, s Span) segment {
	c := f.contract
	part := ratio(s.Seconds(), f.period.Seconds())
	if m := passed(c, s.From, 1, len(t.Ramp)); m < len(t.Ramp) {
		part.Mul(part, shareOf(t.Ramp[m]))
	}
	grown := whole(1)
	if t.Escalator != 0 {
		grown = escalated(t.Escalator, passed(c, s.From, 12, longestYears))
	}
	g := segment{span: s, share: part}
	for _, name := range t.prices() {
		at := f.book.over(name, s)
		if len(at) != 1 { // every price begins and ends on an edge: it holds throughout, or not at all
			return segment{span: s, share: part}
		}
		g.prices = append(g.prices, times(whole(at[0].Value), grown))
	}
	return g
}

// longestYears bounds the years of a contract.
const longestYears = 1100

// passed is how many stretches of so many months have gone by since the start, at most most.
func passed(c Contract, at int64, months, most int) int {
	return sort.Search(most, func(n int) bool { return anniversary(c.Start, months*(n+1), c.Zone) > at })
}

// runs joins readings of a meter that follow one another within a segment. Nothing
// but their sum counts there, so that it makes no difference to what a line is made
// of, and to its hash, where a meter's stretch was cut.
func runs(used []Interval, segments []segment) []Interval {
	var out []Interval
	for _, x := range used {
		if n := len(out) - 1; n >= 0 && follows(out[n], x) && holds(segments, Span{out[n].From, x.To}) {
			if sum, ok := books.Add(out[n].Quantity, x.Quantity); ok {
				out[n].To, out[n].Quantity = x.To, sum
				continue
			}
		}
		out = append(out, x)
	}
	return out
}

// follows reports whether b goes on where a ends, and is like it in all else but its
// quantity.
func follows(a, b Interval) bool {
	if a.To != b.From {
		return false
	}
	a.From, a.To, a.Quantity = b.From, b.To, b.Quantity
	return a == b
}

// holds reports whether one segment holds a stretch whole.
func holds(segments []segment, s Span) bool {
	i := sort.Search(len(segments), func(i int) bool { return segments[i].span.To > s.From })
	return i < len(segments) && segments[i].span.From <= s.From && s.To <= segments[i].span.To
}

// metered is what intervals gave to the segments of a term.
type metered struct {
	quantity    []int64 // of each segment, base units
	apportioned bool    // an interval was cut
	estimated   bool
	meters      []string
	revision    int // the highest
	used        []Interval
}

// spread lays ordered intervals of a component on segments. An interval that
// crosses an edge is cut in proportion to seconds.
func spread(in []Interval, segments []segment) (metered, error) {
	m := metered{quantity: make([]int64, len(segments)), used: make([]Interval, 0, len(in))}
	for _, x := range in {
		at, _ := slices.BinarySearchFunc(segments, x.From, func(s segment, from int64) int { return cmp.Compare(s.span.To, from+1) })
		parts := m.lay(x, segments, at)
		if parts < 0 {
			return metered{}, fmt.Errorf("%q of contract %q: %w: check the meter %q", x.Component, x.Contract, ErrOverflow, x.Meter)
		}
		if parts > 0 {
			m.note(x)
		}
	}
	return m, nil
}

// lay gives an interval to the segments from at on and returns to how many, or
// -1 where a sum is too large.
func (m *metered) lay(x Interval, segments []segment, at int) int {
	length, n := x.To-x.From, 0
	for ; at < len(segments); at++ {
		c := x.Span().Common(segments[at].span)
		if c.Empty() {
			break
		}
		part := share(x.Quantity, c.To-x.From, length) - share(x.Quantity, c.From-x.From, length)
		s, ok := books.Add(m.quantity[at], part)
		if !ok {
			return -1
		}
		m.quantity[at] = s
		m.apportioned = m.apportioned || c != x.Span()
		n++
	}
	return n
}

func (m *metered) note(x Interval) {
	m.used = append(m.used, x)
	m.estimated = m.estimated || x.Estimated
	m.revision = max(m.revision, x.Revision)
	if n := len(m.meters); n == 0 || m.meters[n-1] != x.Meter {
		m.meters = append(m.meters, x.Meter)
	}
}

// names are the meters, each once and in order.
func (m metered) names() string {
	slices.Sort(m.meters)
	return strings.Join(slices.Compact(m.meters), ", ")
}

// rats are whole numbers as exact ones.
func rats(in []int64) []*big.Rat {
	out := make([]*big.Rat, len(in))
	for i, q := range in {
		out[i] = whole(q)
	}
	return out
}

// capped is what of facility energy is billed: in every segment at most the IT
// energy times the cap.
//
// Source: docs/formula/rating.md.
func capped(facility, it []int64, most unit.Ratio) []*big.Rat {
	out := make([]*big.Rat, len(facility))
	for i := range facility {
		out[i] = least(whole(facility[i]), times(whole(it[i]), shareOf(most)))
	}
	return out
}
