package rate

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"sluice/unit"
)

// derive makes a line of the amounts of lines before it.
func (f frame) derive(t Term, l Line, before []Line, prepaid unit.Amount) (Line, error) {
	d := newDigest("inputs")
	base := new(big.Rat)
	for _, b := range before {
		if len(t.Of) > 0 && !slices.Contains(t.Of, b.Component) || len(t.Of) == 0 && (b.Kind == Tax || b.Kind == Prepayment) {
			continue
		}
		base.Add(base, whole(int64(b.Amount)))
		l.Estimated = l.Estimated || b.Estimated
		d.text(b.ID)
	}
	exact, err := f.derived(t, &l, base, prepaid, d)
	if err != nil {
		return l, err
	}
	amount, err := round(exact)
	if err != nil {
		return l, err
	}
	l.Amount = unit.Amount(amount)
	d.frame(f, t)
	return l.identify(d), nil
}

// derived is the amount of a minimum, a share, a tax or a draw, exactly.
func (f frame) derived(t Term, l *Line, base *big.Rat, prepaid unit.Amount, d *digest) (*big.Rat, error) {
	if t.Kind == Percentage {
		l.Unit = Money
	}
	if t.Kind == Tax || t.Kind == Percentage {
		taxed, err := round(base) // a sum of whole amounts: nothing is rounded, only its size is checked
		l.Quantity, l.Price = taxed, decimal(int64(t.Rate))
		return times(base, shareOf(t.Rate)), err
	}
	if t.Kind == Prepayment {
		d.number(int64(prepaid))
		if t.Rate > 0 {
			base = times(base, shareOf(t.Rate))
		}
		return new(big.Rat).Neg(least(positive(base), whole(int64(prepaid)))), nil
	}
	return f.minimum(t, l, base, d)
}

// minimum is what the lines below it fall short of the agreed amount.
func (f frame) minimum(t Term, l *Line, base *big.Rat, d *digest) (*big.Rat, error) {
	segments, prices := f.segments(t)
	agreed, months := new(big.Rat), new(big.Rat)
	for _, s := range segments {
		if s.prices == nil {
			return nil, fmt.Errorf("from %d to %d: %w: add a version of %s", s.span.From, s.span.To, ErrPrice, strings.Join(t.prices(), " and "))
		}
		agreed.Add(agreed, times(s.share, s.prices[0]))
		months.Add(months, s.share)
	}
	quantity, err := round(times(months, whole(Month.Base())))
	if err != nil {
		return nil, err
	}
	d.prices(prices)
	l.Price, l.Quantity = t.priceText(segments), quantity
	return positive(minus(agreed, base)), nil
}
