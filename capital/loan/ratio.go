package loan

import (
	"errors"
	"fmt"
	"math"
)

// ErrRatio says that two figures make no ratio.
var ErrRatio = errors.New("no ratio")

// Ratio is one figure over another. The two are kept apart because a ratio does not
// say what would cure it.
type Ratio struct{ Over, Under float64 }

// crumb is by how much of itself a ratio may miss its limit: a loan that is sculpted
// to 1.3 has 1.3 but for the rounding of floats.
const crumb = 1e-9

// below says whether a value is less than its limit by more than rounding.
func below(value, limit float64) bool { return value < limit-crumb*limit }

// Kind is which ratio a covenant is about, as plans write it.
type Kind string

// The kinds of ratios. DSCR, LLCR and liquidity have a floor, LTV and leverage a ceiling.
const (
	DSCR      Kind = "dscr"      // CAFDS of a year over the service of the same periods
	LLCR      Kind = "llcr"      // present value of CAFDS to maturity over the balance
	LTV       Kind = "ltv"       // balance over the value of the collateral
	Liquidity Kind = "liquidity" // cash and undrawn lines, over 1
	Leverage  Kind = "leverage"  // debt less cash, over EBITDA
)

// ceiling says whether a ratio of the kind may not be above its limit.
func (k Kind) ceiling() bool { return k == LTV || k == Leverage }

// Of is the value of a ratio of the kind. With nothing due there is nothing to test,
// and tested is false: no service, no balance, no debt. A negative service, balance
// or collateral is ErrRatio, since it would turn the ratio around. Debt over no
// collateral, and over an EBITDA that is not above nought, is endless: an owner that
// loses money is in breach, and that is no error.
//
// Source: docs/formula/loan.md.
func (k Kind) Of(r Ratio) (value float64, tested bool, err error) {
	if math.IsNaN(r.Over) || math.IsNaN(r.Under) || math.IsInf(r.Over, 0) || math.IsInf(r.Under, 0) {
		return 0, false, fmt.Errorf("%s of %g over %g: look at what made them: %w", k, r.Over, r.Under, ErrRatio)
	}
	switch k {
	case DSCR, LLCR, Liquidity, LTV:
		if r.Under < 0 {
			return 0, false, fmt.Errorf("%s of %.2f over %.2f: what is below may not be negative; look at the sign of service, balance or collateral: %w", k, r.Over, r.Under, ErrRatio)
		}
	case Leverage:
	default:
		return 0, false, fmt.Errorf("%q is no kind of ratio: write %s, %s, %s, %s or %s: %w", string(k), DSCR, LLCR, LTV, Liquidity, Leverage, ErrRatio)
	}
	if r.Under > 0 {
		return r.Over / r.Under, true, nil
	}
	if k.ceiling() && r.Over > 0 {
		return math.Inf(1), true, nil
	}
	return 0, false, nil
}

// Trailing is the DSCR after each period over the year until then; before a whole
// year there is nothing to test.
//
// Formula: sum of CAFDS / sum of service of the same periods. Source: docs/formula/loan.md.
func Trailing(cafds, service []float64, year int) ([]Ratio, error) {
	return covers(cafds, service, year, func(t int) (from, to int) {
		if t+1 < year {
			return 0, 0
		}
		return t + 1 - year, t + 1
	})
}

// Forward is the DSCR after each period over the year from then on; the last year
// is as long as it is.
func Forward(cafds, service []float64, year int) ([]Ratio, error) {
	return covers(cafds, service, year, func(t int) (from, to int) { return t + 1, min(t+1+year, len(service)) })
}

// covers sums every window on its own: differences of running sums would leave a
// crumb where no service is due.
func covers(cafds, service []float64, year int, window func(t int) (from, to int)) ([]Ratio, error) {
	if year < 1 || len(cafds) != len(service) {
		return nil, fmt.Errorf("%d periods of CAFDS, %d of service, a year of %d: both rows are as long as each other, and a year has 12 periods or 1: %w", len(cafds), len(service), year, ErrRatio)
	}
	if err := checkService(service); err != nil {
		return nil, err
	}
	row := make([]Ratio, len(service))
	for t := range row {
		from, to := window(t)
		for i := from; i < to; i++ {
			row[t].Over += cafds[i]
			row[t].Under += service[i]
		}
	}
	return row, nil
}

// Life is the LLCR after each period of a loan, at its own rate. On a loan that is
// sculpted throughout it is the DSCR. After the last one nothing is owed.
//
// Formula: sum over u > t of CAFDS(u) / (1 + rate)^(u-t), over balance(t). Source: docs/formula/loan.md.
func Life(cafds []float64, s Schedule, rate float64) ([]Ratio, error) {
	if len(cafds) != len(s.Balance) {
		return nil, fmt.Errorf("%d periods of CAFDS for a loan of %d: give the cash of its whole life: %w", len(cafds), len(s.Balance), ErrRatio)
	}
	if err := checkRate(rate); err != nil {
		return nil, err
	}
	row := make([]Ratio, len(cafds))
	var value float64
	for t := len(cafds) - 1; t >= 0; t-- {
		row[t] = Ratio{value, s.Balance[t]}
		value = (value + cafds[t]) / (1 + rate)
	}
	return row, nil
}
