package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/loop/cycle"
	"sluice/store/file"
	"sluice/store/storetest"
	"sluice/unit"
)

// journal translates between the suite and the store.
type journal struct{ *Store }

func (j journal) Append(ctx context.Context, records ...storetest.Record) error {
	var out []Record
	for _, r := range records {
		out = append(out, Record{
			Site: r.Site, Kind: Kind(r.Kind), Key: r.Key, Subject: r.Subject, Turn: r.Turn, At: r.At,
			Epoch: Epoch{r.Epoch[0], r.Epoch[1], r.Epoch[2]}, Body: []byte(r.Body),
		})
	}
	return j.Store.Append(ctx, out...)
}

func back(r Stored) storetest.Stored {
	return storetest.Stored{Seq: r.Seq, Hash: r.Hash, Record: storetest.Record{
		Site: r.Site, Kind: string(r.Kind), Key: r.Key, Subject: r.Subject, Turn: r.Turn, At: r.At,
		Epoch: storetest.Epoch{r.Epoch.Term, r.Epoch.Plan, r.Epoch.Sequence}, Body: string(r.Body),
	}}
}

func backs(list []Stored, err error) ([]storetest.Stored, error) {
	var out []storetest.Stored
	for _, r := range list {
		out = append(out, back(r))
	}
	return out, err
}

func (j journal) Read(ctx context.Context, r storetest.Range) ([]storetest.Stored, error) {
	return backs(j.Store.Read(ctx, Range{
		Site: r.Site, Kind: Kind(r.Kind), FirstTurn: r.FirstTurn, LastTurn: r.LastTurn,
		From: r.From, To: r.To, After: r.After, Limit: r.Limit,
	}))
}

func (j journal) Find(ctx context.Context, site, kind, key string) (storetest.Stored, bool, error) {
	r, found, err := j.Store.Find(ctx, site, Kind(kind), key)
	return back(r), found, err
}

func (j journal) Current(ctx context.Context, site, kind string) ([]storetest.Stored, error) {
	return backs(j.Store.Current(ctx, site, Kind(kind)))
}

func (j journal) LastEpoch(ctx context.Context, site, subject string) (storetest.Epoch, error) {
	e, err := j.Store.LastEpoch(ctx, site, subject)
	return storetest.Epoch{e.Term, e.Plan, e.Sequence}, err
}

// edit changes a closed database behind the store's back.
func edit(ctx context.Context, dir string, statements ...string) error {
	return storetest.Edit(ctx, filepath.Join(dir, fileName), statements...)
}

// TestStore holds the store against the suite of all stores.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Harness{
		Open: func(ctx context.Context, dir string, queue int, before func() error) (storetest.Journal, error) {
			s, err := Open(ctx, Config{Directory: dir, Queue: queue, before: before})
			if err != nil {
				return nil, err
			}
			return journal{s}, nil
		},
		Advance: func(ctx context.Context, dir string) error { return edit(ctx, dir, "PRAGMA user_version = 99") },
		Reasons: storetest.Reasons{
			Invalid: ErrInvalid, Conflict: ErrConflict, EpochBack: ErrEpochBack, Withdrawn: ErrWithdrawn,
			Full: ErrFull, Undecided: ErrUndecided, Closed: ErrClosed, Broken: ErrBroken, Locked: ErrLocked, Newer: ErrNewer,
		},
	})
}

func openAt(tb testing.TB, dir string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), Config{Directory: dir})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func sample(n int) Record {
	return Record{Site: "s", Kind: Mode, Key: strconv.Itoa(n), At: time.UnixMicro(int64(n) + 1), Body: []byte("1")}
}

// TestSettings asks SQLite itself what holds on the connections.
func TestSettings(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "fullfsync": "1", "query_only": "0"} {
		var got string
		if err := s.at.Writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %q, want %q (%v)", pragma, got, want, err)
		}
	}
	if _, err := s.at.Reader.ExecContext(t.Context(), "DELETE FROM epoch"); err == nil {
		t.Error("a reader may write")
	}
}

// TestNothingIsRewritten: even a statement of our own cannot change the journal or lower an epoch.
func TestNothingIsRewritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	order := sample(1)
	order.Kind, order.Subject, order.Epoch = Order, "hall", Epoch{Plan: 5}
	if err := errors.Join(s.Append(t.Context(), order), s.Close()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE journal SET turn = 9", "DELETE FROM journal", "UPDATE epoch SET plan = 4"} {
		if err := edit(t.Context(), dir, statement); err == nil {
			t.Errorf("%s passed", statement)
		}
	}
}

// TestChangedOnDisk: what the disk changed is not answered.
func TestChangedOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	if err := errors.Join(s.Append(t.Context(), sample(1)), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := edit(t.Context(), dir, "DROP TRIGGER journal_stays", "UPDATE journal SET body = '2'"); err != nil {
		t.Fatal(err)
	}
	if _, err := openAt(t, dir).Read(t.Context(), Range{Site: "s"}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("error %v, want %v", err, ErrCorrupt)
	}
}

// TestForeignDatabase: another program's file is left alone.
func TestForeignDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := edit(t.Context(), dir, "CREATE TABLE theirs (x)"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Directory: dir}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("error %v", err)
	}
}

// TestMigrate goes up one version at a time, keeps a copy of what held data, and
// leaves the version where a step fails.
func TestMigrate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	if err := errors.Join(s.Append(t.Context(), sample(1)), s.Close()); err != nil {
		t.Fatal(err)
	}
	steps, err := file.Texts(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	d := Config{Directory: dir}.layout().Database()
	if err := storetest.Climb(t.Context(), d, append(steps, "CREATE TABLE extra (x);")...); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(fmt.Sprintf("%s.before-%d", d.Path, len(steps)+1)); err != nil {
		t.Errorf("no copy: %v", err)
	}
	if err := storetest.Climb(t.Context(), d, append(steps, "", "CREATE TABLE extra (x);")...); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("a failed step: %v", err)
	}
	if _, err := Open(t.Context(), Config{Directory: dir}); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), fmt.Sprint("has version ", len(steps)+1, ",")) {
		t.Errorf("after it: %v", err)
	}
}

// TestConfig names every fault at once.
func TestConfig(t *testing.T) {
	t.Parallel()
	err := Config{Queue: -1, Batch: -1}.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("faults %v, want three", err)
	}
}

// TestPapers writes a turn twice and reads it back as it was.
func TestPapers(t *testing.T) {
	t.Parallel()
	h := cycle.Head{Version: cycle.Version, Site: "santos", Turn: 77, At: time.Date(2025, 3, 30, 1, 0, 0, 0, time.UTC)}
	turn := cycle.Turn{
		Snapshot: cycle.Snapshot{Head: h}, Plan: cycle.Plan{Head: h, Worth: -5}, Entry: cycle.Entry{Head: h},
		Orders: []cycle.Order{
			{Head: h, Use: "hall/1", Epoch: 77, On: unit.Power(5_000_000), Draw: unit.Power(6_000_000), Deadline: h.At.Add(time.Minute), Silence: cycle.StopOnly},
			{Head: h, Use: "hall/2", Epoch: 77},
		},
		Receipts: []cycle.Receipt{{Head: h, Use: "hall/1", Accepted: true, At: h.At.Add(time.Second)}},
	}
	records, err := Papers(turn, 3)
	if err != nil || len(records) != 6 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	s := openAt(t, t.TempDir())
	for range 2 {
		if err := s.Append(t.Context(), records...); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Current(t.Context(), "santos", Order)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d orders, %v", len(got), err)
	}
	var order cycle.Order
	if err := json.Unmarshal(got[0].Body, &order); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(turn.Orders[0], order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if e, err := s.LastEpoch(t.Context(), "santos", "hall/2"); err != nil || e != (Epoch{Term: 3, Plan: 77}) {
		t.Errorf("epoch %v, %v", e, err)
	}
}

// FuzzCanonical: the canonical form is JSON, says the same, and is its own canonical form.
func FuzzCanonical(f *testing.F) {
	for _, text := range []string{`{"b": 1.50, "a": [null, "<&>"]}`, `9007199254740993`, `"\u0000\ud800"`, `{} {}`, `[`, ``} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := Canonical(text)
		if err != nil {
			return
		}
		twice, err := Canonical(once)
		if err != nil || string(once) != string(twice) || !json.Valid(once) {
			t.Errorf("%q became %q, then %q (%v)", text, once, twice, err)
		}
	})
}

// BenchmarkAppendAlone measures one writer, who waits for each record: a
// transaction and an fsync every time.
func BenchmarkAppendAlone(b *testing.B) {
	s := openAt(b, b.TempDir())
	for n := 0; b.Loop(); n++ {
		if err := s.Append(b.Context(), sample(n)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acks/s")
}

// BenchmarkAppend measures acknowledgements per second of 256 writers with
// bodies of about 500 bytes, each a call of its own.
func BenchmarkAppend(b *testing.B) {
	s := openAt(b, b.TempDir())
	body := []byte(`"` + strings.Repeat("x", 500) + `"`)
	b.SetParallelism(128)
	next := make(chan int, 1024)
	go func() {
		for n := range b.N {
			next <- n
		}
		close(next)
	}()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			r := sample(<-next)
			r.Body = body
			if err := s.Append(b.Context(), r); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acks/s")
}
