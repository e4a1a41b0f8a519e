package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"sluice/books"
)

// The most that one call of Post takes.
const (
	mostTransactions = 20_000
	mostLines        = 200_000
)

// Post books transactions, all or none, at the end of the chains of their
// entities, and returns them as they stand once they are on stable storage. One
// that stands already, with the same id and the same content, is returned as it
// stands and not booked again, whatever was locked since.
//
// An error wraps books.ErrInvalid where a transaction is wrong by itself,
// ErrUnknown where its entity or what it settles or reverses is not in the books,
// and ErrConflict, ErrSettled, ErrReversed, ErrReversal, ErrLocked or ErrLot where
// it does not fit what stands. Nothing was booked then. After ErrBroken nobody
// knows, and posting the same again in newly opened books is safe.
func (s *Store) Post(ctx context.Context, all ...books.Transaction) ([]books.Sealed, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var out []books.Sealed
	err := bounded(all)
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p *pen) error {
			var err error
			out, err = p.post(ctx, all)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("post %d transactions: %w", len(all), err)
	}
	return out, nil
}

// bounded checks what needs no books: size, and texts that every database holds.
func bounded(all []books.Transaction) error {
	lines := 0
	var faults []error
	for _, t := range all {
		lines += len(t.Lines)
		texts := []string{t.ID, t.Kind, t.Source, t.Belongs, t.Reverses, t.Settles, t.Narration}
		for _, l := range t.Lines {
			texts = append(texts, l.Lot.ID, l.Tags.Site, l.Tags.Use, l.Tags.Contract, l.Tags.Counterparty, l.Tags.Project, l.Tags.Model)
		}
		if !storable(strings.Join(texts, "")) {
			faults = append(faults, fmt.Errorf("transaction %q: %w: a text is not UTF-8 or has a zero byte", t.ID, books.ErrInvalid))
		}
	}
	if len(all) > mostTransactions || lines > mostLines {
		faults = append(faults, fmt.Errorf("%w: %d transactions with %d lines in one call, at most %d with %d: post them in parts",
			ErrInvalid, len(all), lines, mostTransactions, mostLines))
	}
	return errors.Join(faults...)
}

// storable reports whether every database holds a text.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// admission is the transactions of one call, with what the books say about them.
type admission struct {
	known    map[named]books.Sealed // by id: what they are, settle and reverse, and those of the call before
	reversed map[named]string       // by id: the transaction that reverses it
	settled  map[named]string
	held     map[place]holding
	chains   map[int64]*chain
	fresh    []books.Sealed
	owner    []int64 // the entity of each fresh one
	lots     int     // how many were known before
}

// chain is the end of the chain of an entity.
type chain struct {
	sequence int64
	hash     books.Hash
	locked   int64 // nothing that happened before is booked
}

// post admits transactions in their order and writes those that are new.
func (p *pen) post(ctx context.Context, all []books.Transaction) ([]books.Sealed, error) {
	if err := p.valid(all); err != nil {
		return nil, err
	}
	b, err := p.gather(ctx, all)
	if err != nil {
		return nil, fmt.Errorf("read the books: %w", err)
	}
	out := make([]books.Sealed, 0, len(all))
	for _, t := range all {
		s, err := b.admit(p, utc(t))
		if err != nil {
			return nil, fmt.Errorf("transaction %q: %w", t.ID, err)
		}
		out = append(out, s)
	}
	return out, p.record(ctx, b)
}

// valid checks every transaction by itself.
func (p *pen) valid(all []books.Transaction) error {
	var faults []error
	for _, t := range all {
		number := p.index.entity(t.Entity)
		if number == 0 {
			faults = append(faults, fmt.Errorf("transaction %q: entity %q: %w: open it first", t.ID, t.Entity, ErrUnknown))
			continue
		}
		faults = append(faults, t.Validate(p.index.charts[number]))
	}
	return errors.Join(faults...)
}

// utc is the transaction as it is read again: times of the same instant.
func utc(t books.Transaction) books.Transaction {
	t.At, t.Booked = t.At.UTC(), t.Booked.UTC()
	lines := t.Lines
	t.Lines = nil
	for _, l := range lines {
		if l.Lot.ID != "" {
			l.Lot.Acquired = l.Lot.Acquired.UTC()
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}

// admit is the transaction as it stands, whether it stood before or is new.
func (b *admission) admit(p *pen, t books.Transaction) (books.Sealed, error) {
	number := p.index.entity(t.Entity)
	me := named{number, t.ID}
	if stands, ok := b.known[me]; ok {
		if input := t.Input(); stands.Input != input {
			return stands, fmt.Errorf("%w: it stands as number %d with input %x, and %x is offered: give other content an id of its own",
				ErrConflict, stands.Sequence, stands.Input[:6], input[:6])
		}
		return stands, nil
	}
	c := b.chains[number]
	if t.At.Unix() < c.locked {
		return books.Sealed{}, fmt.Errorf("%w: it happened on %v, and all before %v is closed: date it in the open period and say where it belongs",
			ErrLocked, t.At, instant(c.locked))
	}
	if err := errors.Join(b.settles(number, t), b.reverses(number, t)); err != nil {
		return books.Sealed{}, err
	}
	if err := b.move(p, number, t); err != nil {
		return books.Sealed{}, err
	}
	s := books.Seal(t, c.sequence, c.hash)
	c.sequence, c.hash = s.Sequence, s.Hash
	b.known[me] = s
	b.fresh, b.owner = append(b.fresh, s), append(b.owner, number)
	return s, nil
}

// settles checks that what a transaction settles is pending.
func (b *admission) settles(entity int64, t books.Transaction) error {
	if t.Settles == "" {
		return nil
	}
	it := named{entity, t.Settles}
	if stands, ok := b.known[it]; !ok || stands.Standing != books.Pending {
		return fmt.Errorf("it settles %q, which is no pending transaction: %w", t.Settles, ErrUnknown)
	}
	if by := b.settled[it]; by != "" {
		return fmt.Errorf("it settles %q: %w by %q", t.Settles, ErrSettled, by)
	}
	b.settled[it] = t.ID
	return nil
}

// reverses checks that a transaction takes back exactly what it names.
func (b *admission) reverses(entity int64, t books.Transaction) error {
	if t.Reverses == "" {
		return nil
	}
	it := named{entity, t.Reverses}
	stands, ok := b.known[it]
	if !ok || stands.Standing != books.Posted {
		return fmt.Errorf("it reverses %q, which was not posted: %w", t.Reverses, ErrUnknown)
	}
	if stands.Reverses != "" {
		return fmt.Errorf("%w: %q is a reversal itself: post a new transaction", ErrReversal, t.Reverses)
	}
	if by := b.reversed[it]; by != "" {
		return fmt.Errorf("it reverses %q: %w by %q", t.Reverses, ErrReversed, by)
	}
	if !negated(stands.Lines, t.Lines) {
		return fmt.Errorf("%w: every line of %q must be there with its sign turned, lots and their cost too: make it with Reverse", ErrReversal, t.Reverses)
	}
	b.reversed[it] = t.ID
	return nil
}

// negated reports whether lines take back others, in their order.
func negated(of, lines []books.Line) bool {
	if len(of) != len(lines) {
		return false
	}
	for i, l := range of {
		l.Amount, l.Lot.Cost = -l.Amount, -l.Lot.Cost
		if l != lines[i] {
			return false
		}
	}
	return true
}
