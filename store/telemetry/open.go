package telemetry

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"sluice/store/hold"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// What can be wrong with the telemetry. None of it touches control.
var (
	// ErrLocked says that another program holds the folder.
	ErrLocked = errors.New("another program holds the telemetry")
	// ErrClosed says that Close was called.
	ErrClosed = errors.New("the telemetry is closed")
	// ErrDiskFull says that the round was dropped, because the disk has less
	// room than LeastFree. Writing goes on by itself when there is room again.
	ErrDiskFull = errors.New("the disk of the telemetry is nearly full")
	// ErrStopped says that the disk failed while writing. Nothing is written
	// until the program is started again.
	ErrStopped = errors.New("the telemetry stopped after an error of the disk")
)

// DB is an open telemetry. Commit, Handler and Counts may be used from any goroutine.
type DB struct {
	o      Options
	dir    string
	lock   *hold.Lock
	raw    *tsdb.DB
	site   *tsdb.DB
	both   storage.Storage
	engine *promql.Engine
	parser parser.Parser
	gate   *gate
	tally  *tally
	known  map[Metric]Description // the catalogue; never changed
	series []Metric               // of one machine, in the order of its memory

	mu     sync.Mutex // one round is written at a time; guards what follows
	units  map[unitKey]*memory
	sums   map[string]storage.SeriesRef
	swept  time.Time // when forgotten machines were last looked for
	tended time.Time // when the databases were last tended
	closed bool

	tending sync.Mutex   // one at a time looks after the databases
	life    sync.RWMutex // held for reading while a query runs
	stop    atomic.Pointer[failure]
	wake    chan struct{}
	ended   chan struct{}
	cancel  context.CancelFunc
}

// failure is why nothing is written any more. Unsafe says that a lock may be
// held forever, so that reading must not be tried either.
type failure struct {
	err    error
	unsafe bool
}

// Open opens or creates the telemetry in a folder and replays what a crash left
// in its logs. ctx bounds nothing but the work in the background, which Close ends.
func Open(ctx context.Context, dir string, o Options) (*DB, error) {
	o = o.WithDefaults()
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("open telemetry: %w", err)
	}
	lock, err := seize(dir)
	if err != nil {
		return nil, fmt.Errorf("open telemetry: %w", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	db := &DB{
		o: o, dir: dir, lock: lock, cancel: cancel, tally: newTally(), gate: newGate(o.Query),
		units: map[unitKey]*memory{}, sums: map[string]storage.SeriesRef{},
		known: map[Metric]Description{},
		wake:  make(chan struct{}, 1), ended: make(chan struct{}),
	}
	for _, d := range Catalogue() {
		db.known[d.Metric] = d
	}
	for _, d := range machineCatalogue() {
		db.series = append(db.series, d.Metric)
	}
	if err := db.openStores(ctx); err != nil {
		cancel()
		return nil, errors.Join(fmt.Errorf("open telemetry: %w", err), db.closeStores(), lock.Close())
	}
	db.parser = parser.NewParser(parser.Options{})
	db.engine = newEngine(o, db.parser)
	go db.tend(ctx)
	return db, nil
}

func (db *DB) openStores(ctx context.Context) error {
	var err error
	raw := storeOptions{name: "raw", retention: db.o.RawRetention, bytes: db.o.RawBytes, share: 40, stripes: 1 << 12}
	if db.raw, err = db.openStore(ctx, raw); err != nil {
		return err
	}
	site := storeOptions{name: "site", retention: db.o.SiteRetention, bytes: db.o.SiteBytes, share: 10, stripes: 1 << 8}
	if db.site, err = db.openStore(ctx, site); err != nil {
		return err
	}
	db.both = storage.NewFanout(db.o.Log, db.raw, db.site)
	return nil
}

func newEngine(o Options, p parser.Parser) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger: o.Log, MaxSamples: o.Query.Samples, Timeout: o.Query.Timeout,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
		EnableAtModifier:         true, EnableNegativeOffset: true, Parser: p,
	})
}

// Close waits for queries and for work in the background, writes what is in
// memory and frees the folder. End the server that serves Handler first.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	db.cancel()
	close(db.wake)
	db.mu.Unlock()
	<-db.ended
	db.life.Lock()
	defer db.life.Unlock()
	var faults []error
	if f := db.stop.Load(); f == nil || !f.unsafe {
		faults = append(faults, guarded(db.closeStores))
	}
	return errors.Join(append(faults, db.lock.Close())...)
}

func (db *DB) closeStores() error {
	var faults []error
	for _, s := range []*tsdb.DB{db.raw, db.site} {
		if s != nil {
			if err := s.Close(); err != nil {
				faults = append(faults, fmt.Errorf("close %s: %w", s.Dir(), err))
			}
		}
	}
	return errors.Join(faults...)
}

// guarded runs what may panic when the disk fails: the library writes chunks of
// memory to a file and panics where it cannot. A panic becomes an error here, so
// that a full disk does not end the program that controls the site.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return f()
}

var errPanic = errors.New("the database gave up")

// fail ends all writing until the program is started again.
func (db *DB) fail(err error) error {
	f := &failure{err: err, unsafe: errors.Is(err, errPanic)}
	if db.stop.CompareAndSwap(nil, f) {
		db.o.Log.Error("telemetry stopped; control goes on without it", "folder", db.dir, "error", err)
	}
	return db.refusal()
}

// refusal is the error with which a stopped telemetry answers every round.
func (db *DB) refusal() error {
	if f := db.stop.Load(); f != nil {
		return fmt.Errorf("%w in %s: %w: check the disk, then start the program again", ErrStopped, db.dir, f.err)
	}
	return nil
}

// Counts says what became of the samples so far.
func (db *DB) Counts() Counts {
	c := Counts{Samples: db.tally.samples.Load(), Noted: map[Reason]uint64{}, Machines: int(db.tally.machines.Load())}
	for r, n := range db.tally.noted {
		c.Noted[r] = n.Load()
	}
	c.Series = db.raw.Head().NumSeries() + db.site.Head().NumSeries()
	return c
}

func (db *DB) folder(name string) string { return filepath.Join(db.dir, name) }
