package yamlfile_test

import (
	"strings"
	"testing"

	"sluice/driver/yamlfile"
)

type part struct {
	Amount string   `yaml:"amount"`
	List   []string `yaml:"list"`
}

type file struct {
	Name  string            `yaml:"name"`
	Parts []part            `yaml:"parts"`
	Named map[string]string `yaml:"named"`
	Whole int64             `yaml:"whole"`
}

// TestDigitsAreKept: what is read into a string is what was written.
func TestDigitsAreKept(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"123456789.123456": "123456789.123456", "9000000000000.123457": "9000000000000.123457", "0012": "0012", "1e3": "1e3", "-0.10": "-0.10", "60_000_000": "60_000_000",
		`"12.50"`: "12.50", "'a: b'": "a: b", "plain words": "plain words", `"two\nlines"`: "two\nlines", "4.31 %": "4.31 %", "2025-01-01": "2025-01-01", "~": "",
	} {
		var f file
		if err := yamlfile.Decode([]byte("name: x\nparts:\n  - {amount: "+written+"}\n  - amount: "+written+" # said\n    list: ["+written+"]\nnamed: {k: "+written+"}\nwhole: 7\n"), &f); err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		for _, got := range []string{f.Parts[0].Amount, f.Parts[1].Amount, f.Parts[1].List[0], f.Named["k"]} {
			if got != want {
				t.Errorf("%s is read as %q, want %q", written, got, want)
			}
		}
		if f.Whole != 7 || f.Name != "x" {
			t.Errorf("%+v", f)
		}
	}
}

// TestFaults: what is no file of this kind is an error with its line.
func TestFaults(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{"": "empty", "name: x\ncolour: y": "[2:", "name: [": "[1:", "name: {a: 1}": "number or a text"} {
		if err := yamlfile.Decode([]byte(text), new(file)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

// FuzzDecode: nothing that is written there ends the program.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"name: x", "parts: [{amount: 1}]", "{..., a: [A:B]}", "a: &a [*a]", "\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(_ *testing.T, text []byte) { _ = yamlfile.Decode(text, new(file)) })
}
