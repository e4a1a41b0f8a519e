package hall

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// verbs lists what the engine takes: everything but ranks. Whom it stops to make room
// it chooses by the order of its own.
func verbs() []engine.Verb {
	return []engine.Verb{
		engine.Hold, engine.Release, engine.Warn, engine.Evict, engine.Restore, engine.Withhold,
		engine.GiveBack, engine.Off, engine.On, engine.Window, engine.Unwindow, engine.Drain,
	}
}

// Capabilities implements engine.Engine.
func (h *Hall) Capabilities(context.Context) (engine.Capabilities, error) {
	if h.unreachable() {
		return engine.Capabilities{}, h.silence("say what it can do")
	}
	out := engine.Capabilities{
		Engine: "hall", Version: "1", API: "virtual", Verbs: verbs(),
		ExactVictim: true, EarlyWarning: true, Window: true, WattBudget: true,
		Latency: map[engine.Verb]time.Duration{engine.Hold: 0, engine.Withhold: 0, engine.Off: time.Duration(leaveTime) * time.Second},
	}
	for i := range h.set.tenants {
		out.Latency[engine.Evict] = max(out.Latency[engine.Evict], h.set.tenants[i].Grace)
	}
	for i := range h.set.groups {
		out.Latency[engine.On] = max(out.Latency[engine.On], time.Duration(h.set.groups[i].boot)*time.Second)
	}
	return out, nil
}

// unreachable reports whether the engine answers nothing now.
func (h *Hall) unreachable() bool {
	hour := h.now / 3600
	return h.silent || h.set.c.Faults.Silent > 0 && h.lot("silent ", fmt.Sprint(hour), h.set.c.Faults.Silent)
}

func (h *Hall) silence(what string) error {
	return fmt.Errorf("hall %s: %s: %w: try again", h.set.c.Hall.Name, what, engine.ErrUnreachable)
}

// Refuse lets the engine answer nothing, until it is told otherwise.
func (h *Hall) Refuse(silent bool) { h.silent = silent }

// View implements engine.Engine.
func (h *Hall) View(context.Context) (engine.View, error) {
	if h.unreachable() {
		return engine.View{}, h.silence("view")
	}
	v := engine.View{Version: fmt.Sprintf("%d-%d", h.now, h.version), At: h.Now()}
	v.Watts = engine.Watts{Known: true, Budget: h.set.budget, Admitted: h.booked}
	for _, g := range h.grants {
		v.Watts.Withheld += g.power
	}
	for i := range h.tenants {
		if !h.set.tenants[i].colocated() {
			h.viewQueue(&v, i)
		}
	}
	for _, w := range h.running {
		v.Jobs = append(v.Jobs, h.viewJob(w, 0))
	}
	for i := range h.nodes {
		v.Nodes = append(v.Nodes, h.viewNode(i))
	}
	slices.SortFunc(v.Jobs, func(a, b engine.Job) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(v.Nodes, func(a, b engine.Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(v.Queues, func(a, b engine.Queue) int { return cmp.Compare(a.Name, b.Name) })
	return v, nil
}

// viewQueue adds a contract's queue and the jobs in it.
func (h *Hall) viewQueue(v *engine.View, i int) {
	t, k := &h.tenants[i], &h.set.tenants[i]
	q := engine.Queue{Name: k.Name, Held: t.stopped(), GPUs: h.quotaOf(i), Drained: len(t.drains) > 0}
	if q.Held {
		q.Event = slices.Concat(t.holds, t.drains)[0]
	}
	for _, w := range t.queue {
		position := 0
		if w.state == engine.Waiting {
			q.Waiting++
			position = q.Waiting
		}
		v.Jobs = append(v.Jobs, h.viewJob(w, position))
	}
	v.Queues = append(v.Queues, q)
}

func (h *Hall) viewJob(w *work, position int) engine.Job {
	k := &h.set.tenants[w.tenant]
	j := engine.Job{
		ID: w.ID, Name: cmp.Or(w.Name, w.ID), Tenant: k.Tenant, Queue: k.Name, Contract: k.Name, State: w.state, GPUs: w.GPUs,
		Nodes: h.names(w.places), Watts: h.planningOf(w), Submitted: w.Arrive, Limit: w.Limit, Deadline: w.Deadline,
		Priority: int64(-rank(k.Kind)), Position: position,
	}
	switch w.state {
	case engine.Running:
		j.Started, j.Saved = w.started.time(), w.savedAt(h.now)
	case engine.Stopping:
		j.Started, j.Saved, j.Why = w.started.time(), w.savedAt(h.now), cmp.Or(w.event, "work with a reservation")+" stops it"
	case engine.Held:
		j.Evicted, j.Why = w.event, w.event+" stopped it"
	case engine.Waiting:
		j.Why = w.why
	}
	return j
}

func (h *Hall) viewNode(i int) engine.Node {
	n, g := &h.nodes[i], h.groupOf(i)
	out := engine.Node{Name: n.name, State: n.state, GPUs: g.Model.PerNode, Busy: int(n.busy), Model: g.Model.Name, Event: n.event}
	switch n.state {
	case engine.NodeUp:
		if n.window {
			out.Reason = "kept free for a window"
		}
	case engine.NodeDown:
		out.Reason = "broken"
	case engine.NodeDraining, engine.NodeOff, engine.NodeLeaving, engine.NodeStarting:
		out.Reason = "power saving"
		if n.event != "" {
			out.Reason = "switched off by " + n.event
		}
	}
	return out
}

// Potential is the IT power that a contract would draw now if nothing held its work
// back: what runs, without limits, what waits and what was stopped, up to its quota.
// Whether servers are free for it is left out.
func (h *Hall) Potential(name string) unit.Power {
	i := slices.IndexFunc(h.set.tenants, func(k contract) bool { return k.Name == name })
	if i < 0 {
		return 0
	}
	t, room := &h.tenants[i], h.quotaOf(i)-h.tenants[i].used
	sum := t.full
	for _, w := range t.queue {
		if room <= 0 {
			break
		}
		if w.GPUs <= room && (w.Until.IsZero() || at(w.Until) > h.now) {
			room -= w.GPUs
			sum += h.wouldDraw(w)
		}
	}
	return sum
}

// wouldDraw is the IT power of a job that does not run, without limits.
func (h *Hall) wouldDraw(w *work) unit.Power {
	for i := range h.set.groups {
		if g := &h.set.groups[i]; g.pool == h.set.tenants[w.tenant].pool {
			return unit.Power(w.GPUs) * (w.Draw - g.Model.Idle + g.share + g.rest)
		}
	}
	return 0
}
