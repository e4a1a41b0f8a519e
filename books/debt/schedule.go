package debt

import (
	"errors"
	"fmt"
	"math/big"

	"sluice/books"
	"sluice/unit"
)

// Loan is money that is paid back in equal periods, with interest of the same part
// of a year for each. What a day count makes of it is Interest's business.
type Loan struct {
	Principal unit.Amount
	Rate      unit.Ratio  // a year
	PerYear   int         // periods
	Periods   int         // until it is paid back
	Step      unit.Amount // to which a level payment is rounded, such as a cent; 0: a millionth
}

// Instalment is what is paid at the end of a period, and what is left then.
type Instalment struct{ Interest, Principal, Left unit.Amount }

// Payment is all that is paid.
func (i Instalment) Payment() unit.Amount { return i.Interest + i.Principal }

// ErrLoan is the failure of a loan that is never paid back.
var ErrLoan = errors.New("no loan")

// periodsMost bounds a schedule: a hundred years of weeks.
const periodsMost = 5200

func (l Loan) validate() error {
	if l.Principal <= 0 || l.Rate < 0 || l.Rate > unit.One || l.PerYear < 1 || l.PerYear > 366 || l.Periods < 1 || l.Periods > periodsMost || l.Step < 0 {
		return fmt.Errorf("%s at %d millionths a year in %d periods, %d a year: %w: above zero, at 0 to 100 %%, in 1 to %d periods",
			l.Principal, l.Rate, l.Periods, l.PerYear, ErrLoan, periodsMost)
	}
	return nil
}

// one is what a period's begin counts for where its end counts one more rate: the
// rate of a period is rate / one.
func (l Loan) one() int64 { return int64(unit.One) * int64(l.PerYear) }

func (l Loan) interest(left unit.Amount) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(left), int64(l.Rate), l.one()))
}

// Level is the same payment each period that pays the loan back, rounded to the
// step.
//
// Formula: principal * i / (1 - (1 + i)^-n). Source: docs/formula/debt.md.
func (l Loan) Level() (unit.Amount, error) {
	if err := l.validate(); err != nil {
		return 0, err
	}
	a, b := power(l.one(), l.Periods), power(l.one()+int64(l.Rate), l.Periods)
	n, d := times(times(whole(int64(l.Principal)), whole(int64(l.Rate))), b), times(whole(l.one()), new(big.Int).Sub(b, a))
	if l.Rate == 0 {
		n, d = whole(int64(l.Principal)), whole(int64(l.Periods))
	}
	step := max(l.Step, 1)
	steps, err := quotient(n, times(d, whole(int64(step))))
	if err != nil {
		return 0, fmt.Errorf("level payment: %w", err)
	}
	return steps * step, nil
}

// Annuity is a schedule of level payments. The last takes what is left.
func (l Loan) Annuity() ([]Instalment, error) {
	level, err := l.Level()
	if err != nil {
		return nil, err
	}
	return l.paid(func(int, unit.Amount) unit.Amount { return level })
}

// Bullet is a schedule of interest alone; the principal is paid at the end.
func (l Loan) Bullet() ([]Instalment, error) {
	if err := l.validate(); err != nil {
		return nil, err
	}
	return l.paid(func(_ int, interest unit.Amount) unit.Amount { return interest })
}

// cent is by how much a list of payments may miss the end of a loan.
const cent = unit.Unit / 100

// Sculpted is a schedule that follows a list of payments, as they were agreed from
// what a project is expected to earn. The list must pay the loan back to the cent;
// the last takes what is left. A payment below the interest of its period is
// refused: it would add to the loan.
func (l Loan) Sculpted(payments []unit.Amount) ([]Instalment, error) {
	if err := l.validate(); err != nil {
		return nil, err
	}
	if len(payments) != l.Periods {
		return nil, fmt.Errorf("%d payments in %d periods: %w", len(payments), l.Periods, ErrLoan)
	}
	out, err := l.paid(func(i int, _ unit.Amount) unit.Amount { return payments[i] })
	if err != nil {
		return nil, err
	}
	if off := out[len(out)-1].Payment() - payments[len(payments)-1]; off > cent || off < -cent {
		return nil, fmt.Errorf("the payments leave %s at the end: %w: they pay the loan back to the cent", off, ErrLoan)
	}
	return out, nil
}

// paid follows a loan: pay says what is paid in a period of that interest.
func (l Loan) paid(pay func(i int, interest unit.Amount) unit.Amount) ([]Instalment, error) {
	left := l.Principal
	var out []Instalment
	for i := range l.Periods {
		x := Instalment{Interest: l.interest(left)}
		x.Principal = pay(i, x.Interest) - x.Interest
		if x.Principal < 0 {
			return nil, fmt.Errorf("period %d: %s are paid, the interest is %s: %w", i+1, x.Payment(), x.Interest, ErrLoan)
		}
		if i == l.Periods-1 || x.Principal > left {
			x.Principal = left
		}
		left -= x.Principal
		x.Left = left
		out = append(out, x)
	}
	return out, nil
}

// Present is what payments are worth at the begin of the first period, when each
// is paid at the end of its period.
//
// Formula: sum of payment / (1 + i)^k. Source: docs/formula/debt.md.
func Present(payments []unit.Amount, rate unit.Ratio, perYear int) (unit.Amount, error) {
	l := Loan{Principal: 1, Rate: rate, PerYear: perYear, Periods: max(1, len(payments))}
	if err := l.validate(); err != nil {
		return 0, err
	}
	worth, err := l.present(payments)
	if err != nil {
		return 0, err
	}
	return worth[0], nil
}

// present is what the payments after each period are worth at its end, from none
// paid to all paid. It works backwards with whole numbers, so that each is rounded
// once.
func (l Loan) present(payments []unit.Amount) ([]unit.Amount, error) {
	a, b := whole(l.one()), whole(l.one()+int64(l.Rate))
	out := make([]unit.Amount, len(payments)+1)
	n, d := new(big.Int), whole(1)
	for i := len(payments) - 1; i >= 0; i-- {
		n = times(a, n.Add(n, times(whole(int64(payments[i])), d)))
		d = times(d, b)
		var err error
		if out[i], err = quotient(n, d); err != nil {
			return nil, fmt.Errorf("present value: %w", err)
		}
	}
	return out, nil
}

// sum adds payments up.
func sum(payments []unit.Amount) (total unit.Amount, err error) {
	for _, p := range payments {
		n, ok := books.Add(int64(total), int64(p))
		if !ok {
			return 0, fmt.Errorf("sum of payments: %w", books.ErrOverflow)
		}
		total = unit.Amount(n)
	}
	return total, nil
}
