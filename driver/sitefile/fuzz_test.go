package sitefile

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/unit"
)

// FuzzRead holds that no text breaks Read: it gives a file whose rooms agree,
// or faults on one line each.
func FuzzRead(f *testing.F) {
	f.Add(small)
	f.Add(everything)
	f.Add(live)
	f.Add(gpus)
	for _, c := range hostingBreaks {
		f.Add(strings.Replace(gpus, c.from, c.to, 1))
	}
	for _, c := range controlBreaks {
		f.Add(strings.Replace(live, c.from, c.to, 1))
	}
	for _, name := range Examples() {
		text, err := Example(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, c := range breaks {
		f.Add(strings.Replace(small, c.from, c.to, 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Read(strings.NewReader(text), "x")
		if (file == nil) == (err == nil) {
			t.Fatalf("file %v and error %v", file != nil, err)
		}
		if err != nil {
			if len(Faults(err)) == 0 || len(Faults(err)) != strings.Count(err.Error(), "\n")+1 {
				t.Fatalf("%d faults in %q", len(Faults(err)), err.Error())
			}
			return
		}
		if err := file.Site.Validate(); err != nil {
			t.Fatal(err)
		}
		if err := file.Contracts.Validate(); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Rigs(); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Tenancies(); err != nil {
			t.Fatal(err)
		}
		checkControl(t, file)
	})
}

// checkControl holds what whoever runs a site live builds on: every machine has
// one address of its own in a declared network, and nobody else's.
func checkControl(t *testing.T, file *File) {
	t.Helper()
	if file.Control == nil {
		return
	}
	taken := map[netip.Addr]bool{}
	inside := func(a netip.Addr) bool {
		return slices.ContainsFunc(file.Control.Networks, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	for _, m := range file.Control.Meters {
		taken[m.Address] = true
		if !inside(m.Address) {
			t.Fatalf("meter %s is outside", m.Address)
		}
	}
	counts := map[string]int{}
	for _, m := range file.Control.Machines {
		for a := range m.Addresses.All() {
			if taken[a] || !inside(a) {
				t.Fatalf("%s is taken or outside", a)
			}
			taken[a] = true
			counts[m.Group]++
		}
	}
	for _, g := range file.Groups {
		if counts[g.Name] != g.Count {
			t.Fatalf("group %s has %d addresses for %d machines", g.Name, counts[g.Name], g.Count)
		}
	}
}

// TestNumbersAreExact writes a number with six decimals and reads it back.
func TestNumbersAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		watts := rapid.Int64Range(100_000, 1e12).Draw(t, "watts")
		text := decimal(watts)
		f, err := Read(strings.NewReader(strings.Replace(small, "import_limit_mw: 10", "import_limit_mw: "+text, 1)), "x")
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Site.Connection.Import; got != unit.Power(watts) {
			t.Fatalf("%s MW became %d W", text, int64(got))
		}
	})
}

// decimal writes millionths as a decimal number.
func decimal(v int64) string {
	digits := []byte("0000000")
	for i := 6; v > 0 || i > 0; i-- {
		if i < 0 {
			digits = append([]byte("0"), digits...)
			i = 0
		}
		digits[i] = byte('0' + v%10)
		v /= 10
	}
	return string(digits[:len(digits)-6]) + "." + string(digits[len(digits)-6:])
}
