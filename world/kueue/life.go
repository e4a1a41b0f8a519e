package kueue

import (
	"slices"
	"strconv"
	"time"
)

// ends is when an admitted Workload is evicted by the clock, and why; zero: not.
func (w *World) ends(wl object) (at time.Time, reason, message string) {
	if !holds(wl, "Admitted") || holds(wl, "Evicted") || holds(wl, "Finished") {
		return time.Time{}, "", ""
	}
	began := since(wl, "Admitted")
	if !holds(wl, "PodsReady") {
		return began.Add(w.s.PodsReady), "PodsReadyTimeout", "Exceeded the PodsReady timeout " + id(wl)
	}
	if most := number(get(wl, "spec", "maximumExecutionTimeSeconds")); most > 0 {
		left := most - number(get(wl, "status", "accumulatedPastExecutionTimeSeconds"))
		return began.Add(time.Duration(left) * time.Second), "DeactivatedDueToMaximumExecutionTimeExceeded", "The maximum execution time is exceeded"
	}
	return time.Time{}, "", ""
}

// returns is when a Workload that had to wait may be considered again.
func returns(wl object) time.Time {
	t, _ := time.Parse(time.RFC3339, text(wl, "status", "requeueState", "requeueAt"))
	if holds(wl, "QuotaReserved") {
		return time.Time{} // one without a Job is never cleared, so it never returns
	}
	return t
}

// expire does what the clock does at one time, and reports whether it did anything.
func (w *World) expire(now time.Time) bool {
	done := false
	for _, wl := range ordered(w.of("workloads")) {
		if t, reason, message := w.ends(wl); !t.IsZero() && !t.After(now) {
			if reason == "PodsReadyTimeout" {
				put(wl, object{"count": 1 + number(get(wl, "status", "requeueState", "count")), "requeueAt": stamp(now.Add(w.s.Backoff))}, "status", "requeueState")
			} else {
				put(wl, false, "spec", "active")
			}
			w.evictOne(wl, reason, message, now)
			done = true
		}
		if t := returns(wl); !t.IsZero() && !t.After(now) {
			put(wl, nil, "status", "requeueState", "requeueAt")
			w.store("workloads", wl)
			done = true
		}
	}
	return done
}

// adopt makes the Workload of a new Job.
func (w *World) adopt(job object) {
	labels, _ := get(job, "metadata", "labels").(object)
	queue, named := labels["kueue.x-k8s.io/queue-name"].(string)
	if !named {
		return
	}
	name, uid := text(job, "metadata", "name"), text(job, "metadata", "uid")
	wl := object{
		"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "Workload",
		"metadata": object{
			"name": "job-" + name + "-" + uid[len(uid)-5:], "namespace": text(job, "metadata", "namespace"),
			"labels":          object{"kueue.x-k8s.io/job-uid": uid},
			"ownerReferences": []any{object{"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": uid, "controller": true}},
		},
		"spec": object{"queueName": queue, "podSets": []any{object{
			"name": "main", "count": number(get(job, "spec", "parallelism")), "template": get(job, "spec", "template"),
		}}},
	}
	if c, is := labels["kueue.x-k8s.io/priority-class"].(string); is {
		put(wl, number(get(w.of("workloadpriorityclasses")[c], "value")), "spec", "priority")
	}
	if most, is := labels["kueue.x-k8s.io/max-exec-time-seconds"].(string); is {
		put(wl, number(most), "spec", "maximumExecutionTimeSeconds")
	}
	w.store("workloads", clone(wl))
}

// jobOf is the Job of a Workload; nil where it has none.
func (w *World) jobOf(wl object) object {
	for _, o := range list(wl, "metadata", "ownerReferences") {
		return w.of("jobs")[text(wl, "metadata", "namespace")+"/"+text(o, "name")]
	}
	return nil
}

// podsOf are the pods of a Job.
func (w *World) podsOf(job object) []object {
	uid := text(job, "metadata", "uid")
	return slices.DeleteFunc(ordered(w.of("pods")), func(p object) bool {
		return text(p, "metadata", "labels", "batch.kubernetes.io/controller-uid") != uid
	})
}

// evictAll evicts what may not run any more.
func (w *World) evictAll(now time.Time) {
	for _, wl := range ordered(w.of("workloads")) {
		if !holds(wl, "QuotaReserved") || holds(wl, "Finished") || holds(wl, "Evicted") {
			continue
		}
		active, stated := get(wl, "spec", "active").(bool)
		local, cluster := w.queuesOf(wl)
		switch {
		case stated && !active:
			w.evictOne(wl, "Deactivated", "The workload is deactivated", now)
		case text(local, "spec", "stopPolicy") == "HoldAndDrain":
			w.evictOne(wl, "LocalQueueStopped", "The LocalQueue is stopped", now)
		case text(cluster, "spec", "stopPolicy") == "HoldAndDrain":
			w.evictOne(wl, "ClusterQueueStopped", "The ClusterQueue is stopped", now)
		}
	}
	w.finish(now)
}

// evictOne evicts a Workload. Its quota comes back when its Job has stopped; one
// without a Job keeps it.
func (w *World) evictOne(wl object, reason, message string, now time.Time) {
	turn(wl, fact{"Evicted", true, reason, message}, now)
	if job := w.jobOf(wl); job != nil {
		for _, p := range w.podsOf(job) {
			w.remove("pods", p)
		}
		put(job, true, "spec", "suspend")
		w.store("jobs", job)
		ran := now.Sub(since(wl, "Admitted")) / time.Second
		put(wl, number(get(wl, "status", "accumulatedPastExecutionTimeSeconds"))+int64(ran), "status", "accumulatedPastExecutionTimeSeconds")
		put(wl, nil, "status", "admission")
		turn(wl, fact{"QuotaReserved", false, "Pending", message}, now)
		turn(wl, fact{"Admitted", false, "NoReservation", "The workload has no reservation"}, now)
		turn(wl, fact{"PodsReady", false, "WaitForStart", "Not all pods are ready or succeeded"}, now)
		turn(wl, fact{"Requeued", reason == "Preempted", reason, message}, now)
	}
	w.store("workloads", wl)
	w.stir(now)
}

// finish ends Workloads whose pods have all ended, and those whose Job is gone.
func (w *World) finish(now time.Time) {
	for _, wl := range ordered(w.of("workloads")) {
		if holds(wl, "Finished") || len(list(wl, "metadata", "ownerReferences")) == 0 {
			continue
		}
		job := w.jobOf(wl)
		if job == nil {
			w.remove("workloads", wl)
			w.stir(now)
			continue
		}
		pods := w.podsOf(job)
		left := slices.ContainsFunc(pods, func(p object) bool { return text(p, "status", "phase") != "Succeeded" })
		if len(pods) > 0 && !left {
			turn(wl, fact{"Finished", true, "Succeeded", "Job finished successfully"}, now)
			w.store("workloads", wl)
			w.stir(now)
		}
	}
	w.place(now)
}

// start lets the Job of an admitted Workload run.
func (w *World) start(wl object, now time.Time) {
	job := w.jobOf(wl)
	if job == nil {
		return
	}
	put(job, false, "spec", "suspend")
	w.store("jobs", job)
	uid := text(job, "metadata", "uid")
	for i := range number(get(job, "spec", "parallelism")) {
		labels := object{"batch.kubernetes.io/controller-uid": uid, "kueue.x-k8s.io/podset": "main"}
		w.store("pods", clone(object{
			"apiVersion": "v1", "kind": "Pod",
			"metadata": object{
				"name": text(job, "metadata", "name") + "-" + strconv.FormatInt(i, 10) + "-" + strconv.Itoa(w.serial), "namespace": text(job, "metadata", "namespace"),
				"labels": labels, "ownerReferences": []any{object{"kind": "Job", "name": text(job, "metadata", "name"), "uid": uid}},
			},
			"spec": get(job, "spec", "template", "spec"), "status": object{"phase": "Pending"},
		}))
	}
	w.place(now)
}

// place puts pods on nodes that have GPUs free, and says of Workloads whose pods
// all have nodes that they are ready.
func (w *World) place(now time.Time) {
	for _, p := range ordered(w.of("pods")) {
		if text(p, "spec", "nodeName") != "" {
			continue
		}
		for _, n := range ordered(w.of("nodes")) {
			if cordoned, _ := get(n, "spec", "unschedulable").(bool); !cordoned && w.room(n) >= asks(get(p, "spec"))[gpu] {
				put(p, text(n, "metadata", "name"), "spec", "nodeName")
				put(p, "Running", "status", "phase")
				w.store("pods", p)
				break
			}
		}
	}
	for _, wl := range ordered(w.of("workloads")) {
		job := w.jobOf(wl)
		if job == nil || !holds(wl, "Admitted") || holds(wl, "PodsReady") {
			continue
		}
		if !slices.ContainsFunc(w.podsOf(job), func(p object) bool { return text(p, "spec", "nodeName") == "" }) {
			turn(wl, fact{"PodsReady", true, "Started", "All pods reached readiness and the workload is running"}, now)
			w.store("workloads", wl)
		}
	}
}

// gpu is the only resource of nodes that is looked at.
const gpu = "nvidia.com/gpu"

// room is how many GPUs of a node are free.
func (w *World) room(node object) int64 {
	free := number(get(node, "status", "allocatable", gpu))
	for _, p := range w.of("pods") {
		if text(p, "spec", "nodeName") == text(node, "metadata", "name") && text(p, "status", "phase") == "Running" {
			free -= asks(get(p, "spec"))[gpu]
		}
	}
	return free
}

// delete takes an object away with what belongs to it.
func (w *World) delete(kind string, o object, now time.Time) {
	w.remove(kind, o)
	switch kind {
	case "jobs":
		for _, p := range w.podsOf(o) {
			w.remove("pods", p)
		}
	case "workloads":
		if job := w.jobOf(o); job != nil {
			for _, p := range w.podsOf(job) {
				w.remove("pods", p)
			}
			put(job, true, "spec", "suspend")
			w.adopt(job) // a Job that lost its Workload gets a new one
		}
	}
	w.finish(now)
	w.stir(now)
}
