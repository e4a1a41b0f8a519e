package loan

import (
	"errors"
	"fmt"
	"math"
)

// ErrCovenant says that a covenant cannot be tested.
var ErrCovenant = errors.New("no covenant")

// Covenant is a promise to lenders about a ratio. It is tested after period From and
// after every Every periods from there on. A test that fails is a breach; one that is
// not cured within Grace periods is a default.
type Covenant struct {
	Name  string
	Kind  Kind
	Limit float64 // a floor for DSCR, LLCR and liquidity, a ceiling for LTV and leverage
	Every int     // periods from test to test: 1 or 3 months
	From  int     // the first period that is tested; the first of all is 0
	Grace int
}

// Check is what one test says.
type Check struct {
	Tested   bool // false: nothing was due
	Breached bool // by more than rounding
	Value    float64
	Headroom float64 // from the limit to the value, in the unit of the ratio; negative in a breach
	// Cure is the cash that makes the test pass: added to the CAFDS of the tested year
	// for DSCR, added to cash for liquidity, used to repay debt for LLCR, LTV and
	// leverage. 0 where it passes.
	Cure float64
}

// At tests the covenant on one ratio.
//
// Source: docs/formula/loan.md.
func (c Covenant) At(r Ratio) (Check, error) {
	v, tested, err := c.Kind.Of(r)
	if err != nil {
		return Check{}, fmt.Errorf("covenant %q: %w", c.Name, err)
	}
	if !tested {
		return Check{}, nil
	}
	k := Check{Tested: true, Value: v, Headroom: v - c.Limit}
	if c.Kind.ceiling() {
		k.Headroom = c.Limit - v
	}
	if k.Breached = below(k.Headroom+c.Limit, c.Limit); k.Breached {
		k.Cure = c.cure(r)
	}
	return k, nil
}

// cure is the cash that brings a ratio to its limit.
func (c Covenant) cure(r Ratio) float64 {
	switch c.Kind {
	case DSCR, Liquidity:
		return c.Limit*r.Under - r.Over
	case LLCR:
		return r.Under - max(r.Over, 0)/c.Limit
	case LTV:
		return r.Over - c.Limit*r.Under
	case Leverage:
		return r.Over - c.Limit*max(r.Under, 0)
	}
	return 0
}

// Verdict is what a row of tests says. A period that there is none of is -1.
type Verdict struct {
	Tests, Breaches int
	First           int     // period of the first breach
	Default         int     // period in which the first breach that was not cured became a default
	Least           float64 // least headroom of all tests; +Inf where nothing was tested
	LeastAt         int
	Cure            float64 // of the first breach
	MostCure        float64 // the greatest of all breaches
}

// Test tests the covenant on ratios after each period. Within its grace a breach is
// cured when the ratio is back, whether it is tested then or not.
func (c Covenant) Test(row []Ratio) (Verdict, error) {
	v := Verdict{First: -1, Default: -1, LeastAt: -1, Least: math.Inf(1)}
	if err := c.check(); err != nil {
		return v, err
	}
	for t := c.From; t < len(row); t += c.Every {
		k, err := c.At(row[t])
		if err != nil {
			return v, fmt.Errorf("period %d: %w", t, err)
		}
		if !k.Tested {
			continue
		}
		v.Tests++
		if k.Headroom < v.Least {
			v.Least, v.LeastAt = k.Headroom, t
		}
		if !k.Breached {
			continue
		}
		if err := v.breach(c, row, t, k); err != nil {
			return v, err
		}
	}
	return v, nil
}

// breach notes a test that failed.
func (v *Verdict) breach(c Covenant, row []Ratio, t int, k Check) error {
	v.Breaches++
	v.MostCure = max(v.MostCure, k.Cure)
	if v.First < 0 {
		v.First, v.Cure = t, k.Cure
	}
	if v.Default >= 0 || t+c.Grace >= len(row) {
		return nil
	}
	for u := t + 1; u <= t+c.Grace; u++ {
		later, err := c.At(row[u])
		if err != nil {
			return fmt.Errorf("period %d: %w", u, err)
		}
		if !later.Breached {
			return nil
		}
	}
	v.Default = t + c.Grace
	return nil
}

func (c Covenant) check() error {
	switch {
	case c.Every < 1 || c.From < 0 || c.Grace < 0:
		return fmt.Errorf("covenant %q: tested from period %d on, every %d, with a grace of %d: write 0 or more, and 1 or more for every: %w", c.Name, c.From, c.Every, c.Grace, ErrCovenant)
	case math.IsNaN(c.Limit) || math.IsInf(c.Limit, 0) || c.Limit < 0 || c.Kind == LLCR && c.Limit == 0:
		return fmt.Errorf("covenant %q: a limit of %g: write a number above 0, such as 1.2: %w", c.Name, c.Limit, ErrCovenant)
	}
	_, _, err := c.Kind.Of(Ratio{1, 1})
	if err != nil {
		return fmt.Errorf("covenant %q: %w: %w", c.Name, ErrCovenant, err)
	}
	return nil
}
