package kueue

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// queuesOf are the queues of a Workload; nil where they are not there.
func (w *World) queuesOf(wl object) (local, cluster object) {
	local = w.of("localqueues")[text(wl, "metadata", "namespace")+"/"+text(wl, "spec", "queueName")]
	name := text(wl, "status", "admission", "clusterQueue")
	return local, w.of("clusterqueues")[cmp.Or(name, text(local, "spec", "clusterQueue"))]
}

// needs is what a Workload asks for, with the watts of its GPUs.
func (w *World) needs(wl object) map[string]int64 {
	out := map[string]int64{}
	for _, s := range list(wl, "spec", "podSets") {
		for r, n := range asks(get(s, "template", "spec")) {
			out[r] += n * number(get(s, "count"))
		}
	}
	if n := out[gpu] * w.s.Watts; n > 0 {
		out[w.s.Resource] += n
	}
	return out
}

// share is what a queue or cohort has of a resource.
type share struct {
	nominal, borrow int64
	bounded, there  bool
}

func shareOf(queue object, resource string) share {
	var s share
	for _, g := range list(queue, "spec", "resourceGroups") {
		for _, f := range list(g, "flavors") {
			for _, r := range list(f, "resources") {
				if text(r, "name") != resource {
					continue
				}
				s.there, s.nominal = true, s.nominal+number(get(r, "nominalQuota"))
				if limit := get(r, "borrowingLimit"); limit != nil {
					s.bounded, s.borrow = true, s.borrow+number(limit)
				}
			}
		}
	}
	return s
}

// used is what admitted Workloads of some queues hold of a resource.
func (w *World) used(resource string, of func(cluster object) bool) int64 {
	var n int64
	for _, wl := range w.of("workloads") {
		if holds(wl, "QuotaReserved") && !holds(wl, "Finished") {
			if _, c := w.queuesOf(wl); c != nil && of(c) {
				n += w.needs(wl)[resource]
			}
		}
	}
	return n
}

// lacks says what keeps a Workload out of its queue's quota; empty: nothing.
func (w *World) lacks(wl, cluster object) string {
	needs := w.needs(wl)
	for _, r := range slices.Sorted(maps.Keys(needs)) {
		s := shareOf(cluster, r)
		if !s.there {
			return "resource " + r + " unavailable in ClusterQueue"
		}
		own := w.used(r, func(c object) bool { return id(c) == id(cluster) })
		if s.bounded && own+needs[r] > s.nominal+s.borrow {
			return fmt.Sprintf("insufficient quota for %s in flavor, previously considered podsets requests + current podset request > maximum capacity", r)
		}
		all, used := w.pool(cluster, r)
		if used+needs[r] > all {
			return fmt.Sprintf("insufficient unused quota for %s, %d more needed", r, used+needs[r]-all)
		}
	}
	return ""
}

// pool is what a queue's cohort has of a resource, and what is used of it.
func (w *World) pool(cluster object, resource string) (all, used int64) {
	cohort := text(cluster, "spec", "cohortName")
	same := func(c object) bool {
		return id(c) == id(cluster) || cohort != "" && text(c, "spec", "cohortName") == cohort
	}
	for _, c := range w.of("clusterqueues") {
		if same(c) {
			all += shareOf(c, resource).nominal
		}
	}
	return all + shareOf(w.of("cohorts")[cohort], resource).nominal, w.used(resource, same)
}

// waits reports whether a Workload may be considered now, or why not.
func (w *World) waits(wl object) (ready bool, reason string) {
	active, stated := get(wl, "spec", "active").(bool)
	local, cluster := w.queuesOf(wl)
	switch {
	case holds(wl, "QuotaReserved") || holds(wl, "Finished") || stated && !active || text(wl, "status", "requeueState", "requeueAt") != "":
		return false, ""
	case local == nil:
		return false, "LocalQueue " + text(wl, "spec", "queueName") + " is terminating or missing"
	case cluster == nil:
		return false, "ClusterQueue is terminating or missing"
	case stopped(local):
		return false, "LocalQueue " + text(wl, "spec", "queueName") + " is stopped"
	case stopped(cluster):
		return false, "ClusterQueue " + id(cluster) + " is stopped"
	}
	return true, ""
}

func stopped(queue object) bool {
	p := text(queue, "spec", "stopPolicy")
	return p != "" && p != "None"
}

// admitAll admits what fits, by priority and age, and lets what has the right to
// preempt do so.
func (w *World) admitAll(now time.Time) {
	for _, wl := range ordered(w.of("workloads")) {
		if ready, reason := w.waits(wl); !ready && reason != "" {
			w.pending(wl, "Inadmissible", reason, now)
		}
	}
	for _, wl := range w.heads() {
		_, cluster := w.queuesOf(wl)
		lack := w.lacks(wl, cluster)
		if lack != "" && w.preempt(wl, cluster, now) {
			lack = w.lacks(wl, cluster)
		}
		if lack != "" {
			w.pending(wl, "Pending", "couldn't assign flavors to pod set main: "+lack, now)
			continue
		}
		w.admitOne(wl, cluster, now)
	}
	w.place(now)
}

// heads are the Workloads that may be admitted, in the order in which they are
// tried: who does not borrow first, then priority, then age.
func (w *World) heads() []object {
	var out []object
	late := map[string]int{}
	for _, wl := range ordered(w.of("workloads")) {
		if ready, _ := w.waits(wl); ready {
			out = append(out, wl)
			if _, cluster := w.queuesOf(wl); w.borrows(wl, cluster) {
				late[id(wl)] = 1
			}
		}
	}
	slices.SortStableFunc(out, func(a, b object) int {
		return cmp.Or(cmp.Compare(late[id(a)], late[id(b)]), cmp.Compare(w.priority(b), w.priority(a)), cmp.Compare(number(a["serial"]), number(b["serial"])))
	})
	return out
}

// priority is what Kueue orders by: boosts count where it heeds them.
func (w *World) priority(wl object) int64 {
	p := number(get(wl, "spec", "priority"))
	if w.s.Boosts {
		p += number(text(wl, "metadata", "annotations", boost))
	}
	return p
}

// pending notes why a Workload waits, once.
func (w *World) pending(wl object, reason, message string, now time.Time) {
	if c := condition(wl, "QuotaReserved"); c != nil && c["status"] == "False" && c["reason"] == reason && c["message"] == message {
		return
	}
	turn(wl, fact{"QuotaReserved", false, reason, message}, now)
	w.store("workloads", wl)
}

func (w *World) admitOne(wl, cluster object, now time.Time) {
	usage := object{}
	for r, n := range w.needs(wl) {
		usage[r] = strconv.FormatInt(n, 10)
	}
	var count int64
	for _, s := range list(wl, "spec", "podSets") {
		count += number(get(s, "count"))
	}
	put(wl, object{"clusterQueue": id(cluster), "podSetAssignments": []any{object{"name": "main", "count": count, "resourceUsage": usage}}}, "status", "admission")
	turn(wl, fact{"QuotaReserved", true, "QuotaReserved", "Quota reserved in ClusterQueue " + id(cluster)}, now)
	turn(wl, fact{"Admitted", true, "Admitted", "The workload is admitted"}, now)
	for _, c := range []string{"Evicted", "Preempted"} {
		if holds(wl, c) {
			turn(wl, fact{c, false, "QuotaReserved", "Previously: " + text(condition(wl, c), "message")}, now)
		}
	}
	w.store("workloads", wl)
	w.start(wl, now)
}

// preempt evicts what a Workload has the right to displace, if that lets it in.
func (w *World) preempt(wl, cluster object, now time.Time) bool {
	victims := w.candidates(wl, cluster)
	if len(victims) == 0 {
		return false
	}
	needs, freed := w.needs(wl), map[string]int64{}
	enough := func() bool {
		for r, n := range needs {
			if all, used := w.pool(cluster, r); used-freed[r]+n > all {
				return false
			}
		}
		return true
	}
	n := 0
	for ; n < len(victims) && !enough(); n++ {
		for r, m := range w.needs(victims[n]) {
			freed[r] += m
		}
	}
	if !enough() {
		return false
	}
	for _, v := range victims[:n] {
		turn(v, fact{"Preempted", true, "InCohortReclamation", "Preempted to accommodate a workload (UID: " + text(wl, "metadata", "uid") + ")"}, now)
		w.evictOne(v, "Preempted", text(condition(v, "Preempted"), "message"), now)
	}
	return true
}

// candidates are who may be displaced, in Kueue's order: other queues first, then
// lower priority, then who was admitted last.
func (w *World) candidates(wl, cluster object) []object {
	within, reclaim := text(cluster, "spec", "preemption", "withinClusterQueue"), text(cluster, "spec", "preemption", "reclaimWithinCohort")
	var out []object
	for _, v := range ordered(w.of("workloads")) {
		_, of := w.queuesOf(v)
		if !holds(v, "QuotaReserved") || holds(v, "Finished") || holds(v, "Evicted") || of == nil {
			continue
		}
		lower := w.priority(v) < w.priority(wl)
		if id(of) == id(cluster) {
			if within == "LowerPriority" && lower && w.fitsNominal(wl, cluster) {
				out = append(out, v)
			}
			continue
		}
		cohort := text(cluster, "spec", "cohortName")
		if cohort != "" && text(of, "spec", "cohortName") == cohort && (reclaim == "Any" || reclaim == "LowerPriority" && lower) && !w.borrows(wl, cluster) && w.above(of, w.needs(wl)) {
			out = append(out, v)
		}
	}
	other := func(v object) bool { _, of := w.queuesOf(v); return id(of) != id(cluster) }
	slices.SortStableFunc(out, func(a, b object) int {
		if other(a) != other(b) {
			return map[bool]int{true: -1, false: 1}[other(a)]
		}
		return cmp.Or(cmp.Compare(w.priority(a), w.priority(b)), since(b, "Admitted").Compare(since(a, "Admitted")), cmp.Compare(number(b["serial"]), number(a["serial"])))
	})
	return out
}

// borrows reports whether a Workload would take its queue above its own quota.
func (w *World) borrows(wl, cluster object) bool {
	for r, n := range w.needs(wl) {
		if w.used(r, func(c object) bool { return id(c) == id(cluster) })+n > shareOf(cluster, r).nominal {
			return true
		}
	}
	return false
}

// fitsNominal reports whether a Workload alone asks for no more than its queue's own
// quota: who must borrow displaces nobody of its own queue.
func (w *World) fitsNominal(wl, cluster object) bool {
	for r, n := range w.needs(wl) {
		if n > shareOf(cluster, r).nominal {
			return false
		}
	}
	return true
}

// above reports whether a queue uses more than its own of what is needed.
func (w *World) above(cluster object, needs map[string]int64) bool {
	for r := range needs {
		if w.used(r, func(c object) bool { return id(c) == id(cluster) }) > shareOf(cluster, r).nominal {
			return true
		}
	}
	return false
}
