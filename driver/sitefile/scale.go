package sitefile

import (
	"errors"
	"fmt"
	"math"

	"sluice/unit"
)

// scale is how the text of a number in some unit becomes the integer of the
// house: the number times 10^decimals times factor.
type scale struct {
	decimals int
	factor   int64
}

// scaleOf is the scale of a unit in a struct tag.
func scaleOf(name string) scale {
	switch name {
	case "MW", "money", "money/MWh", "money/MW", "ratio", "°":
		return scale{6, 1} // watts; millionths
	case "%":
		return scale{4, 1} // millionths
	case "TH/s", "kg", "°C":
		return scale{3, 1} // GH/s; grams; thousandths of a degree
	case "MWh":
		return scale{8, 36} // 1 MWh is 36e8 J
	}
	return scale{0, 1}
}

// durationOf is the scale of a unit of time in nanoseconds.
func durationOf(name string) scale {
	switch name {
	case "s":
		return scale{9, 1}
	case "min":
		return scale{9, 60}
	case "h":
		return scale{9, 3600}
	}
	return scale{9, 86400} // d
}

var (
	errDigits = errors.New("is finer than this quantity is kept")
	errLarge  = errors.New("is too large for this quantity")
	errNumber = errors.New("is not a plain decimal number")
)

// remedy says how to write the number instead.
func (s scale) remedy(err error, name string) string {
	switch {
	case errors.Is(err, errDigits) && s.decimals == 0:
		return "write a whole number"
	case errors.Is(err, errDigits):
		return fmt.Sprintf("round it to %d decimals", s.decimals)
	}
	return "write a plain decimal number in " + words(name)
}

// read turns the literal text of a number into an integer, exactly or not at all.
func (s scale) read(text string) (int64, error) {
	v, err := unit.ParseDecimal(text, s.decimals)
	if err != nil {
		if _, plain := unit.ParseDecimal(text, 0); plain == nil {
			return 0, errLarge
		}
		return 0, errNumber
	}
	const finer = 3
	if w, err := unit.ParseDecimal(text, s.decimals+finer); err == nil && w%1000 != 0 {
		return 0, errDigits
	}
	if v > math.MaxInt64/s.factor || v < math.MinInt64/s.factor {
		return 0, errLarge
	}
	return v * s.factor, nil
}
