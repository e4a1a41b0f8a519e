package hall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/store/tenants"
	"sluice/unit"
)

// carry carries effects out: what is to be kept first, then those whose time it is.
func (h *Hall) carry(ctx context.Context, all []curtail.Effect, follow bool) {
	if len(all) == 0 {
		return
	}
	now := h.now()
	ready := all[:0:0]
	for _, e := range all {
		if at := timeOf(e); at.After(now) {
			h.late = append(h.late, due{at, e, follow})
			continue
		}
		ready = append(ready, e)
	}
	h.out(ctx, ready, follow)
}

func timeOf(e curtail.Effect) time.Time {
	switch e := e.(type) {
	case curtail.Send:
		return e.At
	case curtail.Set:
		return e.At
	}
	return time.Time{}
}

// out keeps what is to be kept and sends what is to be sent. Where the disk refuses,
// what gives back stays here: the kernel repeats what nobody answered.
func (h *Hall) out(ctx context.Context, all []curtail.Effect, follow bool) {
	kept := h.sendsFirst || h.keepAll(ctx, all)
	if h.raises {
		kept = true
	}
	for _, e := range all {
		switch e := e.(type) {
		case curtail.Persist:
		case curtail.Send:
			if kept || lowers(e.Command.Verb) {
				h.send(e.Command, follow)
			}
		case curtail.Set:
			if kept || h.lowersLimit(e.Setting) {
				h.set(e.Setting, follow)
			}
		case curtail.Alarm:
			if slices.Contains(Codes(), Code(e.Trouble.Ill)) {
				continue // the hall names it itself
			}
			h.note("alarm", "%s %s: %s", e.Trouble.Ill, e.Trouble.Subject, e.Trouble.Ill.Remedy())
		case curtail.Cleared:
			if slices.Contains(Codes(), Code(e.Trouble.Ill)) {
				continue
			}
			h.note("cleared", "%s %s", e.Trouble.Ill, e.Trouble.Subject)
		case curtail.Report:
			h.report(ctx, e)
		case curtail.Refusal:
			h.note("refused", "%s: %s", e.Event, e.Code)
		}
	}
}

// lowers reports whether a command takes power away, or announces that.
func lowers(v engine.Verb) bool {
	switch v {
	case engine.Hold, engine.Drain, engine.Warn, engine.Evict, engine.Withhold, engine.Off, engine.Window:
		return true
	case engine.Release, engine.Restore, engine.GiveBack, engine.On, engine.Unwindow, engine.Rank:
	}
	return false
}

// lowersLimit reports whether a limit is not above any that is in force on its node.
func (h *Hall) lowersLimit(s gpu.Setting) bool {
	if s.Limit == 0 {
		return false
	}
	for _, of := range h.readings {
		for _, r := range of {
			if r.Node == s.Node && r.Has.Limit && r.Limit < s.Limit {
				return false
			}
		}
	}
	return true
}

// keepAll has the state and the commands on disk, and reports whether they are.
func (h *Hall) keepAll(ctx context.Context, all []curtail.Effect) bool {
	var commands []engine.Command
	sends := false
	for _, e := range all {
		switch e := e.(type) {
		case curtail.Persist:
			h.unkept = true
		case curtail.Send:
			commands = append(commands, e.Command)
		case curtail.Set:
			h.epoch = max(h.epoch+1, h.now().UnixMilli())
			sends = true
		case curtail.Alarm, curtail.Cleared, curtail.Report, curtail.Refusal:
		}
	}
	if !sends && len(commands) == 0 {
		return true // nothing goes out: it is written with the beat
	}
	err := h.keepState()
	if err == nil && len(commands) > 0 {
		err = h.keepCommands(ctx, commands)
	}
	h.hush(DiskRefuses, h.cfg.Hall.Name, err)
	return err == nil
}

// keepCommands stores commands, and the event that they belong to before its first.
func (h *Hall) keepCommands(ctx context.Context, all []engine.Command) error {
	office := h.plant.Store.Office()
	for i := range all {
		all[i].By = all[i].By.UTC()
		if i > 0 && all[i].Event == all[i-1].Event {
			continue
		}
		if err := h.planEvent(ctx, office, all[i].Event); err != nil {
			return err
		}
	}
	return office.Command(ctx, h.now(), all...)
}

// planEvent keeps an event with its plan, unless it is kept.
func (h *Hall) planEvent(ctx context.Context, office tenants.Office, id string) error {
	if h.keeper.planned[id] {
		return nil
	}
	e := tenants.Event{ID: id, Hall: h.cfg.Hall.Name, At: h.now()}
	var body any = map[string]string{"what": "the market's budgets are followed"}
	if st := h.kernel.State(); st.Event == id {
		e.At, body = st.Order.At, planned{Order: st.Order, Plan: st.Plan}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("plan event %s: %w", id, err)
	}
	e.Body = text
	if err := office.Plan(ctx, e); err != nil && !errors.Is(err, tenants.ErrConflict) { // planned by an earlier run
		return err
	}
	h.keeper.planned[id] = true
	return nil
}

// planned is the body of a stored event.
type planned struct {
	Order curtail.Order
	Plan  any
}

// lastCommand is the highest number that was ever given to a command of an event.
func (h *Hall) lastCommand(ctx context.Context, event string) (int, error) {
	sent, err := h.plant.Store.Office().Commands(ctx, event)
	if err != nil || len(sent) == 0 {
		return 0, err
	}
	return sent[len(sent)-1].Seq, nil
}

// send gives a command to the engine.
func (h *Hall) send(c engine.Command, follow bool) {
	h.engine.order(task{patience: h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) {
		a, err := h.plant.Engine.Do(ctx, c)
		return func(ctx context.Context) { h.answered(ctx, c, h.settled(c, a, err), follow) }
	}})
}

// settled turns what is certain of an error into an answer: a job that is gone needs
// no eviction and can have no restore; what the engine refuses it does not do. nil:
// nobody knows what became of it.
func (h *Hall) settled(c engine.Command, a engine.Answer, err error) *engine.Answer {
	now := h.now()
	gone := c.Verb == engine.Warn || c.Verb == engine.Evict || c.Verb == engine.Restore
	switch {
	case err == nil:
		return &a
	case errors.Is(err, engine.ErrUnreachable) && !h.presumes:
		return nil
	case errors.Is(err, engine.ErrUnknown) && gone:
		return &engine.Answer{Event: c.Event, Seq: c.Seq, Done: true, Already: true, Why: "there is no such job any more", At: now}
	case errors.Is(err, engine.ErrDenied), errors.Is(err, engine.ErrUnsupported), errors.Is(err, engine.ErrForeign), errors.Is(err, engine.ErrUnknown):
		return &engine.Answer{Event: c.Event, Seq: c.Seq, Why: err.Error(), At: now}
	}
	if h.presumes {
		return &engine.Answer{Event: c.Event, Seq: c.Seq, Done: true, At: now}
	}
	return nil
}

// answered tells the kernel and the record what came of a command.
func (h *Hall) answered(ctx context.Context, c engine.Command, a *engine.Answer, follow bool) {
	now := h.now()
	if h.sendsFirst {
		h.keepAll(ctx, []curtail.Effect{curtail.Send{Command: c}})
	}
	switch {
	case a == nil && follow:
		h.carry(ctx, h.follow.Failed(now, c.Event, c.Seq), true)
	case a == nil:
		h.step(ctx, curtail.Failed{Event: c.Event, Seq: c.Seq})
	default:
		if !a.Done {
			h.note("engine_says_no", "%s %s: %s", c.Verb, c.Subject, a.Why)
		}
		stored := *a
		if stored.At.IsZero() {
			stored.At = now
		}
		h.shelve(stored)
		if follow {
			h.carry(ctx, h.follow.Answered(now, *a), true)
			return
		}
		h.step(ctx, curtail.Answered{Answer: *a})
	}
}

// shelve keeps an answer. Nobody waits for that.
func (h *Hall) shelve(a engine.Answer) {
	office := h.plant.Store.Office()
	h.shelf.order(task{patience: h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) {
		err := office.Answer(ctx, a)
		return func(context.Context) { h.hush(DiskRefuses, "answers", err) }
	}})
}

// set gives a power limit to the agent of its node. The epoch is the shell's own,
// because two kernels set limits and an epoch must never fall.
func (h *Hall) set(s gpu.Setting, follow bool) {
	h.epoch = max(h.epoch+1, h.now().UnixMilli())
	if !h.oldEpoch {
		s.Epoch = h.epoch
	}
	i := h.agentOf(s.Node)
	if i < 0 {
		h.note("no_agent", "a limit of %s for node %s, which no agent reaches", limitText(s.Limit), s.Node)
		return
	}
	agent := h.plant.Agents[i]
	lane := h.agents[i]
	if h.waits {
		lane = &h.engine
	}
	lane.order(task{patience: 6 * h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) {
		a, err := agent.Set(ctx, s)
		return func(ctx context.Context) {
			if err != nil {
				a = gpu.Answer{Why: err.Error()}
			}
			a.Node = s.Node
			if !a.Taken {
				h.note("agent_says_no", "%s: %s", s.Node, a.Why)
			}
			if follow {
				h.carry(ctx, h.follow.Taken(h.now(), a), true)
				return
			}
			h.step(ctx, curtail.Taken{Answer: a})
		}
	}})
}

func limitText(p unit.Power) string {
	if p == 0 {
		return "default"
	}
	return p.String()
}

// agentOf is who reaches a node; -1: nobody.
func (h *Hall) agentOf(node string) int {
	return slices.IndexFunc(h.plant.Agents, func(a Agent) bool { return len(a.Nodes) == 0 || slices.Contains(a.Nodes, node) })
}

// report tells how far an event is, and keeps it.
func (h *Hall) report(ctx context.Context, r curtail.Report) {
	if r.Phase != curtail.Done {
		h.outcome = r.Outcome // what was reached
	}
	h.note("event", "%s is %s: the hall draws %s, %s when it began", r.Event, r.Phase, h.powerText(r.Outcome.Hall), r.Outcome.Hall.Before)
	office := h.plant.Store.Office()
	err := h.planEvent(ctx, office, r.Event)
	if err == nil {
		err = office.Mark(ctx, r.Event, tenants.EventState{State: string(r.Phase), At: h.now(), Why: h.powerText(r.Outcome.Hall)})
	}
	h.hush(DiskRefuses, "events", err)
	h.service.tell(ctx, h, r)
}

func (h *Hall) powerText(f curtail.Fall) string {
	switch {
	case !f.Known:
		return "a power that no meter tells"
	case !h.plant.metered(HallMeter):
		return f.Now.String() + " by its GPUs, which is no proof"
	}
	return f.Now.String()
}
