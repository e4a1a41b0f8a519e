package modbus

import (
	"math/big"

	"sluice/unit"
)

// PowerStep is the least change of power that the meter can show, rounded up to a
// watt. Of a float register it is a watt: below 16 MW its last digit is finer.
// Zero: the template maps no power. The meter's own class of accuracy is another
// matter and is not known here.
func (m *Meter) PowerStep() unit.Power {
	r, ok := m.template.Register(ActivePower)
	if !ok {
		return 0
	}
	if r.Type.float() {
		return 1
	}
	v := r.Scale.rat()
	v.Mul(v, m.ratio(ActivePower))
	v.Mul(v, new(big.Rat).SetInt64(units(ActivePower)[r.Unit]))
	w, err := rounded(v.Add(v, big.NewRat(499_999, 1_000_000)))
	if err != nil {
		return 1
	}
	return max(1, unit.Power(w))
}
