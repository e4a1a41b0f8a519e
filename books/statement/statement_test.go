package statement_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/lot"
	"sluice/books/statement"
	"sluice/unit"
)

const dollar = unit.Unit

var (
	hot  = books.Wallet("hot")
	bank = books.Bank("main")
	tom  = books.Customer("tom")
)

// firm is a company with a site in Houston that mines and hosts.
type firm struct {
	t   *testing.T
	c   books.Chart
	h   books.Holdings
	all []books.Transaction
}

func day(n int) time.Time { return time.Date(2025, 9, n, 12, 0, 0, 0, time.UTC) }

func (f *firm) event(id string, n int, use string) lot.Event {
	return lot.Event{ID: id, Entity: "Firm", Currency: "USD", At: day(n), Booked: day(n), Source: "test", Tags: books.Tags{Site: "houston", Use: use}}
}

func (f *firm) post(x books.Transaction, err error) {
	f.t.Helper()
	if err == nil {
		err = errors.Join(x.Validate(f.c), f.h.Apply(f.c, x))
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.all = append(f.all, x)
}

// book moves money from one account to another.
func (f *firm) book(e lot.Event, from, to string, amount unit.Amount) {
	f.t.Helper()
	f.post(books.Transaction{ID: e.ID, Entity: e.Entity, Kind: "booking", Standing: books.Posted, At: e.At, Booked: e.Booked, Source: "test", Lines: []books.Line{
		{Account: to, Amount: int64(amount), Tags: e.Tags}, {Account: from, Amount: -int64(amount), Tags: e.Tags},
	}}, nil)
}

func newFirm(t *testing.T) *firm {
	t.Helper()
	f := &firm{t: t, c: books.Standard("Firm", "USD", "UTC").With(bank, hot, books.FairValue(hot), tom, books.Vendor("utility"))}
	f.book(f.event("capital", 1, ""), "Equity:Capital", bank, 1_000_000*dollar)
	f.book(f.event("asics", 2, "mining"), bank, "Assets:PPE:ASIC", 400_000*dollar)
	f.post(lot.Earn(f.event("credit", 3, "mining"), lot.Earning{Account: hot, Lot: "L1", Quantity: 50_000_000, Subsidy: 55_550 * dollar, PoolFee: 550 * dollar}))
	f.book(f.event("power", 10, "mining"), books.Vendor("utility"), books.PowerEnergy, 30_000*dollar)
	f.book(f.event("hosting", 12, "hosting"), books.Hosting, tom, 12_000*dollar)
	f.book(f.event("paid", 20, "hosting"), tom, bank, 5_000*dollar)
	f.book(f.event("utility", 25, "mining"), bank, books.Vendor("utility"), 20_000*dollar)
	f.post(lot.Sell(f.event("sale", 26, "mining"), lot.Out{Held: &f.h, Account: hot, Picks: []books.Pick{{Lot: "L1", Quantity: 20_000_000}}}, bank, 23_000*dollar))
	price := books.Price{Asset: books.Bitcoin, Quote: "USD", At: day(30), Value: 114_000 * dollar, Source: "test", Policy: "1"}
	x, _, err := lot.Revalue(f.event("value", 30, "mining"), &f.h, hot, price, 0)
	f.post(x, err)
	f.book(f.event("wear", 30, "mining"), "Assets:PPE:AccumulatedDepreciation", books.Depreciation, 10_000*dollar)
	return f
}

func (f *firm) balances() []books.Balance {
	f.t.Helper()
	b, err := books.Tally(f.all)
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

// TestStatementsTie: all statements of a month, each figure by hand, and each ties
// to the next.
func TestStatementsTie(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	b := f.balances()
	trial, err := statement.Trial(f.c, b)
	if err != nil || len(trial) != 17 {
		t.Errorf("a trial balance of %d lines, %v", len(trial), err)
	}
	in, err := statement.ProfitAndLoss(f.c, b)
	// 55,550 - 550 mined, 12,000 hosted, 1,000 realised, 1,200 unrealised; 30,000 power, 10,000 wear
	if want := 29_200 * dollar; err != nil || in.Net != want {
		t.Errorf("net %v, %v, want %v", in.Net, err, want)
	}
	sheet, err := statement.BalanceSheet(f.c, b, &f.h)
	if err != nil || sheet.Earned != in.Net || sheet.Total() != 1_039_200*dollar {
		t.Errorf("%+v, %v", sheet, err)
	}
	cash, err := statement.CashFlow(f.c, nil, b, f.all)
	if err != nil || cash.Closing != 608_000*dollar || cash.Net(statement.Operating) != -15_000*dollar ||
		cash.Net(statement.Investing) != -377_000*dollar || cash.Net(statement.Financing) != 1_000_000*dollar {
		t.Errorf("%+v, %v", cash, err)
	}
}

// TestCuts: the parts of a statement sum to the whole.
func TestCuts(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	cuts, err := statement.CutBy(f.c, f.balances(), statement.ByUse)
	if err != nil || len(cuts) != 2 {
		t.Fatalf("%+v, %v", cuts, err)
	}
	got := map[string]unit.Amount{}
	for _, c := range cuts {
		got[c.Name] = c.Net
	}
	if want := map[string]unit.Amount{"hosting": 12_000 * dollar, "mining": 17_200 * dollar}; !cmp.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestUntied: statements over balances from which something is missing say so.
func TestUntied(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	b := f.balances()
	if _, err := statement.Trial(f.c, b[1:]); !errors.Is(err, statement.ErrTie) {
		t.Errorf("trial balance: %v", err)
	}
	if _, err := statement.BalanceSheet(f.c, b, &books.Holdings{}); !errors.Is(err, statement.ErrTie) {
		t.Errorf("balance sheet without the lots: %v", err)
	}
	if _, err := statement.CashFlow(f.c, nil, b, f.all[1:]); !errors.Is(err, statement.ErrTie) {
		t.Errorf("cash without a transaction: %v", err)
	}
	if _, err := statement.ProfitAndLoss(f.c, []books.Balance{{Account: "Income:Else", Amount: 1}}); !errors.Is(err, books.ErrAccount) {
		t.Errorf("an unknown account: %v", err)
	}
}

func TestTreasury(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	price := books.Price{Asset: books.Bitcoin, Quote: "USD", At: day(30), Value: 114_000 * dollar, Source: "test", Policy: "1"}
	got, err := statement.Treasury(&f.h, price)
	if err != nil || len(got) != 1 || got[0].Quantity != 30_000_000 || got[0].Cost != 33_000*dollar || got[0].Value != 34_200*dollar || got[0].Share != unit.One {
		t.Errorf("%+v, %v", got, err)
	}
	price.Value = 0
	if _, err := statement.Treasury(&f.h, price); !errors.Is(err, books.ErrNoPrice) {
		t.Errorf("without a price: %v", err)
	}
}

// TestReceivables: payments meet the oldest debt first, and too much is told apart.
func TestReceivables(t *testing.T) {
	t.Parallel()
	f := &firm{t: t, c: books.Standard("Firm", "USD", "UTC").With(bank, tom, books.Customer("ann"))}
	f.book(f.event("a", 1, ""), books.Hosting, tom, 100*dollar)
	f.book(f.event("b", 20, ""), books.Hosting, tom, 50*dollar)
	f.book(f.event("c", 22, ""), tom, bank, 70*dollar)
	f.book(f.event("d", 23, ""), books.Customer("ann"), bank, 5*dollar)
	at := day(1).AddDate(0, 0, 45)
	want := []statement.Aged{{Account: books.Customer("ann"), Paid: 5 * dollar}, {Account: tom, Days30: 50 * dollar, Days60: 30 * dollar}}
	if got := statement.Receivables(f.c, f.all, at); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if got := statement.Receivables(f.c, f.all, day(10)); len(got) != 1 || got[0].Total() != 100*dollar {
		t.Errorf("on the tenth: %+v", got)
	}
}
