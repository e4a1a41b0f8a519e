package people

import (
	"fmt"
	"io"
)

// Secret is a password, a token or a code. Whatever prints it prints stars or an
// address, also within what holds it. It can be read from JSON and is never written
// there. The zero Secret is empty.
type Secret struct{ in func() string } // a function, because fmt looks behind pointers

// stars stand where a secret would.
const stars = "***"

// Hide makes a secret of a text.
func Hide(text string) Secret { return Secret{func() string { return text }} }

// Reveal is what the secret says, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.in == nil {
		return ""
	}
	return s.in()
}

// String hides the secret.
func (Secret) String() string { return stars }

// GoString hides the secret.
func (Secret) GoString() string { return stars }

// Format hides the secret from every verb, also from those that do not fit a text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, stars) }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }

// UnmarshalText takes a secret in.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Hide(string(text))
	return nil
}
