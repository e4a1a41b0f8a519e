package settle

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/books/debt"
	"sluice/unit"
)

// Plan says how the principal of a loan is paid back.
type Plan string

// The plans.
const (
	Bullet  Plan = "bullet"  // all at the end
	Annuity Plan = "annuity" // so that equal periods cost the same, principal and interest together
	Listed  Plan = "list"    // as it was agreed, day by day
)

// Loan is a facility as a company draws it and pays it back. Days are those of the
// company's zone.
type Loan struct {
	debt.Facility
	Draws []debt.Move // one a day at most
	Plan  Plan
	Every int         // months from one day of payment to the next; not of a list
	First time.Time   // when the first period of an annuity begins; only interest is paid before
	Rate  unit.Ratio  // a year, by which an annuity is computed
	Step  unit.Amount // to which its payment is rounded
	List  []debt.Move // principal that is paid back, positive
}

// ErrLoan is the failure of a loan that cannot be booked.
var ErrLoan = errors.New("no loan that can be booked")

// Due is a day on which a loan is served: interest that came up until then is paid,
// and principal.
type Due struct {
	Day       time.Time
	Principal unit.Amount // as planned; never more is paid than is owed
	Last      bool        // all that is owed is paid
}

// Validate reports everything that is wrong with a loan. Rates that are still to be
// fixed are none of it.
func (l Loan) Validate() error {
	faults := []error{l.Facility.Validate()}
	if !slices.Contains([]int{1, 2, 3, 4, 6, 12}, l.Every) && l.Plan != Listed {
		faults = append(faults, fmt.Errorf("payments every %d months: it is 12, 6, 4, 3, 2 or 1 a year", l.Every))
	}
	if !slices.Contains([]Plan{Bullet, Annuity, Listed}, l.Plan) {
		faults = append(faults, fmt.Errorf("plan %q is none of %s, %s and %s", l.Plan, Bullet, Annuity, Listed))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("loan %q: %w: %w", l.Name, ErrLoan, err)
	}
	faults = append(faults, inOrder("draw", l.Draws, l.Start, l.end().AddDate(0, 0, -1)), inOrder("repayment", l.List, l.Start, l.Maturity))
	if err := errors.Join(faults...); err == nil {
		_, err = l.Planned()
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("loan %q: %w: %w", l.Name, ErrLoan, err)
	}
	return nil
}

// inOrder reports what is wrong with draws or repayments by themselves.
func inOrder(what string, all []debt.Move, first, last time.Time) error {
	var faults []error
	for i, m := range all {
		if m.Amount <= 0 || m.Day.Before(first) || m.Day.After(last) || i > 0 && !all[i-1].Day.Before(m.Day) {
			faults = append(faults, fmt.Errorf("%s of %s on %s: it is above zero and from %s to %s, with one a day at most, in order", what, m.Amount,
				m.Day.Format(time.DateOnly), first.Format(time.DateOnly), last.Format(time.DateOnly)))
		}
	}
	return errors.Join(faults...)
}

// end is the day on which all that is owed is paid.
func (l Loan) end() time.Time {
	if !l.Closed.IsZero() && l.Closed.Before(l.Maturity) {
		return l.Closed
	}
	return l.Maturity
}

// Dues are the days on which a loan is served, in order.
//
// Source: docs/formula/settle.md.
func (l Loan) Dues() ([]Due, error) {
	var all []Due
	switch l.Plan {
	case Listed:
		for _, m := range l.List {
			all = append(all, Due{Day: m.Day, Principal: m.Amount})
		}
	case Annuity:
		first := l.Start
		if !l.First.IsZero() {
			first = l.First
			all = append(l.every(l.Start, first), Due{Day: first})
		}
		level, err := l.annuity(first)
		if err != nil {
			return nil, err
		}
		all = append(all, level...)
	case Bullet:
		all = l.every(l.Start, l.Maturity)
	}
	end := l.end()
	all = slices.DeleteFunc(all, func(d Due) bool { return !d.Day.After(l.Start) || !d.Day.Before(end) })
	return append(all, Due{Day: end, Last: true}), nil
}

// every are the days of payment after one day and before another.
func (l Loan) every(from, to time.Time) (out []Due) {
	for k := l.Every; ; k += l.Every {
		day := monthsAfter(from, k)
		if !day.Before(to) {
			return out
		}
		out = append(out, Due{Day: day})
	}
}

// annuity are the payments of equal periods from a day until maturity.
func (l Loan) annuity(first time.Time) ([]Due, error) {
	all := l.every(first, l.Maturity)
	if day := monthsAfter(first, (len(all)+1)*l.Every); !day.Equal(l.Maturity) {
		return nil, fmt.Errorf("an annuity needs whole periods: from %s every %d months leads to %s, and it ends on %s", first.Format(time.DateOnly), l.Every,
			day.Format(time.DateOnly), l.Maturity.Format(time.DateOnly))
	}
	var principal unit.Amount
	for _, d := range l.Draws {
		if d.Day.After(first) {
			return nil, fmt.Errorf("the draw of %s comes after %s, when the annuity begins", d.Day.Format(time.DateOnly), first.Format(time.DateOnly))
		}
		principal += d.Amount // all together within the limit, or the plan is refused
	}
	schedule, err := debt.Loan{Principal: principal, Rate: l.Rate, PerYear: 12 / l.Every, Periods: len(all) + 1, Step: l.Step}.Annuity()
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Principal = schedule[i].Principal
	}
	return all, nil
}

// Planned are all draws and repayments, as they are planned.
func (l Loan) Planned() ([]debt.Move, error) {
	dues, err := l.Dues()
	if err != nil {
		return nil, err
	}
	var out []debt.Move
	var owed unit.Amount
	for _, s := range l.steps(dues) {
		amount := s.draw
		if s.due != nil {
			amount = -min(s.due.Principal, owed)
			if s.due.Last {
				amount = -owed
			} else if l.Plan == Listed && s.due.Principal > owed {
				return nil, fmt.Errorf("%s are paid back on %s, and %s are owed", s.due.Principal, s.day.Format(time.DateOnly), owed)
			}
		}
		if amount > l.Limit-owed {
			return nil, fmt.Errorf("the draw of %s on %s goes beyond the limit: %s of %s are drawn", amount, s.day.Format(time.DateOnly), owed, l.Limit)
		}
		if owed += amount; amount != 0 {
			out = append(out, debt.Move{Day: s.day, Amount: amount})
		}
	}
	return out, nil
}

// step is a draw, or a day on which the loan is served.
type step struct {
	day  time.Time
	draw unit.Amount
	due  *Due
}

// steps are all draws and payments in order; what is paid on a day is paid before
// more is drawn.
func (l Loan) steps(dues []Due) []step {
	var out []step
	for _, d := range dues {
		out = append(out, step{day: d.Day, due: &d})
	}
	for _, m := range l.Draws {
		out = append(out, step{day: m.Day, draw: m.Amount})
	}
	slices.SortStableFunc(out, func(a, b step) int { return cmp.Compare(a.day.Unix(), b.day.Unix()) })
	return out
}

// monthsAfter is the day so many months after another; a day that a month does not
// have is its last.
func monthsAfter(day time.Time, months int) time.Time {
	y, m, d := day.Date()
	first := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, day.Location())
	return first.AddDate(0, 0, min(d, first.AddDate(0, 1, -1).Day())-1)
}
