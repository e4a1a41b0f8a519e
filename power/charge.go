package power

import (
	"time"

	"sluice/series"
	"sluice/unit"
)

// Charges is what is paid on top of the offers: per MWh through the meter, and
// for what couples intervals. It is plain data.
type Charges struct {
	Import     series.Profile[unit.Price] // cost of each MWh drawn from the grid, whatever its source; never empty
	Export     series.Profile[unit.Price] // cost of each MWh fed into the grid; the earning is the export bid's worth; never empty
	ExportMax  unit.Power                 // most that may be fed in under the contracts and the connection; 0: none
	Peaks      []Peak                     // demand charges, one for every rule and billing period that the plan touches
	Coincident []Coincident
	Carbon     Carbon
}

// Peak is a demand charge over one billing period that the plan touches. It is
// paid on the highest average import of a measurement interval, per MW and
// never per hour.
//
// Formula: cost above the floor = rate * max(0, max_m avg_m - floor), with
// avg_m = (realised_m + sum_t length_mt * import_t) / length_m.
// Source: docs/formula/tariff.md, "Demand charge".
type Peak struct {
	Rule     string
	Period   series.Interval // billing period, in local months or days
	Rate     unit.DemandRate // per MW for this whole period
	Incurred unit.Power      // highest counted average of this period, closed measurement intervals only
	Ratchet  unit.Power      // billed anyhow because of earlier months or a minimum
	Planned  unit.Power      // peak that a plan of the whole period expects; see Input.Planned
	Measures []Measure       // counted measurement intervals that the plan touches, in order
}

// Measure is one measurement interval and the intervals of the plan that fill
// it. Measurement intervals that lie wholly within one interval of the plan
// have the same average and are stated once.
type Measure struct {
	Start    time.Time
	Length   time.Duration // divisor of the average
	Realised unit.Energy   // imported in it before the plan begins
	Parts    []Part
}

// Part is the share of one interval of the plan in a measurement interval.
type Part struct {
	Interval int // index in the mesh
	Length   time.Duration
}

// Floor is the power up to which the period costs nothing more.
//
// Formula: max(incurred, ratchet, planned). Source: docs/formula/tariff.md, "Demand charge".
func (p Peak) Floor() unit.Power { return max(p.Incurred, p.Ratchet, p.Planned) }

// Average is the average import of m under imports, in watts per interval of
// the plan, rounded half to even.
func (m Measure) Average(imports []unit.Power) unit.Power {
	e := m.Realised
	for _, t := range m.Parts {
		e += imports[t.Interval].Over(t.Length)
	}
	return e.Mean(m.Length)
}

// Over is by how much imports raise the billed peak above the floor, >= 0.
func (p Peak) Over(imports []unit.Power) unit.Power {
	floor := p.Floor()
	over := unit.Power(0)
	for _, m := range p.Measures {
		over = max(over, m.Average(imports)-floor)
	}
	return over
}

// Cost is what imports add to the demand charge above its floor, >= 0.
func (p Peak) Cost(imports []unit.Power) unit.Amount { return p.Rate.Of(p.Over(imports)) }

// Coincident is a charge on the import in a few intervals that are known only
// afterwards; the plan pays its expectation.
type Coincident struct {
	Rule string
	Rate unit.DemandRate            // per MW and year
	N    int                        // counted intervals a year
	Odds series.Profile[unit.Ratio] // probability that the interval holds a counted one
	Cost series.Profile[unit.DemandRate]
	// Cost is the expected charge per MW imported throughout the interval. It is
	// never multiplied by a duration: a short interval already has its share.
	// Formula: odds * rate / n * min(1, interval / counted length).
	// Source: docs/formula/tariff.md, "Coincident peak".
}

// Carbon is a price on emissions, a cap on them, or both.
type Carbon struct {
	PerTonne unit.Amount // per tonne of CO2, >= 0; 0: no price
	Cap      int64       // grams of CO2 over the plan; 0: no cap
}

// Price is what carbon adds to one MWh of gramsPerKWh, rounded half to even.
//
// Formula: per tonne * g/kWh / 1000 (g/kWh is kg/MWh).
// Source: docs/formula/tariff.md, "Carbon".
func (c Carbon) Price(gramsPerKWh int64) unit.Price {
	return unit.Price(unit.MulDiv(int64(c.PerTonne), gramsPerKWh, 1000))
}

// Pays reports whether drawing one MW in all the counted time of a billing
// period earns more than the demand charge on it, so that a plan of the whole
// period would draw it: the planned peak is then the full power, else the floor.
//
// Formula: margin * hours > rate. Source: docs/formula/tariff.md, "Planned peak".
func (p Peak) Pays(margin unit.Price, counted time.Duration) bool {
	return margin.Of(unit.Megawatt.Over(counted)) > p.Rate.Of(unit.Megawatt)
}

// PeakState is where a demand charge stands: made by Bill.Peaks, used by the
// next plan.
type PeakState struct {
	Rule    string
	Period  series.Interval // the open billing period
	Highest unit.Power      // highest counted average of a closed measurement interval of the period
	Last    unit.Power      // highest of the period before; the planned peak of a plan that states none
	Ratchet unit.Power      // billed in the open period anyhow: ratchet of earlier months, minimum
	Next    unit.Power      // the same for the next period, as far as known
	Open    time.Time       // start of the measurement interval that is not closed; zero: none is open
	Energy  unit.Energy     // imported in it so far
	Covered time.Duration   // how much of it the readings cover so far
}
