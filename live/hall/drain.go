package hall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

// DrainWish is the queue of a contract that a person empties, for maintenance.
type DrainWish struct {
	Contract string `json:"contract"`
	Event    string `json:"event,omitempty"` // name of it; empty: by its time
	Firm     bool   `json:"firm,omitempty"`  // firm contracts too
	Dry      bool   `json:"dry,omitempty"`   // nothing is done
	Why      string `json:"why,omitempty"`   // for the tenants
	Who      string `json:"who,omitempty"`
}

// Drained is what a drain stops.
type Drained struct {
	Event     string    `json:"event"`
	Queue     string    `json:"queue"`
	Contracts []string  `json:"contracts"` // that come through the queue
	Firm      []string  `json:"firm,omitempty"`
	Jobs      int       `json:"jobs"` // that run
	GPUs      int       `json:"gpus"`
	Unsaved   int       `json:"unsaved_jobs"` // of which no save of this run was ever proven
	At        time.Time `json:"at"`           // when they are stopped: warnings come first, as agreed
	Begun     bool      `json:"begun"`
}

// drain is a queue that a person has emptied. It outlives a restart.
type drain struct {
	Event     string
	Queue     string
	Contracts []string
	By        time.Time // not before
	Told      time.Time
	Last      int // highest number of a command
	Verb      engine.Verb
	Seq       int       // of Verb
	Sent      time.Time `json:",omitzero"`
	Owed      bool      // Verb has no answer yet
	Said      string    `json:",omitempty"` // why not, by the engine
	Why       string
}

// Drain stops what runs in the queue of a contract, and whatever would start there,
// until Release. Warnings go out first where the contracts agree on one.
func (h *Hall) Drain(ctx context.Context, w DrainWish) (Drained, error) {
	var out Drained
	var err error
	do := h.Do(ctx, func(ctx context.Context) {
		if out, err = h.drainPlan(w); err == nil && !w.Dry {
			err = h.drainNow(ctx, w, &out)
		}
	})
	return out, errors.Join(do, err)
}

// drainPlan says what a drain would stop, or why it is refused.
func (h *Hall) drainPlan(w DrainWish) (Drained, error) {
	now, t := h.now(), h.cfg.tenancy(w.Contract)
	out := Drained{Event: w.Event, At: now}
	switch {
	case !h.can.Can(engine.Drain):
		return out, fmt.Errorf("%w: %s cannot drain a queue: stop its jobs by the engine's own means", ErrNo, h.can.Engine)
	case t == nil || t.Contract().Kind == hosting.Colocation:
		return out, fmt.Errorf("%w: no contract %q has a queue in this hall", ErrNo, w.Contract)
	case !h.fresh(h.view.At):
		return out, fmt.Errorf("%w: the engine has shown nothing for %s: see to it first", ErrNo, h.cfg.Timing.Fresh)
	}
	out.Queue = h.cfg.queue(w.Contract)
	for _, o := range h.cfg.Tenancies {
		c := o.Contract()
		if c.Kind == hosting.Colocation || h.cfg.queue(c.Name) != out.Queue {
			continue
		}
		out.Contracts = append(out.Contracts, c.Name)
		if shed.Firm(c.Kind) || c.Kind == hosting.Flexible {
			out.Firm = append(out.Firm, c.Name)
		}
		if by := now.Add(c.Warn); by.After(out.At) {
			out.At = by
		}
	}
	for _, j := range h.inQueue(out.Queue) {
		out.Jobs++
		out.GPUs += j.GPUs
		if j.Saved.IsZero() {
			out.Unsaved++
		}
	}
	if out.Event == "" {
		out.Event = "drain-" + now.UTC().Format("20060102-150405")
	}
	return out, h.drainRefusal(w, out)
}

// drainRefusal is why a drain is not begun; nil: it may be.
func (h *Hall) drainRefusal(w DrainWish, d Drained) error {
	taken := slices.Contains([]string{h.followEvent(), h.rankEvent(), h.kernel.State().Event}, d.Event) || h.drainOf(d.Event) != nil
	switch {
	case !engine.Plain(d.Event) || len(d.Event) > 40:
		return fmt.Errorf("%w: the name %q: use 1 to 40 lower-case letters, digits and dashes", ErrNo, d.Event)
	case taken:
		return fmt.Errorf("%w: the name %q is taken: give it another", ErrNo, d.Event)
	case len(d.Firm) > 0 && !w.Firm && !w.Dry:
		return fmt.Errorf("%w: queue %s serves %s, which was promised to run: its minutes count as taken by us; say that you mean firm contracts too", ErrNo, d.Queue, strings.Join(d.Firm, ", "))
	}
	for _, o := range h.orders.Drains {
		if o.Queue == d.Queue {
			return fmt.Errorf("%w: %s drains queue %s already: release that first", ErrNo, o.Event, d.Queue)
		}
	}
	return nil
}

// drainNow begins a drain.
func (h *Hall) drainNow(ctx context.Context, w DrainWish, out *Drained) error {
	now := h.now()
	d := drain{Event: out.Event, Queue: out.Queue, Contracts: out.Contracts, By: out.At, Told: now, Why: w.Why, Verb: engine.Hold}
	if sent, err := h.lastCommand(ctx, d.Event); err != nil || sent > 0 {
		return errors.Join(err, fmt.Errorf("%w: the name %q was used before: give it another", ErrNo, d.Event))
	}
	h.orders.Drains = append(h.orders.Drains, d)
	own := h.drainOf(d.Event)
	first := engine.Drain
	if d.By.After(now) {
		first = engine.Hold
	}
	if err := h.drainStep(ctx, own, first); err != nil {
		h.orders.Drains = h.orders.Drains[:len(h.orders.Drains)-1]
		return err
	}
	out.Begun = true
	if d.By.After(now) {
		h.warnQueue(ctx, own)
	}
	h.note("drain", "%s: queue %s, %s on %s, at %s, by %s: %s", d.Event, d.Queue, plural(out.Jobs, "job"), plural(out.GPUs, "GPU"), d.By.UTC().Format("15:04:05 UTC"), w.Who, w.Why)
	h.drainTold(ctx, own, out.GPUs, 1)
	return nil
}

// warnQueue warns the jobs of a queue that will be stopped.
func (h *Hall) warnQueue(ctx context.Context, d *drain) {
	if !h.can.Can(engine.Warn) {
		return
	}
	for _, j := range h.inQueue(d.Queue) {
		d.Last++
		c := engine.Command{Event: d.Event, Seq: d.Last, Verb: engine.Warn, Subject: j.ID, By: d.By.UTC(), Why: d.Why}
		if err := h.keepOrder(ctx, c, ""); err != nil {
			return // it is told
		}
		h.tellEngine(c, func(a engine.Answer) {
			if !a.Done {
				h.note("engine_says_no", "%s %s: %s", c.Verb, c.Subject, a.Why)
			}
		})
	}
}

// inQueue are the jobs that run in a queue.
func (h *Hall) inQueue(queue string) []engine.Job {
	var out []engine.Job
	for _, j := range h.view.Jobs {
		if j.Queue == queue && j.State == engine.Running {
			out = append(out, j)
		}
	}
	return out
}

// drainOf is the drain of a name; nil: there is none.
func (h *Hall) drainOf(event string) *drain {
	i := slices.IndexFunc(h.orders.Drains, func(d drain) bool { return d.Event == event })
	if i < 0 {
		return nil
	}
	return &h.orders.Drains[i]
}

// drainStep gives the next command of a drain, or the same again.
func (h *Hall) drainStep(ctx context.Context, d *drain, v engine.Verb) error {
	if !d.Owed || d.Verb != v {
		d.Last++
		d.Seq, d.Verb, d.Owed = d.Last, v, true
	}
	d.Sent = h.now()
	c := engine.Command{Event: d.Event, Seq: d.Seq, Verb: v, Subject: d.Queue, Why: d.Why}
	if err := h.keepOrder(ctx, c, "queue "+d.Queue+" is drained"); err != nil {
		return err
	}
	h.tellEngine(c, func(a engine.Answer) { h.drainAnswered(c, a) })
	return nil
}

// drainAnswered takes what the engine said to a step of a drain. A no to a release is
// asked again, unless the queue became somebody else's; any other no is told.
func (h *Hall) drainAnswered(c engine.Command, a engine.Answer) {
	d := h.drainOf(c.Event)
	if d == nil || d.Seq != c.Seq {
		return
	}
	h.unkept = true
	if !a.Done && a.Why != d.Said {
		h.note("engine_says_no", "%s %s: %s", c.Verb, c.Subject, a.Why)
	}
	d.Said = a.Why
	switch {
	case c.Verb != engine.Release:
		d.Owed = false
	case a.Done || strings.Contains(a.Why, engine.ErrForeign.Error()):
		h.orders.Drains = slices.DeleteFunc(h.orders.Drains, func(d drain) bool { return d.Event == c.Event })
	}
}

// drains goes on with what a person drains: it stops jobs when their warning is over,
// and repeats what nobody answered.
func (h *Hall) drains(ctx context.Context, now time.Time) {
	for i := range h.orders.Drains {
		d := &h.orders.Drains[i]
		switch {
		case d.Verb == engine.Hold && !now.Before(d.By):
			_ = h.drainStep(ctx, d, engine.Drain) // it is told, and tried again
		case d.Owed && now.Sub(d.Sent) >= h.cfg.Timing.Retry:
			_ = h.drainStep(ctx, d, d.Verb)
		}
	}
}

// LetGo ends the drain of a name, or gives back what the running curtailment took.
func (h *Hall) LetGo(ctx context.Context, a Ask) (Answer, error) {
	var err error
	drained := false
	do := h.Do(ctx, func(ctx context.Context) {
		d := h.drainOf(a.Event)
		if drained = d != nil; !drained {
			return
		}
		if h.active() {
			err = fmt.Errorf("%w: %s runs: what comes back now it would take from others; release it, or wait for its end", ErrNo, h.kernel.State().Event)
			return
		}
		if err = h.drainStep(ctx, d, engine.Release); err == nil {
			h.note("release", "%s: queue %s, by %s", d.Event, d.Queue, a.Who)
			h.drainTold(ctx, d, 0, 2)
		}
	})
	if drained || do != nil {
		return Answer{Done: "the queue is opened; what was stopped in it starts again as the engine lets it", Event: a.Event}, errors.Join(do, err)
	}
	return Answer{Done: "what was taken is given back in steps, while the meter stays below the limit"}, h.Release(ctx, a.Event, a.Limit)
}

// drainTold lets the tenants know.
func (h *Hall) drainTold(ctx context.Context, d *drain, gpus, revision int) {
	office, now := h.plant.Store.Office(), h.now()
	for _, contract := range d.Contracts {
		n := tenants.Notice{
			Contract: contract, Event: d.Event, Revision: revision, At: now, From: d.By, Until: d.By.Add(h.cfg.Timing.Expect), Measure: "queue is drained", GPUs: gpus, Says: d.Why,
		}
		if n.Says == "" {
			n.Says = "maintenance"
		}
		if gpus == 0 && revision > 1 {
			n.Until, n.Measure = maxTime(now, d.By.Add(time.Second)), "queue is open"
		}
		who, err := office.Owner(ctx, contract)
		if err == nil {
			err = office.Notify(ctx, who, n)
		}
		h.hush(DiskRefuses, "notices", err)
	}
}

// byPerson is when a tenant was told of a drain that took something from it. A drain is
// no call: what it takes is never within the terms of a flexible contract.
func (h *Hall) byPerson(event string) (told time.Time, is bool) {
	if d := h.drainOf(event); d != nil {
		return d.Told.UTC(), true
	}
	return time.Time{}, false
}
