package unit

import "math/bits"

// MulDiv returns a*b/c rounded half to even, with a 128-bit product, so that
// a price times an energy never overflows on the way. It panics when c is not
// positive or the result does not fit an int64: both are broken invariants.
//
// Source: docs/formula/unit.md.
func MulDiv(a, b, c int64) int64 {
	v, ok := TryMulDiv(a, b, c)
	if !ok {
		panic("unit: MulDiv needs a positive divisor and a result that fits an int64")
	}
	return v
}

// TryMulDiv is MulDiv for figures that come from outside: it returns false where
// MulDiv panics.
func TryMulDiv(a, b, c int64) (int64, bool) {
	if c <= 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	d := uint64(c)
	if hi >= d {
		return 0, false
	}
	quotient, rest := bits.Div64(hi, lo, d)
	up := halfToEven(quotient, rest, d)
	if quotient+up < quotient {
		return 0, false
	}
	return signed(quotient+up, (a < 0) != (b < 0))
}

// mulDivUp returns a*b/c rounded up, for limits that rounding must not pass. It
// panics on a negative a or b, a c that is not positive, and a result beyond int64.
func mulDivUp(a, b, c int64) int64 {
	if a < 0 || b < 0 || c <= 0 {
		panic("unit: mulDivUp needs no negative factor and a positive divisor")
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		panic("unit: mulDivUp overflows int64")
	}
	quotient, rest := bits.Div64(hi, lo, uint64(c))
	if rest > 0 {
		quotient++
	}
	v, ok := signed(quotient, false)
	if !ok {
		panic("unit: mulDivUp overflows int64")
	}
	return v
}

// halfToEven returns 1 when quotient must be raised to the nearest even value.
func halfToEven(quotient, rest, divisor uint64) uint64 {
	twice := rest << 1
	carried := rest>>63 != 0
	if carried || twice > divisor || (twice == divisor && quotient&1 == 1) {
		return 1
	}
	return 0
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// signed gives a magnitude its sign, and false where it does not fit.
func signed(m uint64, negative bool) (int64, bool) {
	const top = uint64(1) << 63
	if negative {
		return -int64(m), m <= top //nolint:gosec // checked beside it
	}
	return int64(m), m < top //nolint:gosec // checked beside it
}
