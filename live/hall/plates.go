package hall

import (
	"sluice/engine"
	"sluice/loop/curtail"
	"sluice/unit"
)

// plate is what servers were seen to draw for each GPU at work beside the GPU: fans,
// processors, conversion. Their plates say the most that it can be.
type plate struct {
	Rest  unit.Power // mean
	Seen  int        // looks at a hall in which nothing had just started or stopped
	Still int        // GPUs at work in the look before
}

const (
	platesKnown = 30  // looks until the mean counts
	platesAge   = 360 // looks over which the mean fades; an hour
)

// weigh learns what servers draw beside their GPUs, where the hall has one kind of
// server, a meter stands in front of it, and every GPU says what it draws.
//
// Source: docs/formula/shed.md, "What servers draw beside their GPUs".
func (h *Hall) weigh(v engine.View) {
	if len(h.cfg.Hall.Groups) != 1 || !h.plant.metered(HallMeter) {
		return
	}
	model := h.cfg.Hall.Groups[0].Model
	s, known := h.servers(v)
	it, metered := h.itPower()
	if !known || !metered || s.busy == 0 || s.busy*8 < s.gpus {
		return
	}
	k := &h.school.kept
	if k.Plates == nil {
		k.Plates = map[string]plate{}
	}
	p := k.Plates[model.Name]
	steady := p.Still == s.busy
	if p.Still = s.busy; steady {
		p.Seen++
		most := curtail.RestOf(model) * unit.Power(s.busy)
		rest := max(0, min(it-s.draw, most)) / unit.Power(s.busy)
		p.Rest += (rest - p.Rest) / unit.Power(min(p.Seen, platesAge))
	}
	k.Plates[model.Name] = p
	h.rests[model.Name] = h.restOf(model.Name, curtail.RestOf(model))
}

// restOf is what a server of a model counts beside each GPU at work: what was seen, or
// where nobody saw it long enough what its plate says.
func (h *Hall) restOf(model string, most unit.Power) unit.Power {
	if p := h.school.kept.Plates[model]; p.Seen >= platesKnown {
		return min(p.Rest, most)
	}
	return most
}

// servers that are on.
type servers struct {
	draw       unit.Power // of their GPUs, and of empty servers
	gpus, busy int
}

// servers is what the GPUs of all servers that are on draw, with what empty servers draw
// by their plates; it is not known where a GPU does not say, or a server is on its way.
func (h *Hall) servers(v engine.View) (s servers, known bool) {
	drawn, heard := map[string]unit.Power{}, map[string]int{}
	for _, of := range h.readings {
		for i := range of {
			if r := &of[i]; r.Has.Draw && h.fresh(r.At) {
				drawn[r.Node] += r.Draw
				heard[r.Node]++
			}
		}
	}
	for _, n := range v.Nodes {
		switch n.State {
		case engine.NodeOff, engine.NodeDown:
			continue
		case engine.NodeLeaving, engine.NodeStarting:
			return s, false
		case engine.NodeUp, engine.NodeDraining:
		}
		m := h.modelOf(n.Model)
		if heard[n.Name] < n.GPUs {
			return s, false
		}
		s.draw += drawn[n.Name] + max(0, m.Empty-m.Idle*unit.Power(m.PerNode))
		s.gpus, s.busy = s.gpus+n.GPUs, s.busy+n.Busy
	}
	return s, true
}

// itPower is what the servers of the hall draw by its meter: less its cooling where that
// is metered, otherwise by the PUE.
func (h *Hall) itPower() (unit.Power, bool) {
	all, known := h.power(HallMeter, h.cfg.Hall.Name)
	if !known {
		return 0, false
	}
	var cooling unit.Power
	metered := false
	for i, g := range h.plant.Gauges {
		if g.Place != CoolingMeter {
			continue
		}
		if !h.fresh(h.samples[i].At) {
			return 0, false
		}
		cooling, metered = cooling+h.samples[i].Power, true
	}
	if metered {
		return all.Power - cooling, true
	}
	return all.Power.Unscale(h.pue()), true
}
