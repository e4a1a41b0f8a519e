package modbus

import (
	"fmt"
	"time"

	"sluice/device"
	"sluice/unit"
)

// Reading is what a meter showed in answer to one Read. What is not known is
// explained in Faults when the template maps it.
type Reading struct {
	Asked       time.Time // local clock, when the first request began
	Power       device.Value[unit.Power]
	Import      Counter
	Export      Counter
	Voltage     [3]device.Value[int64] // millivolts against neutral
	Frequency   device.Value[int64]    // millihertz
	PowerFactor device.Value[unit.Ratio]
	Serial      string
	Faults      []Fault
}

// Fault says why a quantity that the template maps is not known.
type Fault struct {
	Quantity Quantity
	Cause    error
}

// String is the fault for people.
func (f Fault) String() string { return fmt.Sprintf("%s: %v", f.Quantity, f.Cause) }

func metered[T any](v T) device.Value[T] {
	return device.Value[T]{Value: v, Known: true, Source: device.FromMeter}
}

// take enters one quantity from its words; a fault when it cannot be believed.
func (m *Meter) take(into *Reading, r Register, words []uint16) {
	if r.Quantity == Serial {
		into.Serial = m.serial(r, words)
		return
	}
	ratio := m.ratio(r.Quantity)
	if r.Quantity.counter() {
		c, err := r.counter(words, m.template.Extremes, ratio)
		if err != nil {
			into.miss(r.Quantity, err)
			return
		}
		if r.Quantity == EnergyImport {
			into.Import = c
		} else {
			into.Export = c
		}
		return
	}
	v, err := r.value(words, m.template.Extremes, ratio)
	if err == nil && r.Quantity == ActivePower {
		err = m.credible(unit.Power(v))
	}
	if err != nil {
		into.miss(r.Quantity, err)
		return
	}
	into.set(r.Quantity, v)
}

// set enters a measured value in the house's integer.
func (r *Reading) set(q Quantity, v int64) {
	switch q {
	case ActivePower:
		r.Power = metered(unit.Power(v))
	case VoltageL1:
		r.Voltage[0] = metered(v)
	case VoltageL2:
		r.Voltage[1] = metered(v)
	case VoltageL3:
		r.Voltage[2] = metered(v)
	case Frequency:
		r.Frequency = metered(v)
	case PowerFactor:
		r.PowerFactor = metered(unit.Ratio(v))
	case EnergyImport, EnergyExport, Serial:
	}
}

func (r *Reading) miss(q Quantity, cause error) {
	r.Faults = append(r.Faults, Fault{Quantity: q, Cause: cause})
}

// serial is the serial number as text.
func (m *Meter) serial(r Register, words []uint16) string {
	if r.Type == ASCII {
		return r.text(words)
	}
	v, err := r.raw(words, m.template.Extremes)
	if err != nil || !v.IsInt() {
		return ""
	}
	return v.Num().String()
}

// credible refuses a power that the declared rating makes impossible.
func (m *Meter) credible(p unit.Power) error {
	if most := 2 * m.options.Rating; most > 0 && (p > most || p < -most) {
		return fmt.Errorf("%w: %s at a connection of %s: check scale and transformer ratios", errOutOfRange, p, m.options.Rating)
	}
	return nil
}
