package kueue

import (
	"cmp"
	"slices"
	"time"

	"sluice/driver/wire"
	"sluice/engine"
	"sluice/unit"
)

// job is one workload as a job.
func (d *Driver) job(s state, w workload) engine.Job {
	j := engine.Job{
		ID: w.id(), Name: w.Name, Tenant: w.Namespace, Queue: d.queueOf(s, w), Contract: d.said(s, w, contract),
		GPUs: int(w.uses(d.c.GPU)), Watts: unit.Power(w.uses(d.c.Watts)), Submitted: w.CreationTimestamp,
	}
	if len(w.OwnerReferences) > 0 {
		j.Name = w.OwnerReferences[0].Name
	}
	if w.Spec.Priority != nil {
		j.Priority = *w.Spec.Priority
	}
	if w.Spec.MaximumExecutionTimeSeconds != nil {
		j.Limit = time.Duration(*w.Spec.MaximumExecutionTimeSeconds) * time.Second
	}
	j.Deadline = moment(d.said(s, w, deadline))
	j.Rank, _ = d.boostOf(w)
	d.standing(s, w, &j)
	if j.Started.IsZero() {
		return j
	}
	if saved := moment(w.Annotations[d.key(savedAt)]); !saved.Before(j.Started) && !saved.After(s.at) {
		j.Saved = saved
	}
	return j
}

// standing says where a job stands, on which nodes, and why.
func (d *Driver) standing(s state, w workload, j *engine.Job) {
	admitted, live := w.is("Admitted"), int64(0)
	for _, p := range s.pods[w.id()] {
		if p.Spec.NodeName == "" || p.ended() {
			continue
		}
		live++
		if !slices.Contains(j.Nodes, p.Spec.NodeName) {
			j.Nodes = append(j.Nodes, p.Spec.NodeName)
		}
	}
	slices.Sort(j.Nodes)
	by := ""
	if ours := events(w.meta, d.key(evictedBy)); len(ours) > 0 && !w.active() {
		by = ours[0]
	}
	leaving := !w.active() || w.yes("Evicted") || admitted.Status != "True"
	ready := w.is("PodsReady")
	switch {
	case live > 0 && leaving, !w.active() && admitted.Status == "True": // held only once Kueue counts it no more
		j.State, j.Why = engine.Stopping, "evicted: "+w.is("Evicted").Reason
		if by != "" {
			j.Why = "evicted for " + by
		}
	case live > 0 && (live >= w.pods()-done(s.pods[w.id()]) || ready.Status == "True" || ready.Reason == "WaitForRecovery"):
		j.State, j.Started = engine.Running, admitted.LastTransitionTime
	case !w.active():
		j.State, j.Nodes, j.Evicted, j.Why = engine.Held, nil, by, "stopped by somebody else"
		if by != "" {
			j.Why = "evicted for " + by
		}
	default:
		j.State, j.Nodes, j.Why = engine.Waiting, nil, why(w)
		if by := d.drainer(s, w); by != "" {
			j.State, j.Evicted, j.Why = engine.Held, by, "its queue is drained for "+by
		}
	}
	if leaving && admitted.Status == "True" {
		j.Started = admitted.LastTransitionTime // its pods may be gone: Kueue counts the run until admission is
	}
}

// done counts pods that have ended.
func done(pods []pod) int64 {
	var n int64
	for _, p := range pods {
		if p.ended() {
			n++
		}
	}
	return n
}

// why is the reason for which a workload waits, in Kueue's word.
func why(w workload) string {
	reserved, admitted := w.is("QuotaReserved"), w.is("Admitted")
	switch {
	case w.yes("Evicted") && reserved.Status == "True":
		return wire.Bounded(w.is("Evicted").Reason + ": " + w.is("Evicted").Message)
	case admitted.Status == "True":
		return "admitted; its pods have no nodes yet"
	case reserved.Status == "True":
		return wire.Bounded(cmp.Or(admitted.Reason, "UnsatisfiedAdmissionChecks") + ": " + admitted.Message)
	case reserved.Reason != "":
		return wire.Bounded(reserved.Reason + ": " + reserved.Message)
	}
	return "Pending: Kueue has not considered it yet"
}

// moment is a time that somebody wrote; zero where it is none.
func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// said is what a tenant declares of a job in an annotation or label of its pods,
// or an operator on its LocalQueue.
func (d *Driver) said(s state, w workload, name string) string {
	key := d.key(name)
	out := cmp.Or(w.Annotations[key], w.Labels[key])
	for _, p := range w.Spec.PodSets {
		out = cmp.Or(out, p.Template.Metadata.Annotations[key], p.Template.Metadata.Labels[key])
	}
	if out == "" {
		if l, known := find(s.locals, w.Namespace+"/"+w.Spec.QueueName); known {
			out = cmp.Or(l.Annotations[key], l.Labels[key])
		}
	}
	return wire.Bounded(out)
}

func find(all []queue, id string) (queue, bool) {
	if i := slices.IndexFunc(all, func(q queue) bool { return q.id() == id }); i >= 0 {
		return all[i], true
	}
	return queue{}, false
}

// drainer is the event of ours that drains the queue from which Kueue evicted a
// workload; empty: none does.
func (d *Driver) drainer(s state, w workload) string {
	e := w.is("Evicted")
	if e.Status != "True" || e.Reason != "ClusterQueueStopped" && e.Reason != "LocalQueueStopped" {
		return ""
	}
	l, _ := find(s.locals, w.Namespace+"/"+w.Spec.QueueName)
	q, _ := find(s.clusters, l.Spec.ClusterQueue)
	for _, x := range []queue{q, l} {
		if ours := events(x.meta, d.key(drainedBy)); x.policy() == drain && len(ours) > 0 {
			return ours[0]
		}
	}
	return ""
}

// queueOf is the queue of a workload: of the ClusterQueue that admitted it, or
// that its LocalQueue leads to; the LocalQueue itself where it leads nowhere.
func (d *Driver) queueOf(s state, w workload) string {
	local := w.Namespace + "/" + w.Spec.QueueName
	name := ""
	if w.Status.Admission != nil {
		name = w.Status.Admission.ClusterQueue
	} else if l, known := find(s.locals, local); known {
		name = l.Spec.ClusterQueue
	}
	if q, known := find(s.clusters, name); known {
		return d.classOf(q)
	}
	return cmp.Or(name, local)
}
