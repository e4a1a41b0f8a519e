package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/books/statement"
	"sluice/live/accountant"
)

func newLedgerReport(f *ledgerFlags) *cobra.Command {
	var o reportFlags
	c := &cobra.Command{
		Use: "report --books FOLDER [--period 2025]", Short: "Statements of a period: profit, balance sheet, cash, bitcoin, its cost at four levels", Args: cobra.NoArgs,
		Long: `States a period: trial balance, profit and loss, balance sheet, cash flow, bitcoin
held and how its value came about, what is set aside, what customers owe, what a
bitcoin cost at four levels, and what each use of power earned by megawatt-hour.
Every statement ties to the others, or the command fails and says by how much it
does not. A year that was closed shows what it earned as before.

Shared costs are divided by the keys of the company: of --company, or of the company
as it is filed in the books. What no key divides is told, and in no level.

'sluice ledger entries --account NAME' shows what stands behind a figure.
` + exitHelp,
		Example: `  sluice ledger report --books books --period 2025
  sluice ledger report --books books --period 2025 --cost-by model
  sluice ledger report --books books --period 2025-09 --by use --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				q, err := s.question(ctx, o)
				if err != nil {
					return err
				}
				made, err := s.at().Report(ctx, q)
				if err != nil {
					return err
				}
				r := ledgerReport{made}
				if f.json {
					return printJSON(w, r.view())
				}
				return r.print(w)
			})
		},
	}
	c.Flags().StringVar(&o.by, "by", "", "cut profit and loss by site, use, model or contract")
	c.Flags().StringVar(&o.costBy, "cost-by", "", "cut the cost of a bitcoin by site or model")
	c.Flags().StringVar(&o.company, "company", "", "file of the company with the keys of its shared costs, or the example's name (default: as filed in the books)")
	return c
}

// reportFlags are what a report is asked for beside the statements.
type reportFlags struct{ by, costBy, company string }

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

// ledgerReport is all statements of a period, to be printed.
type ledgerReport struct{ *accountant.Report }
