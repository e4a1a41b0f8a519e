package drivertest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
)

func (e *toyEngine) Do(ctx context.Context, c engine.Command) (engine.Answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := engine.Answer{Event: c.Event, Seq: c.Seq, At: e.clock.Now()}
	if err := c.Validate(); err != nil && e.fault != "does what makes no sense" {
		return a, err
	}
	can, _ := e.Capabilities(ctx)
	if !can.Can(c.Verb) && e.fault != "does what makes no sense" {
		if e.fault == "takes no warnings" {
			return a, nil
		}
		return a, engine.ErrUnsupported
	}
	if e.deaf {
		return a, engine.ErrUnreachable
	}
	key := fmt.Sprint(c.Event, c.Seq)
	if a.Already = e.seen[key]; a.Already && e.fault != "does it again" {
		a.Done = true
		return a, nil
	}
	a.Already = false
	why, err := e.carry(c, &a)
	if err != nil {
		return a, err
	}
	e.seen[key] = true
	if a.Done, a.Why = why == "", why; e.fault == "answers without a name" {
		a.Event = ""
	}
	e.schedule()
	return a, nil
}

// carry does one command and returns why not.
func (e *toyEngine) carry(c engine.Command, a *engine.Answer) (string, error) {
	now := e.clock.Now()
	switch c.Verb {
	case engine.Hold, engine.Drain, engine.Release:
		return e.hold(c)
	case engine.Rank:
		a.Already = !e.rank(c)
	case engine.Warn, engine.Evict, engine.Restore:
		return e.order(c)
	case engine.Withhold:
		if e.fault == "adds where it should replace" {
			c.Power += e.withheld[c.Event]
		}
		e.withheld[c.Event], e.since[c.Event] = c.Power, now
		if over := e.admitted() + e.kept() - e.budget(); over > 0 && e.fault == "reclaims what runs" {
			for _, j := range e.jobs {
				if j.Queue == toySpot {
					e.stop(j, engine.Preempted)
					j.State = engine.Waiting
				}
			}
		}
	case engine.GiveBack:
		if delete(e.withheld, c.Event); e.fault == "gives back everything" {
			clear(e.withheld)
		}
	case engine.Off, engine.On:
		return e.power(c, a)
	case engine.Window:
		e.windows[c.Event] = c
	case engine.Unwindow:
		delete(e.windows, c.Event)
	}
	return "", nil
}

func (e *toyEngine) hold(c engine.Command) (string, error) {
	if c.Subject != toySpot && c.Subject != toyFirm {
		return e.missing()
	}
	switch c.Verb { //nolint:exhaustive // the verbs of queues
	case engine.Hold:
		if e.hang(e.held, c); e.fault == "holds the other queue too" {
			e.held[toyFirm] = append(e.held[toyFirm], c.Event)
		}
		if e.fault == "stops what runs in a held queue" {
			e.clear(c.Subject, "")
		}
		return "", nil
	case engine.Drain:
		if e.hang(e.drained, c); e.fault == "drains nothing" {
			return "", nil
		}
		e.clear(c.Subject, c.Event)
		if e.fault == "drains the other queue too" {
			e.clear(toyFirm, c.Event)
		}
		return "", nil
	}
	if ours := e.stoppers(c.Subject); len(ours) > 0 && !slices.Contains(ours, c.Event) && e.fault != "releases for anybody" {
		return "another holds it", nil
	}
	e.release(c)
	return "", nil
}

// hang notes that an event stops a queue.
func (e *toyEngine) hang(on map[string][]string, c engine.Command) {
	if !slices.Contains(on[c.Subject], c.Event) {
		on[c.Subject] = append(on[c.Subject], c.Event)
	}
}

// clear stops what runs in a queue, for an event.
func (e *toyEngine) clear(queue, event string) {
	for _, j := range e.jobs {
		if j.Queue == queue && j.State == engine.Running {
			e.stop(j, engine.Preempted)
			if j.State, j.Evicted = engine.Waiting, event; event != "" {
				j.State = engine.Held
			}
		}
	}
}

// release lets go of a queue for an event, and of what was stopped by its drain.
func (e *toyEngine) release(c engine.Command) {
	was := len(e.drained[c.Subject])
	for _, on := range []map[string][]string{e.held, e.drained} {
		on[c.Subject] = slices.DeleteFunc(on[c.Subject], func(x string) bool { return x == c.Event || e.fault == "releases for anybody" })
	}
	if e.fault == "opens with the drain" && was > 0 {
		delete(e.held, c.Subject)
	}
	for _, j := range e.jobs {
		if was > len(e.drained[c.Subject]) && j.Queue == c.Subject && j.State == engine.Held && j.Evicted == c.Event && e.fault != "forgets who was drained" {
			j.State, j.Evicted = engine.Waiting, ""
		}
	}
}

func (e *toyEngine) stoppers(queue string) []string {
	return slices.Concat(e.held[queue], e.drained[queue])
}

// rank takes an order, and reports whether that changed anything.
func (e *toyEngine) rank(c engine.Command) (changed bool) {
	for _, j := range e.jobs {
		place := slices.Index(c.Jobs, j.ID) + 1
		if e.fault == "ranks backwards" && place > 0 {
			place = len(c.Jobs) + 1 - place
		}
		if place == j.Rank || place == 0 && e.fault == "keeps old ranks" {
			continue
		}
		j.Rank, changed = place, true
	}
	return changed
}

func (e *toyEngine) missing() (string, error) {
	if e.fault == "knows everything" {
		return "", nil
	}
	return "", engine.ErrUnknown
}

func (e *toyEngine) order(c engine.Command) (string, error) {
	i := e.index(c.Subject)
	if i < 0 {
		return e.missing()
	}
	j := e.jobs[i]
	switch {
	case c.Verb == engine.Warn:
		if e.fault == "a warning stops it" {
			e.stop(j, engine.Preempted)
			j.State = engine.Held
		}
	case c.Verb == engine.Evict:
		e.evict(j, c)
	case j.Evicted != c.Event && e.fault != "restores for anybody":
		return "not stopped by this event", nil
	case j.State == engine.Running && e.fault == "restores for anybody":
		j.Started = e.clock.Now().Add(time.Second)
	default:
		j.State, j.Evicted = engine.Waiting, ""
	}
	return "", nil
}

func (e *toyEngine) evict(j *toyJob, c engine.Command) {
	switch e.fault {
	case "evicts the newest":
		j = e.jobs[len(e.jobs)-1]
	case "evicts nothing":
		return
	}
	e.stop(j, engine.Preempted)
	j.State, j.Evicted, j.Why = engine.Held, c.Event, "JobHeldAdmin"
	if e.fault == "lets the evicted back in" {
		j.State = engine.Waiting
	}
}

func (e *toyEngine) power(c engine.Command, a *engine.Answer) (string, error) {
	n := e.node(c.Subject)
	switch {
	case n == nil:
		return e.missing()
	case c.Verb == engine.Off && n.Event == c.Event:
		a.Already = e.fault != "switches off again"
	case c.Verb == engine.Off:
		n.State, n.Event = engine.NodeLeaving, c.Event
		if e.fault == "switches busy nodes off" {
			for _, j := range e.jobs {
				if j.State == engine.Running && j.Nodes[0] == n.Name {
					e.stop(j, engine.NodeLost)
					j.State = engine.Waiting
				}
			}
		}
	case n.Event != "" && n.Event != c.Event && e.fault != "switches on for anybody":
		return "switched off by another", nil
	case e.fault != "never comes back":
		n.State, n.Event = engine.NodeUp, ""
	}
	return "", nil
}
