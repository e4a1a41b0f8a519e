package books

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
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
	s.Hash = s.seal()
	return s
}

// seal is the hash over what was asked for, when it was booked, and its place.
func (s *Sealed) seal() Hash {
	var room [96]byte
	b := append(room[:0], s.Previous[:]...)
	b = number(b, s.Sequence)
	b = append(b, s.Input[:]...)
	return sha256.Sum256(number(b, s.Booked.Unix()))
}

// Input is the hash of what was asked for. Who asks again with the same id and
// another Input asks for something else.
func (t Transaction) Input() Hash { return sha256.Sum256(t.canonical(nil)) }

// Chain checks transactions in the order of their sequence, one after the other.
// Its zero value begins at the first transaction of an entity. It is for one
// goroutine.
type Chain struct {
	Sequence int64
	Last     Hash

	room []byte // of the last transaction, to be written over
}

// Next takes the next transaction. An error wraps ErrChanged and names the first
// place where the books are not as they were written.
func (c *Chain) Next(s Sealed) error {
	c.room = s.canonical(c.room[:0])
	want := Sealed{Transaction: Transaction{Booked: s.Booked}, Sequence: c.Sequence + 1, Input: sha256.Sum256(c.room), Previous: c.Last}
	switch {
	case s.Sequence != want.Sequence:
		return fmt.Errorf("transaction %d follows on %d: %w", s.Sequence, c.Sequence, ErrChanged)
	case s.Previous != want.Previous, s.Input != want.Input, s.Hash != want.seal():
		return fmt.Errorf("transaction %d, %q: %w", s.Sequence, s.ID, ErrChanged)
	}
	c.Sequence, c.Last = s.Sequence, s.Hash
	return nil
}

// The canonical form cannot be mistaken for another: every text goes with its
// length, every number has eight bytes.

func number(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // all bits count, the sign too
}

func text(b []byte, s string) []byte { return append(number(b, int64(len(s))), s...) }

func second(b []byte, t time.Time) []byte { return number(b, t.Unix()) }

// canonical appends all of a transaction but when it was booked.
func (t Transaction) canonical(b []byte) []byte {
	b = text(text(text(text(b, t.ID), t.Entity), t.Kind), string(t.Standing))
	b = text(second(b, t.At), t.Source)
	b = append(b, t.Evidence[:]...)
	b = text(text(text(text(b, t.Belongs), t.Reverses), t.Settles), t.Narration)
	b = number(b, int64(len(t.Lines)))
	for i := range t.Lines {
		b = t.Lines[i].canonical(b)
	}
	return b
}

func (l *Line) canonical(b []byte) []byte {
	b = text(number(text(b, l.Account), l.Amount), l.Lot.ID)
	if l.Lot.ID != "" {
		b = second(b, l.Lot.Acquired)
	}
	b = number(b, int64(l.Lot.Cost))
	b = text(text(text(b, l.Tags.Site), l.Tags.Use), l.Tags.Contract)
	return text(text(text(b, l.Tags.Counterparty), l.Tags.Project), l.Tags.Model)
}
