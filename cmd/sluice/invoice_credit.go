package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/store/ledger"
	"sluice/unit"
)

func newInvoiceCredit(f *invoiceFlags) *cobra.Command {
	var m moneyFlags
	c := &cobra.Command{
		Use: "credit --books FOLDER --document NUMBER --amount 500 --date 2025-10-20 --reason TEXT", Short: "Give a customer something back: a credit note of goodwill", Args: cobra.NoArgs,
		Long: `Issues a credit note of goodwill on an invoice. Corrections and service levels need
none: 'issue' makes their notes from readings and outages. Tax is left as it was.
The same amount, day and reason for the same invoice are one note.
` + exitHelp,
		Example: `  sluice invoice credit --books books --document HOU-2025-000001 --amount 500 --date 2025-10-20 --reason "late start of hall 2"`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error { return d.credit(ctx, w, m, f.json) })
		},
	}
	p := c.Flags()
	p.StringVar(&m.document, "document", "", "number of the invoice")
	p.StringVar(&m.amount, "amount", "", "how much is given back")
	p.StringVar(&m.date, "date", "", "day of the note")
	p.StringVar(&m.text, "reason", "", "why, as the customer reads it")
	for _, name := range []string{"document", "amount", "date", "reason"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

func (d *desk) credit(ctx context.Context, w io.Writer, m moneyFlags, asJSON bool) error {
	of, err := d.document(m.document)
	if err != nil {
		return err
	}
	at, err := d.dated(m.date)
	if err != nil {
		return err
	}
	v, err := d.amount(m.amount)
	if err != nil {
		return err
	}
	id := books.DerivedID("goodwill", of.Number.String(), m.date, d.text(v), m.text)
	if of.Kind != invoice.Invoice || int64(v)%invoice.Coin(of.Currency) != 0 || v > of.Payable()-d.given(of, id) {
		return input(fmt.Errorf("--amount %s on %s: goodwill is given on an invoice, in whole coins, and at most what it and its notes come to, %s",
			m.amount, of.Number, d.text(of.Payable()-d.given(of, id))))
	}
	draft, err := invoice.Draft(invoice.Document{
		Kind: invoice.CreditNote, Entity: of.Entity, Customer: of.Customer, From: of.From, To: of.To, Currency: of.Currency, RefersTo: of.Number.String(), Reason: m.text,
		Lines: []invoice.Line{{
			ID: id, Contract: of.Lines[0].Contract, Component: "Goodwill", Kind: invoice.Goodwill,
			From: of.From, To: of.To, Amount: -v,
		}},
	})
	if err != nil {
		return input(err)
	}
	if err := d.ensure(ctx, books.Customer(of.Customer.ID)); err != nil {
		return err
	}
	x, err := d.store.Issue(ctx, of.Number.Series, draft, at, d.booked, ledger.Batch{})
	if err != nil {
		return lockedInput(err)
	}
	if asJSON {
		return printJSON(w, map[string]string{"number": x.Number.String(), "kind": string(x.Kind), "refers_to": x.RefersTo, "total": amountText(x.Payable(), x.Currency)})
	}
	fmt.Fprintf(w, "%s  %s of %s for %s, %s\n   refers to %s: %s\n", x.Number, x.Kind, dayOf(x.Issued, d.zone), harmless(x.Customer.Name), payable(x), x.RefersTo, harmless(x.Reason))
	return nil
}

// given is what notes gave back of an invoice, less what they added; the one with
// that line, which is asked for, is not counted.
func (d *desk) given(of invoice.Document, but string) (sum unit.Amount) {
	for _, x := range d.history.Documents {
		if x.RefersTo == of.Number.String() && x.Lines[0].ID != but {
			sum -= x.Payable()
		}
	}
	return sum
}
