package ledger

import (
	"context"
	"errors"
	"fmt"

	"sluice/books"
)

// Batch is what is kept in one commit, all or nothing.
type Batch struct {
	Entity       string // whose all of it is
	Papers       []Paper
	Transactions []books.Transaction
	Parked       []Parked
}

// Book keeps the papers of a batch, books its transactions and parks what it could
// not book, all or nothing, and returns the transactions as they stand once all of
// it is on stable storage. What stands already is not kept again: a paper of the
// same kind and body, a transaction as Post says, something parked under the same
// id; the name or the words under which it came first stay.
//
// An error wraps what Post says, ErrInvalid where a paper or something parked is
// wrong by itself, and ErrUnknown where the paper of something parked is neither
// in the books nor in the batch. Nothing was kept then.
func (s *Store) Book(ctx context.Context, b Batch) (out []books.Sealed, err error) {
	if err = b.validate(); err == nil {
		err = s.write(ctx, func(ctx context.Context, p *pen) error {
			out, err = p.book(ctx, b)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("book %d transactions, %d papers and %d parked of %q: %w", len(b.Transactions), len(b.Papers), len(b.Parked), b.Entity, err)
	}
	return out, nil
}

// The most that a batch brings beside transactions.
const (
	mostPapers = 10_000
	mostBodies = 256 << 20 // bytes of all papers together
)

// validate checks what needs no books.
func (b Batch) validate() error {
	faults := []error{bounded(b.Transactions)}
	for _, t := range b.Transactions {
		if t.Entity != b.Entity {
			faults = append(faults, fmt.Errorf("transaction %q is of %q: %w: a batch is of one entity", t.ID, t.Entity, ErrInvalid))
		}
	}
	bodies := 0
	for _, p := range b.Papers {
		bodies += len(p.Body)
		faults = append(faults, p.validate())
	}
	for _, x := range b.Parked {
		faults = append(faults, x.validate())
	}
	if len(b.Papers) > mostPapers || len(b.Parked) > mostPapers || bodies > mostBodies {
		faults = append(faults, fmt.Errorf("%w: %d papers with %d bytes and %d parked, at most %d with %d and %d: book them in parts",
			ErrInvalid, len(b.Papers), bodies, len(b.Parked), mostPapers, mostBodies, mostPapers))
	}
	return errors.Join(faults...)
}

// book writes a batch that was checked.
func (p *pen) book(ctx context.Context, b Batch) ([]books.Sealed, error) {
	number := p.index.entity(b.Entity)
	if number == 0 {
		return nil, fmt.Errorf("entity %q: %w: open it first", b.Entity, ErrUnknown)
	}
	if err := p.papers(ctx, number, b.Papers); err != nil {
		return nil, err
	}
	out, err := p.post(ctx, b.Transactions)
	if err != nil {
		return nil, err
	}
	return out, p.park(ctx, number, b.Parked)
}
