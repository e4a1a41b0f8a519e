package modbus

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readMax is the most registers that the protocol lets one request ask for.
const readMax = 125

// Parse reads a template. file names it in faults. The error is a ParseError
// with every fault and its line.
func Parse(file string, src []byte) (Template, error) {
	r := &reader{file: file}
	o := r.root(src)
	if o == nil {
		return Template{}, r.err()
	}
	t := Template{
		Name: o.text("template", true), Maker: o.text("maker", true), Models: o.list("models"),
		Source: o.text("source", true), Transformer: o.text("transformer", false), Caveats: o.list("caveats"),
	}
	base := Register{Standing: Standing(o.choice("standing", true, string(Unverified), string(Secondary), string(Vendor)))}
	first := o.choice("addressing", false, "zero", "one")
	base.LittleEnd = o.choice("byte_order", false, "big", "little") == "little"
	base.LowFirst = o.choice("word_order", false, "high_first", "low_first") == "low_first"
	t.Extremes = o.choice("absent", false, "none", "extremes") == "extremes"
	t.Secondary = o.choice("values", true, "primary", "secondary") == "secondary"
	transport(&t, o)
	registers(&t, o, base, first == "one")
	o.close()
	if strings.ContainsAny(t.Name, " \t\n/\\") {
		r.say(o.at("template"), fmt.Sprintf("name %q holds spaces or slashes", t.Name), "write it like eastron-sdm630")
	}
	return t, r.err()
}

func transport(t *Template, o *object) {
	t.Port, t.Unit, t.Largest = 502, 1, readMax
	if c := o.child("transport"); c != nil {
		t.RTU = c.choice("kind", false, "modbus-tcp", "rtu-over-tcp") == "rtu-over-tcp"
		t.Port = int(c.whole("port", 502, 1, 65535))
		t.Unit = uint8(c.whole("unit", 1, 0, 255)) //nolint:gosec // bounded on this line
		c.close()
	}
	if c := o.child("limits"); c != nil {
		t.Largest = int(c.whole("registers", readMax, 1, readMax))
		t.Gap = int(c.whole("gap", 0, 0, readMax))
		c.close()
	}
}

// registers reads the map itself and checks what holds across its lines.
func registers(t *Template, o *object, base Register, fromOne bool) {
	reads := o.child("reads")
	if reads == nil {
		if !o.has("reads") {
			o.r.say(o.line, "the template maps no quantity", "state at least active_power or energy_import under reads")
		}
		return
	}
	for _, q := range quantities() {
		if row := reads.child(string(q)); row != nil {
			t.Registers = append(t.Registers, register(t, row, q, base, fromOne))
		}
	}
	reads.close()
	if _, power := t.Register(ActivePower); !power && !hasCounter(t) {
		o.r.say(o.at("reads"), "neither power nor energy is mapped", "map active_power, energy_import or energy_export")
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
func overlaps(t *Template, reads *object) {
	for i, a := range t.Registers {
		for _, b := range t.Registers[:i] {
			if a.Kind == b.Kind && int(a.Address) < int(b.Address)+b.Length && int(b.Address) < int(a.Address)+a.Length {
				reads.r.say(reads.at(string(a.Quantity)), fmt.Sprintf("%s and %s share a register", a.Quantity, b.Quantity), "correct the address or the type of one of them")
			}
		}
	}
}

// register reads one line of the map.
func register(t *Template, o *object, q Quantity, base Register, fromOne bool) Register {
	r := base
	r.Quantity, r.Scale = q, Decimal{Digits: 1}
	r.Kind = Kind(o.choice("kind", true, string(Holding), string(Input)))
	types := []string{string(Uint16), string(Int16), string(Int32), string(Uint32), string(Int64), string(Uint64), string(Float32), string(Float64)}
	if q == Serial {
		types = append(types, string(ASCII))
	}
	r.Type = Type(o.choice("type", true, types...))
	r.Length = r.Type.registers()
	if r.Type == ASCII {
		r.Length = int(o.whole("length", 8, 1, 32))
	}
	r.Address = address(o, r.Length, fromOne)
	if r.Length > t.Largest {
		o.r.say(o.line, fmt.Sprintf("%s takes %d registers and a request may ask for %d", q, r.Length, t.Largest), "raise limits.registers")
	}
	if o.has("byte_order") {
		r.LittleEnd = o.choice("byte_order", false, "big", "little") == "little"
	}
	if o.has("word_order") {
		r.LowFirst = o.choice("word_order", false, "high_first", "low_first") == "low_first"
	}
	if o.has("standing") {
		r.Standing = Standing(o.choice("standing", true, string(Unverified), string(Secondary), string(Vendor)))
	}
	o.known = append(o.known, "byte_order", "word_order", "standing")
	if q != Serial {
		measured(o, q, &r)
	}
	o.close()
	return r
}

func address(o *object, length int, fromOne bool) uint16 {
	if !o.has("address") {
		o.text("address", true)
		return 0
	}
	low := int64(0)
	if fromOne {
		low = 1
	}
	return uint16(o.whole("address", low, low, 65536+low-int64(max(1, length))) - low) //nolint:gosec // bounded on this line
}

// measured reads what only measured quantities have: scale, unit, bounds, sign and width.
func measured(o *object, q Quantity, r *Register) {
	if d, ok := o.decimal("scale"); ok {
		if d.Digits <= 0 {
			o.r.say(o.at("scale"), "scale is not above zero", "a turned sign is stated by sign: export_positive")
			d = Decimal{Digits: 1}
		}
		r.Scale = d
	}
	r.Unit = o.choice("unit", true, slices.Sorted(maps.Keys(units(q)))...)
	if d, ok := o.decimal("least"); ok {
		r.Least = &d
	}
	if d, ok := o.decimal("most"); ok {
		r.Most = &d
	}
	if r.Least != nil && r.Most != nil && r.Least.rat().Cmp(r.Most.rat()) >= 0 {
		o.r.say(o.at("least"), "least is not below most", "exchange them")
	}
	if q == ActivePower {
		r.Negated = o.choice("sign", true, "import_positive", "export_positive") == "export_positive"
	}
	if q.counter() {
		r.Width = width(o, r.Type)
	}
}

// width reads when a counter begins again: never, at the end of its type, or at
// a stated count.
func width(o *object, t Type) Width {
	s := o.text("wrap", true)
	switch {
	case !o.has("wrap"), s == "never":
		return Never
	case s == "type" && !t.float():
		return typeWidth(t)
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || n < 1000 || !t.float() && typeWidth(t) != Wide && Width(n) > typeWidth(t) {
		o.r.say(o.at("wrap"), fmt.Sprintf("wrap %q is not a way to begin again for a %s", s, t), "write never, type (integers only) or the count at which it begins again")
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
