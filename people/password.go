package people

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The length of a password: letters at least, bytes at most.
const (
	PasswordLeast = 12
	PasswordMost  = 256
)

// fewLetters is how many different letters a password has at least: less is one key
// held down.
const fewLetters = 5

// nameLeast is the shortest part of a name that a password must not hold, letters.
const nameLeast = 4

// CheckPassword says everything that is wrong with a password for somebody who is known
// by some names and addresses. Length counts and nothing of composition: who is told to
// use a digit uses a 1. The error never holds the password.
func CheckPassword(p Secret, names ...string) error {
	word := p.Reveal()
	var all []error
	if !utf8.ValidString(word) || strings.ContainsRune(word, 0) {
		all = append(all, errors.New("the password is no text"))
	}
	if utf8.RuneCountInString(word) < PasswordLeast {
		all = append(all, fmt.Errorf("the password is short: take at least %d letters, such as four words", PasswordLeast))
	}
	if len(word) > PasswordMost {
		all = append(all, fmt.Errorf("the password is long: take at most %d bytes", PasswordMost))
	}
	seen := map[rune]bool{}
	for _, r := range word {
		seen[r] = true
	}
	if len(seen) < fewLetters {
		all = append(all, fmt.Errorf("the password repeats the same few letters: take at least %d different ones", fewLetters))
	}
	if holdsName(fold(word), names) {
		all = append(all, errors.New("the password holds your name or your address: take something that others do not know"))
	}
	return errors.Join(all...)
}

// holdsName reports whether a folded password is little more than a name: it holds one,
// and what is left is shorter than what a password needs.
func holdsName(word string, names []string) bool {
	for _, n := range names {
		box, _, _ := strings.Cut(n, "@")
		for _, part := range []string{n, box} {
			f := fold(part)
			if utf8.RuneCountInString(f) < nameLeast || !strings.Contains(word, f) {
				continue
			}
			if utf8.RuneCountInString(strings.ReplaceAll(word, f, "")) < PasswordLeast {
				return true
			}
		}
	}
	return false
}
