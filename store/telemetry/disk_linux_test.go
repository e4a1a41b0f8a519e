package telemetry

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestARealDiskThatFillsUp writes on a file system of 24 MB until it is full,
// with the watch on free space switched off: the program lives, says what
// happened, and what was written is there when the disk has room again.
func TestARealDiskThatFillsUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("SKIPPED: a small file system cannot be mounted here, which needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 16<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &clock{noon}
	db := open(t, c, filepath.Join(dir, "telemetry"))
	f, b, err, n := newFleet(500), db.Batch(), error(nil), 0
	for ; n < 5000 && err == nil; n++ {
		f.poll(b, c.at)
		c.at = c.at.Add(30 * time.Second)
		err = b.Commit(t.Context())
		if n%20 == 0 {
			db.tendOnce(t.Context())
		}
	}
	if !errors.Is(err, ErrStopped) && !errors.Is(err, ErrDiskFull) {
		t.Fatalf("after %d rounds on a full disk: %v", n, err)
	}
	t.Logf("full after %d rounds: %v", n, err)
	stored := db.Counts().Samples
	_ = db.Close() // may say that the disk is full
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	after := open(t, c, filepath.Join(dir, "telemetry"))
	got := float(t, number(t, after, `8 * sum(count_over_time(sluice_machine_up[2d]))`, c.at))
	if got < 0.9*float64(stored) || got == 0 {
		t.Errorf("%v of %d samples are there", got, stored)
	}
	again := after.Batch()
	f.poll(again, c.at)
	commit(t, again)
}
