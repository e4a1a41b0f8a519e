package seal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/driver/seal"
)

// families are those that may stand in the files of the tests.
func families() []device.Family { return []device.Family{device.Antminer, device.LuxOS} }

const keys = `# who
antminer,root,by family
*,anyone,by star
@10.20.0.0/16,net,by network
@10.20.1.0/24,hall,by hall
@10.20.1.17,unit,by address
@fd00::/64,six,by v6
`

func book(t *testing.T, text string) seal.Book {
	t.Helper()
	b, err := seal.Parse("keys.csv", []byte(text), families())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheMostSpecificLineCounts(t *testing.T) {
	t.Parallel()
	b := book(t, keys)
	for sentence, c := range map[string]struct {
		family device.Family
		host   string
		want   string
	}{
		"an address of its own":                {device.Antminer, "10.20.1.17", "by address"},
		"the longest network":                  {device.Antminer, "10.20.1.18", "by hall"},
		"a shorter one":                        {device.LuxOS, "10.20.2.1", "by network"},
		"the family outside all networks":      {device.Antminer, "10.21.0.1", "by family"},
		"all others":                           {device.LuxOS, "10.21.0.1", "by star"},
		"IPv6":                                 {device.LuxOS, "fd00::7", "by v6"},
		"an IPv4 address in the clothes of v6": {device.LuxOS, "::ffff:10.20.1.17", "by address"},
	} {
		got, err := b.For(device.Identity{Family: c.family}, device.Address{Host: c.host})
		if err != nil || string(got.Secret) != c.want {
			t.Errorf("%s: user %s, %v", sentence, got.User, err)
		}
	}
	if _, err := b.For(device.Identity{}, device.Address{Host: "miner.example"}); err == nil {
		t.Error("a name got a credential")
	}
	if c, err := (seal.Book{}).For(device.Identity{}, device.Address{Host: "10.0.0.1"}); err != nil || c != (device.Credential{}) {
		t.Errorf("the empty book: %v, %v", c, err)
	}
	if of, at := b.Count(); of != 2 || at != 4 {
		t.Errorf("%d families, %d places", of, at)
	}
}

// TestMostSpecificAgainstASearch compares the answer with a search through all lines.
func TestMostSpecificAgainstASearch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		lines := map[netip.Prefix]string{}
		for range rapid.IntRange(0, 12).Draw(t, "lines") {
			p, _ := netip.AddrFrom4([4]byte{10, 20, byte(rapid.IntRange(0, 3).Draw(t, "third")), byte(rapid.IntRange(0, 7).Draw(t, "last"))}).Prefix(rapid.IntRange(8, 32).Draw(t, "bits"))
			if _, twice := lines[p]; !twice {
				lines[p] = fmt.Sprintf("secret %d", len(lines))
				fmt.Fprintf(&text, "@%s,u,%s\n", p, lines[p])
			}
		}
		b, err := seal.Parse("keys", []byte(text.String()), nil)
		if err != nil {
			t.Fatal(err)
		}
		a := netip.AddrFrom4([4]byte{10, 20, byte(rapid.IntRange(0, 3).Draw(t, "third")), byte(rapid.IntRange(0, 7).Draw(t, "last"))})
		want, bits := "", -1
		for p, s := range lines {
			if p.Contains(a) && p.Bits() > bits {
				want, bits = s, p.Bits()
			}
		}
		if got, err := b.For(device.Identity{}, device.Address{Host: a.String()}); err != nil || string(got.Secret) != want {
			t.Errorf("%s: %q, want %q, %v", a, string(got.Secret), want, err)
		}
	})
}

// TestChangedMachinesGetNothing: a credential goes only to who was admitted.
func TestChangedMachinesGetNothing(t *testing.T) {
	t.Parallel()
	was := device.Identity{Family: device.LuxOS, Maker: "Bitmain", Model: "S19", Version: "1", MAC: "02:00:00:00:00:01", Serial: "A1"}
	weak := device.Identity{Family: device.Antminer, Maker: "Bitmain", Model: "S21", Weak: true}
	b, err := book(t, keys).Pinned(map[string]device.Identity{"10.20.1.17": was, "10.20.1.18": weak})
	if err != nil {
		t.Fatal(err)
	}
	change := func(id device.Identity, f func(*device.Identity)) device.Identity { f(&id); return id }
	for sentence, c := range map[string]struct {
		host string
		now  device.Identity
		want error
	}{
		"the same":                            {"10.20.1.17", was, nil},
		"new firmware on the same machine":    {"10.20.1.17", change(was, func(id *device.Identity) { id.Version, id.Model = "2", "S19 Pro" }), nil},
		"another MAC":                         {"10.20.1.17", change(was, func(id *device.Identity) { id.MAC = "02:00:00:00:00:02" }), seal.ErrChanged},
		"the MAC is kept silent":              {"10.20.1.17", change(was, func(id *device.Identity) { id.MAC = "" }), seal.ErrChanged},
		"another serial":                      {"10.20.1.17", change(was, func(id *device.Identity) { id.Serial = "B2" }), seal.ErrChanged},
		"another dialect":                     {"10.20.1.17", change(was, func(id *device.Identity) { id.Family = device.Antminer }), seal.ErrChanged},
		"nobody was admitted there":           {"10.20.1.19", was, seal.ErrUnpinned},
		"a nameless machine":                  {"10.20.1.18", weak, nil},
		"a nameless machine that tells less":  {"10.20.1.18", change(weak, func(id *device.Identity) { id.Model = "" }), nil},
		"a nameless machine of another model": {"10.20.1.18", change(weak, func(id *device.Identity) { id.Model = "L7" }), seal.ErrChanged},
	} {
		got, err := b.For(c.now, device.Address{Host: c.host})
		if !errors.Is(err, c.want) || (err == nil) != (got.Secret != "") {
			t.Errorf("%s: %v, want %v; a secret was given: %t", sentence, err, c.want, got.Secret != "")
		}
	}
	if _, err := book(t, keys).Pinned(map[string]device.Identity{"miner.example": was}); err == nil {
		t.Error("a name was admitted")
	}
}

// TestBadLines: every fault is named with its line, and nothing that stands there.
func TestBadLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"antminer,canary":                                    "k:1: write family,user,password",
		"canary,root,canary":                                 "k:1: no such family",
		"@canary,root,canary":                                "k:1: no address",
		"@10.20.0.1/16,root,canary":                          "k:1: a network is written with its first address",
		"@::ffff:10.20.0.0/112,root,canary":                  "k:1: no address",
		"@fe80::1%canary,root,canary":                        "k:1: no address",
		"*,a,canary\n\n# x\n*,b,canary":                      "k:4: a second line for the same family",
		"@10.0.0.1,a,canary\n@10.0.0.1/32,b,canary":          "k:2: a second line for the same address",
		"antminer,root,can\"ary\"\nluxos,canary":             "k:2: write family",
		"antminer,root,\"canary":                             "k:1: write family",
		strings.Repeat("antminer", 1<<19) + ",canary,canary": "more than",
	} {
		_, err := seal.Parse("k", []byte(text), families())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	if c, _ := book(t, "\xef\xbb\xbfantminer, root ,\"a, b\"\r\n").For(device.Identity{Family: device.Antminer}, device.Address{Host: "10.0.0.1"}); c.User != "root " || c.Secret != "a, b" {
		t.Errorf("user %q, secret %q", c.User, string(c.Secret))
	}
}

// TestBooksPrintAsStars searches whatever prints for what a book holds.
func TestBooksPrintAsStars(t *testing.T) {
	t.Parallel()
	b := book(t, "*,canary-u,canary-s\n@10.0.0.1,canary-u,canary-s\n")
	in := struct {
		Book    seal.Book
		kept    seal.Book
		pointer *seal.Book
	}{b, b, &b}
	text, err := json.Marshal(in)
	var out strings.Builder
	fmt.Fprint(&out, string(text), err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, b, &b, in)
	}
	if strings.Contains(out.String(), "canary") {
		t.Error(out.String())
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(keys))
	f.Add([]byte("@10.0.0.0/8,a,b\nantminer,\"x\"\"y\",z\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := seal.Parse("k", text, families())
		if err != nil {
			return
		}
		of, at := b.Count()
		if of > 3 {
			t.Errorf("%d families of two and all others", of)
		}
		if lines := strings.Count(string(text), "\n") + strings.Count(string(text), "\r") + 1; of+at > lines {
			t.Errorf("%d lines hold %d credentials", lines, of+at)
		}
		if _, err := b.For(device.Identity{Family: device.LuxOS}, device.Address{Host: "10.20.1.17"}); err != nil {
			t.Error(err)
		}
	})
}
