package curtail

import (
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

// Load is what a contract draws and would draw, in IT watts as budgets count them.
type Load struct {
	Draw   unit.Power // of what runs; where nobody says, the most that it can
	Full   unit.Power // of what runs, without the power limits of this kernel
	Wanted unit.Power // Full, and what waits or was stopped
}

// Loads is the load of every contract by a view and readings of now.
func (h *Hall) Loads(now time.Time, v engine.View, r []gpu.Reading) map[string]Load {
	h.now = later(now, h.now)
	h.look(v, r)
	out := map[string]Load{}
	for i := range h.cfg.Tenancies {
		l := Load{Draw: h.sv.draws[i]}
		l.Full = l.Draw
		for k := range h.st.Acts {
			if a := &h.st.Acts[k]; a.Contract == h.cfg.Tenancies[i].Contract.Name && a.Limit > 0 {
				l.Full += a.Saved
			}
		}
		l.Full = min(max(l.Draw, h.cfg.full(i)), l.Full)
		waits := h.sv.waits[i]
		for k := range h.sv.jobs {
			if g := &h.sv.jobs[k]; g.tenancy == i && g.State == engine.Held && g.Evicted != "" {
				waits += g.GPUs
			}
		}
		l.Wanted = max(l.Full, min(l.Full+h.cfg.each(i)*unit.Power(waits), h.cfg.full(i)))
		out[h.cfg.Tenancies[i].Contract.Name] = l
	}
	return out
}
