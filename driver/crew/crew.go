package crew

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"sluice/unit"
)

// Why a job is called with a context that is already over, or loses it while it
// runs: context.Cause tells.
var (
	ErrReplaced = errors.New("a newer command for this machine took its place")
	ErrYield    = errors.New("a command for this machine is waiting")
	ErrEnded    = errors.New("the crew has gone home")
)

// errTwice says that one crew was run twice.
var errTwice = errors.New("a crew is run once: make a new one")

// Config bounds a crew. The zero value is usable.
type Config struct {
	Parallel   int // jobs at once; 0: 256. Reads have three quarters of it at most
	PerNetwork int // jobs at once in one /24 (IPv6: /64); 0: no bound. Reads have three quarters of it at most
	Queue      int // reads that wait at most; 0: 65536. Commands are bounded by one a machine

	CommandTimeout time.Duration // of one command from its begin; 0: 30 s
	ReadTimeout    time.Duration // of one read from its begin; 0: 10 s
	Grace          time.Duration // that a read has left when a command comes for its machine; 0: 1 s

	// Panicked is told when a job panics, from the goroutine of that job. The job
	// counts as ended: what it did to its machine is not known. nil: only counted.
	Panicked func(machine int, what any, stack []byte)
}

// withDefaults fills in what was left zero.
func (c Config) withDefaults() Config {
	for _, n := range []struct {
		v  *int
		to int
	}{{&c.Parallel, 256}, {&c.Queue, 1 << 16}} {
		if *n.v <= 0 {
			*n.v = n.to
		}
	}
	for _, d := range []struct {
		v  *time.Duration
		to time.Duration
	}{{&c.CommandTimeout, 30 * time.Second}, {&c.ReadTimeout, 10 * time.Second}, {&c.Grace, time.Second}} {
		if *d.v <= 0 {
			*d.v = d.to
		}
	}
	if c.PerNetwork <= 0 || c.PerNetwork > c.Parallel {
		c.PerNetwork = c.Parallel
	}
	return c
}

// Stats is what a crew has done and has before it.
type Stats struct {
	CommandsBegun    int64
	CommandsEnded    int64
	CommandsReplaced int64
	ReadsBegun       int64
	ReadsEnded       int64
	ReadsDropped     int64 // not taken: the queue was full, or one for the machine waited already
	ReadsYielded     int64 // ended early for a command
	Panics           int64
	CommandsWaiting  int // now
	ReadsWaiting     int // now
	Running          int // now
	MostRunning      int // at once so far
}

// Crew runs jobs on machines. All its methods may be called from many
// goroutines, and from inside jobs.
type Crew struct {
	config Config

	mu       sync.Mutex // guards what is below
	state    phase
	berths   map[int]*berth
	networks map[netip.Prefix]*network
	commands heap
	reads    line
	begun    []*job        // chosen, for Run to give a goroutine
	told     []*job        // will never begin, to be called with an ended context
	work     chan struct{} // something was begun
	news     chan struct{} // somebody is to be told
	since    int           // commands begun since a read was, or none waited
	seq      uint64
	reading  int // reads that run
	stats    Stats
	jobs     sync.WaitGroup
}

// phase is how far a crew is.
type phase int

const (
	waiting phase = iota // takes jobs and begins none
	working
	ended
)

// New returns a crew that takes jobs and begins them once it runs.
func New(c Config) *Crew {
	return &Crew{config: c.withDefaults(), berths: map[int]*berth{}, networks: map[netip.Prefix]*network{}, work: make(chan struct{}, 1), news: make(chan struct{}, 1)}
}

// Command takes a command for a machine at host. Among commands the heavier
// begins first: weight is the power that is at stake, watts. It is never dropped.
//
// do is called exactly once, in a goroutine of the crew, and must end soon after
// its context does. If a newer command takes its place or the crew ends before
// it began, its context is over from the start and context.Cause says
// ErrReplaced or ErrEnded. Command itself returns ErrEnded, and do is never
// called, when Run has ended.
func (c *Crew) Command(machine int, host netip.Addr, weight unit.Power, do func(context.Context)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == ended {
		return ErrEnded
	}
	if b := c.berths[machine]; b != nil && b.command != nil {
		old := b.command
		c.withdraw(old)
		c.stats.CommandsReplaced++
		c.tell(old, ErrReplaced)
	}
	b := c.berth(machine)
	j := &job{machine: machine, berth: b, network: c.network(host), weight: weight, do: do, command: true}
	b.command = j
	c.stats.CommandsWaiting++
	c.offer(j)
	if r := b.running; r != nil && !r.command && r.grace == nil {
		r.grace = time.AfterFunc(c.config.Grace, func() { c.yield(r) })
	}
	c.begin()
	return nil
}

// Read takes a read of a machine at host, the oldest first. It returns false,
// and do is never called, when the queue is full, when one for this machine
// waits already, or when Run has ended; that is counted.
//
// do is called exactly once as that of a Command is; when a command waits for
// the machine its context ends after the grace, with the cause ErrYield.
func (c *Crew) Read(machine int, host netip.Addr, do func(context.Context)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.berths[machine]
	if c.state == ended || c.stats.ReadsWaiting >= c.config.Queue || b != nil && b.read != nil {
		c.stats.ReadsDropped++
		return false
	}
	b = c.berth(machine)
	j := &job{machine: machine, berth: b, network: c.network(host), do: do}
	b.read = j
	c.stats.ReadsWaiting++
	c.offer(j)
	c.begin()
	return true
}

// Stats is how the crew stands.
func (c *Crew) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// Run begins jobs until ctx is over. Then it ends the running ones, calls those
// that wait with ErrEnded, and returns when all of them have returned. A crew is
// run once.
func (c *Crew) Run(ctx context.Context) error {
	c.mu.Lock()
	if c.state != waiting {
		c.mu.Unlock()
		return errTwice
	}
	c.state = working
	c.begin()
	c.mu.Unlock()
	inside, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // ends after the state does, so that nothing begins in between
	defer cancel(nil)
	c.jobs.Go(func() { c.herald(inside) })
	for ctx.Err() == nil {
		c.start(inside)
		select {
		case <-c.work:
		case <-ctx.Done():
		}
	}
	c.end()
	c.start(inside)
	cancel(ErrEnded)
	c.jobs.Wait()
	c.tellAll(inside)
	return nil
}

// start gives every job that was begun a goroutine.
func (c *Crew) start(ctx context.Context) {
	for {
		own, j := c.take(ctx)
		if j == nil {
			return
		}
		c.jobs.Go(func() {
			for ; j != nil; own, j = c.take(ctx) { // a goroutine that has grown its stack is worth keeping
				c.do(own, j)
			}
		})
	}
}

// take is the next job that was begun, with its context, or nil.
func (c *Crew) take(ctx context.Context) (context.Context, *job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.begun) == 0 {
		return nil, nil
	}
	j := c.begun[0]
	c.begun[0] = nil
	if c.begun = c.begun[1:]; len(c.begun) == 0 {
		c.begun = nil
	}
	own, cancel := context.WithCancelCause(ctx)
	if j.cancel = cancel; j.hasty {
		cancel(ErrYield)
	}
	return own, j
}

// do does one job within its time.
func (c *Crew) do(ctx context.Context, j *job) {
	limit := c.config.ReadTimeout
	if j.command {
		limit = c.config.CommandTimeout
	}
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	defer c.done(j)
	c.call(ctx, j)
}

// herald calls the jobs that will never begin, one after the other.
func (c *Crew) herald(ctx context.Context) {
	for {
		c.tellAll(ctx)
		select {
		case <-c.news:
		case <-ctx.Done():
			return
		}
	}
}

// end takes no further jobs and moves those that wait to those to be told.
func (c *Crew) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = ended
	for _, b := range c.berths {
		for _, j := range []*job{b.command, b.read} {
			if j != nil {
				c.withdraw(j)
				c.tell(j, ErrEnded)
			}
		}
	}
}

// tell leaves a job that will never begin to the herald.
func (c *Crew) tell(j *job, why error) {
	j.why = why
	c.told = append(c.told, j)
	signal(c.news)
}

// signal wakes whoever listens, once.
func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// tellAll calls the jobs that never began, with a context that is over.
func (c *Crew) tellAll(ctx context.Context) {
	c.mu.Lock()
	told := c.told
	c.told = nil
	c.mu.Unlock()
	for _, j := range told {
		own, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		cancel(j.why)
		c.call(own, j)
	}
}
