package peer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Units of this package: every figure is kept in one of them.
const (
	unitHashrate   = "EH/s"
	unitEfficiency = "J/TH"
	unitPower      = "MW"
	unitEnergy     = "MWh"
	unitBTC        = "BTC"
	unitMoney      = "USD"
	unitPerBTC     = "USD/BTC"
	unitPerShare   = "USD/share"
	unitShares     = "shares"
	unitHashprice  = "USD/PH/day"
	unitPerMWh     = "USD/MWh"
	unitPart       = "1"
	unitPerYear    = "USD/yr"
	unitYears      = "yr"
	unitPerMW      = "USD/MW"
	unitWord       = "" // it is no number
)

// scale is a unit in which a figure may be written, and how many of its base it is.
type scale struct {
	name  string
	times float64
}

// scales are the units in which a figure of a base unit may be written, the base
// first. There are no others: a scale is never guessed from the size of a number.
func scales(base string) []scale {
	money := func(per string) []scale {
		return []scale{{"USD" + per, 1}, {"USD_K" + per, 1e3}, {"USD_M" + per, 1e6}, {"USD_B" + per, 1e9}}
	}
	switch base {
	case unitHashrate:
		return []scale{{base, 1}, {"PH/s", 1e-3}, {"TH/s", 1e-6}}
	case unitEfficiency:
		return []scale{{base, 1}, {"W/TH", 1}}
	case unitPower:
		return []scale{{base, 1}, {"kW", 1e-3}, {"GW", 1e3}}
	case unitEnergy:
		return []scale{{base, 1}, {"kWh", 1e-3}, {"GWh", 1e3}}
	case unitBTC:
		return []scale{{base, 1}, {"sat", 1e-8}}
	case unitMoney:
		return money("")
	case unitPerYear:
		return money("/yr")
	case unitPerMW:
		return money("/MW")
	case unitShares:
		return []scale{{base, 1}, {"shares_K", 1e3}, {"shares_M", 1e6}, {"shares_B", 1e9}}
	case unitHashprice:
		return []scale{{base, 1}, {"USD/TH/day", 1e3}}
	case unitPerMWh:
		return []scale{{base, 1}, {"c/kWh", 10}, {"USD/kWh", 1e3}}
	case unitPart:
		return []scale{{base, 1}, {"pct", 0.01}}
	case unitYears:
		return []scale{{base, 1}, {"years", 1}, {"months", 1.0 / 12}}
	}
	return []scale{{base, 1}}
}

// inBase brings a number that is written in a unit into the base.
func inBase(v float64, written, base string) (float64, error) {
	var names []string
	for _, s := range scales(base) {
		if s.name == written {
			return v * s.times, nil
		}
		names = append(names, s.name)
	}
	return 0, fmt.Errorf("unit %.40q: write %s: a scale is not guessed", written, strings.Join(names, ", "))
}

// ErrNumber says what a number looks like.
var ErrNumber = errors.New("write a plain number with a point, such as 1250.5")

// digitsMost bounds the text of a number.
const digitsMost = 30

// ParseNumber reads a plain decimal number: no exponent, no comma, no infinity.
func ParseNumber(s string) (float64, error) {
	if s == "" || len(s) > digitsMost || strings.Trim(s, "-.0123456789") != "" {
		return 0, ErrNumber
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, ErrNumber
	}
	return v, nil
}
