package modbus_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/unit"
	world "sluice/world/modbus"
)

// TestShippedTemplates: every template inside the program is read without a
// fault, is named as its file, and says where its facts are from.
func TestShippedTemplates(t *testing.T) {
	t.Parallel()
	names := modbus.Names()
	if len(names) < 6 {
		t.Fatalf("only %v are inside the program", names)
	}
	for _, name := range names {
		m, err := modbus.Shipped(name)
		if err != nil {
			t.Errorf("%s:\n%v", name, err)
			continue
		}
		if m.Name != name || len(m.Models) == 0 || m.Source == "" || m.Transformer == "" {
			t.Errorf("%s: name %q, models %v, source %q, transformer %q: all must be stated", name, m.Name, m.Models, m.Source, m.Transformer)
		}
	}
	if _, err := modbus.Shipped("no-such-meter"); err == nil {
		t.Error("a template that does not exist was found")
	}
}

// TestShippedStandings: nobody may raise a standing without seeing the test
// that says how far each template was proven.
func TestShippedStandings(t *testing.T) {
	t.Parallel()
	want := map[string]modbus.Standing{
		"abb-a43": modbus.Secondary, "abb-m4m": modbus.Unverified, "eastron-sdm630": modbus.Secondary,
		"generic": modbus.Unverified, "janitza-umg": modbus.Unverified, "schneider-pm5000": modbus.Secondary,
	}
	got := map[string]modbus.Standing{}
	for _, name := range modbus.Names() {
		m, err := modbus.Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		got[name] = m.Standing
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestConformance: what the simulated meter shows by a template is what the
// driver reads by it, to the digit, with both signs of power.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, name := range modbus.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, shipped(t, name), nil)
			for _, power := range []unit.Power{8_192_000, 0, -1_024_000} {
				truth := good()
				truth.Power = power
				b.set(truth)
				conforms(t, b.Template(), read(t, b), truth)
			}
			id, err := b.Identify(t.Context())
			_, mapped := b.Template().Register(modbus.Serial)
			if err != nil || id.Weak == mapped || mapped && id.Serial != "31415926" {
				t.Errorf("identity %+v, %v", id, err)
			}
		})
	}
}

// conforms compares a reading with the truth, each mapped quantity exactly.
func conforms(t *testing.T, tpl modbus.Template, r modbus.Reading, truth world.Truth) {
	t.Helper()
	if len(r.Faults) != 0 || !r.Asked.Equal(noon) {
		t.Errorf("faults %v, asked at %v", r.Faults, r.Asked)
	}
	for _, m := range tpl.Registers {
		switch m.Quantity {
		case modbus.ActivePower:
			if !r.Power.Known || r.Power.Source != device.FromMeter || r.Power.Value != truth.Power {
				t.Errorf("power %+v", r.Power)
			}
		case modbus.EnergyImport:
			if !r.Import.Known || r.Import.Energy != truth.Import {
				t.Errorf("import %+v, want %d J", r.Import, truth.Import)
			}
		case modbus.EnergyExport:
			if !r.Export.Known || r.Export.Energy != truth.Export {
				t.Errorf("export %+v, want %d J", r.Export, truth.Export)
			}
		case modbus.VoltageL1:
			if r.Voltage[0].Value != truth.Voltage || !r.Voltage[0].Known {
				t.Errorf("voltage %+v", r.Voltage)
			}
		case modbus.Frequency:
			if r.Frequency.Value != truth.Frequency {
				t.Errorf("frequency %+v", r.Frequency)
			}
		case modbus.PowerFactor:
			if d := r.PowerFactor.Value - truth.PowerFactor; d < -1 || d > 1 {
				t.Errorf("power factor %+v", r.PowerFactor)
			}
		case modbus.VoltageL2, modbus.VoltageL3, modbus.Serial:
		}
	}
}

// TestFewRequests: neighbours travel together, as far as the template lets them.
func TestFewRequests(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"janitza-umg": 1, "abb-a43": 2, "abb-m4m": 5, "eastron-sdm630": 4, "schneider-pm5000": 4} {
		b := open(t, shipped(t, name), nil)
		read(t, b)
		if got := b.World.Requests(); got != want {
			t.Errorf("%s: %d requests, want %d", name, got, want)
		}
	}
}
