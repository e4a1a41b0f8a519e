package telemetry

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// commitEvery is how many samples go into one record of the log at most: more
// would only hold more memory.
const commitEvery = 50_000

// pen writes into one database during one round.
type pen struct {
	db    *DB
	store *tsdb.DB
	app   storage.Appender // nil: nothing is waiting
	n     int              // samples that wait for commit
	room  int              // series that may still be made
}

func (db *DB) pen(s *tsdb.DB) *pen {
	return &pen{db: db, store: s, room: db.o.MaxSeries - int(s.Head().NumSeries())}
}

// put adds one sample and returns the reference of its series. A sample that
// cannot be taken is counted and gives no error; stored is false then.
func (p *pen) put(ctx context.Context, ref storage.SeriesRef, name func() labels.Labels, at int64, v float64) (r storage.SeriesRef, stored bool, err error) {
	if p.app == nil {
		p.app = p.store.Appender(ctx)
	}
	if ref != 0 {
		r, err = p.app.Append(ref, labels.EmptyLabels(), at, v)
		if !errors.Is(err, tsdb.ErrInvalidSample) {
			return p.judge(ref, r, err)
		}
		// The series left memory after a long silence; it needs its labels again.
	}
	if p.room <= 0 {
		p.db.tally.note(SeriesLimit, 1)
		return 0, false, nil
	}
	p.room--
	r, err = p.app.Append(0, name(), at, v)
	return p.judge(0, r, err)
}

func (p *pen) judge(before, after storage.SeriesRef, err error) (storage.SeriesRef, bool, error) {
	switch {
	case err == nil:
		p.n++
		if p.n >= commitEvery {
			err = p.commit()
		}
		return after, err == nil, err
	case errors.Is(err, storage.ErrDuplicateSampleForTimestamp):
		p.db.tally.note(Duplicate, 1)
	case errors.Is(err, storage.ErrOutOfOrderSample), errors.Is(err, storage.ErrTooOldSample), errors.Is(err, storage.ErrOutOfBounds):
		p.db.tally.note(TooOld, 1)
	default:
		return before, false, fmt.Errorf("append to %s: %w", p.store.Dir(), err)
	}
	return before, false, nil
}

// commit hands what waits to the log.
func (p *pen) commit() error {
	if p.app == nil {
		return nil
	}
	app, n := p.app, p.n
	p.app, p.n = nil, 0
	if err := app.Commit(); err != nil {
		p.db.tally.note(Disk, n)
		return fmt.Errorf("commit to %s: %w", p.store.Dir(), err)
	}
	p.db.tally.samples.Add(uint64(n))
	return nil
}

// drop gives up what waits after an error. After a panic the appender is left
// alone, because it may hold locks.
func (p *pen) drop(why error) {
	if p.app == nil {
		return
	}
	p.db.tally.note(Disk, p.n)
	if !errors.Is(why, errPanic) {
		_ = p.app.Rollback() // the disk failed before; there is nothing more to say
	}
	p.app, p.n = nil, 0
}
