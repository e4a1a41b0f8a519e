package hall

import (
	"math/rand/v2"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/world/jobs"
)

// How long a server takes to switch off, and for how long it stays empty before the
// engine's power saving does so.
const (
	leaveTime moment = 30  // seconds
	idleTime  moment = 600 // seconds
)

// node is one server.
type node struct {
	name   string
	group  int32
	busy   int32 // GPUs
	state  engine.NodeState
	event  string // that switched it off
	until  moment // end of leaving or starting
	fails  moment // next time that it breaks, or was broken and is repaired while down
	lives  uint64 // failures so far
	since  moment // empty since
	epoch  int64  // of power limits
	draw   unit.Power
	window bool // some window keeps it free
}

// chip is one GPU.
type chip struct {
	seq    int64 // of the job that holds it; 0: none does
	limit  unit.Power
	watts  unit.Power
	energy unit.Energy
	since  moment
}

func (h *Hall) addNode(g, i int) {
	s := h.set
	one := &s.groups[g]
	n := node{name: s.nodeName(one, one.node+i), group: int32(g), state: engine.NodeUp, until: never, fails: never, draw: one.Model.Empty, since: h.now} //nolint:gosec // few groups
	h.draw += n.draw
	index := len(h.nodes)
	h.nodes = append(h.nodes, n)
	for range one.Model.PerNode {
		h.gpus = append(h.gpus, chip{limit: one.Model.TDP, watts: one.Model.Idle, since: h.now})
	}
	h.offer(index, 1)
}

// fate draws whether a server is broken at the start, as in the steady state, and
// when its state changes first.
func (h *Hall) fate(i int) {
	f := h.set.c.Failures
	if f.Between == 0 {
		return
	}
	n := &h.nodes[i]
	r := h.dice(n.name, 0)
	n.lives = 1
	if r.Float64() < f.Repair.Seconds()/(f.Between+f.Repair).Seconds() {
		h.down(i)
		n.fails = h.now + lasts(r, f.Repair)
		return
	}
	n.fails = h.now + lasts(r, f.Between)
}

// dice is the n-th dice of a named thing; no order has any influence on it.
func (h *Hall) dice(name string, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(h.set.c.Seed^jobs.Hash(name), n)) //nolint:gosec // dice of a simulation, fixed by the seed
}

// lasts draws how long something of a mean length lasts, a second at least.
func lasts(r *rand.Rand, mean time.Duration) moment {
	return 1 + moment(r.ExpFloat64()*mean.Seconds())
}

// lot says whether a share of all falls on a named thing.
func (h *Hall) lot(salt, name string, share unit.Ratio) bool {
	return share > 0 && unit.Ratio(h.dice(salt+name, 0).Int64N(int64(unit.One))) < share
}

func (h *Hall) groupOf(i int) *group { return &h.set.groups[h.nodes[i].group] }

// takes reports whether a server takes jobs.
func (n *node) takes() bool { return n.state == engine.NodeUp }

// offer counts a server into its pool as it stands, or out of it (by -1) before it
// is changed.
func (h *Hall) offer(i, by int) {
	n, per := &h.nodes[i], h.chips(i)
	p := &h.pools[h.groupOf(i).pool]
	if n.event == "" && !n.broken() {
		p.usual += by * per
	}
	switch n.state {
	case engine.NodeUp:
		free := per - int(n.busy)
		p.free[free] += by
		p.gpus += by * free
		if n.busy == 0 {
			p.ready += by
		}
	case engine.NodeStarting:
		p.starting += by * per
	case engine.NodeOff:
		if n.event == "" {
			p.asleep += by * per
		}
	case engine.NodeDraining, engine.NodeDown, engine.NodeLeaving:
	}
}

// turn brings a server into another state.
func (h *Hall) turn(i int, s engine.NodeState, until moment) {
	n, g := &h.nodes[i], h.groupOf(i)
	h.version++
	h.offer(i, -1)
	was := n.state
	n.state, n.until = s, until
	h.offer(i, 1)
	if n.busy == 0 {
		n.since = h.now
	}
	if s == engine.NodeOff != (was == engine.NodeOff) {
		by := g.Model.Empty
		if s == engine.NodeOff {
			by = -by
		}
		n.draw += by
		h.draw += by
		h.rouse(i, s != engine.NodeOff)
	}
	h.moves = min(h.moves, until)
}

// rouse lets the GPUs of an empty server idle, or draw nothing.
func (h *Hall) rouse(i int, on bool) {
	watts := unit.Power(0)
	if on {
		watts = h.groupOf(i).Model.Idle
	}
	for k := range h.chips(i) {
		h.spin(h.chip(i, k), watts)
	}
}

// reload sets the limits of a server's GPUs to their default: no limit survives a boot.
func (h *Hall) reload(i int) {
	for k := range h.chips(i) {
		h.chip(i, k).limit = h.groupOf(i).Model.TDP
	}
}

// spin brings a GPU to a power and counts its energy until now.
func (h *Hall) spin(c *chip, watts unit.Power) {
	c.energy += c.watts.Over(time.Duration(h.now-c.since) * time.Second)
	c.since, c.watts = h.now, watts
}

// chips is the number of GPUs of a server.
func (h *Hall) chips(i int) int { return h.groupOf(i).Model.PerNode }

func (h *Hall) chip(i, k int) *chip {
	g := h.groupOf(i)
	return &h.gpus[g.gpu+(i-g.node)*g.Model.PerNode+k]
}

// rackOf is the rack that a server stands in.
func (h *Hall) rackOf(i int) int {
	g := h.groupOf(i)
	return g.rack + (i-g.node)/max(1, g.Rack)
}

// roomOf is how many GPUs of a server may still get work: free ones, as far as the
// limit of its rack lets them.
func (h *Hall) roomOf(i int) int {
	g := h.groupOf(i)
	return min(g.Model.PerNode-int(h.nodes[i].busy), g.room-h.racks[h.rackOf(i)])
}

// broken reports whether a server is out of service whatever anybody wants.
func (n *node) broken() bool { return n.state == engine.NodeDown }

// down breaks a server. What it ran is lost before.
func (h *Hall) down(i int) {
	h.turn(i, engine.NodeDown, never)
}

// repair brings a broken server back: to work, or to where a command wants it.
func (h *Hall) repair(i int) {
	h.reload(i)
	if h.nodes[i].event != "" {
		h.turn(i, engine.NodeOff, never)
		return
	}
	h.turn(i, engine.NodeUp, never)
}

// breaks is the next stroke of fate on a server: it breaks, or it is repaired.
func (h *Hall) breaks(i int) {
	n, f := &h.nodes[i], h.set.c.Failures
	r := h.dice(n.name, n.lives)
	n.lives++
	if n.broken() {
		n.fails = h.now + lasts(r, f.Between)
		h.repair(i)
		return
	}
	n.fails = h.now + lasts(r, f.Repair)
	h.lose(i)
	h.down(i)
}

// arrive ends a server's leaving or starting.
func (h *Hall) arrive(i int) {
	switch n := &h.nodes[i]; n.state {
	case engine.NodeLeaving:
		h.turn(i, engine.NodeOff, never)
	case engine.NodeStarting:
		h.reload(i)
		h.turn(i, engine.NodeUp, never)
	case engine.NodeUp, engine.NodeDraining, engine.NodeDown, engine.NodeOff:
		n.until = never
	}
}

// servers lets happen what is due on servers, in their order.
func (h *Hall) servers() {
	if h.moves > h.now {
		return
	}
	h.moves = never
	for i := range h.nodes {
		n := &h.nodes[i]
		if n.until <= h.now {
			h.arrive(i)
		}
		if n.fails <= h.now {
			h.breaks(i)
		}
		h.moves = min(h.moves, n.until, n.fails)
	}
}

// thrift is the engine's power saving: servers that were empty for a while are
// switched off, beyond those that the hall keeps ready. It returns when there will
// be something to do for it.
func (h *Hall) thrift() moment {
	ready := 0
	for i := range h.pools {
		ready += h.pools[i].ready
	}
	spare := h.spare()
	if ready <= spare {
		return never
	}
	next := never
	for i := range h.nodes {
		n := &h.nodes[i]
		if n.state != engine.NodeUp || n.busy > 0 || !h.groupOf(i).saves || ready <= spare {
			continue
		}
		if due := n.since + idleTime; due > h.now {
			next = min(next, due)
			continue
		}
		h.turn(i, engine.NodeLeaving, h.now+leaveTime)
		ready--
	}
	return next
}

// spare is how many empty servers stay on: those that the hall keeps for what comes,
// and those whose GPUs were sold whether they are used or not.
func (h *Hall) spare() int {
	n := h.set.c.Hall.Spare
	for i := range h.tenants {
		k := &h.set.tenants[i]
		if k.colocated() || !firm(k.Kind) {
			continue
		}
		per := 1
		for _, g := range h.set.groups {
			if g.pool == k.pool {
				per = g.Model.PerNode
			}
		}
		n += (max(0, k.committed(h.now)-h.tenants[i].used) + per - 1) / per
	}
	return n
}
