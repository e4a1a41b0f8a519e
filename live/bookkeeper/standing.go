package bookkeeper

import (
	"context"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/loop/settle"
	"sluice/series"
	"sluice/store/ledger"
	"sluice/unit"
)

// standing is what the books hold about the site before a day.
func (k *Keeper) standing(ctx context.Context, day time.Time) (out settle.Standing, err error) {
	entity := k.c.Company.Chart.Entity
	lots, err := k.c.Ledger.OpenLots(ctx, entity, time.Time{})
	if err != nil {
		return out, err
	}
	held := map[string][]books.Parcel{}
	for _, p := range lots {
		held[p.Account] = append(held[p.Account], books.Parcel{ID: p.Lot.ID, Acquired: p.Lot.Acquired, Quantity: p.Quantity, Cost: p.Lot.Cost})
	}
	out.Held = *books.Held(held)
	if out.Sums, err = k.sums(ctx); err != nil {
		return out, err
	}
	out.Drawn, err = k.drawn(ctx, day)
	return out, err
}

// sums are the balances of accounts, of what is about this site or about none. The
// value of coins is the company's, whatever site they come from.
func (k *Keeper) sums(ctx context.Context) (map[string]int64, error) {
	all, err := k.c.Ledger.Balances(ctx, ledger.Query{Entity: k.c.Company.Chart.Entity})
	out := map[string]int64{}
	for _, b := range all {
		if b.Tags.Site == k.c.Site.Name || b.Tags.Site == "" || strings.HasPrefix(b.Account, "Assets:Digital:") {
			out[b.Account] += b.Amount
		}
	}
	return out, err
}

// agreed are all transactions on loans and leases of the company.
func (k *Keeper) agreed(ctx context.Context) (out []books.Transaction, err error) {
	for t, err := range k.c.Ledger.Transactions(ctx, ledger.Query{Entity: k.c.Company.Chart.Entity}) {
		if err != nil {
			return nil, err
		}
		if k.c.Company.Agreed(t.Transaction) {
			out = append(out, t.Transaction)
		}
	}
	return out, nil
}

// drawn is what each use has drawn in the month of a day, before it.
func (k *Keeper) drawn(ctx context.Context, day time.Time) (map[string]unit.Energy, error) {
	first, name := series.MonthOf(day, k.c.Site.Zone).Start.In(k.c.Site.Zone).Format(time.DateOnly), day.In(k.c.Site.Zone).Format(time.DateOnly)
	out := map[string]unit.Energy{}
	err := k.days(ctx, func(d statement.Day) {
		if d.Day < first || d.Day >= name {
			return
		}
		for _, u := range d.Uses {
			out[u.Use] += u.Meter
		}
	})
	return out, err
}

// Batch is what a clerk wrote and what it was made from, to be kept in one commit.
func Batch(entity string, j settle.Journal) (ledger.Batch, error) {
	b := ledger.Batch{Entity: entity, Transactions: j.Transactions}
	for _, d := range j.Days {
		body, err := d.Canonical()
		if err != nil {
			return b, err
		}
		b.Papers = append(b.Papers, ledger.Paper{Kind: "day", Name: d.Site + " " + d.Day, Body: body})
	}
	for _, p := range j.Prices {
		b.Papers = append(b.Papers, ledger.Paper{Kind: "price", Name: p.Name(), Body: p.Canonical()})
	}
	return b, nil
}
