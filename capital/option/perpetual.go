package option

import (
	"errors"
	"fmt"
	"math"
)

// Wait is the option to invest a fixed sum, at any time, in something whose value
// moves by chance.
type Wait struct {
	Beta      float64 // power of the value in that of the option
	Threshold float64 // invest when the value is at least this
	Value     float64 // of the option; beyond the threshold, of investing now
}

// Perpetual is the option to invest i in a value v that never ends: interest r,
// payout of the value d, volatility sigma, each for a year. It refuses what has no
// such option: without a payout one would wait for ever.
//
// Formula: beta = 1/2 - (r-d)/s^2 + sqrt(((r-d)/s^2 - 1/2)^2 + 2r/s^2); V* =
// beta/(beta-1) I; F = (V*-I)(V/V*)^beta. Source: docs/formula/option.md; Dixit and Pindyck 1994.
func Perpetual(v, i, r, d, sigma float64) (Wait, error) {
	var faults []error
	for _, x := range []struct {
		name string
		of   float64
	}{{"the value", v}, {"the investment", i}, {"the interest", r}, {"the payout", d}, {"the volatility", sigma}} {
		if !(x.of > 0) || math.IsInf(x.of, 0) {
			faults = append(faults, fmt.Errorf("perpetual option: %w: %s is %g: give a number above 0", ErrProblem, x.name, x.of))
		}
	}
	if len(faults) > 0 {
		return Wait{}, errors.Join(faults...)
	}
	s2 := sigma * sigma
	drift := (r-d)/s2 - 0.5
	beta := -drift + math.Sqrt(drift*drift+2*r/s2)
	if !(beta > 1) || math.IsInf(beta, 0) {
		return Wait{}, fmt.Errorf("perpetual option: %w: the power is %g, and must be a number above 1: the volatility or the payout is too small for floats", ErrProblem, beta)
	}
	w := Wait{Beta: beta, Threshold: beta / (beta - 1) * i}
	w.Value = v - i
	if v < w.Threshold {
		w.Value = (w.Threshold - i) * math.Pow(v/w.Threshold, beta)
	}
	return w, nil
}
