package snmp

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestCoding holds elements coded by hand after the rules of the standard.
func TestCoding(t *testing.T) {
	t.Parallel()
	oid, err := parsed(".1.3.6.1.4.1.318.1.1.26.4294967295")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct{ got, want []byte }{
		"zero":             {coded(tagInteger, signed(0)...), unhex(t, "02 01 00")},
		"minus one":        {coded(tagInteger, signed(-1)...), unhex(t, "02 01 FF")},
		"127":              {signed(127), unhex(t, "7F")},
		"128":              {signed(128), unhex(t, "00 80")},
		"minus 128":        {signed(-128), unhex(t, "80")},
		"minus 129":        {signed(-129), unhex(t, "FF 7F")},
		"the least":        {signed(math.MinInt64), unhex(t, "80 00 00 00 00 00 00 00")},
		"a full gauge":     {codedValue(Gauge(math.MaxUint32)), unhex(t, "42 05 00 FF FF FF FF")},
		"a small counter":  {codedValue(Counter(200)), unhex(t, "41 02 00 C8")},
		"a full counter":   {codedValue(Wide(math.MaxUint64)), unhex(t, "46 09 00 FF FF FF FF FF FF FF FF")},
		"text":             {codedValue("AP"), unhex(t, "04 02 41 50")},
		"nothing":          {codedValue(nil), unhex(t, "05 00")},
		"a name":           {codedOID(oid), unhex(t, "06 0F 2B 06 01 04 01 82 3E 01 01 1A 8F FF FF FF 7F")},
		"a long length":    {codedValue(long)[:4], unhex(t, "04 82 01 2C")},
		"a medium length":  {codedValue(long[:200])[:3], unhex(t, "04 81 C8")},
		"the longest name": {codedOID([]uint32{2, 39}), unhex(t, "06 01 77")},
	} {
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("%s: % x, want % x", name, c.got, c.want)
		}
	}
	for _, bad := range []string{"", "1", "3.1", "1.40.1", "1.3.x", "1.3.4294967296", "1..3"} {
		if v, err := parsed(bad); err == nil {
			t.Errorf("%q is a name: %v", bad, v)
		}
	}
}

// TestNamesThereAndBack: every name is read as it was coded.
func TestNamesThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		oid := append([]uint32{rapid.Uint32Range(0, 2).Draw(t, "first"), rapid.Uint32Range(0, 39).Draw(t, "second")}, rapid.SliceOfN(rapid.Uint32(), 0, 20).Draw(t, "rest")...)
		content, rest, err := expect(tagOID, codedOID(oid))
		if err != nil || len(rest) != 0 {
			t.Fatal(err)
		}
		if got, err := decodedOID(content); err != nil || !slices.Equal(got, oid) {
			t.Fatalf("%v came back as %v, %v", oid, got, err)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := unhex(t, "30 1F 02 01 01 04 03 6C 61 62 A0 15 02 01 2A 02 01 00 02 01 00 30 0A 30 08 06 04 2B 06 01 09 05 00")
	r, err := decode(good)
	if err != nil || string(r.community) != "lab" || !bytes.Equal(r.id, []byte{0x2A}) || len(r.oids) != 1 || !slices.Equal(r.oids[0], []uint32{1, 3, 6, 1, 9}) {
		t.Fatalf("%+v, %v", r, err)
	}
	for i := range good {
		if _, err := decode(good[:i]); err == nil {
			t.Errorf("the first %d bytes were taken for a message", i)
		}
	}
	for name, change := range map[string]func([]byte){
		"version 1":             func(b []byte) { b[4] = 0 },
		"a write":               func(b []byte) { b[10] = 0xA3 },
		"a length without end":  func(b []byte) { b[1] = 0x80 },
		"a name that continues": func(b []byte) { b[30] = 0x89 },
		"no name":               func(b []byte) { b[25] = 0x05 },
	} {
		b := bytes.Clone(good)
		change(b)
		if r, err := decode(b); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestAnswers: the answer to a hand-made question, byte for byte.
func TestAnswers(t *testing.T) {
	t.Parallel()
	a := NewAgent("lab", func() []Object {
		return []Object{{"1.3.6.1.9.7", int64(5)}, {"1.3.6.1.9", Gauge(613)}, {"no name", int64(1)}}
	})
	get := unhex(t, "30 1F 02 01 01 04 03 6C 61 62 A0 15 02 01 2A 02 01 00 02 01 00 30 0A 30 08 06 04 2B 06 01 09 05 00")
	next := bytes.Clone(get)
	next[10] = 0xA1
	if got, want := a.answer(get, Mischief{}), unhex(t, "30 21 02 01 01 04 03 6C 61 62 A2 17 02 01 2A 02 01 00 02 01 00 30 0C 30 0A 06 04 2B 06 01 09 42 02 02 65"); !bytes.Equal(got, want) {
		t.Errorf("% x, want % x", got, want)
	}
	if got, want := a.answer(next, Mischief{}), unhex(t, "30 21 02 01 01 04 03 6C 61 62 A2 17 02 01 2A 02 01 00 02 01 00 30 0C 30 0A 06 05 2B 06 01 09 07 02 01 05"); !bytes.Equal(got, want) {
		t.Errorf("% x, want % x", got, want)
	}
	wrong := bytes.Clone(get)
	wrong[7] = 'x'
	if a.answer(wrong, Mischief{}) != nil || a.answer([]byte("GET / HTTP/1.1"), Mischief{}) != nil || a.answer(get, Mischief{Silent: true}) != nil {
		t.Error("a strip answered where it keeps silent")
	}
}

func FuzzAgent(f *testing.F) {
	f.Add(unhex(f, "30 1F 02 01 01 04 03 6C 61 62 A0 15 02 01 2A 02 01 00 02 01 00 30 0A 30 08 06 04 2B 06 01 09 05 00"))
	f.Add(unhex(f, "30 1F 02 01 01 04 03 6C 61 62 A1 15 02 01 2A 02 01 00 02 01 00 30 0A 30 08 06 04 2B 06 01 09 05 00"))
	f.Add(unhex(f, "30 82 FF FF 02 01 07"))
	f.Add([]byte{})
	a := NewAgent("lab", func() []Object { return []Object{{"1.3.6.1.9", Gauge(613)}, {"1.3.6.1.9.7", "x"}} })
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, x := range []Mischief{{}, {Half: true}, {Stale: true}, {Garbage: true}, {Error: 5}} {
			out := a.answer(b, x)
			if out == nil || x.Half || x.Garbage {
				continue
			}
			if content, rest, err := expect(tagSequence, out); err != nil || len(rest) != 0 || len(content) == 0 {
				t.Fatalf("answered % x", out)
			}
		}
	})
}
