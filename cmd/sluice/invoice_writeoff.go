package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/store/ledger"
)

func newInvoiceWriteOff(f *invoiceFlags) *cobra.Command {
	var m moneyFlags
	c := &cobra.Command{
		Use: "write-off --books FOLDER --document NUMBER --date 2026-03-31 --reason TEXT", Short: "Give up what is open of a document", Args: cobra.NoArgs,
		Long: `Gives up what is open of a document, or a part of it: bad debt, and the customer
owes it no more. Where it is paid after all, 'pay' recovers it. Taxes are not taken
back: when that is allowed differs from country to country.
` + exitHelp,
		Example: `  sluice invoice write-off --books books --document HOU-2025-000001 --date 2026-03-31 --reason "insolvent"`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error { return d.writeOff(ctx, w, m, f.json) })
		},
	}
	p := c.Flags()
	p.StringVar(&m.document, "document", "", "number of the document")
	p.StringVar(&m.amount, "amount", "", "how much (default: all that is open)")
	p.StringVar(&m.date, "date", "", "day on which it is given up")
	p.StringVar(&m.text, "reason", "", "why")
	for _, name := range []string{"document", "date", "reason"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

func (d *desk) writeOff(ctx context.Context, w io.Writer, m moneyFlags, asJSON bool) error {
	x, err := d.document(m.document)
	if err != nil {
		return err
	}
	at, err := d.dated(m.date)
	if err != nil {
		return err
	}
	off, err := d.history.WriteOff(x, invoice.Event{Entity: d.chart.Entity, Customer: x.Customer.ID, At: at.UTC(), Booked: d.booked, Source: m.text})
	if err != nil {
		return input(err)
	}
	if m.amount != "" {
		part, err := d.amount(m.amount)
		if err == nil && part > off.Amount {
			err = input(fmt.Errorf("--amount %s: only %s of %s are open", m.amount, d.text(off.Amount), x.Number))
		}
		if err != nil {
			return err
		}
		off.Amount = part
	}
	batch := ledger.Batch{Entity: d.chart.Entity}
	if err := addPosted(&batch, "write-off", off); err != nil {
		return err
	}
	if err := d.ensure(ctx, books.Customer(off.Customer)); err != nil {
		return err
	}
	if _, err := d.store.Book(ctx, batch); err != nil {
		return lockedInput(err)
	}
	d.history.WriteOffs = append(d.history.WriteOffs, off)
	if asJSON {
		return printJSON(w, d.listing(func(y invoice.Document) bool { return y.Number == x.Number }, d.booked))
	}
	fmt.Fprintf(w, "%s: %s given up, open %s, %s\n", x.Number, d.text(off.Amount), d.text(d.history.Open(x)), d.history.State(x))
	return nil
}
