package kueue

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"sluice/engine"
)

// positionAll gives waiting jobs their positions: Kueue's own where it serves them,
// else reckoned from what Kueue orders by, and said so.
func (d *Driver) positionAll(ctx context.Context, s state, waiting map[string][]workload, jobs []engine.Job) {
	served := d.positions(ctx, s, waiting)
	for _, all := range waiting {
		slices.SortFunc(all, before)
		for i, w := range all {
			at, _ := slices.BinarySearchFunc(jobs, w.id(), func(j engine.Job, id string) int { return cmp.Compare(j.ID, id) })
			if p, known := served[w.id()]; known {
				jobs[at].Position = p
				continue
			}
			jobs[at].Position = i + 1
			jobs[at].Why += " (place reckoned from priority and age)"
		}
	}
}

// before is Kueue's order of a queue: higher priority first, then who waits longer;
// a job whose pods were not ready in time waits since then.
func before(a, b workload) int {
	urgency := func(w workload) int64 {
		if w.Spec.Priority == nil {
			return 0
		}
		return *w.Spec.Priority
	}
	since := func(w workload) time.Time {
		if e := w.is("Evicted"); e.Status == "True" && e.Reason == "PodsReadyTimeout" {
			return e.LastTransitionTime
		}
		return w.CreationTimestamp
	}
	return cmp.Or(cmp.Compare(urgency(b), urgency(a)), since(a).Compare(since(b)), cmp.Compare(a.id(), b.id()))
}

// visibility is the API group in which Kueue serves positions, where it does.
const visibility = "/apis/visibility.kueue.x-k8s.io/v1beta2"

// positions asks Kueue for the places of waiting jobs. It is empty where Kueue
// does not serve them or does not let us ask.
func (d *Driver) positions(ctx context.Context, s state, waiting map[string][]workload) map[string]int {
	out := map[string]int{}
	for _, q := range s.clusters {
		if len(waiting[d.classOf(q)]) == 0 || d.classOf(q) != q.Name {
			continue
		}
		var list struct {
			Items []struct {
				meta                   `json:"metadata"`
				PositionInClusterQueue int `json:"positionInClusterQueue"`
			} `json:"items"`
		}
		err := d.api.read(ctx, visibility+within("", "clusterqueues", q.Name)+"/pendingworkloads", url.Values{"limit": {"1000"}}, &list)
		if err != nil { // not served, not permitted, or not now: then places are reckoned
			return out
		}
		for _, i := range list.Items {
			out[i.id()] = i.PositionInClusterQueue + 1
		}
	}
	return out
}
