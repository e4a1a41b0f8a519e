package hall

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"time"
)

// Standing says in one line where the hall stands, as far as it matters for what
// comes next: two halls of equal standing in the same world behave alike. Registers
// and records are no part of it.
func (h *Hall) Standing() string {
	sum := sha256.New()
	note(sum, h.now, h.rest, h.pue, h.draw, h.booked, h.grants, h.windows, h.silent)
	for i := range h.nodes {
		n := &h.nodes[i]
		note(sum, n.state, n.busy, n.event, n.until, n.fails, n.lives, n.since, n.epoch, n.draw)
		for k := range h.chips(i) {
			if c := h.chip(i, k); c.limit != h.groupOf(i).Model.TDP {
				note(sum, k, c.limit)
			}
		}
	}
	running := slices.Clone(h.running)
	slices.SortFunc(running, func(a, b *work) int { return int(a.seq - b.seq) })
	order := h.orders(running)
	for _, w := range running {
		w.standing(sum, h.now, order)
		for _, p := range w.places {
			note(sum, p, h.chipsOf(w, p))
		}
	}
	for i := range h.tenants {
		t := &h.tenants[i]
		note(sum, t.used, t.blocked, t.dark, t.cut, t.away, t.late, t.draw, t.full, t.slow, t.flex, t.holds, t.arrives)
		if len(t.drains) > 0 {
			note(sum, "drained", t.drains)
		}
		if t.stream != nil {
			chunk, place := t.stream.Position()
			note(sum, chunk, place)
		}
		for _, w := range t.queue {
			w.standing(sum, h.now, order)
		}
	}
	return fmt.Sprintf("%s hall %s %d W, %d jobs run, %s", h.Now().Format(time.RFC3339), h.set.c.Hall.Name, h.draw, len(running), hex.EncodeToString(sum.Sum(nil)[:12]))
}

// orders numbers the jobs of the hall anew, in order of arrival: how many came
// before them does not matter any more.
func (h *Hall) orders(running []*work) map[int64]int {
	all := slices.Clone(running)
	for i := range h.tenants {
		all = append(all, h.tenants[i].queue...)
	}
	slices.SortFunc(all, func(a, b *work) int { return int(a.seq - b.seq) })
	out := map[int64]int{}
	for i, w := range all {
		out[w.seq] = i
	}
	return out
}

func (h *Hall) chipsOf(w *work, p place) []int {
	var out []int
	for k := range h.chips(p.node) {
		if h.chip(p.node, k).seq == w.seq {
			out = append(out, k)
		}
	}
	return out
}

// standing writes down where a job stands, at what it is now.
func (w *work) standing(sum hash.Hash, now moment, order map[int64]int) {
	note(sum, w.ID, order[w.seq], w.tenant, w.state, w.need, w.kept, w.run, w.warm, w.deaf, w.hung, w.event, w.warned, w.claimed, w.Draw, w.GPUs, w.SaveEvery, w.Until.Unix(), w.Deadline.Unix(), w.Limit, w.Class)
	if w.drained {
		note(sum, "drained")
	}
	if !w.on() {
		note(sum, w.done)
		return
	}
	note(sum, w.progress(now), max(w.ready, now), w.started, w.speed, w.draw, w.full, w.saves, w.stops, w.ends, w.late)
}

// note writes values down for the sum of a standing; writing to a hash cannot fail.
func note(sum hash.Hash, values ...any) { _, _ = fmt.Fprintln(sum, values...) }
