package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// Reopen closes and opens again, twice.
func Reopen(tb testing.TB, h Harness) {
	tb.Helper()
	dir := tb.TempDir()
	for turn := int64(1); turn <= 3; turn++ {
		j := open(tb, h, dir)
		mustAppend(tb, j, note("plan", turn))
		if got := mustRead(tb, j, Range{Site: site}); len(got) != int(turn) || got[turn-1].Turn != turn {
			tb.Fatalf("opened for the %d. time: %+v", turn, got)
		}
		if err := j.Close(); err != nil {
			tb.Fatal(err)
		}
	}
}

// AfterClose writes to a journal that was closed.
func AfterClose(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	mustAppend(tb, j, note("plan", 1))
	if err := errors.Join(j.Close(), j.Close()); err != nil {
		tb.Error(err)
	}
	refused(tb, j.Append(tb.Context(), note("plan", 2)), h.Reasons.Closed)
}

// OneWriter opens a directory that is open.
func OneWriter(tb testing.TB, h Harness) {
	tb.Helper()
	dir := tb.TempDir()
	j := open(tb, h, dir)
	if second, err := h.Open(tb.Context(), dir, 0, nil); err == nil {
		_ = second.Close()
		tb.Fatal("two writers hold one directory")
	} else {
		refused(tb, err, h.Reasons.Locked, dir)
	}
	mustAppend(tb, j, note("plan", 1))
	if err := j.Close(); err != nil {
		tb.Fatal(err)
	}
	open(tb, h, dir)
}

// NewerJournal opens what a newer program wrote.
func NewerJournal(tb testing.TB, h Harness) {
	tb.Helper()
	dir := tb.TempDir()
	if err := open(tb, h, dir).Close(); err != nil {
		tb.Fatal(err)
	}
	if err := h.Advance(tb.Context(), dir); err != nil {
		tb.Fatal(err)
	}
	for range 2 { // the refusal leaves no lock behind
		j, err := h.Open(tb.Context(), dir, 0, nil)
		if err == nil {
			_ = j.Close()
		}
		refused(tb, err, h.Reasons.Newer)
	}
}

// DiskError fails one transaction: nothing is tried again and nothing answered,
// closing included.
func DiskError(tb testing.TB, h Harness) {
	tb.Helper()
	var fail, tried atomic.Int64
	j := openWith(tb, h, tb.TempDir(), 0, func() error {
		tried.Add(1)
		if fail.Load() == 1 {
			return errDisk
		}
		return nil
	})
	mustAppend(tb, j, note("plan", 1))
	fail.Store(1)
	refused(tb, j.Append(tb.Context(), note("plan", 2)), h.Reasons.Broken, errDisk.Error())
	fail.Store(0)
	before := tried.Load()
	refused(tb, j.Append(tb.Context(), note("plan", 3)), h.Reasons.Broken, errDisk.Error())
	if tried.Load() != before {
		tb.Error("the store tried again")
	}
	_, err := j.Read(tb.Context(), Range{Site: site})
	refused(tb, err, h.Reasons.Broken)
	_, _, err = j.Find(tb.Context(), site, "plan", "1")
	refused(tb, err, h.Reasons.Broken)
	_, err = j.LastEpoch(tb.Context(), site, "hall/2")
	refused(tb, err, h.Reasons.Broken)
	refused(tb, j.Close(), h.Reasons.Broken)
}

// WaitingBehindError queues a call behind the transaction that fails: it is
// refused as well, and not tried.
func WaitingBehindError(tb testing.TB, h Harness) {
	tb.Helper()
	g := newGate()
	defer g.release()
	j := openWith(tb, h, tb.TempDir(), 0, func() error { return errors.Join(g.before(), errDisk) })
	lead := later(tb.Context(), j, note("mode", 1))
	<-g.here
	var come sync.WaitGroup
	come.Add(1)
	behind := later(arrival{tb.Context(), new(sync.Once), &come}, j, note("mode", 2))
	come.Wait()
	g.release()
	refused(tb, <-lead, h.Reasons.Broken, errDisk.Error())
	refused(tb, <-behind, h.Reasons.Broken, errDisk.Error())
	if n := g.count.Load(); n != 1 {
		tb.Errorf("%d transactions, want 1: the store tried again", n)
	}
}

var errDisk = errors.New("input/output error")
