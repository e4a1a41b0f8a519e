package statement_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/statement"
	"sluice/unit"
)

// september is the fiscal year of the firm of these tests.
func september() statement.Year {
	at := func(m time.Month) time.Time { return time.Date(2025, m, 1, 0, 0, 0, 0, time.UTC) }
	return statement.Year{From: at(9), To: at(10), Booked: at(11)}
}

// closed books the closing of the firm's year.
func (f *firm) closed(y statement.Year) books.Transaction {
	f.t.Helper()
	x, some, err := statement.CloseYear(f.c, y, f.balances())
	if !some {
		f.t.Fatalf("nothing was closed: %v", err)
	}
	f.post(x, err)
	return x
}

// retained is what the balance sheet shows as earned in years that were closed.
func (f *firm) retained() (retained, open unit.Amount) {
	f.t.Helper()
	sheet, err := statement.BalanceSheet(f.c, f.balances(), &f.h)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, r := range sheet.Equity {
		if r.Account.Name == books.Retained {
			retained = r.Amount
		}
	}
	return retained, sheet.Earned
}

// earned are the statements of a period that a closing must leave as they are.
func (f *firm) earned() (in statement.Income, cuts []statement.Cut, cash statement.Cash) {
	f.t.Helper()
	b, err := statement.Earning(f.balances(), f.all)
	if err == nil {
		in, err = statement.ProfitAndLoss(f.c, b)
	}
	if err == nil {
		cuts, err = statement.CutBy(f.c, b, statement.ByUse)
	}
	if err == nil {
		cash, err = statement.CashFlow(f.c, nil, f.balances(), f.all)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return in, cuts, cash
}

// TestCloseYear: what a year earned goes into retained earnings, every statement of
// the year stays as it was, and doing it again finds nothing to do.
func TestCloseYear(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	in, cuts, cash := f.earned()
	x := f.closed(september())
	if retained, open := f.retained(); retained != 29_200*dollar || open != 0 {
		t.Errorf("retained %v, still open %v", retained, open)
	}
	if x.Kind != statement.YearEnd || !x.At.Equal(september().To.Add(-time.Second)) {
		t.Errorf("closed by %+v", x)
	}
	afterIn, afterCuts, afterCash := f.earned()
	if diff := cmp.Diff([]any{in, cuts, cash}, []any{afterIn, afterCuts, afterCash}); diff != "" {
		t.Error(diff)
	}
	if _, some, err := statement.CloseYear(f.c, september(), f.balances()); some || err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// TestClosedAfterwards: what is booked into a year after its closing is closed by a
// further one, and a closing that was taken back leaves no trace in the year.
func TestClosedAfterwards(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	first := f.closed(september())
	f.book(f.event("late", 30, "hosting"), books.Hosting, tom, 100*dollar)
	again := september()
	again.Closed = 1
	second := f.closed(again)
	if retained, open := f.retained(); retained != 29_300*dollar || open != 0 || first.ID == second.ID {
		t.Errorf("retained %v, still open %v, ids %s and %s", retained, open, first.ID, second.ID)
	}
	in, _, _ := f.earned()
	if in.Net != 29_300*dollar {
		t.Errorf("the year earned %v", in.Net)
	}
	back, err := second.Reverse("back", second.At, second.Booked, "an adjustment is missing")
	f.post(back, err)
	if retained, open := f.retained(); retained != 29_200*dollar || open != 100*dollar {
		t.Errorf("taken back: retained %v, open %v", retained, open)
	}
	if in, _, _ := f.earned(); in.Net != 29_300*dollar {
		t.Errorf("with a closing that was taken back the year earned %v", in.Net)
	}
}

func TestCloseYearRefused(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	bare := f.c
	bare.Accounts = slices.DeleteFunc(slices.Clone(bare.Accounts), func(a books.Account) bool { return a.Name == books.Retained })
	if _, _, err := statement.CloseYear(bare, september(), f.balances()); !errors.Is(err, books.ErrAccount) {
		t.Errorf("without an account to close into: %v", err)
	}
	if _, _, err := statement.CloseYear(f.c, september(), []books.Balance{{Account: "Income:Else", Amount: 1}}); !errors.Is(err, books.ErrAccount) {
		t.Errorf("an unknown account: %v", err)
	}
	much := []books.Balance{{Account: books.Hosting, Amount: 1 << 62}, {Account: books.Reservation, Amount: 1 << 62}}
	if _, _, err := statement.CloseYear(f.c, september(), much); !errors.Is(err, books.ErrOverflow) {
		t.Errorf("more than there is money: %v", err)
	}
}

// TestYearsCloseToZero: whatever was earned and spent, by whatever tags, the
// closing leaves nothing on any account and tag, and balances.
func TestYearsCloseToZero(t *testing.T) {
	t.Parallel()
	c := books.Standard("Firm", "USD", "UTC")
	accounts := []string{books.Hosting, books.MiningSubsidy, books.PowerEnergy, books.Depreciation, books.AccruedPower, books.Opening}
	rapid.Check(t, func(t *rapid.T) {
		var all []books.Transaction
		for range rapid.IntRange(1, 30).Draw(t, "bookings") {
			tags := books.Tags{Site: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "site"), Model: rapid.SampledFrom([]string{"", "S21"}).Draw(t, "model")}
			v := rapid.Int64Range(-1e12, 1e12).Draw(t, "amount")
			all = append(all, books.Transaction{ID: "x", Standing: books.Posted, Lines: []books.Line{
				{Account: rapid.SampledFrom(accounts).Draw(t, "account"), Amount: v, Tags: tags}, {Account: books.Suspense, Amount: -v},
			}})
		}
		before, err := books.Tally(all)
		if err != nil {
			t.Fatal(err)
		}
		x, some, err := statement.CloseYear(c, september(), before)
		if err != nil {
			t.Fatal(err)
		}
		if some {
			all = append(all, x)
		}
		after, err := books.Tally(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range after {
			if k := (books.Account{Name: b.Account}).Kind(); k == books.Income || k == books.Expenses {
				t.Fatalf("%+v stands after the closing", b)
			}
		}
		if same, err := statement.Earning(after, all); err != nil || !cmp.Equal(same, before) {
			t.Fatalf("without the closing: %v, %s", err, cmp.Diff(before, same))
		}
	})
}

// TestCommitments: what is pending is told until it is posted or given up, and is in
// no balance.
func TestCommitments(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	net, _, _ := f.earned()
	plan := func(id string, n int) books.Transaction {
		return books.Transaction{ID: id, Entity: "Firm", Kind: "plan of the day", Standing: books.Pending, At: day(n), Booked: day(n), Source: "test", Lines: []books.Line{
			{Account: books.PowerEnergy, Amount: 700},
			{Account: books.AccruedPower, Amount: -700},
			{Account: hot, Amount: 5, Lot: books.Lot{ID: "L9", Acquired: day(n), Cost: 9}},
			{Account: books.Conversion(books.Bitcoin), Amount: -5},
			{Account: books.Conversion("USD"), Amount: 9},
			{Account: books.MiningSubsidy, Amount: -9},
		}}
	}
	for i, id := range []string{"late", "done", "given-up", "early"} {
		f.post(plan(id, 28-i), nil)
	}
	done := plan("delivered", 25)
	done.Standing, done.Settles, done.Lines = books.Posted, "done", done.Lines[:2]
	f.post(done, nil)
	f.post(books.Transaction{ID: "void", Entity: "Firm", Kind: "nothing delivered", Standing: books.Void, At: day(26), Booked: day(26), Settles: "given-up"}, nil)
	got, err := statement.Commitments(f.c, f.all)
	if err != nil || len(got) != 2 || got[0].ID != "early" || got[1].ID != "late" || got[0].Amount != 709 || got[0].Coins != 5 {
		t.Errorf("%+v, %v", got, err)
	}
	if in, _, _ := f.earned(); in.Net != net.Net-700 {
		t.Errorf("what is pending was counted: %v instead of %v", in.Net, net.Net-700)
	}
	wild := plan("x", 1)
	wild.Lines[0].Account = "Expenses:Lunch"
	if _, err := statement.Commitments(f.c, []books.Transaction{wild}); !errors.Is(err, books.ErrAccount) {
		t.Errorf("an unknown account: %v", err)
	}
}
