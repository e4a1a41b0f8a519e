package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/loop/billing"
	"sluice/store/ledger"
	"sluice/unit"
)

// hosted is a contract of a hall: power reserved, energy passed through under a
// cap, and a tax.
func hosted(id string) billing.Contract {
	wide := rate.Span{From: firstDay().Unix(), To: firstDay().AddDate(2, 0, 0).Unix()}
	price := func(name string, value int64) rate.PriceVersion {
		return rate.PriceVersion{Component: name, From: wide.From, To: wide.To, Value: value, Source: "bench"}
	}
	return billing.Contract{
		ID: id, Series: "BENCH", Currency: "USD", Zone: time.UTC, Seller: invoice.Party{Name: "Bench LLC"}, Customer: invoice.Party{ID: id, Name: "Tenant " + id},
		Prices: []rate.PriceVersion{price("hall", 125*int64(unit.Unit)), price("facility", 41_500_000)},
		Versions: []rate.Contract{{ID: id, Version: 1, Valid: wide, Start: wide.From, Currency: "USD", Terms: []rate.Term{
			{Name: "power", Kind: rate.Reservation, Unit: rate.KilowattMonth, Commitment: 2_000_000, Price: "hall"},
			{Name: "energy", Kind: rate.PassThrough, Unit: rate.MegawattHour, Component: "facility", IT: "it", Cap: 1_250_000, Price: "facility"},
			{Name: "tax", Kind: rate.Tax, Rate: 82_500},
		}}},
	}
}

// readings is January of one hall, in quarters of an hour, of the building and of its machines.
func readings(id string) (out []billing.Reading) {
	from := firstDay().Unix()
	for n := range int64(31 * 96) {
		for _, c := range []struct {
			component string
			joules    int64
		}{{"facility", 1_700_000_000 + n*7919%90_000_000}, {"it", 1_400_000_000 + n*104_729%60_000_000}} {
			out = append(out, billing.Reading{Measure: billing.Energy, Interval: rate.Interval{
				Contract: id, Meter: "hall", Component: c.component, From: from + n*900, To: from + (n+1)*900, Quantity: c.joules,
			}})
		}
	}
	return out
}

// invoiced runs the bill of January, and issues its invoice.
func invoiced(ctx context.Context, store *ledger.Store, id string) (n, lines int, err error) {
	c, at := hosted(id), firstDay().AddDate(0, 1, 0)
	in := billing.Input{Contract: c, Period: c.Month(firstDay()), Readings: readings(id), At: at, Booked: at}
	r, err := billing.Run(in)
	if err != nil {
		return 0, 0, err
	}
	if r.Draft == nil || len(r.Parked) > 0 || len(r.Gaps) > 0 {
		return 0, 0, fmt.Errorf("contract %s: draft %t, %d parked, %d gaps", id, r.Draft != nil, len(r.Parked), len(r.Gaps))
	}
	d, err := store.Issue(ctx, c.Series, *r.Draft, at, at, ledger.Batch{Entity: c.Seller.Name, Transactions: r.Transactions})
	if err != nil {
		return 0, 0, err
	}
	x, err := d.Post(at)
	for _, t := range append(r.Transactions, x) {
		lines += len(t.Lines)
	}
	return len(in.Readings), lines, err
}

// rated makes a million readings of meters invoices.
func (b *bench) rated(ctx context.Context, t *table) (err error) {
	store, _, err := b.ledgerIn(ctx, "rated")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
	chart := books.Standard("Bench LLC", "USD", "UTC")
	for i := range million {
		chart = chart.With(books.Customer(tenant(i)))
		if (i+1)*2*31*96 >= million {
			break
		}
	}
	if _, err := store.OpenEntity(ctx, chart); err != nil {
		return err
	}
	begin := time.Now()
	all, contracts, lines := 0, 0, 0
	for ; all < million; contracts++ {
		n, more, err := invoiced(ctx, store, tenant(contracts))
		if err != nil {
			return err
		}
		all, lines = all+n, lines+more
	}
	took := time.Since(begin)
	t.add(figure{
		Name: "readings rated, invoiced and posted", Value: perSecond(all, took), Unit: "readings/s",
		How: fmt.Sprintf("%d readings of %d contracts over a month, one invoice each, %d entries, each commit on the disk", all, contracts, lines),
	})
	return nil
}

func tenant(i int) string { return fmt.Sprintf("tenant-%03d", i+1) }

// posting is a day's power of a use, as the million entries have it.
func posting(i int) books.Transaction {
	at := firstDay().Add(time.Duration(i) * time.Minute)
	tags := books.Tags{Site: fmt.Sprintf("site-%02d", i%50), Use: "mining"}
	t := books.Transaction{
		ID: books.DerivedID("bench", strconv.Itoa(i)), Entity: "Bench LLC", Kind: "power metered", Standing: books.Posted, At: at, Booked: at,
		Source: "bench", Evidence: books.Hash{byte(i), byte(i >> 8), byte(i >> 16)},
	}
	for k := range 4 {
		t.Lines = append(t.Lines, books.Line{Account: books.PowerEnergy, Amount: int64(1_000_000 + i + k), Tags: tags})
	}
	t.Lines = append(t.Lines, books.Line{Account: books.AccruedPower, Amount: -int64(4*(1_000_000+i) + 6), Tags: tags})
	return t
}

// posted books a million entries and proves their chain, beside what the database
// and the hash alone take.
func (b *bench) posted(ctx context.Context, t *table) (err error) {
	store, dir, err := b.ledgerIn(ctx, "posted")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
	if _, err := store.OpenEntity(ctx, books.Standard("Bench LLC", "USD", "UTC")); err != nil {
		return err
	}
	begin := time.Now()
	for i := 0; i < million/5; i += postedAtime {
		var all []books.Transaction
		for k := i; k < min(i+postedAtime, million/5); k++ {
			all = append(all, posting(k))
		}
		if _, err := store.Post(ctx, all...); err != nil {
			return err
		}
	}
	took := time.Since(begin)
	bytes, err := size(dir)
	if err != nil {
		return err
	}
	plain, err := b.plainRows(ctx)
	if err != nil {
		return err
	}
	how := fmt.Sprintf("%d entries in transactions of five, %d transactions a commit", million, postedAtime)
	t.add(
		figure{Name: "entries posted", Value: perSecond(million, took), Unit: "entries/s", How: how}.above("the same rows into a bare table", plain),
		figure{Name: "bytes an entry", Value: float64(bytes) / million, Unit: "B/entry", How: how},
	)
	return b.proven(ctx, store, t)
}

// proven verifies the chain of a million entries three times.
func (b *bench) proven(ctx context.Context, store *ledger.Store, t *table) error {
	best := time.Duration(0)
	for range 3 {
		begin := time.Now()
		v, err := store.Verify(ctx, "Bench LLC")
		if err != nil || v.Lines != million {
			return fmt.Errorf("verify: %d entries: %w", v.Lines, err)
		}
		if took := time.Since(begin); best == 0 || took < best {
			best = took
		}
	}
	t.add(figure{Name: "chain of a million entries proven", Value: best.Seconds(), Unit: "s", How: "best of three: every transaction read, summed and hashed, every lock and paper checked"}.
		below("SHA-256 of 400 MB", hashing().Seconds()).atMost(verifyWall))
	return nil
}

// hashing is how long the hash alone takes over 400 bytes an entry.
func hashing() time.Duration {
	block := make([]byte, 400)
	begin := time.Now()
	for i := range million {
		block[0], block[1] = byte(i), byte(i>>8)
		h := sha256.Sum256(block)
		copy(block[2:], h[:])
	}
	return time.Since(begin)
}

// plainRows is how many rows of the same figures a bare table takes a second: no
// sums, no chain, no triggers, as many a commit.
func (b *bench) plainRows(ctx context.Context) (float64, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(b.work, "plain.db"))+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // a yardstick
	if _, err := db.ExecContext(ctx, "CREATE TABLE entry (id TEXT, line INTEGER, account TEXT, amount INTEGER, site TEXT, use TEXT, PRIMARY KEY (id, line)) WITHOUT ROWID"); err != nil {
		return 0, err
	}
	begin, rows := time.Now(), 0
	for i := 0; i < million/10; i += postedAtime {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		for k := i; k < min(i+postedAtime, million/10); k++ {
			n, err := plainRow(ctx, tx, k)
			if err != nil {
				return 0, errors.Join(err, tx.Rollback())
			}
			rows += n
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return perSecond(rows, time.Since(begin)), nil
}

// plainRow inserts the lines of one transaction by one statement.
func plainRow(ctx context.Context, tx *sql.Tx, k int) (int, error) {
	x := posting(k)
	var args []any
	for i, l := range x.Lines {
		args = append(args, x.ID, i, l.Account, l.Amount, l.Tags.Site, l.Tags.Use)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO entry VALUES "+strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?),", len(x.Lines)), ","), args...)
	return len(x.Lines), err
}
