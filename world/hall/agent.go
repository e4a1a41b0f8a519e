package hall

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

// Read implements gpu.Agent. A mute server's GPUs are there and state no power; of
// servers that are off nothing answers.
func (h *Hall) Read(context.Context) ([]gpu.Reading, error) {
	jobs := map[int64]string{}
	for _, w := range h.running {
		jobs[w.seq] = w.ID
	}
	out := make([]gpu.Reading, 0, len(h.gpus))
	for i := range h.nodes {
		if !h.answers(i) {
			continue
		}
		mute := h.lot("mute ", h.nodes[i].name, h.set.c.Faults.Mute)
		for k := range h.chips(i) {
			out = append(out, h.reading(i, k, mute, jobs))
		}
	}
	return out, nil
}

// answers reports whether the agent of a server runs.
func (h *Hall) answers(i int) bool {
	s := h.nodes[i].state
	return s == engine.NodeUp || s == engine.NodeDraining
}

func (h *Hall) reading(i, k int, mute bool, jobs map[int64]string) gpu.Reading {
	m, c := &h.groupOf(i).Model, h.chip(i, k)
	r := gpu.Reading{
		Node: h.nodes[i].name, Index: k, UUID: uuid(h.nodes[i].name, k), Model: m.Name,
		Job: jobs[c.seq], At: h.Now(), Source: "world",
	}
	if c.seq != 0 {
		r.Busy = unit.One
	}
	if mute {
		return r
	}
	r.Draw, r.Limit, r.Min, r.Max, r.Default = c.watts, c.limit, m.Min, m.TDP, m.TDP
	r.Energy = c.energy + c.watts.Over((h.now - c.since).duration())
	r.Capped = c.seq != 0 && c.watts >= c.limit && c.limit < m.TDP
	r.Has = gpu.Has{Draw: true, Limit: true, Range: m.Min > 0, Default: true, Energy: true, Busy: true, Capped: true}
	return r
}

func uuid(node string, k int) string { return "GPU-" + node + "-" + strconv.Itoa(k) }

// Set implements gpu.Agent.
func (h *Hall) Set(_ context.Context, s gpu.Setting) (gpu.Answer, error) {
	out := gpu.Answer{Node: s.Node, At: h.Now()}
	i := slices.IndexFunc(h.nodes, func(n node) bool { return n.name == s.Node })
	if i < 0 {
		return out, fmt.Errorf("limit of %s: no such server in hall %s: look at a fresh reading", s.Node, h.set.c.Hall.Name)
	}
	if !h.answers(i) {
		return out, fmt.Errorf("limit of %s: its agent does not answer: the server is %s", s.Node, h.nodes[i].state)
	}
	chips, why := h.settable(i, s)
	if out.Why = why; why != "" {
		return out, nil
	}
	out.Taken = true
	h.nodes[i].epoch = max(h.nodes[i].epoch, s.Epoch)
	h.limit(i, chips, s.Limit)
	return out, nil
}

// settable is the GPUs that a setting is for, or why it is not taken.
func (h *Hall) settable(i int, s gpu.Setting) (chips []int, why string) {
	m := &h.groupOf(i).Model
	switch {
	case s.Epoch < h.nodes[i].epoch:
		return nil, fmt.Sprintf("epoch %d is older than %d, which it has seen", s.Epoch, h.nodes[i].epoch)
	case !s.Until.IsZero() && !s.Until.After(h.Now()):
		return nil, "it has expired"
	case s.Limit != 0 && (s.Limit < m.Min || s.Limit > m.TDP):
		return nil, fmt.Sprintf("%s lies outside %s to %s", s.Limit, m.Min, m.TDP)
	}
	for k := range h.chips(i) {
		if len(s.UUIDs) == 0 || slices.Contains(s.UUIDs, uuid(s.Node, k)) {
			chips = append(chips, k)
		}
	}
	if len(s.UUIDs) > 0 && len(chips) != len(s.UUIDs) {
		return nil, "it names a GPU that the server does not have"
	}
	return chips, ""
}

// limit sets the limit of GPUs, and the pace of the jobs on them.
func (h *Hall) limit(i int, chips []int, limit unit.Power) {
	if limit == 0 {
		limit = h.groupOf(i).Model.TDP
	}
	changed := map[int64]bool{}
	for _, k := range chips {
		c := h.chip(i, k)
		if c.limit != limit && c.seq != 0 {
			changed[c.seq] = true
		}
		c.limit = limit
	}
	h.version++
	for _, w := range h.jobsOn(i) {
		if changed[w.seq] {
			h.pace(w)
		}
	}
}
