package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sluice/store/ledger"
)

// What books are measured with.
const (
	million     = 1_000_000
	monthSites  = 50
	monthUses   = 4
	closeWall   = 60 // seconds for the month of all sites on two cores
	verifyWall  = 3  // seconds for a million entries
	postedAtime = 15_000
)

// books measures how quickly deliveries become invoices and entries, how quickly
// a month is closed and a chain is proven, and that neither kills nor repeated,
// reordered and split deliveries change a byte.
func (b *bench) books(ctx context.Context) error {
	t := newTable("books")
	t.note("money of every company, contract and site here is made up; the database is SQLite, every commit on the disk before it is answered")
	var faults []error
	for _, part := range []struct {
		name string
		run  func(context.Context, *table) error
	}{{"settle", b.settled}, {"rate", b.rated}, {"post", b.posted}, {"close", b.closed}, {"kill", b.killed}, {"plant", b.planted}} {
		if !b.measures(part.name) {
			continue
		}
		begin := time.Now()
		faults = append(faults, part.run(ctx, t))
		_, _ = fmt.Fprintf(b.stderr, "%s: %.0f s\n", part.name, time.Since(begin).Seconds())
	}
	return errors.Join(append(faults, b.publish(t))...)
}

// ledgerIn opens books in a new folder.
func (b *bench) ledgerIn(ctx context.Context, name string) (*ledger.Store, string, error) {
	dir := filepath.Join(b.work, name)
	s, err := ledger.Open(ctx, ledger.Config{Directory: dir})
	return s, dir, err
}

// size is what the books in a folder take on the disk, bytes.
func size(dir string) (int64, error) {
	i, err := os.Stat(filepath.Join(dir, "books.db"))
	if err != nil {
		return 0, err
	}
	return i.Size(), nil
}

func perSecond(n int, since time.Duration) float64 { return float64(n) / since.Seconds() }

// settled makes a million deliveries of a mining site entries, days and books.
func (b *bench) settled(ctx context.Context, t *table) (err error) {
	store, dir, err := b.ledgerIn(ctx, "settled")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
	y, err := newYard(1)
	if err != nil {
		return err
	}
	if _, err := store.OpenEntity(ctx, y.chart()); err != nil {
		return err
	}
	begin := time.Now()
	lines, err := y.bookAll(ctx, store, million)
	if err != nil {
		return err
	}
	took := time.Since(begin)
	bytes, err := size(dir)
	if err != nil {
		return err
	}
	how := fmt.Sprintf("%d deliveries of 15 minutes with two groups of machines: entry and bill of each, days and months booked with their papers", million)
	t.add(
		figure{Name: "deliveries settled and booked", Value: perSecond(million, took), Unit: "deliveries/s", How: how},
		figure{Name: "entries booked of them", Value: float64(lines), Unit: "entries", How: how},
		figure{Name: "bytes an entry, papers included", Value: float64(bytes) / float64(lines), Unit: "B/entry", How: "size of the database"},
	)
	return nil
}
