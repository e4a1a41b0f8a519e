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
	"sluice/driver/contractfile"
	"sluice/driver/entityfile"
	"sluice/loop/billing"
	"sluice/store/ledger"
	"sluice/unit"
)

func newInvoice() *cobra.Command {
	var f invoiceFlags
	c := &cobra.Command{
		Use: "invoice", Short: "Tenants' bills: contract and readings to invoice, note, payment", Args: cobra.NoArgs,
		Long: `Bills tenants from their contract and their readings, and keeps what was issued,
paid and given up in the books. What is issued never changes: what becomes known
later is a credit note or a debit note. Running a command again changes nothing.

A month goes like this: 'check' shows what would be billed, 'issue' bills it,
'show' prints it, 'pay' books the money. docs/invoice.md walks through one.
` + exitHelp,
	}
	p := c.PersistentFlags()
	p.StringVar(&f.dir, "books", "", "folder of the books")
	p.StringVar(&f.dsn, "postgres", "", "the books are in PostgreSQL: its connection string")
	p.StringVar(&f.entity, "entity", "", "legal entity (default: the only one)")
	p.BoolVar(&f.json, "json", false, "print JSON")
	c.AddCommand(newInvoiceCheck(&f), newInvoiceIssue(&f), newInvoiceCredit(&f), newInvoicePay(&f), newInvoiceWriteOff(&f), newInvoicePrepay(&f),
		newInvoiceList(&f), newInvoiceShow(&f), newInvoiceSuspense(&f))
	return c
}

// invoiceFlags are those of every command on invoices.
type invoiceFlags struct {
	ledgerFlags
	entityFile string // opens the books of a new entity
}

// desk is where bills are made: the books and all in them that bills depend on.
type desk struct {
	store  *ledger.Store
	chart  books.Chart
	zone   *time.Location
	booked time.Time

	known    map[books.Hash]bool // papers that are filed
	readings []billing.Reading
	outages  []billing.Outage
	excuses  []billing.Exclusion
	// contracts are those that something was billed or prepaid under, by id: the last text of each.
	contracts map[string]*contractfile.File
	history   invoice.History
	parked    []ledger.Parked
	open      time.Time // nothing that happened before is booked any more
}

// withDesk opens the books for one command.
func withDesk(c *cobra.Command, f *invoiceFlags, do func(context.Context, *desk, io.Writer) error) (err error) {
	if (f.dir == "") == (f.dsn == "") {
		return input(errors.New("name the books: --books FOLDER, or --postgres with a connection string"))
	}
	store, err := ledger.Open(c.Context(), ledger.Config{Directory: f.dir, DSN: f.dsn})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	d, err := newDesk(c.Context(), store, f)
	if err != nil {
		return err
	}
	return do(c.Context(), d, c.OutOrStdout())
}

// newDesk lays out what open books say.
func newDesk(ctx context.Context, store *ledger.Store, f *invoiceFlags) (*desk, error) {
	d := &desk{store: store, booked: now(), known: map[books.Hash]bool{}, contracts: map[string]*contractfile.File{}}
	if err := d.find(ctx, f); err != nil {
		return nil, err
	}
	return d, d.load(ctx)
}

// find opens the entity of an entity file, or finds the one that is asked for.
func (d *desk) find(ctx context.Context, f *invoiceFlags) error {
	name := f.entity
	if f.entityFile != "" {
		e, err := entityfile.Load(f.entityFile)
		if err != nil {
			return input(err)
		}
		if _, err := d.store.OpenEntity(ctx, e.Chart); err != nil {
			return input(err)
		}
		name = e.Chart.Entity
	}
	if name == "" {
		all, err := d.store.Entities(ctx)
		if err != nil {
			return err
		}
		if len(all) != 1 {
			return input(fmt.Errorf("the books hold %d entities (%s): name one with --entity, or open one with 'sluice invoice issue --entity-file FILE'", len(all), strings.Join(all, ", ")))
		}
		name = all[0]
	}
	var err error
	if d.chart, err = d.store.Chart(ctx, name); err != nil {
		return input(err)
	}
	d.zone, err = time.LoadLocation(d.chart.Zone)
	return err
}

// load reads what was agreed, issued, paid, given up, parked and locked. Readings
// are many: a run reads them itself.
func (d *desk) load(ctx context.Context) error {
	if err := d.papers(ctx, "contract", "payment", "write-off"); err != nil {
		return err
	}
	for x, err := range d.store.Documents(ctx, d.chart.Entity) {
		if err != nil {
			return err
		}
		d.history.Documents = append(d.history.Documents, x)
	}
	locks, err := d.store.Locks(ctx, d.chart.Entity)
	if err != nil {
		return err
	}
	d.open = openFrom(locks)
	d.parked, err = d.store.Suspense(ctx, d.chart.Entity, true)
	return err
}

// papers reads the papers of some kinds into the desk.
func (d *desk) papers(ctx context.Context, kinds ...string) error {
	for _, kind := range kinds {
		for p, err := range d.store.Papers(ctx, d.chart.Entity, kind) {
			if err == nil {
				err = d.take(p)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// take reads a paper into the desk.
func (d *desk) take(p ledger.Paper) (err error) {
	d.known[p.Hash()] = true
	text := bytesReader(p.Body)
	switch p.Kind {
	case "usage":
		var more []billing.Reading
		more, err = contractfile.Usage(text, p.Name)
		d.readings = append(d.readings, more...)
	case "outage":
		var more []billing.Outage
		more, err = contractfile.Outages(text, p.Name)
		d.outages = append(d.outages, more...)
	case "exclusion":
		var more []billing.Exclusion
		more, err = contractfile.Exclusions(text, p.Name)
		d.excuses = append(d.excuses, more...)
	case "contract":
		var f *contractfile.File
		if f, err = contractfile.Read(text, p.Name); err == nil {
			d.contracts[f.ID] = f
		}
	case "payment":
		var x invoice.Payment
		x, err = invoice.ParsePayment(p.Body)
		d.history.Payments = append(d.history.Payments, x)
	case "write-off":
		var x invoice.WriteOff
		x, err = invoice.ParseWriteOff(p.Body)
		d.history.WriteOffs = append(d.history.WriteOffs, x)
	}
	return err
}

// openFrom is the end of the latest lock that stands: from then on is booked.
func openFrom(all []ledger.Locking) (from time.Time) {
	gone := map[int64]bool{}
	for _, l := range all {
		gone[l.Unlocks] = true
	}
	for _, l := range all {
		if l.Unlocks == 0 && !gone[l.Number] && l.To.After(from) {
			from = l.To
		}
	}
	return from
}

// dated is the day of a document or a payment, in the zone of the entity, and
// whether the books are open then.
func (d *desk) dated(text string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, text, d.zone)
	if err != nil {
		return at, input(fmt.Errorf("--date %q: write a day such as 2025-10-01", text))
	}
	if at.Before(d.open) {
		return at, input(fmt.Errorf("--date %s: %w: all before %s is closed: give a later date, or let two people open the period with 'sluice ledger unlock'",
			text, ledger.ErrLocked, d.open.In(d.zone).Format(time.DateOnly)))
	}
	return at, nil
}

// amount reads an amount that is above zero.
func (d *desk) amount(text string) (unit.Amount, error) {
	v, err := books.Asset(d.chart.Currency).Parse(strings.ReplaceAll(text, ",", ""))
	if err == nil && v <= 0 {
		err = errors.New("it is above zero")
	}
	if err != nil {
		return 0, input(fmt.Errorf("--amount %q: %w", text, err))
	}
	return unit.Amount(v), nil
}

// ensure adds the accounts that a bill needs to the chart. Books that an older
// program opened get the accounts that it did not know.
func (d *desk) ensure(ctx context.Context, names ...string) error {
	want := books.Standard(d.chart.Entity, d.chart.Currency, d.chart.Zone).With(names...)
	if !slices.ContainsFunc(want.Accounts, func(a books.Account) bool { _, ok := d.chart.Find(a.Name); return !ok }) {
		return nil
	}
	chart, err := d.store.OpenEntity(ctx, want)
	if err == nil {
		d.chart = chart
	}
	return err
}

// bank is the account that money comes to.
func (d *desk) bank(id string) (string, error) {
	var all []string
	for _, a := range d.chart.Accounts {
		if name, ok := strings.CutPrefix(a.Name, books.Bank("X")[:len(books.Bank("X"))-1]); ok {
			all = append(all, name)
		}
	}
	if id == "" && len(all) == 1 {
		return all[0], nil
	}
	if id == "" || !slices.Contains(all, books.Part(id)) {
		return "", input(fmt.Errorf("--bank %q: name one of the accounts of %s: %s", id, d.chart.Entity, strings.Join(all, ", ")))
	}
	return books.Part(id), nil
}

// document finds a document by its number.
func (d *desk) document(text string) (invoice.Document, error) {
	n, err := invoice.ParseNumber(text)
	if err != nil {
		return invoice.Document{}, input(err)
	}
	for _, x := range d.history.Documents {
		if x.Number == n {
			return x, nil
		}
	}
	return invoice.Document{}, input(fmt.Errorf("document %s: %w: 'sluice invoice list' shows those that were issued", n, ledger.ErrUnknown))
}

// issuedBy names the release of what a run settled; a person has another name.
const issuedBy = "sluice invoice"
