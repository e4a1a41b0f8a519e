package modbus

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sluice/driver/template"
)

// readMax is the most registers that the protocol lets one request ask for.
const readMax = 125

// Parse reads a template. file names it in faults. The error is a ParseError
// with every fault and its line.
func Parse(file string, src []byte) (Template, error) {
	r := template.New(file)
	o := r.Root(src)
	if o == nil {
		return Template{}, r.Err()
	}
	t := Template{
		Name: o.Text("template", true), Maker: o.Text("maker", true), Models: o.List("models"),
		Source: o.Text("source", true), Transformer: o.Text("transformer", false), Caveats: o.List("caveats"),
	}
	base := Register{Standing: Standing(o.Choice("standing", true, string(Unverified), string(Secondary), string(Vendor)))}
	first := o.Choice("addressing", false, "zero", "one")
	base.LittleEnd = o.Choice("byte_order", false, "big", "little") == "little"
	base.LowFirst = o.Choice("word_order", false, "high_first", "low_first") == "low_first"
	t.Extremes = o.Choice("absent", false, "none", "extremes") == "extremes"
	t.Secondary = o.Choice("values", true, "primary", "secondary") == "secondary"
	transport(&t, o)
	registers(&t, o, base, first == "one")
	o.Close()
	if strings.ContainsAny(t.Name, " \t\n/\\") {
		o.Say("template", fmt.Sprintf("name %q holds spaces or slashes", t.Name), "write it like eastron-sdm630")
	}
	return t, r.Err()
}

func transport(t *Template, o *template.Object) {
	t.Port, t.Unit, t.Largest = 502, 1, readMax
	if c := o.Child("transport"); c != nil {
		t.RTU = c.Choice("kind", false, "modbus-tcp", "rtu-over-tcp") == "rtu-over-tcp"
		t.Port = int(c.Whole("port", 502, 1, 65535))
		t.Unit = uint8(c.Whole("unit", 1, 0, 255)) //nolint:gosec // bounded on this line
		c.Close()
	}
	if c := o.Child("limits"); c != nil {
		t.Largest = int(c.Whole("registers", readMax, 1, readMax))
		t.Gap = int(c.Whole("gap", 0, 0, readMax))
		c.Close()
	}
}

// registers reads the map itself and checks what holds across its lines.
func registers(t *Template, o *template.Object, base Register, fromOne bool) {
	reads := o.Child("reads")
	if reads == nil {
		if !o.Has("reads") {
			o.Say("", "the template maps no quantity", "state at least active_power or energy_import under reads")
		}
		return
	}
	for _, q := range quantities() {
		if row := reads.Child(string(q)); row != nil {
			t.Registers = append(t.Registers, register(t, row, q, base, fromOne))
		}
	}
	reads.Close()
	if _, power := t.Register(ActivePower); !power && !hasCounter(t) {
		o.Say("reads", "neither power nor energy is mapped", "map active_power, energy_import or energy_export")
	}
	t.Standing = leastStanding(t.Registers, base.Standing)
	overlaps(t, reads)
}

func hasCounter(t *Template) bool {
	return slices.ContainsFunc(t.Registers, func(r Register) bool { return r.Quantity.counter() })
}

// leastStanding is that of the weakest register.
func leastStanding(all []Register, otherwise Standing) Standing {
	for _, s := range []Standing{Unverified, Secondary, Vendor} {
		if slices.ContainsFunc(all, func(r Register) bool { return r.Standing == s }) {
			return s
		}
	}
	return otherwise
}

// overlaps reports quantities that share a register.
func overlaps(t *Template, reads *template.Object) {
	for i, a := range t.Registers {
		for _, b := range t.Registers[:i] {
			if a.Kind == b.Kind && int(a.Address) < int(b.Address)+b.Length && int(b.Address) < int(a.Address)+a.Length {
				reads.Say(string(a.Quantity), fmt.Sprintf("%s and %s share a register", a.Quantity, b.Quantity), "correct the address or the type of one of them")
			}
		}
	}
}

// register reads one line of the map.
func register(t *Template, o *template.Object, q Quantity, base Register, fromOne bool) Register {
	r := base
	r.Quantity, r.Scale = q, Decimal{Digits: 1}
	r.Kind = Kind(o.Choice("kind", true, string(Holding), string(Input)))
	types := []string{string(Uint16), string(Int16), string(Int32), string(Uint32), string(Int64), string(Uint64), string(Float32), string(Float64)}
	if q == Serial {
		types = append(types, string(ASCII))
	}
	r.Type = Type(o.Choice("type", true, types...))
	r.Length = r.Type.registers()
	if r.Type == ASCII {
		r.Length = int(o.Whole("length", 8, 1, 32))
	}
	r.Address = address(o, r.Length, fromOne)
	if r.Length > t.Largest {
		o.Say("", fmt.Sprintf("%s takes %d registers and a request may ask for %d", q, r.Length, t.Largest), "raise limits.registers")
	}
	if o.Has("byte_order") {
		r.LittleEnd = o.Choice("byte_order", false, "big", "little") == "little"
	}
	if o.Has("word_order") {
		r.LowFirst = o.Choice("word_order", false, "high_first", "low_first") == "low_first"
	}
	if o.Has("standing") {
		r.Standing = Standing(o.Choice("standing", true, string(Unverified), string(Secondary), string(Vendor)))
	}
	o.Know("byte_order", "word_order", "standing")
	if q != Serial {
		measured(o, q, &r)
	}
	o.Close()
	return r
}

func address(o *template.Object, length int, fromOne bool) uint16 {
	if !o.Has("address") {
		o.Text("address", true)
		return 0
	}
	low := int64(0)
	if fromOne {
		low = 1
	}
	return uint16(o.Whole("address", low, low, 65536+low-int64(max(1, length))) - low) //nolint:gosec // bounded on this line
}

// measured reads what only measured quantities have: scale, unit, bounds, sign and width.
func measured(o *template.Object, q Quantity, r *Register) {
	if d, ok := decimal(o, "scale"); ok {
		if d.Digits <= 0 {
			o.Say("scale", "scale is not above zero", "a turned sign is stated by sign: export_positive")
			d = Decimal{Digits: 1}
		}
		r.Scale = d
	}
	r.Unit = o.Choice("unit", true, slices.Sorted(maps.Keys(units(q)))...)
	if d, ok := decimal(o, "least"); ok {
		r.Least = &d
	}
	if d, ok := decimal(o, "most"); ok {
		r.Most = &d
	}
	if r.Least != nil && r.Most != nil && r.Least.rat().Cmp(r.Most.rat()) >= 0 {
		o.Say("least", "least is not below most", "exchange them")
	}
	if q == ActivePower {
		r.Negated = o.Choice("sign", true, "import_positive", "export_positive") == "export_positive"
	}
	if q.counter() {
		r.Width = width(o, r.Type)
	}
}

// width reads when a counter begins again: never, at the end of its type, or at
// a stated count.
func width(o *template.Object, t Type) Width {
	s := o.Text("wrap", true)
	switch {
	case !o.Has("wrap"), s == "never":
		return Never
	case s == "type" && !t.float():
		return typeWidth(t)
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || n < 1000 || !t.float() && typeWidth(t) != Wide && Width(n) > typeWidth(t) {
		o.Say("wrap", fmt.Sprintf("wrap %q is not a way to begin again for a %s", s, t), "write never, type (integers only) or the count at which it begins again")
		return Never
	}
	return Width(n)
}

func typeWidth(t Type) Width {
	bits := 16 * t.registers()
	if t.signed() {
		bits--
	}
	if bits >= 64 {
		return Wide
	}
	return Width(1) << bits
}
