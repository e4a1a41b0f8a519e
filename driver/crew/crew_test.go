package crew

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sluice/unit"
)

var here = netip.MustParseAddr("10.20.1.7")

// inside runs a crew in a bubble and checks that nothing is left of it.
func inside(t *testing.T, cfg Config, body func(*testing.T, *Crew)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := New(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		synctest.Wait()
		body(t, c)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if s := c.Stats(); s.Running != 0 || s.CommandsWaiting != 0 || s.ReadsWaiting != 0 || len(c.berths) != 0 || len(c.networks) != 0 || s.CommandsBegun != s.CommandsEnded || s.ReadsBegun != s.ReadsEnded {
			t.Errorf("something is left: %+v, %d machines, %d networks", s, len(c.berths), len(c.networks))
		}
	})
}

// lasts is a job that takes so long, or until its context ends.
func lasts(d time.Duration) func(context.Context) {
	return func(ctx context.Context) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
}

// pass lets time of the bubble pass and waits until nothing moves.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// ledger notes the order in which jobs began.
type ledger struct {
	mu    sync.Mutex
	names []string
}

func (l *ledger) job(name string, do func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		l.mu.Lock()
		l.names = append(l.names, name)
		l.mu.Unlock()
		do(ctx)
	}
}

func (l *ledger) wants(t *testing.T, names ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.names, names) {
		t.Errorf("began %v, want %v", l.names, names)
	}
}

func take(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestCommandsGoBeforeReadsAndTheHeaviestFirst(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 1}, func(t *testing.T, c *Crew) {
		t.Helper()
		var l ledger
		take(t, c.Command(0, here, 1, l.job("first", lasts(time.Second))))
		c.Read(1, here, l.job("read", lasts(time.Second)))
		take(t, c.Command(2, here, 2000, l.job("light", lasts(time.Second))))
		take(t, c.Command(3, here, 3500, l.job("heavy", lasts(time.Second))))
		take(t, c.Command(4, here, 3500, l.job("heavy and later", lasts(time.Second))))
		pass(5 * time.Second)
		l.wants(t, "first", "heavy", "heavy and later", "light", "read")
	})
}

func TestOneJobAMachine(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 8, Grace: time.Hour}, func(t *testing.T, c *Crew) {
		t.Helper()
		var l ledger
		c.Read(1, here, l.job("read", lasts(4*time.Second)))
		synctest.Wait()
		take(t, c.Command(1, here, 1, l.job("command", lasts(time.Second))))
		c.Read(1, here, l.job("read again", lasts(time.Second)))
		if s := c.Stats(); s.Running != 1 || s.CommandsWaiting != 1 || s.ReadsWaiting != 1 {
			t.Errorf("stands at %+v", s)
		}
		pass(7 * time.Second)
		l.wants(t, "read", "command", "read again")
	})
}

// TestACommandEndsAReadOfItsMachine: after the grace, and not before.
func TestACommandEndsAReadOfItsMachine(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 8, Grace: time.Second, ReadTimeout: time.Minute}, func(t *testing.T, c *Crew) {
		t.Helper()
		var cause error
		begin := time.Now()
		c.Read(1, here, func(ctx context.Context) { <-ctx.Done(); cause = context.Cause(ctx) })
		c.Read(2, here, lasts(30*time.Second))
		synctest.Wait()
		took := time.Duration(0)
		take(t, c.Command(1, here, 1, func(context.Context) { took = time.Since(begin) }))
		pass(2 * time.Second)
		if took != time.Second || !errors.Is(cause, ErrYield) {
			t.Errorf("the command began after %v, the read ended because %v", took, cause)
		}
		if s := c.Stats(); s.ReadsYielded != 1 || s.Running != 1 {
			t.Errorf("another machine's read was ended too: %+v", s)
		}
	})
}

func TestANewerCommandReplacesTheOlder(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 1}, func(t *testing.T, c *Crew) {
		t.Helper()
		take(t, c.Command(0, here, 1, lasts(time.Second)))
		var told, begun []error
		for i := range 3 {
			take(t, c.Command(1, here, unit.Power(i), func(ctx context.Context) {
				if err := context.Cause(ctx); err != nil {
					told = append(told, err)
					return
				}
				begun = append(begun, nil)
			}))
			synctest.Wait()
		}
		if len(told) != 2 || !errors.Is(told[0], ErrReplaced) {
			t.Errorf("the older ones were told %v before anything ended", told)
		}
		pass(2 * time.Second)
		if len(begun) != 1 || len(told) != 2 || c.Stats().CommandsReplaced != 2 {
			t.Errorf("%d began, %d were told", len(begun), len(told))
		}
	})
}

// TestReadsGoOnUnderACommandStorm: one for every patience of commands.
func TestReadsGoOnUnderACommandStorm(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 2}, func(t *testing.T, c *Crew) {
		t.Helper()
		var stop atomic.Bool
		var again func(machine int) func(context.Context)
		again = func(machine int) func(context.Context) {
			return func(ctx context.Context) {
				lasts(time.Second)(ctx)
				if !stop.Load() {
					take(t, c.Command(machine, here, 1, again(machine)))
				}
			}
		}
		for m := range 4 {
			take(t, c.Command(m, here, 1, again(m)))
		}
		for m := range 10 {
			c.Read(100+m, here, lasts(time.Second))
		}
		pass(100 * time.Second)
		if s := c.Stats(); s.ReadsEnded < 10 || s.CommandsEnded < 15*s.ReadsEnded {
			t.Errorf("%+v", s)
		}
		stop.Store(true)
		pass(10 * time.Second)
	})
}

// TestSlowReadsLeaveHandsForCommands: an order begins at once though all that
// may read is reading.
func TestSlowReadsLeaveHandsForCommands(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 8, ReadTimeout: time.Minute}, func(t *testing.T, c *Crew) {
		t.Helper()
		for m := range 20 { // each in another network
			c.Read(m, netip.AddrFrom4([4]byte{10, 20, byte(m), 1}), lasts(time.Hour))
		}
		if s := c.Stats(); s.Running != 6 || s.ReadsWaiting != 14 {
			t.Errorf("%+v", s)
		}
		begin, took := time.Now(), time.Hour
		take(t, c.Command(100, here, 1, func(context.Context) { took = time.Since(begin) }))
		synctest.Wait()
		if took != 0 {
			t.Errorf("the order waited %v", took)
		}
	})
}

func TestANetworkIsBounded(t *testing.T) {
	t.Parallel()
	other := netip.MustParseAddr("10.20.2.7")
	inside(t, Config{Parallel: 100, PerNetwork: 4}, func(t *testing.T, c *Crew) {
		t.Helper()
		var l ledger
		for m := range 3 {
			c.Read(m, here, l.job("read", lasts(time.Second)))
		}
		c.Read(3, here, l.job("fourth read", lasts(time.Second)))
		take(t, c.Command(10, here, 5, l.job("first", lasts(time.Second))))
		for m := 11; m < 14; m++ {
			take(t, c.Command(m, here, unit.Power(m), lasts(time.Second)))
		}
		take(t, c.Command(20, other, 1, lasts(time.Second)))
		if s := c.Stats(); s.Running != 5 || s.CommandsWaiting != 3 || s.ReadsWaiting != 1 {
			t.Errorf("%+v", s)
		}
		pass(4 * time.Second)
		if s := c.Stats(); s.CommandsEnded != 5 || s.ReadsEnded != 4 || s.MostRunning != 5 {
			t.Errorf("%+v", s)
		}
	})
}

func TestReadsAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 1, Queue: 2}, func(t *testing.T, c *Crew) {
		t.Helper()
		c.Read(0, here, lasts(time.Second))
		synctest.Wait()
		got := []bool{c.Read(1, here, lasts(0)), c.Read(1, here, lasts(0)), c.Read(2, here, lasts(0)), c.Read(3, here, lasts(0))}
		if !slices.Equal(got, []bool{true, false, true, false}) || c.Stats().ReadsDropped != 2 {
			t.Errorf("taken: %v, %+v", got, c.Stats())
		}
		pass(2 * time.Second)
	})
}

func TestJobsHaveDeadlines(t *testing.T) {
	t.Parallel()
	inside(t, Config{Parallel: 4, CommandTimeout: 3 * time.Second, ReadTimeout: 2 * time.Second}, func(t *testing.T, c *Crew) {
		t.Helper()
		begin := time.Now()
		var command, read time.Duration
		take(t, c.Command(1, here, 1, func(ctx context.Context) { <-ctx.Done(); command = time.Since(begin) }))
		c.Read(2, here, func(ctx context.Context) { <-ctx.Done(); read = time.Since(begin) })
		pass(5 * time.Second)
		if command != 3*time.Second || read != 2*time.Second {
			t.Errorf("the command had %v, the read %v", command, read)
		}
	})
}

// TestAPanicIsContained: it is reported and the machine is free again.
func TestAPanicIsContained(t *testing.T) {
	t.Parallel()
	var said []any
	inside(t, Config{Parallel: 1, Panicked: func(machine int, what any, _ []byte) { said = append(said, machine, what) }}, func(t *testing.T, c *Crew) {
		t.Helper()
		take(t, c.Command(7, here, 1, func(context.Context) { panic("planted") }))
		synctest.Wait()
		after := false
		take(t, c.Command(7, here, 1, func(context.Context) { after = true }))
		take(t, c.Command(8, here, 1, func(context.Context) { runtime.Goexit() }))
		synctest.Wait()
		if !slices.Equal(said, []any{7, "planted"}) || !after || c.Stats().Panics != 1 {
			t.Errorf("said %v, went on: %t", said, after)
		}
	})
}

// TestTheEnd: what runs is ended, what waits is told, and nothing is taken.
func TestTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(Config{Parallel: 2})
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		var causes []error
		note := func(ctx context.Context) {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			causes = append(causes, context.Cause(ctx))
		}
		for m := range 5 {
			take(t, c.Command(m, here, 1, note))
			c.Read(10+m, here, note)
		}
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil || len(causes) != 10 {
			t.Errorf("%v, %d of 10 jobs were called", err, len(causes))
		}
		ended := 0
		for _, err := range causes {
			if errors.Is(err, ErrEnded) {
				ended++
			}
		}
		if ended != 10 || c.Read(1, here, note) || !errors.Is(c.Command(1, here, 1, note), ErrEnded) || c.Run(t.Context()) == nil {
			t.Errorf("%d were told that it ended", ended)
		}
	})
}

// TestAnything throws all kinds of jobs at crews of all sizes: each is called
// once, no machine twice at a time, no bound is passed.
func TestAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		cfg := Config{Parallel: rapid.IntRange(1, 6).Draw(r, "parallel"), PerNetwork: rapid.IntRange(0, 3).Draw(r, "a network"), Queue: rapid.IntRange(1, 9).Draw(r, "queue"), Grace: time.Millisecond}
		storm := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) gust {
			return gust{
				machine: rapid.IntRange(0, 9).Draw(r, "machine"), net: byte(rapid.IntRange(0, 2).Draw(r, "net")), command: rapid.Bool().Draw(r, "command"),
				takes: time.Duration(rapid.IntRange(0, 5).Draw(r, "takes")) * time.Millisecond, pause: time.Duration(rapid.IntRange(0, 2).Draw(r, "pause")) * time.Millisecond,
			}
		}), 1, 80).Draw(r, "storm")
		var faults []string
		inside(t, cfg, func(t *testing.T, c *Crew) { t.Helper(); faults = blow(c, storm) })
		if len(faults) > 0 {
			r.Fatal(faults)
		}
	})
}

// gust is one job of a storm.
type gust struct {
	machine      int
	net          byte
	command      bool
	takes, pause time.Duration
}

// watch is what the jobs of a storm do to each other.
type watch struct {
	mu       sync.Mutex
	busy     map[int]bool
	nets     map[byte]int
	running  int
	calls    int
	faults   []string
	parallel int
	each     int
}

func (w *watch) enter(g gust) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[g.machine] {
		w.faults = append(w.faults, "two jobs on one machine")
	}
	w.busy[g.machine] = true
	w.nets[g.net]++
	w.running++
	if w.running > w.parallel || w.nets[g.net] > w.each {
		w.faults = append(w.faults, "too many at once")
	}
}

func (w *watch) exit(g gust) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[g.machine] = false
	w.nets[g.net]--
	w.running--
}

// blow plays a storm and returns what went wrong.
func blow(c *Crew, storm []gust) []string {
	w := &watch{busy: map[int]bool{}, nets: map[byte]int{}, parallel: c.config.Parallel, each: c.config.PerNetwork}
	taken := 0
	for _, g := range storm {
		do := func(ctx context.Context) {
			w.mu.Lock()
			w.calls++
			w.mu.Unlock()
			if errors.Is(context.Cause(ctx), ErrReplaced) {
				return
			}
			w.enter(g)
			lasts(g.takes)(ctx)
			w.exit(g)
		}
		host := netip.AddrFrom4([4]byte{10, 20, g.net, byte(g.machine)})
		if !g.command {
			if c.Read(g.machine, host, do) {
				taken++
			}
		} else if c.Command(g.machine, host, unit.Power(g.machine), do) == nil {
			taken++
		}
		pass(g.pause)
	}
	pass(time.Second)
	if s := c.Stats(); s.Running+s.CommandsWaiting+s.ReadsWaiting > 0 {
		w.faults = append(w.faults, "somebody waits for ever")
	}
	if w.calls != taken {
		w.faults = append(w.faults, "a job was not called once")
	}
	return w.faults
}
