package telemetry

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Label is one label of a sum.
type Label struct{ Name, Value string }

// roundMachines and roundSums bound one round.
const (
	roundMachines = 1_000_000
	roundSums     = 100_000
)

// Batch collects one round. It belongs to one goroutine, holds copies of no
// text, and writes nothing before Commit.
type Batch struct {
	db     *DB
	units  []UnitSample
	silent []silentUnit
	sums   []sum
}

type silentUnit struct {
	unit Unit
	at   time.Time
}

type sum struct {
	metric Metric
	at     time.Time
	value  float64
	labels []Label
}

// Batch begins a round. It may be used for one round after the other.
func (db *DB) Batch() *Batch { return &Batch{db: db} }

// Unit adds what a machine answered.
func (b *Batch) Unit(s UnitSample) {
	if len(b.units) >= roundMachines {
		b.db.tally.note(RoundLimit, 1)
		return
	}
	b.units = append(b.units, s)
}

// Silent says that a machine gave no answer: it is not up, and its other series end.
func (b *Batch) Silent(u Unit, at time.Time) {
	if len(b.silent) >= roundMachines {
		b.db.tally.note(RoundLimit, 1)
		return
	}
	b.silent = append(b.silent, silentUnit{u, at})
}

// Site adds a sum that was made before. Metric and labels are those of the
// catalogue; an empty value leaves a label out.
func (b *Batch) Site(m Metric, at time.Time, value float64, labels ...Label) {
	if len(b.sums) >= roundSums {
		b.db.tally.note(RoundLimit, 1)
		return
	}
	b.sums = append(b.sums, sum{m, at, value, labels})
}

// Commit writes the round and empties the batch, whether or not it succeeds. A
// sample that cannot be taken is counted, and is no error. ErrDiskFull,
// ErrStopped and ErrClosed say that the whole round or the rest of it was
// dropped; nobody but those who watch needs to care.
func (b *Batch) Commit(ctx context.Context) error {
	defer b.reset()
	db := b.db
	db.mu.Lock()
	defer db.mu.Unlock()
	now := db.o.Now()
	if err := db.ready(); err != nil {
		db.tally.note(Disk, len(b.units)+len(b.silent)+len(b.sums))
		return fmt.Errorf("write telemetry: %w", err)
	}
	raw, site := db.pen(db.raw), db.pen(db.site)
	err := guarded(func() error {
		if err := b.write(ctx, now, raw, site); err != nil {
			return err
		}
		if err := raw.commit(); err != nil {
			return err
		}
		return site.commit()
	})
	if err != nil {
		raw.drop(err)
		site.drop(err)
		return fmt.Errorf("write telemetry: %w", db.fail(err))
	}
	db.forget(now)
	db.rouse(now)
	return nil
}

func (b *Batch) reset() {
	clear(b.units)
	clear(b.silent)
	clear(b.sums)
	b.units, b.silent, b.sums = b.units[:0], b.silent[:0], b.sums[:0]
}

// ready says whether a round may be written now.
func (db *DB) ready() error {
	if db.closed {
		return ErrClosed
	}
	if err := db.refusal(); err != nil {
		return err
	}
	return db.room()
}

func (b *Batch) write(ctx context.Context, now time.Time, raw, site *pen) error {
	for i := range b.units {
		s := &b.units[i]
		if err := b.db.answered(ctx, raw, s, now); err != nil {
			return err
		}
	}
	for _, s := range b.silent {
		if err := b.db.silent(ctx, raw, s, now); err != nil {
			return err
		}
	}
	for i := range b.sums {
		s := &b.sums[i]
		if err := b.db.writeSum(ctx, site, s, b.db.stamp(s.at, now)); err != nil {
			return err
		}
	}
	return b.db.o.fail()
}

// noTime is the stamp of a sample that cannot be placed in time.
const noTime = math.MinInt64

// stamp is when a sample counts, in ms. One from the future would move the
// newest time of the database and lock everybody else out, so anything more
// than a minute ahead is stamped with this machine's clock instead.
func (db *DB) stamp(at, now time.Time) int64 {
	switch {
	case at.Year() < 1980 || at.Year() > 9999:
		return noTime
	case at.Sub(now) > time.Minute:
		db.tally.note(Ahead, 1)
		return now.UnixMilli()
	}
	return at.UnixMilli()
}
