package slurm

import (
	"context"
	"fmt"
	"slices"

	"sluice/engine"
)

// Do carries out one command. It looks first, so that what is done already is
// not done again, and changes nothing of anybody else's.
func (s *Slurm) Do(ctx context.Context, c engine.Command) (engine.Answer, error) {
	a := engine.Answer{Event: c.Event, Seq: c.Seq, At: s.c.Now()}
	if err := c.Validate(); err != nil {
		return a, err
	}
	for _, k := range verbs()[c.Verb] {
		if _, err := s.by(k); err == nil {
			continue
		}
		if _, err := s.meet(ctx); err != nil { // it may just not be known yet
			return a, err
		}
		if _, err := s.by(k); err != nil {
			return a, err
		}
	}
	done, err := s.carry(ctx, c)
	a.At = s.c.Now()
	if err != nil {
		return a, fmt.Errorf("%s %q: %w", c.Verb, c.Subject, err)
	}
	a.Done, a.Already, a.Why = done.why == "" || done.already, done.already, done.why
	return a, nil
}

// outcome of a command: done, done already, or not done and why.
type outcome struct {
	already bool
	why     string
}

func already(why string) outcome { return outcome{already: true, why: why} }
func undone(format string, args ...any) outcome {
	return outcome{why: fmt.Sprintf(format, args...)}
}

func (s *Slurm) carry(ctx context.Context, c engine.Command) (outcome, error) {
	switch c.Verb {
	case engine.Hold, engine.Release:
		return s.hold(ctx, c)
	case engine.Warn, engine.Evict, engine.Restore:
		return s.order(ctx, c)
	case engine.Withhold:
		return s.withhold(ctx, c)
	case engine.GiveBack:
		return s.drop(ctx, withholdName(c.Event))
	case engine.Window:
		return s.window(ctx, c)
	case engine.Unwindow:
		return s.drop(ctx, windowName(c.Event))
	case engine.Off, engine.On:
		return s.power(ctx, c)
	case engine.Drain, engine.Rank: // a partition that is drained stops nothing, and whom Slurm preempts its own priorities say
	}
	return outcome{}, fmt.Errorf("slurm: %w", engine.ErrUnsupported)
}

// make makes a change by the first backend that can.
func (s *Slurm) make(ctx context.Context, c change) error {
	b, err := s.by(c.kind)
	if err != nil {
		return err
	}
	return b.change(ctx, c)
}

// order carries out what is asked of a job.
func (s *Slurm) order(ctx context.Context, c engine.Command) (outcome, error) {
	x, err := s.load(ctx, allJobs)
	if err != nil {
		return outcome{}, err
	}
	i := slices.IndexFunc(x.jobs, func(j job) bool { return j.id == c.Subject })
	if i < 0 {
		return outcome{}, engine.ErrUnknown
	}
	j := x.jobs[i]
	seen, there := s.seen(j)
	if !there {
		return outcome{}, fmt.Errorf("it has ended: %w", engine.ErrUnknown)
	}
	switch c.Verb { //nolint:exhaustive // the verbs of jobs
	case engine.Warn:
		return s.warn(ctx, c, j, seen)
	case engine.Evict:
		return s.evict(ctx, c, j, seen)
	default:
		return s.restore(ctx, c, j, seen)
	}
}

// warn signals the batch script and writes the deadline into the job. The signal
// comes first: a warning that is written and was not given would be the worse half.
func (s *Slurm) warn(ctx context.Context, c engine.Command, j job, seen engine.Job) (outcome, error) {
	m, before, marked := jobMark(j.admin)
	switch {
	case marked && m.event == c.Event && m.seq >= c.Seq:
		return already(""), nil
	case marked && seen.Evicted != "" && m.event != c.Event:
		return undone("event %s has stopped it", m.event), nil
	case seen.State != engine.Running:
		return already("it does not run"), nil
	}
	if err := s.make(ctx, change{kind: signalJob, name: j.id, text: "USR1"}); err != nil {
		return outcome{}, err
	}
	m = mark{verb: engine.Warn, event: c.Event, seq: c.Seq, rest: c.By.UTC().Format(stamp)}
	why := "stops at " + c.By.UTC().Format("2006-01-02 15:04:05 UTC") + " " + c.Why
	return outcome{}, s.make(ctx, change{kind: markJob, name: j.id, text: comment(m, why, before)})
}

// evict marks the job, then requeues and holds it. Its mark is there before it
// stops, so that a crash in between leaves a job that is known to be ours.
func (s *Slurm) evict(ctx context.Context, c engine.Command, j job, seen engine.Job) (outcome, error) {
	m, before, marked := jobMark(j.admin)
	runs := seen.State == engine.Running
	switch {
	case marked && m.event == c.Event && m.verb == restored && m.seq >= c.Seq:
		return already("it was restored since"), nil
	case seen.Evicted == c.Event:
		if seen.State == engine.Held {
			return already(""), nil
		}
	case seen.Evicted != "":
		return undone("event %s has stopped it", seen.Evicted), nil
	case seen.State == engine.Held:
		return undone("somebody else holds it: it does not run, and is not ours to restore"), nil
	}
	if seen.Evicted != c.Event {
		restarts := j.restarts
		if !runs {
			restarts-- // it is not requeued: it may run no more often than it has
		}
		m = mark{verb: engine.Evict, event: c.Event, seq: c.Seq, rest: stopped(restarts, s.c.Now())}
		if err := s.make(ctx, change{kind: markJob, name: j.id, text: comment(m, c.Why, before)}); err != nil {
			return outcome{}, err
		}
	}
	if runs {
		if err := s.make(ctx, change{kind: requeueJob, name: j.id}); err != nil {
			return outcome{}, err
		}
	}
	// A tenant may release what is held as his own; what an administrator holds he may not.
	return outcome{}, s.make(ctx, change{kind: holdJob, name: j.id})
}

// restore releases a job that this event stopped, and no other.
func (s *Slurm) restore(ctx context.Context, c engine.Command, j job, seen engine.Job) (outcome, error) {
	m, before, marked := jobMark(j.admin)
	switch {
	case marked && m.event == c.Event && m.verb == restored && m.seq >= c.Seq:
		return already(""), nil
	case seen.Evicted == c.Event:
	case marked && m.verb == engine.Evict && m.event == c.Event && seen.State != engine.Held:
		return already("somebody else released it"), nil
	case seen.Evicted != "":
		return undone("event %s has stopped it", seen.Evicted), nil
	default:
		return undone("this event did not stop it: it is %s", seen.State), nil
	}
	if err := s.make(ctx, change{kind: freeJob, name: j.id}); err != nil {
		return outcome{}, err
	}
	m = mark{verb: restored, event: c.Event, seq: c.Seq}
	return outcome{}, s.make(ctx, change{kind: markJob, name: j.id, text: comment(m, "", before)})
}

// hold closes a partition, or opens one that this event closed last.
func (s *Slurm) hold(ctx context.Context, c engine.Command) (outcome, error) {
	x, err := s.load(ctx, allPartitions)
	if err != nil {
		return outcome{}, err
	}
	i := slices.IndexFunc(x.partitions, func(p partition) bool { return p.name == c.Subject })
	if i < 0 {
		return outcome{}, engine.ErrUnknown
	}
	p := x.partitions[i]
	holders := p.holders()
	mine := slices.IndexFunc(holders, func(m mark) bool { return m.event == c.Event })
	if c.Verb == engine.Hold {
		return s.shut(ctx, c, p, mine >= 0)
	}
	switch {
	case mine < 0 && p.state == "UP":
		return already(""), nil
	case mine < 0 && len(holders) > 0:
		return undone("event %s holds it", holders[0].event), nil
	case mine < 0:
		return undone("somebody else holds it: its state is %s", p.state), nil
	}
	return outcome{}, s.open(ctx, p, holders, mine)
}

// shut closes a partition. What runs in it goes on.
func (s *Slurm) shut(ctx context.Context, c engine.Command, p partition, mine bool) (outcome, error) {
	if mine && p.state != "UP" {
		return already(""), nil
	}
	names := p.list()
	if !mine {
		// The state from before goes along, so that what a person closed stays closed.
		rest := p.state
		if h := p.holders(); len(h) > 0 {
			rest = h[0].rest
		}
		names.names = append(names.names, mark{verb: engine.Hold, event: c.Event, seq: c.Seq, rest: rest}.String())
	}
	state := p.state
	if state == "UP" {
		state = "DOWN" // jobs may be submitted, none starts
	}
	return outcome{}, s.make(ctx, change{kind: setPartition, name: p.name, text: state, deny: names})
}

// open takes one mark away, and opens the partition with the last of them.
func (s *Slurm) open(ctx context.Context, p partition, holders []mark, mine int) error {
	names := p.list()
	text := holders[mine].String()
	names.names = slices.DeleteFunc(names.names, func(n string) bool { return n == text })
	state := p.state
	if len(holders) == 1 {
		state = holders[0].rest
		if !slices.Contains([]string{"UP", "DOWN", "DRAIN", "INACTIVE"}, state) {
			return fmt.Errorf("the mark %q says no state from before: %w", text, engine.ErrForeign)
		}
	}
	return s.make(ctx, change{kind: setPartition, name: p.name, text: state, deny: names})
}

// list is the list of accounts that carries our marks: that which is in use.
// Slurm shows the denied only where none are allowed by name.
func (p partition) list() list {
	if len(p.allowed) > 0 {
		return list{key: "allowaccounts", names: slices.Clone(p.allowed)}
	}
	return list{key: "denyaccounts", names: slices.Clone(p.denied)}
}

// power switches a node off once it is empty, or on again. A reservation over the
// node keeps jobs from it: without one Slurm would wake it for the next job.
func (s *Slurm) power(ctx context.Context, c engine.Command) (outcome, error) {
	x, err := s.load(ctx, allNodes, allReservations)
	if err != nil {
		return outcome{}, err
	}
	i := slices.IndexFunc(x.nodes, func(n node) bool { return n.name == c.Subject })
	if i < 0 {
		return outcome{}, engine.ErrUnknown
	}
	n := seenNode(x.nodes[i], x.reservations, 0)
	switch {
	case n.Event != "" && n.Event != c.Event:
		return undone("event %s switched it off", n.Event), nil
	case c.Verb == engine.Off:
		return s.sink(ctx, c, n)
	case n.Event == "" && n.State != engine.NodeOff && n.State != engine.NodeLeaving:
		return already(""), nil
	case n.Event == "":
		return undone("somebody else switched it off: it is %s", n.State), nil
	}
	return s.raise(ctx, c, x.nodes[i])
}

// raise undoes what sink did. Power comes first: a crash in between leaves a
// reservation, by which the rest is found again.
func (s *Slurm) raise(ctx context.Context, c engine.Command, n node) (outcome, error) {
	k := kind("")
	switch {
	case hasAny(n.states, "POWERING_DOWN"):
		return undone("it is on its way off, where Slurm heeds no power_up: ask again when it is off"), nil
	case hasAny(n.states, "POWER_DOWN"):
		k = keepNode // Slurm takes no power_down back: it goes off when it is empty, and wakes for the next job
	case hasAny(n.states, "POWERED_DOWN"):
		k = raiseNode
	}
	if k != "" {
		if err := s.make(ctx, change{kind: k, name: n.name}); err != nil {
			return outcome{}, err
		}
	}
	return outcome{}, s.make(ctx, change{kind: dropReservation, name: offName(c.Event, n.name)})
}

func (s *Slurm) sink(ctx context.Context, c engine.Command, n engine.Node) (outcome, error) {
	gone := n.State == engine.NodeOff || n.State == engine.NodeLeaving
	if n.Event == c.Event && gone {
		return already(""), nil
	}
	if n.State == engine.NodeDown {
		return undone("it is down: %s", n.Reason), nil
	}
	if n.Event == "" {
		from := s.c.Now()
		r := reservation{name: offName(c.Event, n.Name), from: from, until: from.Add(forever), nodes: []string{n.Name}, flags: []string{"MAINT", "IGNORE_JOBS", "OVERLAP"}, users: "root"}
		if err := s.make(ctx, change{kind: putReservation, name: r.name, put: r, fresh: true}); err != nil {
			return outcome{}, err
		}
	}
	if gone {
		return outcome{}, nil
	}
	m := mark{verb: engine.Off, event: c.Event, seq: c.Seq}
	return outcome{}, s.make(ctx, change{kind: sinkNode, name: n.Name, text: m.String()})
}
