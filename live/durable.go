package live

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settleMost is how long the answer to a person waits for the disk. What they
// asked for was done before.
const settleMost = 2 * time.Second

// errUnkept says that something was done and is forgotten after a restart.
var errUnkept = errors.New("it is done, but the disk has not kept it: after a restart it would be forgotten; look at the disk")

// settle waits until everything is kept that was handed in before.
func (k *keeper) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleMost)
	defer cancel()
	before, kept := k.lost.Load(), make(chan struct{})
	k.keep(item{then: func() { close(kept) }})
	select {
	case <-kept:
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errUnkept, context.Cause(ctx))
	}
	if k.lost.Load() != before {
		return errUnkept
	}
	return nil
}

// done is the answer to an act that was carried out: it says so only once what a
// restart must know is on the disk, or says that it is not.
func (s *Site) done(ctx context.Context, text string) Answer {
	if err := s.keeper.settle(ctx); err != nil {
		return Answer{Done: text, Unkept: err.Error()}
	}
	return Answer{Done: text}
}
