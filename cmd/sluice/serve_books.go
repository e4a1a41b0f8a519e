package main

import (
	"context"
	"errors"
	"time"

	"sluice/live"
	"sluice/live/bookkeeper"
	"sluice/loop/settle"
	"sluice/store/ledger"
)

// booksPace is how often a site that runs looks for a day that can be booked.
const booksPace = 5 * time.Minute

// keepAccounts writes the books of the company, day by day, until ctx ends. Without books
// it waits for the end.
func (b *builder) keepAccounts(ctx context.Context, site *live.Site) error {
	if b.flags.books == "" {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	store, err := ledger.Open(ctx, ledger.Config{Directory: b.flags.books})
	if err != nil {
		return input(err)
	}
	k, err := b.keeper(ctx, store)
	if err == nil {
		err = b.keepBooks(ctx, site, k)
	}
	return errors.Join(err, store.Close()) //nolint:contextcheck // what is open is closed whatever became of ctx
}

func (b *builder) keeper(ctx context.Context, store *ledger.Store) (*bookkeeper.Keeper, error) {
	c, err := companyOf(b.flags.entity)
	if err != nil {
		return nil, input(err)
	}
	if err := c.owns(b.file.Site); err != nil {
		return nil, input(err)
	}
	if err := c.open(ctx, store); err != nil {
		return nil, err
	}
	s := settle.Site{Name: b.file.Site.Name, Zone: b.file.Site.Zone, Models: map[string]string{}, Prices: "market of " + b.file.Site.Name}
	for _, r := range b.rigs {
		s.Models[r.Use()] = r.Model().Name
	}
	return bookkeeper.New(bookkeeper.Config{
		Company: c.Company, Site: s, Contracts: b.file.Contracts, Step: b.flags.market.interval, Patience: unsettled, Papers: b.store, Ledger: store,
	})
}

// keepBooks books what can be booked, again and again. What cannot be is told, and
// tried again: the site runs on.
func (b *builder) keepBooks(ctx context.Context, site *live.Site, k *bookkeeper.Keeper) error {
	tick := time.NewTicker(max(time.Second, b.clock.Wall(booksPace)))
	defer tick.Stop()
	said := ""
	for {
		last, err := k.UpTo(ctx, b.clock.Now())
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && err.Error() != said:
			said = err.Error()
			site.Note(live.Notice{At: b.clock.Now(), Code: "not_booked", Text: said})
		case err == nil && last != "":
			site.Note(live.Notice{At: b.clock.Now(), Code: "booked", Text: "the books are written up to and with " + last})
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
