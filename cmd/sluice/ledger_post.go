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
	"sluice/store/ledger"
)

func newLedgerPost(f *ledgerFlags) *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use: "post --books FOLDER FILE.yaml", Args: cobra.ExactArgs(1), Short: "Book by hand: wages, taxes, loans, purchases",
		Long: `Books the transactions of a file, all or none. Amounts are texts, debit above zero,
credit below; those of each asset sum to zero. Booking the same file again changes
nothing; the same id with other content is refused. The file, and the document that
it names as its evidence, are filed as papers.

  accounts: [Assets:Bank:Second]        # new ones, of a known family
  evidence: payroll-2025-09.pdf         # beside this file
  transactions:
    - id: wages-2025-09
      at: 2025-09-30                    # noon of the day, or 2025-09-30T17:00:00Z
      kind: wages
      narration: September
      lines:
        - {account: Expenses:Site:Labour, amount: "140000.00", site: houston, use: mining}
        - {account: Assets:Bank:Main, amount: "-140000.00"}

A transaction may also have source, belongs (2025-08), evidence of its own, standing
(posted, pending or void) and settles (the pending one that it posts or voids).
Lines may have site, use, contract, counterparty, project and model; bitcoin moves
in lots: lot: {id, acquired, cost}. --dry-run checks everything and books nothing.
` + exitHelp,
		Example: "  sluice ledger post --books books wages.yaml --dry-run\n  sluice ledger post --books books wages.yaml",
		RunE: func(c *cobra.Command, args []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				j, err := readJournal(args[0], s)
				if err != nil {
					return input(err)
				}
				return j.post(ctx, s, w, dry)
			})
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "check everything and book nothing")
	return c
}

// withAnyBooks opens the books for a command that needs no period, and so no
// transactions either.
func withAnyBooks(c *cobra.Command, f *ledgerFlags, do func(context.Context, *shelf, io.Writer) error) error {
	g := *f
	if g.period == "" {
		g.period = "2000"
	}
	return withBooks(c, &g, do)
}

// post books a journal, or says what would be booked.
func (j *manual) post(ctx context.Context, s *shelf, w io.Writer, dry bool) error {
	fresh, err := s.rehearse(ctx, j.chart, j.transactions)
	if err != nil {
		return input(err)
	}
	if !dry {
		if len(j.chart.Accounts) > len(s.chart.Accounts) {
			if _, err := s.store.OpenEntity(ctx, j.chart); err != nil {
				return input(err)
			}
		}
		if _, err := s.store.Book(ctx, ledger.Batch{Entity: s.chart.Entity, Papers: j.papers, Transactions: j.transactions}); err != nil {
			return input(err)
		}
	}
	for _, t := range j.transactions {
		does := "booked"
		switch {
		case !fresh[t.ID]:
			does = "stands already"
		case dry:
			does = "would be booked"
		}
		fmt.Fprintf(w, "%-16s %s  %s, %s, %d lines\n", does, t.At.In(s.zone).Format(time.DateOnly), harmless(t.ID), harmless(t.Kind), len(t.Lines))
	}
	for _, p := range j.papers {
		if !dry {
			fmt.Fprintf(w, "%-16s %s  %x\n", "filed", harmless(p.Name), p.Hash())
		}
	}
	return nil
}

// rehearse checks transactions as the books will, and says which are new. It
// tells all that is wrong and books nothing.
func (s *shelf) rehearse(ctx context.Context, chart books.Chart, all []books.Transaction) (fresh map[string]bool, err error) {
	locked, err := s.lockedUntil(ctx)
	if err != nil {
		return nil, err
	}
	lots, err := s.at().Lots(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	held := books.Held(lots)
	fresh = map[string]bool{}
	var faults []error
	for _, t := range all {
		if err := t.Validate(chart); err != nil {
			faults = append(faults, err)
			continue
		}
		stands, err := s.store.Find(ctx, s.chart.Entity, t.ID)
		switch {
		case err == nil && stands.Input == t.Input():
			continue
		case err == nil:
			faults = append(faults, fmt.Errorf("transaction %q: %w: it stands as number %d: give other content an id of its own", t.ID, ledger.ErrConflict, stands.Sequence))
			continue
		case !errors.Is(err, ledger.ErrUnknown):
			return nil, err
		}
		if t.At.Before(locked) {
			faults = append(faults, fmt.Errorf("transaction %q: %w: all before %s is closed: date it then or later, and say with belongs which month it is about", t.ID, ledger.ErrLocked, locked.In(s.zone).Format(time.DateOnly)))
		}
		if err := held.Apply(chart, t); err != nil {
			faults = append(faults, err)
		}
		fresh[t.ID] = true
	}
	return fresh, errors.Join(faults...)
}

func newLedgerReverse(f *ledgerFlags) *cobra.Command {
	var id, at, why, by string
	c := &cobra.Command{
		Use: "reverse --books FOLDER --id ID --why TEXT --by NAME [--at DATE]", Args: cobra.NoArgs, Short: "Take a transaction back by another one",
		Long: `Books a transaction that takes another one back: every line with its sign turned,
lots and what they cost too. Both stay. It is dated on the day that --at names, or
as the first if its period is open, or else at the beginning of the open period,
and then names the period that it belongs to. A reversal is not reversed: book anew.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				t, err := s.reversal(ctx, id, at, strings.TrimSpace(why), strings.TrimSpace(by))
				if err != nil {
					return input(err)
				}
				return s.one(ctx, w, t)
			})
		},
	}
	p := c.Flags()
	p.StringVar(&id, "id", "", "transaction that is taken back")
	p.StringVar(&at, "at", "", "day of the reversal")
	p.StringVar(&why, "why", "", "reason, kept in the books")
	p.StringVar(&by, "by", "", "who takes it back")
	return c
}

// one books one transaction and says so.
func (s *shelf) one(ctx context.Context, w io.Writer, t books.Transaction) error {
	all, err := s.store.Book(ctx, ledger.Batch{Entity: s.chart.Entity, Transactions: []books.Transaction{t}})
	if err != nil {
		return input(err)
	}
	s.entry(all[0]).print(w)
	return nil
}

// whose wants names behind a change by hand.
func whose(id, why, by string) error {
	if id == "" || why == "" || by == "" {
		return errors.New("name the transaction with --id, the reason with --why, and who acts with --by")
	}
	return nil
}

// reversal is the transaction that takes another back.
func (s *shelf) reversal(ctx context.Context, id, day, why, by string) (books.Transaction, error) {
	if err := whose(id, why, by); err != nil {
		return books.Transaction{}, err
	}
	t, err := s.store.Find(ctx, s.chart.Entity, id)
	if err != nil {
		return books.Transaction{}, err
	}
	locked, err := s.lockedUntil(ctx)
	if err != nil {
		return books.Transaction{}, err
	}
	at, belongs := dated(t.At, locked, s.zone)
	if day != "" {
		if at, err = momentOf(day, s.zone); err != nil {
			return books.Transaction{}, fmt.Errorf("--at: %w", err)
		}
	}
	r, err := t.Reverse(books.DerivedID("reversal", s.chart.Entity, id), at, now(), fmt.Sprintf("%s (by %s)", why, by))
	if err == nil && belongs != "" {
		r.Belongs = belongs
	}
	return r, err
}

func newLedgerSettle(f *ledgerFlags) *cobra.Command {
	var id, at, why, by string
	var void bool
	c := &cobra.Command{
		Use: "settle --books FOLDER --id ID --why TEXT --by NAME [--at DATE] [--void]", Args: cobra.NoArgs, Short: "Post a pending transaction as it was set aside, or void it",
		Long: `Ends a pending transaction: posts its lines as they are, or with --void lets it go.
To post other lines than were set aside, book them with 'sluice ledger post' and
settles. Without --at it is dated as the pending one.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				t, err := s.settlement(ctx, id, at, void)
				if err = errors.Join(whose(id, strings.TrimSpace(why), strings.TrimSpace(by)), err); err != nil {
					return input(err)
				}
				t.Narration = fmt.Sprintf("%s (by %s)", strings.TrimSpace(why), strings.TrimSpace(by))
				return s.one(ctx, w, t)
			})
		},
	}
	p := c.Flags()
	p.StringVar(&id, "id", "", "pending transaction")
	p.StringVar(&at, "at", "", "day")
	p.StringVar(&why, "why", "", "reason, kept in the books")
	p.StringVar(&by, "by", "", "who ends it")
	p.BoolVar(&void, "void", false, "let it go")
	return c
}

// settlement is the transaction that ends a pending one.
func (s *shelf) settlement(ctx context.Context, id, day string, void bool) (books.Transaction, error) {
	p, err := s.store.Find(ctx, s.chart.Entity, id)
	if err != nil {
		return books.Transaction{}, err
	}
	if p.Standing != books.Pending {
		return books.Transaction{}, fmt.Errorf("%q is %s, and only what is pending is settled: take it back with 'sluice ledger reverse'", id, p.Standing)
	}
	t := p.Transaction
	t.ID, t.Standing, t.Settles, t.Booked, t.Lines = books.DerivedID("settlement", s.chart.Entity, id), books.Posted, id, now(), slices.Clone(p.Lines)
	if void {
		t.Standing, t.Lines = books.Void, nil
	}
	locked, err := s.lockedUntil(ctx)
	if err != nil {
		return books.Transaction{}, err
	}
	var belongs string
	if t.At, belongs = dated(p.At, locked, s.zone); belongs != "" {
		t.Belongs = belongs
	}
	if day != "" {
		t.At, err = momentOf(day, s.zone)
	}
	return t, err
}
