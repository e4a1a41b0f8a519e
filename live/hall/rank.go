package hall

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"sluice/engine"
	"sluice/loop/curtail"
	"sluice/store/tenants"
)

// ranking is the order in which the engine should rather take jobs where it must take
// some by itself, as it was last given. It outlives a restart.
type ranking struct {
	Jobs []string  `json:",omitempty"`
	Seq  int       `json:",omitempty"`
	At   time.Time `json:",omitzero"` // of the last command
	Owed bool      `json:",omitempty"`
	Said string    `json:",omitempty"` // why not, by the engine
}

// rankEvery is how often an order is given at most: it grows old slowly, and every one
// is kept.
const rankEvery = time.Minute

func (h *Hall) rankEvent() string { return "rank-" + h.cfg.Hall.Name }

// rank tells the engine whom to take first, where it can be told, when that changed.
func (h *Hall) rank(ctx context.Context, now time.Time) {
	r := &h.orders.Rank
	if !h.can.Can(engine.Rank) || !h.fresh(h.view.At) || now.Sub(r.At) < max(rankEvery, h.cfg.Timing.Period) {
		return
	}
	jobs, err := curtail.Ranking(h.kernelConfig(), r.Jobs, now, h.view, h.all())
	if err != nil {
		return // the kernels refuse the same configuration, and say so
	}
	if slices.Equal(jobs, h.ranked()) && !r.Owed {
		return
	}
	if r.Seq == 0 {
		if r.Seq, err = h.lastCommand(ctx, h.rankEvent()); err != nil { // numbers of a run whose state was lost
			h.hush(DiskRefuses, h.cfg.Hall.Name, err)
			return
		}
	}
	if !r.Owed || !slices.Equal(jobs, r.Jobs) { // otherwise nobody answered: it is the same command again
		r.Seq++
	}
	r.Jobs, r.At, r.Owed = jobs, now, true
	c := engine.Command{Event: h.rankEvent(), Seq: r.Seq, Verb: engine.Rank, Jobs: jobs, Why: "the cheapest to lose first"}
	if err := h.keepOrder(ctx, c, "whom the engine should rather take"); err != nil {
		return // it is told; nothing goes out that is not kept
	}
	h.tellEngine(c, func(a engine.Answer) {
		if r.Seq != a.Seq {
			return
		}
		if !a.Done && a.Why != r.Said {
			h.note("engine_says_no", "%s: %s", c.Verb, a.Why)
		}
		r.Owed, r.Said, h.unkept = false, a.Why, true
	})
}

// ranked are the jobs of the last order that the engine still shows. One that does not
// run any more and waits must lose its rank.
func (h *Hall) ranked() []string {
	var out []string
	for _, id := range h.orders.Rank.Jobs {
		if h.job(id) != nil {
			out = append(out, id)
		}
	}
	return out
}

// orders are what the hall asks of its engine beside the curtailment kernels.
type orders struct {
	Rank   ranking
	Drains []drain `json:",omitempty"`
}

// giveOrders does in every beat what is asked of the engine beside the kernels.
func (h *Hall) giveOrders(ctx context.Context, now time.Time) {
	h.rank(ctx, now)
	h.drains(ctx, now)
}

// keepOrder keeps a command, with the state, before it goes out. One that is kept
// already changes nothing.
func (h *Hall) keepOrder(ctx context.Context, c engine.Command, what string) error {
	err := h.planOrder(ctx, c.Event, what)
	if err == nil {
		err = errors.Join(h.keepState(), h.keepCommands(ctx, []engine.Command{c}))
	}
	h.hush(DiskRefuses, h.cfg.Hall.Name, err)
	return err
}

// planOrder keeps the event of orders, unless it is kept.
func (h *Hall) planOrder(ctx context.Context, id, what string) error {
	if h.keeper.planned[id] {
		return nil
	}
	body, err := json.Marshal(map[string]string{"what": what})
	if err == nil {
		err = h.plant.Store.Office().Plan(ctx, tenants.Event{ID: id, Hall: h.cfg.Hall.Name, At: h.now(), Body: body})
	}
	if err != nil && !errors.Is(err, tenants.ErrConflict) { // planned by an earlier run
		return err
	}
	h.keeper.planned[id] = true
	return nil
}

// tellEngine sends a command that is kept. then takes what is certain of its answer;
// where nobody knows what became of it, it is not called.
func (h *Hall) tellEngine(c engine.Command, then func(engine.Answer)) {
	h.engine.order(task{patience: h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) {
		said, err := h.plant.Engine.Do(ctx, c)
		return func(context.Context) {
			a := h.settled(c, said, err)
			if a == nil {
				return
			}
			if a.At.IsZero() {
				a.At = h.now()
			}
			h.shelve(*a)
			then(*a)
		}
	}})
}
