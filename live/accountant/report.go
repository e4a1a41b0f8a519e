package accountant

import (
	"context"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/lot"
	"sluice/books/statement"
	"sluice/unit"
)

// Question is what a report is asked for beside the statements, and what it is made with
// beside the journal.
type Question struct {
	By     statement.Dimension // cuts profit and loss; nil: it is not cut
	CostBy cost.Dimension      // cuts the cost; empty: it is not cut
	Keys   []cost.Key          // by which shared costs are divided
	Days   []statement.Day     // of the period, as they are filed
}

// Report is all statements of a period.
type Report struct {
	Entity   string
	Currency unit.Currency
	Zone     string
	From, To time.Time
	Trial    []statement.TrialLine
	Core
	Treasury    []Position
	Rolls       []Rolled
	Disclosure  statement.Disclosure
	Aside       []statement.Commitment
	Receivables []statement.Aged
	Cost        *cost.Statement // nil: none was earned
	CostBy      cost.Dimension  // empty: it is not cut
	CostCut     cost.Cut
	Margins     cost.Margins
	Energy      Measured
	Entries     int
}

// Position is what one account holds.
type Position struct {
	Account     string
	Quantity    unit.Satoshi
	Cost, Value unit.Amount
	Lots        int
}

// Rolled is how the value of one account's bitcoin came about.
type Rolled struct {
	Account string
	lot.RollForward
}

// Report makes all statements, and fails where they do not tie.
func (s *Shelf) Report(ctx context.Context, q Question) (*Report, error) {
	x, err := s.Stand(ctx)
	if err != nil {
		return nil, err
	}
	ever, err := s.plain(ctx, time.Time{}, s.To)
	if err != nil {
		return nil, err
	}
	r := &Report{Entity: s.Chart.Entity, Currency: s.Chart.Currency, Zone: s.Chart.Zone, From: s.From, To: s.To, Entries: len(x.Within), CostBy: q.CostBy}
	if r.Trial, err = statement.Trial(s.Chart, x.Closing); err != nil {
		return nil, err
	}
	if r.Core, err = s.Core(x, q.By); err != nil {
		return nil, err
	}
	if r.Aside, err = statement.Commitments(s.Chart, ever); err != nil {
		return nil, err
	}
	r.Receivables = statement.Receivables(s.Chart, ever, s.To)
	if r.Disclosure, err = statement.Disclose(s.Chart, ever); err != nil {
		return nil, err
	}
	if err := s.bitcoin(ctx, r, x); err != nil {
		return nil, err
	}
	return r, s.cost(r, x, q)
}

// bitcoin is what is held, at what it was last valued, and how that came about.
func (s *Shelf) bitcoin(ctx context.Context, r *Report, x Stand) error {
	before, err := s.Held(ctx, s.From)
	if err != nil {
		return err
	}
	for _, a := range x.Held.Accounts() {
		q, spent := x.Held.Total(a)
		r.Treasury = append(r.Treasury, Position{Account: a, Quantity: q, Cost: spent, Value: valueOf(x.Held, x.Closing, a), Lots: len(x.Held.Of(a))})
	}
	for _, a := range s.Chart.Accounts {
		if !a.Holds() {
			continue
		}
		f, err := lot.Roll(a.Name, valueOf(before, x.Opening, a.Name), valueOf(x.Held, x.Closing, a.Name), x.Within)
		if err != nil {
			return err
		}
		if f != (lot.RollForward{}) {
			r.Rolls = append(r.Rolls, Rolled{a.Name, f})
		}
	}
	slices.SortFunc(r.Rolls, func(a, b Rolled) int { return strings.Compare(a.Account, b.Account) })
	return nil
}

// valueOf is what the bitcoin of an account stands at.
func valueOf(held *books.Holdings, balances []books.Balance, account string) unit.Amount {
	_, value := held.Total(account)
	for _, b := range balances {
		if b.Account == books.FairValue(account) {
			value += unit.Amount(b.Amount)
		}
	}
	return value
}

// cost states what a bitcoin cost, whole and by parts, and what each use earned.
func (s *Shelf) cost(r *Report, x Stand, q Question) (err error) {
	if r.Energy, err = Measure(s.Zone, x.Within, q.Days); err != nil {
		return err
	}
	in := s.CostInput(x, r.Energy, q.Keys)
	if r.Margins, err = cost.MarginByUse(in, r.Energy.Drawn); err != nil || in.Earned <= 0 {
		return err
	}
	c, err := cost.PerBitcoin(in)
	if err != nil {
		return err
	}
	r.Cost = &c
	if r.CostBy != "" {
		r.CostCut, err = cost.By(in, append(cost.Yields(x.Within), r.Energy.Yields...), r.CostBy)
	}
	return err
}
