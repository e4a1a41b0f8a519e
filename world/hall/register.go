package hall

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sluice/engine"
	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// Source names the meters of the simulated hall in every paper.
const Source = "world"

// Use is the use that holds what no contract owns: empty and idle servers.
func (h *Hall) Use() string { return "hosting/" + h.set.c.Hall.Name }

// Registers is the registers of all uses of the hall: the contracts in the order
// of the configuration, and last what no contract owns. IT sums to what the hall
// drew, to the joule.
func (h *Hall) Registers() []cycle.UseRegister {
	out := make([]cycle.UseRegister, 0, len(h.tenants)+1)
	rest := h.it
	for i := range h.tenants {
		t, k := &h.tenants[i], &h.set.tenants[i]
		rest -= t.it
		out = append(out, cycle.UseRegister{Use: k.Use(), IT: t.it, Meter: t.meter, Started: t.started, Service: t.service(k)})
	}
	return append(out, cycle.UseRegister{Use: h.Use(), IT: rest, Meter: h.idle})
}

// service is the counts of a contract, in GPU-seconds or kilowatt-seconds.
func (t *tenant) service(k *contract) hosting.Counts {
	if k.colocated() {
		return hosting.Counts{Served: t.served / 1000, Committed: t.committed / 1000}
	}
	return hosting.Counts{
		Served: t.served, Committed: t.committed, Lost: t.lost, Slowed: t.slowed / whole,
		Down: t.down, Excused: t.excused, Late: t.lateWork, Evictions: t.evictions,
	}
}

// More is what happened to a contract beside its registers.
func (h *Hall) More(contract string) More {
	for i := range h.tenants {
		if h.set.tenants[i].Name == contract {
			return h.tenants[i].more
		}
	}
	return More{}
}

// Energy is what the hall drew so far: IT energy, and what the site meter saw of it.
func (h *Hall) Energy() (it, meter unit.Energy) {
	meter = h.idle
	for i := range h.tenants {
		meter += h.tenants[i].meter
	}
	return h.it, meter
}

// PUE is the marginal PUE now.
func (h *Hall) PUE() unit.Ratio { return h.pue }

// Load is what a use draws now, and what it would draw. All powers are IT.
type Load struct {
	Use      string
	Contract string     // empty: what no contract owns
	Draw     unit.Power // now
	Full     unit.Power // of what runs, without power limits
	Wanted   unit.Power // Full, and what waits or was stopped, up to the quota
	Running  int        // GPUs held
	Waiting  int        // GPUs that jobs wait for
	Stopped  int        // GPUs of jobs that we stopped and that are not restored
	Reserved int        // GPUs committed now
	Capacity unit.Power // of a hall: what it would draw with every GPU at its default limit
}

// Loads is the load of all uses, in the order of Registers.
func (h *Hall) Loads() []Load {
	out := make([]Load, 0, len(h.tenants)+1)
	rest := h.draw
	for i := range h.tenants {
		t, k := &h.tenants[i], &h.set.tenants[i]
		l := Load{Use: k.Use(), Contract: k.Name, Draw: t.draw, Full: t.full, Wanted: t.full, Running: t.used, Stopped: t.away, Reserved: k.committed(h.now)}
		for _, w := range t.queue {
			if w.state == engine.Waiting {
				l.Waiting += w.GPUs
			}
		}
		if !k.colocated() {
			l.Wanted = h.Potential(k.Name)
		}
		rest -= t.draw
		out = append(out, l)
	}
	idle := Load{Use: h.Use(), Draw: rest, Full: rest, Wanted: rest}
	for i := range h.set.groups {
		idle.Capacity += h.set.groups[i].Model.Node * unit.Power(h.set.groups[i].Nodes)
	}
	return append(out, idle)
}

// Drawn is the IT power that a contract draws now; false: there is no such contract.
func (h *Hall) Drawn(contract string) (unit.Power, bool) {
	for i := range h.tenants {
		if h.set.tenants[i].Name == contract {
			return h.tenants[i].draw, true
		}
	}
	return 0, false
}

// States implements observe.Fleet: On is what the work that runs would draw
// without limits, and Health the share of servers that are not broken.
func (h *Hall) States(context.Context) ([]cycle.UseState, error) {
	var out []cycle.UseState
	well := 0
	for i := range h.nodes {
		if !h.nodes[i].broken() {
			well++
		}
	}
	health := unit.Ratio(unit.MulDiv(int64(unit.One), int64(well), int64(max(1, len(h.nodes)))))
	for i, l := range h.Loads() {
		s := cycle.UseState{Use: l.Use, Health: health, State: use.State{On: l.Full, Draw: l.Draw}, At: h.Now(), Source: Source}
		s.Tenant.Wanted = l.Wanted
		if i < len(h.tenants) {
			s.Tenant.Waiting, s.Tenant.Unsaved = h.owed(i), h.unsaved(i)
		}
		out = append(out, s)
	}
	return out, nil
}

// owed is the work of a contract that has a deadline, running or not, with the IT
// energy that it still needs at full speed.
func (h *Hall) owed(i int) []hosting.Work {
	var out []hosting.Work
	add := func(w *work, draw unit.Power, done int64) {
		if w.Deadline.IsZero() || w.need <= done {
			return
		}
		seconds := (w.need - done + whole - 1) / whole
		out = append(out, hosting.Work{ID: w.ID, Energy: draw.Over(time.Duration(seconds) * time.Second), Deadline: w.Deadline})
	}
	for _, w := range h.running {
		if w.tenant == i {
			add(w, w.full, w.progress(h.now))
		}
	}
	for _, w := range h.tenants[i].queue {
		add(w, h.wouldDraw(w), w.done)
	}
	slices.SortFunc(out, func(a, b hosting.Work) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// unsaved is the time since the last save of a contract's running work, on the
// average by GPUs; work that serves has nothing to save.
func (h *Hall) unsaved(i int) time.Duration {
	var sum, gpus int64
	for _, w := range h.running {
		if w.tenant == i && w.Until.IsZero() {
			sum += (w.progress(h.now) - w.saved(h.now)) / whole * int64(w.GPUs)
			gpus += int64(w.GPUs)
		}
	}
	return time.Duration(sum/max(1, gpus)) * time.Second
}

// RackPower is the IT power of one rack, as its meter shows it.
type RackPower struct {
	Group string
	Rack  int // from 0
	Draw  unit.Power
}

// Racks is the power of every rack now, in the order of the groups.
func (h *Hall) Racks() []RackPower {
	out := make([]RackPower, len(h.racks))
	for i := range h.nodes {
		g, r := h.groupOf(i), h.rackOf(i)
		out[r].Group, out[r].Rack = g.Name, r-g.rack
		out[r].Draw += h.nodes[i].draw
	}
	return out
}
