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

func newLedgerClose(f *ledgerFlags) *cobra.Command {
	var by string
	var named, year bool
	c := &cobra.Command{
		Use: "close --books FOLDER --period 2025-09 --by NAME", Short: "Prove a period and lock it: nothing is booked in it any more", Args: cobra.NoArgs,
		Long: `Proves a period as 'sluice ledger verify' does, and locks it. What comes late is
booked in an open period and names the one that it belongs to. A lock is taken
back by two people with 'sluice ledger unlock'; both stay in the history.

With --year-end the period is a fiscal year: every account of income and expenses is
brought to zero in its last second, against retained earnings, and the year is
proved before and after. It is refused while something is pending, a month of it
does not tie or is empty, or the year before stands open. Reports of the year show
what they showed before. Its months may be locked already, but for the last.
` + exitHelp,
		Example: `  sluice ledger close --books books --period 2025-09 --by anna
  sluice ledger close --books books --period 2025 --year-end --by anna`,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.period == "" || strings.TrimSpace(by) == "" {
				return input(errors.New("name the period with --period, and who closes it with --by"))
			}
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				if year {
					return s.endYear(ctx, w, by, !named, f.json)
				}
				return s.endPeriod(ctx, w, by, !named, f.json)
			})
		},
	}
	c.Flags().StringVar(&by, "by", "", "who closes")
	c.Flags().BoolVar(&named, "lots-by-name", false, "lots were chosen one by one: do not prove that the oldest went first")
	c.Flags().BoolVar(&year, "year-end", false, "the period is a fiscal year: close income and expenses into retained earnings")
	return c
}

// endPeriod proves and locks a period, and says so.
func (s *shelf) endPeriod(ctx context.Context, w io.Writer, by string, oldestFirst, asJSON bool) error {
	p, l, err := s.at().Close(ctx, s.store, accountant.Closer{By: by, At: now(), OldestFirst: oldestFirst})
	if errors.Is(err, accountant.ErrClose) {
		return input(err)
	}
	if err != nil {
		return toldProof(w, p, asJSON, err)
	}
	if asJSON {
		return printJSON(w, lockOf(l))
	}
	printProof(w, p)
	lockOf(l).print(w)
	return nil
}

// endYear closes a year, and says so.
func (s *shelf) endYear(ctx context.Context, w io.Writer, by string, oldestFirst, asJSON bool) error {
	closed, err := s.at().CloseYear(ctx, s.store, accountant.Closer{By: by, At: now(), OldestFirst: oldestFirst})
	y := yearEnd{closed}
	switch {
	case errors.Is(err, accountant.ErrYear), errors.Is(err, accountant.ErrClose):
		return toldProof(w, y.Proof, asJSON, input(err))
	case err != nil:
		return toldProof(w, y.Proof, asJSON, err)
	case asJSON:
		return printJSON(w, y.view(books.Asset(s.chart.Currency)))
	}
	printProof(w, y.Proof)
	fmt.Fprint(w, y.says())
	lockOf(y.Lock).print(w)
	return nil
}

// now is the second at which somebody acts on the books.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

func newLedgerUnlock(f *ledgerFlags) *cobra.Command {
	var u ledger.Unlocking
	c := &cobra.Command{
		Use: "unlock --books FOLDER --number N --by NAME --and NAME --reason TEXT", Short: "Take the latest lock back, by two people", Args: cobra.NoArgs,
		Long: "Opens the period that was locked last again, for an adjustment that two people answer for.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				u.Entity, u.At = s.chart.Entity, now()
				l, err := s.store.Unlock(ctx, u)
				if err != nil {
					return input(err)
				}
				lockOf(l).print(w)
				return nil
			})
		},
	}
	p := c.Flags()
	p.Int64Var(&u.Number, "number", 0, "number of the lock, see 'sluice ledger locks'")
	p.StringVar(&u.By, "by", "", "who opens it")
	p.StringVar(&u.Second, "and", "", "the other person")
	p.StringVar(&u.Reason, "reason", "", "why")
	return c
}

func newLedgerLocks(f *ledgerFlags) *cobra.Command {
	return &cobra.Command{
		Use: "locks --books FOLDER", Short: "The history of locks", Args: cobra.NoArgs, Long: "Lists every lock and unlocking.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				all, err := s.store.Locks(ctx, s.chart.Entity)
				out := []lockJSON{}
				for _, l := range all {
					out = append(out, lockOf(l))
				}
				if f.json && err == nil {
					return printJSON(w, out)
				}
				for _, l := range out {
					l.print(w)
				}
				return err
			})
		},
	}
}

// lockJSON is one entry in the history of locks.
type lockJSON struct {
	Number  int64     `json:"number"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Root    string    `json:"root_hash"`
	Trial   string    `json:"trial_balance_hash"`
	Unlocks int64     `json:"unlocks,omitempty"`
	Second  string    `json:"and,omitempty"`
	Reason  string    `json:"reason,omitempty"`
}

func lockOf(l ledger.Locking) lockJSON {
	return lockJSON{
		Number: l.Number, From: l.From, To: l.To, At: l.At, By: l.By, Root: fmt.Sprintf("%x", l.Root), Trial: fmt.Sprintf("%x", l.Balance),
		Unlocks: l.Unlocks, Second: l.Second, Reason: l.Reason,
	}
}

func (l lockJSON) print(w io.Writer) {
	if l.Unlocks > 0 {
		fmt.Fprintf(w, "%d  lock %d was taken back on %s by %s and %s: %s\n", l.Number, l.Unlocks, l.At.Format(time.DateTime), harmless(l.By), harmless(l.Second), harmless(l.Reason))
		return
	}
	fmt.Fprintf(w, "%d  locked %s to before %s on %s UTC by %s\n   root %s\n   trial balance %s\n", l.Number, l.From.UTC().Format(time.DateTime), l.To.UTC().Format(time.DateTime), l.At.Format(time.DateTime), harmless(l.By), l.Root, l.Trial)
}
