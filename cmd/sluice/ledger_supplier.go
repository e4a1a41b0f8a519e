package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/statement"
	"sluice/books/supplier"
	"sluice/store/ledger"
	"sluice/unit"
)

// supplierFlags say which statement is held against the books.
type supplierFlags struct {
	vendor, file, id, site, by string
	items                      map[string]string
	book                       bool
	text                       []byte
}

func newLedgerSupplier(f *ledgerFlags) *cobra.Command {
	var x supplierFlags
	c := &cobra.Command{
		Use:  "supplier --books FOLDER --vendor NAME --statement FILE --id NUMBER --period 2025-09 [--book --by NAME]",
		Args: cobra.NoArgs, Short: "Hold a supplier's final statement against what was metered and accrued",
		Long: `Holds the final statement of a supplier of power against what the books have of the
period, item by item, and says of each difference how much is quantity and how much
is price. The statement is CSV with the columns item,energy_mwh,amount; the items
that the books know are energy, demand, fixed and sold (what is fed in or sold back,
below zero). --item names the account of a further one.

With --book the difference is booked against what is owed to the vendor, in the
period if it is open, or else in the open one with the period that it belongs to. An
item that nobody knows goes to the suspense account and is parked. The statement is
filed as a paper; the same one again changes nothing, and another one of the same
number is refused. A later statement of the same period is held against this one.
` + exitHelp,
		Example: `  sluice ledger supplier --books books --vendor retailer --period 2025-09 --statement 2025-09.csv --id INV-2025-09
  sluice ledger supplier --books books --vendor retailer --period 2025-09 --statement 2025-09.csv --id INV-2025-09 \
    --item "late fee=Expenses:Power:Fees" --book --by anna`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				r, err := x.compare(ctx, f, s)
				if err != nil {
					return err
				}
				if x.book {
					if err := r.book(ctx); err != nil {
						return err
					}
				}
				if f.json {
					return printJSON(w, r.view())
				}
				r.print(w)
				return nil
			})
		},
	}
	p := c.Flags()
	p.StringVar(&x.vendor, "vendor", "", "who supplies, as in its account Liabilities:Payable:NAME")
	p.StringVar(&x.file, "statement", "", "CSV file")
	p.StringVar(&x.id, "id", "", "number of the statement")
	p.StringVar(&x.site, "site", "", "site, where the books have several")
	p.StringToStringVar(&x.items, "item", nil, "ITEM=ACCOUNT of an item that is none of the usual ones; may be repeated")
	p.BoolVar(&x.book, "book", false, "book the difference")
	p.StringVar(&x.by, "by", "", "who books")
	return c
}

// usualItems are the items of a bill, by the account that they are booked to.
func usualItems() map[string]string {
	return map[string]string{books.PowerEnergy: "energy", books.PowerDemand: "demand", books.PowerFees: "fixed", books.ExportedEnergy: "sold"}
}

// accrued reports whether a transaction of that kind is part of the estimate.
func accrued(kind string) bool {
	return slices.Contains([]string{"power metered", "demand", "fixed charges", "power sold"}, kind)
}

// supplierAudit is a statement held against the books.
type supplierAudit struct {
	x           *supplierFlags
	s           *shelf
	paper       ledger.Paper
	estimate    supplier.Statement
	final       supplier.Statement
	differences []supplier.Difference
	accounts    map[string]string // by item
	against     string            // what the estimate is made from
	metered     int               // days whose energy was found
	days        int
	stands      bool // the statement was booked before
	booked      string
	unknown     []supplier.Difference
}

// check tells what is wrong with the flags.
func (x *supplierFlags) check(f *ledgerFlags, s *shelf) error {
	if x.vendor == "" || x.file == "" || x.id == "" || f.period == "" {
		return errors.New("name the vendor with --vendor, the statement with --statement, its number with --id, and the period with --period")
	}
	var faults []error
	if len(x.id) > 100 || strings.ContainsFunc(x.id, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		faults = append(faults, fmt.Errorf("--id %q: at most 100 bytes without blanks", clean(x.id)))
	}
	if x.book && strings.TrimSpace(x.by) == "" {
		faults = append(faults, errors.New("--book: say who books with --by"))
	}
	if _, ok := s.chart.Find(books.Vendor(x.vendor)); !ok {
		faults = append(faults, fmt.Errorf("%w: %s: correct --vendor, or add it under accounts in a file for 'sluice ledger post'", books.ErrAccount, books.Vendor(x.vendor)))
	}
	for item, account := range x.items {
		if a, ok := s.chart.Find(account); !ok || a.Asset != books.Asset(s.chart.Currency) {
			faults = append(faults, fmt.Errorf("--item %s: %w: %q", item, books.ErrAccount, account))
		}
	}
	var err error
	if x.text, err = slurp(x.file); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// compare reads the statement and what the books have, and holds them together.
func (x *supplierFlags) compare(ctx context.Context, f *ledgerFlags, s *shelf) (*supplierAudit, error) {
	if err := x.check(f, s); err != nil {
		return nil, input(err)
	}
	r := &supplierAudit{x: x, s: s, accounts: map[string]string{}}
	for account, item := range usualItems() {
		r.accounts[item] = account
	}
	maps.Copy(r.accounts, x.items)
	lines, err := supplier.Read(bytes.NewReader(bytes.TrimPrefix(x.text, []byte("\xef\xbb\xbf"))), s.chart.Currency)
	if err != nil {
		return nil, input(fmt.Errorf("%s: %w", x.file, err))
	}
	if len(lines) == 0 {
		return nil, input(fmt.Errorf("%s: %w: it has no line", x.file, supplier.ErrStatement))
	}
	r.final = supplier.Statement{ID: x.id, From: s.from, To: s.to, Currency: s.chart.Currency, Lines: lines}
	r.paper = ledger.Paper{Kind: "supplier statement", Name: fmt.Sprintf("%s / %s / %s", books.Part(x.vendor), x.id, s.from.Format("2006-01")), Body: x.text}
	r.estimate = supplier.Statement{From: s.from, To: s.to, Currency: s.chart.Currency}
	if err := r.earlier(ctx); err != nil {
		return nil, err
	}
	r.differences, err = supplier.Compare(r.estimate, r.final)
	for _, d := range r.differences {
		if _, known := r.accounts[d.Item]; !known && d.Off != 0 {
			r.unknown = append(r.unknown, d)
		}
	}
	return r, input(err)
}

// earlier is the estimate: the last statement of the period that was booked before
// this one, or what was metered and accrued.
func (r *supplierAudit) earlier(ctx context.Context) error {
	var accruals []books.Sealed
	var last books.Sealed
	reversed := map[string]bool{}
	id := supplier.ID(r.s.chart.Entity, books.Vendor(r.x.vendor), r.x.id)
	var all []books.Sealed
	for t, err := range r.s.store.Transactions(ctx, ledger.Query{Entity: r.s.chart.Entity, From: r.s.from}) {
		if err != nil {
			return err
		}
		if t.Reverses != "" {
			reversed[t.Reverses] = true
		}
		if accrued(t.Kind) || t.Kind == supplier.Kind {
			all = append(all, t)
		}
	}
	for _, t := range all {
		switch {
		case t.Standing != books.Posted || t.Reverses != "" || reversed[t.ID]:
		case t.ID == id:
			r.stands = true
			if t.Evidence != r.paper.Hash() {
				return input(fmt.Errorf("statement %s of %s was booked from another file (paper %x), and this one says something else: give it a number of its own: %w", r.x.id, r.x.vendor, t.Evidence, ledger.ErrConflict))
			}
		case t.Kind == supplier.Kind && !r.stands && t.Belongs == r.s.from.Format("2006-01") && r.mine(t):
			last = t
		case accrued(t.Kind) && t.At.Before(r.s.to):
			accruals = append(accruals, t)
		}
	}
	if err := r.named(ctx); err != nil {
		return err
	}
	if last.ID != "" {
		return r.previous(ctx, last)
	}
	return r.accrued(ctx, accruals)
}

// mine reports whether a booked statement is of this vendor and site.
func (r *supplierAudit) mine(t books.Sealed) bool {
	vendor, site := false, r.x.site == ""
	for _, l := range t.Lines {
		vendor = vendor || l.Account == books.Vendor(r.x.vendor)
		site = site || l.Tags.Site == r.x.site
	}
	return vendor && site
}

// named refuses another file under the number of one that was filed, which may
// have had nothing to book.
func (r *supplierAudit) named(ctx context.Context) error {
	for p, err := range r.s.store.Papers(ctx, r.s.chart.Entity, r.paper.Kind) {
		if err != nil {
			return err
		}
		vendor, rest, _ := strings.Cut(p.Name, " / ")
		id, _, _ := strings.Cut(rest, " / ")
		if vendor == books.Part(r.x.vendor) && id == r.x.id && p.Hash() != r.paper.Hash() {
			return input(fmt.Errorf("statement %s of %s was filed from another file (paper %x), and this one says something else: give it a number of its own: %w", r.x.id, r.x.vendor, p.Hash(), ledger.ErrConflict))
		}
	}
	return nil
}

// previous takes the lines of a statement that was booked for the estimate.
func (r *supplierAudit) previous(ctx context.Context, t books.Sealed) error {
	p, err := r.s.store.Paper(ctx, r.s.chart.Entity, t.Evidence)
	if err != nil {
		return fmt.Errorf("evidence of %s: %w", t.ID, err)
	}
	r.against = t.Source
	r.estimate.Lines, err = supplier.Read(bytes.NewReader(bytes.TrimPrefix(p.Body, []byte("\xef\xbb\xbf"))), r.s.chart.Currency)
	return err
}

// accrued adds up what was metered and accrued, and finds the energy of it.
func (r *supplierAudit) accrued(ctx context.Context, all []books.Sealed) error {
	r.against = fmt.Sprintf("%d transactions of what was metered and accrued", len(all))
	items, sums := usualItems(), map[string]unit.Amount{}
	for _, t := range all {
		for _, l := range t.Lines {
			item, known := items[l.Account]
			if !known || r.x.site != "" && l.Tags.Site != r.x.site {
				continue
			}
			sum, fits := books.Add(int64(sums[item]), l.Amount)
			if !fits {
				return fmt.Errorf("%s of the period: %w", item, books.ErrOverflow)
			}
			sums[item] = unit.Amount(sum)
		}
	}
	energy, err := r.energy(ctx)
	if err != nil {
		return err
	}
	for _, item := range []string{"energy", "demand", "fixed", "sold"} {
		l := supplier.Line{Item: item, Amount: sums[item]}
		if item == "energy" {
			l.Energy = energy
		}
		if l.Amount != 0 || l.Energy != 0 {
			r.estimate.Lines = append(r.estimate.Lines, l)
		}
	}
	return nil
}

// energy is what the meter of the site drew in the period, from the papers of its
// days; zero where a day is missing, because part of it would be no quantity.
func (r *supplierAudit) energy(ctx context.Context) (unit.Energy, error) {
	var papers []statement.Day
	for p, err := range r.s.store.Papers(ctx, r.s.chart.Entity, "day") {
		if err != nil {
			return 0, err
		}
		d, err := statement.ParseDay(p.Body)
		if err != nil {
			return 0, fmt.Errorf("paper %x: %w", p.Hash(), err)
		}
		if r.x.site == "" || d.Site == r.x.site {
			papers = append(papers, d)
		}
	}
	var sum unit.Energy
	days := map[string]bool{}
	for _, d := range statement.Within(papers, r.s.from, r.s.to) {
		sum += d.Import
		days[d.Day] = true
	}
	for at := r.s.from; at.Before(r.s.to); at = at.AddDate(0, 0, 1) {
		r.days++
	}
	if r.metered = len(days); r.metered < r.days {
		return 0, nil
	}
	return sum, nil
}

// book books the difference, files the statement and parks what nobody knows.
func (r *supplierAudit) book(ctx context.Context) error {
	if r.stands {
		r.booked = "booked before, nothing new"
		return nil
	}
	locked, err := r.s.lockedUntil(ctx)
	if err != nil {
		return err
	}
	at, _ := dated(r.s.to.Add(-time.Second), locked, r.s.zone)
	b := supplier.Booking{
		Entity: r.s.chart.Entity, Vendor: books.Vendor(r.x.vendor), Accounts: r.accounts, At: at, Booked: now(), Evidence: r.paper.Hash(),
		Tags: books.Tags{Site: r.x.site},
	}
	batch := ledger.Batch{Entity: r.s.chart.Entity, Papers: []ledger.Paper{r.paper}}
	t, some := supplier.Book(b, r.final, r.differences)
	if some {
		t.Narration = "booked by " + r.x.by
		batch.Transactions = append(batch.Transactions, t)
	}
	for _, d := range r.unknown {
		batch.Parked = append(batch.Parked, ledger.Parked{
			ID: books.DerivedID("parked supplier line", b.Entity, b.Vendor, r.x.id, d.Item), Kind: "supplier line", Reason: "unknown_item",
			Says: fmt.Sprintf("%s, statement %s: item %s of %s %s stands in %s: name its account with --item, or move it with 'sluice ledger post'", r.x.vendor, r.x.id, d.Item, books.Asset(r.s.chart.Currency).Text(int64(d.Off)), r.s.chart.Currency, books.Suspense),
			At:   at, Booked: b.Booked, Paper: r.paper.Hash(),
		})
	}
	if _, err := r.s.store.Book(ctx, batch); err != nil {
		return input(err)
	}
	r.booked = "nothing is off, the statement is filed"
	if some {
		r.booked = "booked on " + at.In(r.s.zone).Format(time.DateOnly) + " as " + t.ID
	}
	return nil
}

// supplierView is a comparison for programs; amounts are text.
type supplierView struct {
	Vendor   string             `json:"vendor"`
	ID       string             `json:"statement"`
	From     time.Time          `json:"from"`
	To       time.Time          `json:"to"`
	Against  string             `json:"against"`
	Currency unit.Currency      `json:"currency"`
	Items    []supplierItemView `json:"items"`
	Off      string             `json:"off"`
	Paper    string             `json:"evidence_sha256"`
	Stands   bool               `json:"booked_before"`
	Booked   string             `json:"booked,omitempty"`
}

type supplierItemView struct {
	Item      string `json:"item"`
	Account   string `json:"account"`
	Estimated string `json:"estimated"`
	Final     string `json:"final"`
	MWh       string `json:"estimated_mwh,omitempty"`
	FinalMWh  string `json:"final_mwh,omitempty"`
	Off       string `json:"off"`
	Quantity  string `json:"quantity"`
	Price     string `json:"price"`
	Says      string `json:"says,omitempty"`
}

func (r *supplierAudit) view() supplierView {
	own := books.Asset(r.s.chart.Currency)
	text := func(a unit.Amount) string { return own.Text(int64(a)) }
	v := supplierView{
		Vendor: r.x.vendor, ID: r.x.id, From: r.s.from, To: r.s.to, Against: r.against, Currency: r.s.chart.Currency, Items: []supplierItemView{},
		Paper: hashText(r.paper.Hash()), Stands: r.stands, Booked: r.booked,
	}
	var sum unit.Amount
	for _, d := range r.differences {
		account := r.accounts[d.Item]
		if account == "" {
			account = books.Suspense
		}
		sum += d.Off
		v.Items = append(v.Items, supplierItemView{
			Item: d.Item, Account: account, Estimated: text(d.Estimated.Amount), Final: text(d.Final.Amount), MWh: megawattHours(d.Estimated.Energy), FinalMWh: megawattHours(d.Final.Energy),
			Off: text(d.Off), Quantity: text(d.Quantity), Price: text(d.Price), Says: d.Says,
		})
	}
	v.Off = text(sum)
	return v
}

// megawattHours prints energy; none is left out.
func megawattHours(e unit.Energy) string {
	if e == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", e.MWh())
}

func (r *supplierAudit) print(w io.Writer) {
	fmt.Fprintf(w, "%s, statement %s, %s to before %s, in %s\n  against %s\n", harmless(r.x.vendor), harmless(r.x.id), r.s.from.Format(time.DateOnly), r.s.to.Format(time.DateOnly), r.s.chart.Currency, harmless(r.against))
	fmt.Fprintf(w, "  %-16s %12s %12s %16s %16s %14s %14s %14s\n", "item", "MWh", "MWh final", "estimated", "final", "off", "of quantity", "of price")
	var off unit.Amount
	for _, d := range r.differences {
		off += d.Off
		fmt.Fprintf(w, "  %-16s %12s %12s %16s %16s %14s %14s %14s", clean(d.Item), megawattHours(d.Estimated.Energy), megawattHours(d.Final.Energy),
			money(d.Estimated.Amount), money(d.Final.Amount), money(d.Off), money(d.Quantity), money(d.Price))
		if d.Says != "" {
			fmt.Fprintf(w, "  %s", d.Says)
		}
		if slices.ContainsFunc(r.unknown, func(u supplier.Difference) bool { return u.Item == d.Item }) {
			fmt.Fprintf(w, "; goes to %s", books.Suspense)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "  off in all %s\n", strings.TrimSpace(money(off)))
	if r.metered < r.days {
		fmt.Fprintf(w, "  note: the books have the metered energy of %d of %d days, so quantity and price are not told apart\n", r.metered, r.days)
	}
	if r.booked != "" {
		fmt.Fprintf(w, "  %s; paper %x\n", r.booked, r.paper.Hash())
	} else if r.stands {
		fmt.Fprintf(w, "  booked before from the same paper %x\n", r.paper.Hash())
	}
}
