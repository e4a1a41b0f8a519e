package loan

import (
	"errors"
	"fmt"
	"math"
)

// ErrTerms says that terms make no loan.
var ErrTerms = errors.New("terms make no loan")

// Schedule is a loan over its life. Row t is the end of period t, the first of which
// is 0: Service is what is paid, Interest and Principal are its two parts, Balance is
// what is owed after it. A negative principal is interest that was not paid and is owed.
type Schedule struct {
	Debt                                  float64 // owed at the begin
	Service, Interest, Principal, Balance []float64
}

// Growing are the periods in which less than the interest is paid, so that the
// balance grows.
func (s Schedule) Growing() (periods []int) {
	for t, p := range s.Principal {
		if p < 0 {
			periods = append(periods, t)
		}
	}
	return periods
}

// rolled is a schedule of n periods in which principal says what each repays. The
// last one repays what is left, so that nothing is owed at the end.
func rolled(debt, rate float64, n int, principal func(t int, balance, interest float64) float64) Schedule {
	row := make([]float64, 4*n)
	s := Schedule{Debt: debt, Service: row[:n:n], Interest: row[n : 2*n : 2*n], Principal: row[2*n : 3*n : 3*n], Balance: row[3*n:]}
	balance := debt
	for t := range n {
		s.Interest[t] = balance * rate
		s.Principal[t] = balance
		if t < n-1 {
			s.Principal[t] = principal(t, balance, s.Interest[t])
		}
		s.Service[t] = s.Interest[t] + s.Principal[t]
		balance -= s.Principal[t]
		s.Balance[t] = balance
	}
	return s
}

// Early says what is done where early cash, over the DSCR, would not pay the interest.
type Early int

// The choices of Early.
const (
	// Floor forbids a negative principal. The loan is as large as it may be with every
	// period at the DSCR or above: a period that would pay less than its interest pays
	// just that. The rest is sculpted anew, to what is then owed, at a higher DSCR; what
	// comes before such a period repays enough for it.
	Floor Early = iota
	// Grow lets what is not paid be owed. Schedule.Growing reports where.
	Grow
)

// Sizing is how a loan is sized by cash: a rate for a period, the DSCR that every
// period has to have, and what is done where early cash is small.
type Sizing struct {
	Rate, DSCR float64
	Early      Early
}

// Sculpt is the largest loan that cash available for debt service, CAFDS, of one
// period after the other carries at a DSCR and at a rate for a period, with Floor.
// CAFDS that is not above nought, and a DSCR that is not above 1, are ErrTerms.
//
// Formula: debt = sum of CAFDS(t) / DSCR / (1 + rate)^t; service(t) = CAFDS(t) / DSCR.
// Source: docs/formula/loan.md.
func Sculpt(cafds []float64, rate, dscr float64) (Schedule, error) {
	return Sizing{Rate: rate, DSCR: dscr}.Sculpt(cafds)
}

// Sculpt is the largest loan for some cash.
func (z Sizing) Sculpt(cafds []float64) (Schedule, error) {
	if err := z.check(cafds); err != nil {
		return Schedule{}, err
	}
	n := len(cafds)
	left, most := make([]float64, n+1), make([]float64, n+1) // at the begin of t: present value of the cash to come, and the debt that it carries
	for t := n - 1; t >= 0; t-- {
		pays := cafds[t] / z.DSCR
		left[t] = (left[t+1] + cafds[t]) / (1 + z.Rate)
		most[t] = (most[t+1] + pays) / (1 + z.Rate)
		if z.Early == Floor && z.Rate > 0 {
			most[t] = min(most[t], pays/z.Rate) // else its interest would be more than it may pay
		}
	}
	return rolled(most[0], z.Rate, n, func(t int, balance, interest float64) float64 {
		p := cafds[t]*(balance/left[t]) - interest
		if z.Early == Floor {
			p = max(p, 0, balance-most[t+1])
		}
		return p
	}), nil
}

// check names the first thing that makes no loan, and what to do about it.
func (z Sizing) check(cafds []float64) error {
	if err := checkRate(z.Rate); err != nil {
		return err
	}
	if !(z.DSCR > 1) || math.IsInf(z.DSCR, 0) {
		return fmt.Errorf("a DSCR of %g: lenders want more cash than service, write 1.3 for 30 %% more: %w", z.DSCR, ErrTerms)
	}
	if z.Early != Floor && z.Early != Grow {
		return fmt.Errorf("choice %d for small early cash: it is Floor or Grow: %w", z.Early, ErrTerms)
	}
	if len(cafds) == 0 {
		return fmt.Errorf("no CAFDS: a sculpted loan needs the cash of every period of its life: %w", ErrTerms)
	}
	for t, c := range cafds {
		if !(c > 0) || math.IsInf(c, 0) {
			return fmt.Errorf("CAFDS of period %d of %d is %.2f: a sculpted loan is served from the cash of every period; let it begin later or end before, or take one with fixed payments: %w", t, len(cafds), c, ErrTerms)
		}
	}
	return nil
}

// checkRate refuses what is no rate of a period. A rate of 9 is a percentage that
// was not divided by 100.
func checkRate(rate float64) error {
	if !(rate >= 0 && rate < 1) {
		return fmt.Errorf("a rate of %g for a period: write a share from 0 to below 1, such as 0.09 for 9 %%: %w", rate, ErrTerms)
	}
	return nil
}

// Capped is a sculpted loan of no more than a fraction of a cost. Where the cash
// would carry more, the DSCR is raised until it does not, so that the loan is still
// sculpted; used is the DSCR that came out.
//
// Formula: DSCR := debt / (fraction * cost) * DSCR (NREL SSC, cmod_singleowner).
// Source: docs/formula/loan.md.
func Capped(cafds []float64, rate, dscr, fraction, cost float64) (s Schedule, used float64, err error) {
	return Sizing{Rate: rate, DSCR: dscr}.Capped(cafds, fraction, cost)
}

// Capped is a sculpted loan of no more than a fraction of a cost.
func (z Sizing) Capped(cafds []float64, fraction, cost float64) (s Schedule, used float64, err error) {
	if !(fraction > 0 && fraction <= 1) || !(cost > 0) || math.IsInf(cost, 0) {
		return Schedule{}, 0, fmt.Errorf("at most %g of a cost of %.2f: write a share up to 1 and a cost above 0: %w", fraction, cost, ErrTerms)
	}
	s, err = z.Sculpt(cafds)
	if most := fraction * cost; err == nil && s.Debt > most {
		z.DSCR *= s.Debt / most
		s, err = z.Sculpt(cafds)
	}
	return s, z.DSCR, err
}
