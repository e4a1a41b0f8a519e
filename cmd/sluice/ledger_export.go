package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/live/accountant"
	"sluice/store/whole"
)

func newLedgerExport(f *ledgerFlags) *cobra.Command {
	var form, out string
	c := &cobra.Command{
		Use: "export --books FOLDER --as hledger|beancount|beancount-fifo [--out FILE]", Short: "Write a period for hledger or beancount", Args: cobra.NoArgs,
		Long: `Writes a period as plain text that other bookkeeping programs read, with opening
balances, every lot and its cost, and closing balances to be held against.
'beancount-fifo' leaves the choice of lots to beancount.
` + exitHelp,
		Example: `  sluice ledger export --books books --period 2025-09 --as hledger --out 2025-09.journal
  sluice ledger export --books books --period 2025-09 --as beancount | bean-report /dev/stdin balances`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				p, err := s.at().Export(ctx)
				if err != nil {
					return err
				}
				write, err := accountant.Exporter(form, p)
				if err != nil {
					return input(fmt.Errorf("--as %q: %w", form, err))
				}
				if out != "" {
					return whole.Replace(out, whole.Private, write)
				}
				return write(w)
			})
		},
	}
	c.Flags().StringVar(&form, "as", accountant.Hledger, "hledger, beancount or beancount-fifo")
	c.Flags().StringVar(&out, "out", "", "write to this file")
	return c
}
