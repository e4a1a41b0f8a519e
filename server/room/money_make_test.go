package room

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/lot"
	"sluice/books/statement"
	"sluice/driver/contractfile"
	"sluice/people"
	"sluice/store/ledger"
	"sluice/unit"
)

const company = "Houston Hash LLC"

// autumn is noon of a day of September 2025 in Chicago.
func autumn(day int) time.Time { return time.Date(2025, 9, day, 17, 0, 0, 0, time.UTC) }

// cabinet is books that are written by hand, and the room in which they are read.
type cabinet struct {
	*world
	ledger *ledger.Store
	chart  books.Chart
	price  books.Price
	number string // of the invoice
	clerk  *guest // finance of the site, once somebody asks
}

// newCabinet is books of three days of mining, a tenant, and what a company has besides.
// The room reads them while they are open to write.
func newCabinet(t *testing.T) *cabinet {
	t.Helper()
	dir := t.TempDir()
	s, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	lib := NewLibrary()
	c := &cabinet{world: newWorld(t, func(c *Config) { c.Books = lib }), ledger: s}
	c.hosted()
	c.chart, err = s.OpenEntity(t.Context(), books.Standard(company, "USD", "America/Chicago").With(books.Bank("main"), books.Pool("pool"), books.Wallet("hot"), books.Customer("borealis")))
	c.must(err)
	c.fill()
	r, err := ledger.OpenReader(t.Context(), ledger.Config{Directory: dir})
	c.must(err)
	t.Cleanup(func() { _ = r.Close() })
	c.must(lib.Attach(Book{Name: "houston", Site: "houston", Entity: company, Ledger: r, Pen: func(ctx context.Context) (*ledger.Store, error) {
		return ledger.Open(ctx, ledger.Config{Directory: dir})
	}}))
	return c
}

// hosted adds the routes of money and hosting where the table has none yet.
func (w *world) hosted() {
	for id, add := range map[string]func(){"listBooks": w.room.serveMoney, "listHalls": w.room.serveHosting} {
		if !slices.ContainsFunc(w.room.routes, func(t route) bool { return t.id == id }) {
			add()
		}
	}
	w.shell = w.room.Handler()
}

// booked is a transaction of a day.
func booked(kind string, day int, evidence books.Hash, lines ...books.Line) books.Transaction {
	return books.Transaction{
		ID: fmt.Sprintf("%s/%d", strings.ReplaceAll(kind, " ", "-"), day), Entity: company, Kind: kind, Standing: books.Posted, At: autumn(day), Booked: autumn(day), Source: kind + " of the day",
		Evidence: evidence, Lines: lines,
	}
}

func dollars(n float64) int64 { return int64(n * 1e6) }

// fill books everything.
func (c *cabinet) fill() {
	c.Helper()
	tags := books.Tags{Site: "houston", Use: "mining", Model: "S21"}
	c.book(nil,
		booked("capital", 1, books.Hash{}, books.Line{Account: books.Bank("main"), Amount: dollars(900_000)}, books.Line{Account: books.Opening, Amount: -dollars(900_000)}),
		booked("wages", 2, books.Hash{}, books.Line{Account: books.SitesOwn, Amount: dollars(7_000), Tags: tags}, books.Line{Account: books.Bank("main"), Amount: -dollars(7_000)}),
		booked("overhead", 2, books.Hash{}, books.Line{Account: books.Overhead, Amount: dollars(3_000.333333)}, books.Line{Account: books.Bank("main"), Amount: -dollars(3_000.333333)}),
		booked("depreciation", 2, books.Hash{}, books.Line{Account: books.Depreciation, Amount: dollars(1_234.5), Tags: tags}, books.Line{Account: books.Accumulated, Amount: -dollars(1_234.5)}),
		booked("interest", 2, books.Hash{}, books.Line{Account: books.InterestPaid, Amount: dollars(88)}, books.Line{Account: books.Bank("main"), Amount: -dollars(88)}),
	)
	for day := 1; day <= 3; day++ {
		c.mined(day, tags)
	}
	c.tenant()
	c.parked()
	_, err := c.ledger.Lock(c.Context(), ledger.Period{Entity: company, From: autumn(1).Add(-12 * time.Hour), To: autumn(2).Add(-12 * time.Hour), At: autumn(20), By: "ann"})
	c.must(err)
}

func (c *cabinet) book(papers []ledger.Paper, all ...books.Transaction) {
	c.Helper()
	_, err := c.ledger.Book(c.Context(), ledger.Batch{Entity: company, Papers: papers, Transactions: all})
	c.must(err)
}

// mined is a day of mining with its paper and its price.
func (c *cabinet) mined(day int, tags books.Tags) {
	c.Helper()
	d := statement.Day{Day: autumn(day).Format(time.DateOnly), Site: "houston", Import: 3 * unit.MegawattHour, Uses: []statement.Use{
		{Use: "mining", Model: "S21", IT: 2 * unit.MegawattHour, Meter: 3 * unit.MegawattHour, Work: 10_000_000_000, Mined: 400_001},
	}}
	body, err := d.Canonical()
	c.must(err)
	c.price = books.Price{Asset: books.Bitcoin, Quote: "USD", At: autumn(day), Value: unit.Amount(dollars(100_000 + float64(day))), Source: "made up", Policy: "test-1"}
	paper := ledger.Paper{Kind: "day", Name: d.Day, Body: body}
	e := lot.Event{ID: fmt.Sprintf("credit/%d", day), Entity: company, Currency: "USD", At: autumn(day), Booked: autumn(day), Source: "pool", Evidence: paper.Hash(), Tags: tags}
	credit, err := lot.Earn(e, lot.Earning{Account: books.Pool("pool"), Lot: d.Day, Quantity: 400_001, Subsidy: unit.Amount(dollars(404)), PoolFee: unit.Amount(dollars(4))})
	c.must(err)
	c.book([]ledger.Paper{paper, {Kind: "price", Name: c.price.Name(), Body: c.price.Canonical()}}, credit,
		booked("power", day, paper.Hash(), books.Line{Account: books.PowerEnergy, Amount: dollars(123.456789), Tags: tags}, books.Line{Account: books.AccruedPower, Amount: -dollars(123.456789)}),
		booked("demand", day, paper.Hash(), books.Line{Account: books.PowerDemand, Amount: dollars(11), Tags: tags}, books.Line{Account: books.AccruedPower, Amount: -dollars(11)}),
	)
}

// tenant is a contract, its readings, an invoice of them and its payment.
func (c *cabinet) tenant() {
	c.Helper()
	terms, err := contractfile.Example("gpu-reserved")
	c.must(err)
	usage := ledger.Paper{Kind: "usage", Name: "september.csv", Body: []byte("contract,meter,component,start,end,quantity,unit\n" +
		"gpu-7,gpu-7,h100,2025-09-01T00:00:00Z,2025-09-01T01:00:00Z,64,GPU-hour\ngpu-7,gpu-7,h100,2025-09-01T01:00:00Z,2025-09-01T02:00:00Z,32,GPU-hour\n" +
		"gpu-7,gpu-7,storage,2025-09-01T00:00:00Z,2025-10-01T00:00:00Z,5,piece\nother,x,h100,2025-09-01T00:00:00Z,2025-09-01T01:00:00Z,9,GPU-hour\n")}
	hosted := books.Tags{Site: "houston", Use: "hosting/gpu-7", Contract: "gpu-7", Counterparty: "borealis"}
	c.book([]ledger.Paper{usage, {Kind: "contract", Name: "gpu-7.yaml", Body: terms}},
		booked("service rendered", 3, usage.Hash(), books.Line{Account: books.Unbilled, Amount: dollars(240), Tags: hosted}, books.Line{Account: books.Hosting, Amount: -dollars(240), Tags: hosted}),
		booked("service credits", 3, usage.Hash(), books.Line{Account: books.CreditsGranted, Amount: dollars(12), Tags: hosted}, books.Line{Account: books.CreditsOwed, Amount: -dollars(12), Tags: hosted}),
	)
	draft, err := invoice.Draft(invoice.Document{
		Kind: invoice.Invoice, Entity: invoice.Party{ID: "us", Name: company}, Customer: invoice.Party{ID: "borealis", Name: "Borealis Models GmbH"},
		From: autumn(1).Unix(), To: autumn(30).Unix(), Currency: "USD",
		Lines: []invoice.Line{{
			ID: "l1", Contract: "gpu-7", Component: "H100", Kind: invoice.Usage, From: autumn(1).Add(-24 * time.Hour).Unix(), To: autumn(30).Unix(), Quantity: 96 * 3600, Base: 3600, Unit: "GPU-hour",
			Price: "2.50", Amount: 240 * unit.Unit, Meter: "gpu-7", Revision: 1, Inputs: "00ff",
		}},
	})
	c.must(err)
	d, err := c.ledger.Issue(c.Context(), "HOU-2025", draft, autumn(30), autumn(30), ledger.Batch{})
	c.must(err)
	c.number = d.Number.String()
	p := invoice.Payment{
		Event: invoice.Event{Entity: company, Customer: "borealis", Contract: "gpu-7", At: autumn(30), Booked: autumn(30), Source: "bank line 7"},
		Bank:  "main", Amount: 100 * unit.Unit, Allocations: []invoice.Allocation{{Document: d.Number, Amount: 100 * unit.Unit}},
	}
	body, err := p.Canonical()
	c.must(err)
	paid, err := p.Post()
	c.must(err)
	c.book([]ledger.Paper{{Kind: "payment", Name: "bank line 7", Body: body}}, paid)
}

// parked is something that waits.
func (c *cabinet) parked() {
	c.Helper()
	paper := ledger.Paper{Kind: "meter", Name: "broken.csv", Body: []byte("broken")}
	_, err := c.ledger.Book(c.Context(), ledger.Batch{Entity: company, Papers: []ledger.Paper{paper}, Parked: []ledger.Parked{
		{ID: "p1", Kind: "usage", Reason: "negative", Says: "It is below zero.", At: autumn(3), Booked: autumn(4), Paper: paper.Hash()},
		{ID: "p2", Kind: "usage", Reason: "overlaps", Says: "It was billed.", At: autumn(4), Booked: autumn(5), Paper: paper.Hash()},
	}})
	c.must(err)
	c.must(c.ledger.Release(c.Context(), company, "p2", ledger.Released{At: autumn(6), By: "ann", Why: "the meter was exchanged"}))
}

// all are the transactions as they were booked.
func (c *cabinet) all() (out []books.Transaction) {
	c.Helper()
	for t, err := range c.ledger.Transactions(c.Context(), ledger.Query{Entity: company}) {
		c.must(err)
		out = append(out, t.Transaction)
	}
	return out
}

// asked is what finance of the site is answered.
func asked[T any](c *cabinet, path string) (out T) {
	c.Helper()
	if c.clerk == nil {
		c.clerk = c.as(people.Finance, "houston")
	}
	c.clerk.ok(http.StatusOK, http.MethodGet, "/v1/books"+path, nil).read(c.TB, &out)
	return out
}
