package invoice

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"sluice/books"
	"sluice/unit"
)

// WriteOff is what will not be paid of a document, as far as anybody can tell.
// Where the customer pays after all it is taken back by another one of the
// opposite sign, a recovery. Taxes are not taken back here: when that is allowed
// differs from country to country.
type WriteOff struct {
	Event
	Document Number
	Amount   unit.Amount // given up; negative: recovered
}

// ErrWriteOff is a write-off of nothing, or of something that is not open.
var ErrWriteOff = errors.New("no valid write-off")

// Validate reports everything for which a write-off may not be posted. It wraps ErrWriteOff.
func (w WriteOff) Validate() error {
	var faults []error
	if w.Document.Serial < 1 || !plainSeries(w.Document.Series) || w.Amount == 0 || w.Amount == math.MinInt64 {
		faults = append(faults, errors.New("it names no document, or no amount"))
	}
	if err := errors.Join(append(faults, w.validate())...); err != nil {
		return fmt.Errorf("write-off of %v of document %s: %w: %w", w.Amount, w.Document, ErrWriteOff, err)
	}
	return nil
}

// Post is the transaction of a write-off: BadDebt +, Receivable -; of a recovery
// the other way round. An error wraps ErrWriteOff.
func (w WriteOff) Post() (books.Transaction, error) {
	if err := w.Validate(); err != nil {
		return books.Transaction{}, err
	}
	kind := "written off"
	if w.Amount < 0 {
		kind = "write-off recovered"
	}
	var p posting
	p.add(books.BadDebt, int64(w.Amount), w.tags())
	p.add(books.Customer(w.Customer), -int64(w.Amount), w.tags())
	return p.into(w.transaction(kind, w.Document.String(), strconv.FormatInt(int64(w.Amount), 10)))
}

// History is everything that was issued to a customer and what became of it.
type History struct {
	Documents []Document
	Payments  []Payment
	WriteOffs []WriteOff
}

// Open is what is still to be paid of a document after payments and write-offs;
// negative where a credit note was not used yet, or more was paid than is owed.
//
// Source: docs/formula/rating.md.
func (h History) Open(d Document) unit.Amount {
	open := d.Payable() - h.writtenOff(d)
	for _, p := range h.Payments {
		open -= p.part(d.Number)
	}
	return open
}

// writtenOff is what is given up of a document, less what was recovered.
func (h History) writtenOff(d Document) unit.Amount {
	var sum unit.Amount
	for _, w := range h.WriteOffs {
		if w.Document == d.Number {
			sum += w.Amount
		}
	}
	return sum
}

// part is what a document gets of a payment.
func (p Payment) part(n Number) unit.Amount {
	for _, a := range p.Allocations {
		if a.Document == n {
			return a.Amount
		}
	}
	return 0
}

// Outstanding is the sum of the open documents: the balance of the customer's receivable.
func (h History) Outstanding() unit.Amount {
	var sum unit.Amount
	for _, d := range h.Documents {
		sum += h.Open(d)
	}
	return sum
}

// WriteOff gives up the open rest of a document. An error wraps ErrWriteOff.
func (h History) WriteOff(d Document, e Event) (WriteOff, error) {
	open := h.Open(d)
	if open <= 0 || d.Number == (Number{}) {
		return WriteOff{}, fmt.Errorf("document %q, open %v: %w: only what is issued and owed is given up", d.Number, open, ErrWriteOff)
	}
	w := WriteOff{Event: e, Document: d.Number, Amount: open}
	return w, w.Validate()
}

// Recoveries are the write-offs that a payment to come takes back, at its time and
// from its source: what it gives to a document beyond what is open of it, at most
// what was given up. They are posted with it.
func (h History) Recoveries(p Payment) []WriteOff {
	var out []WriteOff
	for _, d := range h.Documents {
		beyond := p.part(d.Number) - max(0, h.Open(d))
		if back := min(beyond, h.writtenOff(d)); back > 0 {
			out = append(out, WriteOff{Event: p.Event, Document: d.Number, Amount: -back})
		}
	}
	return out
}

// State is how far a document has come.
type State string

// The states.
const (
	Drafted    State = "draft"
	Issued     State = "issued"
	PartlyPaid State = "partly paid"
	Paid       State = "paid"        // or, of a credit note, used
	Credited   State = "credited"    // wholly set off by credit notes: no cash came
	WrittenOff State = "written off" // the rest of it was given up
)

// State is how far a document has come.
func (h History) State(d Document) State {
	open := h.Open(d)
	switch {
	case d.Number == Number{}:
		return Drafted
	case open == 0 && h.writtenOff(d) > 0:
		return WrittenOff
	case open == 0 && h.credited(d):
		return Credited
	case open == 0:
		return Paid
	case open != d.Payable():
		return PartlyPaid
	}
	return Issued
}

// credited reports whether all that a document got came from credit notes.
func (h History) credited(d Document) bool {
	got := unit.Amount(0)
	for _, p := range h.Payments {
		part := p.part(d.Number)
		got += part
		if part < 0 || part > 0 && !h.setsOff(p) {
			return false
		}
	}
	return got > 0
}

// setsOff reports whether credit notes are all that a payment gives to documents.
func (h History) setsOff(p Payment) bool {
	var given, credit unit.Amount
	for _, a := range p.Allocations {
		switch {
		case a.Amount > 0:
			given += a.Amount
		case h.isCredit(a.Document):
			credit -= a.Amount
		}
	}
	return given <= credit
}

func (h History) isCredit(n Number) bool {
	for _, d := range h.Documents {
		if d.Number == n {
			return d.Kind == CreditNote
		}
	}
	return false
}
