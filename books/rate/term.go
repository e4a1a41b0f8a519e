package rate

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"sluice/unit"
)

// line rates a term that prices a quantity.
func (f frame) line(t Term, l Line, counted []Interval) (Line, error) {
	segments, prices := f.segments(t)
	m, quantities, err := t.quantities(segments, counted)
	if err != nil {
		return l, err
	}
	for i, s := range segments {
		if s.prices == nil && quantities[i].Sign() != 0 {
			return l, fmt.Errorf("from %d to %d: %w: add a version of %s", s.span.From, s.span.To, ErrPrice, strings.Join(t.prices(), " and "))
		}
	}
	if l.Quantity, err = round(sum(quantities)); err != nil {
		return l, err
	}
	amount, err := round(t.charge(segments, quantities))
	if err != nil {
		return l, err
	}
	l.Amount, l.Price = unit.Amount(amount), t.priceText(segments)
	l.Apportioned, l.Estimated, l.Meters, l.Revision = m.apportioned, m.estimated, m.names(), m.revision
	d := newDigest("inputs")
	d.frame(f, t)
	d.prices(prices)
	d.intervals(runs(m.used, segments))
	return l.identify(d), nil
}

// quantities is how much of a term falls to each segment.
func (t Term) quantities(segments []segment, counted []Interval) (metered, []*big.Rat, error) {
	m, err := spread(of(counted, t.Component, t.metered()), segments)
	if err != nil {
		return m, nil, err
	}
	q := rats(m.quantity)
	committed := make([]*big.Rat, len(segments))
	for i, s := range segments {
		committed[i] = times(s.share, whole(t.Commitment))
	}
	switch t.Kind {
	case PassThrough:
		return t.passThrough(m, segments, counted)
	case Reservation:
		q = committed
	case Fixed:
		for i, s := range segments {
			q[i] = times(s.share, whole(Month.Base()))
		}
	case Overage:
		above := minus(sum(q), sum(committed))
		q = scaled(q, positive(above))
	case Shortfall:
		below := minus(sum(committed), sum(q))
		q = scaled(committed, positive(below))
	case Usage, Minimum, Credit, Prepayment, Tax, Percentage:
	}
	return m, q, nil
}

// passThrough caps facility energy by IT energy.
func (t Term) passThrough(m metered, segments []segment, counted []Interval) (metered, []*big.Rat, error) {
	if t.IT == "" {
		return m, rats(m.quantity), nil
	}
	it, err := spread(of(counted, t.IT, true), segments)
	if err != nil {
		return m, nil, err
	}
	q := capped(m.quantity, it.quantity, t.Cap)
	for _, x := range it.used {
		m.note(x)
	}
	m.apportioned = m.apportioned || it.apportioned
	return m, q, nil
}

// of is the intervals of a component; they stand together, so nothing is copied.
func of(counted []Interval, component string, wanted bool) []Interval {
	if !wanted {
		return nil
	}
	first, _ := slices.BinarySearchFunc(counted, component, func(x Interval, c string) int { return cmp.Compare(x.Component, c) })
	last := first
	for last < len(counted) && counted[last].Component == component {
		last++
	}
	return counted[first:last]
}

// positive is a, or zero where a is negative.
func positive(a *big.Rat) *big.Rat {
	if a.Sign() < 0 {
		return new(big.Rat)
	}
	return a
}

// scaled shares a total among parts in proportion to them.
func scaled(parts []*big.Rat, to *big.Rat) []*big.Rat {
	all := sum(parts)
	out := make([]*big.Rat, len(parts))
	for i, p := range parts {
		out[i] = new(big.Rat)
		if all.Sign() != 0 {
			out[i] = over(times(p, to), all)
		}
	}
	return out
}
