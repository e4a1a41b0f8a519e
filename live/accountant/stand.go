package accountant

import (
	"context"
	"time"

	"sluice/books"
	"sluice/books/statement"
)

// Stand is where books stand at both ends of a period.
type Stand struct {
	Opening, Closing []books.Balance
	Earning          []books.Balance // of the period, closings of years left out
	Held             *books.Holdings // at its end
	Within           []books.Transaction
}

// Stand reads where the books stand.
func (s *Shelf) Stand(ctx context.Context) (x Stand, err error) {
	movement, err := s.Balances(ctx, s.From, s.To)
	if err != nil {
		return x, err
	}
	if x.Opening, err = s.Balances(ctx, time.Time{}, s.From); err != nil {
		return x, err
	}
	if x.Closing, err = s.Balances(ctx, time.Time{}, s.To); err != nil {
		return x, err
	}
	if x.Held, err = s.Held(ctx, s.To); err != nil {
		return x, err
	}
	if x.Within, err = s.plain(ctx, s.From, s.To); err != nil {
		return x, err
	}
	x.Earning, err = statement.Earning(movement, x.Within)
	return x, err
}

// Core is the statements that tie to each other.
type Core struct {
	Income statement.Income
	Cuts   []statement.Cut // of the income; none where nothing is cut
	Sheet  statement.Sheet
	Cash   statement.Cash
}

// Core states a period. by cuts the income; nil: it is not cut. An error wraps
// statement.ErrTie where they do not tie.
func (s *Shelf) Core(x Stand, by statement.Dimension) (c Core, err error) {
	if c.Income, err = statement.ProfitAndLoss(s.Chart, x.Earning); err != nil {
		return c, err
	}
	if c.Sheet, err = statement.BalanceSheet(s.Chart, x.Closing, x.Held); err != nil {
		return c, err
	}
	if c.Cash, err = statement.CashFlow(s.Chart, x.Opening, x.Closing, x.Within); err != nil || by == nil {
		return c, err
	}
	c.Cuts, err = statement.CutBy(s.Chart, x.Earning, by)
	return c, err
}
