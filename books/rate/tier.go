package rate

import (
	"math"
	"math/big"
)

// charge is what quantities in the segments of a term cost, exactly, in
// millionths. Where a band holds a part of the whole quantity, its price is the
// mean of its prices in the period, weighted by the quantity.
//
// Source: docs/formula/rating.md.
func (t Term) charge(segments []segment, quantities []*big.Rat) *big.Rat {
	all := sum(quantities)
	if all.Sign() == 0 {
		return all
	}
	base := whole(t.Unit.Base())
	switch t.Model {
	case Flat:
		return over(worth(segments, quantities, 0), base)
	case Package:
		packages := ceil(over(all, whole(t.Size)))
		return over(times(packages, worth(segments, quantities, 0)), all)
	case Graduated, Volume:
	}
	out := new(big.Rat)
	for b, part := range t.inBands(all) {
		if part.Sign() > 0 {
			mean := over(worth(segments, quantities, b), all)
			out.Add(out, times(part, mean))
		}
	}
	return over(out, base)
}

// worth is the sum of quantity times price number b.
func worth(segments []segment, quantities []*big.Rat, b int) *big.Rat {
	out := new(big.Rat)
	for i, q := range quantities {
		if q.Sign() != 0 {
			out.Add(out, times(q, segments[i].prices[b]))
		}
	}
	return out
}

// inBands is how much of a quantity is charged in each band.
func (t Term) inBands(all *big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(t.Bands))
	from := new(big.Rat)
	for i, b := range t.Bands {
		to := whole(b.UpTo)
		if b.UpTo == 0 {
			to = whole(math.MaxInt64)
			to = plus(to, all) // no end
		}
		out[i] = new(big.Rat)
		switch reached := all.Cmp(from) > 0; {
		case t.Model == Graduated && reached:
			out[i] = minus(least(all, to), from)
		case t.Model == Volume && reached && all.Cmp(to) <= 0:
			out[i] = all
		}
		from = to
	}
	return out
}
