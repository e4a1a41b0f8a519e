package snmp

import (
	"embed"

	"sluice/driver/template"
)

// Quantity names what an object states.
type Quantity string

// The quantities that a template may map.
const (
	Power       Quantity = "power"        // of the whole strip
	Energy      Quantity = "energy"       // of the whole strip, cumulative
	OutletPower Quantity = "outlet_power" // of one outlet; its identifier holds {outlet}
	Serial      Quantity = "serial"
)

// units lists the units of a quantity with what one of them is in watts or joules.
func units(q Quantity) map[string]int64 {
	switch q {
	case Power, OutletPower:
		return map[string]int64{"W": 1, "kW": 1_000}
	case Energy:
		return map[string]int64{"J": 1, "Wh": 3_600, "kWh": 3_600_000}
	case Serial:
	}
	return nil
}

// Standing says how well a fact is founded: V in a document of the maker, S
// stated alike by public programs, U unverified.
type Standing string

// The standings.
const (
	Vendor     Standing = "V"
	Secondary  Standing = "S"
	Unverified Standing = "U"
)

// Object is where and how a strip states one quantity.
type Object struct {
	Quantity Quantity
	OID      string // without a leading dot; may hold {outlet}
	Digits   int64  // value = number x Digits x 10^-Places, in Unit
	Places   int
	Unit     string
	Least    *int64 // numbers below are not believed, before the scale
	Standing Standing
}

// Template is what has to be known of a family of strips to read it.
type Template struct {
	Name     string
	Maker    string
	Models   []string
	Standing Standing // the least of all its objects
	Source   string
	Objects  []Object
	Caveats  []string
}

// Object returns the object that states q.
func (t Template) Object(q Quantity) (Object, bool) {
	for _, o := range t.Objects {
		if o.Quantity == q {
			return o, true
		}
	}
	return Object{}, false
}

//go:embed template/*.yaml
var shipped embed.FS

func shelf() template.Shelf { return template.Shelf{Files: shipped, Kind: "strip"} }

// Names lists the templates inside the program, in order.
func Names() []string { return shelf().Names() }

// File returns the text of the template of that name inside the program.
func File(name string) ([]byte, error) { return shelf().File(name) }

// Shipped returns the template of that name inside the program.
func Shipped(name string) (Template, error) {
	b, err := File(name)
	if err != nil {
		return Template{}, err
	}
	return Parse(name+".yaml", b)
}
