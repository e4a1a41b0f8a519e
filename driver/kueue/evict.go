package kueue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/engine"
)

// place is the path of a workload that is a job.
func (d *Driver) place(id string) (string, error) {
	namespace, name, both := strings.Cut(id, "/")
	if !both || namespace == "" || name == "" || strings.Contains(name, "/") {
		return "", fmt.Errorf("job %q is no namespace/name of a Workload: %w", id, engine.ErrUnknown)
	}
	return path(namespace, "workloads", name), nil
}

// onJob amends the workload that a command names.
func (d *Driver) onJob(ctx context.Context, c engine.Command, edit func(workload) (change, error)) (outcome, error) {
	p, err := d.place(c.Subject)
	if err != nil {
		return outcome{}, err
	}
	return amend(ctx, d.api, p, func(w workload) (change, error) {
		if d.ours(w) {
			return change{}, fmt.Errorf("it is a curtailment order and no job: %w", engine.ErrUnknown)
		}
		if w.yes("Finished") {
			return nothing("the job has ended")
		}
		return edit(w)
	})
}

// warn writes on a workload when it will be evicted, as an absolute time. Kueue
// has no notice of its own: what runs in the pods hears nothing of it unless it
// looks there.
func (d *Driver) warn(ctx context.Context, c engine.Command) (outcome, error) {
	by := c.By.UTC().Format(time.RFC3339)
	return d.onJob(ctx, c, func(w workload) (change, error) {
		was, of := w.Annotations[d.key(warnedUntil)], w.Annotations[d.key(warnedBy)]
		if was == by && of == c.Event {
			return nothing("")
		}
		if earlier, err := time.Parse(time.RFC3339, was); of != c.Event && err == nil && earlier.Before(c.By) && !earlier.Before(d.c.Now()) {
			return nothing("warned for " + was + " already, by " + of)
		}
		return change{
			annotations: map[string]any{d.key(warnedUntil): by, d.key(warnedBy): c.Event, d.key(because): note(c.Why)},
			outcome:     outcome{why: "noted on the Workload; Kueue itself tells the pods nothing before it ends them"},
		}, nil
	})
}

// note is an annotation; nil where there is nothing to say.
func note(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// evict stops one job, which then waits until it is restored.
func (d *Driver) evict(ctx context.Context, c engine.Command) (outcome, error) {
	return d.onJob(ctx, c, func(w workload) (change, error) {
		ours := events(w.meta, d.key(evictedBy))
		switch {
		case !w.active() && slices.Contains(ours, c.Event):
			return nothing("")
		case !w.active() && len(ours) == 0:
			return nothing("somebody else has stopped it: it is theirs to start")
		}
		out := change{annotations: map[string]any{d.key(evictedBy): listed(append(without(ours, c.Event), c.Event))}}
		if c.Why != "" {
			out.annotations[d.key(because)] = c.Why
		}
		if w.active() {
			out.spec = map[string]any{"active": false}
		}
		return out, nil
	})
}

// restore lets a job run again that this event, and nobody else, stopped. When
// it last ran is written down with it, because Kueue forgets that on admission.
func (d *Driver) restore(ctx context.Context, c engine.Command) (outcome, error) {
	return d.onJob(ctx, c, func(w workload) (change, error) {
		ours := events(w.meta, d.key(evictedBy))
		if !slices.Contains(ours, c.Event) {
			switch {
			case len(ours) > 0:
				return change{}, fmt.Errorf("%s stopped it: %w", strings.Join(ours, ", "), engine.ErrForeign)
			case !w.active():
				return change{}, fmt.Errorf("somebody else stopped it: %w", engine.ErrForeign)
			}
			return nothing("")
		}
		rest := without(ours, c.Event)
		out := change{annotations: map[string]any{d.key(evictedBy): listed(rest)}}
		if w.Annotations[d.key(warnedBy)] == c.Event {
			out.annotations[d.key(warnedBy)], out.annotations[d.key(warnedUntil)] = nil, nil
		}
		switch {
		case len(rest) > 0:
			out.why = "still stopped by " + strings.Join(rest, ", ")
			return out, nil
		case w.active():
			out.why = "somebody else had started it already"
		default:
			out.spec = map[string]any{"active": true}
		}
		out.annotations[d.key(because)] = nil
		if past := d.ending(w); len(past) > 0 {
			out.annotations[d.key(ranFor)] = writeRuns(past)
		}
		return out, nil
	})
}
