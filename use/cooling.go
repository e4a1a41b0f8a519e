package use

import (
	"fmt"

	"sluice/unit"
)

// Cooling is how machines are cooled and what that costs at the margin: metered
// watts per further IT watt. Fixed overhead belongs to the site, not here.
type Cooling struct {
	Kind      string     // air, hydro, immersion or liquid; "": as the model is built
	PUE0      unit.Ratio // marginal PUE up to Threshold; 0: undeclared, 1
	PerDegree unit.Ratio // marginal PUE added per degree Celsius above Threshold
	Threshold int64      // ambient temperature, thousandths of a degree Celsius
}

// PUE is the marginal PUE at an ambient temperature in thousandths of a degree.
//
// Formula: PUE(T) = p0 + p1 * max(0, T - T0). Source: docs/formula/mining.md.
func (c Cooling) PUE(milliC int64) unit.Ratio {
	return c.PUE0 + unit.Ratio(unit.MulDiv(int64(c.PerDegree), max(0, milliC-c.Threshold), 1000))
}

// pueMax is beyond any plant that works; more is a percentage in the wrong field.
const pueMax = 3 * unit.One

// Faults lists what is wrong with the figures of the cooling, in words.
func (c Cooling) Faults() []string {
	var faults []string
	if c.PUE0 < unit.One || c.PUE0 > pueMax {
		faults = append(faults, fmt.Sprintf("marginal PUE %.3f must be between 1 and %.0f", c.PUE0.Float(), pueMax.Float()))
	}
	if c.PerDegree < 0 || c.PerDegree > unit.One {
		faults = append(faults, fmt.Sprintf("marginal PUE per degree %.3f must be between 0 and 1", c.PerDegree.Float()))
	}
	return faults
}
