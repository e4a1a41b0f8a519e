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
	none = "None"
	hold = "Hold" // what runs goes on
)

// Annotations on queues and workloads; each with the domain before it.
const (
	heldBy      = "held-by"      // events, with commas
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

// hold stops admission through a queue. What runs goes on.
func (d *Driver) hold(ctx context.Context, c engine.Command) (outcome, error) {
	return d.eachDoor(ctx, c, func(q queue) (change, error) {
		ours := events(q.meta, d.key(heldBy))
		stopped := q.policy() != none
		switch {
		case stopped && slices.Contains(ours, c.Event):
			return nothing("")
		case stopped && len(ours) == 0:
			return nothing("somebody else has stopped it (" + q.policy() + "): nothing starts, and it is theirs to open")
		}
		out := change{annotations: map[string]any{d.key(heldBy): listed(append(without(ours, c.Event), c.Event))}}
		if c.Why != "" {
			out.annotations[d.key(because)] = c.Why
		}
		if !stopped {
			out.spec = map[string]any{"stopPolicy": hold}
		}
		return out, nil
	})
}

// release lets a queue admit again that this event, and nobody else, holds.
func (d *Driver) release(ctx context.Context, c engine.Command) (outcome, error) {
	return d.eachDoor(ctx, c, func(q queue) (change, error) {
		ours := events(q.meta, d.key(heldBy))
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
		out := change{annotations: map[string]any{d.key(heldBy): listed(rest)}}
		switch {
		case len(rest) > 0:
			out.why = "still held by " + strings.Join(rest, ", ")
			return out, nil
		case q.Annotations[d.key(dismissed)] != "":
			out.why = "its tenant is dismissed, so it stays stopped"
		case q.policy() == hold:
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
