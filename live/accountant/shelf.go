package accountant

import (
	"context"
	"fmt"
	"iter"
	"time"

	"sluice/books"
	"sluice/store/ledger"
)

// Journal is what was booked.
type Journal interface {
	Balances(ctx context.Context, q ledger.Query) ([]ledger.Balance, error)
	Transactions(ctx context.Context, q ledger.Query) iter.Seq2[books.Sealed, error]
}

// Safe is what is held, and what was booked from.
type Safe interface {
	OpenLots(ctx context.Context, entity string, before time.Time) ([]ledger.Parcel, error)
	Papers(ctx context.Context, entity, kind string) iter.Seq2[ledger.Paper, error]
}

// Ledger is books that are read: ledger.Reader, or ledger.Store in the program that
// writes them.
type Ledger interface {
	Journal
	Safe
}

// Shelf is books and the period that somebody asks about.
type Shelf struct {
	Ledger   Ledger
	Chart    books.Chart
	Zone     *time.Location // of the chart
	From, To time.Time      // half open
}

// Transactions are those that happened from one time to another; a zero end is none.
func (s *Shelf) Transactions(ctx context.Context, from, to time.Time) (out []books.Sealed, err error) {
	for t, err := range s.Ledger.Transactions(ctx, ledger.Query{Entity: s.Chart.Entity, From: from, To: to}) {
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// plain are transactions without their place in the chain.
func (s *Shelf) plain(ctx context.Context, from, to time.Time) ([]books.Transaction, error) {
	all, err := s.Transactions(ctx, from, to)
	return Plain(all), err
}

// Plain are transactions without their place in the chain.
func Plain(all []books.Sealed) []books.Transaction {
	out := make([]books.Transaction, 0, len(all))
	for _, s := range all {
		out = append(out, s.Transaction)
	}
	return out
}

// Balances are what stands in the accounts of what happened from one time to another.
func (s *Shelf) Balances(ctx context.Context, from, to time.Time) ([]books.Balance, error) {
	all, err := s.Ledger.Balances(ctx, ledger.Query{Entity: s.Chart.Entity, From: from, To: to})
	if err != nil {
		return nil, err
	}
	out := make([]books.Balance, 0, len(all))
	for _, b := range all {
		out = append(out, books.Balance{Account: b.Account, Tags: b.Tags, Amount: b.Amount})
	}
	return out, nil
}

// Lots are those that were open before a time, by account.
func (s *Shelf) Lots(ctx context.Context, before time.Time) (map[string][]books.Parcel, error) {
	all, err := s.Ledger.OpenLots(ctx, s.Chart.Entity, before)
	if err != nil {
		return nil, err
	}
	out := map[string][]books.Parcel{}
	for _, p := range all {
		out[p.Account] = append(out[p.Account], books.Parcel{ID: p.Lot.ID, Acquired: p.Lot.Acquired, Quantity: p.Quantity, Cost: p.Lot.Cost})
	}
	return out, nil
}

// Held are the same as holdings.
func (s *Shelf) Held(ctx context.Context, before time.Time) (*books.Holdings, error) {
	all, err := s.Lots(ctx, before)
	return books.Held(all), err
}

// papers hands out what is filed of one kind.
func (s *Shelf) papers(ctx context.Context, kind string, each func(name string, body []byte) error) error {
	for p, err := range s.Ledger.Papers(ctx, s.Chart.Entity, kind) {
		if err == nil {
			err = each(p.Name, p.Body)
		}
		if err != nil {
			return fmt.Errorf("paper of kind %q, %q: %w", kind, p.Name, err)
		}
	}
	return nil
}
