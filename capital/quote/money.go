package quote

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"sluice/unit"
)

// errRange is what a result is that does not fit, or is no number.
var errRange = errors.New("the result is beyond what an amount holds: check the inputs for a wrong unit")

// dollars is the way in: an amount as a float of USD.
func dollars(a unit.Amount) float64 { return a.Float() }

// money is the way out: USD to the millionth, half to even.
func money(usd float64) (unit.Amount, error) {
	if math.IsNaN(usd) || math.Abs(usd) >= 9e12 {
		return 0, fmt.Errorf("%g USD: %w", usd, errRange)
	}
	return unit.Amount(unit.FromFloat(usd)), nil
}

// Apportion rounds parts to multiples of a step so that they still sum to their
// rounded sum: the parts that lose most by being rounded down are rounded up.
func Apportion(parts []unit.Amount, step unit.Amount) []unit.Amount {
	out, order := make([]unit.Amount, len(parts)), make([]int, len(parts))
	var total, floor unit.Amount
	for i, p := range parts {
		out[i] = p - mod(p, step)
		total, floor, order[i] = total+p, floor+out[i], i
	}
	up := (unit.Amount(unit.MulDiv(int64(total), 1, int64(step)))*step - floor) / step
	slices.SortStableFunc(order, func(a, b int) int { return int(mod(parts[b], step) - mod(parts[a], step)) })
	for _, i := range order[:up] {
		out[i] += step
	}
	return out
}

// mod is what a lies above the next lower multiple of step.
func mod(a, step unit.Amount) unit.Amount { return ((a % step) + step) % step }
