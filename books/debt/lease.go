package debt

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Lease is an operating lease of ours: land, a hall, machines.
type Lease struct {
	Name     string
	Start    time.Time
	Months   int
	Rate     unit.Ratio    // at which we could have borrowed, a year, a twelfth of it each month
	Payments []unit.Amount // by month: the first at the begin, the next after a month, the last after all
	Tags     books.Tags
}

// ErrLease is the failure of a lease that cannot be booked.
var ErrLease = errors.New("no lease")

// Validate reports everything that is wrong with a lease.
func (l Lease) Validate() error {
	var faults []error
	if strings.TrimSpace(l.Name) == "" || l.Start.IsZero() || l.Months < 1 || l.Months > 1200 {
		faults = append(faults, errors.New("it has a name, a begin and 1 to 1200 months"))
	}
	if len(l.Payments) != l.Months+1 {
		faults = append(faults, fmt.Errorf("%d payments: there is one at the begin and one after each of %d months, some of them zero", len(l.Payments), l.Months))
	}
	for i, p := range l.Payments {
		if p < 0 {
			faults = append(faults, fmt.Errorf("payment %d is %s: what the owner pays us is not booked here", i, p))
		}
	}
	if _, err := sum(l.Payments); err != nil {
		faults = append(faults, err)
	}
	if !share(l.Rate) {
		faults = append(faults, errors.New("its rate is 0 to 100 % a year"))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("lease %q: %w: %w", l.Name, ErrLease, err)
	}
	return nil
}

// after is the day so many months after the begin; a day that a month does not
// have is its last.
func (l Lease) after(months int) time.Time {
	y, m, d := l.Start.Date()
	first := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(d, first.AddDate(0, 1, -1).Day())-1)
}

// Standing is a lease at the begin of a day, everything since its begin.
type Standing struct {
	Paid      unit.Amount // what was to be paid on the days before
	Cost      unit.Amount // the same each month
	Accretion unit.Amount // by which what is owed grew
	First     unit.Amount // what all payments were worth at the begin
}

// Liability is what is owed, and Right what the right of use is carried at.
func (s Standing) Liability() unit.Amount { return s.First + s.Accretion - s.Paid }

// Right is what the right of use is carried at.
func (s Standing) Right() unit.Amount { return s.First + s.Accretion - s.Cost }

// At is where a lease stands at the begin of a day. Within a month what is owed
// grows by the day.
//
// Formula: owed after month m = sum of payment k / (1 + i)^(k-m) over k > m.
// Source: docs/formula/debt.md.
func (l Lease) At(t time.Time) (Standing, error) {
	if err := l.Validate(); err != nil {
		return Standing{}, err
	}
	worth, err := Loan{Rate: l.Rate, PerYear: 12}.present(l.Payments[1:])
	if err != nil {
		return Standing{}, fmt.Errorf("lease %q: %w", l.Name, err)
	}
	all, err := sum(l.Payments)
	if err != nil {
		return Standing{}, fmt.Errorf("lease %q: %w", l.Name, err)
	}
	day, s := dayOf(t), Standing{First: worth[0] + l.Payments[0]}
	for m, p := range l.Payments {
		if l.after(m).Before(day) {
			s.Paid += p
		}
	}
	for m := range l.Months {
		from, to := l.after(m), l.after(m+1)
		grown := worth[m+1] + l.Payments[m+1] - worth[m]
		if day.Before(to) {
			n, d := max(0, day.Unix()-from.Unix()), to.Unix()-from.Unix()
			s.Accretion += unit.Amount(unit.MulDiv(int64(grown), n, d))
			s.Cost = unit.Amount(unit.MulDiv(int64(all), int64(m)*d+n, int64(l.Months)*d))
			return s, nil
		}
		s.Accretion += grown
	}
	s.Cost = all
	return s, nil
}

// Commence books the right of use against what is owed for it.
func Commence(e Event, l Lease) (books.Transaction, error) {
	s, err := l.At(l.Start)
	if err != nil {
		return books.Transaction{}, err
	}
	if s.First == 0 {
		return books.Transaction{}, fmt.Errorf("lease %q: %w: nothing is paid for it", l.Name, ErrLease)
	}
	return e.transaction("lease begins", e.line(books.RightOfUse, s.First), e.line(books.Leases, -s.First)), nil
}

// Pay books a payment to the owner.
func Pay(e Event, l Lease, bank string, paid unit.Amount) (books.Transaction, error) {
	if paid <= 0 {
		return books.Transaction{}, fmt.Errorf("payment %s of lease %q: %w: above zero", e.ID, l.Name, ErrEvent)
	}
	return e.transaction("payment of lease", e.line(books.Leases, paid), e.line(bank, -paid)), nil
}

// Charge is the cost of a lease over a period: the same each month in all. Of it
// the account of cash costs takes what is to be paid in the period, and the rest,
// which may be negative, stands where no cash is.
func Charge(s Span, l Lease) (books.Transaction, bool, error) {
	before, err := l.At(s.From)
	if err != nil {
		return books.Transaction{}, false, err
	}
	after, err := l.At(s.To)
	if err != nil {
		return books.Transaction{}, false, err
	}
	paid, cost, grown := after.Paid-before.Paid, after.Cost-before.Cost, after.Accretion-before.Accretion
	line := func(account string, amount unit.Amount) books.Line {
		return books.Line{Account: account, Amount: int64(amount), Tags: l.Tags}
	}
	return s.transaction("lease", l.Name, line(books.LeasesPaid, paid), line(books.LeasesLevelled, cost-paid), line(books.Leases, -grown), line(books.RightOfUse, grown-cost))
}
