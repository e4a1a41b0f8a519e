package people

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of names, bytes.
const (
	mostName = 40
	mostMail = 254
)

// CheckName says what is wrong with a name for the login. It has small letters of
// ASCII, digits, and single dots, dashes or underscores between them, so that no two
// names look alike that are not.
func CheckName(name string) error {
	inner := func(r rune) bool { return r == '.' || r == '-' || r == '_' }
	last := '.'
	for _, r := range name {
		plain := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		if !plain && (!inner(r) || inner(last)) {
			last = '.'
			break
		}
		last = r
	}
	if name == "" || len(name) > mostName || inner(last) {
		return fmt.Errorf("name %.60q: it has 1 to %d small letters, digits, and single dots, dashes or underscores between them", name, mostName)
	}
	return nil
}

// Same reports whether two names mean one person: only letters and digits count, and
// not whether they are large. It errs on the side of one person, since two are asked
// for where it matters; a name that says nothing is everybody's.
func Same(a, b string) bool {
	a, b = fold(a), fold(b)
	return a == "" || b == "" || a == b
}

// fold is what the spellings of one name have in common.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(unicode.ToUpper(r))
		}
		return -1
	}, name)
}

// Fold is by what a name is kept, so that no second one means the same person.
func Fold(name string) string { return fold(name) }

// CheckMail says what is wrong with an e-mail address. Only a letter to it shows
// whether it is one.
func CheckMail(mail string) error {
	box, host, ok := strings.Cut(mail, "@")
	blank := strings.ContainsFunc(mail, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	if !ok || box == "" || !strings.Contains(host, ".") || strings.Contains(host, "@") || blank || len(mail) > mostMail || !utf8.ValidString(mail) {
		return fmt.Errorf("e-mail %.60q: write one such as ann@example.org", mail)
	}
	return nil
}

// Mailbox is where letters to an address end up: two addresses of one mailbox belong to
// one person. What follows a plus sign, and large letters, make no difference.
func Mailbox(mail string) string {
	box, host, _ := strings.Cut(strings.ToLower(mail), "@")
	box, _, _ = strings.Cut(box, "+")
	return box + "@" + host
}

// line reports whether a text is short, and valid, and on one line.
func line(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// text reports whether a text of several lines is short and valid.
func text(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}
