package quote

import (
	"fmt"
	"math"

	"sluice/unit"
)

// Flexibility is a clause by which a tenant gives up power for some hours a year.
type Flexibility struct {
	Hours int64       // a year in which it is called
	Value unit.Price  // what a facility MWh is worth then: avoided, or sold
	Peak  unit.Amount // of charges for coincident peaks avoided, a facility megawatt and year
}

// Gain is what the clause is worth for a GPU and year, USD.
//
// Formula: (N_h * value + peak) * k_IT*PUE/1000. Source: docs/formula/quote.md.
func (x Flexibility) Gain(gpu unit.Power, pue unit.Ratio) (unit.Amount, error) {
	share := float64(gpu) / float64(unit.Megawatt) * pue.Float()
	return money((float64(x.Hours)*x.Value.Float() + dollars(x.Peak)) * share)
}

// Discount is the most that a rational seller takes off a price for a gain.
//
// Formula: gain / (p * 8760 * u). Source: docs/formula/quote.md.
func Discount(gain, price unit.Amount, utilisation unit.Ratio) (unit.Ratio, error) {
	if price <= 0 || utilisation <= 0 {
		return 0, fmt.Errorf("%w: a discount needs a price and a utilisation above zero", ErrTerms)
	}
	share := dollars(gain) / (dollars(price) * hoursPerYear * utilisation.Float())
	if math.Abs(share) > 1000 {
		return 0, fmt.Errorf("a discount of %.0f times the price: %w", share, errRange)
	}
	return unit.Ratio(unit.FromFloat(share)), nil
}
