package books

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"
)

// Sealed is a transaction as it stands in the books.
type Sealed struct {
	Transaction
	Sequence int64 // from 1 on, within the entity
	Input    Hash  // of the request, without when it was booked
	Previous Hash  // of the one before; zero for the first
	Hash     Hash
}

// ErrChanged is the failure of a chain in which something is not as it was booked.
var ErrChanged = errors.New("the books were changed after they were written")

// Seal puts a transaction at the end of a chain, after one of that sequence and
// hash; both are zero for the first.
//
// Source: docs/formula/books.md.
func Seal(t Transaction, sequence int64, previous Hash) Sealed {
	s := Sealed{Transaction: t, Sequence: sequence + 1, Input: t.Input(), Previous: previous}
	w := writer{sha256.New()}
	w.bytes(previous[:])
	w.number(s.Sequence)
	w.transaction(t)
	w.time(t.Booked)
	w.h.Sum(s.Hash[:0])
	return s
}

// Input is the hash of what was asked for. Who asks again with the same id and
// another Input asks for something else.
func (t Transaction) Input() Hash {
	w := writer{sha256.New()}
	w.transaction(t)
	var h Hash
	w.h.Sum(h[:0])
	return h
}

// Chain checks transactions in the order of their sequence, one after the other.
// Its zero value begins at the first transaction of an entity.
type Chain struct {
	Sequence int64
	Last     Hash
}

// Next takes the next transaction. An error wraps ErrChanged and names the first
// place where the books are not as they were written.
func (c *Chain) Next(s Sealed) error {
	want := Seal(s.Transaction, c.Sequence, c.Last)
	switch {
	case s.Sequence != want.Sequence:
		return fmt.Errorf("transaction %d follows on %d: %w", s.Sequence, c.Sequence, ErrChanged)
	case s.Previous != want.Previous, s.Hash != want.Hash, s.Input != want.Input:
		return fmt.Errorf("transaction %d, %q: %w", s.Sequence, s.ID, ErrChanged)
	}
	c.Sequence, c.Last = s.Sequence, s.Hash
	return nil
}

// writer feeds a hash with texts and numbers that cannot be mistaken for others:
// every text goes with its length, every number has eight bytes.
type writer struct{ h hash.Hash }

func (w writer) bytes(b []byte) { _, _ = w.h.Write(b) } // a hash never fails

func (w writer) number(n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // all bits count, the sign too
	w.bytes(b[:])
}

func (w writer) text(s string) {
	w.number(int64(len(s)))
	w.bytes([]byte(s))
}

func (w writer) time(t time.Time) { w.number(t.Unix()) }

func (w writer) transaction(t Transaction) {
	for _, s := range []string{t.ID, t.Entity, t.Kind, string(t.Standing)} {
		w.text(s)
	}
	w.time(t.At)
	w.text(t.Source)
	w.bytes(t.Evidence[:])
	for _, s := range []string{t.Belongs, t.Reverses, t.Settles, t.Narration} {
		w.text(s)
	}
	w.number(int64(len(t.Lines)))
	for _, l := range t.Lines {
		w.line(l)
	}
}

func (w writer) line(l Line) {
	w.text(l.Account)
	w.number(l.Amount)
	w.text(l.Lot.ID)
	if l.Lot.ID != "" {
		w.time(l.Lot.Acquired)
	}
	w.number(int64(l.Lot.Cost))
	for _, s := range []string{l.Tags.Site, l.Tags.Use, l.Tags.Contract, l.Tags.Counterparty, l.Tags.Project, l.Tags.Model} {
		w.text(s)
	}
}
