package drivertest

import (
	"context"
	"fmt"
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
	case engine.Hold, engine.Release:
		return e.hold(c)
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
	event, held := e.held[c.Subject]
	if c.Verb == engine.Hold {
		if e.held[c.Subject] = c.Event; e.fault == "holds the other queue too" {
			e.held[toyFirm] = c.Event
		}
		if e.fault == "stops what runs in a held queue" {
			for _, j := range e.jobs {
				if j.Queue == c.Subject {
					e.stop(j, engine.Preempted)
					j.State = engine.Waiting
				}
			}
		}
		return "", nil
	}
	if held && event != c.Event && e.fault != "releases for anybody" {
		return "another holds it", nil
	}
	delete(e.held, c.Subject)
	return "", nil
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
