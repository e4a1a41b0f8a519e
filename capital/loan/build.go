package loan

import (
	"errors"
	"fmt"
	"math"
)

// ErrCircular says that a loan, its cost and its reserve found no common size.
var ErrCircular = errors.New("loan and cost do not settle")

// Order is who pays first while something is built.
type Order string

// The orders of draws, as plans write them.
const (
	EquityFirst Order = "equity first"
	ProRata     Order = "pro rata"
	DebtFirst   Order = "debt first"
)

// Sizer is the loan for a total cost, financing included. It may ignore the cost.
type Sizer func(cost float64) (Schedule, error)

// Build is something that is built month by month with equity and a loan.
type Build struct {
	Costs       []float64 // of each month, without what financing costs
	Contingency float64   // share that is added to every cost
	Order       Order
	Rate        float64 // of a month, on what is drawn
	Commitment  float64 // of a month, on what is not yet drawn
	Upfront     float64 // share of the loan, paid in the first month
	// Reserve is how many months of the first year's service are set aside in the last
	// month; a year of the loan has Year periods. See ReserveTargets.
	Reserve float64
	Year    int
	Size    Sizer
}

// Draw is a month of building: what money is used for, and where it comes from.
type Draw struct {
	Cost, Contingency, Interest, Commitment, Upfront, Reserve float64
	Equity, Debt                                              float64
	Balance                                                   float64 // drawn until the end of the month
}

// Uses is what a month needs; it is what equity and debt pay.
func (d Draw) Uses() float64 {
	return d.Cost + d.Contingency + d.Interest + d.Commitment + d.Upfront + d.Reserve
}

// Funding is how something that is built is paid for.
type Funding struct {
	Loan   Schedule
	Cost   float64 // all uses, financing and reserve included
	Equity float64
	Rounds int // until cost and loan settled
	Months []Draw
}

// limits of the search for a loan that agrees with its cost.
const (
	settled   = 0.01 // of the currency
	maxRounds = 50
)

// Fund finds the loan that agrees with a cost that holds its own interest, fees and
// reserve: a change below 0.01 settles it. After 50 rounds it gives up with
// ErrCircular. A draw falls on the end of its month and bears interest from the next
// one on; that interest is a use of money like any other. What is drawn in the end
// differs from the loan by less than 0.01.
//
// Formula: cost = sum of uses(loan(cost)). Source: docs/formula/loan.md.
func (b Build) Fund() (Funding, error) {
	cost, err := b.check()
	if err != nil {
		return Funding{}, err
	}
	var debt, before float64
	for round := 1; round <= maxRounds; round++ {
		s, err := b.Size(cost)
		if err != nil {
			return Funding{}, fmt.Errorf("a loan for a cost of %.2f: %w", cost, err)
		}
		f, err := b.draw(s, cost)
		if err != nil {
			return Funding{}, err
		}
		if math.Abs(f.Cost-cost) < settled && math.Abs(s.Debt-debt) < settled {
			f.Rounds = round
			return f, b.covered(f)
		}
		before, cost, debt = cost, f.Cost, s.Debt
	}
	return Funding{}, fmt.Errorf("after %d rounds the cost is %.2f, and it was %.2f the round before: lower the share of cost, the rate or the reserve: %w", maxRounds, cost, before, ErrCircular)
}

// covered refuses a loan for more than it all costs.
func (b Build) covered(f Funding) error {
	if f.Loan.Debt > f.Cost+settled {
		return fmt.Errorf("a loan of %.2f for a cost of %.2f: cap it, see Capped: %w", f.Loan.Debt, f.Cost, ErrTerms)
	}
	return nil
}

// check is the cost before financing.
func (b Build) check() (cost float64, err error) {
	for m, c := range b.Costs {
		if !(c >= 0) || math.IsInf(c, 0) {
			return 0, fmt.Errorf("the cost of month %d is %.2f: write what is paid, not negative: %w", m, c, ErrTerms)
		}
		cost += c
	}
	for _, v := range []struct {
		name  string
		share float64
	}{{"contingency", b.Contingency}, {"commitment fee", b.Commitment}, {"upfront fee", b.Upfront}} {
		if !(v.share >= 0 && v.share < 1) {
			return 0, fmt.Errorf("a %s of %g: write a share from 0 to below 1: %w", v.name, v.share, ErrTerms)
		}
	}
	switch {
	case len(b.Costs) == 0 || cost == 0:
		return 0, fmt.Errorf("no costs: a loan is drawn against what is built: %w", ErrTerms)
	case b.Size == nil:
		return 0, fmt.Errorf("no size of the loan: name a Sizer: %w", ErrTerms)
	case b.Order != EquityFirst && b.Order != ProRata && b.Order != DebtFirst:
		return 0, fmt.Errorf("draws %q: write %q, %q or %q: %w", b.Order, EquityFirst, ProRata, DebtFirst, ErrTerms)
	case b.Reserve != 0 && b.Year < 1:
		return 0, fmt.Errorf("a reserve of %g months, but a year of %d periods: write 12 or 1: %w", b.Reserve, b.Year, ErrTerms)
	}
	return cost * (1 + b.Contingency), checkRate(b.Rate)
}

// draw pays for every month with a loan, on the belief that all costs so much.
func (b Build) draw(s Schedule, cost float64) (Funding, error) {
	f := Funding{Loan: s, Months: make([]Draw, len(b.Costs))}
	reserve, err := b.reserve(s)
	if err != nil {
		return Funding{}, err
	}
	var balance float64
	equity := max(cost-s.Debt, 0)
	for m, c := range b.Costs {
		d := Draw{Cost: c, Contingency: c * b.Contingency, Interest: balance * b.Rate, Commitment: max(s.Debt-balance, 0) * b.Commitment}
		if m == 0 {
			d.Upfront = s.Debt * b.Upfront
		}
		if m == len(b.Costs)-1 {
			d.Reserve = reserve
		}
		d.Debt = b.borrowed(d.Uses(), s.Debt/cost, equity-f.Equity, s.Debt-balance)
		d.Equity = d.Uses() - d.Debt
		balance += d.Debt
		d.Balance = balance
		f.Cost += d.Uses()
		f.Equity += d.Equity
		f.Months[m] = d
	}
	return f, nil
}

// borrowed is what of the uses of a month the loan pays: share is its share of all,
// equity and debt are what is left of either.
func (b Build) borrowed(uses, share, equity, debt float64) float64 {
	var d float64
	switch b.Order {
	case EquityFirst:
		d = uses - min(uses, max(equity, 0))
	case ProRata:
		d = uses * share
	case DebtFirst:
		d = uses
	}
	return min(d, max(debt, 0))
}

// reserve is what is set aside before the loan is first served.
func (b Build) reserve(s Schedule) (float64, error) {
	if !(s.Debt >= 0) || math.IsInf(s.Debt, 0) {
		return 0, fmt.Errorf("a loan of %.2f: look at what sizes it: %w", s.Debt, ErrTerms)
	}
	if b.Reserve == 0 || len(s.Service) == 0 {
		return 0, nil
	}
	held, err := ReserveTargets(s.Service[:min(b.Year, len(s.Service))], b.Reserve, b.Year) // the first row looks no further
	if err != nil {
		return 0, err
	}
	return held[0], nil
}
