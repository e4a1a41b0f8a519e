package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/store/sqlite"
)

// item is a record on its way to the disk, and what waits for it.
type item struct {
	record sqlite.Record
	then   func()
	lowers bool // then is done even when the record cannot be kept
}

// keeper writes records in the order in which they came, many at once. Its
// caller never waits: what lowers goes out when the disk is slow, and what raises
// never goes out before its record is on the disk.
type keeper struct {
	journal Journal
	in      chan item
	failed  func(error) // nothing is kept any more
	refused func(error) // one record was not taken
	took    func(time.Duration)
}

// waiting bounds the records on their way. A disk that is so far behind is broken.
const waiting = 1 << 17

// patience is how long an order that lowers waits for its record.
const patience = 300 * time.Millisecond

func newKeeper(j Journal) *keeper {
	return &keeper{journal: j, in: make(chan item, waiting), failed: func(error) {}, refused: func(error) {}, took: func(time.Duration) {}}
}

// errBehind says that the disk cannot follow.
var errBehind = errors.New("the disk is too far behind: no record is kept any more")

func (k *keeper) keep(i item) {
	select {
	case k.in <- i:
	default:
		k.failed(errBehind)
		if i.then != nil && i.lowers {
			i.then()
		}
	}
}

// most is how many records are written at once.
const most = 1024

// run writes until ctx ends, and then what still waits.
func (k *keeper) run(ctx context.Context) error {
	for {
		select {
		case i := <-k.in:
			k.write(context.WithoutCancel(ctx), k.more(i))
		case <-ctx.Done():
			for len(k.in) > 0 {
				k.write(context.WithoutCancel(ctx), k.more(<-k.in))
			}
			return context.Cause(ctx)
		}
	}
}

// more takes what waits beside the first.
func (k *keeper) more(first item) []item {
	batch := []item{first}
	for len(batch) < most {
		select {
		case i := <-k.in:
			batch = append(batch, i)
		default:
			return batch
		}
	}
	return batch
}

// write keeps a batch and lets go what waited for it.
func (k *keeper) write(ctx context.Context, batch []item) {
	records := make([]sqlite.Record, 0, len(batch))
	for _, i := range batch {
		if i.record.Key != "" {
			records = append(records, i.record)
		}
	}
	kept := make(chan error, 1)
	go func() { kept <- k.append(ctx, records) }()
	released := false
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case <-late.C:
			release(batch, true)
			released = true
		case err := <-kept:
			if !released && (!refusal(err) || len(batch) == 1 && !errors.Is(err, sqlite.ErrEpochBack)) {
				release(batch, true)
				released = true
			}
			k.settled(ctx, batch, err, released)
			return
		}
	}
}

// refusal reports whether the journal did not take a record for what it says.
func refusal(err error) bool {
	return errors.Is(err, sqlite.ErrConflict) || errors.Is(err, sqlite.ErrEpochBack) || errors.Is(err, sqlite.ErrInvalid)
}

// settled lets the raises of a batch go that is kept. A record that the journal
// refuses for what it says is told of and drops its order: another controller is
// in charge, or the program is wrong. The others are kept one by one. released
// says that what lowers is gone already.
func (k *keeper) settled(ctx context.Context, batch []item, err error, released bool) {
	switch {
	case err == nil:
		release(batch, false)
	case !refusal(err):
		k.failed(fmt.Errorf("keep %d records: %w", len(batch), err))
	case len(batch) == 1:
		k.refused(err)
	default:
		for _, i := range batch {
			if released && i.lowers {
				i.then = nil
			}
			k.write(ctx, []item{i})
		}
	}
}

func (k *keeper) append(ctx context.Context, records []sqlite.Record) error {
	if len(records) == 0 || records[0].Key == "" {
		return nil
	}
	began := time.Now()
	err := k.journal.Append(ctx, records...)
	k.took(time.Since(began))
	return err
}

// release lets the orders of a batch go that lower, or those that raise.
func release(batch []item, lowers bool) {
	for _, i := range batch {
		if i.then != nil && i.lowers == lowers {
			i.then()
		}
	}
}
