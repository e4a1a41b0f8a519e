package revenue

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Method is how fixed consideration is earned over the term.
type Method string

// The methods.
const (
	StraightLine Method = "straight-line" // the same each second
	AsBilled     Method = "as-billed"     // each bill over the service that it is for
	ByCapacity   Method = "by-capacity"   // as watts are delivered, second by second
)

// Bill is fixed consideration and the service that it is for. When it is due does
// not matter here.
type Bill struct {
	From, To time.Time // half open
	Amount   unit.Amount
	Kept     bool // stays with us whole when the contract ends before it is served: a setup fee
}

// Step is how much is delivered from an instant on.
type Step struct {
	From  time.Time
	Power unit.Power
}

// Past is what the versions of a contract before this one left.
type Past struct {
	Earned unit.Amount
	Open   unit.Amount // consideration that is not earned; negative where more was earned
}

// Term is one version of a contract.
type Term struct {
	Contract   string
	Version    int
	Start, End time.Time // of the service
	Method     Method
	Bills      []Bill
	Capacity   []Step // of ByCapacity
	Past       Past
	Account    string // of the income
	Tags       books.Tags
}

// ErrTerm is the failure of a term whose revenue cannot be told.
var ErrTerm = errors.New("no term of a contract")

// Validate reports everything that is wrong with a term.
func (t Term) Validate() error {
	var faults []error
	if strings.TrimSpace(t.Contract) == "" || !strings.HasPrefix(t.Account, "Income:") || t.Tags.Contract != t.Contract {
		faults = append(faults, errors.New("a contract, also among the tags, and an account of income are needed"))
	}
	if t.Start.IsZero() || t.End.Before(t.Start) || t.End.Equal(t.Start) && t.Version < 2 {
		faults = append(faults, errors.New("it ends after it begins; only a later version may end all at once"))
	}
	for i, b := range t.Bills {
		if !b.From.Before(b.To) || b.From.Before(t.Start) || b.To.After(t.End) {
			faults = append(faults, fmt.Errorf("bill %d is for service from %s to %s, the term is from %s to %s", i+1,
				b.From.Format(time.DateOnly), b.To.Format(time.DateOnly), t.Start.Format(time.DateOnly), t.End.Format(time.DateOnly)))
		}
	}
	if _, err := t.Total(); err != nil {
		faults = append(faults, err)
	}
	if !slices.Contains([]Method{StraightLine, AsBilled, ByCapacity}, t.Method) {
		faults = append(faults, fmt.Errorf("method %q is none of %s, %s and %s", t.Method, StraightLine, AsBilled, ByCapacity))
	}
	if t.Method == ByCapacity && t.Start.Before(t.End) {
		faults = append(faults, t.steps())
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("contract %q, version %d: %w: %w", t.Contract, t.Version, ErrTerm, err)
	}
	return nil
}

// steps checks what is delivered.
func (t Term) steps() error {
	for i, s := range t.Capacity {
		if s.Power < 0 || i > 0 && !t.Capacity[i-1].From.Before(s.From) {
			return fmt.Errorf("capacity %d: steps follow one another in time, none is negative", i+1)
		}
	}
	if t.delivered(t.End).Sign() == 0 {
		return errors.New("no capacity is ever delivered")
	}
	return nil
}

// Total is all consideration from the begin of the first version to the end.
func (t Term) Total() (unit.Amount, error) {
	total, size, fits := int64(t.Past.Earned+t.Past.Open), int64(0), true
	add := func(n int64) {
		var ok bool
		size, ok = books.Add(size, max(n, -n))
		fits = fits && ok && n != math.MinInt64
	}
	add(int64(t.Past.Earned))
	add(int64(t.Past.Open))
	for _, b := range t.Bills {
		add(int64(b.Amount))
		total += int64(b.Amount)
	}
	if !fits { // so no part of it can overflow either
		return 0, fmt.Errorf("consideration of contract %q: %w", t.Contract, books.ErrOverflow)
	}
	return unit.Amount(total), nil
}

// delivered is watts times seconds from the begin until an instant.
func (t Term) delivered(until time.Time) *big.Int {
	sum := new(big.Int)
	for i, s := range t.Capacity {
		end := until
		if i+1 < len(t.Capacity) {
			end = earlier(end, t.Capacity[i+1].From)
		}
		if from := later(s.From, t.Start); from.Before(end) {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(s.Power)), big.NewInt(end.Unix()-from.Unix())))
		}
	}
	return sum
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// served is how much of a bill is for service before an instant.
func (b Bill) served(until time.Time) unit.Amount {
	n, m := until.Unix()-b.From.Unix(), b.To.Unix()-b.From.Unix()
	return unit.Amount(unit.MulDiv(int64(b.Amount), min(max(n, 0), m), m))
}

// Earned is what a contract has earned until an instant, with what its versions
// before this one had.
//
// Source: docs/formula/revenue.md.
func (t Term) Earned(until time.Time) (unit.Amount, error) {
	if err := t.Validate(); err != nil {
		return 0, err
	}
	total, err := t.Total()
	switch {
	case err != nil || !until.Before(t.End):
		return total, err
	case !until.After(t.Start):
		return t.Past.Earned, nil
	}
	n, m := big.NewInt(until.Unix()-t.Start.Unix()), big.NewInt(t.End.Unix()-t.Start.Unix())
	left, earned := total-t.Past.Earned, t.Past.Earned
	switch t.Method {
	case AsBilled:
		left = t.Past.Open
		for _, b := range t.Bills {
			earned += b.served(until)
		}
	case ByCapacity:
		n, m = t.delivered(until), t.delivered(t.End)
	case StraightLine:
	}
	return earned + part(left, n, m), nil
}

// part is all * n / m for 0 <= n <= m, rounded half to even.
func part(all unit.Amount, n, m *big.Int) unit.Amount {
	q, _ := unit.Quotient(new(big.Int).Mul(big.NewInt(int64(all)), n), m) // never above all
	return unit.Amount(q)
}

// Modify is the version of a contract that follows on another at an instant: next
// says its end, its method and the bills for service from then on. What the
// contract has earned stays earned. What is open of the consideration for service
// before, in either direction, is earned over the rest of the term.
func Modify(t Term, at time.Time, next Term) (Term, error) {
	earned, err := t.Earned(at)
	if err != nil {
		return Term{}, err
	}
	if at.Before(t.Start) || at.After(t.End) {
		return Term{}, fmt.Errorf("contract %q on %s: %w: it can be changed from %s to %s", t.Contract, at.Format(time.DateOnly), ErrTerm,
			t.Start.Format(time.DateOnly), t.End.Format(time.DateOnly))
	}
	open := t.Past.Earned + t.Past.Open - earned
	for _, b := range t.Bills {
		if b.Kept && !b.From.After(at) {
			open += b.Amount
		} else {
			open += b.served(at)
		}
	}
	next.Contract, next.Version, next.Account, next.Tags = t.Contract, t.Version+1, t.Account, t.Tags
	next.Start, next.Past = at, Past{Earned: earned, Open: open}
	return next, next.Validate()
}

// Terminate ends a contract: what is open of it, and what is paid for ending it, is
// earned at once.
func Terminate(t Term, at time.Time, fee unit.Amount) (Term, error) {
	ended, err := Modify(t, at, Term{End: at, Method: StraightLine})
	ended.Past.Open += fee
	return ended, err
}
