package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/export"
	"sluice/store/whole"
)

// The forms of an export.
const (
	asHledger   = "hledger"
	asBeancount = "beancount"
	asFIFO      = "beancount-fifo"
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
				p, err := s.export(ctx)
				if err != nil {
					return err
				}
				write, err := exporter(form, p)
				if err != nil {
					return input(err)
				}
				if out != "" {
					return whole.Replace(out, whole.Private, write)
				}
				return write(w)
			})
		},
	}
	c.Flags().StringVar(&form, "as", asHledger, "hledger, beancount or beancount-fifo")
	c.Flags().StringVar(&out, "out", "", "write to this file")
	return c
}

func exporter(form string, p export.Period) (func(io.Writer) error, error) {
	switch form {
	case asHledger:
		return func(w io.Writer) error { return export.Hledger(w, p) }, nil
	case asBeancount:
		return func(w io.Writer) error { return export.Beancount(w, p, export.Strict) }, nil
	case asFIFO:
		return func(w io.Writer) error { return export.Beancount(w, p, export.FIFO) }, nil
	}
	return nil, fmt.Errorf("--as %q: use %s, %s or %s", form, asHledger, asBeancount, asFIFO)
}

// export is the period as other programs are given it.
func (s *shelf) export(ctx context.Context) (p export.Period, err error) {
	p = export.Period{Chart: s.chart, Zone: s.zone, From: s.from, To: s.to}
	opening, err := s.balances(ctx, time.Time{}, s.from)
	if err != nil {
		return p, err
	}
	p.Opening = map[string]int64{}
	for _, b := range opening {
		p.Opening[b.Account] += b.Amount
	}
	if p.Lots, err = s.lots(ctx, s.from); err != nil {
		return p, err
	}
	all, err := s.transactions(ctx, s.from, s.to)
	if err != nil {
		return p, err
	}
	for _, t := range plainOf(all) {
		if t.Standing == books.Posted {
			p.Transactions = append(p.Transactions, t)
		}
	}
	closing, err := s.balances(ctx, time.Time{}, s.to)
	if err != nil {
		return p, err
	}
	p.Closing = map[string]int64{}
	for _, b := range closing {
		p.Closing[b.Account] += b.Amount
	}
	p.Prices, err = s.prices(ctx)
	return p, err
}

// ask lets a program of others read a period.
func ask(ctx context.Context, form string, p export.Period) (others, error) {
	write, err := exporter(form, p)
	if err != nil {
		return others{}, err
	}
	dir, err := os.MkdirTemp("", "sluice-ledger-")
	if err != nil {
		return others{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	name := filepath.Join(dir, form+".beancount")
	args := []string{"bean-check", name}
	if form == asHledger {
		name = filepath.Join(dir, "period.journal")
		args = []string{"hledger", "-f", name, "check", "--strict", "ordereddates"}
	}
	if err := whole.Replace(name, whole.Private, write); err != nil {
		return others{}, err
	}
	if _, err := exec.LookPath(args[0]); err != nil {
		return others{}, fmt.Errorf("%s is not installed, so the books are not proved by it: on Debian, apt install hledger beancount", args[0])
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // two fixed programs
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	err = cmd.Run()
	o := others{Program: args[0], Form: form, Says: strings.TrimSpace(bounded(said.String()))}
	if err != nil && o.Says == "" {
		o.Says = err.Error()
	}
	return o, ctx.Err()
}

// bounded cuts what a program said to a length that a person reads.
func bounded(s string) string { return s[:min(len(s), 4000)] }
