package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/live/accountant"
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
				p, err := s.at().Prove(ctx, s.store, !named)
				return toldProof(w, p, f.json, err)
			})
		},
	}
	c.Flags().BoolVar(&named, "lots-by-name", false, "lots were chosen one by one: do not prove that the oldest went first")
	return c
}

// toldProof prints what was proved, whatever came of it.
func toldProof(w io.Writer, p *accountant.Proof, asJSON bool, err error) error {
	switch {
	case p == nil:
		return err
	case asJSON:
		return errors.Join(err, printJSON(w, p))
	}
	printProof(w, p)
	return err
}

// toldMost differences of a check are printed.
const toldMost = 20

func printProof(w io.Writer, p *accountant.Proof) {
	fmt.Fprintf(w, "%s, %s to before %s\n", harmless(p.Entity), p.From, p.To)
	fmt.Fprintf(w, "  chain        %d transactions, %d lines, last hash %s\n", p.Transactions, p.Lines, p.Last)
	fmt.Fprintf(w, "  filed        %d papers, %d documents without a gap, %d parked, last hash %s\n", p.Papers, p.Documents, p.Parked, p.Filed)
	fmt.Fprintf(w, "  statements   %s\n", p.Statements)
	for _, c := range p.Checks {
		printCheck(w, c)
	}
	for _, o := range p.Others {
		said := "nothing to say"
		if o.Says != "" {
			said = "says: " + o.Says
		}
		fmt.Fprintf(w, "  %-12s %s: %s\n", o.Program, o.Form, said)
	}
}

func printCheck(w io.Writer, c accountant.Check) {
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
