package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"sluice/driver/pool"
	"sluice/live"
)

// creditPace is how often the file of the pool's credit is looked at.
const creditPace = 30 * time.Second

// checkCredit reads the file once, so that a wrong one is known at the start. One
// that is not there yet is in order: the pool may write it later.
func (b *builder) checkCredit() error {
	if b.flags.credit == "" {
		return nil
	}
	if _, err := os.Stat(b.flags.credit); os.IsNotExist(err) {
		fmt.Fprintf(b.out, "warning: --pool-credit: %s is not there yet\n", b.flags.credit)
		return nil
	}
	if _, err := pool.Load(b.flags.credit, b.groupNames()); err != nil {
		return fmt.Errorf("--pool-credit: %w", err)
	}
	return nil
}

func (b *builder) groupNames() []string {
	var out []string
	for _, g := range b.file.Groups {
		out = append(out, g.Name)
	}
	return out
}

// credit hands what the pool credited to the site, again whenever the file was
// changed, until ctx ends.
func (b *builder) credit(ctx context.Context, site *live.Site) error {
	tick := time.NewTicker(max(time.Second, b.clock.Wall(creditPace)))
	defer tick.Stop()
	var seen time.Time
	for {
		if i, err := os.Stat(b.flags.credit); b.flags.credit != "" && err == nil && !i.ModTime().Equal(seen) {
			seen = i.ModTime()
			if err := b.readCredit(ctx, site, seen); err != nil {
				site.Note(live.Notice{At: b.clock.Now(), Code: "credit_unreadable", Text: err.Error() + "; what was read before holds"})
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

func (b *builder) readCredit(ctx context.Context, site *live.Site, written time.Time) error {
	windows, err := pool.Load(b.flags.credit, b.groupNames())
	if err != nil {
		return err
	}
	return site.Credit(ctx, windows, written)
}
