package curtail

import (
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// Fall is what a meter showed before and now, and what acts behind it should have
// brought, at the meter.
type Fall struct {
	Before, Now, Planned unit.Power
	Known                bool // the meter tells now
}

// Outcome holds a plan against the meters.
type Outcome struct {
	Hall    Fall
	Site    Fall
	Racks   map[string]Fall `json:",omitempty"`
	Planned unit.Amount     // damage by the plan, escalations included
	Acts    int             // in force
}

// Fell is by how much the meter fell.
func (f Fall) Fell() unit.Power { return f.Before - f.Now }

// Outcome is how far the running event is, by the meters.
func (k *Kernel) Outcome() Outcome {
	out := Outcome{Planned: k.st.Plan.Cost, Acts: len(k.st.Acts), Racks: map[string]Fall{}}
	var sum unit.Power
	racks := map[string]unit.Power{}
	for i := range k.st.Acts {
		a := &k.st.Acts[i]
		sum += a.Saved
		for _, n := range a.Nodes {
			if r, ok := k.cfg.Racks[n]; ok {
				racks[r] += a.Saved / unit.Power(len(a.Nodes))
			}
		}
	}
	planned := sum.Scale(k.cfg.pue())
	out.Hall = Fall{Before: k.st.Base, Now: k.meter.Power, Planned: planned, Known: k.metered()}
	out.Site = Fall{Before: k.st.Site, Now: k.site.Power, Planned: planned, Known: k.fresh(k.site)}
	for name, before := range k.st.Racks {
		// Cooling stands outside a rack: its meter shows IT power.
		out.Racks[name] = Fall{Before: before, Now: k.racks[name].Power, Planned: racks[name], Known: k.fresh(k.racks[name])}
	}
	return out
}

func (k *Kernel) fresh(m Meter) bool {
	return !m.At.IsZero() && k.now.Sub(m.At) <= k.cfg.Timing.Fresh
}

// Preview is the plan of an order as it would run now: levers in their order, with
// the time to effect and the price of each, and who would be next. Nothing is done.
func Preview(c Config, o Order, now time.Time, v engine.View, r []gpu.Reading) (shed.Plan, error) {
	k, err := NewKernel(c, State{})
	if err != nil {
		return shed.Plan{}, err
	}
	k.now = now
	k.st.Order = o
	k.look(v, r)
	a := k.ask(o.From-o.To, o.Within)
	return shed.Choose(k.items(a), a), nil
}
