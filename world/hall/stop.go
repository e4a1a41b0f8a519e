package hall

import (
	"slices"

	"sluice/engine"
)

// signal tells a running job that it will be stopped. Some jobs begin to save then,
// and have saved if they are given the time; a deaf one does nothing.
func (h *Hall) signal(w *work) {
	if w.saves == never && !w.deaf && h.lot("saves ", w.ID, h.set.c.Saving) {
		w.saves = h.now.in(h.set.c.SaveTime)
	}
}

// evict begins to stop a job for an event of ours: it runs on for the grace of its
// contract.
func (h *Hall) evict(w *work, event string) {
	w.event = event
	h.version++
	if !w.on() {
		w.state = engine.Held
		h.tenants[w.tenant].away += w.GPUs
		h.tally(w)
		return
	}
	h.dismiss(w)
}

// dismiss signals a running job and lets it stop when the grace is over. One that
// was being stopped already keeps its end.
func (h *Hall) dismiss(w *work) {
	if w.state == engine.Stopping {
		return
	}
	w.state = engine.Stopping
	w.stops = h.now.in(h.set.tenants[w.tenant].Grace)
	h.signal(w)
	h.version++
	h.watch(w)
}

// tally counts an eviction of ours.
func (h *Hall) tally(w *work) { h.tenants[w.tenant].evictions++ }

// stopped ends the run of a job whose grace is over, and undoes what it had not
// saved. A deaf one runs on for a while.
func (h *Hall) stopped(w *work) {
	if hangs := h.set.c.Faults.Hangs; w.deaf && !w.hung {
		w.hung, w.stops = true, never
		if hangs > 0 {
			w.stops = h.now.in(hangs)
		}
		h.watch(w)
		return
	}
	lost := h.undo(w)
	t := &h.tenants[w.tenant]
	if w.event == "" {
		t.more.Preempted += lost
		t.more.Preemptions++
	} else {
		t.lost += lost
		h.tally(w)
	}
	h.leave(w, engine.Preempted)
	h.again(w)
}

// undo takes back what a job has not saved and returns it in GPU-seconds.
func (h *Hall) undo(w *work) int64 {
	if !w.Until.IsZero() {
		return 0
	}
	saved := w.saved(h.now)
	lost := (w.progress(h.now) - saved) / whole * int64(w.GPUs)
	w.done, w.since = saved, h.now // what was done until now is forgotten
	return lost
}

// again puts a job that lost its run back into its queue.
func (h *Hall) again(w *work) {
	w.hung, w.claimed, w.warned = false, h.now, 0
	w.warm = true
	w.state = engine.Waiting
	if w.drained && !slices.Contains(h.tenants[w.tenant].drains, w.event) {
		w.event, w.drained = "", false // the drain is over
	}
	if w.event != "" {
		w.state = engine.Held
		h.tenants[w.tenant].away += w.GPUs
	}
	h.back(w)
}

// drop forgets a job that does not run.
func (h *Hall) drop(w *work) {
	if w.state == engine.Held {
		h.tenants[w.tenant].away -= w.GPUs
	}
	h.version++
}

// lose ends all jobs on a server that breaks; each waits for others.
func (h *Hall) lose(i int) {
	for _, w := range h.jobsOn(i) {
		h.tenants[w.tenant].more.Broken += h.undo(w)
		h.leave(w, engine.NodeLost)
		h.again(w)
	}
}

// jobsOn lists the jobs that hold GPUs of a server, in order of arrival.
func (h *Hall) jobsOn(i int) []*work {
	var out []*work
	for _, w := range h.running {
		if slices.ContainsFunc(w.places, func(p place) bool { return p.node == i }) {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b *work) int { return int(a.seq - b.seq) })
	return out
}

// room makes room for a job that may not be kept waiting: the engine stops
// preemptible work of its pool, what began last first, until enough is on its way.
func (h *Hall) room(pool, gpus int) {
	if gpus <= 0 {
		return
	}
	var list []*work
	for _, w := range h.running {
		k := &h.set.tenants[w.tenant]
		if k.pool != pool || !preemptible(k.Kind) {
			continue
		}
		if w.state == engine.Stopping {
			gpus -= w.GPUs
			continue
		}
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b *work) int {
		if a.started != b.started {
			return int(b.started - a.started)
		}
		return int(b.seq - a.seq)
	})
	for _, w := range list {
		if gpus <= 0 {
			return
		}
		gpus -= w.GPUs
		h.dismiss(w)
	}
}

// close ends everything of a contract that is over.
func (h *Hall) close(tenant int) {
	t := &h.tenants[tenant]
	for _, w := range slices.Clone(h.running) {
		if w.tenant == tenant {
			h.leave(w, engine.Cancelled)
		}
	}
	for _, w := range t.queue {
		h.drop(w)
	}
	t.queue = nil
}

// inForce reports whether a contract is in force.
func (k *contract) inForce(now moment) bool {
	return now >= at(k.Start) && (k.End.IsZero() || now < at(k.End))
}

// committed is how many GPUs are kept for a contract now, by its ramp.
func (k *contract) committed(now moment) int {
	if !firm(k.Kind) || !k.inForce(now) {
		return 0
	}
	for i, until := range k.ramps {
		if now < until {
			return int(int64(k.GPUs) * int64(k.Ramp[i]) / whole)
		}
	}
	return k.GPUs
}

// quota is how many GPUs a contract may hold at once.
func (k *contract) quota(now moment, all int) int {
	switch {
	case !k.inForce(now):
		return 0
	case firm(k.Kind):
		return k.committed(now)
	case k.GPUs > 0:
		return min(k.GPUs, all)
	}
	return all
}

// flexMonth is the month in which calls are counted, in UTC.
func flexMonth(now moment) int {
	t := now.time()
	return t.Year()*12 + int(t.Month()) - 1
}
