package curtail

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
)

// door is what the contracts behind one queue have room for.
type door struct {
	queue   string
	limited bool       // one of them may not have everything
	room    unit.Power // below their budgets
	planned unit.Power // the same in planning watts
	waits   unit.Power // that waiting jobs would draw at most
	each    unit.Power // of a GPU
	budget  unit.Power
}

// doors decides what may start. Queues whose contracts may have everything are open,
// and those without room for one GPU more are held. Between the two, where more
// waits than there is room for, the queue opens for a moment in which watts are
// withheld but for that room, and closes again.
func (h *Hall) doors(budget map[string]unit.Power) {
	var pulse []door
	for i := range h.cfg.Tenancies {
		t := &h.cfg.Tenancies[i]
		if t.Queue == "" || h.byQueue[t.Queue] != i {
			continue
		}
		if t.paidFor() { // whoever wants less of it curtails what runs
			h.open(t.Queue) // that a call held
			continue
		}
		d, steered := h.behind(i, budget)
		switch {
		case !steered || !d.limited || d.wide():
			h.open(d.queue)
		case d.room < d.each:
			h.hold(d.queue)
		case d.waits > 0 && h.budgeted():
			pulse = append(pulse, d)
		case d.waits == 0 || d.room >= 2*d.each:
			h.open(d.queue)
		}
	}
	h.pulse(pulse)
}

// wide reports whether all that waits fits, and a fifth of the budget beside it for
// what may come.
func (d door) wide() bool { return d.room >= d.waits+d.budget/5 && d.room >= d.each }

// budgeted reports whether planning watts can be withheld.
func (h *Hall) budgeted() bool {
	return h.cfg.Engine.Can(engine.Withhold) && h.cfg.Engine.Can(engine.GiveBack) && h.sv.view.Watts.Known && h.cfg.Timing.Pulse > 0
}

// behind sums up the contracts behind the queue of a tenancy, which is the first of them.
func (h *Hall) behind(i int, budget map[string]unit.Power) (door, bool) {
	d, steered := door{queue: h.cfg.Tenancies[i].Queue}, false
	for k := i; k < len(h.cfg.Tenancies); k++ {
		b, ok := h.budgetOf(k, budget)
		if h.cfg.Tenancies[k].Queue != d.queue || !ok {
			continue
		}
		steered = true
		d.limited = d.limited || b < h.cfg.full(k)
		d.each = max(d.each, h.cfg.each(k))
		d.waits += h.cfg.each(k) * unit.Power(h.sv.waits[k])
		d.room += h.left[k]
		d.planned += h.planned(k)
		d.budget += b
	}
	return d, steered
}

// planned is the room of a contract in planning watts, as its running jobs relate
// the two; work that starts may draw more than what runs, so a tenth stays free.
func (h *Hall) planned(i int) unit.Power {
	var planned unit.Power
	for k := range h.sv.jobs {
		if g := &h.sv.jobs[k]; g.tenancy == i && running(g.Job) {
			planned += g.Watts
		}
	}
	if drawn := h.sv.draws[i]; planned > drawn && drawn > 0 {
		scaled := unit.MulDiv(int64(h.left[i]), int64(min(planned, 2*drawn)), int64(drawn))
		return unit.Power(scaled - scaled/10)
	}
	return h.left[i]
}

// pulse opens queues for a moment, for no more than there is room for.
func (h *Hall) pulse(all []door) {
	if len(all) == 0 {
		h.withhold(0)
		return
	}
	w := h.sv.view.Watts
	var room unit.Power
	for _, d := range all {
		room += d.planned
	}
	h.withhold(max(0, w.Budget-w.Admitted-room))
	for _, d := range all {
		h.open(d.queue)
		h.st.Pulsed = append(h.st.Pulsed, d.queue)
	}
	h.st.Pulse = h.now.Add(h.cfg.Timing.Pulse)
	h.dirty = true
	if !h.st.Pulse.After(h.horizon()) {
		h.close(h.st.Pulse)
	}
}

// shut closes queues again whose moment is over.
func (h *Hall) shut() {
	if len(h.st.Pulsed) > 0 && !h.now.Before(h.st.Pulse) {
		h.close(time.Time{})
	}
}

// close holds the queues that were opened for a moment, then or now, and gives the
// watts back that were withheld meanwhile.
func (h *Hall) close(at time.Time) {
	for _, q := range h.st.Pulsed {
		h.holdAt(q, at)
	}
	h.st.Pulsed = nil
	h.withholdAt(0, at)
}

// wouldMove reports whether a look could change what a contract has: something in
// force that fits, or a queue that should be other than it is.
func (h *Hall) wouldMove(i int, b, draw unit.Power) bool {
	if b >= h.cfg.full(i) || h.room[i] > 0 && b-draw >= h.room[i] {
		return true
	}
	if k := h.cfg.Tenancies[i].Contract.Kind; k == hosting.Reserved || k == hosting.Colocation {
		return false
	}
	_, held := h.st.Held[h.cfg.Tenancies[i].Queue]
	return held != (b-draw < h.cfg.each(i))
}

// isHeld reports whether the queue of a contract is held, or will be in a moment.
func (h *Hall) isHeld(i int) bool {
	q := h.cfg.Tenancies[i].Queue
	_, held := h.st.Held[q]
	return held || slices.Contains(h.st.Pulsed, q)
}

// paidFor reports whether the contract is paid whether it is used or not, and no call
// within its terms takes its power now: its queue is never held.
func (t *Tenancy) paidFor() bool {
	return t.Contract.Kind.Commits() && (t.Contract.Kind != hosting.Flexible || !t.Called)
}
