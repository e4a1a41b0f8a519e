package ledger_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/store/ledger"
	"sluice/unit"
)

const us = "Sluice Power LLC"

// noon is a second of September 2025.
func noon(day int) time.Time { return time.Date(2025, 9, day, 12, 0, 0, 0, time.UTC) }

func chartOf(entity string) books.Chart {
	return books.Standard(entity, "USD", "America/Chicago").With(books.Bank("main"), books.Wallet("hot"), books.Wallet("cold"), books.Vendor("utility"), books.Customer("acme"))
}

// opened is a new ledger with the books of us.
func opened(t *testing.T, p place) *ledger.Store {
	t.Helper()
	s := p.open(t)
	if _, err := s.OpenEntity(t.Context(), chartOf(us)); err != nil {
		t.Fatal(err)
	}
	return s
}

func event(id string, day int, lines ...books.Line) books.Transaction {
	return books.Transaction{
		ID: id, Entity: us, Kind: "event", Standing: books.Posted, At: noon(day), Booked: noon(day).Add(time.Hour),
		Source: "source of " + id, Evidence: books.Hash{1, 2, 3}, Narration: "what happened", Lines: lines,
	}
}

// bill is a power invoice.
func bill(id string, day int, dollars int64) books.Transaction {
	return event(
		id, day,
		books.Line{Account: books.PowerEnergy, Amount: dollars * 1e6, Tags: books.Tags{Site: "houston", Use: "mining"}},
		books.Line{Account: books.Vendor("utility"), Amount: -dollars * 1e6, Tags: books.Tags{Counterparty: "utility"}},
	)
}

// coins moves so many satoshi of a lot into the hot wallet, at so many dollars;
// both are negative where they leave it.
func coins(id string, day int, lot string, q, dollars int64) books.Transaction {
	return event(
		id, day,
		books.Line{Account: books.Wallet("hot"), Amount: q, Lot: books.Lot{ID: lot, Acquired: noon(1), Cost: unit.Amount(dollars * 1e6)}},
		books.Line{Account: books.Conversion(books.Bitcoin), Amount: -q},
		books.Line{Account: books.Conversion("USD"), Amount: dollars * 1e6},
		books.Line{Account: books.MiningSubsidy, Amount: -dollars * 1e6},
	)
}

// draft is an invoice of so many dollars to a customer, for a day.
func draft(tb testing.TB, day int, dollars int64) invoice.Document {
	tb.Helper()
	return draftOf(tb, us, day, dollars)
}

func draftOf(tb testing.TB, entity string, day int, dollars int64) invoice.Document {
	tb.Helper()
	d, err := makeDraft(entity, day, dollars)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func makeDraft(entity string, day int, dollars int64) (invoice.Document, error) {
	return invoice.Draft(invoice.Document{
		Kind: invoice.Invoice, Entity: invoice.Party{ID: "us", Name: entity}, Customer: invoice.Party{ID: "acme", Name: "Acme <AI> & Sons"},
		From: noon(day).Unix(), To: noon(day + 1).Unix(), Currency: "USD",
		Lines: []invoice.Line{{
			ID: fmt.Sprint("l", day), Contract: "c1", Component: "h100", Kind: invoice.Usage, From: noon(day).Unix(), To: noon(day + 1).Unix(),
			Quantity: 24 * 3600, Base: 3600, Unit: "GPU-hour", Amount: unit.Amount(dollars) * unit.Unit,
		}},
	})
}

// issue issues a draft on a day.
func issue(tb testing.TB, s *ledger.Store, series string, d invoice.Document, day int) invoice.Document {
	tb.Helper()
	out, err := s.Issue(tb.Context(), series, d, noon(day), noon(day).Add(time.Hour), ledger.Batch{})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// note is a paper with that text, of kind "usage".
func note(text string) ledger.Paper {
	return ledger.Paper{Kind: "usage", Name: "of " + text, Body: []byte(text)}
}

// parked is something in suspense, with a paper as its evidence.
func parked(id string, day int, evidence ledger.Paper) ledger.Parked {
	return ledger.Parked{
		ID: id, Kind: "usage", Reason: "overlaps", Says: "It covers an hour that was billed already.",
		At: noon(day), Booked: noon(day).Add(time.Hour), Paper: evidence.Hash(),
	}
}

// suspense is what is parked.
func suspense(tb testing.TB, s *ledger.Store, entity string, all bool) []ledger.Parked {
	tb.Helper()
	out, err := s.Suspense(tb.Context(), entity, all)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// collected is all of a sequence, which has no error.
func collected[T any](tb testing.TB, of iter.Seq2[T, error]) (out []T) {
	tb.Helper()
	for x, err := range of {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// with is a transaction and a change to it.
func with(t books.Transaction, change func(*books.Transaction)) books.Transaction {
	t.Lines = slices.Clone(t.Lines)
	change(&t)
	return t
}

func pending(t books.Transaction) books.Transaction {
	return with(t, func(t *books.Transaction) { t.Standing = books.Pending })
}

func settling(t books.Transaction, id string) books.Transaction {
	return with(t, func(t *books.Transaction) { t.Settles = id })
}

func void(id, settles string, day int) books.Transaction {
	return with(event(id, day), func(t *books.Transaction) { t.Standing, t.Settles = books.Void, settles })
}

func reversal(tb testing.TB, of books.Transaction, id string, day int) books.Transaction {
	tb.Helper()
	r, err := of.Reverse(id, noon(day), noon(day), "booked wrongly")
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func post(tb testing.TB, s *ledger.Store, all ...books.Transaction) []books.Sealed {
	tb.Helper()
	out, err := s.Post(tb.Context(), all...)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// listed are the transactions of a query.
func listed(tb testing.TB, s *ledger.Store, q ledger.Query) []books.Sealed {
	tb.Helper()
	return collected(tb, s.Transactions(tb.Context(), q))
}

// trial is what every account stands at.
func trial(tb testing.TB, s *ledger.Store, q ledger.Query) map[string]int64 {
	tb.Helper()
	all, err := s.Balances(tb.Context(), q)
	if err == nil {
		all, err = ledger.TrialBalance(all)
	}
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]int64{}
	for _, b := range all {
		out[b.Account] = b.Amount
	}
	return out
}
