package hall

import (
	"fmt"
	"slices"

	"sluice/engine"
	"sluice/world/jobs"
)

// Submit lets a tenant submit a job now, by the hand of somebody and not by a
// stream. Its contract must be in force, and its ID its own.
func (h *Hall) Submit(j jobs.Job) error {
	i := slices.IndexFunc(h.set.tenants, func(k contract) bool { return k.Name == j.Contract && !k.colocated() })
	switch {
	case i < 0 || !h.set.tenants[i].inForce(h.now):
		return fmt.Errorf("submit %q: contract %q has no queue that is open now", j.ID, j.Contract)
	case j.ID == "" || h.job(j.ID) != nil:
		return fmt.Errorf("submit %q: it needs an ID that no other job has", j.ID)
	case j.GPUs <= 0 || j.Work <= 0 && j.Until.IsZero():
		return fmt.Errorf("submit %q: it needs GPUs, and work or an end", j.ID)
	}
	j.Arrive = h.Now()
	h.enter(i, j)
	h.settle()
	return nil
}

// End lets a job end now, by itself or because its tenant takes it back. It reports
// whether there was such a job.
func (h *Hall) End(id string) bool {
	w := h.job(id)
	switch {
	case w == nil:
		return false
	case w.on():
		h.leave(w, engine.Completed)
	default:
		t := &h.tenants[w.tenant]
		t.queue = slices.DeleteFunc(t.queue, func(q *work) bool { return q == w })
		h.drop(w)
	}
	h.settle()
	return true
}

// Break breaks a server until the seed repairs it; where nothing breaks by the seed
// it stays broken until Repair. It reports whether there is such a server that works.
func (h *Hall) Break(name string) bool {
	i := slices.IndexFunc(h.nodes, func(n node) bool { return n.name == name })
	if i < 0 || h.nodes[i].broken() {
		return false
	}
	if h.set.c.Failures.Between > 0 {
		h.breaks(i)
		h.moves = min(h.moves, h.nodes[i].fails)
	} else {
		h.lose(i)
		h.down(i)
	}
	h.settle()
	return true
}

// Repair brings a broken server back. It reports whether it was broken.
func (h *Hall) Repair(name string) bool {
	i := slices.IndexFunc(h.nodes, func(n node) bool { return n.name == name })
	if i < 0 || !h.nodes[i].broken() {
		return false
	}
	if h.set.c.Failures.Between > 0 {
		h.breaks(i)
		h.moves = min(h.moves, h.nodes[i].fails)
	} else {
		h.repair(i)
	}
	h.settle()
	return true
}
