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
	"sluice/live/accountant"
	"sluice/store/ledger"
	"sluice/unit"
)

// priceFlags are a named rate as somebody enters it.
type priceFlags struct{ asset, quote, at, value, source, policy string }

func newLedgerPrice(f *ledgerFlags) *cobra.Command {
	var x priceFlags
	c := &cobra.Command{
		Use: "price --books FOLDER --asset EUR --at DATE --value RATE --source TEXT --policy NAME", Args: cobra.NoArgs,
		Short: "File a named rate: what one unit of a currency was worth on a day",
		Long: `Files what one whole unit of a foreign currency was worth on a day, who says so, and
under which policy it was chosen. 'sluice ledger remeasure' reads it. A rate that is
filed is never changed, and a policy has one a day: where it was wrong, file another
under another policy, and name that. The same again changes nothing.
` + exitHelp,
		Example: "  sluice ledger price --books books --asset EUR --at 2025-01-31 --value 1.0393 --source 'ECB reference rates' --policy ecb-1",
		RunE: func(c *cobra.Command, _ []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				p, err := s.rateOf(x)
				if err != nil {
					return input(err)
				}
				return s.file(ctx, w, p)
			})
		},
	}
	p := c.Flags()
	p.StringVar(&x.asset, "asset", "", "currency, such as EUR")
	p.StringVar(&x.quote, "quote", "", "in which its worth is told (default: that of the entity)")
	p.StringVar(&x.at, "at", "", "day, in the zone of the entity")
	p.StringVar(&x.value, "value", "", "what one whole unit was worth")
	p.StringVar(&x.source, "source", "", "who says so")
	p.StringVar(&x.policy, "policy", "", "version of the rule by which it was chosen")
	return c
}

// rateOf is the rate that somebody entered. It tells all that is wrong.
func (s *shelf) rateOf(x priceFlags) (books.Price, error) {
	p := books.Price{Asset: books.Asset(x.asset), Quote: unit.Currency(x.quote), Source: strings.TrimSpace(x.source), Policy: strings.TrimSpace(x.policy)}
	if p.Quote == "" {
		p.Quote = s.chart.Currency
	}
	var faults []error
	switch known := slices.ContainsFunc(s.chart.Accounts, func(a books.Account) bool { return a.Asset == p.Asset }); {
	case p.Asset == books.Bitcoin:
		faults = append(faults, errors.New("--asset BTC: prices of bitcoin are filed with the days that they value"))
	case p.Asset == books.Asset(s.chart.Currency), !known:
		faults = append(faults, fmt.Errorf("--asset %q: no account is in that currency beside the entity's: declare one under foreign in the entity file", clean(x.asset)))
	}
	if p.Quote != s.chart.Currency {
		faults = append(faults, fmt.Errorf("--quote %q: the books of %s are in %s", clean(x.quote), s.chart.Entity, s.chart.Currency))
	}
	var err error
	if p.At, err = momentOf(x.at, s.zone); err != nil {
		faults = append(faults, fmt.Errorf("--at: %w", err))
	} else if p.At = p.At.UTC().Truncate(time.Second); p.At.After(now().Add(24 * time.Hour)) {
		faults = append(faults, fmt.Errorf("--at %s: nobody knows the rate of a day to come", clean(x.at)))
	}
	value, err := books.Asset(p.Quote).Parse(x.value)
	if p.Value = unit.Amount(value); err != nil || value <= 0 {
		faults = append(faults, fmt.Errorf("--value %q: write a number above zero with six decimals at most", clean(x.value)))
	}
	if p.Source == "" || p.Policy == "" || harmless(p.Source+p.Policy) != p.Source+p.Policy {
		faults = append(faults, errors.New("say with --source whose rate it is, and with --policy by which rule it was chosen"))
	}
	return p, errors.Join(faults...)
}

// file keeps a rate, if the policy has no other one of that day.
func (s *shelf) file(ctx context.Context, w io.Writer, p books.Price) error {
	all, err := s.rates(ctx)
	if err != nil {
		return err
	}
	day := func(p books.Price) string { return p.At.In(s.zone).Format(time.DateOnly) }
	for _, o := range all {
		if o.Asset != p.Asset || o.Quote != p.Quote || o.Policy != p.Policy || day(o) != day(p) || o == p {
			continue
		}
		return input(fmt.Errorf("policy %s has a rate of %s on %s already, %s by %s: file this one under another policy", harmless(p.Policy), p.Asset, day(p),
			books.Asset(p.Quote).Text(int64(o.Value)), harmless(o.Source)))
	}
	does := "filed"
	if slices.Contains(all, p) {
		does = "stands already"
	}
	if _, err := s.store.Book(ctx, ledger.Batch{Entity: s.chart.Entity, Papers: []ledger.Paper{{Kind: accountant.PaperPrice, Name: p.Name(), Body: p.Canonical()}}}); err != nil {
		return input(err)
	}
	fmt.Fprintf(w, "%s: 1 %s is %s %s on %s, by %s, policy %s\n", does, p.Asset, books.Asset(p.Quote).Text(int64(p.Value)), p.Quote, day(p), harmless(p.Source), harmless(p.Policy))
	return nil
}

// rates are all prices that are filed.
func (s *shelf) rates(ctx context.Context) (all []books.Price, err error) {
	err = s.papers(ctx, accountant.PaperPrice, func(_ string, body []byte) error {
		p, err := books.ParsePrice(body)
		all = append(all, p)
		return err
	})
	return all, err
}
