package rate

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"

	"sluice/books"
	"sluice/unit"
)

// ratio is a / b, exactly; b is not zero.
func ratio(a, b int64) *big.Rat { return big.NewRat(a, b) }

func whole(a int64) *big.Rat { return new(big.Rat).SetInt64(a) }

func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

func plus(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }

func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

func over(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }

func least(a, b *big.Rat) *big.Rat {
	if b.Cmp(a) < 0 {
		return b
	}
	return a
}

// sum adds them all.
func sum(all []*big.Rat) *big.Rat {
	s := new(big.Rat)
	for _, a := range all {
		s.Add(s, a)
	}
	return s
}

// ceil is the smallest whole number that is not below a.
func ceil(a *big.Rat) *big.Rat {
	n := new(big.Int).Neg(new(big.Int).Div(new(big.Int).Neg(a.Num()), a.Denom())) // Div rounds down: the denominator is positive
	return new(big.Rat).SetInt(n)
}

// round is the nearest whole number, of two equally near ones the even one: the
// one rounding of a line. An error wraps ErrOverflow.
func round(a *big.Rat) (int64, error) {
	n, fits := unit.Quotient(a.Num(), a.Denom())
	if !fits || n == math.MinInt64 { // whose sign could not be turned
		return 0, fmt.Errorf("%s: %w", a, ErrOverflow)
	}
	return n, nil
}

// share is q * a / b rounded down, for 0 <= a <= b and q >= 0: what of a quantity
// has come by after a of b seconds. Parts cut with it always sum to the whole, and
// the remainder falls to the later part.
func share(q, a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(q), uint64(a)) //nolint:gosec // neither is negative
	n, _ := bits.Div64(hi, lo, uint64(b))      //nolint:gosec // b is positive
	return int64(n)                            //nolint:gosec // at most q
}

// shareOf is a share as a plain number.
func shareOf(r unit.Ratio) *big.Rat { return ratio(int64(r), int64(unit.One)) }

// escalated is (1 + r) to the power of so many full years.
func escalated(r unit.Ratio, years int) *big.Rat {
	out, step := whole(1), shareOf(unit.One+r)
	for range years {
		out.Mul(out, step)
	}
	return out
}

// decimal writes millionths with all their decimals, as every currency has them.
func decimal(millionths int64) string { return books.Asset("").Text(millionths) }
