package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"sluice/store/sqlite"
)

// item is a record on its way to the disk, and what waits for it.
type item struct {
	record sqlite.Record
	then   func()
	lowers bool   // then is done even when the record cannot be kept
	drop   func() // then is not done any more, if it lowers and was not done yet
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
	lost    atomic.Int64 // records that were not kept
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
	if i.lowers && i.then != nil {
		i = i.hurry()
	}
	select {
	case k.in <- i:
	default:
		k.lost.Add(1)
		k.failed(errBehind)
		if i.then != nil && i.lowers {
			i.then()
		}
	}
}

// hurry lets what lowers go after patience, wherever its record is by then: in a
// disk that hangs, or behind one.
func (i item) hurry() item {
	var once sync.Once
	send := i.then
	late := time.AfterFunc(patience, func() { once.Do(send) })
	i.then = func() {
		late.Stop()
		once.Do(send)
	}
	i.drop = func() {
		late.Stop()
		once.Do(func() {})
	}
	return i
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
	k.settled(ctx, batch, k.append(ctx, records))
}

// refusal reports whether the journal did not take a record for what it says.
func refusal(err error) bool {
	return errors.Is(err, sqlite.ErrConflict) || errors.Is(err, sqlite.ErrEpochBack) || errors.Is(err, sqlite.ErrInvalid)
}

// settled lets the orders of a batch go that is kept; where the disk failed, those
// that lower. A record that the journal refuses for what it says is told of. Its
// order is dropped where a later controller gives the orders; otherwise the
// program is wrong, and what lowers goes out all the same. The others are kept
// one by one.
func (k *keeper) settled(ctx context.Context, batch []item, err error) {
	switch {
	case err == nil:
		release(batch, true)
		release(batch, false)
	case !refusal(err):
		release(batch, true)
		k.lost.Add(int64(len(batch)))
		k.failed(fmt.Errorf("keep %d records: %w", len(batch), err))
	case len(batch) > 1:
		for n := range batch {
			k.write(ctx, batch[n:n+1])
		}
	case errors.Is(err, sqlite.ErrEpochBack):
		if batch[0].drop != nil {
			batch[0].drop()
		}
		k.lost.Add(1)
		k.refused(err)
	default:
		release(batch, true)
		k.lost.Add(1)
		k.refused(err)
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
