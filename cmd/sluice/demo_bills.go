package main

import (
	"bytes"
	"context"
	_ "embed" // for the contracts
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sluice/books"
	"sluice/driver/contractfile"
	"sluice/replay"
	"sluice/store/ledger"
	"sluice/use/hosting/meter"
)

// The contracts of the hall of the demonstration, by which its tenants are billed.
var (
	//go:embed demo_firm.yaml
	demoFirm []byte
	//go:embed demo_spot.yaml
	demoSpot []byte
)

// demoBilled is the month of the demonstration that is billed, and when.
const (
	demoBilled = "2025-02"
	demoIssued = "2025-03-03"
	demoPaid   = "2025-03-18"
)

// demoUsage collects what the meters of a hall count while its site is replayed.
type demoUsage struct {
	all []meter.Usage
}

// metering reads the meters every hour.
func (u *demoUsage) metering() replay.Metering {
	return replay.Metering{Every: time.Hour, Take: func(in meter.Interval) error {
		a, err := meter.Attribute(in)
		u.all = append(u.all, a.Usage()...)
		return err
	}}
}

// write writes the month's GPU time of a contract as it is delivered to billing: energy is
// in the price.
func (u *demoUsage) write(path, contract string, month time.Time) error {
	mine := slices.Clone(u.all)
	mine = slices.DeleteFunc(mine, func(x meter.Usage) bool {
		return x.Contract != contract || x.Measure != meter.GPUSeconds || x.Span.From < month.Unix() || x.Span.To > month.AddDate(0, 1, 0).Unix()
	})
	var text bytes.Buffer
	if err := meter.WriteUsage(&text, mine); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}

// bill bills the month to the tenants of the hall, as 'sluice invoice' does: the one who
// reserved pays and gets something back for the begin of its support, the other owes.
func (u *demoUsage) bill(ctx context.Context, dir, work string) (err error) {
	store, err := ledger.Open(ctx, ledger.Config{Directory: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
	for _, text := range [][]byte{demoFirm, demoSpot} {
		k, err := contractfile.Read(bytes.NewReader(text), "of the demonstration")
		if err != nil {
			return err
		}
		if err := u.issue(ctx, store, k, work); err != nil {
			return fmt.Errorf("bill %s: %w", k.ID, err)
		}
	}
	d, err := demoDesk(ctx, store, demoIssued)
	if err != nil {
		return err
	}
	first := d.history.Documents[0].Number.String()
	if err := d.credit(ctx, io.Discard, moneyFlags{document: first, amount: "450", date: demoIssued, text: "support began in the middle of the month"}, false); err != nil {
		return err
	}
	if d, err = demoDesk(ctx, store, demoPaid); err != nil {
		return err
	}
	note := d.history.Documents[len(d.history.Documents)-1]
	paid := d.history.Documents[0].Payable() + note.Payable()
	return d.pay(ctx, io.Discard, moneyFlags{documents: []string{note.Number.String(), first}, amount: books.Asset(d.chart.Currency).Text(int64(paid)), date: demoPaid, text: "wire 2025-0318"}, false)
}

// issue delivers a contract's readings and issues what they come to.
func (u *demoUsage) issue(ctx context.Context, store *ledger.Store, k *contractfile.File, work string) error {
	month, err := time.ParseInLocation("2006-01", demoBilled, k.Zone)
	if err != nil {
		return err
	}
	usage := filepath.Join(work, k.ID+"-"+demoBilled+".csv")
	if err := u.write(usage, k.ID, month); err != nil {
		return err
	}
	d, err := demoDesk(ctx, store, demoIssued)
	if err != nil {
		return err
	}
	return issueBill(ctx, d, io.Discard, k, runFlags{period: demoBilled, date: demoIssued, usage: []string{usage}})
}

// demoDesk lays out the books on a day, at whose end what is done is booked.
func demoDesk(ctx context.Context, store *ledger.Store, day string) (*desk, error) {
	d, err := newDesk(ctx, store, &invoiceFlags{})
	if err != nil {
		return nil, err
	}
	at, err := time.ParseInLocation(time.DateOnly, day, d.zone)
	d.booked = at.Add(17 * time.Hour).UTC()
	return d, err
}
