package modbus

import (
	"math"
	"math/big"
)

// Quantity names what a register states.
type Quantity string

// The quantities that a template may map.
const (
	ActivePower  Quantity = "active_power"
	EnergyImport Quantity = "energy_import"
	EnergyExport Quantity = "energy_export"
	VoltageL1    Quantity = "voltage_l1" // against neutral
	VoltageL2    Quantity = "voltage_l2"
	VoltageL3    Quantity = "voltage_l3"
	Frequency    Quantity = "frequency"
	PowerFactor  Quantity = "power_factor"
	Serial       Quantity = "serial"
)

// quantities lists all of them in the order in which they are shown.
func quantities() []Quantity {
	return []Quantity{ActivePower, EnergyImport, EnergyExport, VoltageL1, VoltageL2, VoltageL3, Frequency, PowerFactor, Serial}
}

// counter reports whether q is a cumulative energy.
func (q Quantity) counter() bool { return q == EnergyImport || q == EnergyExport }

// Standing says how well a fact is founded.
type Standing string

// The standings.
const (
	Vendor     Standing = "V" // read in a document of the maker
	Secondary  Standing = "S" // stated alike by public programs or lists, not seen in a document of the maker
	Unverified Standing = "U" // from memory or from a single doubtful source: check before use
)

// Kind is which of the two register spaces a register stands in.
type Kind string

// The kinds, by the function code that reads them.
const (
	Holding Kind = "holding" // function 3
	Input   Kind = "input"   // function 4
)

// Type is how a register or a run of them is coded.
type Type string

// The types.
const (
	Int16   Type = "int16"
	Uint16  Type = "uint16"
	Int32   Type = "int32"
	Uint32  Type = "uint32"
	Int64   Type = "int64"
	Uint64  Type = "uint64"
	Float32 Type = "float32"
	Float64 Type = "float64"
	ASCII   Type = "ascii" // two characters a register
)

// registers is how many registers a value of the type takes; zero for text.
func (t Type) registers() int {
	switch t {
	case Int16, Uint16:
		return 1
	case Int32, Uint32, Float32:
		return 2
	case Int64, Uint64, Float64:
		return 4
	case ASCII:
	}
	return 0
}

func (t Type) signed() bool { return t == Int16 || t == Int32 || t == Int64 }
func (t Type) float() bool  { return t == Float32 || t == Float64 }

// Width is the count at which a counter begins again at zero.
type Width uint64

// Never is the width of a counter that does not begin again; Wide is 2 to the 64.
const (
	Never Width = 0
	Wide  Width = math.MaxUint64
)

// Decimal is an exact decimal number: Digits times ten to the power of -Places.
type Decimal struct {
	Digits int64
	Places int
}

func (d Decimal) rat() *big.Rat {
	r := new(big.Rat).SetInt64(d.Digits)
	return r.Quo(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Places)), nil)))
}

// Register is where and how a meter states one quantity.
type Register struct {
	Quantity  Quantity
	Kind      Kind
	Address   uint16 // as it is sent on the wire, counted from zero
	Length    int    // registers
	Type      Type
	LowFirst  bool // the less significant register comes first
	LittleEnd bool // the less significant byte of each register comes first
	Scale     Decimal
	Unit      string
	Negated   bool  // the meter counts feed-in as positive
	Width     Width // of counters, in counts
	Least     *Decimal
	Most      *Decimal // in Unit after Scale; beyond them the value is not believed
	Standing  Standing
}

// Template is what has to be known of a family of meters to read it.
type Template struct {
	Name        string
	Maker       string
	Models      []string
	Standing    Standing // the least of all its registers
	Source      string   // where the facts are from
	RTU         bool     // serial framing through a TCP gateway
	Port        int
	Unit        uint8
	Extremes    bool   // all ones, and the greatest and least signed value, mean not available
	Secondary   bool   // values are those behind the transformers: ratios must be declared
	Transformer string // for people: how the meter takes its transformer ratios
	Largest     int    // registers in one request
	Gap         int    // unused registers that one request may span
	Registers   []Register
	Caveats     []string
}

// Register returns the register that states q.
func (t Template) Register(q Quantity) (Register, bool) {
	for _, r := range t.Registers {
		if r.Quantity == q {
			return r, true
		}
	}
	return Register{}, false
}

// units lists the units of each quantity with what one of them is in the
// house's integer: W, J, mV, mHz and millionths.
func units(q Quantity) map[string]int64 {
	switch q {
	case ActivePower:
		return map[string]int64{"W": 1, "kW": 1_000, "MW": 1_000_000}
	case EnergyImport, EnergyExport:
		return map[string]int64{"J": 1, "Wh": 3_600, "kWh": 3_600_000, "MWh": 3_600_000_000}
	case VoltageL1, VoltageL2, VoltageL3:
		return map[string]int64{"V": 1_000, "kV": 1_000_000}
	case Frequency:
		return map[string]int64{"Hz": 1_000}
	case PowerFactor:
		return map[string]int64{"one": 1_000_000, "percent": 10_000}
	case Serial:
	}
	return nil
}
