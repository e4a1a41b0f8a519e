package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/match"
	"sluice/store/ledger"
	"sluice/unit"
)

func newLedgerBank(f *ledgerFlags) *cobra.Command {
	var account, file string
	var apart int
	c := &cobra.Command{
		Use: "bank --books FOLDER --account Assets:Bank:Main --statement FILE --period 2025-09", Args: cobra.NoArgs, Short: "Hold a bank's statement against the books",
		Long: `Pairs the lines of a bank's statement with the entries of the bank's account, by
amount and the nearest day, and lists what stands on one side only. Nothing is
booked: what is missing is booked with 'sluice ledger post'. The statement is CSV
with the columns date,amount,reference,balance in the order of the bank; what comes
in is above zero, and the balance may be empty but in the last line, which is then
held against the account at the end of the period.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				if f.period == "" || file == "" || apart < 0 || apart > 31 {
					return input(errors.New("name the account with --account, the statement with --statement, its period with --period, and 0 to 31 days with --days"))
				}
				r, err := s.bank(ctx, account, file, apart)
				if err != nil {
					return err
				}
				if f.json {
					return errors.Join(printJSON(w, s.bankView(r)), bankFault(account, r))
				}
				s.printBank(w, account, r)
				return bankFault(account, r)
			})
		},
	}
	p := c.Flags()
	p.StringVar(&account, "account", "", "account of the bank")
	p.StringVar(&file, "statement", "", "CSV file")
	p.IntVar(&apart, "days", 5, "days that a line and its entry are apart at most")
	return c
}

// errBank fails a command whose bank and books differ.
var errBank = errors.New("the bank and the books differ")

func bankFault(account string, r match.Reconciliation) error {
	if !r.HasDifference {
		return nil
	}
	return fmt.Errorf("%s: %d lines stand with the bank only, %d entries in the books only, %s is not explained: %w", account, len(r.Bank), len(r.Books), strings.TrimSpace(money(r.Unexplained)), errBank)
}

// bank reads a statement and the entries of the account, and pairs them.
func (s *shelf) bank(ctx context.Context, account, file string, apart int) (match.Reconciliation, error) {
	none := match.Reconciliation{}
	if a, ok := s.chart.Find(account); !ok || a.Asset != books.Asset(s.chart.Currency) || a.Kind() != books.Assets {
		return none, input(fmt.Errorf("%w: %q is no bank in the chart of %s", books.ErrAccount, account, s.chart.Entity))
	}
	text, err := slurp(file)
	if err != nil {
		return none, input(err)
	}
	lines, err := match.ReadBank(text, s.chart.Currency)
	if err != nil {
		return none, input(fmt.Errorf("%s: %w", file, err))
	}
	first, end := s.from.Format(time.DateOnly), s.to.Format(time.DateOnly)
	if i := slices.IndexFunc(lines, func(l match.Money) bool {
		return l.Day.Format(time.DateOnly) < first || l.Day.Format(time.DateOnly) >= end
	}); i >= 0 {
		return none, input(fmt.Errorf("%s: the line of %s is not in the period: leave it out, or name a longer one with --period", file, lines[i].Day.Format(time.DateOnly)))
	}
	var entries []match.Money
	all, err := s.transactions(ctx, s.from, s.to)
	if err != nil {
		return none, err
	}
	for _, t := range all {
		if e, some := moneyOf(t, account, s.zone); some {
			entries = append(entries, e)
		}
	}
	booked, err := s.standing(ctx, account)
	return match.Bank(lines, entries, booked, apart), err
}

// moneyOf is what a posted transaction moves in an account.
func moneyOf(t books.Sealed, account string, zone *time.Location) (match.Money, bool) {
	var sum unit.Amount
	for _, l := range t.Lines {
		if l.Account == account {
			sum += unit.Amount(l.Amount)
		}
	}
	y, m, d := t.At.In(zone).Date()
	return match.Money{Day: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Amount: sum, Reference: t.ID}, sum != 0 && t.Standing == books.Posted
}

// standing is what an account holds at the end of the period.
func (s *shelf) standing(ctx context.Context, account string) (sum unit.Amount, err error) {
	all, err := s.store.Balances(ctx, ledger.Query{Entity: s.chart.Entity, To: s.to})
	for _, b := range all {
		if b.Account == account {
			sum += unit.Amount(b.Amount)
		}
	}
	return sum, err
}

// bankJSON is a reconciliation for programs; amounts are text.
type bankJSON struct {
	Paired      int         `json:"paired"`
	Bank        []moneyJSON `json:"bank_only"`
	Books       []moneyJSON `json:"books_only"`
	Closing     string      `json:"closing,omitempty"` // empty: the bank does not say
	Booked      string      `json:"booked"`
	Unexplained string      `json:"unexplained"`
}

type moneyJSON struct {
	Day       string `json:"day"`
	Amount    string `json:"amount"`
	Reference string `json:"reference"`
}

func (s *shelf) bankView(r match.Reconciliation) bankJSON {
	own := books.Asset(s.chart.Currency)
	side := func(all []match.Money) []moneyJSON {
		out := []moneyJSON{}
		for _, m := range all {
			out = append(out, moneyJSON{m.Day.Format(time.DateOnly), own.Text(int64(m.Amount)), m.Reference})
		}
		return out
	}
	v := bankJSON{Paired: len(r.Pairs), Bank: side(r.Bank), Books: side(r.Books), Booked: own.Text(int64(r.Booked)), Unexplained: own.Text(int64(r.Unexplained))}
	if r.Closing != nil {
		v.Closing = own.Text(int64(*r.Closing))
	}
	return v
}

func (s *shelf) printBank(w io.Writer, account string, r match.Reconciliation) {
	fmt.Fprintf(w, "%s, %s to before %s, in %s\n  paired          %d lines\n", account, s.from.Format(time.DateOnly), s.to.Format(time.DateOnly), s.chart.Currency, len(r.Pairs))
	for _, x := range []struct {
		what string
		all  []match.Money
	}{{"bank only", r.Bank}, {"books only", r.Books}} {
		for _, m := range x.all {
			fmt.Fprintf(w, "  %-14s  %s %18s  %s\n", x.what, m.Day.Format(time.DateOnly), money(m.Amount), clean(m.Reference))
		}
	}
	closing := "not said by the bank"
	if r.Closing != nil {
		closing = strings.TrimSpace(money(*r.Closing))
	}
	fmt.Fprintf(w, "  closing         %s, in the books %s, not explained %s\n", closing, strings.TrimSpace(money(r.Booked)), strings.TrimSpace(money(r.Unexplained)))
}
