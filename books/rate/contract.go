package rate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sluice/unit"
)

// Kind says how a term makes an amount.
type Kind string

// The kinds of terms. The first six price a quantity, the others stand on the lines before them.
const (
	Usage       Kind = "usage"       // what was measured
	PassThrough Kind = "passthrough" // energy as it was bought, what the building adds to it capped by Term.Cap
	Reservation Kind = "reservation" // what was committed, used or not
	Overage     Kind = "overage"     // what was measured above the commitment
	Shortfall   Kind = "shortfall"   // take or pay: what was committed and not used
	Fixed       Kind = "fixed"       // a fee per period
	Minimum     Kind = "minimum"     // what the lines of terms fall short of an agreed amount per period
	Credit      Kind = "credit"      // an SLA credit; made by Assess, never a term
	Prepayment  Kind = "prepayment"  // drawn from what was paid in advance, negative
	Tax         Kind = "tax"         // a share of the lines of other terms
	Percentage  Kind = "percentage"  // a fee that is a share of the lines of other terms, such as of the energy cost; negative where they are
)

// Unit is what a quantity is counted in and what a price is for.
type Unit string

// The units. A price is in millionths of the currency for one of what the unit
// says; the quantity is in its base unit.
const (
	MegawattHour  Unit = "MWh"      // of joules
	GPUHour       Unit = "GPU-hour" // of GPU-seconds
	GPUSecond     Unit = "GPU-second"
	KilowattMonth Unit = "kW-month" // of watts over the whole period
	Piece         Unit = "piece"
	Month         Unit = "month"  // of millionths of the period
	Second        Unit = "second" // of unit-seconds, of credits only
	Money         Unit = "money"  // of millionths of the currency, of percentages only
)

// Base is how many base units of quantity one price is for, 0 for an unknown unit.
func (u Unit) Base() int64 {
	switch u {
	case MegawattHour:
		return int64(unit.MegawattHour)
	case GPUHour:
		return 3600
	case GPUSecond, Piece, Second:
		return 1
	case KilowattMonth:
		return int64(unit.Kilowatt)
	case Month, Money:
		return 1_000_000
	}
	return 0
}

// Model says how the quantity of a period meets the bands of a term.
type Model string

// The models. Bands are looked up with the whole quantity of a line, never per interval.
const (
	Flat      Model = ""          // one price
	Graduated Model = "graduated" // the units of each band at its own price
	Volume    Model = "volume"    // all units at the price of the band that is reached
	Package   Model = "package"   // whole packages, begun ones count; the price is that of a package
)

// Band is one band of a term.
type Band struct {
	UpTo  int64  // base units, the last one included; 0 in the last band: no end
	Price string // name of its price
}

// Term is one thing that a contract charges.
type Term struct {
	Name       string // of the line; unique in the contract
	Kind       Kind
	Component  string // of the intervals: facility energy where it is passed through
	Price      string // name of its price; empty: that of Component, or Name where there is none
	Unit       Unit
	Model      Model
	Bands      []Band       // of Graduated and Volume
	Size       int64        // base units of a package
	IT         string       // PassThrough: component of the IT energy; empty: nothing is capped
	Cap        unit.Ratio   // PassThrough: PUE up to which energy is billed, at least 1
	CapSeconds int64        // PassThrough: length of the stretches in which the cap is applied, counted from 1970; 0: from price to price
	Commitment int64        // base units for a whole period
	Ramp       []unit.Ratio // share of the commitment in each contract month; 1 after the last
	Escalator  unit.Ratio   // by which the price rises with every contract year, 0.03 for 3 %; above -1
	Meters     []string     // that are expected; empty: whichever deliver
	Sparse     bool         // no interval means no use: nothing is a gap
	Of         []string     // names of terms: of Minimum, Percentage, Tax and Prepayment; empty: all that stand before, taxes not
	Rate       unit.Ratio   // of Tax and Percentage; of Prepayment the share that may be drawn, 0: all
}

// metered reports whether the term rates intervals.
func (t Term) metered() bool {
	return t.Kind == Usage || t.Kind == PassThrough || t.Kind == Overage || t.Kind == Shortfall
}

// priced reports whether the term has a price.
func (t Term) priced() bool { return t.Kind != Prepayment && t.Kind != Tax && t.Kind != Percentage }

// derived reports whether the term stands on the lines of others.
func (t Term) derived() bool { return t.Kind == Minimum || !t.priced() }

// uses reports whether the term rates this component.
func (t Term) uses(component string) bool {
	return t.metered() && (t.Component == component || t.IT != "" && t.IT == component)
}

// prices are the names of its prices, one or one for each band.
func (t Term) prices() []string {
	if len(t.Bands) == 0 {
		switch {
		case t.Price != "":
			return []string{t.Price}
		case t.Component != "":
			return []string{t.Component}
		}
		return []string{t.Name}
	}
	var out []string
	for _, b := range t.Bands {
		out = append(out, b.Price)
	}
	return out
}

// Contract is one version of the terms with one tenant.
type Contract struct {
	ID       string
	Version  int
	Valid    Span           // versions of a contract do not overlap
	Start    int64          // acceptance, Unix seconds: from then on it is charged, and contract months and years are counted
	Zone     *time.Location // in which they are counted; nil: UTC
	Currency unit.Currency
	Terms    []Term // in the order of the invoice
	Back     int    // months after its end for which a period is still corrected; 0: without end
}

// service is when this version charges.
func (c Contract) service() Span { return Span{max(c.Valid.From, c.Start), c.Valid.To} }

// The failures of a contract and its prices.
var (
	ErrContract = errors.New("no valid contract")
	ErrVersions = errors.New("two versions are in force at once")
	ErrPrice    = errors.New("there is no price")
	ErrOverflow = errors.New("the amount is beyond any books")
)

// Validate reports everything that is wrong with a version. It wraps ErrContract.
func (c Contract) Validate() error {
	var faults []error
	if c.ID == "" || c.Currency == "" {
		faults = append(faults, errors.New("it needs an id and a currency"))
	}
	if c.Valid.Empty() || c.Start >= c.Valid.To || c.Start < 0 || c.Valid.To > farFuture {
		faults = append(faults, fmt.Errorf("valid from %d to %d, start %d: it must begin after 1969, before it ends, and end before the year 3000", c.Valid.From, c.Valid.To, c.Start))
	}
	if c.Back < 0 || c.Back > 12*longestYears {
		faults = append(faults, fmt.Errorf("corrected for %d months: none are negative, 0 is without end", c.Back))
	}
	var names []string
	for _, t := range c.Terms {
		if t.Name == "" || slices.Contains(names, t.Name) {
			faults = append(faults, fmt.Errorf("term %q: every term has a name of its own", t.Name))
		}
		if err := t.validate(names); err != nil {
			faults = append(faults, fmt.Errorf("term %q: %w", t.Name, err))
		}
		names = append(names, t.Name)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("contract %q, version %d: %w: %w", c.ID, c.Version, ErrContract, err)
	}
	return nil
}

// farFuture is the first second of the year 3000; no contract runs so long.
const farFuture = 32_503_680_000

// validate checks a term; before are the names of those above it.
func (t Term) validate(before []string) error {
	var faults []error
	add := func(bad bool, says string) {
		if bad {
			faults = append(faults, errors.New(says))
		}
	}
	add(!slices.Contains([]Kind{Usage, PassThrough, Reservation, Overage, Shortfall, Fixed, Minimum, Prepayment, Tax, Percentage}, t.Kind), "its kind is not known")
	add(t.priced() && (t.Unit.Base() == 0 || t.Unit == Money), "its unit is not known")
	add(t.Kind == Percentage && t.Rate == 0, "a percentage has a rate")
	add(t.metered() && t.Component == "", "it measures no component")
	add(t.Kind == Reservation && t.Unit != KilowattMonth && t.Unit != Month && t.Unit != Piece, "a reservation is counted in kW-months, months or pieces")
	add((t.Kind == Fixed || t.Kind == Minimum) && t.Unit != Month, "a fee per period is counted in months")
	add(t.IT == "" && t.Cap != 0, "it has a cap and no component of IT energy")
	add(t.Price != "" && len(t.Bands) > 0, "its bands have prices, so it has none itself")
	add(t.IT != "" && (t.Kind != PassThrough || t.Cap < unit.One || t.IT == t.Component), "a cap stands on a pass-through, is at least 1, and has the IT energy in a component of its own")
	add(t.CapSeconds < 0 || t.CapSeconds > 0 && t.CapSeconds < 300, "the stretches of a cap have at least 300 seconds")
	add(t.Commitment < 0, "its commitment is negative")
	add(t.Escalator <= -unit.One || t.Escalator > unit.One, "its escalator lies between -100 % and 100 %")
	add(len(t.Ramp) > 0 && (slices.Min(t.Ramp) < 0 || len(t.Ramp) > 600), "its ramp has a negative share or more than 600 months")
	add(t.Rate < 0 || t.Rate > unit.One, "its rate lies between 0 and 100 %")
	for _, name := range t.Of {
		add(!slices.Contains(before, name), fmt.Sprintf("%q does not stand before it", name))
	}
	add(t.Model == Flat && len(t.Bands) > 0 || t.Model == Package && (t.Size <= 0 || len(t.Bands) > 0), "only graduated and volume prices have bands, and a package has a size")
	return errors.Join(append(faults, t.bands())...)
}

// bands checks the bands of a term.
func (t Term) bands() error {
	switch t.Model {
	case Flat, Package:
		return nil
	case Graduated, Volume:
		if !t.metered() {
			return errors.New("only what is measured has bands")
		}
	default:
		return fmt.Errorf("its model %q is not known", string(t.Model))
	}
	last := int64(0)
	for i, b := range t.Bands {
		end := b.UpTo
		if end == 0 && i == len(t.Bands)-1 {
			end = math.MaxInt64
		}
		if end <= last || strings.TrimSpace(b.Price) == "" {
			return fmt.Errorf("band %d: bands have a price and rise", i+1)
		}
		last = end
	}
	if last != math.MaxInt64 {
		return errors.New("its last band has no end: give it UpTo 0")
	}
	return nil
}
