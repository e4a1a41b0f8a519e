package invoice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Canonical is a payment as it is stored and hashed: JSON in one line, fields in a
// fixed order, amounts as strings of millionths, times as strings of Unix seconds.
// The same payment has the same bytes. An error wraps ErrPayment.
func (p Payment) Canonical() ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

// Hash is the SHA-256 of the canonical bytes.
func (p Payment) Hash() (books.Hash, error) {
	b, err := p.Canonical()
	return sha256.Sum256(b), err
}

// ParsePayment reads canonical bytes; times are those of UTC. Anything but exactly
// what Canonical wrote is an error that wraps ErrCanonical or ErrPayment.
func ParsePayment(b []byte) (Payment, error) { return exactly[Payment](b, "payment") }

// Canonical is a write-off as it is stored and hashed, written like a payment. An
// error wraps ErrWriteOff.
func (w WriteOff) Canonical() ([]byte, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// Hash is the SHA-256 of the canonical bytes.
func (w WriteOff) Hash() (books.Hash, error) {
	b, err := w.Canonical()
	return sha256.Sum256(b), err
}

// ParseWriteOff reads canonical bytes; times are those of UTC. Anything but exactly
// what Canonical wrote is an error that wraps ErrCanonical or ErrWriteOff.
func ParseWriteOff(b []byte) (WriteOff, error) { return exactly[WriteOff](b, "write-off") }

// written is an event in canonical bytes.
type written struct {
	Entity   string `json:"entity"`
	Customer string `json:"customer"`
	Contract string `json:"contract,omitempty"`
	At       int64  `json:"at,string"`
	Booked   int64  `json:"booked,string"`
	Source   string `json:"source,omitempty"`
	Evidence string `json:"evidence"` // hexadecimal
}

func (e Event) written() written {
	return written{e.Entity, e.Customer, e.Contract, e.At.Unix(), e.Booked.Unix(), e.Source, hex.EncodeToString(e.Evidence[:])}
}

func (w written) event() (Event, error) {
	e := Event{Entity: w.Entity, Customer: w.Customer, Contract: w.Contract, At: time.Unix(w.At, 0).UTC(), Booked: time.Unix(w.Booked, 0).UTC(), Source: w.Source}
	h, err := hex.DecodeString(w.Evidence)
	if err != nil || len(h) != len(e.Evidence) {
		return Event{}, fmt.Errorf("evidence %.80q: it has 64 hexadecimal digits", w.Evidence)
	}
	e.Evidence = books.Hash(h)
	return e, nil
}

// writtenPayment is a payment in canonical bytes.
type writtenPayment struct {
	Event       written      `json:"event"`
	Bank        string       `json:"bank,omitempty"`
	Amount      unit.Amount  `json:"amount,string"`
	Allocations []Allocation `json:"allocations,omitempty"`
}

// MarshalJSON writes what Canonical is made of.
func (p Payment) MarshalJSON() ([]byte, error) {
	return json.Marshal(writtenPayment{p.written(), p.Bank, p.Amount, p.Allocations})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Payment) UnmarshalJSON(b []byte) error {
	var w writtenPayment
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	e, err := w.Event.event()
	*p = Payment{Event: e, Bank: w.Bank, Amount: w.Amount, Allocations: w.Allocations}
	return err
}

// writtenWriteOff is a write-off in canonical bytes.
type writtenWriteOff struct {
	Event    written     `json:"event"`
	Document Number      `json:"document"`
	Amount   unit.Amount `json:"amount,string"`
}

// MarshalJSON writes what Canonical is made of.
func (w WriteOff) MarshalJSON() ([]byte, error) {
	return json.Marshal(writtenWriteOff{w.written(), w.Document, w.Amount})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (w *WriteOff) UnmarshalJSON(b []byte) error {
	var x writtenWriteOff
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	e, err := x.Event.event()
	*w = WriteOff{Event: e, Document: x.Document, Amount: x.Amount}
	return err
}
