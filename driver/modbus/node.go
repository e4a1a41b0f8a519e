package modbus

import (
	"fmt"
	"strconv"
	"strings"

	"sluice/driver/template"
)

// ParseFault is one thing that is wrong with a template.
type ParseFault = template.Fault

// ParseError is everything that is wrong with a template, in the order of its lines.
type ParseError = template.Error

// decimal is an exact decimal number.
func decimal(o *template.Object, key string) (Decimal, bool) {
	s := o.Text(key, false)
	if !o.Has(key) {
		return Decimal{}, false
	}
	d, ok := parseDecimal(s)
	if !ok {
		o.Say(key, fmt.Sprintf("%s %q is not a decimal number of at most 15 digits", key, s), "write it as 0.01 or -20")
	}
	return d, ok
}

func parseDecimal(s string) (Decimal, bool) {
	unsigned := strings.TrimPrefix(s, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	digits := whole + fraction
	if digits == "" || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return Decimal{}, false
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return Decimal{}, false
	}
	if unsigned != s {
		v = -v
	}
	return Decimal{Digits: v, Places: len(fraction)}, true
}
