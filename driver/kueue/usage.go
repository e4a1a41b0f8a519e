package kueue

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"sluice/engine"
)

// span is one run of a job that has ended.
type span struct{ from, to time.Time }

// runsMost is how many past runs are kept on a Workload; of more, the oldest are
// merged, so that their sum stays right.
const runsMost = 20

// runMost is longer than any run: what is said to be longer was written by nobody of ours.
const runMost = 2 * 366 * 24 * time.Hour

// readRuns reads past runs from an annotation. What cannot be read is left out:
// Kueue's own sum makes up for it.
func readRuns(text string) []span {
	var out []span
	for part := range strings.SplitSeq(text, ",") {
		a, b, both := strings.Cut(part, "/")
		s := span{moment(a), moment(b)}
		if both && !s.from.IsZero() && s.from.Before(s.to) && s.to.Sub(s.from) < runMost {
			out = append(out, s)
		}
	}
	return out[max(0, len(out)-5*runsMost):]
}

// writeRuns is the annotation of past runs.
func writeRuns(all []span) string {
	if over := len(all) - runsMost; over > 0 {
		sum := total(all[:over+1])
		all = append([]span{{all[over].to.Add(-sum), all[over].to}}, all[over+1:]...)
	}
	var parts []string
	for _, s := range all {
		parts = append(parts, s.from.UTC().Format(time.RFC3339)+"/"+s.to.UTC().Format(time.RFC3339))
	}
	return strings.Join(parts, ",")
}

func total(all []span) time.Duration {
	var sum time.Duration
	for _, s := range all {
		sum += s.to.Sub(s.from)
	}
	return sum
}

// slack is what whole seconds may differ by for one run.
const slack = time.Second

// past lists the runs of a workload that have ended. Kueue keeps their sum and
// forgets where in time they lay as soon as the job is admitted again; so each is
// written down while that is known. What was not becomes one run that ends with
// the last admission, or where the present one began: the sum stays Kueue's.
func (d *Driver) past(w workload) []span {
	out := readRuns(w.Annotations[d.key(ranFor)])
	lost := time.Duration(w.Status.AccumulatedPastExecutionTimeSeconds)*time.Second - total(out)
	admitted := w.is("Admitted")
	end := admitted.LastTransitionTime
	if lost <= 0 || end.IsZero() {
		return out
	}
	if n := len(out); n > 0 && lost <= slack && (admitted.Status == "True" || end.Sub(out[n-1].to) <= 2*slack) {
		out[n-1].from = out[n-1].from.Add(-lost) // Kueue counted the last run a little longer
		return out
	}
	return append(out, span{end.Add(-lost), end})
}

// ending is past with the run that is just ending: its pods are gone, and Kueue
// has not counted it yet.
func (d *Driver) ending(w workload) []span {
	out := d.past(w)
	began, end := w.is("Admitted"), w.is("Evicted")
	if began.Status == "True" && end.Status == "True" && end.LastTransitionTime.After(began.LastTransitionTime) {
		out = append(out, span{began.LastTransitionTime, end.LastTransitionTime})
	}
	return out
}

// Usage lists runs from the conditions of Workloads. Runs of a Workload that is
// deleted are known only as long as this process has seen it; so it should be
// asked more often than tenants delete jobs, or Watch should run.
func (d *Driver) Usage(ctx context.Context, from, to time.Time) ([]engine.Usage, error) {
	s, err := d.read(ctx)
	if err != nil {
		return nil, err
	}
	var out []engine.Usage
	for _, w := range s.workloads {
		if !d.ours(w) {
			d.write(ctx, w)
			out = append(out, d.usage(s, w, time.Time{})...)
		}
	}
	for _, g := range d.memory.past() {
		if !d.ours(g.workload) {
			out = append(out, d.usage(s, g.workload, g.at)...)
		}
	}
	out = slices.DeleteFunc(out, func(u engine.Usage) bool {
		return !u.From.Before(to) || !u.To.IsZero() && !u.To.After(from)
	})
	slices.SortFunc(out, func(a, b engine.Usage) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Run, b.Run))
	})
	return out, nil
}

// write puts a run that ended without us onto its Workload, while it is known
// where in time it lay. It may fail: then it is tried again with the next usage.
func (d *Driver) write(ctx context.Context, w workload) {
	if w.yes("Finished") || len(d.past(w)) == len(readRuns(w.Annotations[d.key(ranFor)])) {
		return
	}
	_, err := amend(ctx, d.api, path(w.Namespace, "workloads", w.Name), func(now workload) (change, error) {
		return change{annotations: map[string]any{d.key(ranFor): writeRuns(d.past(now))}}, nil
	})
	if err != nil {
		d.trouble(Trouble{"usage_unplaced", w.id(), "its past runs could not be written down: " + err.Error(), "grant patch on workloads; sums stay right, times may not"})
	}
}

// usage is the runs of one workload; gone is when it was deleted, or zero.
func (d *Driver) usage(s state, w workload, gone time.Time) []engine.Usage {
	past := d.past(w)
	var out []engine.Usage
	add := func(r span, end engine.End) {
		out = append(out, engine.Usage{
			Job: w.id(), Run: len(out) + 1, Tenant: w.Namespace, Contract: d.said(s, w, contract), Queue: d.queueOf(s, w),
			GPUs: int(w.uses(d.c.GPU)), From: r.from, To: r.to, Ended: end,
		})
	}
	for i, r := range past {
		end := engine.Preempted
		if i == len(past)-1 && w.yes("Evicted") {
			end = evicted(w.is("Evicted").Reason)
		}
		add(r, end)
	}
	admitted, finished := w.is("Admitted"), w.is("Finished")
	written := slices.ContainsFunc(past, func(r span) bool { return r.from.Equal(admitted.LastTransitionTime) })
	if admitted.Status != "True" || written {
		return out
	}
	now := span{from: admitted.LastTransitionTime}
	switch {
	case finished.Status == "True":
		now.to = finished.LastTransitionTime
		add(now, ended(finished.Reason))
	case !gone.IsZero():
		now.to = gone
		add(now, engine.Cancelled)
	default:
		add(now, engine.StillRuns)
	}
	last := &out[len(out)-1]
	for _, p := range s.pods[w.id()] {
		if n := p.Spec.NodeName; n != "" && !slices.Contains(last.Nodes, n) {
			last.Nodes = append(last.Nodes, n)
		}
	}
	slices.Sort(last.Nodes)
	return out
}

// evicted is how a run ended that Kueue evicted for a reason.
func evicted(reason string) engine.End {
	switch {
	case reason == "NodeFailures":
		return engine.NodeLost
	case strings.HasSuffix(reason, "MaximumExecutionTimeExceeded"):
		return engine.Cancelled
	}
	return engine.Preempted
}

// ended is how a run ended that finished.
func ended(reason string) engine.End {
	switch reason {
	case "Succeeded":
		return engine.Completed
	case "Failed":
		return engine.Failed
	}
	return engine.Cancelled
}
