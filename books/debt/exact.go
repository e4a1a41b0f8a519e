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
	n, fits := unit.Quotient(a, b)
	if !fits {
		return 0, fmt.Errorf("%s / %s millionths: %w", a, b, books.ErrOverflow)
	}
	return unit.Amount(n), nil
}
