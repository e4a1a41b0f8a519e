package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/live/accountant"
	"sluice/store/ledger"
)

func newLedger() *cobra.Command {
	var f ledgerFlags
	c := &cobra.Command{
		Use: "ledger", Short: "The books: statements, export, independent proof, closing", Args: cobra.NoArgs,
		Long: `The books that 'sluice replay --books' and 'sluice serve --books' write: every
kilowatt-hour and every satoshi in double entry, in a chain of hashes. Nothing in them is ever changed; a
correction takes a transaction back and books another.
` + exitHelp,
	}
	p := c.PersistentFlags()
	p.StringVar(&f.dir, "books", "", "folder of the books")
	p.StringVar(&f.dsn, "postgres", "", "the books are in PostgreSQL: its connection string")
	p.StringVar(&f.entity, "entity", "", "legal entity (default: the only one)")
	p.StringVar(&f.period, "period", "", "2025, 2025-09, 2025-09-30 or 2025-01-01..2025-04-01, the end left out, in the zone of the entity")
	p.BoolVar(&f.json, "json", false, "print JSON")
	c.AddCommand(newLedgerReport(&f), newLedgerEntries(&f), newLedgerExport(&f), newLedgerVerify(&f), newLedgerClose(&f), newLedgerUnlock(&f), newLedgerLocks(&f), newLedgerWallet(&f),
		newLedgerPool(&f), newLedgerSupplier(&f), newLedgerPost(&f), newLedgerReverse(&f), newLedgerSettle(&f), newLedgerBank(&f), newLedgerSuspense(&f), newLedgerPaper(&f),
		newLedgerReserve(&f), newLedgerPrice(&f), newLedgerRemeasure(&f), newLedgerRecognise(&f))
	return c
}

// ledgerFlags are those of every command on the books.
type ledgerFlags struct {
	dir, dsn, entity, period string
	json                     bool
}

// shelf is opened books and the period that somebody asks about.
type shelf struct {
	store    *ledger.Store
	chart    books.Chart
	zone     *time.Location
	from, to time.Time
}

// open opens the books; the caller closes them.
func (f *ledgerFlags) open(ctx context.Context) (*shelf, error) {
	if (f.dir == "") == (f.dsn == "") {
		return nil, input(errors.New("name the books: --books FOLDER, or --postgres with a connection string"))
	}
	store, err := ledger.Open(ctx, ledger.Config{Directory: f.dir, DSN: f.dsn})
	if err != nil {
		return nil, err
	}
	s := &shelf{store: store}
	if err := s.find(ctx, f); err != nil {
		return nil, errors.Join(err, store.Close()) //nolint:contextcheck // what is open is closed whatever became of ctx
	}
	return s, nil
}

// find finds the entity, and the period in its zone.
func (s *shelf) find(ctx context.Context, f *ledgerFlags) error {
	entity := f.entity
	if entity == "" {
		all, err := s.store.Entities(ctx)
		if err != nil {
			return err
		}
		if len(all) != 1 {
			return input(fmt.Errorf("the books hold %d entities (%s): name one with --entity", len(all), strings.Join(all, ", ")))
		}
		entity = all[0]
	}
	var err error
	if s.chart, err = s.store.Chart(ctx, entity); err != nil {
		return input(err)
	}
	if s.zone, err = time.LoadLocation(s.chart.Zone); err != nil {
		return fmt.Errorf("zone of %s: %w", entity, err)
	}
	if f.period == "" {
		return s.all(ctx)
	}
	s.from, s.to, err = periodIn(f.period, s.zone)
	return input(err)
}

// all is the period from the first day to the last of which the books say anything.
func (s *shelf) all(ctx context.Context) error {
	for t, err := range s.store.Transactions(ctx, ledger.Query{Entity: s.chart.Entity}) {
		if err != nil {
			return err
		}
		if s.from.IsZero() || t.At.Before(s.from) {
			s.from = t.At
		}
		if !t.At.Before(s.to) {
			s.to = t.At
		}
	}
	if s.from.IsZero() {
		return input(fmt.Errorf("the books of %s are empty", s.chart.Entity))
	}
	day := func(t time.Time, more int) time.Time {
		y, m, d := t.In(s.zone).Date()
		return time.Date(y, m, d+more, 0, 0, 0, 0, s.zone)
	}
	s.from, s.to = day(s.from, 0), day(s.to, 1)
	return nil
}

// periodIn reads a year, a month, a day or two days with dots between them.
func periodIn(text string, zone *time.Location) (from, to time.Time, err error) {
	if a, b, two := strings.Cut(text, ".."); two {
		from, err = time.ParseInLocation(time.DateOnly, a, zone)
		if err == nil {
			to, err = time.ParseInLocation(time.DateOnly, b, zone)
		}
		if err == nil && !from.Before(to) {
			err = errors.New("it ends before it begins")
		}
		if err == nil {
			return from, to, nil
		}
	}
	for _, f := range []struct {
		layout  string
		y, m, d int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}} {
		if t, e := time.ParseInLocation(f.layout, text, zone); e == nil {
			return t, t.AddDate(f.y, f.m, f.d), nil
		}
	}
	return from, to, fmt.Errorf("--period %q: write 2025, 2025-09, 2025-09-30 or 2025-01-01..2025-04-01", text)
}

// at is the same for the accountant.
func (s *shelf) at() *accountant.Shelf {
	return &accountant.Shelf{Ledger: s.store, Chart: s.chart, Zone: s.zone, From: s.from, To: s.to}
}

// transactions are those that happened from one time to another.
func (s *shelf) transactions(ctx context.Context, from, to time.Time) ([]books.Sealed, error) {
	return s.at().Transactions(ctx, from, to)
}

// balances are what stands in the accounts of what happened from one time to another.
func (s *shelf) balances(ctx context.Context, from, to time.Time) ([]books.Balance, error) {
	return s.at().Balances(ctx, from, to)
}

// plainOf are transactions without their place in the chain.
func plainOf(all []books.Sealed) []books.Transaction { return accountant.Plain(all) }

// withBooks opens the books for one command.
func withBooks(c *cobra.Command, f *ledgerFlags, do func(context.Context, *shelf, io.Writer) error) (err error) {
	s, err := f.open(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.store.Close()) }()
	return do(c.Context(), s, c.OutOrStdout())
}
