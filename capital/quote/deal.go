package quote

import (
	"errors"
	"fmt"
	"math"

	"sluice/unit"
)

// Deal is a contract as headlines tell it, for a check of what it returns.
type Deal struct {
	Revenue    unit.Amount // over the whole term
	Years      int
	Equipment  unit.Amount
	Hall       unit.Amount
	Prepayment unit.Amount // of the revenue, paid at the begin
	Credited   int         // first year in which the prepayment is set off, evenly until the end
	Margin     unit.Ratio  // earnings before interest, tax and depreciation, of revenue
}

// Rest is what is left of a deal's investment at the end of the term.
type Rest struct {
	Name            string
	Hall, Equipment unit.Ratio
}

// The failures of a deal.
var (
	ErrDeal   = errors.New("the deal makes no sense")
	ErrReturn = errors.New("there is no rate at which this is worth nothing")
)

// yearsMost bounds the term of a deal.
const yearsMost = 60

// Validate reports everything that is wrong with a deal.
func (d Deal) Validate() error {
	var faults []error
	fault := func(wrong bool, says string) {
		if wrong {
			faults = append(faults, fmt.Errorf("%w: %s", ErrDeal, says))
		}
	}
	fault(d.Revenue <= 0, "its revenue is above zero")
	fault(d.Years < 1 || d.Years > yearsMost, "it runs 1 to 60 years")
	fault(d.Equipment < 0 || d.Hall < 0 || d.Equipment+d.Hall <= 0, "what is built is not negative, and something is")
	fault(d.Prepayment < 0 || d.Prepayment > d.Revenue, "the prepayment is between nothing and the revenue")
	fault(d.Margin <= 0 || d.Margin > unit.One, "the margin is above 0 % and at most 100 %")
	fault(d.Prepayment > 0 && (d.Credited < 1 || d.Credited > d.Years), "a prepayment is set off from a year of the term on")
	return errors.Join(faults...)
}

// Cash is what comes in each year, the first entry at the begin: investment less
// prepayment, then the margin of a year's revenue less what of the prepayment is set
// off, and with the last year what is left.
func (d Deal) Cash(r Rest) ([]unit.Amount, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	cash := []unit.Amount{d.Prepayment - d.Equipment - d.Hall}
	earned := unit.Amount(unit.MulDiv(int64(d.Revenue), int64(d.Margin), int64(unit.One)))
	for year := 1; year <= d.Years; year++ {
		in := slice(earned, year, d.Years)
		if n := year - d.Credited + 1; d.Prepayment > 0 && n > 0 {
			in -= slice(d.Prepayment, n, d.Years-d.Credited+1)
		}
		cash = append(cash, in)
	}
	cash[d.Years] += unit.Amount(unit.MulDiv(int64(d.Hall), int64(r.Hall), int64(unit.One))) + unit.Amount(unit.MulDiv(int64(d.Equipment), int64(r.Equipment), int64(unit.One)))
	return cash, nil
}

// slice is part i of n of an amount; the parts sum to it.
func slice(a unit.Amount, i, n int) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(a), int64(i), int64(n)) - unit.MulDiv(int64(a), int64(i-1), int64(n)))
}

// Return is the rate a year at which cash at the begins and ends of years is worth
// nothing: between -99 % and 1000 %. Cash that turns its sign more than once may have
// several; the error is ErrReturn where the ends do not lie on two sides of zero.
//
// Formula: sum over i of cash_i / (1+r)^i = 0. Source: docs/formula/quote.md.
func Return(cash []unit.Amount) (unit.Ratio, error) {
	low, high := -0.99, 10.0
	if present(cash, low) < 0 == (present(cash, high) < 0) {
		return 0, ErrReturn
	}
	rising := present(cash, low) < 0
	for range 200 {
		middle := (low + high) / 2
		if present(cash, middle) < 0 == rising {
			low = middle
		} else {
			high = middle
		}
	}
	return unit.Ratio(unit.FromFloat(low)), nil
}

// present is what cash is worth at the begin, USD.
func present(cash []unit.Amount, rate float64) (sum float64) {
	for i, c := range cash {
		sum += dollars(c) * math.Pow(1+rate, -float64(i))
	}
	return sum
}
