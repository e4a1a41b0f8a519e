package room

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"sluice/device"
	"sluice/driver/trial"
	"sluice/live"
	"sluice/loop/commission"
)

// The paces of a trial beside the site.
const (
	leasePace  = 2 * time.Second  // between two looks at whether the site still lends the machine
	awayMost   = 20 * time.Second // a site that is silent for longer is no reason to go on
	partingMax = 10 * time.Second // for giving back when the room ends
)

// runTrials tries one machine after the other. A machine that could not be given back
// what it had ends the job: somebody looks at it first.
func (r *Room) runTrials(ctx context.Context, j *trials) {
	defer close(j.done)
	parting := context.AfterFunc(ctx, j.halt)
	defer parting()
	for i := range j.ask.Machines {
		select {
		case <-j.stop:
			j.at(i, func(m *TrialMachine) { m.State = "skipped" })
			continue
		default:
		}
		if !r.runTrial(ctx, j, i) {
			j.halt()
		}
	}
	j.change(func(t *TrialJob) { t.State, t.Ended = "over", new(r.cfg.Clock().UTC()) })
}

// at changes what is told of one machine.
func (j *trials) at(i int, do func(*TrialMachine)) {
	j.change(func(t *TrialJob) { do(&t.Machines[i]) })
}

// runTrial tries one machine; false: it is not as it was found.
func (r *Room) runTrial(ctx context.Context, j *trials, i int) bool {
	q := j.ask.of(j.site.name, j.ask.Machines[i])
	row, ours := j.site.fleet.row(q.Machine)
	j.at(i, func(m *TrialMachine) { m.State, m.Began = "borrowing", new(r.cfg.Clock().UTC()) })
	if why := cmp.Or(r.inTheWay(j.site, q.Machine, row, ours), r.unseen(q, row, ours)); why != "" {
		j.at(i, func(m *TrialMachine) { m.State, m.Why = "refused", why })
		return true
	}
	l := &lending{room: r, site: j.site, q: live.Request{By: j.by, Machine: q.Machine, Reason: "trial " + j.now().ID}}
	if ours {
		if err := l.take(ctx); err != nil {
			j.at(i, func(m *TrialMachine) { m.State, m.Why = "refused", told(ofSite(j.site.name, err)).Detail })
			return true
		}
		defer l.giveBack(ctx)
	}
	w := TrialWatch{Tell: func(_ time.Duration, e commission.Effect) { j.hears(i, r.cfg.Clock(), e) }, Stop: j.stop}
	var end func()
	w.Leave, end = l.watch(ctx, ours, j.halt)
	defer end()
	j.at(i, func(m *TrialMachine) { m.State = "trying" })
	c, err := r.cfg.Trials.Try(context.WithoutCancel(ctx), q, w)
	return j.ended(i, c, err, l.why())
}

// ended tells how a trial came out; false: the machine is not as it was found.
func (j *trials) ended(i int, c trial.Course, err error, why string) bool {
	whole := true
	j.at(i, func(m *TrialMachine) {
		switch {
		case errors.Is(err, trial.ErrLeft):
			m.State, m.Why = "left", why
			if c.Orders > 0 {
				m.Why += ": it was last told " + string(c.Left.Last.Verb)
				whole = false
			}
		case err != nil:
			m.State, m.Why = "refused", line(err)
			whole = c.Orders == 0
		default:
			m.State, m.Record = "over", new(shownRecord(c.Record))
			whole = len(c.Record.NotRestored) == 0
		}
	})
	return whole
}

// hears notes what happens in a trial.
func (j *trials) hears(i int, at time.Time, e commission.Effect) {
	j.at(i, func(m *TrialMachine) {
		var last *TrialStep
		if n := len(m.Steps); n > 0 {
			last = &m.Steps[n-1]
		}
		switch e := e.(type) {
		case commission.Began:
			m.Steps = append(m.Steps, TrialStep{Step: string(e.Step), Level: e.Level, Began: at.UTC(), Within: e.Within.Milliseconds(), Repeat: e.Repeat})
		case commission.Finished:
			if last != nil {
				last.Done, last.Took = true, e.Took.Milliseconds()
				last.Metered, last.Stated, last.Hash = saidOf(e.Metered), saidOf(e.Stated), saidOf(e.Hash)
			}
		case commission.Send:
			if last != nil {
				last.Order = string(e.Command.Verb)
			}
		case commission.Ended:
			if e.Verdict != commission.Learned {
				m.Ending, m.Why = string(e.Verdict), e.Why
			}
		case commission.Done:
		}
	})
}

// saidOf is a value as far as somebody said it.
func saidOf[T ~int64](v device.Value[T]) *int64 {
	if !v.Known {
		return nil
	}
	return new(int64(v.Value))
}

// lending is a machine that a site lends for a trial.
type lending struct {
	room *Room
	site *attached
	q    live.Request

	mu    sync.Mutex // guards what follows
	ended string     // why the trial was ended at once
}

// take borrows the machine: from here on no plan moves it.
func (l *lending) take(ctx context.Context) error { return l.act(ctx, "lend", 0) }

func (l *lending) act(ctx context.Context, deed string, number int64) error {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	q := l.q
	q.Number = number
	_, err := l.site.link.Act(ctx, deed, q)
	return err
}

// giveBack gives it back, also when the room ends. A site that cannot be told takes the
// machine back by itself within a minute.
func (l *lending) giveBack(ctx context.Context) {
	if err := l.act(context.WithoutCancel(ctx), "giveback", 0); err != nil {
		l.room.cfg.Log.WarnContext(ctx, "a site could not be told that a trial is over: it takes the machine back by itself", "site", l.site.name, "machine", l.q.Machine, "cause", err)
	}
}

func (l *lending) why() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

func (l *lending) leave(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = why
}

// watch keeps the lease. What it returns first is closed when the trial has to end at
// once: the site wants the machine for itself, for a stop or a lock-out. A site that falls
// silent stops the trial, which then gives back what it found. The second ends the watch.
func (l *lending) watch(ctx context.Context, ours bool, halt func()) (<-chan struct{}, func()) {
	gone, over := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		defer close(gone)
		tick := time.NewTicker(l.room.bench.pace)
		defer tick.Stop()
		heard := time.Now()
		for {
			select {
			case <-over:
				return
			case <-ctx.Done():
				l.parts(over)
				return
			case <-tick.C:
			}
			if !ours {
				continue
			}
			err := l.act(ctx, "lend", 1)
			switch {
			case errors.Is(err, live.ErrNo):
				l.leave(told(err).Detail)
				return
			case err == nil:
				heard = time.Now()
			case time.Since(heard) > awayMost:
				halt()
			}
		}
	})
	return gone, func() {
		close(over)
		all.Wait()
	}
}

// parts waits until what was found was given back, or the room can wait no longer.
func (l *lending) parts(over <-chan struct{}) {
	t := time.NewTimer(partingMax)
	defer t.Stop()
	select {
	case <-over:
	case <-t.C:
		l.leave("the control room ended")
	}
}

// relearn lets a site begin anew with what was learned.
func (r *Room) relearn(ctx context.Context, a *attached, by string) (Did, error) {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	x, err := a.link.Act(ctx, "relearn", live.Request{By: by, Reason: "trials were taken over"})
	if err != nil {
		return Did{}, ofSite(a.name, err)
	}
	return Did{Done: x.Done, Unkept: x.Unkept}, nil
}
