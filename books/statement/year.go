package statement

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/books"
)

// YearEnd is the kind of the transaction that closes income and expenses of a
// fiscal year into retained earnings.
const YearEnd = "year end"

// ErrYear is the failure of a year that cannot be closed.
var ErrYear = errors.New("the year cannot be closed")

// Year is a fiscal year of an entity, half open, cut at midnight in its zone.
type Year struct {
	From, To time.Time
	Booked   time.Time // when it is closed
	Closed   int       // closings of this year that stand; one more closes what was booked after them
}

// CloseYear is the transaction that brings every account of income and expenses to
// zero in the last second of a year, by account and tags, against retained
// earnings. balances are all that stands at the end of the year, what earlier
// closings did included. False: nothing stands on those accounts any more.
//
// Source: docs/formula/statement.md.
func CloseYear(c books.Chart, y Year, balances []books.Balance) (books.Transaction, bool, error) {
	first, last := y.From.Format(time.DateOnly), y.To.Add(-time.Second)
	t := books.Transaction{
		ID: y.id(c.Entity), Entity: c.Entity, Kind: YearEnd, Standing: books.Posted, At: last, Booked: y.Booked, Source: "books of " + c.Entity,
		Narration: fmt.Sprintf("income and expenses of %s to %s into retained earnings", first, last.Format(time.DateOnly)),
	}
	var earned int64
	for _, b := range balances {
		a, ok := c.Find(b.Account)
		if !ok {
			return t, false, fmt.Errorf("%w: %s in %s", books.ErrAccount, b.Account, c.Entity)
		}
		if b.Amount == 0 || a.Asset != books.Asset(c.Currency) || a.Kind() != books.Income && a.Kind() != books.Expenses {
			continue
		}
		if earned, ok = books.Add(earned, b.Amount); !ok {
			return t, false, fmt.Errorf("close %s: %w", first, books.ErrOverflow)
		}
		t.Lines = append(t.Lines, books.Line{Account: b.Account, Amount: -b.Amount, Tags: b.Tags})
	}
	slices.SortStableFunc(t.Lines, func(a, b books.Line) int { return strings.Compare(a.Account, b.Account) })
	if earned != 0 {
		t.Lines = append(t.Lines, books.Line{Account: books.Retained, Amount: earned})
	}
	if len(t.Lines) == 0 {
		return t, false, nil
	}
	return t, true, t.Validate(c)
}

// id is that of the closing of an entity's year. Only a closing after the first
// says which one it is.
func (y Year) id(entity string) string {
	facts := []string{entity, y.From.Format(time.DateOnly), y.To.Format(time.DateOnly)}
	if y.Closed > 0 {
		facts = append(facts, strconv.Itoa(y.Closed+1))
	}
	return books.DerivedID(YearEnd, facts...)
}

// Closing reports whether a transaction closes a year, or takes such a closing back.
func Closing(t books.Transaction) bool {
	family, _, _ := strings.Cut(books.DerivedID(YearEnd), "/")
	return t.Kind == YearEnd || strings.HasPrefix(t.Reverses, family+"/")
}

// Earning is what transactions did without the closings among them, so that a
// year that was closed still shows what it earned. balances are what all those
// transactions did.
func Earning(balances []books.Balance, all []books.Transaction) ([]books.Balance, error) {
	sum := books.Transaction{ID: "without closings", Standing: books.Posted}
	for _, b := range balances {
		sum.Lines = append(sum.Lines, books.Line{Account: b.Account, Amount: b.Amount, Tags: b.Tags})
	}
	for _, t := range all {
		if t.Standing != books.Posted || !Closing(t) {
			continue
		}
		for _, l := range t.Lines {
			sum.Lines = append(sum.Lines, books.Line{Account: l.Account, Amount: -l.Amount, Tags: l.Tags})
		}
	}
	return books.Tally([]books.Transaction{sum})
}
