package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/driver/contractfile"
	"sluice/store/ledger"
)

func newInvoicePrepay(f *invoiceFlags) *cobra.Command {
	var m moneyFlags
	c := &cobra.Command{
		Use: "prepay --books FOLDER --contract FILE --amount 200000 --date 2025-08-01", Short: "Book what a customer pays in advance", Args: cobra.NoArgs,
		Long: `Books cash for service to come. The invoices of the contract draw from it, as its
term of kind prepayment says. The same day, amount and reference are booked once.
` + exitHelp,
		Example: `  sluice invoice prepay --books books --entity-file houston --contract gpu-reserved --amount 200000 --date 2025-08-01`,
		RunE: func(c *cobra.Command, _ []string) error {
			k, err := contractfile.Load(m.contract)
			if err != nil {
				return input(err)
			}
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error { return d.prepay(ctx, w, k, m, f.json) })
		},
	}
	p := c.Flags()
	p.StringVar(&m.contract, "contract", "", "contract file, or a shipped example")
	p.StringVar(&m.amount, "amount", "", "what came")
	p.StringVar(&m.date, "date", "", "day on which it came")
	p.StringVar(&m.bank, "bank", "", "account that it came to (default: the only one)")
	p.StringVar(&m.text, "reference", "", "what the bank says of it")
	p.StringVar(&f.entityFile, "entity-file", "", "open the books of this entity first: entity file, or the shipped example houston")
	for _, name := range []string{"contract", "amount", "date"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

// prepaymentPaper is the paper of a prepayment: without the second of booking, so
// that the same one is the same paper.
type prepaymentPaper struct {
	Entity    string `json:"entity"`
	Customer  string `json:"customer"`
	Contract  string `json:"contract"`
	Date      string `json:"date"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Bank      string `json:"bank"`
	Reference string `json:"reference"`
}

func (d *desk) prepay(ctx context.Context, w io.Writer, k *contractfile.File, m moneyFlags, asJSON bool) error {
	if k.Seller.Name != d.chart.Entity || k.Currency != d.chart.Currency {
		return input(fmt.Errorf("the contract is with %q in %s, and the books are those of %q in %s", k.Seller.Name, k.Currency, d.chart.Entity, d.chart.Currency))
	}
	at, err := d.dated(m.date)
	if err != nil {
		return err
	}
	v, err := d.amount(m.amount)
	if err != nil {
		return err
	}
	bank, err := d.bank(m.bank)
	if err != nil {
		return err
	}
	text, err := json.Marshal(prepaymentPaper{d.chart.Entity, k.Customer.ID, k.ID, m.date, books.Asset(k.Currency).Text(int64(v)), string(k.Currency), bank, m.text})
	if err != nil {
		return err
	}
	paper := ledger.Paper{Kind: "prepayment", Name: k.ID, Body: text}
	t, err := invoice.Prepay(invoice.Event{Entity: d.chart.Entity, Customer: k.Customer.ID, Contract: k.ID, At: at.UTC(), Booked: d.booked, Source: "prepayment " + m.text, Evidence: paper.Hash()}, bank, v)
	if err != nil {
		return input(err)
	}
	batch := ledger.Batch{Entity: d.chart.Entity, Papers: []ledger.Paper{paper, {Kind: "contract", Name: k.ID, Body: k.Text}}, Transactions: []books.Transaction{t}}
	if _, err := d.store.Book(ctx, batch); err != nil {
		return lockedInput(err)
	}
	left, err := d.prepaid(ctx, k.ID)
	if err != nil {
		return err
	}
	if asJSON {
		h := paper.Hash()
		return printJSON(w, map[string]string{"contract": k.ID, "amount": amountText(v, k.Currency), "left": amountText(left, k.Currency), "evidence_sha256": hex.EncodeToString(h[:])})
	}
	fmt.Fprintf(w, "Prepayment of %s by %s under %s on %s: booked; %s are left\n", d.text(v), harmless(k.Customer.ID), harmless(k.ID), m.date, d.text(left))
	return nil
}
