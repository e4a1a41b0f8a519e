package whatsminer

import (
	"strconv"
	"strings"

	"sluice/device"
	"sluice/driver/wire"
)

// faultOf decodes an error code of the machine. Below 100 a code says nothing.
// Codes of six digits that do not begin with 1 are kind (two digits), sort (one)
// and number (three); all others end in the sort and the number, one digit each.
func faultOf(code string) device.Fault {
	f := device.Fault{Code: bounded(code, 24)}
	n, err := strconv.ParseUint(code, 10, 32)
	if err != nil || n < 100 {
		return f
	}
	kind, sort, number := n/100, n/10%10, n%10
	if n >= 200_000 && n < 1_000_000 {
		kind, sort, number = n/10_000, n/1000%10, n%1000
	}
	switch n {
	case 110:
		f.Text = "fan: the intake fan has a wrong speed"
	case 218:
		f.Text = "power supply: the input voltage is too low for the high power mode"
	default:
		if name := faultKind(kind); name != "" {
			f.Text = name + ": sort " + strconv.FormatUint(sort, 10) + ", number " + strconv.FormatUint(number, 10)
		}
	}
	return f
}

// faultKind names what a kind of error codes is about.
func faultKind(kind uint64) string {
	switch kind {
	case 1:
		return "fan"
	case 2:
		return "power supply"
	case 3:
		return "temperature"
	case 4:
		return "board memory"
	case 5:
		return "hash board"
	case 6:
		return "environment"
	case 7:
		return "control board"
	case 9:
		return "power rate"
	case 20:
		return "pool"
	case 23:
		return "hash rate"
	case 50:
		return "voltage or water"
	case 51:
		return "frequency"
	case 52, 53, 54, 55, 56:
		return "single chip"
	}
	return ""
}

// bounded is the beginning of a text, n bytes at most, fit for people.
func bounded(s string, n int) string {
	return wire.Bounded(strings.ToValidUTF8(s[:min(len(s), n)], ""))
}
