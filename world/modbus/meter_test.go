package modbus

import (
	"errors"
	"slices"
	"testing"
	"time"

	wiring "github.com/simonvetter/modbus"

	"sluice/unit"
)

const sheetText = `template: probe
addressing: one
word_order: low_first
limits: {registers: 20, gap: 2}
reads:
  active_power:  {kind: holding, address: 101, type: int32, scale: 0.1, unit: W, sign: export_positive}
  energy_import: {kind: holding, address: 105, type: uint32, unit: kWh, wrap: 1000}
  energy_export: {kind: holding, address: 107, type: int16, unit: kWh, wrap: type, byte_order: little}
  voltage_l1:    {kind: input, address: 1, type: float32, unit: V, word_order: high_first}
  serial:        {kind: input, address: 11, type: ascii, length: 3}
`

func truth() Truth {
	return Truth{Power: -123_456, Import: 12_345*unit.KilowattHour + 5, Export: (1<<15 + 258) * unit.KilowattHour, Voltage: 230_500, Serial: "AB12"}
}

// client starts a meter and connects another implementation of the protocol to it.
func client(t *testing.T) (*Meter, *wiring.ModbusClient) {
	t.Helper()
	m, err := ParseMap([]byte(sheetText))
	if err != nil {
		t.Fatal(err)
	}
	meter, err := Start(Config{Address: "127.0.0.1:0", Map: m, Truth: truth})
	if err != nil {
		t.Fatal(err)
	}
	c, err := wiring.NewClient(&wiring.ClientConfiguration{URL: "tcp://" + meter.Addr().String(), Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(); _ = meter.Stop(); _ = meter.Stop() })
	return meter, c
}

// TestRegisters holds the registers of a meter as worked out by hand.
func TestRegisters(t *testing.T) {
	t.Parallel()
	_, c := client(t)
	got, err := c.ReadRegisters(100, 7, wiring.HOLDING_REGISTER)
	// 1,234,560 tenths are 0x0012D680, low word first; 12,345 kWh on a dial of a
	// thousand are 345 = 0x159; 33,026 on fifteen bits are 258 = 0x0102, bytes turned.
	if want := []uint16{0xD680, 0x0012, 0xFFFF, 0xFFFF, 0x0159, 0, 0x0201}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%04x, %v; want %04x", got, err, want)
	}
	if v, err := c.ReadRegisters(0, 2, wiring.INPUT_REGISTER); err != nil || !slices.Equal(v, []uint16{0x4366, 0x8000}) {
		t.Errorf("voltage %04x, %v", v, err)
	}
	if v, err := c.ReadRegisters(10, 3, wiring.INPUT_REGISTER); err != nil || !slices.Equal(v, []uint16{0, 0x3132, 0x4142}) {
		t.Errorf("serial %04x, %v", v, err)
	}
	for name, err := range map[string]error{
		"a hole too wide":    second(c.ReadRegisters(0, 5, wiring.INPUT_REGISTER)),
		"the other kind":     second(c.ReadRegisters(100, 7, wiring.INPUT_REGISTER)),
		"beyond the last":    second(c.ReadRegisters(106, 4, wiring.HOLDING_REGISTER)),
		"nothing that is it": second(c.ReadRegisters(40_000, 3, wiring.HOLDING_REGISTER)),
	} {
		if !errors.Is(err, wiring.ErrIllegalDataAddress) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := second(c.ReadRegisters(100, 21, wiring.HOLDING_REGISTER)); !errors.Is(err, wiring.ErrIllegalDataValue) {
		t.Errorf("more than the meter bears: %v", err)
	}
	if _, err := c.ReadCoil(1); !errors.Is(err, wiring.ErrIllegalFunction) {
		t.Errorf("a coil: %v", err)
	}
	if _, err := c.ReadDiscreteInput(1); !errors.Is(err, wiring.ErrIllegalFunction) {
		t.Errorf("an input: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestRestart: connections break, the address stays, lost counters begin at zero.
func TestRestart(t *testing.T) {
	t.Parallel()
	m, c := client(t)
	if err := m.Restart(true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadRegisters(104, 2, wiring.HOLDING_REGISTER); err == nil {
		t.Error("the connection outlived the meter")
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	if got, err := c.ReadRegisters(104, 2, wiring.HOLDING_REGISTER); err != nil || !slices.Equal(got, []uint16{0, 0}) {
		t.Errorf("%04x, %v; want lost counters at zero", got, err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	m, _ := client(t)
	if _, err := Start(Config{Address: "localhost:502", Truth: truth}); err == nil {
		t.Error("a name was accepted as an address")
	}
	if _, err := Start(Config{Address: m.Addr().String(), Truth: truth}); err == nil {
		t.Error("two meters at one address")
	}
	for _, src := range []string{"", "reads: 5", "reads: ["} {
		if _, err := ParseMap([]byte(src)); err == nil {
			t.Errorf("%q is a map", src)
		}
	}
}
