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
	"sluice/books/invoice"
	"sluice/store/ledger"
	"sluice/unit"
)

// moneyFlags are those of what moves money or takes it back.
type moneyFlags struct {
	documents                                    []string
	document, contract, amount, date, bank, text string
	deposit                                      bool
}

func newInvoicePay(f *invoiceFlags) *cobra.Command {
	var m moneyFlags
	c := &cobra.Command{
		Use: "pay --books FOLDER --document NUMBER --amount 1000 --date 2025-10-20", Short: "Book what a customer paid, and for which documents", Args: cobra.NoArgs,
		Long: `Books a payment to documents in the order in which they are named, each up to what
is open of it; NUMBER=AMOUNT gives a document just that. Credit notes among them
are set off. What is left stays with the customer's deposit, from which
--from-deposit pays later. What was written off and is paid after all is recovered.

The same payment again (day, amount, documents, reference) is not booked twice: two
that are alike need a --reference each.
` + exitHelp,
		Example: `  sluice invoice pay --books books --document HOU-2025-000001 --amount 100000 --date 2025-10-20 --reference "wire 4711"
  sluice invoice pay --books books --document HOU-2025-000001 --document HOU-2025-000002 --amount 0 --date 2025-10-20`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error { return d.pay(ctx, w, m, f.json) })
		},
	}
	p := c.Flags()
	p.StringArrayVar(&m.documents, "document", nil, "number of a document, or NUMBER=AMOUNT; repeat it for more")
	p.StringVar(&m.amount, "amount", "", "what came; 0 sets credit notes off against what is owed")
	p.StringVar(&m.date, "date", "", "day on which it came")
	p.StringVar(&m.bank, "bank", "", "account that it came to (default: the only one)")
	p.BoolVar(&m.deposit, "from-deposit", false, "the money is taken from the customer's deposit")
	p.StringVar(&m.text, "reference", "", "what the bank says of it")
	for _, name := range []string{"document", "amount", "date"} {
		_ = c.MarkFlagRequired(name)
	}
	c.MarkFlagsMutuallyExclusive("bank", "from-deposit")
	return c
}

// pay books a payment with its paper, and what it recovers.
func (d *desk) pay(ctx context.Context, w io.Writer, m moneyFlags, asJSON bool) error {
	p, err := d.payment(m)
	if err != nil {
		return err
	}
	if d.repeated(p) {
		return d.said(w, "booked before, and not again", p, asJSON)
	}
	if err := d.covered(ctx, m, p); err != nil {
		return err
	}
	batch := ledger.Batch{Entity: d.chart.Entity}
	if err := addPosted(&batch, "payment", p); err != nil {
		return err
	}
	back := d.history.Recoveries(p)
	for _, x := range back {
		if err := addPosted(&batch, "write-off", x); err != nil {
			return err
		}
	}
	if err := d.ensure(ctx, books.Customer(p.Customer)); err != nil {
		return err
	}
	if _, err := d.store.Book(ctx, batch); err != nil {
		return lockedInput(err)
	}
	d.history.Payments, d.history.WriteOffs = append(d.history.Payments, p), append(d.history.WriteOffs, back...)
	return d.said(w, "booked", p, asJSON)
}

// covered checks that a deposit holds what is taken from it.
func (d *desk) covered(ctx context.Context, m moneyFlags, p invoice.Payment) error {
	if !m.deposit {
		return nil
	}
	all, err := d.store.Balances(ctx, ledger.Query{Entity: d.chart.Entity})
	if err != nil {
		return err
	}
	var held unit.Amount
	for _, b := range all {
		if b.Account == books.CustomerDeposit && b.Tags.Counterparty == p.Customer {
			held -= unit.Amount(b.Amount)
		}
	}
	if p.Amount > held {
		return input(fmt.Errorf("--from-deposit: the deposit of %s holds %s", p.Customer, d.text(held)))
	}
	return nil
}

// event is something that happened, as it is kept and as it is posted.
type event interface {
	Canonical() ([]byte, error)
	Post() (books.Transaction, error)
}

// addPosted adds a posting and the paper that it is made from to a batch.
func addPosted(b *ledger.Batch, kind string, x event) error {
	t, err := x.Post()
	if err != nil {
		return input(err)
	}
	text, err := x.Canonical()
	if err != nil {
		return err
	}
	paper := ledger.Paper{Kind: kind, Name: t.Source, Body: text}
	t.Evidence = paper.Hash()
	b.Papers, b.Transactions = append(b.Papers, paper), append(b.Transactions, t)
	return nil
}

// lockedInput marks what a closed period refuses as the caller's fault.
func lockedInput(err error) error {
	if errors.Is(err, ledger.ErrLocked) || errors.Is(err, ledger.ErrConflict) {
		return input(err)
	}
	return err
}

// repeated reports whether a payment is in the books already.
func (d *desk) repeated(p invoice.Payment) bool {
	return slices.ContainsFunc(d.history.Payments, func(x invoice.Payment) bool {
		return x.At.Equal(p.At) && x.Source == p.Source && x.Customer == p.Customer && x.Bank == p.Bank && x.Amount == p.Amount && slices.Equal(x.Allocations, p.Allocations)
	})
}

// payment is what the flags say, divided among the documents. That of a payment
// which is booked already is divided as it was.
func (d *desk) payment(m moneyFlags) (p invoice.Payment, err error) {
	if p.At, err = d.dated(m.date); err != nil {
		return p, err
	}
	if m.amount != "0" {
		if p.Amount, err = d.amount(m.amount); err != nil {
			return p, err
		}
	}
	if !m.deposit && p.Amount > 0 {
		if p.Bank, err = d.bank(m.bank); err != nil {
			return p, err
		}
	}
	p.Event = invoice.Event{Entity: d.chart.Entity, At: p.At.UTC(), Booked: d.booked, Source: m.text}
	if p.Source == "" {
		p.Source = "payment of " + m.date
	}
	named, err := d.named(m.documents, &p)
	if err != nil {
		return p, err
	}
	for _, x := range d.history.Payments { // a retry is the payment that it repeats
		again := p
		again.Allocations = x.Allocations
		if covers(named, x.Allocations) && d.repeated(again) {
			return again, nil
		}
	}
	return p, d.divide(named, &p)
}

// wanted is a document and how much of it is paid; 0: as much as is open.
type wanted struct {
	document invoice.Document
	amount   unit.Amount
}

// named finds the documents of a payment, which are all of one customer.
func (d *desk) named(all []string, p *invoice.Payment) (out []wanted, err error) {
	for _, text := range all {
		number, amount, exact := strings.Cut(text, "=")
		x, err := d.document(number)
		if err != nil {
			return nil, err
		}
		if p.Customer != "" && p.Customer != x.Customer.ID {
			return nil, input(fmt.Errorf("document %s is of %q and another of %q: book a payment for each", x.Number, x.Customer.ID, p.Customer))
		}
		if slices.ContainsFunc(out, func(w wanted) bool { return w.document.Number == x.Number }) {
			return nil, input(fmt.Errorf("document %s is named twice", x.Number))
		}
		p.Customer = x.Customer.ID
		one := wanted{document: x}
		if exact {
			if one.amount, err = d.amount(amount); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// covers reports whether a payment was for the documents that are named.
func covers(named []wanted, all []invoice.Allocation) bool {
	for _, a := range all {
		if !slices.ContainsFunc(named, func(w wanted) bool {
			return w.document.Number == a.Document && (w.amount == 0 || w.amount == a.Amount)
		}) {
			return false
		}
	}
	return true
}

// divide gives every document its part: first what credit notes add, then in order.
func (d *desk) divide(named []wanted, p *invoice.Payment) error {
	left := p.Amount
	give := func(x invoice.Document, a unit.Amount) {
		if a != 0 {
			p.Allocations, left = append(p.Allocations, invoice.Allocation{Document: x.Number, Amount: a}), left-a
		}
	}
	open := map[invoice.Number]unit.Amount{}
	for _, x := range named {
		open[x.document.Number] = d.history.Open(x.document) + d.givenUp(x.document)
		if o := open[x.document.Number]; o < 0 && x.amount == 0 {
			give(x.document, o)
		}
		give(x.document, x.amount)
	}
	for _, x := range named {
		if o := open[x.document.Number]; o > 0 && x.amount == 0 && left > 0 {
			give(x.document, min(o, left))
		}
	}
	if len(p.Allocations) == 0 && p.Amount == 0 {
		return input(errors.New("--amount 0: no credit note among the documents is open"))
	}
	if p.Bank != "" || left == 0 {
		return nil
	}
	if p.Amount > 0 {
		return input(fmt.Errorf("--from-deposit: the documents take %s less than that: give the amount that they take", books.Asset(d.chart.Currency).Text(int64(left))))
	}
	return d.cut(p, left)
}

// cut takes from credit notes only what the others take, when no cash moves.
func (d *desk) cut(p *invoice.Payment, left unit.Amount) error {
	for i, a := range p.Allocations {
		if a.Amount < 0 && left > 0 {
			part := min(left, -a.Amount)
			p.Allocations[i].Amount, left = a.Amount+part, left-part
		}
	}
	p.Allocations = slices.DeleteFunc(p.Allocations, func(a invoice.Allocation) bool { return a.Amount == 0 })
	if len(p.Allocations) == 0 || left != 0 {
		return input(errors.New("--amount 0: nothing that is owed is among the documents: name the invoice too"))
	}
	return nil
}

// givenUp is what was written off of a document, less what was recovered.
func (d *desk) givenUp(x invoice.Document) (sum unit.Amount) {
	for _, w := range d.history.WriteOffs {
		if w.Document == x.Number {
			sum += w.Amount
		}
	}
	return sum
}

// said tells what was booked and how the documents stand.
func (d *desk) said(w io.Writer, how string, p invoice.Payment, asJSON bool) error {
	if asJSON {
		return printJSON(w, d.listing(func(x invoice.Document) bool {
			return slices.ContainsFunc(p.Allocations, func(a invoice.Allocation) bool { return a.Document == x.Number })
		}, d.booked))
	}
	own := p.Amount
	fmt.Fprintf(w, "Payment of %s by %s on %s: %s\n", d.text(p.Amount), harmless(p.Customer), p.At.In(d.zone).Format(time.DateOnly), how)
	for _, a := range p.Allocations {
		own -= a.Amount
		x, err := d.document(a.Document.String())
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "   %s: %s, open %s, %s\n", a.Document, d.text(a.Amount), d.text(d.history.Open(x)), d.history.State(x))
	}
	if own > 0 {
		fmt.Fprintf(w, "   to the deposit of %s: %s\n", harmless(p.Customer), d.text(own))
	}
	return nil
}

// text is an amount in the money of the books.
func (d *desk) text(v unit.Amount) string {
	return commas(amountText(v, d.chart.Currency)) + " " + string(d.chart.Currency)
}
