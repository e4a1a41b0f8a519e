package snmp_test

import (
	"errors"
	"strings"
	"testing"

	"sluice/driver/snmp"
)

// least is a template that says no more than it must.
const least = `template: t
maker: m
standing: U
source: s
reads:
  power: {oid: 1.3.6.1.9.1, unit: W}
`

func TestParseFillsIn(t *testing.T) {
	t.Parallel()
	got, err := snmp.Parse("t.yaml", []byte(least))
	if err != nil {
		t.Fatal(err)
	}
	if o := got.Objects[0]; got.Standing != snmp.Unverified || o.Digits != 1 || o.Places != 0 || o.Least != nil || o.OID != "1.3.6.1.9.1" {
		t.Errorf("%+v", got)
	}
	got, err = snmp.Parse("t.yaml", []byte(strings.Replace(least, "unit: W", "scale: 0.01, unit: kW, least: 0, standing: V", 1)))
	if o := got.Objects[0]; err != nil || o.Digits != 1 || o.Places != 2 || *o.Least != 0 || got.Standing != snmp.Vendor {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	with := func(old, now string) string { return strings.Replace(least, old, now, 1) }
	for name, c := range map[string]struct{ src, want string }{
		"no name":                      {with("template: t\n", ""), "t.yaml:1: the template lacks template"},
		"a name with a space":          {with("template: t", "template: a b"), "t.yaml:1: name"},
		"no standing":                  {with("standing: U\n", ""), "t.yaml:1: the template lacks standing"},
		"a standing nobody knows":      {with("standing: U", "standing: A"), `t.yaml:3: standing "A"`},
		"a key nobody knows":           {with("source: s", "source: s\nsauce: s"), `t.yaml:5: the template has no key "sauce"`},
		"a key stated twice":           {with("source: s", "source: s\nsource: t"), "t.yaml:5: source is stated twice"},
		"no map":                       {with("reads:\n  power: {oid: 1.3.6.1.9.1, unit: W}\n", ""), "maps nothing"},
		"no power":                     {with("power: {oid: 1.3.6.1.9.1, unit: W}", "energy: {oid: 1.3.6.1.9.1, unit: Wh}"), "t.yaml:6: no power is mapped"},
		"no unit":                      {with(", unit: W", ""), "t.yaml:6: power lacks unit"},
		"a unit of something else":     {with("unit: W", "unit: Wh"), `t.yaml:6: unit "Wh"`},
		"no identifier":                {with("oid: 1.3.6.1.9.1, ", ""), "t.yaml:6: power lacks oid"},
		"a name for an identifier":     {with("1.3.6.1.9.1", "rPDU2"), "t.yaml:6: oid"},
		"a number too large":           {with("1.3.6.1.9.1", "1.3.4294967296"), "t.yaml:6: oid"},
		"an outlet where none belongs": {with("1.3.6.1.9.1", `"1.3.6.{outlet}"`), "t.yaml:6: oid"},
		"an outlet that is missing":    {with("power: {oid", "outlet_power: {oid"), "t.yaml:6: oid"},
		"a scale that is none":         {with("unit: W", "scale: -1, unit: W"), "t.yaml:6: scale"},
		"a bound that is none":         {with("unit: W", "least: x, unit: W"), "t.yaml:6: least"},
		"a list that is none":          {with("source: s", "source: s\nmodels: x"), "t.yaml:5: models is not a list"},
		"an anchor":                    {with("maker: m", "maker: &a m"), "t.yaml:2: maker is not a plain value"},
		"not YAML":                     {"a: [", "t.yaml:1: not YAML"},
		"an empty file":                {"", "t.yaml:1: "},
		"a book":                       {strings.Repeat("# page\n", 10_000), "t.yaml:0: "},
	} {
		_, err := snmp.Parse("t.yaml", []byte(c.src))
		if faults, ok := errors.AsType[snmp.ParseError](err); !ok || !strings.Contains(faults[0], c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	_, err := snmp.Parse("t.yaml", []byte("template: a b\nmaker: m\nstanding: X\nsource: s\nreads:\n  power: {oid: x, unit: y, scale: z}\n"))
	if faults, _ := errors.AsType[snmp.ParseError](err); len(faults) != 5 {
		t.Errorf("all faults at once: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range snmp.Names() {
		src, err := snmp.File(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(least))
	f.Add([]byte("reads: {power: {oid: 1.3.6.{outlet}}}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := snmp.Parse("f.yaml", src)
		if err != nil {
			if faults, ok := errors.AsType[snmp.ParseError](err); !ok || len(faults) == 0 {
				t.Fatalf("an error without faults: %v", err)
			}
			return
		}
		for _, o := range got.Objects {
			if o.OID == "" || o.Digits <= 0 || o.Places < 0 || o.Places > 12 {
				t.Fatalf("accepted %+v", o)
			}
		}
	})
}
