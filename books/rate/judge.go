package rate

import (
	"cmp"
	"slices"
)

// judge parks what cannot be rated and returns the rest, in order and in the place
// of what it was given.
func (r *Rating) judge(frames []frame, in []Interval) []Interval {
	whys, priced := make([]Reason, len(in)), unpriced(frames)
	for i, x := range in {
		whys[i] = fault(frames, priced, x)
	}
	good := in[:0]
	for i, old := range superseded(in, whys) {
		switch {
		case old:
		case whys[i] != "":
			r.Suspense = append(r.Suspense, Parked{in[i], whys[i]})
		default:
			good = append(good, in[i])
		}
	}
	counted := good[:0]
	for i, bad := range overlapping(good) {
		if bad {
			r.Suspense = append(r.Suspense, Parked{good[i], Overlaps})
			continue
		}
		counted = append(counted, good[i])
	}
	slices.SortStableFunc(r.Suspense, func(a, b Parked) int { return compareIntervals(a.Interval, b.Interval) })
	return counted
}

// unpriced is, by frame and term, where a price is missing.
func unpriced(frames []frame) [][][]Span {
	out := make([][][]Span, len(frames))
	for i, f := range frames {
		out[i] = make([][]Span, len(f.contract.Terms))
		for j, t := range f.contract.Terms {
			for _, name := range t.prices() {
				if t.metered() {
					var has []Span
					for _, p := range f.book.over(name, f.window) {
						has = append(has, Span{p.From, p.To})
					}
					out[i][j] = append(out[i][j], without(f.window, Union(has))...)
				}
			}
		}
	}
	return out
}

// fault is why an interval cannot be rated, or empty.
func fault(frames []frame, missing [][][]Span, x Interval) Reason {
	switch {
	case x.To <= x.From || x.To > farFuture || x.From < -farFuture:
		return NoTime
	case x.Quantity < 0:
		return Negative
	case x.Contract != frames[0].contract.ID:
		return Unknown
	}
	served := int64(0)
	for i, f := range frames {
		c := x.Span().Common(f.window)
		if c.Empty() {
			continue
		}
		served += c.Seconds()
		if why := f.fault(missing[i], x, c); why != "" {
			return why
		}
	}
	if served != x.To-x.From {
		return Outside
	}
	return ""
}

// fault is why one version cannot rate its part of an interval.
func (f frame) fault(missing [][]Span, x Interval, part Span) Reason {
	known := false
	for i, t := range f.contract.Terms {
		if !t.uses(x.Component) {
			continue
		}
		known = true
		if len(t.Meters) > 0 && !slices.Contains(t.Meters, x.Meter) {
			return OtherMeter
		}
		if slices.ContainsFunc(missing[i], func(s Span) bool { return !s.Common(part).Empty() }) {
			return NoPrice
		}
	}
	if !known {
		return NoTerm
	}
	return ""
}

// gaps lists where the meters of a version said nothing, and returns the
// components of which something is missing or in suspense.
func (r *Rating) gaps(f frame, counted []Interval) []string {
	var seen, open []string
	for _, t := range f.contract.Terms {
		for _, component := range []string{t.Component, t.IT} {
			if !t.metered() || t.Sparse || component == "" || slices.Contains(seen, component) {
				continue
			}
			seen = append(seen, component)
			heard := of(counted, component, true)
			for _, meter := range meters(t.Meters, heard) {
				for _, s := range f.silent(meter, heard) {
					r.Gaps = append(r.Gaps, Gap{f.contract.ID, meter, component, s})
					open = append(open, component)
				}
			}
		}
	}
	for _, p := range r.Suspense {
		open = append(open, p.Interval.Component)
	}
	return open
}

// meters are those that a term names and those that delivered, in order.
func meters(named []string, heard []Interval) []string {
	out := slices.Clone(named)
	for i, x := range heard {
		if i == 0 || x.Meter != heard[i-1].Meter {
			out = append(out, x.Meter)
		}
	}
	if len(out) == 0 {
		out = []string{""} // nobody knows which meter is silent
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// silent is where a meter said nothing in the window; intervals stand by meter.
func (f frame) silent(meter string, heard []Interval) []Span {
	var has []Span
	at, _ := slices.BinarySearchFunc(heard, meter, func(x Interval, m string) int { return cmp.Compare(x.Meter, m) })
	for ; at < len(heard) && heard[at].Meter == meter; at++ {
		has = append(has, heard[at].Span())
	}
	return without(f.window, Union(has))
}
