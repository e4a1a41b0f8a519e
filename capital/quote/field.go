package quote

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sluice/unit"
)

// Field is one input of a quote: how it is called, read, bounded and written.
type Field struct {
	Key  string // as files and flags call it; the unit stands last
	Says string // what it is, for people
	Unit string // of its text: "%", "years", "kW" ...
	// Least and Most are its bounds in the unit of Terms; Zero lets 0 stand below
	// Least. Remedy is what to do about a value beyond them.
	Least, Most int64
	Zero        bool
	Remedy      string
	Decimals    int // of its text that are kept
	at          func(*Terms) *int64
}

// Bounds that catch a wrong unit sooner than a wrong number: watts for kilowatts,
// millions for units, a TH for a PH.
const (
	dollar  = int64(unit.Unit)
	percent = int64(unit.One) / 100
	years   = 12
)

// Fields are the inputs of a quote, in the order in which people are shown them.
func Fields() []Field {
	return []Field{
		{"gpu_kw", "IT power of a GPU with its share of node, network and storage", "kW", 50, 20_000, false, "it is in kilowatts: 1.4 for an H100", 3, func(t *Terms) *int64 { return (*int64)(&t.GPU) }},
		{"pue", "facility power for a watt of IT", "", int64(unit.One), 3 * int64(unit.One), false, "a facility draws at least what its machines do: write 1.25 for 25 % of cooling and losses", 6, func(t *Terms) *int64 { return (*int64)(&t.PUE) }},
		{"gpu_price_usd", "price of a GPU with its share of node, network and storage", "USD", 100 * dollar, 10_000_000 * dollar, true, "it is in dollars for one GPU; 0 only where they are paid for", 6, func(t *Terms) *int64 { return (*int64)(&t.Hardware) }},
		{"gpu_life_years", "time in which the GPUs earn", "years", 6, 30 * years, false, "write half a year to 30 years, in whole months", 0, func(t *Terms) *int64 { return (*int64)(&t.HardwareLife) }},
		{"gpu_residual", "worth of the GPUs at the end of their life, of their price", "%", 0, 100 * percent, false, "write 0 % to 100 %: 0 % if nothing is left", 4, func(t *Terms) *int64 { return (*int64)(&t.Residual) }},
		{"datacentre_usd_per_mw", "price of the data centre for a facility megawatt", "USD", 10_000 * dollar, 100_000_000 * dollar, true, "it is in dollars, not in millions: 10_000_000; 0 only where it is paid for", 6, func(t *Terms) *int64 { return (*int64)(&t.Hall) }},
		{"datacentre_life_years", "time in which the data centre earns", "years", 12, 60 * years, false, "write 1 to 60 years, in whole months", 0, func(t *Terms) *int64 { return (*int64)(&t.HallLife) }},
		{"cost_of_capital", "what money costs a year", "%", 0, 100 * percent, false, "write 0 % to 100 %", 4, func(t *Terms) *int64 { return (*int64)(&t.Capital) }},
		{"operations_usd_per_mw_year", "people, repair, network and insurance for a megawatt and year", "USD", 1000 * dollar, 100_000_000 * dollar, true, "it is in dollars a year, not in millions: 1_200_000", 6, func(t *Terms) *int64 { return (*int64)(&t.Operations) }},
		{"energy_usd_per_mwh", "price of power at the meter", "USD/MWh", -500 * dollar, 5000 * dollar, false, "it is in dollars for a MWh: 45, not 0.045", 6, func(t *Terms) *int64 { return (*int64)(&t.Energy) }},
		{"load", "power that the GPUs draw, of what they may", "%", 1 * percent, 100 * percent, false, "write 1 % to 100 %", 4, func(t *Terms) *int64 { return (*int64)(&t.Load) }},
		{"utilisation", "GPU-hours that are billed, of all", "%", 1 * percent, 100 * percent, false, "hours that are never billed have no price: write 1 % to 100 %, and 100 % for take-or-pay", 4, func(t *Terms) *int64 { return (*int64)(&t.Utilisation) }},
		{"fees", "credits and fees that are expected, of what is billed", "%", 0, 90 * percent, false, "write 0 % to 90 %", 4, func(t *Terms) *int64 { return (*int64)(&t.Fees) }},
		{"hashprice_usd_per_ph_day", "what a PH/s earns in a day", "USD", 1 * dollar, 10_000 * dollar, true, "it is for a PH/s: 45, where a TH/s earns 0.045; 0 only where there is nothing to mine with", 6, func(t *Terms) *int64 { return (*int64)(&t.Hashprice) }},
		{"mining_j_per_th", "efficiency of the miners at the meter", "J/TH", 1000, 500_000, false, "it is in joules for a TH: 18", 3, func(t *Terms) *int64 { return (*int64)(&t.Efficiency) }},
		{"mining_cost_usd_per_mwh", "what mining costs besides power", "USD/MWh", 0, 1000 * dollar, false, "write 0 to 1000 dollars for a MWh", 6, func(t *Terms) *int64 { return (*int64)(&t.MiningCost) }},
		{"mining_availability", "time in which the miners could run", "%", 0, 100 * percent, false, "write 0 % to 100 %", 4, func(t *Terms) *int64 { return (*int64)(&t.Available) }},
	}
}

// FieldOf is the input of that name.
func FieldOf(key string) (Field, bool) {
	for _, f := range Fields() {
		if f.Key == key {
			return f, true
		}
	}
	return Field{}, false
}

// Of is the value of the input in some terms.
func (f Field) Of(t Terms) int64 { return *f.at(&t) }

// With is the terms with another value of the input.
func (f Field) With(t Terms, v int64) Terms {
	*f.at(&t) = v
	return t
}

// Check is an error that says what to do where a value is out of bounds.
func (f Field) Check(v int64) error {
	if v >= f.Least && v <= f.Most || v == 0 && f.Zero {
		return nil
	}
	return fmt.Errorf("%s is not between %s and %s: %s", f.Text(v), f.Text(f.Least), f.Text(f.Most), f.Remedy)
}

// Parse reads a value as people write it: a share with its percent sign, years in
// whole months, and no more decimals than are kept.
func (f Field) Parse(text string) (v int64, err error) {
	number := strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	switch f.Unit {
	case "%":
		var sign bool
		if number, sign = strings.CutSuffix(number, "%"); !sign {
			return 0, fmt.Errorf("%.40q: write a percentage with its sign, such as 12.5 %%", text)
		}
		v, err = decimal(strings.TrimSpace(number), f.Decimals)
	case "years":
		v, err = ParseYears(number)
	default:
		v, err = decimal(number, f.Decimals)
	}
	if err != nil {
		return 0, fmt.Errorf("%.40q: %w", text, err)
	}
	return v, f.Check(v)
}

// decimal reads a number that has no more decimals than n.
func decimal(text string, n int) (int64, error) {
	_, fraction, _ := strings.Cut(text, ".")
	if v, err := unit.ParseDecimal(text, n); err == nil && len(strings.TrimRight(fraction, "0")) <= n && !strings.ContainsAny(text, "eE") {
		return v, nil
	}
	return 0, fmt.Errorf("write a number with at most %d decimals", n)
}

// fourth is how far years with four decimals may be off a whole month, in millionths of one.
const fourth = 600

// ParseYears reads years that come to whole months, such as 4.5, or 0.0833 for one.
func ParseYears(text string) (int64, error) {
	v, err := unit.ParseMicro(text)
	if err != nil || v > 1000*int64(unit.One) || v < -1000*int64(unit.One) {
		return 0, errors.New("write a number of years such as 4.5")
	}
	months := unit.MulDiv(v, years, int64(unit.One))
	if off := months*int64(unit.One) - v*years; off > fourth || off < -fourth {
		return 0, errors.New("write years that are whole months, such as 4.5 or 0.25")
	}
	return months, nil
}

// Text writes a value as Parse reads it.
func (f Field) Text(v int64) string {
	switch f.Unit {
	case "years":
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(v)/years, 'f', 4, 64), "0"), ".")
	case "%":
		return plain(v, f.Decimals) + " %"
	}
	return plain(v, f.Decimals)
}

// plain writes an integer with its decimals, without zeros at the end.
func plain(v int64, decimals int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	digits := strconv.FormatInt(v, 10)
	if len(digits) <= decimals {
		digits = strings.Repeat("0", decimals-len(digits)+1) + digits
	}
	whole, fraction := digits[:len(digits)-decimals], strings.TrimRight(digits[len(digits)-decimals:], "0")
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}
