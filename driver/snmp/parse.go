package snmp

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sluice/driver/template"
)

// ParseError is everything that is wrong with a template, a line each, as
// file, line, fault and remedy.
type ParseError []string

// Error lists all faults.
func (e ParseError) Error() string { return strings.Join(e, "\n") }

// failed is what was found, or nil.
func failed(r *template.Reader) error {
	var all ParseError
	for _, f := range r.Faults() {
		all = append(all, f.String())
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// Parse reads a template. file names it in faults; the error is a ParseError
// with every fault and its line.
func Parse(file string, src []byte) (Template, error) {
	r := template.New(file)
	top := r.Root(src)
	if top == nil {
		return Template{}, failed(r)
	}
	top.Know("template", "maker", "models", "standing", "source", "reads", "caveats")
	t := Template{
		Name: top.Text("template", true), Maker: top.Text("maker", true), Source: top.Text("source", true),
		Models: top.List("models"), Caveats: top.List("caveats"), Standing: standing(top, true, Unverified),
	}
	if strings.ContainsAny(t.Name, " \t\n/\\") {
		top.Say("template", fmt.Sprintf("name %q holds spaces or slashes", t.Name), "write it like apc-rpdu2")
	}
	if reads := top.Child("reads"); reads != nil {
		objects(&t, reads)
	} else if !top.Has("reads") {
		top.Say("", "the template maps nothing", "state power or outlet_power under reads")
	}
	top.Close()
	return t, failed(r)
}

// objects reads the map itself.
func objects(t *Template, reads *template.Object) {
	for _, q := range []Quantity{Power, Energy, OutletPower, Serial} {
		if row := reads.Child(string(q)); row != nil {
			t.Objects = append(t.Objects, object(row, q, t.Standing))
		}
	}
	reads.Close()
	_, whole := t.Object(Power)
	if _, single := t.Object(OutletPower); !whole && !single {
		reads.Say("", "no power is mapped", "map power or outlet_power")
	}
	for _, s := range []Standing{Vendor, Secondary, Unverified} {
		if slices.ContainsFunc(t.Objects, func(o Object) bool { return o.Standing == s }) {
			t.Standing = s
		}
	}
}

// oidForm is what an object identifier looks like.
var oidForm = regexp.MustCompile(`^[012](\.(\d{1,10}|\{outlet\})){2,40}$`)

// object reads one line of the map.
func object(row *template.Object, q Quantity, otherwise Standing) Object {
	row.Know("oid", "scale", "unit", "least", "standing")
	defer row.Close()
	o := Object{Quantity: q, OID: strings.TrimPrefix(row.Text("oid", true), "."), Digits: 1, Standing: standing(row, false, otherwise)}
	if outlets := strings.Count(o.OID, "{outlet}"); row.Has("oid") && (!oidForm.MatchString(o.OID) || outlets > 1 || (outlets == 1) != (q == OutletPower) || !small(o.OID)) {
		row.Say("oid", fmt.Sprintf("oid %q is not one for %s", o.OID, q), "write numbers and dots, with {outlet} once for outlet_power and nowhere else")
	}
	if q == Serial {
		return o
	}
	if s := row.Text("scale", false); row.Has("scale") {
		if o.Digits, o.Places = decimal(s); o.Digits <= 0 {
			row.Say("scale", fmt.Sprintf("scale %q is not a decimal number above zero", s), "write it as 0.01")
		}
	}
	if s := row.Text("least", false); row.Has("least") {
		v, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			row.Say("least", fmt.Sprintf("least %q is not a whole number", s), "write 0 where -1 means not available")
		}
		o.Least = &v
	}
	o.Unit = row.Text("unit", true)
	if units(q)[o.Unit] == 0 && row.Has("unit") {
		row.Say("unit", fmt.Sprintf("unit %q is none of %s", o.Unit, q), "write one of "+strings.Join(slices.Sorted(maps.Keys(units(q))), ", "))
	}
	return o
}

// small reports whether every number of an object identifier fits 32 bits.
func small(oid string) bool {
	for s := range strings.SplitSeq(strings.ReplaceAll(oid, "{outlet}", "1"), ".") {
		if _, err := strconv.ParseUint(s, 10, 32); err != nil {
			return false
		}
	}
	return true
}

// decimal reads 0.01 as 1 and 2; zero digits mean that it is none above zero.
func decimal(s string) (digits int64, places int) {
	whole, fraction, _ := strings.Cut(s, ".")
	text := whole + fraction
	if text == "" || len(text) > 12 || strings.Trim(text, "0123456789") != "" {
		return 0, 0
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, 0
	}
	return v, len(fraction)
}

// standing reads how well a fact is founded.
func standing(o *template.Object, required bool, otherwise Standing) Standing {
	s := Standing(o.Text("standing", required))
	if !o.Has("standing") {
		return otherwise
	}
	if s != Vendor && s != Secondary && s != Unverified {
		o.Say("standing", fmt.Sprintf("standing %q is not known", s), "write one of V, S, U")
		return Unverified
	}
	return s
}
