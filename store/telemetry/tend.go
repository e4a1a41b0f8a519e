package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/compression"
)

// storeOptions is what differs between the two databases.
type storeOptions struct {
	name      string
	retention time.Duration
	bytes     int64   // 0: the share
	share     float64 // of the disk, in percent
	stripes   int     // of the table of series
}

// openStore opens one database. Its own timer is put off for good and its
// compaction switched off: both run in tend, where a panic can be met.
func (db *DB) openStore(ctx context.Context, s storeOptions) (*tsdb.DB, error) {
	o := tsdb.DefaultOptions()
	o.RetentionDuration = s.retention.Milliseconds()
	o.MaxBytes, o.MaxPercentage = s.bytes, 0
	if s.bytes == 0 {
		o.MaxPercentage = s.share
	}
	// Small blocks make long queries crawl; 31 days is where Prometheus stops too.
	o.MaxBlockDuration = min(max(s.retention/10, 2*time.Hour), 31*24*time.Hour).Milliseconds()
	o.WALCompression = compression.Snappy
	o.OutOfOrderTimeWindow = db.o.Late.Milliseconds()
	o.EnableMemorySnapshotOnShutdown = true
	o.StripeSize = s.stripes
	o.BlockReloadInterval = 100 * 365 * 24 * time.Hour
	o.NewCompactorFunc = func(_ context.Context, r prometheus.Registerer, l *slog.Logger, ranges []int64, pool chunkenc.Pool, o *tsdb.Options) (tsdb.Compactor, error) {
		return tsdb.NewLeveledCompactorWithOptions(ctx, r, l, ranges, pool, tsdb.LeveledCompactorOptions{
			MaxBlockChunkSegmentSize: o.MaxBlockChunkSegmentSize, EnableOverlappingCompaction: true,
		})
	}
	store, err := tsdb.Open(db.folder(s.name), db.o.Log, nil, o, nil)
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w: move it away to start an empty one", db.folder(s.name), err)
	}
	store.DisableCompactions()
	return store, nil
}

// tendEvery is how often memory is moved to disk and blocks are looked at.
const tendEvery = time.Minute

// tend is the work in the background. Rounds wake it; Close ends it.
func (db *DB) tend(ctx context.Context) {
	defer close(db.ended)
	for range db.wake {
		db.tendOnce(ctx)
	}
}

// tendOnce moves full chunks out of memory, writes blocks and drops what is too
// old. It first tries to write, because the library panics where it cannot.
func (db *DB) tendOnce(ctx context.Context) {
	db.tending.Lock()
	defer db.tending.Unlock()
	if db.stop.Load() != nil || db.room() != nil {
		return
	}
	for _, s := range []*tsdb.DB{db.raw, db.site} {
		if err := probe(s.Dir()); err != nil {
			_ = db.fail(err)
			return
		}
		err := guarded(func() error {
			s.ForceHeadMMap()
			return s.Compact(ctx)
		})
		switch {
		case errors.Is(err, errPanic):
			_ = db.fail(err)
			return
		case err != nil && ctx.Err() == nil:
			db.o.Log.Warn("telemetry could not be compacted; it is tried again", "folder", s.Dir(), "error", err)
		}
	}
}

// probe proves that a folder can be written.
func probe(dir string) error {
	path := filepath.Join(dir, "probe.tmp")
	if err := os.WriteFile(path, make([]byte, 4096), 0o600); err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	return os.Remove(path)
}

// room is nil when there is disk to write on.
func (db *DB) room() error {
	free, err := db.o.free(db.dir)
	if err != nil {
		return err
	}
	if free < db.o.LeastFree {
		return fmt.Errorf("%w: %d MB free in %s, %d MB are wanted: make room", ErrDiskFull, free>>20, db.dir, db.o.LeastFree>>20)
	}
	return nil
}
