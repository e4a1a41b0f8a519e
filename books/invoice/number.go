package invoice

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Number is the number of a document: its place in a series without holes.
type Number struct {
	Series string // capital letters, digits and dashes, such as HOU-2025; one per legal entity
	Serial int64  // from 1 on; 0: none yet
}

// ErrNumber is a number that no document can have.
var ErrNumber = errors.New("no number of a document")

// seriesMost bounds the name of a series, bytes.
const seriesMost = 40

// Next is the number after the last one of a series, 0 for none yet. Whoever
// keeps the documents takes it in the transaction that stores one, so that no
// number is lost and none is given twice. An error wraps ErrNumber.
func Next(series string, last int64) (Number, error) {
	n := Number{Series: series, Serial: last + 1}
	if last < 0 || last == math.MaxInt64 || !plainSeries(series) {
		return Number{}, fmt.Errorf("number after %d in series %q: %w: a series has capital letters, digits and dashes, and counts from 1", last, series, ErrNumber)
	}
	return n, nil
}

// String is the number as it is printed, with at least six digits.
func (n Number) String() string {
	if n == (Number{}) {
		return ""
	}
	return fmt.Sprintf("%s-%06d", n.Series, n.Serial)
}

// ParseNumber reads what String printed. An error wraps ErrNumber.
func ParseNumber(text string) (Number, error) {
	at := strings.LastIndexByte(text, '-')
	if at < 0 {
		return Number{}, fmt.Errorf("number %q: %w: it has a series, a dash and a serial", text, ErrNumber)
	}
	serial, err := strconv.ParseInt(text[at+1:], 10, 64)
	n := Number{Series: text[:at], Serial: serial}
	if err != nil || serial < 1 || !plainSeries(n.Series) || n.String() != text {
		return Number{}, fmt.Errorf("number %q: %w: write it as it was printed, such as HOU-2025-000042", text, ErrNumber)
	}
	return n, nil
}

// MarshalText is String.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText is ParseNumber; empty is no number.
func (n *Number) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*n = Number{}
		return nil
	}
	got, err := ParseNumber(string(text))
	*n = got
	return err
}

func plainSeries(s string) bool {
	return s != "" && len(s) <= seriesMost && s[0] != '-' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// Gapless checks the numbers of one series in their order; the first may be any.
// An error wraps ErrNumber and names the first that does not follow.
func Gapless(numbers []Number) error {
	for i := 1; i < len(numbers); i++ {
		if numbers[i].Series != numbers[0].Series || numbers[i].Serial != numbers[i-1].Serial+1 {
			return fmt.Errorf("%s does not follow on %s: %w: find the document that is missing", numbers[i], numbers[i-1], ErrNumber)
		}
	}
	return nil
}
