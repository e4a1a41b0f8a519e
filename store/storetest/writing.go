package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// gate holds the writing goroutine before its first transaction.
type gate struct {
	here  chan struct{} // closed when the goroutine stands at the gate
	pass  chan struct{} // closed to let it through
	once  sync.Once
	let   sync.Once
	count atomic.Int64 // transactions
}

func newGate() *gate { return &gate{here: make(chan struct{}), pass: make(chan struct{})} }

func (g *gate) before() error {
	g.count.Add(1)
	g.once.Do(func() {
		close(g.here)
		<-g.pass
	})
	return nil
}

// release opens the gate; tests defer it, so that a failed one can close its journal.
func (g *gate) release() { g.let.Do(func() { close(g.pass) }) }

// GroupCommit holds one transaction while 200 writers gather: the next ones carry them all.
func GroupCommit(tb testing.TB, h Harness) {
	tb.Helper()
	g := newGate()
	defer g.release()
	j := openWith(tb, h, tb.TempDir(), 0, g.before)
	lead := later(tb.Context(), j, note("mode", 1))
	<-g.here
	var all, started sync.WaitGroup
	started.Add(200)
	for n := range int64(200) {
		all.Go(func() {
			started.Done()
			if err := j.Append(tb.Context(), note("plan", n+1)); err != nil {
				tb.Error(err)
			}
		})
	}
	started.Wait()
	if got := mustRead(tb, j, Range{Site: site}); len(got) != 0 {
		tb.Errorf("%d records are visible before their transaction", len(got))
	}
	g.release()
	all.Wait()
	if err := <-lead; err != nil {
		tb.Error(err)
	}
	if got := mustRead(tb, j, Range{Site: site}); len(got) != 201 {
		tb.Errorf("%d records, want 201", len(got))
	}
	if n := g.count.Load(); n > 150 {
		tb.Errorf("%d transactions for 201 writers", n)
	}
}

// OneOrder appends from several goroutines: each one's records stay in its order,
// and an acknowledged record is visible at once.
func OneOrder(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for turn := range int64(20) {
				r := note("receipt", turn+1)
				r.Key, r.Subject = fmt.Sprintf("%d/%d", g, turn), strconv.Itoa(g)
				if err := j.Append(tb.Context(), r); err != nil {
					tb.Error(err)
				}
				if _, found, err := j.Find(tb.Context(), site, "receipt", r.Key); err != nil || !found {
					tb.Errorf("%s is acknowledged and not there: %v", r.Key, err)
				}
			}
		})
	}
	all.Wait()
	last := map[string]int64{}
	for _, r := range mustRead(tb, j, Range{Site: site}) {
		if r.Turn != last[r.Subject]+1 {
			tb.Fatalf("writer %s: turn %d follows %d", r.Subject, r.Turn, last[r.Subject])
		}
		last[r.Subject] = r.Turn
	}
	if len(last) != 8 {
		tb.Errorf("%d writers were stored, want 8", len(last))
	}
}

// arrival tells when somebody first waits for the end of a context.
type arrival struct {
	context.Context //nolint:containedctx // it is a context itself, which only tells when it is waited for
	once            *sync.Once
	come            *sync.WaitGroup
}

func (a arrival) Done() <-chan struct{} {
	a.once.Do(a.come.Done)
	return a.Context.Done()
}

// FullQueue holds the store with one call in flight: of five more at most one
// has room, the others wait at the door and leave it unstored.
func FullQueue(tb testing.TB, h Harness) {
	tb.Helper()
	g := newGate()
	defer g.release()
	j := openWith(tb, h, tb.TempDir(), 1, g.before)
	lead := later(tb.Context(), j, note("mode", 1))
	<-g.here
	ctx, cancel := context.WithCancel(tb.Context())
	defer cancel()
	var come sync.WaitGroup
	var answers []<-chan error
	for n := range int64(5) {
		come.Add(1)
		answers = append(answers, later(arrival{ctx, new(sync.Once), &come}, j, note("plan", n+1)))
	}
	come.Wait()
	cancel()
	full := 0
	for _, a := range answers {
		err := <-a
		refused(tb, err, h.Reasons.Withdrawn)
		if errors.Is(err, h.Reasons.Full) {
			full++
		}
	}
	if full < 4 {
		tb.Errorf("%d of 5 calls found a queue of one full, want 4", full)
	}
	g.release()
	if err := <-lead; err != nil {
		tb.Error(err)
	}
	mustAppend(tb, j, note("mode", 2))
	if got := mustRead(tb, j, Range{Site: site}); len(got) != 2 {
		tb.Errorf("%d records, want the two that were not withdrawn", len(got))
	}
}

// WithdrawnCall gives up before the call is taken.
func WithdrawnCall(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	err := j.Append(ctx, note("plan", 1))
	refused(tb, err, h.Reasons.Withdrawn)
	if !errors.Is(err, context.Canceled) {
		tb.Errorf("%v does not say why", err)
	}
	mustAppend(tb, j, note("plan", 2))
	if _, found, err := j.Find(tb.Context(), site, "plan", "1"); found || err != nil {
		tb.Errorf("a withdrawn call was stored: %v, %v", found, err)
	}
}

// UndecidedCall gives up while the call is being written: the store says that it
// does not know, and Find waits until it does.
func UndecidedCall(tb testing.TB, h Harness) {
	tb.Helper()
	g := newGate()
	defer g.release()
	j := openWith(tb, h, tb.TempDir(), 0, g.before)
	ctx, cancel := context.WithCancel(tb.Context())
	answer := later(ctx, j, note("order", 1))
	<-g.here
	cancel()
	refused(tb, <-answer, h.Reasons.Undecided)
	impatient, leave := context.WithCancel(tb.Context())
	leave()
	if _, found, err := j.Find(impatient, site, "order", "1"); found || err == nil {
		tb.Errorf("found %v, %v before anybody can know", found, err)
	}
	g.release()
	if _, found, err := j.Find(tb.Context(), site, "order", "1"); !found || err != nil {
		tb.Errorf("found %v, %v", found, err)
	}
}
