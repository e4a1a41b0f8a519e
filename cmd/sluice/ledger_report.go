package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/statement"
	"sluice/unit"
)

func newLedgerReport(f *ledgerFlags) *cobra.Command {
	var by string
	c := &cobra.Command{
		Use: "report --books FOLDER [--period 2025]", Short: "Statements of a period: profit, balance sheet, cash, bitcoin, its cost at four levels", Args: cobra.NoArgs,
		Long: `States a period: trial balance, profit and loss, balance sheet, cash flow, bitcoin
held, what customers owe, and what a bitcoin cost at four levels. Every statement
ties to the others, or the command fails and says by how much it does not.

'sluice ledger entries --account NAME' shows what stands behind a figure.
` + exitHelp,
		Example: `  sluice ledger report --books books --period 2025
  sluice ledger report --books books --period 2025-09 --by use --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				cut, err := dimension(by)
				if err != nil {
					return input(err)
				}
				r, err := s.report(ctx, cut)
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
	c.Flags().StringVar(&by, "by", "", "cut profit and loss by site, use, model or contract")
	return c
}

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
	Receivables []statement.Aged
	Cost        *cost.Statement // nil: none was earned
	Entries     int
}

// position is what one account holds.
type position struct {
	Account     string
	Quantity    unit.Satoshi
	Cost, Value unit.Amount
	Lots        int
}

// report makes all statements, and fails where they do not tie.
func (s *shelf) report(ctx context.Context, cut statement.Dimension) (*ledgerReport, error) {
	movement, err := s.balances(ctx, s.from, s.to)
	if err != nil {
		return nil, err
	}
	opening, err := s.balances(ctx, time.Time{}, s.from)
	if err != nil {
		return nil, err
	}
	closing, err := s.balances(ctx, time.Time{}, s.to)
	if err != nil {
		return nil, err
	}
	lots, err := s.lots(ctx, s.to)
	if err != nil {
		return nil, err
	}
	all, err := s.transactions(ctx, s.from, s.to)
	if err != nil {
		return nil, err
	}
	r := &ledgerReport{Entity: s.chart.Entity, Currency: s.chart.Currency, Zone: s.chart.Zone, From: s.from, To: s.to, Entries: len(all)}
	held := books.Held(lots)
	if r.Trial, err = statement.Trial(s.chart, closing); err != nil {
		return nil, err
	}
	if r.Income, err = statement.ProfitAndLoss(s.chart, movement); err != nil {
		return nil, err
	}
	if r.Sheet, err = statement.BalanceSheet(s.chart, closing, held); err != nil {
		return nil, err
	}
	if r.Cash, err = statement.CashFlow(s.chart, opening, closing, plainOf(all)); err != nil {
		return nil, err
	}
	if cut != nil {
		if r.Cuts, err = statement.CutBy(s.chart, movement, cut); err != nil {
			return nil, err
		}
	}
	r.positions(held, closing)
	return r, s.further(ctx, r, movement, all)
}

// positions are the holdings of bitcoin, at what they were last valued.
func (r *ledgerReport) positions(held *books.Holdings, closing []books.Balance) {
	for _, a := range held.Accounts() {
		q, c := held.Total(a)
		p := position{Account: a, Quantity: q, Cost: c, Value: c, Lots: len(held.Of(a))}
		for _, b := range closing {
			if b.Account == books.FairValue(a) {
				p.Value += unit.Amount(b.Amount)
			}
		}
		r.Treasury = append(r.Treasury, p)
	}
}

// further is what needs more than balances: receivables by age, and the cost of a
// bitcoin. What is shared by all uses is mining's where nothing else is run.
func (s *shelf) further(ctx context.Context, r *ledgerReport, movement []books.Balance, all []books.Sealed) error {
	ever, err := s.transactions(ctx, time.Time{}, s.to)
	if err != nil {
		return err
	}
	r.Receivables = statement.Receivables(plainOf(ever), s.to)
	earned := cost.Earned(plainOf(all))
	if earned <= 0 {
		return nil
	}
	in := cost.Input{Chart: s.chart, Balances: movement, Earned: earned}
	if onlyMines(movement) {
		in.Keys = []cost.Key{{Name: "nothing but mining is run", Shares: map[string]int64{cost.Mining: 1}}}
	}
	c, err := cost.PerBitcoin(in)
	r.Cost = &c
	return err
}

func onlyMines(all []books.Balance) bool {
	for _, b := range all {
		switch b.Tags.Use {
		case "", cost.Mining, cost.Shared:
		default:
			return false
		}
	}
	return true
}

// money is an amount for people: grouped, to the cent, in brackets below zero.
func money(v unit.Amount) string {
	cents := (max(v, -v) + 5_000) / 10_000
	digits := fmt.Sprintf("%03d", int64(cents))
	whole, fraction := digits[:len(digits)-2], digits[len(digits)-2:]
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if v < 0 && cents > 0 {
		return "(" + b.String() + "." + fraction + ")"
	}
	return b.String() + "." + fraction + " "
}

// page writes a report.
type page struct{ w io.Writer }

func (p page) title(format string, a ...any) {
	fmt.Fprintf(p.w, "\n%s\n", fmt.Sprintf(format, a...))
}

func (p page) row(name string, v unit.Amount) { fmt.Fprintf(p.w, "  %-48s %22s\n", name, money(v)) }

func (p page) total(name string, v unit.Amount) {
	fmt.Fprintf(p.w, "  %-48s %22s\n", "", strings.Repeat("-", 20)+" ")
	p.row(name, v)
}

func (p page) rows(rows []statement.Row) {
	for _, r := range rows {
		p.row(r.Account.Code+" "+r.Account.Name, r.Amount)
	}
}

func (r *ledgerReport) print(w io.Writer) error {
	p := page{w}
	last := r.To.Add(-time.Second)
	fmt.Fprintf(w, "%s, %s to %s (%s), in %s\n%d transactions\n", harmless(r.Entity), r.From.Format(time.DateOnly), last.In(r.From.Location()).Format(time.DateOnly), r.Zone, r.Currency, r.Entries)
	p.title("Profit and loss")
	p.income(r.Income)
	for _, c := range r.Cuts {
		name := c.Name
		if name == "" {
			name = "(belongs to none)"
		}
		p.title("Profit and loss: %s", harmless(name))
		p.income(c.Income)
	}
	p.title("Balance sheet, %s", last.In(r.From.Location()).Format(time.DateOnly))
	p.rows(r.Sheet.Assets)
	p.total("assets", r.Sheet.Total())
	p.rows(r.Sheet.Liabilities)
	p.rows(r.Sheet.Equity)
	p.row("earned, and not closed into equity yet", r.Sheet.Earned)
	p.total("liabilities and equity", r.Sheet.Total())
	r.printCash(p)
	r.printBitcoin(p)
	if len(r.Receivables) > 0 {
		p.title("Receivables                                         30 days, 60, 90, older, paid too much")
	}
	for _, a := range r.Receivables {
		fmt.Fprintf(w, "  %-48s %s %s %s %s %s\n", a.Account, money(a.Days30), money(a.Days60), money(a.Days90), money(a.Older), money(a.Paid))
	}
	return nil
}

func (p page) income(in statement.Income) {
	p.rows(in.Income)
	for _, r := range in.Expenses {
		p.row(r.Account.Code+" "+r.Account.Name, -r.Amount)
	}
	p.total("net income", in.Net)
}

func (r *ledgerReport) printCash(p page) {
	p.title("Cash flow")
	p.row("cash at the beginning", r.Cash.Opening)
	for _, a := range []statement.Activity{statement.Operating, statement.Investing, statement.Financing} {
		for _, f := range r.Cash.Flows {
			if f.Activity == a {
				p.row(string(a)+": "+f.What, f.Amount)
			}
		}
		if r.Cash.Net(a) != 0 {
			p.total(string(a), r.Cash.Net(a))
		}
	}
	p.row("cash at the end", r.Cash.Closing)
}

func (r *ledgerReport) printBitcoin(p page) {
	if len(r.Treasury) > 0 {
		p.title("%-50s %16s %22s %22s  lots", "Bitcoin held", "BTC", "cost", "fair value")
	}
	for _, x := range r.Treasury {
		fmt.Fprintf(p.w, "  %-48s %16s %22s %22s  %d\n", x.Account, books.Bitcoin.Text(int64(x.Quantity)), money(x.Cost), money(x.Value), x.Lots)
	}
	if r.Cost == nil {
		return
	}
	p.title("Cost of a bitcoin: %s BTC earned, net of pool fees", books.Bitcoin.Text(int64(r.Cost.Earned)))
	fmt.Fprintf(p.w, "  %-28s %22s %18s %22s\n", "", "gross", "a BTC", "a BTC, net of power sold")
	for _, l := range r.Cost.Levels {
		fmt.Fprintf(p.w, "  %-28s %22s %18s %22s\n", levelName(l.Level), money(l.Gross), money(l.PerBTC), money(l.NetPerBTC))
	}
	for _, k := range r.Cost.Keys {
		fmt.Fprintf(p.w, "  shared costs are divided by: %s\n", harmless(k))
	}
	for _, x := range r.Cost.Left {
		fmt.Fprintf(p.w, "  in no level, since no key divides it: %s %s\n", x.Account, money(x.Amount))
	}
}

func levelName(l books.Level) string {
	switch l {
	case books.EnergyCost:
		return "1 energy"
	case books.DirectCost:
		return "2 direct"
	case books.CashCost:
		return "3 cash, all in"
	case books.FullyLoaded:
		return "4 fully loaded"
	case books.NoCost:
	}
	return "none"
}
