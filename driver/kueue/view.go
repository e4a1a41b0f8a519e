package kueue

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"sluice/engine"
)

// state is what was read of a cluster for one view.
type state struct {
	at        time.Time
	version   string
	workloads []workload
	clusters  []queue // ClusterQueues
	locals    []queue // LocalQueues
	cohorts   []queue
	nodes     []node
	pods      map[string][]pod // by ID of their workload
}

// read lists everything that a view needs.
func (d *Driver) read(ctx context.Context) (state, error) {
	if err := d.discover(ctx); err != nil {
		return state{}, err
	}
	s := state{at: d.c.Now()}
	var versions []string
	var pods []pod
	steps := []func() (string, error){
		// Pods first: where a job is stopped between the two lists, it is seen to be leaving. The other way round it would be admitted and have no
		// pods, like one that has not begun.
		func() (v string, err error) {
			pods, v, err = listOf[pod](ctx, d.api, core("", "pods", ""), url.Values{"labelSelector": {"kueue.x-k8s.io/podset"}})
			return v, err
		},
		func() (v string, err error) { s.workloads, v, err = d.workloads(ctx); return v, err },
		func() (v string, err error) {
			s.clusters, v, err = listOf[queue](ctx, d.api, path("", "clusterqueues", ""), nil)
			return v, err
		},
		func() (v string, err error) {
			s.locals, v, err = listOf[queue](ctx, d.api, path("", "localqueues", ""), nil)
			return v, err
		},
		func() (v string, err error) {
			s.cohorts, v, err = listOf[queue](ctx, d.api, path("", "cohorts", ""), nil)
			return v, err
		},
		func() (v string, err error) {
			s.nodes, v, err = listOf[node](ctx, d.api, core("", "nodes", ""), nil)
			return v, err
		},
	}
	for _, step := range steps {
		v, err := step()
		if err != nil {
			return state{}, err
		}
		versions = append(versions, v)
	}
	s.version = strings.Join(versions, ".")
	s.pods = owned(s.workloads, pods)
	return s, nil
}

// owned sorts pods by the workload that they belong to: named by Kueue, or made
// by the same Job, or by a Job of the same JobSet.
func owned(all []workload, pods []pod) map[string][]pod {
	byOwner := map[string]string{}
	for _, w := range all {
		byOwner[w.id()] = w.id()
		for _, o := range w.OwnerReferences {
			byOwner[o.UID] = w.id()
			byOwner[w.Namespace+"/"+o.Kind+"/"+o.Name] = w.id()
		}
	}
	out := map[string][]pod{}
	for _, p := range pods {
		keys := []string{p.Namespace + "/" + p.Annotations["kueue.x-k8s.io/workload"]}
		for _, o := range p.OwnerReferences {
			keys = append(keys, o.UID)
		}
		keys = append(keys, p.Namespace+"/JobSet/"+p.Labels["jobset.sigs.k8s.io/jobset-name"])
		for _, k := range keys {
			if id, known := byOwner[k]; known {
				out[id] = append(out[id], p)
				break
			}
		}
	}
	return out
}

// View is the cluster now. Orders that lost what keeps them alive get it back on
// the way; see Troubles.
func (d *Driver) View(ctx context.Context) (engine.View, error) {
	s, err := d.read(ctx)
	if err != nil {
		return engine.View{}, err
	}
	v := engine.View{Version: s.version, At: s.at, Watts: d.watts(s)}
	queues := d.queues(s)
	waiting := map[string][]workload{}
	for _, w := range s.workloads {
		if w.yes("Finished") || d.ours(w) {
			continue
		}
		j := d.job(s, w)
		v.Jobs = append(v.Jobs, j)
		if j.State == engine.Waiting {
			waiting[j.Queue] = append(waiting[j.Queue], w)
		}
		if j.State == engine.Running || j.State == engine.Stopping {
			v.Watts.Admitted += j.Watts
		}
	}
	for name, all := range waiting {
		if i := slices.IndexFunc(queues, func(q engine.Queue) bool { return q.Name == name }); i >= 0 {
			queues[i].Waiting = len(all)
		}
	}
	v.Queues, v.Nodes = queues, d.servers(s)
	slices.SortFunc(v.Jobs, func(a, b engine.Job) int { return cmp.Compare(a.ID, b.ID) })
	d.positionAll(ctx, s, waiting, v.Jobs)
	d.look(ctx, s, v)
	return v, nil
}
