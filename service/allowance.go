package service

import (
	"slices"

	"sluice/unit"
)

// Allowance is how many further unit-seconds of downtime cost nothing: what is left
// until the next tier is missed. It is false where no tier is left to miss, so that
// nothing more can be lost.
//
// Formula: A = floor((1 - below) * (C - X)) - D of the next tier.
// Source: docs/formula/service.md.
func (l Level) Allowance(r Record) (int64, bool) {
	now := l.Rate(r)
	for _, t := range l.tiers() {
		if t.Credit > now {
			return max(0, tolerated(t.Below, r.base())-r.counted()), true
		}
	}
	return 0, false
}

// Usable is the allowance that a plan may spend: what downtime that nobody plans
// will take of it by the end of the month, at nine times in ten, is left alone.
func Usable(allowance, unplanned int64) int64 { return max(0, allowance-max(0, unplanned)) }

// Cost is what further unit-seconds of downtime add to the credit, exactly: nothing,
// and then a jump. It is what a choice of victims weighs.
//
// Formula: credit(D + d) - credit(D). Source: docs/formula/service.md.
func (l Level) Cost(fee unit.Amount, so Record, further int64) unit.Amount {
	before := l.Credit(fee, so)
	so.Down += max(0, further)
	return l.Credit(fee, so) - before
}

// Slope is a stretch of further downtime and what it costs in all: a price of
// Cost / Seconds for each unit-second.
type Slope struct {
	Seconds int64
	Cost    unit.Amount
}

// Envelope is the greatest convex curve that nowhere lies above Cost, for up to most
// further unit-seconds, as stretches of rising price: what a linear program may use
// for the jumps. It is a lower bound of the true cost, met where each stretch ends.
//
// Source: docs/formula/service.md, "Envelope".
func (l Level) Envelope(fee unit.Amount, so Record, most int64) []Slope {
	ends := l.ends(fee, so, most)
	hull := ends[:1]
	for _, p := range ends[1:] {
		for len(hull) > 1 && !rises(hull[len(hull)-2], hull[len(hull)-1], p) {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	var out []Slope
	for i := 1; i < len(hull); i++ {
		out = append(out, Slope{hull[i].Seconds - hull[i-1].Seconds, hull[i].Cost - hull[i-1].Cost})
	}
	return out
}

// ends are the last second of each tier and what it costs to get there, from none.
func (l Level) ends(fee unit.Amount, so Record, most int64) []Slope {
	out := []Slope{{}}
	add := func(seconds int64) {
		seconds = min(seconds, most)
		if seconds > out[len(out)-1].Seconds {
			out = append(out, Slope{seconds, l.Cost(fee, so, seconds)})
		}
	}
	for _, t := range l.tiers() {
		add(tolerated(t.Below, so.base()) - so.counted())
	}
	add(most)
	return out
}

// rises reports whether the price from b to c is above that from a to b.
func rises(a, b, c Slope) bool {
	return Slope{b.Seconds - a.Seconds, b.Cost - a.Cost}.compare(Slope{c.Seconds - b.Seconds, c.Cost - b.Cost}) < 0
}

// compare orders two stretches by their price for a unit-second.
func (s Slope) compare(o Slope) int {
	switch {
	case below(s.Cost, o.Seconds, o.Cost, s.Seconds):
		return -1
	case below(o.Cost, s.Seconds, s.Cost, o.Seconds):
		return 1
	}
	return 0
}

// below reports whether a*b < c*d, none of them negative, in 128 bits.
func below(a unit.Amount, b int64, c unit.Amount, d int64) bool {
	high, low := product(a, b)
	more, rest := product(c, d)
	return high < more || high == more && low < rest
}

// Together is the envelope of parts that are held against a promise one by one: the
// cheapest stretches first, whichever part they are of.
func Together(parts ...[]Slope) []Slope {
	all := slices.Concat(parts...)
	slices.SortStableFunc(all, Slope.compare)
	return all
}

// At is the stretch of an envelope that holds the last of so many unit-seconds, and
// the last of all beyond them; a stretch without seconds where there is none.
func At(envelope []Slope, seconds int64) Slope {
	for i, s := range envelope {
		if seconds -= s.Seconds; seconds <= 0 || i == len(envelope)-1 {
			return s
		}
	}
	return Slope{}
}

// Sum is what so many unit-seconds cost along an envelope, rounded down within a
// stretch so that it stays a lower bound.
func Sum(envelope []Slope, seconds int64) unit.Amount {
	var sum unit.Amount
	for _, s := range envelope {
		if seconds <= 0 {
			break
		}
		part := min(seconds, s.Seconds)
		sum += floor(s.Cost, part, s.Seconds)
		seconds -= part
	}
	return sum
}
