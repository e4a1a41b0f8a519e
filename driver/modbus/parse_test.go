package modbus

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// least is a template that says no more than it must.
const least = `template: t
maker: m
standing: U
source: s
values: primary
reads:
  active_power: {kind: holding, address: 0x10, type: int32, unit: W, sign: import_positive}
`

func TestParseFillsIn(t *testing.T) {
	t.Parallel()
	got, err := Parse("t.yaml", []byte(least))
	if err != nil {
		t.Fatal(err)
	}
	r := got.Registers[0]
	if got.Port != 502 || got.Unit != 1 || got.Largest != 125 || got.Gap != 0 || got.RTU || got.Extremes || got.Standing != Unverified {
		t.Errorf("template %+v", got)
	}
	if r.Address != 16 || r.Length != 2 || r.LowFirst || r.LittleEnd || r.Scale != (Decimal{Digits: 1}) || r.Negated || r.Width != Never {
		t.Errorf("register %+v", r)
	}
}

func TestAddressingFromOne(t *testing.T) {
	t.Parallel()
	src := strings.Replace(least, "values:", "addressing: one\nvalues:", 1)
	got, err := Parse("t.yaml", []byte(strings.Replace(src, "0x10", "3060", 1)))
	if err != nil || got.Registers[0].Address != 3059 {
		t.Errorf("%+v, %v", got.Registers, err)
	}
	if _, err := Parse("t.yaml", []byte(strings.Replace(src, "0x10", "0", 1))); err == nil {
		t.Error("there is no register 0 where counting begins at one")
	}
}

func TestWidths(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]Width{
		"type: uint32, wrap: type": 1 << 32, "type: int32, wrap: type": 1 << 31, "type: uint16, wrap: type": 1 << 16,
		"type: uint64, wrap: type": Wide, "type: int64, wrap: type": 1 << 63, "type: uint32, wrap: never": Never,
		"type: uint32, wrap: 1000000": 1_000_000, "type: float32, wrap: 99999999": 99_999_999, "type: float64, wrap: never": Never,
	} {
		got, err := Parse("t.yaml", []byte(least+"  energy_import: {kind: input, address: 0, unit: kWh, "+line+"}\n"))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if r, _ := got.Register(EnergyImport); r.Width != want {
			t.Errorf("%s: width %d, want %d", line, r.Width, want)
		}
	}
}

// TestFaults: one fault each, with its line and a remedy.
func TestFaults(t *testing.T) {
	t.Parallel()
	with := func(old, now string) string { return strings.Replace(least, old, now, 1) }
	energy := func(s string) string { return least + "  energy_import: {kind: input, address: 0, " + s + "}\n" }
	cases := map[string]struct {
		src  string
		line int
		want string
	}{
		"no name":                       {with("template: t\n", ""), 1, "lacks template"},
		"a name with a slash":           {with("template: t", "template: a/b"), 1, "slashes"},
		"no source":                     {with("source: s\n", ""), 1, "lacks source"},
		"no statement of the values":    {with("values: primary\n", ""), 1, "lacks values"},
		"a standing nobody knows":       {with("standing: U", "standing: X"), 3, `standing "X" is not known`},
		"a key nobody knows":            {with("values: primary", "values: primary\nvalue: 3"), 6, `has no key "value"`},
		"a key stated twice":            {with("maker: m", "maker: m\nmaker: n"), 3, "stated twice"},
		"no map":                        {with("reads:\n  active_power: {kind: holding, address: 0x10, type: int32, unit: W, sign: import_positive}\n", ""), 1, "maps no quantity"},
		"a map of text":                 {"template: t\nmaker: m\nstanding: U\nsource: s\nvalues: primary\nreads: none\n", 6, "not a list of keys"},
		"neither power nor energy":      {with("active_power: {kind: holding, address: 0x10, type: int32, unit: W, sign: import_positive}", "frequency: {kind: input, address: 1, type: uint16, unit: Hz}"), 6, "neither power nor energy"},
		"a quantity nobody knows":       {least + "  actve_power: {}\n", 8, "actve_power"},
		"no sign":                       {with(", sign: import_positive", ""), 7, "lacks sign"},
		"a unit of something else":      {with("unit: W", "unit: kWh"), 7, "write one of MW, W, kW"},
		"no address":                    {with("address: 0x10, ", ""), 7, "lacks address"},
		"an address beyond the space":   {with("0x10", "65535"), 7, "from 0 to 65534"},
		"a negative address":            {with("0x10", "-1"), 7, "not a whole number"},
		"a type nobody knows":           {with("int32", "int24"), 7, `type "int24" is not known`},
		"text that is no serial number": {with("int32", "ascii"), 7, `type "ascii" is not known`},
		"a scale below zero":            {with("unit: W", "scale: -1, unit: W"), 7, "not above zero"},
		"a scale of zero":               {with("unit: W", "scale: 0, unit: W"), 7, "not above zero"},
		"a scale that is no number":     {with("unit: W", "scale: 1e-3, unit: W"), 7, "not a decimal number"},
		"bounds exchanged":              {with("unit: W", "least: 5, most: 5, unit: W"), 7, "least is not below most"},
		"no wrap":                       {energy("type: uint32, unit: kWh"), 8, "lacks wrap"},
		"a float that wraps by type":    {energy("type: float32, unit: kWh, wrap: type"), 8, "no"},
		"a dial beyond its type":        {energy("type: uint16, unit: kWh, wrap: 100000"), 8, "is not a way to begin again"},
		"two quantities in one place":   {least + "  frequency: {kind: holding, address: 17, type: uint16, unit: Hz}\n", 8, "share a register"},
		"a request too small":           {with("values: primary", "values: primary\nlimits: {registers: 1}"), 8, "takes 2 registers"},
		"a port beyond the numbers":     {with("values: primary", "values: primary\ntransport: {port: 70000}"), 6, "from 1 to 65535"},
		"a list that is none":           {with("maker: m", "maker: m\nmodels: x"), 3, "not a list"},
		"a tag":                         {with("maker: m", "maker: !!str m"), 2, "not a plain value"},
		"an anchor":                     {with("maker: m", "maker: &a m"), 2, "not a plain value"},
		"not YAML":                      {"template: [\n", 1, "not YAML"},
		"two documents":                 {least + "---\n" + least, 1, "2 documents"},
		"an empty file":                 {"", 1, "documents in the file"},
		"a list":                        {"- a\n", 1, "not a list of keys"},
		"a book":                        {strings.Repeat("# page\n", 10_000), 0, "a template is a page"},
	}
	for name, c := range cases {
		_, err := Parse("t.yaml", []byte(c.src))
		faults, ok := errors.AsType[ParseError](err)
		if !ok {
			t.Errorf("%s: accepted", name)
			continue
		}
		if f := faults[0]; f.Line != c.line || !strings.Contains(f.String(), c.want) || f.Remedy == "" {
			t.Errorf("%s: %v; want line %d with %q", name, err, c.line, c.want)
		}
	}
}

// TestAllFaultsAtOnce: a file with many faults is reported once, in order.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	src := `template: a b
maker: m
standing: X
source: s
values: both
colour: red
reads:
  active_power: {kind: coil, address: -4, type: int24, unit: VA, sign: up}
  energy_import: {kind: input, address: 0, type: uint32, unit: kWh}
`
	_, err := Parse("t.yaml", []byte(src))
	faults, _ := errors.AsType[ParseError](err)
	var lines []int
	for _, f := range faults {
		lines = append(lines, f.Line)
	}
	if want := []int{1, 3, 5, 6, 8, 8, 8, 8, 8, 9}; !slices.Equal(lines, want) {
		t.Errorf("faults on lines %v, want %v:\n%v", lines, want, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		src, err := File(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, s := range []string{least, "", "a: &a\n  <<: *a\n", "reads: {active_power: {address: 0x, scale: .}}", "? [a]: b\n", "template: |\n  x\n", "- - -\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := Parse("f.yaml", src)
		if err != nil {
			if faults, ok := errors.AsType[ParseError](err); !ok || len(faults) == 0 {
				t.Fatalf("an error without faults: %v", err)
			}
			return
		}
		if got.Name == "" || len(got.Registers) == 0 {
			t.Fatalf("accepted without a name or a map: %+v", got)
		}
		for _, r := range got.Registers {
			if r.Length < 1 || int(r.Address)+r.Length > 65536 || r.Scale.Digits <= 0 || r.Length > got.Largest {
				t.Fatalf("accepted %+v", r)
			}
			words := make([]uint16, r.Length)
			if r.Quantity.counter() {
				if c, err := r.counter(words, got.Extremes, one()); err == nil && (c.Energy < 0 || c.Step < 1) {
					t.Fatalf("counter %+v", c)
				}
			} else if r.Quantity != Serial {
				if _, err := r.value(words, got.Extremes, one()); err != nil && !errors.Is(err, errOutOfRange) {
					t.Fatal(fmt.Errorf("zero is no value: %w", err))
				}
			}
		}
	})
}
