package debt

import (
	"fmt"
	"math/big"

	"sluice/books"
	"sluice/unit"
)

func whole(n int64) *big.Int { return big.NewInt(n) }

func times(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }

func power(a int64, n int) *big.Int { return new(big.Int).Exp(whole(a), whole(int64(n)), nil) }

// quotient is a / b, b > 0, rounded half to even, as an amount.
func quotient(a, b *big.Int) (unit.Amount, error) {
	n, rest := new(big.Int).DivMod(a, b, new(big.Int)) // rounds down, the rest is positive
	side := rest.Lsh(rest, 1).Cmp(b)
	if side > 0 || side == 0 && n.Bit(0) == 1 {
		n.Add(n, whole(1))
	}
	if !n.IsInt64() {
		return 0, fmt.Errorf("%s millionths: %w", n, books.ErrOverflow)
	}
	return unit.Amount(n.Int64()), nil
}
