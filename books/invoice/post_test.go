package invoice_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/unit"
)

// event is what a posting of September says of itself.
func event(day int64) invoice.Event {
	at := time.Unix(from+day*86400, 0).UTC()
	return invoice.Event{Entity: entity, Customer: "acme", Contract: "c1", At: at, Booked: at, Source: fmt.Sprintf("day %d", day), Evidence: books.Hash{1}}
}

var booked = time.Unix(issued, 0).UTC()

// ledger is balances by account.
type ledger map[string]int64

// post checks a transaction against the chart and adds it.
func (l ledger) post(tb testing.TB, x books.Transaction, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	if err := x.Validate(chart()); err != nil {
		tb.Fatal(err)
	}
	for _, p := range x.Lines {
		l[p.Account] += p.Amount
	}
}

// nonzero is the accounts that hold something.
func (l ledger) nonzero() ledger {
	out := ledger{}
	for a, n := range l {
		if n != 0 {
			out[a] = n
		}
	}
	return out
}

// TestPostings: every transaction balances in the chart, with the signs of the books.
func TestPostings(t *testing.T) {
	t.Parallel()
	customer, deposit := books.Customer("acme"), books.CustomerDeposit
	issue := func(d invoice.Document) func() (books.Transaction, error) {
		return func() (books.Transaction, error) { return made(t, d, 43).Post(booked) }
	}
	with := func(lines ...invoice.Line) invoice.Document {
		d := draft()
		d.Lines, d.Taxes = lines, nil
		return d
	}
	n42 := invoice.Number{Series: "HOU-2025", Serial: 42}
	n43 := invoice.Number{Series: "HOU-2025", Serial: 43}
	pay := func(bank string, amount unit.Amount, parts ...invoice.Allocation) func() (books.Transaction, error) {
		return invoice.Payment{Event: event(40), Bank: bank, Amount: amount, Allocations: parts}.Post
	}
	for sentence, c := range map[string]struct {
		of   func() (books.Transaction, error)
		want ledger
	}{
		"an invoice with tax and parts of cents": {issue(draft()), ledger{customer: 124_777_270_000, books.Unbilled: -115_267_685_184, books.TaxOwed: -9_509_584_028, books.Rounding: -788}},
		"an invoice that draws a prepayment":     {issue(with(line(invoice.Fixed, 100_000_000), line(invoice.Prepayment, -30_000_000))), ledger{customer: 70_000_000, books.Unbilled: -100_000_000, books.Deferred: 30_000_000}},
		"an invoice that is prepaid":             {issue(with(line(invoice.Fixed, 100_000_000), line(invoice.Prepayment, -100_000_000))), ledger{books.Unbilled: -100_000_000, books.Deferred: 100_000_000}},
		"a credit note of a correction":          {issue(note(invoice.CreditNote, line(invoice.Usage, -20_000_000))), ledger{customer: -20_000_000, books.Unbilled: 20_000_000}},
		"a credit note of a service level":       {issue(note(invoice.CreditNote, line(invoice.Credit, -11_520_000_000))), ledger{customer: -11_520_000_000, books.CreditsOwed: 11_520_000_000}},
		"a credit note of goodwill":              {issue(note(invoice.CreditNote, line(invoice.Goodwill, -5_000_000))), ledger{customer: -5_000_000, books.CreditsGranted: 5_000_000}},
		"a debit note":                           {issue(note(invoice.DebitNote, line(invoice.PassThrough, 7_000_000))), ledger{customer: 7_000_000, books.Unbilled: -7_000_000}},
		"a day of use": {func() (books.Transaction, error) {
			return invoice.Accrue(event(1), []invoice.Line{line(invoice.Usage, 5), line(invoice.PassThrough, -3), line(invoice.Shortfall, 7), line(invoice.Credit, -100)})
		}, ledger{books.Unbilled: 9, books.Hosting: -5, books.PassThrough: 3, books.Reservation: -7}},
		"a credit that is earned":           {func() (books.Transaction, error) { return invoice.EarnCredit(event(30), 11_520_000_000) }, ledger{books.CreditsGranted: 11_520_000_000, books.CreditsOwed: -11_520_000_000}},
		"a prepayment":                      {func() (books.Transaction, error) { return invoice.Prepay(event(0), "main", 9) }, ledger{books.Bank("main"): 9, books.Deferred: -9}},
		"a prepayment that is used":         {func() (books.Transaction, error) { return invoice.Release(event(9), 9) }, ledger{books.Deferred: 9, books.Unbilled: -9}},
		"a payment of more than is owed":    {pay("main", 100, invoice.Allocation{Document: n42, Amount: 70}), ledger{books.Bank("main"): 100, customer: -70, deposit: -30}},
		"a payment out of the deposit":      {pay("", 30, invoice.Allocation{Document: n42, Amount: 30}), ledger{deposit: 30, customer: -30}},
		"a payment less a credit note":      {pay("main", 50, invoice.Allocation{Document: n42, Amount: 70}, invoice.Allocation{Document: n43, Amount: -20}), ledger{books.Bank("main"): 50, customer: -50}},
		"a credit note against its invoice": {pay("", 0, invoice.Allocation{Document: n42, Amount: 20}, invoice.Allocation{Document: n43, Amount: -20}), ledger{}},
		"a credit note that is paid out":    {pay("main", -20, invoice.Allocation{Document: n43, Amount: -20}), ledger{books.Bank("main"): -20, customer: 20}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := ledger{}
			x, err := c.of()
			got.post(t, x, err)
			if d := cmp.Diff(c.want, got.nonzero()); d != "" {
				t.Error(d)
			}
			again, err := c.of()
			if err != nil || again.ID != x.ID || again.Input() != x.Input() {
				t.Errorf("asked again it is another transaction: %s and %s, %v", x.ID, again.ID, err)
			}
		})
	}
}

// TestNothingToPost: what moves no money, or more than there is, is refused.
func TestNothingToPost(t *testing.T) {
	t.Parallel()
	d, err := invoice.Draft(draft())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Post(booked); !errors.Is(err, invoice.ErrDocument) {
		t.Errorf("a draft: %v", err)
	}
	free := draft()
	free.Lines, free.Taxes = []invoice.Line{line(invoice.Usage, 0)}, nil
	if _, err := made(t, free, 1).Post(booked); !errors.Is(err, invoice.ErrNothing) {
		t.Errorf("an invoice of nothing: %v", err)
	}
	if _, err := invoice.EarnCredit(event(0), 0); !errors.Is(err, invoice.ErrNothing) {
		t.Errorf("a credit of nothing: %v", err)
	}
	if _, err := invoice.Accrue(event(0), []invoice.Line{line(invoice.Credit, -5)}); !errors.Is(err, invoice.ErrNothing) {
		t.Errorf("a credit is no use: %v", err)
	}
	n := invoice.Number{Series: "A", Serial: 1}
	for sentence, p := range map[string]invoice.Payment{
		"more than came":       {Bank: "main", Amount: 5, Allocations: []invoice.Allocation{{Document: n, Amount: 6}}},
		"a document twice":     {Bank: "main", Amount: 5, Allocations: []invoice.Allocation{{Document: n, Amount: 1}, {Document: n, Amount: 1}}},
		"a draft":              {Bank: "main", Amount: 5, Allocations: []invoice.Allocation{{Amount: 1}}},
		"nothing of it":        {Bank: "main", Amount: 5, Allocations: []invoice.Allocation{{Document: n}}},
		"a deposit for itself": {Amount: 5},
	} {
		p.Event = event(3)
		if _, err := p.Post(); !errors.Is(err, invoice.ErrPayment) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// fromRate turns rated lines into lines and taxes of a document, as their caller does.
func fromRate(lines []rate.Line) (out []invoice.Line, taxes []invoice.Tax) {
	for _, l := range lines {
		if l.Kind == rate.Tax {
			r, _ := unit.ParseMicro(l.Price)
			taxes = append(taxes, invoice.Tax{Code: l.Component, Rate: unit.Ratio(r), Base: unit.Amount(l.Quantity), Amount: l.Amount})
			continue
		}
		out = append(out, invoice.Line{
			ID: l.ID, Contract: l.Contract, Component: l.Component, Kind: invoice.LineKind(l.Kind), From: l.Period.From, To: l.Period.To,
			Quantity: l.Quantity, Base: l.Unit.Base(), Unit: string(l.Unit), Price: l.Price, Amount: l.Amount, Meter: l.Meters, Revision: l.Revision,
			Apportioned: l.Apportioned, Estimated: l.Estimated, Inputs: hex.EncodeToString(l.Inputs[:]),
		})
	}
	return out, taxes
}

// TestKinds: a document takes every line that is rated.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range []rate.Kind{rate.Usage, rate.PassThrough, rate.Reservation, rate.Overage, rate.Shortfall, rate.Fixed, rate.Minimum, rate.Credit, rate.Prepayment, rate.Percentage} {
		lines, _ := fromRate([]rate.Line{{ID: "a", Contract: "c1", Component: "x", Kind: k, Period: rate.Span{From: from, To: to}, Unit: rate.Money, Quantity: 1_234_560_000, Price: "0.050000", Amount: 61_728_000}})
		d := draft()
		d.Lines, d.Taxes = lines, nil
		b, err := made(t, d, 42).HTML(invoice.English, nil)
		if err != nil || !strings.Contains(string(b), ">1,234.56<") || !strings.Contains(string(b), ">0.05<") || !strings.Contains(string(b), ">61.728<") || !strings.Contains(string(b), "of the amount") {
			t.Errorf("a line of kind %s: %v", k, err)
		}
	}
}

// month is a month of one tenant of which the meter delivered so many days.
func month(days int64, revise func(*rate.Interval)) rate.Input {
	wide := rate.Span{From: from - 1, To: to + 1}
	in := rate.Input{
		Period: rate.Span{From: from, To: to},
		Contracts: []rate.Contract{{ID: "c1", Version: 1, Valid: rate.Span{From: from, To: to + 1}, Start: from, Currency: "USD", Terms: []rate.Term{
			{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour},
			{Name: "gpu", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour},
			{Name: "fee", Kind: rate.Fixed, Unit: rate.Month},
			{Name: "handling", Kind: rate.Percentage, Rate: 25_000, Of: []string{"power"}},
			{Name: "S", Kind: rate.Tax, Rate: 82_500},
		}}},
		Prices: []rate.PriceVersion{
			{Component: "energy", From: wide.From, To: wide.To, Value: 45_123_457}, {Component: "h100", From: wide.From, To: wide.To, Value: 2_333_333}, {Component: "fee", From: wide.From, To: wide.To, Value: 99_999_999},
		},
	}
	for d := range days {
		for _, c := range []string{"energy", "h100"} {
			x := rate.Interval{Contract: "c1", Meter: "m-17", Component: c, From: from + d*86400, To: from + (d+1)*86400, Quantity: 1_234_567_891 + d*7, Revision: 1, Evidence: books.Hash{byte(d)}}
			in.Intervals = append(in.Intervals, x)
			if revise != nil {
				revise(&x)
				in.Intervals = append(in.Intervals, x)
			}
		}
	}
	return in
}

// TestMonth walks a month from the meter to the bank: use is earned day by day,
// invoiced, corrected by a note, credited and paid; at the end nothing is left
// unbilled or owed and income is a fresh rating of the final readings.
func TestMonth(t *testing.T) {
	t.Parallel()
	l := ledger{}
	var earned []rate.Line
	accrue := func(in rate.Input, day int64) {
		r, err := rate.Rate(in)
		if err != nil || len(r.Suspense) > 0 {
			t.Fatal(err, r.Suspense)
		}
		n, err := rate.Delta(earned, r.Lines)
		if err != nil {
			t.Fatal(err)
		}
		fresh := slices.Concat(n.Credit, n.Debit)
		earned = append(earned, fresh...)
		lines, _ := fromRate(fresh)
		x, err := invoice.Accrue(event(day), lines)
		l.post(t, x, err)
	}
	for day := int64(1); day <= 30; day++ {
		soFar := month(day, nil)
		soFar.Until = from + day*86400
		accrue(soFar, day)
		if got, want := -l[books.Reservation], unit.MulDiv(99_999_999, day, 30); got != want {
			t.Errorf("on day %d a fee of %d was earned, want %d", day, got, want)
		}
	}
	first, err := rate.Rate(month(30, nil))
	if err != nil || len(first.Gaps) > 0 {
		t.Fatal(err, first.Gaps)
	}
	bill := draft()
	bill.Lines, bill.Taxes = fromRate(first.Lines)
	sent := made(t, bill, 42)
	x, err := sent.Post(booked)
	l.post(t, x, err)
	if l[books.Unbilled] != 0 {
		t.Errorf("after the invoice %d are unbilled", l[books.Unbilled])
	}

	corrected := month(30, func(i *rate.Interval) { i.Revision, i.Quantity = 2, i.Quantity-1_000_003 })
	accrue(corrected, 32)
	final, err := rate.Rate(corrected)
	if err != nil {
		t.Fatal(err)
	}
	n, err := rate.Delta(first.Lines, final.Lines)
	if err != nil || len(n.Debit) > 0 {
		t.Fatal(err, n.Debit)
	}
	back := note(invoice.CreditNote)
	back.Lines, back.Taxes = fromRate(n.Credit)
	credit := made(t, back, 43)
	x, err = credit.Post(booked)
	l.post(t, x, err)

	x, err = invoice.EarnCredit(event(33), 10_000_000)
	l.post(t, x, err)
	sla := made(t, note(invoice.CreditNote, line(invoice.Credit, -10_000_000)), 44)
	x, err = sla.Post(booked)
	l.post(t, x, err)

	documents := []invoice.Document{sent, credit, sla}
	owed := invoice.History{Documents: documents}.Outstanding()
	p := invoice.Payment{Event: event(40), Bank: "main", Amount: owed}
	for _, d := range documents {
		p.Allocations = append(p.Allocations, invoice.Allocation{Document: d.Number, Amount: d.Payable()})
	}
	x, err = p.Post()
	l.post(t, x, err)

	var want int64
	for _, f := range final.Lines[:4] {
		want -= int64(f.Amount)
	}
	if got := l[books.Hosting] + l[books.PassThrough] + l[books.Reservation]; got != want {
		t.Errorf("income is %d, the final rating %d", got, want)
	}
	for _, a := range []string{books.Unbilled, books.Customer("acme"), books.CreditsOwed, books.CustomerDeposit} {
		if l[a] != 0 {
			t.Errorf("%s holds %d", a, l[a])
		}
	}
	if got, want := -l[books.TaxOwed], int64(final.Lines[4].Amount); got != want {
		t.Errorf("tax is %d, of the final rating %d", got, want)
	}
	if r := l[books.Rounding]; r > 15_000 || r < -15_000 {
		t.Errorf("rounding of three documents is %d", r)
	}
}
