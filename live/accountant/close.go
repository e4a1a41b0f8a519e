package accountant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/store/ledger"
)

// Closer is who closes, and when.
type Closer struct {
	By          string
	At          time.Time // whole seconds
	OldestFirst bool      // prove that the oldest lots went first
}

// ErrClose is wrapped where a period cannot be closed as it is asked for.
var ErrClose = errors.New("the period is not closed")

// Close proves the period and locks it. What was proved comes with every error; one of
// the lock wraps ErrClose.
func (s *Shelf) Close(ctx context.Context, store *ledger.Store, c Closer) (*Proof, ledger.Locking, error) {
	p, err := s.Prove(ctx, store, c.OldestFirst)
	if err != nil {
		return p, ledger.Locking{}, err
	}
	l, err := store.Lock(ctx, ledger.Period{Entity: s.Chart.Entity, From: s.From, To: s.To, At: c.At, By: c.By})
	if err != nil {
		return p, l, fmt.Errorf("%w: %w", ErrClose, err)
	}
	return p, l, nil
}
