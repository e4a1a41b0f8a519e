package telemetry

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// rounds writes n rounds of two machines and one sum, 30 s apart.
func rounds(t *testing.T, db *DB, c *clock, n int) {
	t.Helper()
	b := db.Batch()
	for range n {
		for m := range 2 {
			b.Unit(machine(m, c.at, 1000))
		}
		b.Site(SitePower, c.at, 2000, Label{"site", "houston"})
		commit(t, b)
		c.at = c.at.Add(30 * time.Second)
	}
}

func copied(t *testing.T, from string) string {
	t.Helper()
	for { // what comes and goes while the folder is copied is copied the next time
		to := filepath.Join(t.TempDir(), "copy")
		err := os.CopyFS(to, os.DirFS(from))
		if err == nil {
			return to
		}
		if !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

// TestACrashLosesNothingThatTheSystemHad copies the folder while it is written,
// which is what a killed program leaves, and opens the copy.
func TestACrashLosesNothingThatTheSystemHad(t *testing.T) {
	t.Parallel()
	for sentence, n := range map[string]int{
		"a few rounds":                        5,
		"with full chunks in a file":          300, // 2.5 h
		"after a first block":                 420, // 3.5 h
		"in the middle of the second of them": 700,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			c := &clock{noon}
			db := open(t, c, "")
			for done := 0; done < n; done += 10 {
				rounds(t, db, c, min(10, n-done))
				db.tendOnce(t.Context())
			}
			after := open(t, c, copied(t, db.dir))
			for _, query := range []string{
				`sum(count_over_time(sluice_machine_power_watts[1d]))`, `count_over_time(sluice_site_power_watts[1d])`,
				`sum(increase(sluice_machine_uptime_seconds[1d]))`, `sum(sluice_machine_power_watts)`,
			} {
				before, got := number(t, db, query, c.at), number(t, after, query, c.at)
				if before == "" || got != before {
					t.Errorf("%s is %q after the crash and was %q", query, got, before)
				}
			}
			rounds(t, after, c, 2)
			if got := number(t, after, `sum(sluice_machine_power_watts)`, c.at); got != "2000" {
				t.Errorf("writing after the crash: %q", got)
			}
		})
	}
}

// TestATornLogIsMended cuts the newest segment of the log at many places: what
// stands before the cut survives.
func TestATornLogIsMended(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	rounds(t, db, c, 40)
	const log = "raw/wal/00000000"
	whole, err := os.Stat(filepath.Join(db.dir, log))
	if err != nil {
		t.Fatal(err)
	}
	query, last := `sum(count_over_time(sluice_machine_power_watts[1d])) or vector(0)`, 81.0
	for _, part := range []int64{100, 99, 90, 70, 50, 20, 1, 0} {
		dir := copied(t, db.dir)
		if err := os.Truncate(filepath.Join(dir, log), whole.Size()*part/100); err != nil {
			t.Fatal(err)
		}
		after := open(t, c, dir)
		got := float(t, number(t, after, query, c.at))
		if got > last || part == 100 && got != 80 || part >= 50 && got < 20 {
			t.Errorf("%d %% of the log give %v samples, after %v", part, got, last)
		}
		last = got
		rounds(t, after, &clock{c.at}, 1)
	}
	dir := copied(t, db.dir)
	f, err := os.OpenFile(filepath.Join(dir, log), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strings.Repeat("garbage", 100)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := number(t, open(t, c, dir), query, c.at); got != "80" {
		t.Errorf("with garbage behind the log %s samples, want 80", got)
	}
}

func TestClosedAndOpenedAgain(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	dir := t.TempDir()
	db := open(t, c, dir)
	rounds(t, db, c, 10)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	b := db.Batch()
	b.Unit(machine(0, c.at, 1000))
	if err := b.Commit(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("a round after Close: %v", err)
	}
	if code, body := ask(t, db, "/labels", nil); code != 503 {
		t.Errorf("a question after Close: %d %s", code, body)
	}
	if got := number(t, open(t, c, dir), `sum(count_over_time(sluice_machine_power_watts[1h]))`, c.at); got != "20" {
		t.Errorf("%s samples after opening again", got)
	}
}

func TestOneProgramAtATime(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	if _, err := Open(t.Context(), db.dir, Options{Now: c.now}); !errors.Is(err, ErrLocked) {
		t.Errorf("the second got %v", err)
	}
}

// TestRetention keeps the machines for four hours and the sums for sixteen.
func TestRetention(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "", func(o *Options) { o.RawRetention, o.SiteRetention = 4*time.Hour, 16*time.Hour })
	step := 5 * time.Minute
	for k := range int(30 * time.Hour / step) {
		b := db.Batch()
		b.Unit(machine(0, c.at, 1000))
		b.Site(SitePower, c.at, 1000, Label{"site", "houston"})
		commit(t, b)
		c.at = c.at.Add(step)
		if k%12 == 0 {
			db.tendOnce(t.Context())
		}
	}
	hours := func(query string) float64 {
		return c.at.Sub(time.Unix(int64(float(t, number(t, db, query, c.at))), 0)).Hours()
	}
	raw, site := hours(`min_over_time(timestamp(sluice_machine_power_watts)[1w:5m])`), hours(`min_over_time(timestamp(sluice_site_power_watts)[1w:5m])`)
	if raw < 4 || raw > 10 {
		t.Errorf("machines are kept for %.1f h, want 4 and at most two blocks and a head more", raw)
	}
	if site < 16 || site > 24 {
		t.Errorf("sums are kept for %.1f h, want 16 and at most two blocks and a head more", site)
	}
}

// TestAFullDiskIsWaitedFor: below the least free space nothing is written, and writing goes on by itself.
func TestAFullDiskIsWaitedFor(t *testing.T) {
	t.Parallel()
	c, free := &clock{noon}, new(atomic.Int64)
	free.Store(1 << 40)
	db := open(t, c, "", func(o *Options) {
		o.LeastFree, o.free = 512<<20, func(string) (int64, error) { return free.Load(), nil }
	})
	rounds(t, db, c, 1)
	free.Store(511 << 20)
	b := db.Batch()
	b.Unit(machine(0, c.at, 1000))
	err := b.Commit(t.Context())
	if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), "511 MB free") {
		t.Errorf("on a full disk: %v", err)
	}
	if got := db.Counts(); got.Noted[Disk] == 0 {
		t.Errorf("dropped without being counted: %+v", got)
	}
	if got := number(t, db, `sum(sluice_machine_power_watts)`, c.at); got != "2000" {
		t.Errorf("a full disk is no reason to answer %q", got)
	}
	free.Store(1 << 40)
	rounds(t, db, c, 1)
}

// TestABrokenDiskStopsTelemetryOnly: an error and a panic while writing both end in ErrStopped.
func TestABrokenDiskStopsTelemetryOnly(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		fail func() error
		read bool
	}{
		"an error": {func() error { return syscall.EROFS }, true},
		"a panic":  {func() error { panic("write chunk: no space left on device") }, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k, broken := &clock{noon}, false
			db := open(t, k, "", func(o *Options) {
				o.fail = func() error {
					if broken {
						return c.fail()
					}
					return nil
				}
			})
			rounds(t, db, k, 1)
			broken = true
			for range 2 {
				b := db.Batch()
				b.Unit(machine(0, k.at, 1000))
				if err := b.Commit(t.Context()); !errors.Is(err, ErrStopped) {
					t.Errorf("on a broken disk: %v", err)
				}
				broken = false // it stays stopped: a disk that failed once is not trusted
			}
			if code, body := ask(t, db, "/query", form("query", "1+1")); (code == 200) != c.read {
				t.Errorf("reading: %d %s", code, body)
			}
			db.tendOnce(t.Context())
			if err := db.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}
