package kueue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sluice/engine"
)

// Stop policies of Kueue.
const (
	none  = "None"
	hold  = "Hold"         // what runs goes on
	drain = "HoldAndDrain" // what runs is stopped
)

// Annotations on queues and workloads; each with the domain before it.
const (
	heldBy      = "held-by"      // events, with commas
	drainedBy   = "drained-by"   // events, with commas
	evictedBy   = "evicted-by"   // events, with commas
	warnedBy    = "warned-by"    // event
	warnedUntil = "warned-until" // RFC 3339, UTC
	because     = "why"          // for the tenant
	ranFor      = "runs"         // past runs whose place in time Kueue forgets
	savedAt     = "saved"        // last proven checkpoint, RFC 3339; tenants cannot write it
	contract    = "contract"
	deadline    = "deadline" // RFC 3339
	class       = "class"    // label of a ClusterQueue: the queue that it belongs to
	ofEvent     = "event"    // label of a curtailment order
	ofSeq       = "seq"      // of a curtailment order: the command that last changed what its event withholds
)

// events are the names in an annotation.
func events(m meta, key string) []string {
	return strings.FieldsFunc(m.Annotations[key], func(r rune) bool { return r == ',' })
}

// listed is an annotation of events; nil, so that it goes away, where there are none.
func listed(names []string) any {
	if len(names) == 0 {
		return nil
	}
	return strings.Join(names, ",")
}

// without is events less one.
func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

// doors are the paths of the queues that a name stands for: one LocalQueue, or
// the ClusterQueues of a class.
func (d *Driver) doors(ctx context.Context, name string) ([]string, error) {
	if namespace, local, both := strings.Cut(name, "/"); both {
		if namespace == "" || local == "" || strings.Contains(local, "/") {
			return nil, fmt.Errorf("queue %q: %w", name, engine.ErrUnknown)
		}
		return []string{path(namespace, "localqueues", local)}, nil
	}
	all, _, err := listOf[queue](ctx, d.api, path("", "clusterqueues", ""), nil)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, q := range all {
		if d.classOf(q) == name {
			out = append(out, path("", "clusterqueues", q.Name))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no ClusterQueue %q: %w", name, engine.ErrUnknown)
	}
	return out, nil
}

// classOf is the queue to which a ClusterQueue belongs.
func (d *Driver) classOf(q queue) string {
	if c := q.Labels[d.key(class)]; c != "" {
		return c
	}
	return q.Name
}

// stoppers are the events of ours that hold or drain a queue.
func (d *Driver) stoppers(m meta) []string {
	out := events(m, d.key(heldBy))
	for _, e := range events(m, d.key(drainedBy)) {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// hold stops admission through a queue. What runs goes on.
func (d *Driver) hold(ctx context.Context, c engine.Command) (outcome, error) {
	return d.eachDoor(ctx, c, func(q queue) (change, error) {
		held := events(q.meta, d.key(heldBy))
		stopped := q.policy() != none
		switch {
		case stopped && slices.Contains(held, c.Event):
			return nothing("")
		case stopped && len(d.stoppers(q.meta)) == 0:
			return nothing("somebody else has stopped it (" + q.policy() + "): nothing starts, and it is theirs to open")
		}
		out := d.marked(c, heldBy, held)
		if !stopped {
			out.spec = map[string]any{"stopPolicy": hold}
		}
		return out, nil
	})
}

// drain stops admission through a queue, and Kueue itself stops all that runs in it.
func (d *Driver) drain(ctx context.Context, c engine.Command) (outcome, error) {
	return d.eachDoor(ctx, c, func(q queue) (change, error) {
		drained := events(q.meta, d.key(drainedBy))
		switch {
		case q.policy() == drain && slices.Contains(drained, c.Event):
			return nothing("")
		case q.policy() == drain && len(drained) == 0:
			return nothing("somebody else drains it: nothing runs there, and it is theirs to open")
		case q.policy() == hold && len(d.stoppers(q.meta)) == 0 && q.Annotations[d.key(dismissed)] == "":
			return change{}, fmt.Errorf("its stop policy %s is somebody else's: have it opened first: %w", q.policy(), engine.ErrForeign)
		}
		out := d.marked(c, drainedBy, drained)
		if q.policy() != drain {
			out.spec = map[string]any{"stopPolicy": drain}
		}
		return out, nil
	})
}

// marked notes on a queue that an event stops it, and why.
func (d *Driver) marked(c engine.Command, as string, before []string) change {
	out := change{annotations: map[string]any{d.key(as): listed(append(without(before, c.Event), c.Event))}}
	if c.Why != "" {
		out.annotations[d.key(because)] = c.Why
	}
	return out
}

// release lets a queue admit again that this event, and nobody else, holds or drains.
func (d *Driver) release(ctx context.Context, c engine.Command) (outcome, error) {
	return d.eachDoor(ctx, c, func(q queue) (change, error) {
		held, drained := events(q.meta, d.key(heldBy)), events(q.meta, d.key(drainedBy))
		ours := d.stoppers(q.meta)
		if !slices.Contains(ours, c.Event) {
			switch {
			case q.policy() == none:
				return nothing("")
			case len(ours) > 0:
				return change{}, fmt.Errorf("%s holds it: %w", strings.Join(ours, ", "), engine.ErrForeign)
			}
			return change{}, fmt.Errorf("its stop policy %s is somebody else's: %w", q.policy(), engine.ErrForeign)
		}
		rest := without(ours, c.Event)
		out := change{annotations: map[string]any{d.key(heldBy): listed(without(held, c.Event)), d.key(drainedBy): listed(without(drained, c.Event))}}
		ended := q.policy() == drain && len(drained) > 0 && len(without(drained, c.Event)) == 0 // it was ours to drain, and nobody does any more
		switch {
		case len(rest) > 0:
			out.why = "still stopped by " + strings.Join(rest, ", ")
			if ended {
				out.spec = map[string]any{"stopPolicy": hold}
			}
			return out, nil
		case q.Annotations[d.key(dismissed)] != "":
			out.why = "its tenant is dismissed, so it stays stopped"
			if ended {
				out.spec = map[string]any{"stopPolicy": hold}
			}
		case q.policy() == hold || ended:
			out.spec = map[string]any{"stopPolicy": none}
		case q.policy() == none:
			out.why = "somebody else had opened it already"
		default:
			out.after = fmt.Errorf("its stop policy became %s meanwhile, which is somebody else's to undo: %w", q.policy(), engine.ErrForeign)
		}
		out.annotations[d.key(because)] = nil
		return out, nil
	})
}

// eachDoor amends every queue that a name stands for. It is done already where
// it was at all of them.
func (d *Driver) eachDoor(ctx context.Context, c engine.Command, edit func(queue) (change, error)) (outcome, error) {
	paths, err := d.doors(ctx, c.Subject)
	if err != nil {
		return outcome{}, err
	}
	all := outcome{already: true}
	for _, p := range paths {
		o, err := amend(ctx, d.api, p, edit)
		if err != nil {
			return outcome{}, err
		}
		all.already = all.already && o.already
		if o.why != "" {
			all.why = o.why
		}
	}
	return all, nil
}
