package telemetry

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// labelBytes is how long the value of a label may be.
const labelBytes = 128

// clean makes text from a device fit for a label: valid UTF-8 without control
// characters, spaces trimmed, at most labelBytes long and never cut within a
// character. Text that is fit already is returned as it is.
func clean(s string) string {
	if fit(s) {
		return s
	}
	if len(s) > 4*labelBytes {
		s = s[:4*labelBytes]
	}
	s = strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\uFFFD' // formats too: they turn text round or hide it on a screen
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if len(s) <= labelBytes {
		return s
	}
	end := labelBytes
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSpace(s[:end])
}

// fit is the fast way: printable ASCII of a fair length, as nearly all values are.
func fit(s string) bool {
	if len(s) > labelBytes || s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
