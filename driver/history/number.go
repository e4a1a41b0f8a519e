package history

import "strings"

// unknown reports whether text is one of the ways to write "no value".
func unknown(text string) bool {
	switch strings.ToLower(strings.TrimLeft(strings.TrimSpace(text), "+-")) {
	case "", "n/a", "na", "nan", "null", "none", "inf", "infinity", "#n/a":
		return true
	}
	return false
}

// point turns the decimal comma of a semicolon file into a point. A number that
// also has a point, or a second comma, then has two points and is refused later:
// which of them groups thousands would be a guess.
func (t *table) point(text string) string {
	if !t.decimalComma {
		return text
	}
	return strings.ReplaceAll(text, ",", ".")
}
