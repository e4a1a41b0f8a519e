package hall

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
)

// How far the engine looks past a job that cannot start, and how long that job
// lets others pass.
const (
	lookahead        = 4
	patience  moment = 3600
)

// schedule lets start what may, contract by contract in order of rank, and makes
// room for what may not be kept waiting.
func (h *Hall) schedule() {
	for i := range h.pools {
		h.pools[i].claim = 0
	}
	h.owing, h.wanting, h.tires = 0, false, never
	for _, i := range h.set.order {
		h.scheduleOne(i)
	}
}

// scheduleOne serves one queue, first come first served; later jobs pass one that
// cannot start, as long as it has not waited for too long.
func (h *Hall) scheduleOne(i int) {
	t, k := &h.tenants[i], &h.set.tenants[i]
	t.blocked, t.dark, t.cut = 0, 0, 0
	if k.colocated() {
		return
	}
	if t.stopped() {
		h.expire(i)
		h.heldBack(i)
		return
	}
	h.expire(i)
	passed := 0
	kept := t.queue[:0]
	for n, w := range t.queue {
		if passed > lookahead {
			h.behind(i, t.queue[n:])
			kept = append(kept, t.queue[n:]...)
			break
		}
		if w.state != engine.Waiting {
			kept = append(kept, w)
			continue
		}
		if h.admit(i, w) {
			continue
		}
		kept = append(kept, w)
		passed++
		if tires := w.claimed + patience; tires > h.now {
			h.tires = min(h.tires, tires)
		} else {
			passed = lookahead + 1
		}
	}
	clear(t.queue[len(kept):])
	t.queue = kept
}

// behind counts what is reserved and cannot be used because the jobs before it do
// not start.
func (h *Hall) behind(i int, list []*work) {
	t := &h.tenants[i]
	if !firm(h.set.tenants[i].Kind) || t.blocked == 0 {
		return
	}
	why, room := servers, h.quotaOf(i)-t.used-t.blocked
	switch {
	case t.cut > 0:
		why = held
	case t.dark > 0:
		why = watts
	}
	for _, w := range list {
		if room <= 0 {
			return
		}
		if w.state == engine.Waiting && w.GPUs <= room {
			room -= w.GPUs
			t.block(w, why)
		}
	}
}

// expire drops work that would have served until now: nobody needs it any more.
func (h *Hall) expire(i int) {
	t := &h.tenants[i]
	if t.soonest > h.now {
		return
	}
	t.soonest = never
	t.queue = slices.DeleteFunc(t.queue, func(w *work) bool {
		if w.Until.IsZero() || at(w.Until) > h.now {
			if !w.Until.IsZero() {
				t.soonest = min(t.soonest, at(w.Until))
			}
			return false
		}
		h.drop(w)
		return true
	})
}

// heldBack counts what a held queue keeps out.
func (h *Hall) heldBack(i int) {
	t := &h.tenants[i]
	room := h.quotaOf(i) - t.used
	for _, w := range t.queue {
		if w.state == engine.Waiting {
			w.why = "queue held"
			if w.GPUs <= room {
				room -= w.GPUs
				t.block(w, held)
			}
		}
	}
}

func (h *Hall) quotaOf(i int) int {
	k := &h.set.tenants[i]
	return k.quota(h.now, h.size(k.pool))
}

// size is how many GPUs a pool has, broken ones too.
func (h *Hall) size(pool int) int {
	sum := 0
	for i := range h.set.groups {
		if g := &h.set.groups[i]; g.pool == pool {
			sum += g.GPUs()
		}
	}
	return sum
}

// admit starts a job if quota, watts and servers allow it, and says why where not.
func (h *Hall) admit(i int, w *work) bool {
	t, k := &h.tenants[i], &h.set.tenants[i]
	p, urgent := &h.pools[k.pool], !preemptible(k.Kind)
	switch {
	case t.used+t.blocked+w.GPUs > h.quotaOf(i):
		w.why = "quota of its contract"
		return false
	case k.Kind == hosting.OnDemand && !h.unreserved(k.pool, w.GPUs):
		w.why = "all GPUs that are not reserved are taken"
		return false
	case h.lacks(w, urgent) > 0:
		w.why = "watts"
		t.block(w, h.darkness(w))
		if urgent {
			h.relieve(k, w)
		}
		return false
	}
	if urgent || p.gpus-p.claim >= w.GPUs {
		if places := h.find(k.pool, w); places != nil {
			h.start(w, places)
			return true
		}
	}
	w.why, h.wanting = "servers", true
	t.block(w, servers)
	h.claim(k, w)
	return false
}

// lacks is the planning watts that a job lacks. Preemptible work leaves what
// others are owed.
func (h *Hall) lacks(w *work, urgent bool) unit.Power {
	need := h.booked + h.planningOf(w) + h.withheldFrom(w) - h.set.budget
	if !urgent {
		need += h.owing
	}
	return need
}

// relieve gets watts for a job that may not be kept waiting: the engine stops
// preemptible work of its pool, if that frees enough.
func (h *Hall) relieve(k *contract, w *work) {
	each := h.watt(k.pool)
	gpus := int((h.lacks(w, true) + h.owing + each - 1) / each)
	h.owing += h.planningOf(w)
	if gpus <= h.clearable(k.pool) && !h.keptOut(w) {
		h.room(k.pool, gpus)
	}
}

// lack is what keeps a job waiting that its quota would let start.
type lack int

const (
	servers lack = iota // that are free for it
	watts               // that the hall has
	held                // watts that we withhold, or a queue that we hold
)

// darkness says why a job lacks watts. What preemptible work of its pool holds is
// being cleared, or could be.
func (h *Hall) darkness(w *work) lack {
	pool := h.set.tenants[w.tenant].pool
	need := h.booked + h.planningOf(w) - h.watt(pool)*unit.Power(h.clearable(pool))
	switch {
	case need > h.set.budget:
		return watts
	case need+h.withheldFrom(w) > h.set.budget:
		return held
	}
	return servers
}

// clearable is how many GPUs preemptible work of a pool holds.
func (h *Hall) clearable(pool int) int {
	sum := 0
	for i := range h.set.tenants {
		if k := &h.set.tenants[i]; k.pool == pool && preemptible(k.Kind) {
			sum += h.tenants[i].used
		}
	}
	return sum
}

// block counts a job that its quota would let start and something else does not.
func (t *tenant) block(w *work, why lack) {
	t.blocked += w.GPUs
	if why != servers {
		t.dark += w.GPUs
	}
	if why == held {
		t.cut += w.GPUs
	}
}

// claim gets servers for a job that waits for them: those that are off start, and
// for what may not be kept waiting the engine stops preemptible work.
func (h *Hall) claim(k *contract, w *work) {
	p := &h.pools[k.pool]
	urgent := !preemptible(k.Kind)
	if urgent {
		p.claim += w.GPUs
	}
	missing := h.wake(k.pool, max(p.claim, w.GPUs)-p.gpus-p.starting)
	if !urgent || w.GPUs > p.usual || h.keptOut(w) {
		return // making room would not help
	}
	if missing <= 0 && p.starting == 0 {
		missing = h.wake(k.pool, w.GPUs) // enough is free, on too many servers
	}
	h.room(k.pool, missing)
}

// keptOut reports whether a window keeps something free from a job.
func (h *Hall) keptOut(w *work) bool {
	return slices.ContainsFunc(h.windows, func(x window) bool { return x.meets(h.now, w.Limit) })
}

// wake starts servers that the engine's power saving had switched off, and returns
// how many GPUs are still missing.
func (h *Hall) wake(pool, missing int) int {
	for i := range h.nodes {
		if missing <= 0 || h.pools[pool].asleep == 0 {
			break
		}
		n := &h.nodes[i]
		if g := h.groupOf(i); n.state == engine.NodeOff && n.event == "" && g.pool == pool {
			h.turn(i, engine.NodeStarting, h.now+g.boot)
			missing -= g.Model.PerNode
		}
	}
	return missing
}

// unreserved reports whether on-demand work may take so many more GPUs: what is
// reserved may not be given to anybody whom nobody may stop.
func (h *Hall) unreserved(pool, gpus int) bool {
	for i := range h.set.tenants {
		k := &h.set.tenants[i]
		if k.pool != pool || k.colocated() {
			continue
		}
		gpus += k.committed(h.now)
		if k.Kind == hosting.OnDemand {
			gpus += h.tenants[i].used
		}
	}
	return gpus <= h.pools[pool].usual
}

// withheldFrom is the watts that are kept from a job: by events, and by windows
// that it would run into.
func (h *Hall) withheldFrom(w *work) unit.Power {
	var sum unit.Power
	for _, g := range h.grants {
		sum += g.power
	}
	for _, x := range h.windows {
		if x.meets(h.now, w.Limit) {
			sum += x.power
		}
	}
	return sum
}

// find looks for servers: one where the job fits into one, the fullest that has
// room; else as many as hold it evenly, whole ones for whole multiples.
func (h *Hall) find(pool int, w *work) []place {
	for i := range h.set.groups {
		g := &h.set.groups[i]
		if g.pool != pool {
			continue
		}
		count := (w.GPUs + g.Model.PerNode - 1) / g.Model.PerNode
		each := (w.GPUs + count - 1) / count
		if !h.pools[pool].has(count, each) {
			continue
		}
		if count == 1 {
			if n := h.tightest(g, w); n >= 0 {
				return []place{{n, w.GPUs}}
			}
			continue
		}
		if out := h.spread(g, w, count); out != nil {
			return out
		}
	}
	return nil
}

// has reports whether a pool may have so many servers with so many free GPUs.
func (p *pool) has(count, each int) bool {
	for free := len(p.free) - 1; free >= each && count > 0; free-- {
		count -= p.free[free]
	}
	return count <= 0
}

// tightest is the server of a group with least room that is enough; -1: none.
func (h *Hall) tightest(g *group, w *work) int {
	best, least := -1, 1<<30
	for i := g.node; i < g.node+g.Nodes; i++ {
		if room := h.roomOf(i); room >= w.GPUs && room < least && h.nodes[i].takes() && !h.kept(i, w) {
			best, least = i, room
		}
	}
	return best
}

// spread is count servers of a group that hold a gang evenly, the first ones more;
// nil: there are none.
func (h *Hall) spread(g *group, w *work, count int) []place {
	var out []place
	racks := map[int]int{}
	for i := g.node; i < g.node+g.Nodes && len(out) < count; i++ {
		need := (w.GPUs + count - 1 - len(out)) / count
		r := h.rackOf(i)
		if h.nodes[i].takes() && h.roomOf(i)-racks[r] >= need && g.Model.PerNode-int(h.nodes[i].busy) >= need && !h.kept(i, w) {
			out = append(out, place{i, need})
			if g.room < g.Model.PerNode*max(1, g.Rack) {
				racks[r] += need
			}
		}
	}
	if len(out) < count {
		return nil
	}
	return out
}

// kept reports whether a window keeps a server free from a job.
func (h *Hall) kept(i int, w *work) bool {
	if !h.nodes[i].window {
		return false
	}
	return slices.ContainsFunc(h.windows, func(x window) bool {
		return slices.Contains(x.nodes, h.nodes[i].name) && x.meets(h.now, w.Limit)
	})
}

// grant is watts that an event keeps from admission.
type grant struct {
	event string
	power unit.Power
}

// window is power or servers that stay free for a stretch of time.
type window struct {
	event       string
	power       unit.Power
	nodes       []string // never changed once made
	from, until moment
}

// meets reports whether a run that begins now would reach into the window; one
// without a limit would.
func (x window) meets(now moment, limit time.Duration) bool {
	return now < x.until && (limit == 0 || now.in(limit) > x.from)
}
