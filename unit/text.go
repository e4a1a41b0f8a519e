package unit

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// errNumber and errRange are wrapped by the parse failures of this package.
var (
	errNumber = errors.New("not a plain decimal number")
	errRange  = errors.New("too large for this quantity")
)

// ParseMicro reads a decimal number such as "-31.25" exactly into millionths.
// It is ParseDecimal with six decimals.
func ParseMicro(text string) (int64, error) { return ParseDecimal(text, 6) }

// ParseDecimal reads a decimal number such as "-31.25" or "1.5e-3" exactly into
// units of ten to the power of -decimals, 0 <= decimals <= 18. What lies beyond
// them is rounded half to even. NaN, infinities, empty text, hexadecimals and
// amounts beyond math.MaxInt64 units, of either sign, are errors, never guesses.
//
// Source: docs/formula/unit.md.
func ParseDecimal(text string, decimals int) (int64, error) {
	s := strings.TrimSpace(text)
	unsigned := s
	if s != "" && (s[0] == '-' || s[0] == '+') {
		unsigned = s[1:]
	}
	digits, point, ok := digitsOf(unsigned)
	if !ok {
		return 0, fmt.Errorf("read %q: %w", text, errNumber)
	}
	m, ok := rounded(digits, point+decimals)
	if !ok {
		return 0, fmt.Errorf("read %q: %w", text, errRange)
	}
	if s[0] == '-' {
		m = -m
	}
	return m, nil
}

// digitsOf splits a number without sign into its digits and how many of them
// stand before the point; an exponent moves the point.
func digitsOf(s string) (digits string, point int, ok bool) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e < -farExponent || e > farExponent {
			return "", 0, false
		}
		mantissa, exponent = s[:i], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	return whole + fraction, len(whole) + exponent, plainDigits(whole + fraction)
}

// farExponent bounds the exponents that are read; no quantity of the house needs more.
const farExponent = 40

// rounded reads the first n digits as a number, with zeros where they run out,
// and rounds half to even by the rest.
func rounded(digits string, n int) (int64, bool) {
	if n < 0 {
		digits, n = strings.Repeat("0", -n)+digits, 0
	}
	kept, rest := digits, ""
	if n < len(digits) {
		kept, rest = digits[:n], digits[n:]
	} else if strings.Trim(digits, "0") != "" {
		kept += strings.Repeat("0", n-len(digits))
	}
	kept = strings.TrimLeft(kept, "0")
	v, err := strconv.ParseInt("0"+kept, 10, 64)
	up := roundUp(rest, v&1 == 1)
	if err != nil || v > math.MaxInt64-up {
		return 0, false
	}
	return v + up, true
}

// roundUp is 1 when the decimals that are cut off lift the last kept digit.
func roundUp(rest string, odd bool) int64 {
	if rest == "" || rest[0] < '5' {
		return 0
	}
	if rest[0] > '5' || strings.Trim(rest[1:], "0") != "" || odd {
		return 1
	}
	return 0
}

func plainDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// FromFloat turns whole units into millionths, rounded half to even. It is the
// one way from a float room back to integers; callers reject NaN before it.
func FromFloat(f float64) int64 { return int64(math.RoundToEven(f * 1e6)) }

// String prints p with its natural multiple, for people.
func (p Power) String() string {
	switch {
	case p >= Megawatt || p <= -Megawatt:
		return strconv.FormatFloat(p.MW(), 'f', 3, 64) + " MW"
	case p >= Kilowatt || p <= -Kilowatt:
		return strconv.FormatFloat(float64(p)/1000, 'f', 1, 64) + " kW"
	}
	return strconv.FormatInt(int64(p), 10) + " W"
}

// String prints p as units per MWh with two decimals, for people.
func (p Price) String() string { return strconv.FormatFloat(p.Float(), 'f', 2, 64) + "/MWh" }

// String prints a with two decimals, for people; exact figures stay integers.
func (a Amount) String() string { return strconv.FormatFloat(a.Float(), 'f', 2, 64) }
