package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/cost"
	coins "sluice/books/lot" // a test here has a type of that name
	"sluice/books/statement"
	"sluice/unit"
)

func newLedgerReport(f *ledgerFlags) *cobra.Command {
	var o reportFlags
	c := &cobra.Command{
		Use: "report --books FOLDER [--period 2025]", Short: "Statements of a period: profit, balance sheet, cash, bitcoin, its cost at four levels", Args: cobra.NoArgs,
		Long: `States a period: trial balance, profit and loss, balance sheet, cash flow, bitcoin
held and how its value came about, what is set aside, what customers owe, what a
bitcoin cost at four levels, and what each use of power earned by megawatt-hour.
Every statement ties to the others, or the command fails and says by how much it
does not. A year that was closed shows what it earned as before.

Shared costs are divided by the keys of the company: of --company, or of the company
as it is filed in the books. What no key divides is told, and in no level.

'sluice ledger entries --account NAME' shows what stands behind a figure.
` + exitHelp,
		Example: `  sluice ledger report --books books --period 2025
  sluice ledger report --books books --period 2025 --cost-by model
  sluice ledger report --books books --period 2025-09 --by use --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				x, err := s.extras(ctx, o)
				if err != nil {
					return err
				}
				r, err := s.report(ctx, x)
				if err != nil {
					return err
				}
				if f.json {
					return printJSON(w, r.view())
				}
				return r.print(w)
			})
		},
	}
	c.Flags().StringVar(&o.by, "by", "", "cut profit and loss by site, use, model or contract")
	c.Flags().StringVar(&o.costBy, "cost-by", "", "cut the cost of a bitcoin by site or model")
	c.Flags().StringVar(&o.company, "company", "", "file of the company with the keys of its shared costs, or the example's name (default: as filed in the books)")
	return c
}

// reportFlags are what a report is asked for beside the statements.
type reportFlags struct{ by, costBy, company string }

func dimension(by string) (statement.Dimension, error) {
	switch by {
	case "":
		return nil, nil
	case "site":
		return statement.BySite, nil
	case "use":
		return statement.ByUse, nil
	case "model":
		return statement.ByModel, nil
	case "contract":
		return statement.ByContract, nil
	}
	return nil, fmt.Errorf("--by %q: use site, use, model or contract", by)
}

// ledgerReport is all statements of a period.
type ledgerReport struct {
	Entity      string
	Currency    unit.Currency
	Zone        string
	From, To    time.Time
	Trial       []statement.TrialLine
	Income      statement.Income
	Cuts        []statement.Cut
	Sheet       statement.Sheet
	Cash        statement.Cash
	Treasury    []position
	Rolls       []rolled
	Disclosure  statement.Disclosure
	Aside       []statement.Commitment
	Receivables []statement.Aged
	Cost        *cost.Statement // nil: none was earned
	CostBy      cost.Dimension  // empty: it is not cut
	CostCut     cost.Cut
	Margins     cost.Margins
	Energy      measured
	Entries     int
}

// position is what one account holds.
type position struct {
	Account     string
	Quantity    unit.Satoshi
	Cost, Value unit.Amount
	Lots        int
}

// rolled is how the value of one account's bitcoin came about.
type rolled struct {
	Account string
	coins.RollForward
}

// stand is where the books stand at both ends of a period.
type stand struct {
	opening, closing []books.Balance
	earning          []books.Balance // of the period, closings of years left out
	before, held     *books.Holdings
	within, ever     []books.Transaction // of the period, and since the books began
}

func (s *shelf) stand(ctx context.Context) (x stand, err error) {
	movement, err := s.balances(ctx, s.from, s.to)
	if err != nil {
		return x, err
	}
	if x.opening, err = s.balances(ctx, time.Time{}, s.from); err != nil {
		return x, err
	}
	if x.closing, err = s.balances(ctx, time.Time{}, s.to); err != nil {
		return x, err
	}
	before, err := s.lots(ctx, s.from)
	if err != nil {
		return x, err
	}
	held, err := s.lots(ctx, s.to)
	if err != nil {
		return x, err
	}
	x.before, x.held = books.Held(before), books.Held(held)
	ever, err := s.transactions(ctx, time.Time{}, s.to)
	if err != nil {
		return x, err
	}
	x.ever = plainOf(ever)
	for _, t := range x.ever {
		if !t.At.Before(s.from) {
			x.within = append(x.within, t)
		}
	}
	x.earning, err = statement.Earning(movement, x.within)
	return x, err
}

// report makes all statements, and fails where they do not tie.
func (s *shelf) report(ctx context.Context, more extras) (*ledgerReport, error) {
	x, err := s.stand(ctx)
	if err != nil {
		return nil, err
	}
	r := &ledgerReport{Entity: s.chart.Entity, Currency: s.chart.Currency, Zone: s.chart.Zone, From: s.from, To: s.to, Entries: len(x.within), CostBy: more.costBy}
	if r.Trial, err = statement.Trial(s.chart, x.closing); err != nil {
		return nil, err
	}
	if r.Income, err = statement.ProfitAndLoss(s.chart, x.earning); err != nil {
		return nil, err
	}
	if r.Sheet, err = statement.BalanceSheet(s.chart, x.closing, x.held); err != nil {
		return nil, err
	}
	if r.Cash, err = statement.CashFlow(s.chart, x.opening, x.closing, x.within); err != nil {
		return nil, err
	}
	if more.by != nil {
		if r.Cuts, err = statement.CutBy(s.chart, x.earning, more.by); err != nil {
			return nil, err
		}
	}
	if r.Aside, err = statement.Commitments(s.chart, x.ever); err != nil {
		return nil, err
	}
	r.Receivables = statement.Receivables(s.chart, x.ever, s.to)
	if err := r.bitcoin(s.chart, x); err != nil {
		return nil, err
	}
	return r, s.cost(r, x, more)
}

// bitcoin is what is held, at what it was last valued, how that came about, and
// what is disclosed beside it.
func (r *ledgerReport) bitcoin(c books.Chart, x stand) (err error) {
	for _, a := range x.held.Accounts() {
		q, spent := x.held.Total(a)
		r.Treasury = append(r.Treasury, position{Account: a, Quantity: q, Cost: spent, Value: valueOf(x.held, x.closing, a), Lots: len(x.held.Of(a))})
	}
	for _, a := range c.Accounts {
		if !a.Holds() {
			continue
		}
		f, err := coins.Roll(a.Name, valueOf(x.before, x.opening, a.Name), valueOf(x.held, x.closing, a.Name), x.within)
		if err != nil {
			return err
		}
		if f != (coins.RollForward{}) {
			r.Rolls = append(r.Rolls, rolled{a.Name, f})
		}
	}
	slices.SortFunc(r.Rolls, func(a, b rolled) int { return strings.Compare(a.Account, b.Account) })
	r.Disclosure, err = statement.Disclose(c, x.ever)
	return err
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
