package revenue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// kind is what the transactions of this room are called, and with what their ids begin.
const (
	kind   = "revenue recognition"
	prefix = "revenue-recognition/"
)

// Span is a period at whose end revenue is recognised.
type Span struct {
	Entity string
	To     time.Time // its end, which it does not hold
	Booked time.Time
}

// Standing is what the books say of a contract.
type Standing struct {
	Billed   unit.Amount // fixed income that rating and invoices booked
	Adjusted unit.Amount // and what was recognised beyond that; negative where it was deferred
}

// StandingOf is what transactions before an instant say of a contract. What takes
// an earlier recognition back counts as one.
func StandingOf(all []books.Transaction, t Term, until time.Time) (Standing, error) {
	var s Standing
	for _, x := range all {
		if x.Standing != books.Posted || !x.At.Before(until) {
			continue
		}
		ours := x.Kind == kind || strings.HasPrefix(x.Reverses, prefix)
		sum := &s.Billed
		if ours {
			sum = &s.Adjusted
		}
		for _, l := range x.Lines {
			if l.Account != t.Account || l.Tags.Contract != t.Contract {
				continue
			}
			n, ok := books.Add(int64(*sum), -l.Amount)
			if !ok {
				return s, fmt.Errorf("income of contract %q at transaction %q: %w", t.Contract, x.ID, books.ErrOverflow)
			}
			*sum = unit.Amount(n)
		}
	}
	return s, nil
}

// Recognise brings the income of a contract to what it has earned until the end of
// a period, beside what was booked with its bills: more is a contract asset, less
// is deferred. Nothing is booked, and the answer is false, where that is right
// already. t is the version of the contract that holds at that end.
//
// Source: docs/formula/revenue.md.
func Recognise(s Span, t Term, is Standing) (books.Transaction, bool, error) {
	earned, err := t.Earned(s.To)
	if err != nil {
		return books.Transaction{}, false, err
	}
	ahead, fits := books.Add(int64(earned), -int64(is.Billed))
	change, also := books.Add(ahead, -int64(is.Adjusted))
	if !fits || !also {
		return books.Transaction{}, false, fmt.Errorf("revenue of contract %q: %w", t.Contract, books.ErrOverflow)
	}
	if change == 0 {
		return books.Transaction{}, false, nil
	}
	before := int64(is.Adjusted)
	x := books.Transaction{
		ID:     books.DerivedID(kind, s.Entity, t.Contract, s.To.UTC().Format(time.RFC3339), strconv.FormatInt(before, 10)),
		Entity: s.Entity, Kind: kind, Standing: books.Posted, At: s.To.Add(-time.Second), Booked: s.Booked,
		Source: fmt.Sprintf("contract %s, version %d", t.Contract, t.Version), Narration: string(t.Method),
	}
	for _, l := range []books.Line{
		{Account: books.ContractAsset, Amount: max(ahead, 0) - max(before, 0), Tags: t.Tags},
		{Account: books.Deferred, Amount: min(ahead, 0) - min(before, 0), Tags: t.Tags},
		{Account: t.Account, Amount: -change, Tags: t.Tags},
	} {
		if l.Amount != 0 {
			x.Lines = append(x.Lines, l)
		}
	}
	return x, true, nil
}
