package statement_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/exchange"
	"sluice/books/statement"
	"sluice/unit"
)

// euros is the position of an account in euros.
func (f *firm) euros(account string) exchange.Position {
	f.t.Helper()
	all, err := exchange.Positions(f.c, f.balances())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, p := range all {
		if p.Account == account {
			return p
		}
	}
	return exchange.Position{Account: account, Asset: "EUR"}
}

// TestForeignMoney: money of another currency stands on the balance sheet and in
// the cash flow at what it is carried at, and what it came to be worth more is no
// operation.
func TestForeignMoney(t *testing.T) {
	t.Parallel()
	frankfurt, supplier, ann := books.Bank("frankfurt"), books.Vendor("supplier"), books.Customer("ann")
	f := &firm{t: t, c: exchange.Open(books.Standard("Firm", "USD", "UTC").With(bank), "EUR", frankfurt, supplier, ann)}
	event := func(id string, n int) exchange.Event {
		return exchange.Event{ID: id, Entity: "Firm", Currency: "USD", At: day(n), Booked: day(n), Source: "test"}
	}
	rate := func(n int, value unit.Amount) books.Price {
		return books.Price{Asset: "EUR", Quote: "USD", At: day(n), Value: value, Source: "test", Policy: "1"}
	}
	const euro = int64(dollar)
	f.book(f.event("capital", 1, ""), "Equity:Capital", bank, 100_000*dollar)
	own := exchange.Leg{Position: exchange.Position{Account: bank, Asset: "USD"}, Amount: int64(11_000 * dollar)}
	f.post(exchange.Convert(event("bought", 2), own, exchange.Leg{Position: f.euros(frankfurt), Amount: 10_000 * euro}, books.Price{}))
	f.post(exchange.Document(event("invoice", 3), f.euros(supplier), []exchange.Part{{Account: books.PowerEnergy, Amount: 3_000 * euro}}, rate(3, 1_120_000)))
	f.post(exchange.Settle(event("paid", 4), f.euros(frankfurt), f.euros(supplier), 1_000*euro, rate(4, 1_150_000)))
	for _, account := range []string{frankfurt, supplier} {
		x, _, err := exchange.Remeasure(event("worth "+account, 30), f.euros(account), rate(30, 1_200_000))
		x.ID = "worth-" + account
		f.post(x, err)
	}
	f.post(exchange.Document(event("hosted", 30), f.euros(ann), []exchange.Part{{Account: books.Hosting, Amount: -500 * euro}}, rate(30, 1_200_000)))
	if got, want := statement.Receivables(f.c, f.all, day(30)), []statement.Aged{{Account: ann, Days30: 600 * dollar}}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	sheet, err := statement.BalanceSheet(f.c, f.balances(), &f.h)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]unit.Amount{"earned": sheet.Earned}
	for _, rows := range [][]statement.Row{sheet.Assets, sheet.Liabilities, sheet.Equity} {
		for _, r := range rows {
			got[r.Account.Name] = r.Amount
		}
	}
	// 9,000 and 2,000 euros at 1.20
	want := map[string]unit.Amount{bank: 89_000 * dollar, frankfurt: 10_800 * dollar, ann: 600 * dollar, supplier: 2_400 * dollar, "Equity:Capital": 100_000 * dollar, "earned": -2_000 * dollar}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	cash, err := statement.CashFlow(f.c, nil, f.balances(), f.all)
	if err != nil || cash.Closing != 99_800*dollar || cash.Net(statement.Financing) != 100_000*dollar || cash.Net(statement.Investing) != 0 ||
		cash.Net(statement.Operating)+cash.Net(statement.Exchange) != -200*dollar || cash.Net(statement.Exchange) <= 0 {
		t.Errorf("%+v, %v", cash, err)
	}
	for _, flow := range cash.Flows {
		if flow.What == supplier && flow.Activity != statement.Operating {
			t.Errorf("%+v", flow)
		}
	}
}
