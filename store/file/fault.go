package file

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The failures of a file, which the stores hand on as their own.
var (
	ErrLocked  = errors.New("another program holds the data directory")
	ErrForeign = errors.New("the database belongs to another program")
	ErrNewer   = errors.New("the database is newer than this program")
	ErrBroken  = errors.New("the store stopped after an error of the disk: exit, check the disk, start again")
	ErrClosed  = errors.New("the store is closed")
	ErrUnknown = errors.New("there is no such thing")
	ErrInvalid = errors.New("this cannot be kept")
)

// Faults gathers everything that is wrong with what is to be kept.
type Faults []error

// Add adds what is wrong; nil is nothing.
func (f *Faults) Add(err error) {
	if err != nil {
		*f = append(*f, err)
	}
}

// When adds what is wrong, in the words of fmt.Errorf, where it is.
func (f *Faults) When(wrong bool, says string, about ...any) {
	if wrong {
		*f = append(*f, fmt.Errorf(says, about...))
	}
}

// Err is all of them, wrapping ErrInvalid; nil where nothing is wrong.
func (f *Faults) Err() error {
	if err := errors.Join(*f...); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// Plain reports UTF-8 of at most so many bytes without control characters: one line.
func Plain(text string, most int) bool {
	return len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
