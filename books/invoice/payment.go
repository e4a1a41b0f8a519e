package invoice

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"sluice/books"
	"sluice/unit"
)

// Payment is cash of a customer and the documents that it is for. Without cash it
// sets credit notes off against what is owed.
type Payment struct {
	Event
	Bank        string      // id of the account it came to; empty: it is taken from the customer's deposit
	Amount      unit.Amount // that came; negative: paid back
	Allocations []Allocation
}

// Allocation is the part of a payment that one document gets. A credit note that
// is set off gets a negative part.
type Allocation struct {
	Document Number      `json:"document"`
	Amount   unit.Amount `json:"amount,string"`
}

// ErrPayment is a payment whose parts are more than it is, or that does not say
// whose it is.
var ErrPayment = errors.New("no valid payment")

// Validate reports everything for which a payment may not be posted. It wraps ErrPayment.
func (p Payment) Validate() error {
	faults := []error{p.validate()}
	var seen []Number
	for _, a := range p.Allocations {
		if a.Amount == 0 || a.Document.Serial < 1 || !plainSeries(a.Document.Series) || slices.Contains(seen, a.Document) {
			faults = append(faults, fmt.Errorf("document %s: a document stands once, with a number and an amount", a.Document))
		}
		seen = append(seen, a.Document)
	}
	if left, fits := p.left(); !fits || left < 0 || p.Bank == "" && left != 0 {
		faults = append(faults, fmt.Errorf("its documents get %v more than came, or a deposit is moved to itself", unit.Amount(-left)))
	}
	if err := errors.Join(append(faults, readable([]string{p.Bank}))...); err != nil {
		return fmt.Errorf("payment of %v by %q: %w: %w", p.Amount, p.Customer, ErrPayment, err)
	}
	return nil
}

// left is what no document gets, and false where a sum is beyond any books.
func (p Payment) left() (int64, bool) {
	left, fits := int64(p.Amount), true
	for _, a := range p.Allocations {
		var ok bool
		left, ok = books.Add(left, -int64(a.Amount))
		fits = fits && ok && a.Amount != math.MinInt64
	}
	return left, fits
}

// Post is the transaction of a payment: Bank + (or CustomerDeposit + where it is
// taken from there), Receivable - for every document, and CustomerDeposit - for
// what is left. An error wraps ErrPayment or ErrNothing.
func (p Payment) Post() (books.Transaction, error) {
	if err := p.Validate(); err != nil {
		return books.Transaction{}, err
	}
	var out posting
	from := books.CustomerDeposit
	if p.Bank != "" {
		from = books.Bank(p.Bank)
	}
	out.add(from, int64(p.Amount), p.tags())
	var ids []string
	for _, a := range p.Allocations {
		ids = append(ids, a.Document.String())
		// Each document keeps a line of its own, so that no netting hides one.
		out.lines = append(out.lines, books.Line{Account: books.Customer(p.Customer), Amount: -int64(a.Amount), Tags: p.tags()})
	}
	if p.Bank != "" {
		left, _ := p.left()
		out.add(books.CustomerDeposit, -left, p.tags())
	}
	return out.into(p.transaction("payment", append(ids, strconv.FormatInt(int64(p.Amount), 10))...))
}
