package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/exchange"
	"sluice/store/ledger"
	"sluice/unit"
)

func newLedgerRemeasure(f *ledgerFlags) *cobra.Command {
	var date, by, policy string
	var dry bool
	c := &cobra.Command{
		Use: "remeasure --books FOLDER --date 2025-01-31 --by NAME", Args: cobra.NoArgs,
		Short: "Bring accounts in foreign currencies to what they are worth at the end of a day",
		Long: `Books, for every account in a foreign currency, by how much it came to be worth more
or less in the currency of the entity at the end of a day, the last of a period. The
rates are those that 'sluice ledger price' filed for that very day, under the policy
that the company's file names or --policy. Where one is missing nothing is booked:
no other day's is taken for it. Booking it again changes nothing.
` + exitHelp,
		Example: "  sluice ledger remeasure --books books --date 2025-01-31 --by anna --dry-run",
		RunE: func(c *cobra.Command, _ []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				day, err := time.ParseInLocation(time.DateOnly, date, s.zone)
				if err != nil || strings.TrimSpace(by) == "" {
					return input(errors.New("name the day with --date, such as 2025-01-31, and who remeasures with --by"))
				}
				if day.AddDate(0, 0, 1).After(now()) {
					return input(fmt.Errorf("--date %s: that day is not over", date))
				}
				r := remeasuring{s: s, day: day, by: strings.TrimSpace(by), policy: policy}
				if err := r.find(ctx); err != nil {
					return err
				}
				return r.book(ctx, w, dry, f.json)
			})
		},
	}
	p := c.Flags()
	p.StringVar(&date, "date", "", "the day, in the zone of the entity")
	p.StringVar(&by, "by", "", "who remeasures, kept in the books")
	p.StringVar(&policy, "policy", "", "under which the rates were filed (default: that of the company's file)")
	p.BoolVar(&dry, "dry-run", false, "say what would be booked")
	return c
}

// remeasuring is the end of a day, and what is to be booked then.
type remeasuring struct {
	s          *shelf
	day        time.Time
	by, policy string
	changes    []remeasuredJSON
	all        []books.Transaction
}

// remeasuredJSON is one account for programs. Amounts are texts.
type remeasuredJSON struct {
	ID       string `json:"id,omitempty"` // none: it is right already
	Account  string `json:"account"`
	Currency string `json:"currency"`
	Quantity string `json:"quantity"`
	Rate     string `json:"rate"`
	Source   string `json:"source"`
	Carried  string `json:"carried"`
	Change   string `json:"change"`
}

// find makes the transactions. It tells all rates that are missing at once.
func (r *remeasuring) find(ctx context.Context) error {
	balances, err := r.s.balances(ctx, time.Time{}, r.day.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	positions, err := exchange.Positions(r.s.chart, balances)
	if err != nil {
		return err
	}
	if len(positions) == 0 {
		return input(fmt.Errorf("%s has no account in a foreign currency: declare it under foreign in the entity file", r.s.chart.Entity))
	}
	policies, err := r.policies(ctx)
	if err != nil {
		return err
	}
	rates, err := r.s.rates(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, p := range positions {
		if p.Quantity == 0 {
			continue
		}
		rate, err := exchange.Find(rates, p.Asset, r.s.chart.Currency, policies(p.Asset), r.day)
		if err == nil {
			err = r.change(p, rate)
		}
		faults = append(faults, err)
	}
	return input(errors.Join(faults...))
}

// policies say under which policy the rates of a currency are filed.
func (r *remeasuring) policies(ctx context.Context) (func(books.Asset) string, error) {
	if r.policy != "" {
		return func(books.Asset) string { return r.policy }, nil
	}
	c, err := r.s.at().Company(ctx)
	if err != nil {
		return nil, fmt.Errorf("policies of rates: %w: name one with --policy", err)
	}
	out := map[books.Asset]string{}
	if c != nil {
		for _, f := range c.Foreign {
			out[f.Currency] = f.Policy
		}
	}
	return func(a books.Asset) string { return out[a] }, nil
}

// change makes the transaction of one account, if there is anything to book. Its id
// holds what the account was carried at, so that it can be done again after more
// was booked on that day.
func (r *remeasuring) change(p exchange.Position, rate books.Price) error {
	own := books.Asset(r.s.chart.Currency)
	at := r.day.AddDate(0, 0, 1).Add(-time.Second)
	e := exchange.Event{
		ID: books.DerivedID("remeasurement", r.s.chart.Entity, p.Account, r.day.Format(time.DateOnly), rate.Name(),
			strconv.FormatInt(p.Quantity, 10), strconv.FormatInt(int64(p.Carrying), 10)),
		Entity: r.s.chart.Entity, Currency: r.s.chart.Currency, Zone: r.s.zone, At: at, Booked: now(), Text: "by " + r.by,
	}
	t, some, err := exchange.Remeasure(e, p, rate)
	if err != nil {
		return err
	}
	x := remeasuredJSON{
		Account: p.Account, Currency: string(p.Asset), Quantity: p.Asset.Text(p.Quantity), Rate: own.Text(int64(rate.Value)), Source: rate.Source,
		Carried: own.Text(int64(p.Carrying)), Change: own.Text(0),
	}
	if some {
		worth := unit.Amount(0)
		for _, l := range t.Lines {
			if l.Account == books.Carrying(p.Account) {
				worth += unit.Amount(l.Amount)
			}
		}
		x.ID, x.Change = t.ID, own.Text(int64(worth))
		r.all = append(r.all, t)
	}
	r.changes = append(r.changes, x)
	return nil
}

// book books all of it or nothing, and says so.
func (r *remeasuring) book(ctx context.Context, w io.Writer, dry, asJSON bool) error {
	if _, err := r.s.rehearse(ctx, r.s.chart, r.all); err != nil {
		return input(err)
	}
	if !dry && len(r.all) > 0 {
		if _, err := r.s.store.Book(ctx, ledger.Batch{Entity: r.s.chart.Entity, Transactions: r.all}); err != nil {
			return input(err)
		}
	}
	if asJSON {
		return printJSON(w, append([]remeasuredJSON{}, r.changes...))
	}
	for _, x := range r.changes {
		does := "booked"
		switch {
		case x.ID == "":
			does = "is right already"
		case dry:
			does = "would be booked"
		}
		fmt.Fprintf(w, "%-16s %s: %s %s at %s by %s, carried at %s, change %s\n", does, harmless(x.Account), x.Quantity, x.Currency, x.Rate, harmless(x.Source), x.Carried, x.Change)
	}
	if len(r.changes) == 0 {
		fmt.Fprintf(w, "nothing is held or owed in a foreign currency at the end of %s\n", r.day.Format(time.DateOnly))
	}
	return nil
}
