package accountant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/books/accrual"
	"sluice/books/statement"
	"sluice/store/ledger"
)

// Proof is what was proved of a period.
type Proof struct {
	Entity       string   `json:"entity"`
	From         string   `json:"from"`
	To           string   `json:"to"` // first day after the period
	Transactions int64    `json:"transactions"`
	Lines        int64    `json:"lines"`
	Last         string   `json:"last_hash"` // keep both elsewhere: a chain does not show that its end was cut off
	Papers       int64    `json:"papers"`
	Documents    int64    `json:"documents"`
	Parked       int64    `json:"parked"`     // in suspense, released ones too
	Filed        string   `json:"filed_hash"` // of the chain of papers, documents, charts, locks and suspense
	Statements   string   `json:"statements"`
	Checks       []Check  `json:"own_checks"`
	Others       []Others `json:"programs_of_others"`
}

// Check is one of our own, and what it found.
type Check struct {
	Name    string   `json:"name"`
	Unknown string   `json:"not_known,omitempty"` // why it could not be made
	Found   []Differ `json:"differences"`
}

// Differ is one difference that a check found.
type Differ struct {
	Code    statement.Code `json:"code"`
	On      string         `json:"on"`
	Certain bool           `json:"certain"` // false: there may be a reason that the books do not know
	Says    string         `json:"says"`
}

// ErrProof is wrapped where a period is not proved.
var ErrProof = errors.New("the books are not proved")

// fault is everything for which the books are not proved.
func (p *Proof) fault() error {
	var faults []error
	for _, c := range p.Checks {
		for _, d := range c.Found {
			if d.Certain {
				faults = append(faults, fmt.Errorf("%s, %s: %s (%s): %w", c.Name, d.On, d.Says, d.Code, ErrProof))
			}
		}
	}
	for _, o := range p.Others {
		if o.Says != "" {
			faults = append(faults, fmt.Errorf("%s says about %s: %w", o.Program, o.Form, ErrProof))
		}
	}
	return errors.Join(faults...)
}

// Prove proves chain, statements, days, prices and exports of the period. oldestFirst
// proves that the oldest lots went first. What was found comes with the error, which wraps
// ErrProof, statement.ErrTie or ErrInstall.
func (s *Shelf) Prove(ctx context.Context, store *ledger.Store, oldestFirst bool) (*Proof, error) {
	v, err := store.Verify(ctx, s.Chart.Entity)
	if err != nil {
		return nil, err
	}
	p := &Proof{
		Entity: s.Chart.Entity, From: s.From.Format(time.DateOnly), To: s.To.Format(time.DateOnly),
		Transactions: v.Transactions, Lines: v.Lines, Last: fmt.Sprintf("%x", v.Last), Statements: "tie",
		Papers: v.Papers, Documents: v.Documents, Parked: v.Parked, Filed: fmt.Sprintf("%x", v.Filed),
	}
	q := Question{}
	if q.Keys, err = s.Keys(ctx); err != nil {
		return nil, err
	}
	if q.Days, err = s.Days(ctx); err != nil {
		return nil, err
	}
	if _, err := s.Report(ctx, q); err != nil {
		return nil, err
	}
	if p.Checks, err = s.checks(ctx, store, q.Days); err != nil {
		return nil, err
	}
	if err := s.others(ctx, p, oldestFirst); err != nil {
		return p, err
	}
	return p, p.fault()
}

// others lets programs that are not ours read the period.
func (s *Shelf) others(ctx context.Context, p *Proof, oldestFirst bool) error {
	period, err := s.Export(ctx)
	if err != nil {
		return err
	}
	forms := []string{Hledger, Beancount}
	if oldestFirst {
		forms = append(forms, FIFO)
	}
	for _, form := range forms {
		o, err := ask(ctx, form, period)
		if err != nil {
			return err
		}
		p.Others = append(p.Others, o)
	}
	return nil
}

// checks are our own, beside the statements: each day against what was measured,
// and coins against the price of their day.
func (s *Shelf) checks(ctx context.Context, store *ledger.Store, days []statement.Day) ([]Check, error) {
	all, err := s.plain(ctx, s.From, s.To)
	if err != nil {
		return nil, err
	}
	booked, err := statement.Booked(s.Zone, all, days)
	if err != nil {
		return nil, err
	}
	prices, err := s.Prices(ctx)
	if err != nil {
		return nil, err
	}
	valued := Check{Name: "prices", Unknown: "no price of bitcoin is filed", Found: []Differ{}}
	if len(prices) > 0 {
		valued = checked("prices", statement.Valued(s.Zone, all, prices))
	}
	out := []Check{checked("days", booked), valued}
	twice, err := s.twice(ctx, store)
	if err != nil || twice == nil {
		return out, err
	}
	return append(out, *twice), nil
}

// twice is the check that what was invoiced of the period is not accrued beside it;
// nil: nothing was invoiced. What takes an accrual back may be dated after the period.
func (s *Shelf) twice(ctx context.Context, store *ledger.Store) (*Check, error) {
	invoiced, err := store.Invoiced(ctx, s.Chart.Entity)
	if err != nil || len(invoiced) == 0 {
		return nil, err
	}
	all, err := s.plain(ctx, s.From, time.Time{})
	if err != nil {
		return nil, err
	}
	found := []statement.Difference{}
	for _, t := range accrual.Twice(all, invoiced) {
		if t.At.Before(s.To) {
			found = append(found, statement.Difference{Code: statement.EarnedTwice, On: t.Source, Certain: true, Says: fmt.Sprintf(
				"%s of contract %s stands accrued, and its month is invoiced: run 'sluice invoice issue' of that month again, which takes it back", t.Kind, accrual.Contract(t))})
		}
	}
	c := checked("tenants", found)
	return &c, nil
}

func checked(name string, all []statement.Difference) Check {
	c := Check{Name: name, Found: []Differ{}}
	for _, d := range all {
		c.Found = append(c.Found, Differ{d.Code, d.On, d.Certain, d.Says})
	}
	return c
}
