package modbus

import (
	"testing"

	"sluice/unit"
)

// TestPowerStep: an integer register moves in its scale, times the transformers.
func TestPowerStep(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		register Register
		current  Transformer
		want     unit.Power
	}{
		"whole watts":                      {Register{Quantity: ActivePower, Type: Int32, Scale: Decimal{1, 0}, Unit: "W"}, Transformer{}, 1},
		"hundredths of a watt":             {Register{Quantity: ActivePower, Type: Int32, Scale: Decimal{1, 2}, Unit: "W"}, Transformer{}, 1},
		"hundredths of a kilowatt":         {Register{Quantity: ActivePower, Type: Int16, Scale: Decimal{1, 2}, Unit: "kW"}, Transformer{}, 10},
		"a tenth of a watt behind 2000/5":  {Register{Quantity: ActivePower, Type: Int32, Scale: Decimal{1, 1}, Unit: "W"}, Transformer{2000, 5}, 40},
		"a ratio that does not come even":  {Register{Quantity: ActivePower, Type: Int32, Scale: Decimal{1, 1}, Unit: "W"}, Transformer{125, 1}, 13},
		"a float is finer than it matters": {Register{Quantity: ActivePower, Type: Float32, Scale: Decimal{1, 0}, Unit: "kW"}, Transformer{}, 1},
		"no power at all":                  {Register{Quantity: Frequency, Type: Int16, Scale: Decimal{1, 2}, Unit: "Hz"}, Transformer{}, 0},
	} {
		m := &Meter{template: Template{Registers: []Register{c.register}}, options: Options{Current: c.current}}
		if got := m.PowerStep(); got != c.want {
			t.Errorf("%s: %d W, want %d W", sentence, got, c.want)
		}
	}
}
