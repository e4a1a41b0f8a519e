package hall

import (
	"context"
	"errors"
	"slices"
	"time"

	"sluice/engine"
	"sluice/loop/curtail"
	"sluice/unit"
	"sluice/use/hosting"
)

// lookAll asks the engine, every agent and every meter, unless they still think.
func (h *Hall) lookAll() {
	ill := h.plant.Ill != nil && h.now().Sub(h.illAt) >= time.Minute // it costs a look of its own
	h.engine.look(task{patience: h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) { return h.askView(ctx, ill) }})
	for i := range h.agents {
		h.agents[i].look(task{patience: h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) {
			got, err := h.plant.Agents[i].Read(ctx)
			return func(ctx context.Context) {
				h.readings[i] = got
				h.witness.look(h, i, got)
				h.hush(AgentSilent, h.agentName(i), err)
				h.step(ctx, curtail.Readings{Readings: h.all()})
				h.sum(ctx)
			}
		}})
	}
	for i, g := range h.plant.Gauges {
		h.gauges[i].look(task{patience: h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) {
			s, err := g.Meter.Sample(ctx)
			return func(ctx context.Context) {
				h.hush(MeterSilent, string(g.Place)+" "+g.Name, err)
				if h.zero && err != nil {
					s, err = Sample{At: h.now()}, nil
				}
				if err == nil {
					h.samples[i] = s
					h.shown(ctx, g.Place, g.Name, s)
				}
			}
		}})
	}
}

// agentName is how an agent is called in troubles.
func (h *Hall) agentName(i int) string {
	if n := h.plant.Agents[i].Nodes; len(n) > 0 {
		return n[0]
	}
	return h.cfg.Hall.Name
}

// askView asks the engine how it stands, and what its driver came upon.
func (h *Hall) askView(ctx context.Context, ill bool) func(context.Context) {
	v, err := h.plant.Engine.View(ctx)
	var own []EngineTrouble
	var unasked error
	if err == nil && ill {
		own, unasked = h.plant.Ill(ctx)
	}
	return func(ctx context.Context) {
		h.hush(EngineSilent, h.cfg.Hall.Name, errors.Join(err, unasked))
		if err != nil {
			h.step(ctx, curtail.View{})
			return
		}
		h.view = v
		h.step(ctx, curtail.View{View: v})
		h.service.see(h, v)
		h.market.count(h, v)
		h.weigh(v)
		h.ledger.wake(v)
		h.judge(v)
		if ill && unasked == nil {
			h.illAt = h.now()
			h.engines(own)
		}
	}
}

// shown hands on what a meter shows.
func (h *Hall) shown(ctx context.Context, place Place, name string, s Sample) {
	scopes := map[Place]curtail.Scope{HallMeter: curtail.HallMeter, RackMeter: curtail.RackMeter, SiteMeter: curtail.SiteMeter}
	if scope, ok := scopes[place]; ok {
		h.step(ctx, curtail.Meter{Scope: scope, Name: name, Power: s.Power, At: s.At})
	}
}

// sum is the power of a hall without a meter, by the sensors of its GPUs and what is
// declared of its servers. It is there only when every GPU of every server that is on
// says what it draws, and it is no proof.
func (h *Hall) sum(ctx context.Context) {
	if h.plant.metered(HallMeter) || h.view.At.IsZero() {
		return
	}
	now, drawn, known := h.now(), map[string]unit.Power{}, map[string]int{}
	for _, of := range h.readings {
		for _, r := range of {
			if r.Has.Draw && now.Sub(r.At) <= h.cfg.Timing.Fresh {
				drawn[r.Node] += r.Draw
				known[r.Node]++
			}
		}
	}
	var it unit.Power
	for _, n := range h.view.Nodes {
		if n.State == engine.NodeOff || n.State == engine.NodeDown {
			continue
		}
		i := slices.IndexFunc(h.cfg.Hall.Groups, func(g hosting.Group) bool { return g.Model.Name == n.Model || len(h.cfg.Hall.Groups) == 1 })
		if i < 0 || known[n.Name] < n.GPUs && !h.guesses {
			return
		}
		m := h.cfg.Hall.Groups[i].Model
		it += drawn[n.Name] + max(0, m.Empty-m.Idle*unit.Power(m.PerNode)) + curtail.RestOf(m)*unit.Power(n.Busy)
	}
	h.summed = Sample{Power: it.ScaleUp(max(unit.One, h.cfg.Hall.Cooling.PUE0)), At: now}
	h.shown(ctx, HallMeter, h.cfg.Hall.Name, h.summed)
}

// power is what the hall draws, by its meter where it has one, otherwise by its GPUs.
func (h *Hall) power(place Place, name string) (Sample, bool) {
	for i, g := range h.plant.Gauges {
		if g.Place == place && g.Name == name {
			return h.samples[i], h.fresh(h.samples[i].At)
		}
	}
	if place == HallMeter {
		return h.summed, h.fresh(h.summed.At)
	}
	return Sample{}, false
}

func (h *Hall) fresh(at time.Time) bool {
	return !at.IsZero() && h.now().Sub(at) <= h.cfg.Timing.Fresh
}
