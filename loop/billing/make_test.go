package billing_test

import (
	"fmt"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/loop/billing"
	"sluice/unit"
)

// September 2025 in UTC: 2,592,000 seconds.
const (
	from = int64(1756684800)
	to   = from + 30*day
	day  = int64(86400)
	mwh  = int64(unit.MegawattHour)
)

const entity = "Houston Hash LLC"

func at(second int64) time.Time { return time.Unix(second, 0).UTC() }

// agreed is a contract with everything that a run has to keep apart.
func agreed(credit billing.CreditOn) billing.Contract {
	wide := rate.Span{From: from - 400*day, To: to + 400*day}
	price := func(name string, value int64) rate.PriceVersion {
		return rate.PriceVersion{Component: name, From: wide.From, To: wide.To, Value: value, Source: "annex 1"}
	}
	return billing.Contract{
		ID: "c1", Series: "HOU-2025", Currency: "USD", Zone: time.UTC,
		Seller: invoice.Party{Name: entity}, Customer: invoice.Party{ID: "acme", Name: "Acme"},
		Prices: []rate.PriceVersion{price("energy", 45_123_457), price("h100", 2_333_333), price("fee", 99_999_999), price("least", 200_000_000)},
		Versions: []rate.Contract{{ID: "c1", Version: 1, Valid: wide, Start: wide.From, Currency: "USD", Terms: []rate.Term{
			{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour, Meters: []string{"m1"}},
			{Name: "gpu", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour},
			{Name: "fee", Kind: rate.Fixed, Unit: rate.Month},
			{Name: "least", Kind: rate.Minimum, Unit: rate.Month, Of: []string{"power", "gpu"}},
			{Name: "VAT", Kind: rate.Tax, Rate: 82_500},
			{Name: "advance", Kind: rate.Prepayment, Rate: 200_000},
		}}},
		Service: billing.Service{
			Agreement: rate.Agreement{Tiers: []rate.Threshold{{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}}, Allows: []rate.Allowance{{Cause: rate.Maintenance, Yearly: 3600}}},
			Parts:     []rate.Part{{Name: "hall", Weight: 1, Contracted: wide}}, Fee: []string{"gpu", "fee"}, Credit: credit,
		},
	}
}

// read is one day of a component.
func read(component string, n, quantity int64, revision int) billing.Reading {
	measure := billing.Energy
	if component == "h100" {
		measure = billing.GPUTime
	}
	return billing.Reading{Measure: measure, Paper: books.Hash{byte(revision)}, Interval: rate.Interval{
		Contract: "c1", Meter: "m1", Component: component, From: from + n*day, To: from + (n+1)*day, Quantity: quantity, Revision: revision,
	}}
}

// september is a whole month of readings.
func september() (out []billing.Reading) {
	for n := range int64(30) {
		out = append(out, read("energy", n, 12*mwh+n*7, 1), read("h100", n, 1_234_567+n, 1))
	}
	return out
}

func run(credit billing.CreditOn) billing.Input {
	c := agreed(credit)
	return billing.Input{Contract: c, Period: c.Month(at(from)), Readings: september(), At: at(to + day), Booked: at(to + day), Open: at(0)}
}

// desk is who issues: it keeps documents, numbers and the books.
type desk struct {
	documents []invoice.Document
	balances  map[string]int64
	posted    map[string]bool
	all       []books.Transaction
	careless  bool // never takes back what was accrued
}

func newDesk() *desk { return &desk{balances: map[string]int64{}, posted: map[string]bool{}} }

func (d *desk) book(t books.Transaction) error {
	if err := t.Validate(books.Standard(entity, "USD", "UTC").With(books.Customer("acme"))); err != nil {
		return err
	}
	if d.posted[t.ID] {
		return fmt.Errorf("%s was posted before", t.ID)
	}
	d.posted[t.ID], d.all = true, append(d.all, t)
	for _, l := range t.Lines {
		d.balances[l.Account] += l.Amount
	}
	return nil
}

// settle runs until nothing is new and returns the last result.
func (d *desk) settle(in billing.Input) (billing.Result, error) {
	prepaid := in.Prepaid
	for range 4 {
		in.Documents, in.Prepaid, in.Accrued = d.documents, prepaid-unit.Amount(d.balances[books.Deferred]), d.all
		r, err := billing.Run(in)
		if err == nil {
			err = d.clear(r)
		}
		if err != nil || r.Draft == nil {
			return r, err
		}
		issued, err := r.Draft.Issue(invoice.Number{Series: in.Contract.Series, Serial: int64(len(d.documents)) + 1}, in.At.Unix())
		if err != nil {
			return r, err
		}
		post, err := issued.Post(in.Booked)
		if err != nil {
			return r, err
		}
		for _, t := range append(r.Transactions, post) {
			if err := d.book(t); err != nil {
				return r, err
			}
		}
		d.documents = append(d.documents, issued)
	}
	return billing.Result{}, fmt.Errorf("%d documents, and no end", len(d.documents))
}

// clear books what takes accruals back.
func (d *desk) clear(r billing.Result) error {
	if d.careless {
		return nil
	}
	for _, t := range r.Cleared {
		if err := d.book(t); err != nil {
			return err
		}
	}
	return nil
}

// must settles or ends the test.
func (d *desk) must(tb testing.TB, in billing.Input) billing.Result {
	tb.Helper()
	r, err := d.settle(in)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
