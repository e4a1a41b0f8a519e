package unit

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestQuotient: where 128 bits are enough it is MulDiv, and beyond an int64 it says so.
func TestQuotient(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Min(math.MinInt64+1).Draw(t, "a"), rapid.Int64Min(math.MinInt64+1).Draw(t, "b")
		c := rapid.Int64Range(1, math.MaxInt64).Draw(t, "c")
		p := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		got, fits := Quotient(p, big.NewInt(c))
		want, ok := TryMulDiv(a, b, c)
		if ok != fits && got != math.MinInt64 || ok && got != want {
			t.Fatalf("%d * %d / %d = %d %t, want %d %t", a, b, c, got, fits, want, ok)
		}
		if p.Cmp(new(big.Int).Mul(big.NewInt(a), big.NewInt(b))) != 0 {
			t.Fatal("it changed what it divides")
		}
	})
	for _, c := range []struct{ a, b, want int64 }{{5, 2, 2}, {7, 2, 4}, {-5, 2, -2}, {-7, 2, -4}, {1, 3, 0}, {-2, 3, -1}} {
		if got, _ := Quotient(big.NewInt(c.a), big.NewInt(c.b)); got != c.want {
			t.Errorf("%d / %d = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
