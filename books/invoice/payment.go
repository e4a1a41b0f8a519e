package invoice

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"sluice/books"
	"sluice/unit"
)

// Payment is cash of a customer and the documents that it is for.
type Payment struct {
	Event
	Bank        string      // id of the account it came to; empty: it is taken from the customer's deposit
	Amount      unit.Amount // that came; negative: paid back
	Allocations []Allocation
}

// Allocation is the part of a payment that one document gets. A credit note that
// is set off gets a negative part.
type Allocation struct {
	Document Number
	Amount   unit.Amount
}

// ErrPayment is a payment whose parts are more than it is.
var ErrPayment = errors.New("no valid payment")

// Post is the transaction of a payment: Bank + (or CustomerDeposit + where it is
// taken from there), Receivable - for every document, and CustomerDeposit - for
// what is left. An error wraps ErrPayment or ErrNothing.
func (p Payment) Post() (books.Transaction, error) {
	var out posting
	from := deposit
	if p.Bank != "" {
		from = books.Bank(p.Bank)
	}
	out.add(from, int64(p.Amount), p.tags())
	var ids []string
	left, fits := int64(p.Amount), true
	for _, a := range p.Allocations {
		var ok bool
		left, ok = books.Add(left, -int64(a.Amount))
		fits = fits && ok
		if a.Amount == 0 || a.Document.Serial < 1 || slices.Contains(ids, a.Document.String()) {
			return books.Transaction{}, fmt.Errorf("payment of %v by %q, document %q: %w: a document stands once, with a number and an amount", p.Amount, p.Customer, a.Document, ErrPayment)
		}
		ids = append(ids, a.Document.String())
		// Each document keeps a line of its own, so that no netting hides one.
		out.lines = append(out.lines, books.Line{Account: books.Customer(p.Customer), Amount: -int64(a.Amount), Tags: p.tags()})
	}
	if !fits || left < 0 || p.Bank == "" && left != 0 {
		return books.Transaction{}, fmt.Errorf("payment of %v by %q: %w: its documents get %v more than came, or a deposit is moved to itself", p.Amount, p.Customer, ErrPayment, unit.Amount(-left))
	}
	if p.Bank != "" {
		out.add(deposit, -left, p.tags())
	}
	return out.into(p.transaction("payment", append(ids, strconv.FormatInt(int64(p.Amount), 10))...))
}

// Open is what is still to be paid of a document after payments; negative where a
// credit note was not used yet.
func (d Document) Open(payments []Payment) unit.Amount {
	open := d.Payable()
	for _, p := range payments {
		for _, a := range p.Allocations {
			if a.Document == d.Number {
				open -= a.Amount
			}
		}
	}
	return open
}

// State is how far a document has come.
type State string

// The states.
const (
	Drafted    State = "draft"
	Issued     State = "issued"
	PartlyPaid State = "partly paid"
	Paid       State = "paid" // or, of a credit note, used
)

// State is how far a document has come with payments.
func (d Document) State(payments []Payment) State {
	open := d.Open(payments)
	switch {
	case d.Number == Number{}:
		return Drafted
	case open == 0:
		return Paid
	case open != d.Payable():
		return PartlyPaid
	}
	return Issued
}

// Outstanding is the sum of the open documents of a customer: the balance of its
// receivable.
func Outstanding(documents []Document, payments []Payment) unit.Amount {
	var sum unit.Amount
	for _, d := range documents {
		sum += d.Open(payments)
	}
	return sum
}
