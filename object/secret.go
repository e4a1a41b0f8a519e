package object

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// words takes a key apart: import_limit_mw and importLimitMw are import, limit, mw.
func words(key string) []string {
	var b strings.Builder
	small := false // the letter before
	for _, r := range key {
		if unicode.IsUpper(r) && small {
			b.WriteByte('_')
		}
		small = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Secret reports whether a key asks for something that must not be read: its last
// word is secret, password, token and so on. A token_file or a secretRef is none.
func Secret(key string) bool {
	all := words(key)
	if len(all) == 0 {
		return false
	}
	switch all[len(all)-1] {
	case "secret", "password", "passwd", "passphrase", "token", "secrets", "passwords", "tokens", "apikey", "credential", "credentials":
		return true
	case "key":
		return len(all) > 1 && (all[len(all)-2] == "api" || all[len(all)-2] == "private")
	}
	return false
}

// secrets refuses what should not stand in plain text. What stands there is not repeated.
func secrets(v Value, path string, say func(path, what, remedy string)) {
	switch v.shape {
	case Map:
		for _, key := range v.Keys() {
			below := path + "." + key
			if Secret(key) {
				say(below, "a secret does not stand in an object", "store it as a credential and write secretRef: {name: ITS-NAME}")
				continue
			}
			secrets(v.fields[key], below, say)
		}
	case List:
		for i, item := range v.items {
			secrets(item, fmt.Sprintf("%s[%d]", path, i), say)
		}
	case Text:
		if regexp.MustCompile(`://[^/@\s]*:[^/@\s]+@`).MatchString(v.word) {
			say(path, "the address holds a password", "write it without, and name the credential with secretRef where the kind has one")
		}
	case Nothing, Truth, Number:
	}
}
