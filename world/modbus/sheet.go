package modbus

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"

	"github.com/goccy/go-yaml"

	"sluice/unit"
)

// Map is where a family of meters shows what; it comes from a template file.
type Map struct {
	unit     uint8
	first    int
	low      bool // the less significant register first
	little   bool // the less significant byte first
	largest  int
	gap      int
	rows     map[string]row
	template string
}

// sheet is a template file as far as the simulated meter needs it.
type sheet struct {
	Template   string `yaml:"template"`
	Addressing string `yaml:"addressing"`
	ByteOrder  string `yaml:"byte_order"`
	WordOrder  string `yaml:"word_order"`
	Transport  struct {
		Unit uint8 `yaml:"unit"`
	} `yaml:"transport"`
	Limits struct {
		Registers int `yaml:"registers"`
		Gap       int `yaml:"gap"`
	} `yaml:"limits"`
	Reads map[string]row `yaml:"reads"`
}

// row is one line of the map.
type row struct {
	Kind      string `yaml:"kind"`
	Address   int    `yaml:"address"`
	Type      string `yaml:"type"`
	Length    int    `yaml:"length"`
	Scale     any    `yaml:"scale"`
	Unit      string `yaml:"unit"`
	Sign      string `yaml:"sign"`
	Wrap      any    `yaml:"wrap"`
	ByteOrder string `yaml:"byte_order"`
	WordOrder string `yaml:"word_order"`
}

// ParseMap reads a template file that is known to be good; checking it is the
// driver's business.
func ParseMap(src []byte) (Map, error) {
	var s sheet
	if err := yaml.Unmarshal(src, &s); err != nil {
		return Map{}, fmt.Errorf("read meter template: %w", err)
	}
	if len(s.Reads) == 0 {
		return Map{}, fmt.Errorf("read meter template %q: it maps nothing", s.Template)
	}
	m := Map{template: s.Template, unit: s.Transport.Unit, low: s.WordOrder == "low_first", little: s.ByteOrder == "little", largest: s.Limits.Registers, gap: s.Limits.Gap, rows: s.Reads}
	if s.Addressing == "one" {
		m.first = 1
	}
	if m.largest == 0 {
		m.largest = 125
	}
	if m.unit == 0 {
		m.unit = 1
	}
	return m, nil
}

// Truth is what a meter would show if it were perfect.
type Truth struct {
	Power       unit.Power  // drawn, negative when fed in
	Import      unit.Energy // drawn since ever
	Export      unit.Energy // fed in since ever, positive
	Voltage     int64       // millivolts against neutral, alike on all phases
	Frequency   int64       // millihertz
	PowerFactor unit.Ratio
	Serial      string
}

// of returns the quantity in the house's integer.
func (t Truth) of(quantity string) int64 {
	switch quantity {
	case "active_power":
		return int64(t.Power)
	case "energy_import":
		return int64(t.Import)
	case "energy_export":
		return int64(t.Export)
	case "frequency":
		return t.Frequency
	case "power_factor":
		return int64(t.PowerFactor)
	}
	return t.Voltage
}

// worth is what one unit of the template is in the house's integer.
func worth(name string) int64 {
	return map[string]int64{
		"W": 1, "kW": 1e3, "MW": 1e6, "J": 1, "Wh": 3600, "kWh": 36e5, "MWh": 36e8,
		"V": 1e3, "kV": 1e6, "Hz": 1e3, "one": 1e6, "percent": 1e4,
	}[name]
}

// words encodes the quantity as the meter does. divisor is the transformers'
// ratio of a meter that shows values behind them.
func (m Map) words(quantity string, t Truth, divisor int64) []uint16 {
	r := m.rows[quantity]
	if quantity == "serial" {
		return m.ordered(r, serial(r, t.Serial))
	}
	scale, ok := new(big.Rat).SetString(fmt.Sprint(r.Scale))
	if !ok {
		scale = big.NewRat(1, 1)
	}
	v := big.NewRat(t.of(quantity), worth(r.Unit))
	v.Quo(v, scale).Quo(v, big.NewRat(divisor, 1))
	if r.Sign == "export_positive" {
		v.Neg(v)
	}
	return m.ordered(r, encoded(r, v))
}

// encoded is the value in the bytes of its type, most significant first.
func encoded(r row, v *big.Rat) []byte {
	switch r.Type {
	case "float32":
		f, _ := v.Float32()
		return binary.BigEndian.AppendUint32(nil, math.Float32bits(f))
	case "float64":
		f, _ := v.Float64()
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(f))
	}
	n := whole(v, r.Wrap != nil)
	if dial, ok := new(big.Int).SetString(fmt.Sprint(r.Wrap), 10); ok {
		n.Mod(n, dial)
	}
	size := map[string]int{"int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8}[r.Type]
	bits := uint(8 * size)
	if r.Wrap != nil && r.Type[0] == 'i' {
		bits-- // a signed counter begins again before its sign
	}
	n.And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), bits), big.NewInt(1)))
	return n.FillBytes(make([]byte, size))
}

// whole is a counter's finished counts, or the nearest number of anything else.
func whole(v *big.Rat, counter bool) *big.Int {
	if !counter {
		v = new(big.Rat).Add(v, big.NewRat(1, 2))
	}
	n, _ := new(big.Int).DivMod(v.Num(), v.Denom(), new(big.Int))
	return n
}

// serial is the serial number as text or as a number.
func serial(r row, s string) []byte {
	if r.Type == "ascii" {
		n := r.Length
		if n == 0 {
			n = 8
		}
		return append([]byte(s), make([]byte, 2*n)...)[:2*n]
	}
	v, ok := new(big.Rat).SetString(s)
	if !ok {
		v = new(big.Rat)
	}
	return encoded(r, v)
}

// ordered puts bytes into registers in the meter's order.
func (m Map) ordered(r row, b []byte) []uint16 {
	low, little := m.low, m.little
	if r.WordOrder != "" {
		low = r.WordOrder == "low_first"
	}
	if r.ByteOrder != "" {
		little = r.ByteOrder == "little"
	}
	n := len(b) / 2
	out := make([]uint16, n)
	for i := range n {
		at := i
		if low {
			at = n - 1 - i
		}
		out[at] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		if little {
			out[at] = uint16(b[2*i+1])<<8 | uint16(b[2*i])
		}
	}
	return out
}
