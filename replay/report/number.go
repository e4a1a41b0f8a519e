package report

import (
	"strconv"
	"strings"
	"time"

	"sluice/unit"
)

// thin is a space that neither breaks a line nor grows, between number and unit.
const thin = "\u00a0"

// whole writes n with its thousands apart.
func (t tongue) whole(n int64) string { return t.fixed(n, 0) }

// fixed writes n divided by ten to the power of digits.
func (t tongue) fixed(n int64, digits int) string {
	text := strconv.FormatInt(n, 10)
	text, negative := strings.CutPrefix(text, "-")
	if len(text) <= digits {
		text = strings.Repeat("0", digits+1-len(text)) + text
	}
	cut := len(text) - digits
	out := t.apart(text[:cut])
	if digits > 0 {
		out += t.decimal + text[cut:]
	}
	if negative {
		out = t.minus + out
	}
	return out
}

func (t tongue) apart(digits string) string {
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString(t.thousands)
		}
		out.WriteRune(d)
	}
	return out.String()
}

// scaled writes v/per with so many digits, rounded half to even once.
func (t tongue) scaled(v, per int64, digits int) string {
	return t.fixed(unit.MulDiv(v, power10(digits), per), digits)
}

func power10(digits int) int64 {
	p := int64(1)
	for range digits {
		p *= 10
	}
	return p
}

// amount writes whole currency units from a thousand on, hundredths below.
func (t tongue) amount(a unit.Amount) string {
	if a == 0 {
		return "0"
	}
	if a > -1000*unit.Unit && a < 1000*unit.Unit {
		return t.scaled(int64(a), int64(unit.Unit), 2)
	}
	return t.scaled(int64(a), int64(unit.Unit), 0)
}

// money is amount with its currency.
func (t tongue) money(a unit.Amount, c unit.Currency) string { return t.amount(a) + thin + string(c) }

// plus puts a plus sign before what is above zero.
func plus[T ~int64](v T, text string) string {
	if v > 0 {
		return "+" + text
	}
	return text
}

// percent writes a ratio with one digit behind the point.
func (t tongue) percent(r unit.Ratio) string { return t.scaled(int64(r), 10_000, 1) + thin + "%" }

// share writes part/all as a percentage, two digits below one percent.
func (t tongue) share(part, all int64) string {
	if all <= 0 {
		return "–"
	}
	if r := unit.MulDiv(part, int64(unit.One), all); r != 0 && r < 10_000 {
		return t.scaled(r, 10_000, 2) + thin + "%"
	}
	return t.percent(unit.Ratio(unit.MulDiv(part, int64(unit.One), all)))
}

// price writes a price per MWh with two digits, without its unit.
func (t tongue) price(p unit.Price) string { return t.scaled(int64(p), int64(unit.PerMWh), 2) }

// cents writes hundredths of a currency unit per MWh with the unit.
func (t tongue) cents(v int64, c unit.Currency) string {
	return t.fixed(v, 2) + thin + string(c) + "/MWh"
}

// megawatts writes a power in MW with two digits, without its unit.
func (t tongue) megawatts(p unit.Power) string { return t.scaled(int64(p), int64(unit.Megawatt), 2) }

// energy writes MWh, whole from a thousand on, without its unit.
func (t tongue) energy(e unit.Energy) string {
	if e == 0 {
		return "0"
	}
	if e > -1000*unit.MegawattHour && e < 1000*unit.MegawattHour {
		return t.scaled(int64(e), int64(unit.MegawattHour), 1)
	}
	return t.scaled(int64(e), int64(unit.MegawattHour), 0)
}

// bitcoin writes BTC with four digits, eight below one BTC.
func (t tongue) bitcoin(s unit.Satoshi) string {
	if s > -unit.Bitcoin && s < unit.Bitcoin {
		return t.fixed(int64(s), 8)
	}
	return t.scaled(int64(s), int64(unit.Bitcoin), 4)
}

// hours writes a length of time in hours, without its unit, to hundredths
// unless it is a long and whole number of hours.
func (t tongue) hours(d time.Duration) string {
	if d == 0 || d >= 1000*time.Hour && d%time.Hour == 0 {
		return t.whole(int64(d / time.Hour))
	}
	return t.scaled(int64(d), int64(time.Hour), 2)
}

// bytes writes a size in the nearest decimal multiple.
func (t tongue) bytes(n int64) string {
	switch {
	case n >= 1_000_000:
		return t.scaled(n, 1_000_000, 1) + thin + "MB"
	case n >= 1000:
		return t.scaled(n, 1000, 1) + thin + "kB"
	}
	return t.whole(n) + thin + "B"
}

// efficiency writes J/TH with one digit, without its unit.
func (t tongue) efficiency(e unit.Efficiency) string {
	return t.scaled(int64(e), int64(unit.JoulePerTerahash), 1)
}

// day and minute write a moment in a zone, the same in every language.
func day(at time.Time, zone *time.Location) string { return at.In(zone).Format(time.DateOnly) }

func minute(at time.Time, zone *time.Location) string { return at.In(zone).Format("2006-01-02 15:04") }

// span writes a stretch of time; a stretch inside one day names the day once.
func span(from, to time.Time, zone *time.Location) string {
	if day(from, zone) == day(to, zone) {
		return minute(from, zone) + "–" + to.In(zone).Format("15:04")
	}
	return minute(from, zone) + " – " + minute(to, zone)
}
