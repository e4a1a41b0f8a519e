package hall

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// whole is the speed of work without a limit, and one second of it.
const whole = int64(unit.One)

// work is a job in the hall, waiting, held or running. Progress is counted in
// millionths of a second of its gang at full speed.
type work struct {
	jobs.Job
	seq     int64 // order of arrival, from 1
	tenant  int
	state   engine.State
	need    int64 // progress at which it is done; never reached by what serves
	done    int64 // progress until since
	kept    int64 // progress that a signal saved
	run     int   // from 1
	warm    bool  // its next run begins with a restart
	deaf    bool  // ignores signals
	hung    bool  // and ran on beyond its grace
	event   string
	drained bool // by a drain of that event
	why     string
	warned  moment // eviction that it was told of; 0: none
	claimed moment // when it asked for admission last

	// Of the present run.
	places  []place // never changed once made: clones share it
	slot    int     // in running
	started moment
	since   moment
	ready   moment // end of its restart
	speed   unit.Ratio
	draw    unit.Power // IT, with its share of its servers
	full    unit.Power // the same without limits
	saves   moment     // a save on a signal ends; never: none
	stops   moment     // the engine ends it; never: it does not
	ends    moment     // it ends by itself
	late    bool       // its deadline has passed
}

// place is GPUs of one server.
type place struct{ node, gpus int }

// on reports whether a job holds GPUs.
func (w *work) on() bool { return w.state == engine.Running || w.state == engine.Stopping }

// progress is how far a running job is now.
func (w *work) progress(now moment) int64 {
	from := max(w.since, w.ready)
	if now <= from {
		return w.done
	}
	return w.done + int64(now-from)*int64(w.speed)
}

// saved is the progress that would be left if it stopped now. Work saves whenever
// it has got so far again, as programs do that save every so many steps.
func (w *work) saved(now moment) int64 {
	every := int64(w.SaveEvery/time.Second) * whole
	if every == 0 {
		return w.kept
	}
	return max(w.kept, w.progress(now)/every*every)
}

// savedAt is when the progress that is saved was reached, at the present speed;
// zero where nothing was saved in this run.
func (w *work) savedAt(now moment) time.Time {
	saved := w.saved(now)
	if saved == 0 || saved <= w.done && w.since == w.started || w.speed <= 0 {
		return time.Time{}
	}
	ago := (w.progress(now) - saved) / int64(w.speed)
	return max(now-moment(ago), w.started).time()
}

// plan says when a running job ends by itself at its present speed.
func (w *work) plan(now moment) {
	w.done, w.since = w.progress(now), now
	switch {
	case !w.Until.IsZero():
		w.ends = max(now, at(w.Until))
	case w.speed <= 0:
		w.ends = never
	default:
		left := max(0, w.need-w.done)
		w.ends = max(now, w.ready) + moment((left+int64(w.speed)-1)/int64(w.speed))
	}
}

// dueNext is when something happens to a running job.
func (w *work) dueNext() moment {
	next := min(w.ends, w.stops, w.saves)
	if !w.Deadline.IsZero() && !w.late {
		next = min(next, at(w.Deadline))
	}
	return next
}

// watch takes note of when something happens to a running job next.
func (h *Hall) watch(w *work) {
	h.due[w.slot] = w.dueNext()
	h.next = min(h.next, h.due[w.slot])
}

// start lets a job run on the places found for it.
func (h *Hall) start(w *work, places []place) {
	t, k := &h.tenants[w.tenant], &h.set.tenants[w.tenant]
	w.state, w.places, w.why = engine.Running, places, ""
	w.started, w.since, w.ready = h.now, h.now, h.now
	w.run++
	if w.warm {
		w.ready, w.warm = h.now.in(k.Restart), false
	}
	w.saves, w.stops, w.late = never, never, !w.Deadline.IsZero() && at(w.Deadline) <= h.now
	w.slot = len(h.running)
	h.running, h.due = append(h.running, w), append(h.due, never)
	for _, p := range places {
		h.hold(w, p)
	}
	t.used += w.GPUs
	t.started += h.pace(w)
	h.booked += h.planningOf(w)
	if w.late {
		t.late += w.GPUs
	}
	h.version++
	h.watch(w)
}

// planningOf is the planning watts of a job.
func (h *Hall) planningOf(w *work) unit.Power {
	return h.watt(h.set.tenants[w.tenant].pool) * unit.Power(w.GPUs)
}

// watt is the planning watts of a GPU of a pool: of its first group.
func (h *Hall) watt(pool int) unit.Power {
	for i := range h.set.groups {
		if h.set.groups[i].pool == pool {
			return h.set.perGPU[i]
		}
	}
	return 0
}

// hold gives GPUs of a server to a job, the lowest that are free.
func (h *Hall) hold(w *work, p place) {
	h.offer(p.node, -1)
	left := p.gpus
	for k := 0; k < h.chips(p.node) && left > 0; k++ {
		if c := h.chip(p.node, k); c.seq == 0 {
			c.seq = w.seq
			left--
		}
	}
	rest := h.groupOf(p.node).rest * unit.Power(p.gpus)
	h.nodes[p.node].draw += rest
	h.draw += rest
	h.nodes[p.node].busy += int32(p.gpus) //nolint:gosec // at most the GPUs of a server
	h.racks[h.rackOf(p.node)] += p.gpus
	h.offer(p.node, 1)
}

// pace sets the power and the speed of a job by the limits of its GPUs: the slowest
// of a gang sets the pace of all. It returns what the job draws without limits.
func (h *Hall) pace(w *work) unit.Power {
	curve := h.set.tenants[w.tenant].curve
	h.account(w, -1)
	w.done, w.since = w.progress(h.now), h.now
	w.speed, w.draw, w.full = unit.One, 0, 0
	limit, power, speed := unit.Power(-1), unit.Power(0), unit.One
	for _, p := range w.places {
		g := h.groupOf(p.node)
		before := h.nodes[p.node].draw
		for k := range h.chips(p.node) {
			c := h.chip(p.node, k)
			if c.seq != w.seq {
				continue
			}
			if c.limit != limit {
				limit = c.limit
				power, speed = curve.Under(limit, w.Draw)
			}
			w.speed = min(w.speed, speed)
			h.nodes[p.node].draw += power - c.watts
			h.spin(c, power)
			w.draw += power - g.Model.Idle + g.share + g.rest
			w.full += w.Draw - g.Model.Idle + g.share + g.rest
		}
		h.draw += h.nodes[p.node].draw - before
	}
	h.account(w, 1)
	w.plan(h.now)
	h.watch(w)
	return w.full
}

// account adds a running job to what its tenant draws, or takes it away (by -1).
func (h *Hall) account(w *work, by int64) {
	t := &h.tenants[w.tenant]
	t.draw += w.draw * unit.Power(by)
	t.full += w.full * unit.Power(by)
	if w.draw != 0 || w.full != 0 {
		t.slow += by * int64(w.GPUs) * (whole - int64(w.speed))
	}
}

// leave takes a job off its GPUs. What becomes of it is its caller's.
func (h *Hall) leave(w *work, end engine.End) {
	t := &h.tenants[w.tenant]
	h.records.add(w, h.now, end)
	t.more.Restarting += int64(min(h.now, w.ready)-w.started) * int64(w.GPUs)
	w.done, w.since = w.progress(h.now), h.now
	h.account(w, -1)
	w.draw, w.full = 0, 0
	for _, p := range w.places {
		h.release(w, p)
	}
	t.used -= w.GPUs
	if w.late {
		t.late -= w.GPUs
	}
	h.booked -= h.planningOf(w)
	last := len(h.running) - 1
	h.running[w.slot], h.due[w.slot] = h.running[last], h.due[last]
	h.running[w.slot].slot = w.slot
	h.running[last] = nil
	h.running, h.due = h.running[:last], h.due[:last]
	w.places, w.state = nil, ""
	h.version++
}

// release frees GPUs of a server. One that was waiting to be empty leaves.
func (h *Hall) release(w *work, p place) {
	n, g := &h.nodes[p.node], h.groupOf(p.node)
	h.offer(p.node, -1)
	before := n.draw
	for k := range h.chips(p.node) {
		if c := h.chip(p.node, k); c.seq == w.seq {
			n.draw += g.Model.Idle - c.watts - g.rest
			h.spin(c, g.Model.Idle)
			c.seq = 0
		}
	}
	h.draw += n.draw - before
	n.busy -= int32(p.gpus) //nolint:gosec // at most the GPUs of a server
	h.racks[h.rackOf(p.node)] -= p.gpus
	if n.busy == 0 {
		n.since = h.now
	}
	h.offer(p.node, 1)
	if n.busy == 0 && n.state == engine.NodeDraining {
		h.turn(p.node, engine.NodeLeaving, h.now+leaveTime)
	}
}

// happen lets happen what is due on running jobs, in their order of arrival.
func (h *Hall) happen() {
	if h.next > h.now {
		return
	}
	var list []*work
	for i, d := range h.due {
		if d <= h.now {
			list = append(list, h.running[i])
		}
	}
	slices.SortFunc(list, func(a, b *work) int { return int(a.seq - b.seq) })
	for _, w := range list {
		h.happenTo(w)
	}
	h.next = never
	for _, d := range h.due {
		h.next = min(h.next, d)
	}
}

func (h *Hall) happenTo(w *work) {
	if w.saves <= h.now {
		w.kept, w.saves = max(w.kept, w.progress(h.now)), never
	}
	if !w.late && !w.Deadline.IsZero() && at(w.Deadline) <= h.now {
		w.late = true
		h.tenants[w.tenant].late += w.GPUs
	}
	switch {
	case w.ends <= h.now:
		h.leave(w, engine.Completed)
	case w.stops <= h.now:
		h.stopped(w)
	default:
		h.watch(w)
	}
}

// enter lets a job into the hall.
func (h *Hall) enter(tenant int, j jobs.Job) *work {
	h.seq++
	w := &work{Job: j, seq: h.seq, tenant: tenant, state: engine.Waiting, need: 1 << 62, claimed: h.now}
	if j.Until.IsZero() {
		w.need = (j.Work*whole + int64(j.GPUs) - 1) / int64(j.GPUs)
	}
	w.deaf = h.lot("deaf ", j.ID, h.set.c.Faults.Deaf)
	t := &h.tenants[tenant]
	t.queue = append(t.queue, w)
	if !j.Until.IsZero() {
		t.soonest = min(t.soonest, at(j.Until))
	}
	h.version++
	return w
}

// back puts a job that was stopped into its queue again, at its place.
func (h *Hall) back(w *work) {
	t := &h.tenants[w.tenant]
	i, _ := slices.BinarySearchFunc(t.queue, w.seq, func(q *work, seq int64) int { return int(q.seq - seq) })
	t.queue = slices.Insert(t.queue, i, w)
	if !w.Until.IsZero() {
		t.soonest = min(t.soonest, at(w.Until))
	}
}

// colocated reports whether a contract has no jobs of ours.
func (k *contract) colocated() bool { return k.Kind == hosting.Colocation }
