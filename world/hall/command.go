package hall

import (
	"context"
	"fmt"
	"slices"

	"sluice/engine"
)

// Do implements engine.Engine.
func (h *Hall) Do(_ context.Context, c engine.Command) (engine.Answer, error) {
	if err := c.Validate(); err != nil {
		return engine.Answer{}, err
	}
	if h.unreachable() {
		return engine.Answer{}, h.silence(string(c.Verb))
	}
	changed, why, err := h.carry(c)
	if err != nil {
		return engine.Answer{}, err
	}
	if changed {
		h.version++
		h.settle()
	}
	return engine.Answer{Event: c.Event, Seq: c.Seq, Done: why == "", Already: why == "" && !changed, Why: why, At: h.Now()}, nil
}

// carry does a command. It says whether anything was changed, and why it was not done.
func (h *Hall) carry(c engine.Command) (changed bool, why string, err error) {
	switch c.Verb {
	case engine.Hold, engine.Drain, engine.Release:
		i := slices.IndexFunc(h.set.tenants, func(k contract) bool { return k.Name == c.Subject && !k.colocated() })
		if i < 0 {
			return false, "", unknown("queue", c.Subject)
		}
		switch c.Verb { //nolint:exhaustive // the verbs of queues
		case engine.Hold:
			return hang(&h.tenants[i].holds, c.Event), "", nil
		case engine.Drain:
			return h.drainQueue(i, c.Event), "", nil
		}
		changed, why = h.releaseQueue(i, c.Event)
	case engine.Warn, engine.Evict, engine.Restore:
		w := h.job(c.Subject)
		if w == nil {
			return false, "", unknown("job", c.Subject)
		}
		changed, why = h.carryJob(w, c)
	case engine.Off, engine.On:
		i := slices.IndexFunc(h.nodes, func(n node) bool { return n.name == c.Subject })
		if i < 0 {
			return false, "", unknown("node", c.Subject)
		}
		changed, why = h.switchNode(i, c)
	case engine.Withhold, engine.GiveBack:
		changed = h.withhold(c)
	case engine.Window, engine.Unwindow:
		return h.keepFree(c)
	case engine.Rank:
		return false, "", fmt.Errorf("hall %s: rank: %w", h.set.c.Hall.Name, engine.ErrUnsupported)
	}
	return changed, why, nil
}

func unknown(what, name string) error {
	return fmt.Errorf("%s %q: %w: look at a fresh view", what, name, engine.ErrUnknown)
}

// job finds a job by its ID, wherever it is.
func (h *Hall) job(id string) *work {
	same := func(w *work) bool { return w.ID == id }
	if i := slices.IndexFunc(h.running, same); i >= 0 {
		return h.running[i]
	}
	for i := range h.tenants {
		if k := slices.IndexFunc(h.tenants[i].queue, same); k >= 0 {
			return h.tenants[i].queue[k]
		}
	}
	return nil
}

// hang notes that an event stops a queue.
func hang(on *[]string, event string) bool {
	if slices.Contains(*on, event) {
		return false
	}
	*on = append(slices.Clone(*on), event)
	return true
}

// drainQueue stops what runs in a queue, with the grace of its contract, and lets
// nothing start.
func (h *Hall) drainQueue(i int, event string) bool {
	if !hang(&h.tenants[i].drains, event) {
		return false
	}
	for _, w := range slices.Clone(h.running) {
		if w.tenant == i && w.event == "" {
			w.drained = true
			h.evict(w, event)
		}
	}
	return true
}

// releaseQueue ends what an event does to a queue. What its drain stopped may run again.
func (h *Hall) releaseQueue(i int, event string) (changed bool, why string) {
	t := &h.tenants[i]
	if ours := slices.Concat(t.holds, t.drains); !slices.Contains(ours, event) {
		if len(ours) > 0 {
			return false, "another event holds it: " + ours[0]
		}
		return false, ""
	}
	other := func(e string) bool { return e == event }
	t.holds, t.drains = slices.DeleteFunc(slices.Clone(t.holds), other), slices.DeleteFunc(slices.Clone(t.drains), other)
	for _, w := range t.queue {
		if w.drained && w.event == event {
			h.drop(w)
			w.event, w.drained, w.state, w.claimed = "", false, engine.Waiting, h.now
		}
	}
	return true, ""
}

func (h *Hall) carryJob(w *work, c engine.Command) (changed bool, why string) {
	switch {
	case c.Verb == engine.Warn:
		by := at(c.By)
		if !w.on() || w.warned == by {
			return false, ""
		}
		w.warned = by
		h.signal(w)
		h.watch(w)
		return true, ""
	case w.event != "" && w.event != c.Event:
		return false, "another event stopped it: " + w.event
	case c.Verb == engine.Evict:
		if w.event == c.Event {
			return false, ""
		}
		h.evict(w, c.Event)
		return true, ""
	case w.event == "":
		return false, "" // nothing of this event keeps it from running
	case w.on():
		return false, "it is still stopping"
	}
	h.drop(w)
	w.event, w.drained, w.state, w.claimed = "", false, engine.Waiting, h.now
	return true, ""
}

// withhold keeps watts from admission for an event, or gives them back.
func (h *Hall) withhold(c engine.Command) bool {
	i := slices.IndexFunc(h.grants, func(g grant) bool { return g.event == c.Event })
	switch {
	case c.Verb == engine.GiveBack && i < 0, i >= 0 && c.Verb == engine.Withhold && h.grants[i].power == c.Power:
		return false
	case c.Verb == engine.GiveBack:
		h.grants = slices.Delete(h.grants, i, i+1)
	case i >= 0:
		h.grants[i].power = c.Power
	default:
		h.grants = append(h.grants, grant{c.Event, c.Power})
	}
	return true
}

// switchNode switches a server off once it is empty, or on again.
func (h *Hall) switchNode(i int, c engine.Command) (changed bool, why string) {
	n := &h.nodes[i]
	if n.event != "" && n.event != c.Event {
		return false, "another event switched it off: " + n.event
	}
	if n.event == c.Event == (c.Verb == engine.Off) {
		return false, ""
	}
	h.offer(i, -1)
	n.event = ""
	if c.Verb == engine.Off {
		n.event = c.Event
	}
	h.offer(i, 1)
	if c.Verb == engine.Off {
		h.switchOff(i)
		return true, ""
	}
	h.switchOn(i)
	return true, ""
}

func (h *Hall) switchOff(i int) {
	n := &h.nodes[i]
	switch n.state {
	case engine.NodeUp, engine.NodeStarting, engine.NodeDraining:
		if n.busy > 0 {
			h.turn(i, engine.NodeDraining, never)
			return
		}
		h.turn(i, engine.NodeLeaving, h.now+leaveTime)
	case engine.NodeDown, engine.NodeOff, engine.NodeLeaving:
	}
}

func (h *Hall) switchOn(i int) {
	switch n := &h.nodes[i]; n.state {
	case engine.NodeDraining:
		h.turn(i, engine.NodeUp, never)
	case engine.NodeLeaving, engine.NodeOff:
		h.turn(i, engine.NodeStarting, h.now+h.groupOf(i).boot)
	case engine.NodeUp, engine.NodeStarting, engine.NodeDown:
	}
}

// keepFree keeps power or servers free for a stretch of time, or no more.
func (h *Hall) keepFree(c engine.Command) (changed bool, why string, err error) {
	i := slices.IndexFunc(h.windows, func(x window) bool { return x.event == c.Event })
	if c.Verb == engine.Unwindow {
		if i < 0 {
			return false, "", nil
		}
		h.windows = slices.Delete(h.windows, i, i+1)
		h.markWindows()
		return true, "", nil
	}
	for _, name := range c.Nodes {
		if !slices.ContainsFunc(h.nodes, func(n node) bool { return n.name == name }) {
			return false, "", unknown("node", name)
		}
	}
	x := window{c.Event, c.Power, slices.Clone(c.Nodes), at(c.From), at(c.Until)}
	if i >= 0 && same(h.windows[i], x) {
		return false, "", nil
	}
	if i >= 0 {
		h.windows[i] = x
	} else {
		h.windows = append(h.windows, x)
	}
	h.markWindows()
	h.later(x.from)
	h.later(x.until)
	return true, "", nil
}

func same(a, b window) bool {
	return a.power == b.power && a.from == b.from && a.until == b.until && slices.Equal(a.nodes, b.nodes)
}

// markWindows marks the servers that some window keeps free.
func (h *Hall) markWindows() {
	named := map[string]bool{}
	for _, x := range h.windows {
		for _, n := range x.nodes {
			named[n] = true
		}
	}
	for i := range h.nodes {
		h.nodes[i].window = named[h.nodes[i].name]
	}
}
