package unit

import "math/big"

// Quotient is a / b, b > 0, rounded half to even: the one rounding of a sum that was
// formed exactly. It is false where the quotient is no int64. a and b stay as they are.
//
// Source: docs/formula/unit.md.
func Quotient(a, b *big.Int) (int64, bool) {
	n, rest := new(big.Int).DivMod(a, b, new(big.Int)) // rounds down, the rest is positive
	side := rest.Lsh(rest, 1).Cmp(b)
	if side > 0 || side == 0 && n.Bit(0) == 1 {
		n.Add(n, big.NewInt(1))
	}
	return n.Int64(), n.IsInt64()
}
