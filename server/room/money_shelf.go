package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/live/accountant"
	"sluice/store/ledger"
)

// shelf is books and the period that somebody asks about.
type shelf struct {
	Book

	chart    books.Chart
	zone     *time.Location
	reach    ledger.Extent
	from, to time.Time // half open, cut at midnight in the zone; zero where nothing is booked
}

// PeriodIn is a period of books.
type PeriodIn struct {
	BookIn

	From string `query:"from" maxLength:"10" doc:"First day, in the zone of the books; absent: their first one." example:"2025-09-01"`
	To   string `query:"to" maxLength:"10" doc:"First day after the period; absent: the one after their last." example:"2025-10-01"`
}

// openShelf takes books from the first day to the last of which they say anything.
func openShelf(ctx context.Context, b Book) (*shelf, error) {
	s := &shelf{Book: b}
	var err error
	if s.chart, err = b.Ledger.Chart(ctx, b.Entity); err != nil {
		return nil, err
	}
	if s.zone, err = time.LoadLocation(s.chart.Zone); err != nil {
		return nil, fmt.Errorf("zone of %s: %w", b.Entity, err)
	}
	if s.reach, err = b.Ledger.Extent(ctx, b.Entity); err != nil || s.reach.Transactions == 0 {
		return s, err
	}
	s.from, s.to = s.midnight(s.reach.From, 0), s.midnight(s.reach.To, 1)
	return s, nil
}

// midnight is the begin of the day of an instant, or of one that is some days later.
func (s *shelf) midnight(t time.Time, more int) time.Time {
	y, m, d := t.In(s.zone).Date()
	return time.Date(y, m, d+more, 0, 0, 0, 0, s.zone)
}

// shelf takes books that the visitor may see and narrows them to a period.
func (r *Room) shelf(ctx context.Context, v Visit, in PeriodIn) (*shelf, error) {
	b, err := r.book(v, in.Book)
	if err != nil {
		return nil, err
	}
	s, err := openShelf(ctx, b)
	if err != nil {
		return nil, away("the ledger of "+b.Entity, err)
	}
	return s, s.narrow(in.From, in.To)
}

// narrow takes the period of two days.
func (s *shelf) narrow(from, to string) error {
	for _, x := range []struct {
		name, text string
		into       *time.Time
	}{{"from", from, &s.from}, {"to", to, &s.to}} {
		if x.text == "" {
			continue
		}
		t, err := time.ParseInLocation(time.DateOnly, x.text, s.zone)
		if err != nil {
			return wrong(fmt.Sprintf("%s: %.20q is no day", x.name, x.text), "write it as 2025-09-30")
		}
		*x.into = t
	}
	switch {
	case s.from.IsZero() && s.to.IsZero():
		return problem(http.StatusConflict, "empty", "nothing is booked yet in the books of "+s.Entity, "let a replay or a site book a day")
	case !s.from.Before(s.to):
		return wrong("the period ends before it begins", "give the first day, and the first one after the period; the books go from "+s.reach.From.In(s.zone).Format(time.DateOnly)+" to "+s.reach.To.In(s.zone).Format(time.DateOnly))
	}
	return nil
}

// at is the same for the accountant.
func (s *shelf) at() *accountant.Shelf {
	return &accountant.Shelf{Ledger: s.Ledger, Chart: s.chart, Zone: s.zone, From: s.from, To: s.to}
}

// until are the transactions that happened before a time.
func (s *shelf) until(ctx context.Context, to time.Time) ([]books.Transaction, error) {
	all, err := s.at().Transactions(ctx, time.Time{}, to)
	return accountant.Plain(all), err
}

// within are those of the period.
func (s *shelf) within(ever []books.Transaction) (out []books.Transaction) {
	for _, t := range ever {
		if !t.At.Before(s.from) && t.At.Before(s.to) {
			out = append(out, t)
		}
	}
	return out
}

// balanced is nil where debits equal credits in each asset and the balance sheet ties;
// else the error wraps statement.ErrTie.
func (s *shelf) balanced(ctx context.Context) error {
	all, err := s.at().Balances(ctx, time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	if _, err := statement.Trial(s.chart, all); err != nil {
		return err
	}
	held, err := s.at().Held(ctx, s.reach.To.Add(time.Second))
	if err != nil {
		return err
	}
	_, err = statement.BalanceSheet(s.chart, all, held)
	return err
}

// ofBooks is why books do not answer.
func (s *shelf) ofBooks(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, statement.ErrTie):
		p := problem(http.StatusConflict, "untied", "the statements do not tie: "+err.Error(), "run 'sluice ledger verify' on these books, which names the place")
		p.cause = err
		return p
	}
	return away("the ledger of "+s.Entity, err)
}

// satOf are satoshi where an asset is bitcoin; else nil.
func satOf(a books.Asset, n int64) *int64 {
	if a != books.Bitcoin {
		return nil
	}
	return new(n)
}

// moneyOf is an amount where an asset is a currency; else nil.
func moneyOf(a books.Asset, n int64) *Micro {
	if a == books.Bitcoin {
		return nil
	}
	return new(Micro(n))
}
