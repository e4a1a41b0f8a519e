package main

import (
	"bytes"
	"context"
	"fmt"

	"sluice/books/accrual"
	"sluice/driver/entityfile"
	"sluice/live/bookkeeper"
	"sluice/loop/settle"
	"sluice/site"
	"sluice/store/ledger"
)

// company is whose books are written, and the text that says so, which is kept
// with them.
type company struct {
	*settle.Company
	text []byte
}

// companyOf reads an entity file, or the shipped example of that name.
func companyOf(name string) (*company, error) {
	text, err := entityfile.Text(name)
	if err != nil {
		return nil, err
	}
	c, err := entityfile.Read(bytes.NewReader(text), name)
	return &company{c, text}, err
}

// owns reports why a site cannot be in the books of the company.
func (c *company) owns(s site.Site) error {
	if s.Currency != c.Chart.Currency {
		return fmt.Errorf("books of %s are in %s, the site %s bills in %s: write an entity file in that currency", c.Chart.Entity, c.Chart.Currency, s.Name, s.Currency)
	}
	return nil
}

// open opens the books of the company, or adds the accounts that it has come to need.
func (c *company) open(ctx context.Context, store *ledger.Store) error {
	if _, err := store.OpenEntity(ctx, c.Chart); err != nil {
		return err
	}
	_, err := store.Book(ctx, ledger.Batch{Entity: c.Chart.Entity, Papers: []ledger.Paper{{Kind: "company", Name: c.Chart.Entity, Body: c.text}}})
	return err
}

// book keeps what a clerk wrote and what it was made from, all or nothing. Service of
// a month that is invoiced is left out: it is earned.
func (c *company) book(ctx context.Context, store *ledger.Store, j settle.Journal) error {
	invoiced, err := store.Invoiced(ctx, c.Chart.Entity)
	if err != nil {
		return err
	}
	j.Transactions = accrual.Rest(j.Transactions, invoiced)
	b, err := bookkeeper.Batch(c.Chart.Entity, j)
	if err != nil {
		return err
	}
	_, err = store.Book(ctx, b)
	return err
}
