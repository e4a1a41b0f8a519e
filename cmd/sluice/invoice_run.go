package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/driver/contractfile"
	"sluice/loop/billing"
	"sluice/store/ledger"
	"sluice/unit"
)

// runFlags say what is billed and what is delivered with it.
type runFlags struct {
	json                           bool
	contract, period, date, reason string
	usage, outages, exclusions     []string
	gaps                           bool
}

func (r *runFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&r.contract, "contract", "", "contract file, or a shipped example: colocation, gpu-reserved")
	f.StringVar(&r.period, "period", "", "calendar month, such as 2025-09")
	f.StringArrayVar(&r.usage, "usage", nil, "readings: CSV with contract,meter,component,start,end,quantity,unit[,revision,estimated]; repeat it for more files")
	f.StringArrayVar(&r.outages, "outages", nil, "when parts were down: CSV with contract,part,from,to,evidence")
	f.StringArrayVar(&r.exclusions, "exclusions", nil, "what is claimed not to count: CSV with contract,part,cause,from,to[,announced,evidence]")
}

func newInvoiceCheck(f *invoiceFlags) *cobra.Command {
	var r runFlags
	c := &cobra.Command{
		Use: "check --contract FILE --period 2025-09 [--usage FILE]", Short: "What would be billed for a month, without keeping anything", Args: cobra.NoArgs,
		Long: `Rates a month and keeps nothing: the lines, where readings are missing, what could
not be billed and why, and the availability with the credit for it. With --books,
what was filed before counts too, and the next document is shown as a draft.
` + exitHelp,
		Example: `  sluice invoice check --contract colocation --usage september.csv --period 2025-09
  sluice invoice check --books books --contract hall-2.yaml --period 2025-09 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			k, err := contractfile.Load(r.contract)
			if err != nil {
				return input(err)
			}
			r.json = f.json
			if f.dir == "" && f.dsn == "" {
				zone := k.Zone
				d := &desk{chart: books.Chart{Entity: k.Seller.Name, Currency: k.Currency}, zone: zone, booked: now(), known: map[books.Hash]bool{}, contracts: map[string]*contractfile.File{}}
				return checkBill(c.Context(), d, c.OutOrStdout(), k, r)
			}
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error { return checkBill(ctx, d, w, k, r) })
		},
	}
	r.add(c)
	_ = c.MarkFlagRequired("contract")
	_ = c.MarkFlagRequired("period")
	return c
}

// checkBill runs a month and prints it.
func checkBill(ctx context.Context, d *desk, w io.Writer, k *contractfile.File, r runFlags) error {
	b, err := d.bill(ctx, k, r)
	if err != nil {
		return err
	}
	b.in.Provisional = true
	b.in.At = time.Unix(b.in.Period.To, 0)
	result, err := billing.Run(b.in)
	if err != nil {
		return input(err)
	}
	b.cleared = result.Cleared
	if r.json {
		return printJSON(w, b.view(result, nil))
	}
	b.print(w, result)
	return nil
}

func newInvoiceIssue(f *invoiceFlags) *cobra.Command {
	var r runFlags
	c := &cobra.Command{
		Use: "issue --books FOLDER --contract FILE --period 2025-09 --date 2025-10-01 [--usage FILE]", Short: "Bill a month: the invoice, or a note of what became known since", Args: cobra.NoArgs,
		Long: `Files the readings, parks what cannot be billed, earns the month and issues its
invoice, all in one commit. Where the month was invoiced already, what became known
since is issued as a credit note or a debit note that refers to the invoice; where
nothing is new, nothing is issued. So the same command may be run any number of
times, after an interruption too.

What sites accrued of the contract in the month is taken back in the same commit, so
that the month is earned once; what comes to be accrued of it later is not booked.

Where readings are missing nothing is issued, unless --accept-gaps says so: then
what is known is billed, marked as estimated, and corrected by a note later.
` + exitHelp,
		Example: `  sluice invoice issue --books books --entity-file houston --contract colocation --usage september.csv --period 2025-09 --date 2025-10-01
  sluice invoice issue --books books --contract hall-2.yaml --usage corrected.csv --period 2025-09 --date 2025-10-20`,
		RunE: func(c *cobra.Command, _ []string) error {
			k, err := contractfile.Load(r.contract)
			if err != nil {
				return input(err)
			}
			r.json = f.json
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error { return issueBill(ctx, d, w, k, r) })
		},
	}
	r.add(c)
	p := c.Flags()
	p.StringVar(&r.date, "date", "", "day of the document, such as 2025-10-01")
	p.StringVar(&r.reason, "reason", "", "of a note (default: what changed)")
	p.BoolVar(&r.gaps, "accept-gaps", false, "bill what is known where readings are missing, as estimated")
	p.StringVar(&f.entityFile, "entity-file", "", "open the books of this entity first: entity file, or the shipped example houston")
	for _, name := range []string{"contract", "period", "date"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

// bill is a month on the desk and what is to be filed with it.
type bill struct {
	in      billing.Input
	file    *contractfile.File
	papers  []ledger.Paper
	cleared []books.Transaction // what took accruals of sites back
	strange []string            // names under which sites accrued the month and nothing was ever billed
}

// bill lays a month on the desk: the contract, what was delivered and what is known.
func (d *desk) bill(ctx context.Context, k *contractfile.File, r runFlags) (*bill, error) {
	if k.Seller.Name != d.chart.Entity || k.Currency != d.chart.Currency {
		return nil, input(fmt.Errorf("the contract is with %q in %s, and the books are those of %q in %s: name the other entity with --entity, or correct seller and currency",
			k.Seller.Name, k.Currency, d.chart.Entity, d.chart.Currency))
	}
	month, err := time.ParseInLocation("2006-01", r.period, k.Zone)
	if err != nil {
		return nil, input(fmt.Errorf("--period %q: write a calendar month such as 2025-09", r.period))
	}
	if d.store != nil {
		if err := d.papers(ctx, "usage", "outage", "exclusion"); err != nil {
			return nil, err
		}
	}
	b := &bill{file: k}
	if err := d.deliver(b, r); err != nil {
		return nil, err
	}
	b.in = billing.Input{
		Contract: k.Contract, Period: k.Month(month), Readings: d.readings, Outages: d.outages, Exclusions: d.excuses, Documents: d.history.Documents,
		Open: d.open, Booked: d.booked, Provisional: r.gaps, Reason: r.reason, Known: slices.Sorted(maps.Keys(d.contracts)),
	}
	for _, p := range d.parked {
		switch {
		case p.Released == nil:
			b.in.Waiting = append(b.in.Waiting, p.ID)
		case p.Kind == "usage" && p.Released.By != issuedBy:
			b.in.Dropped = append(b.in.Dropped, billing.Subject(p.ID))
		}
	}
	if d.store != nil {
		b.in.Prepaid, err = d.prepaid(ctx, k.ID)
	}
	if d.store != nil && err == nil {
		err = d.accrued(ctx, b)
	}
	return b, err
}

// accrued reads what sites accrued of the contract, all that took something back, and
// under which other names they accrued the month.
func (d *desk) accrued(ctx context.Context, b *bill) error {
	month := b.in.Contract.Accrual(b.in.Period)
	for t, err := range d.store.Transactions(ctx, ledger.Query{Entity: d.chart.Entity}) {
		if err != nil {
			return err
		}
		name := accrual.Contract(t.Transaction)
		if t.Reverses != "" || name == b.file.ID {
			b.in.Accrued = append(b.in.Accrued, t.Transaction)
			continue
		}
		inside := !t.At.Before(month.From) && t.At.Before(month.To)
		if name != "" && inside && d.contracts[name] == nil && !slices.Contains(b.strange, name) {
			b.strange = append(b.strange, name)
		}
	}
	if len(month.Within(b.in.Accrued)) > 0 {
		b.strange = nil
	}
	return nil
}

// deliver reads the files of a run; those that are filed already count once.
func (d *desk) deliver(b *bill, r runFlags) error {
	var faults []error
	take := func(p ledger.Paper) {
		if d.known[p.Hash()] {
			return
		}
		if err := d.take(p); err != nil {
			faults = append(faults, err)
		}
		b.papers = append(b.papers, p)
	}
	take(ledger.Paper{Kind: "contract", Name: b.file.ID, Body: b.file.Text})
	for _, x := range []struct {
		kind  string
		names []string
	}{{"usage", r.usage}, {"outage", r.outages}, {"exclusion", r.exclusions}} {
		for _, name := range x.names {
			body, err := os.ReadFile(filepath.Clean(name))
			if err != nil {
				faults = append(faults, err)
				continue
			}
			take(ledger.Paper{Kind: x.kind, Name: filepath.Base(name), Body: body})
		}
	}
	return input(errors.Join(faults...))
}

// prepaid is what is left of what was paid in advance under a contract.
func (d *desk) prepaid(ctx context.Context, contract string) (left unit.Amount, err error) {
	all, err := d.store.Balances(ctx, ledger.Query{Entity: d.chart.Entity})
	for _, b := range all {
		if b.Account == books.Deferred && b.Tags.Contract == contract {
			left -= unit.Amount(b.Amount)
		}
	}
	return max(0, left), err
}

// issueBill bills a month until nothing is new.
func issueBill(ctx context.Context, d *desk, w io.Writer, k *contractfile.File, r runFlags) error {
	b, err := d.bill(ctx, k, r)
	if err != nil {
		return err
	}
	if b.in.At, err = d.dated(r.date); err != nil {
		return err
	}
	issued, result, err := d.settle(ctx, b)
	if err != nil {
		return b.refusal(result, err)
	}
	for _, id := range result.Settled {
		if err := d.store.Release(ctx, d.chart.Entity, id, ledger.Released{At: d.booked, By: issuedBy, Why: "it is billed now, or came to a contract that is known"}); err != nil {
			return err
		}
	}
	if r.json {
		return printJSON(w, b.view(result, issued))
	}
	b.printIssued(w, result, issued)
	return nil
}

// refusal adds to an error what the clerk has to know about it.
func (b *bill) refusal(result billing.Result, err error) error {
	if errors.Is(err, billing.ErrGaps) {
		for i, g := range result.Gaps {
			if i == 10 {
				err = fmt.Errorf("%w\nand %d more", err, len(result.Gaps)-i)
				break
			}
			err = fmt.Errorf("%w\n%s", err, b.gap(g))
		}
		return input(fmt.Errorf("%w\nnothing was issued or filed: deliver them with --usage, or bill what is known with --accept-gaps", err))
	}
	for _, ours := range []error{
		billing.ErrPeriod, billing.ErrEarly, billing.ErrLate, rate.ErrInput, rate.ErrContract, rate.ErrVersions, rate.ErrConflict, rate.ErrPrice, rate.ErrOverflow,
		invoice.ErrDocument, ledger.ErrLocked, ledger.ErrInvalid, errTooMuch,
	} {
		if errors.Is(err, ours) {
			return input(err)
		}
	}
	return err
}

// errTooMuch is a delivery that cannot be meant.
var errTooMuch = errors.New("too many readings cannot be billed: are contract, meters and units right?")

// parkedMost readings are parked at once.
const parkedMost = 5000

// settle issues documents until nothing is new, and files what came with them. The
// invoice and a note on its service level are two documents, so there are rounds.
func (d *desk) settle(ctx context.Context, b *bill) ([]invoice.Document, billing.Result, error) {
	var issued []invoice.Document
	for {
		b.in.Documents = d.history.Documents
		result, err := billing.Run(b.in)
		if err != nil {
			return issued, result, err
		}
		if len(result.Parked) > parkedMost {
			return issued, result, fmt.Errorf("%d readings, the first: %s: %w", len(result.Parked), result.Parked[0].Says, errTooMuch)
		}
		if err := d.ensure(ctx, books.Customer(b.file.Customer.ID)); err != nil {
			return issued, result, err
		}
		with := ledger.Batch{Entity: d.chart.Entity, Papers: b.papers, Transactions: slices.Concat(result.Cleared, result.Transactions), Parked: d.parking(result.Parked)}
		b.cleared, b.in.Accrued = append(b.cleared, result.Cleared...), append(b.in.Accrued, result.Cleared...)
		if result.Draft == nil {
			if len(with.Papers)+len(with.Parked)+len(with.Transactions) > 0 {
				_, err = d.store.Book(ctx, with)
			}
			return issued, result, err
		}
		text, err := result.Draft.Canonical()
		if err != nil {
			return issued, result, err
		}
		with.Papers = append(with.Papers, ledger.Paper{Kind: "rating", Name: b.file.ID + " " + b.month(), Body: text})
		x, err := d.store.Issue(ctx, b.file.Series, *result.Draft, b.in.At, d.booked, with)
		if err != nil {
			return issued, result, err
		}
		if len(issued) > 4 {
			return issued, result, fmt.Errorf("%d documents of one month, and no end: keep the books and report it", len(issued))
		}
		issued, b.papers = append(issued, x), nil
		d.history.Documents = append(d.history.Documents, x)
	}
}

// parking is what is new of what is parked.
func (d *desk) parking(all []billing.Parked) (out []ledger.Parked) {
	for _, p := range all {
		if !slices.ContainsFunc(d.parked, func(x ledger.Parked) bool { return x.ID == p.ID }) {
			out = append(out, ledger.Parked{ID: p.ID, Kind: p.Kind, Reason: p.Reason, Says: p.Says, At: p.At, Booked: d.booked, Paper: p.Paper})
		}
	}
	return out
}

func (b *bill) month() string {
	return time.Unix(b.in.Period.From, 0).In(b.file.Zone).Format("2006-01")
}

// gap is where a meter said nothing.
func (b *bill) gap(g rate.Gap) string {
	meter := "meter " + g.Meter
	if g.Meter == "" {
		meter = "every meter"
	}
	at := func(s int64) string { return time.Unix(s, 0).In(b.file.Zone).Format("2006-01-02 15:04:05 MST") }
	return fmt.Sprintf("%s of %s is missing from %s to %s", g.Component, meter, strings.Replace(at(g.Span.From), ":00 ", " ", 1), strings.Replace(at(g.Span.To), ":00 ", " ", 1))
}
