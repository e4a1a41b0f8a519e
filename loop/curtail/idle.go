package curtail

import (
	"time"

	"sluice/engine"
	"sluice/use/hosting/shed"
)

// idle switches nodes off that were empty for long, but for the spare ones, and on
// again when jobs wait that find no GPU.
func (h *Hall) idle() {
	if h.cfg.Spare < 0 || !h.cfg.Engine.Can(engine.Off) || !h.cfg.Engine.Can(engine.On) {
		return
	}
	waiting := h.waiting()
	spare := h.cfg.Spare + h.promised()
	for k := range h.sv.seats {
		p := &h.sv.seats[k]
		if p.node.State != engine.NodeUp || p.node.Busy > 0 || p.jobs > 0 || p.group == nil || h.acting(p.node.Name) {
			delete(h.st.Empty, p.node.Name)
			continue
		}
		since, known := h.st.Empty[p.node.Name]
		if !known {
			h.st.Empty[p.node.Name] = h.now
			since = h.now
		}
		if spare--; spare >= 0 || waiting > 0 || h.now.Sub(since) < h.cfg.Timing.Empty {
			continue
		}
		h.act(&shed.Item{ID: p.node.Name, Nodes: []string{p.node.Name}}, shed.Option{
			Lever: shed.Off, Saved: p.group.Model.Empty, Cost: h.cfg.Start, Ready: h.cfg.Timing.Off,
		})
	}
	h.wake(max(waiting-h.sv.free, 0), spare)
}

// waiting is how many GPUs are asked for by jobs that may start.
func (h *Hall) waiting() int {
	sum := 0
	for k := range h.sv.jobs {
		g := &h.sv.jobs[k]
		if g.State == engine.Waiting && g.tenancy >= 0 && !h.isHeld(g.tenancy) {
			sum += g.GPUs
		}
	}
	return sum
}

// wake switches nodes on, the last one off first, until the GPUs that lack are there
// and the spare nodes too.
func (h *Hall) wake(lack, spare int) {
	for k := range h.sv.seats {
		if s := h.sv.seats[k].node.State; s == engine.NodeStarting {
			lack -= h.sv.seats[k].node.GPUs
			spare--
		}
	}
	for k := len(h.st.Acts) - 1; k >= 0 && (lack > 0 || spare > 0); k-- {
		a := &h.st.Acts[k]
		if a.Lever != shed.Off || a.Stage != Seen && h.now.Sub(a.SentAt) < time.Minute {
			continue
		}
		if at, ok := h.sv.places[a.Item]; ok {
			lack -= h.sv.seats[at].node.GPUs
		}
		spare--
		h.undo(k)
	}
}
