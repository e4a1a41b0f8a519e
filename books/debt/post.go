package debt

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Event is what stands above the lines of a transaction.
type Event struct {
	ID       string
	Entity   string
	At       time.Time
	Booked   time.Time
	Source   string
	Evidence books.Hash
	Text     string
	Tags     books.Tags
}

// line is a line of the event's own tags.
func (e Event) line(account string, amount unit.Amount) books.Line {
	return books.Line{Account: account, Amount: int64(amount), Tags: e.Tags}
}

func (e Event) transaction(kind string, lines ...books.Line) books.Transaction {
	t := books.Transaction{
		ID: e.ID, Entity: e.Entity, Kind: kind, Standing: books.Posted, At: e.At, Booked: e.Booked,
		Source: e.Source, Evidence: e.Evidence, Narration: e.Text,
	}
	for _, l := range lines {
		if l.Amount != 0 {
			t.Lines = append(t.Lines, l)
		}
	}
	return t
}

// Due is what is owed to a lender.
type Due struct{ Principal, Interest unit.Amount }

// Owed is what is owed under a facility. balances are everything since the books
// began.
func Owed(balances []books.Balance, facility string) (d Due) {
	for _, b := range balances {
		switch b.Account {
		case books.Debt(facility):
			d.Principal -= unit.Amount(b.Amount)
		case books.AccruedInterest(facility):
			d.Interest -= unit.Amount(b.Amount)
		}
	}
	return d
}

// Draw books money that a lender paid out. due is what was owed before.
func Draw(e Event, f Facility, due Due, bank string, amount unit.Amount) (books.Transaction, error) {
	day := dayOf(e.At)
	if err := f.Validate(); err != nil {
		return books.Transaction{}, err
	}
	if amount <= 0 || amount > f.Limit-due.Principal || day.Before(dayOf(f.Start)) || !day.Before(dayOf(f.Maturity)) || !f.Closed.IsZero() {
		return books.Transaction{}, fmt.Errorf("draw %s of %s from %q: %w: above zero, within the limit of %s of which %s are drawn, and within its term",
			e.ID, amount, f.Name, ErrEvent, f.Limit, due.Principal)
	}
	return e.transaction("draw of debt", e.line(bank, amount), e.line(books.Debt(f.Name), -amount)), nil
}

// Repay books what is paid to a lender. Interest is accrued first and then paid:
// more than is owed of either is refused.
func Repay(e Event, f Facility, due, paid Due, bank string) (books.Transaction, error) {
	total, fits := books.Add(int64(paid.Principal), int64(paid.Interest))
	if !fits || total == 0 || paid.Principal < 0 || paid.Interest < 0 || paid.Principal > due.Principal || paid.Interest > due.Interest {
		return books.Transaction{}, fmt.Errorf("payment %s to %q: %w: %s and interest of %s are paid, %s and interest of %s are owed", e.ID, f.Name, ErrEvent,
			paid.Principal, paid.Interest, due.Principal, due.Interest)
	}
	return e.transaction("payment of debt", e.line(books.Debt(f.Name), paid.Principal), e.line(books.AccruedInterest(f.Name), paid.Interest),
		e.line(bank, -unit.Amount(total))), nil
}

// PayFees books what was paid for the agreement. Spread makes an expense of it.
func PayFees(e Event, f Facility, bank string) (books.Transaction, error) {
	if f.Fees <= 0 {
		return books.Transaction{}, fmt.Errorf("fees %s of %q: %w: it has none", e.ID, f.Name, ErrEvent)
	}
	return e.transaction("fees of debt paid", e.line(books.DebtCosts, f.Fees), e.line(bank, -f.Fees)), nil
}
