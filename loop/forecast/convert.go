package forecast

import (
	"math"

	"sluice/unit"
)

// This file is the one way from integers to floats and back.

// utmost bounds what is written back, in currency units per MWh, so that a
// forecast from an absurd input still fits an integer.
const utmost = 9e12

// number is p in currency units per MWh.
func number(p unit.Price) float64 { return p.Float() }

// price is f, in currency units per MWh, rounded half to even to a millionth.
func price(f float64) unit.Price {
	return unit.Price(unit.FromFloat(math.Max(-utmost, math.Min(utmost, f))))
}
