package service

import (
	"math/bits"

	"sluice/unit"
)

// product is a*b in 128 bits, neither negative.
func product(a unit.Amount, b int64) (high, low uint64) {
	return bits.Mul64(uint64(max(0, a)), uint64(max(0, b))) //nolint:gosec // not negative
}

// floor is cost * part / whole, rounded down; part is at most whole.
func floor(cost unit.Amount, part, whole int64) unit.Amount {
	if whole <= 0 || cost <= 0 || part <= 0 {
		return 0
	}
	high, low := product(cost, part)
	quotient, _ := bits.Div64(high, low, uint64(whole))
	return unit.Amount(quotient) //nolint:gosec // at most cost
}
