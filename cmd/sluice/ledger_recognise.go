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
	"sluice/books/revenue"
	"sluice/store/ledger"
)

func newLedgerRecognise(f *ledgerFlags) *cobra.Command {
	var by string
	var dry bool
	c := &cobra.Command{
		Use: "recognise --books FOLDER --period 2025-09 --by NAME", Args: cobra.NoArgs,
		Short: "Bring the fixed income of contracts to what was earned at the end of a period",
		Long: `Books, for every contract that stands under revenue in the company's file, what was
earned until the end of the period less what was billed: a contract asset, or
deferred revenue. Rate and invoice the period first. Booking it again changes
nothing; a bill that comes later corrects itself at the next end of a period.
` + exitHelp,
		Example: "  sluice ledger recognise --books books --period 2025-09 --by anna --dry-run",
		RunE: func(c *cobra.Command, _ []string) error {
			if f.period == "" || strings.TrimSpace(by) == "" {
				return input(errors.New("name the period with --period, and who recognises with --by"))
			}
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				if s.to.After(now()) {
					return input(fmt.Errorf("the period ends on %s only", s.to.In(s.zone).Format(time.DateOnly)))
				}
				all, err := s.recognised(ctx, strings.TrimSpace(by))
				if err != nil {
					return input(err)
				}
				return s.recognise(ctx, w, all, dry)
			})
		},
	}
	c.Flags().StringVar(&by, "by", "", "who recognises, kept in the books")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be booked")
	return c
}

// recognised is what is to be booked at the end of the period.
func (s *shelf) recognised(ctx context.Context, by string) (all []books.Transaction, err error) {
	c, err := s.at().Company(ctx)
	if err != nil {
		return nil, err
	}
	if c == nil || len(c.Revenue) == 0 {
		return nil, errors.New("no contract stands under revenue in the company's file, as it is filed in the books")
	}
	sealed, err := s.transactions(ctx, time.Time{}, s.to)
	if err != nil {
		return nil, err
	}
	before := plainOf(sealed)
	for _, t := range c.Revenue {
		is, err := revenue.StandingOf(before, t, s.to)
		if err != nil {
			return nil, err
		}
		x, some, err := revenue.Recognise(revenue.Span{Entity: s.chart.Entity, To: s.to, Booked: now()}, t, is)
		if err != nil {
			return nil, err
		}
		if x.Narration += " (by " + by + ")"; some {
			all = append(all, x)
		}
	}
	return all, nil
}

// recognise books all of it or nothing, and says so.
func (s *shelf) recognise(ctx context.Context, w io.Writer, all []books.Transaction, dry bool) error {
	if _, err := s.rehearse(ctx, s.chart, all); err != nil {
		return input(err)
	}
	does := "would be booked"
	if !dry && len(all) > 0 {
		does = "booked"
		if _, err := s.store.Book(ctx, ledger.Batch{Entity: s.chart.Entity, Transactions: all}); err != nil {
			return input(err)
		}
	}
	for _, t := range all {
		fmt.Fprintf(w, "%-16s %s, %s\n", does, harmless(t.Source), harmless(t.Narration))
		for _, l := range t.Lines {
			fmt.Fprintf(w, "  %-40s %22s\n", l.Account, books.Asset(s.chart.Currency).Text(l.Amount))
		}
	}
	if len(all) == 0 {
		fmt.Fprintf(w, "what was earned until %s is booked already\n", s.to.In(s.zone).Format(time.DateOnly))
	}
	return nil
}
