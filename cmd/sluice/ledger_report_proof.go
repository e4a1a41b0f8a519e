package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"sluice/books/accrual"
	"sluice/books/statement"
)

func newLedgerVerify(f *ledgerFlags) *cobra.Command {
	var named bool
	c := &cobra.Command{
		Use: "verify --books FOLDER [--period 2025]", Short: "Prove the books: chain, sums, statements, days, prices, and two programs of others", Args: cobra.NoArgs,
		Long: `Reads every transaction of the entity and holds it against the chain of hashes,
makes all statements of the period and holds them against each other, holds what is
booked of each day against what was measured and its coins against the price of the
day, as far as that is filed, looks for service that a site accrued beside its invoice,
and lets hledger and bean-check read the period: each
sum, each lot and each closing balance. What does not agree fails the command; a day
of which nothing is booked is told, since a site may stand still. Both programs must
be installed; on Debian: apt install hledger beancount
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				p, err := s.prove(ctx, !named)
				return p.told(w, f.json, err)
			})
		},
	}
	c.Flags().BoolVar(&named, "lots-by-name", false, "lots were chosen one by one: do not prove that the oldest went first")
	return c
}

// ledgerProof is what was proved.
type ledgerProof struct {
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
	Checks       []check  `json:"own_checks"`
	Others       []others `json:"programs_of_others"`
}

// check is one of our own, and what it found.
type check struct {
	Name    string       `json:"name"`
	Unknown string       `json:"not_known,omitempty"` // why it could not be made
	Found   []differJSON `json:"differences"`
}

type differJSON struct {
	Code    statement.Code `json:"code"`
	On      string         `json:"on"`
	Certain bool           `json:"certain"` // false: there may be a reason that the books do not know
	Says    string         `json:"says"`
}

type others struct {
	Program string `json:"program"`
	Form    string `json:"form"`
	Says    string `json:"says"` // empty: nothing, as it must be
}

// errProof fails a command that proves.
var errProof = errors.New("the books are not proved")

// fault is everything for which the books are not proved.
func (p *ledgerProof) fault() error {
	var faults []error
	for _, c := range p.Checks {
		for _, d := range c.Found {
			if d.Certain {
				faults = append(faults, fmt.Errorf("%s, %s: %s (%s): %w", c.Name, d.On, d.Says, d.Code, errProof))
			}
		}
	}
	for _, o := range p.Others {
		if o.Says != "" {
			faults = append(faults, fmt.Errorf("%s says about %s: %w", o.Program, o.Form, errProof))
		}
	}
	return errors.Join(faults...)
}

// told prints what was proved, whatever came of it.
func (p *ledgerProof) told(w io.Writer, asJSON bool, err error) error {
	switch {
	case p == nil:
		return err
	case asJSON:
		return errors.Join(err, printJSON(w, p))
	}
	p.print(w)
	return err
}

// toldMost differences of a check are printed.
const toldMost = 20

func (p *ledgerProof) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s to before %s\n", harmless(p.Entity), p.From, p.To)
	fmt.Fprintf(w, "  chain        %d transactions, %d lines, last hash %s\n", p.Transactions, p.Lines, p.Last)
	fmt.Fprintf(w, "  filed        %d papers, %d documents without a gap, %d parked, last hash %s\n", p.Papers, p.Documents, p.Parked, p.Filed)
	fmt.Fprintf(w, "  statements   %s\n", p.Statements)
	for _, c := range p.Checks {
		c.print(w)
	}
	for _, o := range p.Others {
		said := "nothing to say"
		if o.Says != "" {
			said = "says: " + o.Says
		}
		fmt.Fprintf(w, "  %-12s %s: %s\n", o.Program, o.Form, said)
	}
}

func (c check) print(w io.Writer) {
	switch {
	case c.Unknown != "":
		fmt.Fprintf(w, "  %-12s not known: %s\n", c.Name, c.Unknown)
	case len(c.Found) == 0:
		fmt.Fprintf(w, "  %-12s agree\n", c.Name)
	}
	for i, d := range c.Found {
		if i == toldMost {
			fmt.Fprintf(w, "  %-12s and %d more\n", c.Name, len(c.Found)-i)
			return
		}
		mark := "look at"
		if d.Certain {
			mark = "WRONG:"
		}
		fmt.Fprintf(w, "  %-12s %s %s: %s\n", c.Name, mark, harmless(d.On), harmless(d.Says))
	}
}

// prove proves chain, statements, days, prices and exports.
func (s *shelf) prove(ctx context.Context, oldestFirst bool) (*ledgerProof, error) {
	v, err := s.store.Verify(ctx, s.chart.Entity)
	if err != nil {
		return nil, err
	}
	p := &ledgerProof{
		Entity: s.chart.Entity, From: s.from.Format(time.DateOnly), To: s.to.Format(time.DateOnly),
		Transactions: v.Transactions, Lines: v.Lines, Last: fmt.Sprintf("%x", v.Last), Statements: "tie",
		Papers: v.Papers, Documents: v.Documents, Parked: v.Parked, Filed: fmt.Sprintf("%x", v.Filed),
	}
	x, err := s.extras(ctx, reportFlags{})
	if err != nil {
		return nil, err
	}
	if _, err := s.report(ctx, x); err != nil {
		return nil, err
	}
	if p.Checks, err = s.checks(ctx, x.days); err != nil {
		return nil, err
	}
	period, err := s.export(ctx)
	if err != nil {
		return nil, err
	}
	forms := []string{asHledger, asBeancount}
	if oldestFirst {
		forms = append(forms, asFIFO)
	}
	for _, form := range forms {
		o, err := ask(ctx, form, period)
		if err != nil {
			return p, err
		}
		p.Others = append(p.Others, o)
	}
	return p, p.fault()
}

// checks are our own, beside the statements: each day against what was measured,
// and coins against the price of their day.
func (s *shelf) checks(ctx context.Context, days []statement.Day) ([]check, error) {
	sealed, err := s.transactions(ctx, s.from, s.to)
	if err != nil {
		return nil, err
	}
	all := plainOf(sealed)
	booked, err := statement.Booked(s.zone, all, days)
	if err != nil {
		return nil, err
	}
	prices, err := s.prices(ctx)
	if err != nil {
		return nil, err
	}
	valued := check{Name: "prices", Unknown: "no price of bitcoin is filed", Found: []differJSON{}}
	if len(prices) > 0 {
		valued = checked("prices", statement.Valued(s.zone, all, prices))
	}
	out := []check{checked("days", booked), valued}
	twice, err := s.twice(ctx)
	if err != nil || twice == nil {
		return out, err
	}
	return append(out, *twice), nil
}

// twice is the check that what was invoiced of the period is not accrued beside it;
// nil: nothing was invoiced. What takes an accrual back may be dated after the period.
func (s *shelf) twice(ctx context.Context) (*check, error) {
	invoiced, err := s.store.Invoiced(ctx, s.chart.Entity)
	if err != nil || len(invoiced) == 0 {
		return nil, err
	}
	sealed, err := s.transactions(ctx, s.from, time.Time{})
	if err != nil {
		return nil, err
	}
	found := []statement.Difference{}
	for _, t := range accrual.Twice(plainOf(sealed), invoiced) {
		if t.At.Before(s.to) {
			found = append(found, statement.Difference{Code: statement.EarnedTwice, On: t.Source, Certain: true, Says: fmt.Sprintf(
				"%s of contract %s stands accrued, and its month is invoiced: run 'sluice invoice issue' of that month again, which takes it back", t.Kind, accrual.Contract(t))})
		}
	}
	c := checked("tenants", found)
	return &c, nil
}

func checked(name string, all []statement.Difference) check {
	c := check{Name: name, Found: []differJSON{}}
	for _, d := range all {
		c.Found = append(c.Found, differJSON{d.Code, d.On, d.Certain, d.Says})
	}
	return c
}
