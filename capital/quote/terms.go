package quote

import (
	"errors"
	"fmt"

	"sluice/unit"
)

// Months is a length of time in months of a twelfth of a year.
type Months int64

// Terms is what a price is made of. A megawatt is one of the facility, at its meter,
// unless IT is said.
type Terms struct {
	GPU      unit.Power  // IT power of a GPU with its share of node, network and storage
	PUE      unit.Ratio  // facility power for a watt of IT, at least 1
	Hardware unit.Amount // a GPU with its share of node, network and storage
	// HardwareLife is how long the GPUs earn; at its end they are sold at Residual, a
	// share of Hardware.
	HardwareLife Months
	Residual     unit.Ratio
	Hall         unit.Amount // data centre, a megawatt
	HallLife     Months
	Capital      unit.Ratio  // cost of capital
	Operations   unit.Amount // people, repair, network, insurance: a megawatt and year
	Energy       unit.Price  // of the meter; may be negative
	Load         unit.Ratio  // power that GPUs draw, share of what they may
	Utilisation  unit.Ratio  // GPU-hours that are billed, share of all; 1: take-or-pay
	Fees         unit.Ratio  // credits and fees that are expected, share of what is billed

	// What is forgone. Efficiency is that of the meter, cooling included; MiningCost is
	// what mining costs besides power; Available is the share of time it could run.
	Hashprice  unit.Hashprice // 0: there is nothing to mine with
	Efficiency unit.Efficiency
	MiningCost unit.Price
	Available  unit.Ratio
}

// ErrTerms is what every complaint about terms is.
var ErrTerms = errors.New("terms make no price")

// Validate reports every input that is out of its bounds.
func (t Terms) Validate() error {
	var faults []error
	for _, f := range Fields() {
		if err := f.Check(f.Of(t)); err != nil {
			faults = append(faults, fmt.Errorf("%w: %s: %w", ErrTerms, f.Key, err))
		}
	}
	return errors.Join(faults...)
}
