package curtail

import (
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

// Hall brings a hall to the budgets that the market gives its contracts, and gives
// back in reverse when they rise. It is called from one goroutine.
type Hall struct {
	core
	looked time.Time
	left   []unit.Power // by tenancy: below its budget, for work that may start
	room   []unit.Power // by tenancy: the least that an act in force would bring back; 0: none is
	due    time.Time    // of the next eviction that was announced
}

// New is a hall in which nothing is curtailed.
func New(c Config) (*Hall, error) { return Resume(c, State{}) }

// Resume is a hall that goes on where an earlier run kept its state.
func Resume(c Config, st State) (*Hall, error) {
	k, err := newCore(c, st)
	if err != nil {
		return nil, err
	}
	k.st.Event = "follow-" + c.Hall
	return &Hall{core: k, room: make([]unit.Power, len(c.Tenancies)), left: make([]unit.Power, len(c.Tenancies))}, nil
}

// State is what a later run needs to go on.
func (h *Hall) State() State { return h.st.Clone() }

// Renew takes the terms of a contract that changed: hours of limits left, or a call
// within its flexible terms. It reports whether the contract is of this hall.
func (h *Hall) Renew(t Tenancy) bool {
	i, ok := h.byContract[t.Contract.Name]
	if ok {
		h.cfg.Tenancies[i] = t
		h.feel[i] = nil
	}
	return ok
}

// Follow brings every contract that budget names below its IT power, with the least
// damage and within its terms, and lets it have what it may have again. Contracts
// that are not named are left alone, and so is all while the engine shows nothing; firm tenants are never evicted for a budget.
// v and r are asked only if something may have to change. Commands that fall due
// before the next turn carry their time.
//
// Source: docs/formula/shed.md.
func (h *Hall) Follow(now time.Time, budget map[string]unit.Power, v func() engine.View, r func() []gpu.Reading) []Effect {
	if now.Before(h.now) {
		return []Effect{Refusal{Event: h.st.Event, Code: BackInTime}}
	}
	h.now = now
	if h.quiet(budget) {
		return nil
	}
	view := v()
	if view.At.IsZero() { // an engine that does not answer shows nothing: nothing is concluded from that
		h.trouble(Unreachable, h.cfg.Hall)
		h.retry()
		return h.flush()
	}
	h.well(Unreachable, h.cfg.Hall)
	h.looked = now
	h.shut()
	h.look(view, r())
	h.see()
	h.retry()
	for i := range h.cfg.Tenancies {
		b, ok := h.budgetOf(i, budget)
		if !ok {
			continue
		}
		h.left[i] = 0
		switch over := h.sv.draws[i] - h.pending(i) - b; {
		case over > h.noise(b):
			h.lower(i, over)
		case over <= 0:
			h.left[i] = h.raise(i, -over)
		}
	}
	h.doors(budget)
	h.idle()
	h.settle()
	return h.flush()
}

// Tick lets out what falls due between two turns, and repeats what nobody answered.
func (h *Hall) Tick(now time.Time) []Effect {
	if now.Before(h.now) {
		return nil
	}
	h.now = now
	h.shut()
	h.retry()
	return h.flush()
}

// Answered takes what the engine said to a command.
func (h *Hall) Answered(now time.Time, a engine.Answer) []Effect {
	h.now = later(now, h.now)
	h.answered(a)
	return h.flush()
}

// Failed takes that a command got no answer.
func (h *Hall) Failed(now time.Time, event string, seq int) []Effect {
	h.now = later(now, h.now)
	h.failed(event, seq)
	return h.flush()
}

// Taken takes what the agent of a node said to a limit.
func (h *Hall) Taken(now time.Time, a gpu.Answer) []Effect {
	h.now = later(now, h.now)
	h.agentAnswered(a)
	return h.flush()
}

// quiet reports whether nothing can have to change: every contract is below its
// budget with room for one GPU more, or may have everything, and nothing that is in
// force could be given back. It reads no job.
func (h *Hall) quiet(budget map[string]unit.Power) bool {
	idle := len(h.st.Acts) == 0 && len(h.st.Held) == 0 && h.st.Withheld == 0
	if len(h.st.Waiting)+len(h.st.Lifts)+len(h.st.Pulsed) > 0 || !h.due.IsZero() && !h.now.Add(h.cfg.Timing.Ahead).Before(h.due) {
		return false
	}
	if h.looked.IsZero() || h.now.Sub(h.looked) > h.cfg.Timing.Look {
		// Nodes are switched off and on at a look: without that, a hall with everything needs none.
		if !idle || h.looked.IsZero() || h.cfg.Spare >= 0 && h.cfg.Engine.Can(engine.Off) {
			return false
		}
	}
	for i := range h.cfg.Tenancies {
		b, ok := h.budgetOf(i, budget)
		if !ok || idle && b >= h.cfg.full(i) {
			continue
		}
		if h.cfg.Draw == nil {
			return false
		}
		draw, known := h.cfg.Draw(h.cfg.Tenancies[i].Contract.Name)
		if !known || draw > b+h.noise(b) || h.room[i] > 0 && b-draw >= h.room[i] || h.wouldMove(i, b, draw) {
			return false
		}
	}
	return true
}

// budgetOf is the budget of a contract, if it has one that can be followed: nothing
// of ours takes power from a tenant's own hardware.
func (h *Hall) budgetOf(i int, budget map[string]unit.Power) (unit.Power, bool) {
	c := &h.cfg.Tenancies[i].Contract
	b, ok := budget[c.Name]
	return b, ok && c.Kind != hosting.Colocation
}

// noise is what a contract may draw above its budget before anything is done about it.
func (h *Hall) noise(b unit.Power) unit.Power { return min(h.cfg.Timing.Notice, b/20) }

// pending is what acts on a contract will still bring, by what was counted on them.
func (h *Hall) pending(i int) unit.Power {
	var sum unit.Power
	for k := range h.st.Acts {
		a := &h.st.Acts[k]
		if a.Contract != h.cfg.Tenancies[i].Contract.Name || a.Stage == Seen {
			continue
		}
		if h.now.Before(later(a.Due, a.By)) {
			sum += a.Saved
		}
	}
	return sum
}

// lower takes so many IT watts from a contract.
func (h *Hall) lower(i int, over unit.Power) {
	t := h.cfg.Timing
	a := shed.Ask{Power: over, Within: max(t.Turn, t.Limit), Hold: t.Expect, KeepFirm: !h.evictsFirm}
	var items []shed.Item
	for k := range h.sv.jobs {
		if h.sv.jobs[k].tenancy != i {
			continue
		}
		if it, ok := h.item(&h.sv.jobs[k], a); ok {
			it.Firm = it.Firm && !h.evictsFirm
			for o := range it.Options {
				if it.Options[o].Lever == shed.Evict { // its share of the servers is the hall's own again
					it.Options[o].Saved += h.share(i) * unit.Power(it.GPUs)
				}
			}
			items = append(items, it)
		}
	}
	h.within(items)
	p := shed.Choose(items, a)
	h.do(p, items)
	name := h.cfg.Tenancies[i].Contract.Name
	if p.Short > h.cfg.Timing.Notice {
		h.trouble(CannotReach, name)
	} else {
		h.well(CannotReach, name)
	}
}

// raise gives back to a contract, the last act first, what fits below its budget, and
// returns the room that is left for work that waits. Restored jobs wait too.
func (h *Hall) raise(i int, room unit.Power) unit.Power {
	name := h.cfg.Tenancies[i].Contract.Name
	h.well(CannotReach, name)
	var starts unit.Power
	for k := len(h.st.Acts) - 1; k >= 0; k-- {
		a := &h.st.Acts[k]
		back := h.backs(i, a)
		if a.Contract != name || back > room || !h.undoable(k) {
			continue
		}
		room -= back
		if a.Lever == shed.Evict && a.Stage == Seen {
			h.sv.waits[i] += a.GPUs
			starts += back
		}
		h.undo(k)
	}
	return room + starts
}

// share is what an empty server draws for each of its GPUs: it counts with the
// contract whose job runs there.
func (h *Hall) share(i int) unit.Power {
	if g := h.cfg.group(h.cfg.Tenancies[i].Contract.Model); g != nil {
		return g.Model.Empty / unit.Power(g.Model.PerNode)
	}
	return 0
}

// backs is what a contract draws more when an act is undone.
func (h *Hall) backs(i int, a *Act) unit.Power {
	if a.Lever == shed.Evict {
		return a.Back + h.share(i)*unit.Power(a.GPUs)
	}
	return a.Back
}

// settle remembers what the quiet path asks.
func (h *Hall) settle() {
	clear(h.room)
	h.due = time.Time{}
	for k := range h.st.Acts {
		a := &h.st.Acts[k]
		if i, ok := h.byContract[a.Contract]; ok && (h.room[i] == 0 || h.backs(i, a) < h.room[i]) {
			h.room[i] = max(1, h.backs(i, a))
		}
		if a.Stage == Warned && (h.due.IsZero() || a.By.Before(h.due)) {
			h.due = a.By
		}
	}
}
