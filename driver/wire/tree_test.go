package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"sluice/device"
)

// TestLoosen repairs what machines break, and nothing inside strings.
func TestLoosen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"sound JSON":                       {`{"a":[1,-2.5e3,true,null,"x"]}`, `{"a":[1,-2.5e3,true,null,"x"]}`},
		"a comma before a bracket":         {`{"a":[1,2,],}`, `{"a":[1,2]}`},
		"a comma and a line before it":     {"{\"a\":1,\r\n}", `{"a":1}`},
		"no comma between elements":        {`{"a":[{"b":1}{"b":2}]}`, `{"a":[{"b":1},{"b":2}]}`},
		"all of it inside a string":        {`{"a":",} }{ ,] nan"}`, `{"a":",} }{ ,] nan"}`},
		"a raw line in a string":           {"{\"a\":\"x\ny\"}", `{"a":"x y"}`},
		"a quote in a string":              {`{"a":"x\"}{"}`, `{"a":"x\"}{"}`},
		"NUL in the middle":                {"{\"a\":\x001}", `{"a":1}`},
		"a byte order mark":                {"\xef\xbb\xbf{}", `{}`},
		"invalid UTF-8":                    {"{\"a\":\"\xff\"}", `{"a":"?"}`},
		"bare keys":                        {`{a:1,GHS5s:{b:2}}`, `{"a":1,"GHS5s":{"b":2}}`},
		"bare words for values":            {`{"a":nan,"b":-inf,"c":N/A,"d":0x10}`, `{"a":null,"b":null,"c":null,"d":null}`},
		"a second object":                  {`{"a":1}{"a":2}`, `{"a":1}`},
		"a list and a list without commas": {`[[1][2]"x"]`, `[[1],[2],"x"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := Parse([]byte(c.in))
			if err != nil {
				t.Fatalf("%q became %q: %v", c.in, Loosen([]byte(c.in)), err)
			}
			got, _ := json.Marshal(x.Value())
			var want any
			d := json.NewDecoder(bytes.NewReader([]byte(c.want)))
			d.UseNumber()
			if err := d.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if w, _ := json.Marshal(want); !bytes.Equal(got, w) {
				t.Errorf("%q is read as %s, want %s", c.in, got, w)
			}
		})
	}
}

// TestNotJSON: what is no JSON stays no JSON.
func TestNotJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "   ", "\x00", "<html>502</html>", "nan", `{"a":`, `{"a":"x`, `{"a" 1}`, `[1 2]`, "\x01\x02<html>502</html>{{{", "}", "]{"} {
		if x, err := Parse([]byte(text)); !errors.Is(err, ErrNotJSON) {
			t.Errorf("%q is read as %v, %v", text, x.Value(), err)
		}
	}
}

// TestTree asks questions of an answer.
func TestTree(t *testing.T) {
	t.Parallel()
	x, err := Parse([]byte(`{"S":[{"W":"173870.94","n":null,"na":"N/A","t":" x ","f":"false","y":1,"o":{"k":7},"big":1e30,"mode":"None"}],"e":[],"flat":{"STATUS":"S"}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := x.At("S")
	if v, ok := s.At("W").Scaled(2); !ok || v != 17_387_094 {
		t.Errorf("number as text: %d, %t", v, ok)
	}
	if v, ok := x.At("S", "o", "k").Whole(); !ok || v != 7 {
		t.Errorf("a path through a list: %d, %t", v, ok)
	}
	for _, k := range []string{"n", "na", "none such", "big", "o", "t"} {
		if v, ok := s.At(k).Whole(); ok {
			t.Errorf("%s is no number and was read as %d", k, v)
		}
	}
	if s.At("t").Text() != "x" || s.At("na").Text() != "" || s.At("mode").Word() != "none" || s.At("mode").Text() != "" {
		t.Errorf("texts: %q %q %q", s.At("t").Text(), s.At("na").Text(), s.At("mode").Word())
	}
	if v, ok := s.At("f").Flag(); v || !ok {
		t.Errorf(`"false" is %t, %t`, v, ok)
	}
	if v, ok := s.At("y").Flag(); !v || !ok {
		t.Errorf("1 is %t, %t", v, ok)
	}
	if _, ok := s.At("t").Flag(); ok {
		t.Errorf("x is a yes or no")
	}
	if len(x.At("e").Each()) != 0 || len(x.At("flat").Each()) != 1 || len(x.At("gone").Each()) != 0 || x.At("e", "k").Present() {
		t.Errorf("lists are counted wrongly")
	}
}

// TestPrintable: a machine cannot write to a terminal through us.
func TestPrintable(t *testing.T) {
	t.Parallel()
	x, err := Parse([]byte(`{"m":"\u001b[2JAnt\u0007miner\n"}`))
	if got := x.At("m").Text(); err != nil || got != "[2JAnt miner" {
		t.Errorf("%q, %v", got, err)
	}
	if got := Bounded(strings.Repeat("é", device.RawMax) + "\x1b"); len(got) > device.RawMax || !utf8.ValidString(got) {
		t.Errorf("%d bytes, valid %t", len(got), utf8.ValidString(got))
	}
}

// TestMAC keeps what is a hardware address.
func TestMAC(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"02:EE:DA:A9:B6:4A": "02:ee:da:a9:b6:4a", "02-ee-da-a9-b6-4a": "02:ee:da:a9:b6:4a", "02:55:97:22:3M:72": "",
		"": "", "00:00:00:00:00:00": "", "02:ee:da:a9:b6:4a:00:01": "",
	} {
		if got := MAC(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzParse: Parse never panics, never loses a sound document, and what it
// repaired once needs no second repair.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2,],}`, `{"a":1}{"b":2}`, "{a:\"\x01\\\"\n\",b:nan}", "\xef\xbb\xbf[{}{}]\x00x", `{"a":"\u00zz"}`, `[[[[`, `"\`, `{"":0}{\:`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := Parse(b)
		if json.Valid(b) && utf8.Valid(b) { // what is no text is repaired, and so changed
			var want any
			d := json.NewDecoder(bytes.NewReader(b))
			d.UseNumber()
			if d.Decode(&want) == nil {
				w, _ := json.Marshal(want)
				if got, _ := json.Marshal(x.Value()); err != nil || !bytes.Equal(got, w) {
					t.Fatalf("%q is sound and was read as %s, %v", b, got, err)
				}
			}
		}
		if err != nil {
			return
		}
		once := Loosen(b)
		if twice := Loosen(once); !bytes.Equal(bytes.Join(bytes.Fields(once), nil), bytes.Join(bytes.Fields(twice), nil)) {
			t.Fatalf("%q was repaired to %q and then to %q", b, once, twice)
		}
	})
}
