package replay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	"sluice/loop/dispatch"
	"sluice/loop/forecast"
	"sluice/loop/settle"
	"sluice/replay/report"
	"sluice/solve"
	"sluice/world"
)

// Options say how a replay runs. They do not change what it finds.
type Options struct {
	Dir      string // where papers and finished months are kept; of no other run
	Threads  int    // months planned at a time, 1 or more
	Solver   func(context.Context) (dispatch.Solver, error)
	Limits   solve.Options
	Progress Progress

	Metering Metering // of the halls, as they are run by Sluice; zero: nobody asks

	Entity *settle.Company            // whose books are written; nil: none
	Books  func(settle.Journal) error // takes them, once everything is replayed
}

// Progress is told how far a replay is. It is called from several goroutines.
type Progress interface {
	Step(done, total int)
}

// ruleShare is what a day of a simple rule counts for in the progress: about as
// long as this many turns of the wheel.
const ruleShare = 5

// errMoved tells that a month was planned from a standing that did not come about.
var errMoved = errors.New("planned from another standing")

// Run replays every policy over the period and returns the report. Finished
// months stay in o.Dir when ctx ends early, and a later run with an equal setup
// goes on from there. A folder with papers of another setup is refused with an
// ErrOtherRun; nothing in it is touched.
func Run(ctx context.Context, s *Setup, o Options) (*report.Report, error) {
	if err := errors.Join(s.Validate(), o.Metering.validate(s.Step)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("replay into %s: %w: choose another folder with --run", o.Dir, err)
	}
	if err := (book{o.Dir}).claim(s.Digest); err != nil {
		return nil, err
	}
	r := &run{s: s, o: o, m: newMarket(s), around: s.around(), book: book{o.Dir}, solvers: &solvers{open: o.Solver}}
	defer r.solvers.close(ctx)
	r.legs = r.m.legs()
	n := r.m.grid.Len()
	r.total = len(r.rules())*(n/96*ruleShare) + n/2 + n
	if len(s.Halls) > 0 && s.mines() {
		r.total += n // for the two ways that it is compared with
	}
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	if o.Entity != nil {
		j, err := r.journal(o.Entity)
		if err == nil {
			err = o.Books(j)
		}
		if err != nil {
			return nil, err
		}
	}
	return r.report()
}

// run is a replay under way.
type run struct {
	s      *Setup
	o      Options
	m      *market
	around world.Conditions
	book   book
	legs   []leg

	solvers *solvers

	desk  *forecast.Desk // fed with the whole period
	feeds []*feed
	seals []seal

	diaries []settle.Diary // of each leg, where books are written

	always, breakeven, lagged, sluice, hindsight *tally // breakeven and lagged: nil where nothing mines
	apart, alone                                 *tally // of sites with halls and machines: the hall with a share of its own; no hall

	mu    sync.Mutex // guards done
	done  int
	total int
}

// tick counts n intervals of one policy as done.
func (r *run) tick(n int) func() {
	return func() {
		r.mu.Lock()
		r.done = min(r.total, r.done+n)
		done := r.done
		r.mu.Unlock()
		if r.o.Progress != nil {
			r.o.Progress.Step(done, r.total)
		}
	}
}

// all plays every policy. The rules are quick and run first; with two threads
// the yardstick is computed beside Sluice.
func (r *run) all(ctx context.Context) error {
	var err error
	if r.feeds, r.desk, err = r.m.feeds(r.legs); err != nil {
		return err
	}
	for _, p := range r.rules() {
		if *p.into, err = byRule(ctx, r.m, r.around, p.rule, r.tick(ruleShare)); err != nil {
			return err
		}
	}
	r.m.free = r.always
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wait sync.WaitGroup
	var yardstick error
	look := func() {
		if yardstick = r.foresight(ctx); yardstick != nil {
			stop(yardstick)
		}
	}
	if r.o.Threads > 1 {
		wait.Go(look)
	} else {
		look()
	}
	if err = r.wheel(ctx); err == nil {
		err = r.ways(ctx)
	}
	if err != nil {
		stop(err)
	}
	wait.Wait()
	if err == nil && yardstick == nil {
		return nil
	}
	return context.Cause(ctx) // what failed first, not what it stopped
}

// played is a simple rule and where what it did goes.
type played struct {
	into **tally
	rule rule
}

// rules are those that are replayed. Where nothing mines there is no fleet that could
// be switched by its break-even: tenants have what they want.
func (r *run) rules() []played {
	all := []played{{&r.always, alwaysOn}}
	if r.s.mines() {
		all = append(all, played{&r.breakeven, r.m.atBreakEven}, played{&r.lagged, r.m.lateBreakEven})
	}
	return all
}

// foresight computes the yardstick.
func (r *run) foresight(ctx context.Context) error {
	defer debug.FreeOSMemory() // the largest programs are solved; give their room back
	solver, err := r.solvers.open(ctx)
	if err != nil {
		return err
	}
	defer end(ctx, solver) //nolint:errcheck // nothing is asked of it any more
	r.hindsight, err = foresight(ctx, r.m, r.around, dispatch.New(solver, solve.Options{}), r.tick(r.m.grid.Len()/2/len(r.legs)))
	return err
}

// planned is a leg that was planned, perhaps from an assumed standing.
type planned struct {
	records []record
	seal    seal
	err     error
}

// wheel plays Sluice. Months are planned ahead, several at a time, each from
// the standing that is most likely at its start: everything running. The one
// line of time that counts then follows their orders month by month; a month
// that was planned from another standing than came about is planned again. So
// the papers are the same whatever the number of threads.
func (r *run) wheel(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	ahead := make([]chan planned, len(r.legs))
	for k := range ahead {
		ahead[k] = make(chan planned, 1)
	}
	var wait sync.WaitGroup
	defer wait.Wait()
	defer stop()
	next := make(chan int)
	if r.guessable() {
		for range max(1, r.o.Threads) {
			wait.Go(func() {
				for k := range next {
					ahead[k] <- r.guess(ctx, k)
				}
			})
		}
	}
	wait.Go(func() {
		defer close(next)
		for k := range r.legs {
			if !r.guessable() {
				ahead[k] <- planned{err: errMoved}
				continue
			}
			select {
			case next <- k:
			case <-ctx.Done():
				ahead[k] <- planned{err: ctx.Err()}
			}
		}
	})
	return r.followAll(ctx, ahead)
}

// guessable reports whether months are coupled by the standing of the machines alone.
func (r *run) guessable() bool {
	c := r.s.Contracts
	for _, e := range c.Energy {
		if len(e.Tiers) > 0 || e.Interruption != nil {
			return false
		}
	}
	return r.o.Threads > 1 && len(c.Demand) == 0 && len(r.s.Halls) == 0
}

// followAll carries the legs out in order on the line of time that counts.
func (r *run) followAll(ctx context.Context, ahead []chan planned) error {
	l, err := newLine(ctx, r.m, r.around)
	if err != nil {
		return err
	}
	r.sluice = l.tally
	if l.metering, err = newMetering(r.o.Metering, l); err != nil { //nolint:contextcheck // halls in memory wait for nothing
		return err
	}
	for k, g := range r.legs {
		p, err := r.leg(ctx, k, l, ahead[k])
		if err != nil {
			return err
		}
		if err := l.follow(ctx, g, p.records, r.diary()); err != nil {
			return err
		}
		r.seals = append(r.seals, p.seal)
	}
	return l.countPeaks()
}

// leg is the plan of leg k from where l stands: sealed earlier, guessed ahead,
// or made now.
func (r *run) leg(ctx context.Context, k int, l *line, ahead <-chan planned) (planned, error) {
	if len(r.s.Halls) > 0 {
		l.plant = l.plant.Clone() // a copy looks at its halls anew; whoever follows the copy must too
	}
	standing := l.plant.Standing()
	p := <-ahead
	if p.err == nil && p.seal.Standing == standing {
		return p, nil
	}
	if s, found := r.book.sealed(r.legs[k].month, r.s.Digest); found && s.Standing == standing {
		if records, err := r.book.recall(s); err == nil {
			r.tick(len(records))()
			return planned{records: records, seal: s}, nil
		}
	}
	if ctx.Err() != nil {
		return p, ctx.Err()
	}
	if p.err != nil && !errors.Is(p.err, errMoved) {
		return p, p.err
	}
	t, err := r.turner(ctx)
	if err != nil {
		return p, err
	}
	defer r.solvers.give(t.solver)
	p.records, p.seal, p.err = t.play(ctx, r.legs[k], l.copy(), r.feeds[k].clone(), r.tick(1))
	return p, p.err
}

func (r *run) turner(ctx context.Context) (*turner, error) {
	s, err := r.solvers.take(ctx)
	if err != nil {
		return nil, err
	}
	return &turner{m: r.m, around: r.around, solver: s, limits: r.o.Limits, book: r.book}, nil
}

// guess plans leg k from the standing in which every machine has been running
// for long, unless it is sealed from that standing already.
func (r *run) guess(ctx context.Context, k int) planned {
	l, err := newLineAt(ctx, r.m, r.around, r.legs[k].first)
	if err != nil {
		return planned{err: err}
	}
	if s, found := r.book.sealed(r.legs[k].month, r.s.Digest); found {
		if s.Standing == l.plant.Standing() {
			r.tick(r.legs[k].last - r.legs[k].first)()
			records, err := r.book.recall(s)
			if err == nil {
				return planned{records: records, seal: s}
			}
		}
		return planned{err: errMoved}
	}
	t, err := r.turner(ctx)
	if err != nil {
		return planned{err: err}
	}
	defer r.solvers.give(t.solver)
	records, s, err := t.play(ctx, r.legs[k], l, r.feeds[k].clone(), r.tick(1))
	return planned{records: records, seal: s, err: err}
}
