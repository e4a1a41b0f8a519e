package loan

import (
	"fmt"
	"math"
)

// ReserveTargets is what a debt service reserve, DSRA, has to hold: so many months of
// the next year's service, where a year has some periods. Row 0 is before the first
// period, row t+1 after period t. Only increments are paid in; it is all released
// with the last payment, so the last row is nought.
//
// Formula: months / 12 * sum of the next year's service, never less than before.
// NREL SSC, cmod_singleowner, lets it fall with the service. Source: docs/formula/loan.md.
func ReserveTargets(service []float64, months float64, year int) ([]float64, error) {
	if !(months >= 0) || math.IsInf(months, 0) || year < 1 {
		return nil, fmt.Errorf("a reserve of %g months with a year of %d periods: write months from 0 on and 12 or 1 periods: %w", months, year, ErrTerms)
	}
	if err := checkService(service); err != nil {
		return nil, err
	}
	held := make([]float64, len(service)+1)
	var most float64
	for t := range service {
		var next float64
		for _, s := range service[t:min(t+year, len(service))] {
			next += s
		}
		most = max(most, months/12*next)
		held[t] = most
	}
	return held, nil
}

// checkService refuses service that is negative: it would turn a ratio around.
func checkService(service []float64) error {
	for t, s := range service {
		if !(s >= 0) || math.IsInf(s, 0) {
			return fmt.Errorf("service of period %d is %.2f: a loan that pays out has no cover; size it with Floor: %w", t, s, ErrRatio)
		}
	}
	return nil
}
