package hall

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

// Wish is a curtailment that a person asks for: to a power, or by one.
type Wish struct {
	To       unit.Power    `json:"to_w,omitempty"`
	By       unit.Power    `json:"by_w,omitempty"` // 0: To counts
	Within   time.Duration `json:"within_ns"`
	Hold     time.Duration `json:"hold_ns,omitempty"` // 0: until it is released
	KeepFirm bool          `json:"keep_firm,omitempty"`
	Why      string        `json:"why,omitempty"` // for the tenants
	Who      string        `json:"who,omitempty"`
	Event    string        `json:"event,omitempty"` // name of it; empty: by its time
}

// Proposal is a plan with its price, before it runs.
type Proposal struct {
	Hall     string        `json:"hall"`
	At       time.Time     `json:"at"`
	From     unit.Power    `json:"from_w"` // at the hall's meter
	To       unit.Power    `json:"to_w"`
	Within   time.Duration `json:"within_ns"`
	Hold     time.Duration `json:"hold_ns"` // 0: until it is released; priced as an hour then
	Metered  bool          `json:"metered"` // From is of a meter; else of the GPUs' own sensors
	Saved    unit.Power    `json:"saved_w"` // at the meter
	Lands    unit.Power    `json:"lands_w"` // where the meter should come to
	Cost     unit.Amount   `json:"cost_micros"`
	Bound    unit.Amount   `json:"bound_micros"` // no choice within the terms costs less
	Short    unit.Power    `json:"short_w"`      // at the meter: nothing within the terms gives it
	Steps    []Step        `json:"steps"`
	Next     []Taken       `json:"next,omitempty"`
	Unread   []string      `json:"unread,omitempty"` // jobs whose power nobody knows: nothing is claimed for them
	Currency unit.Currency `json:"currency,omitempty"`
}

// Step is everything that one lever does.
type Step struct {
	Lever shed.Lever    `json:"lever"`
	Firm  bool          `json:"firm,omitempty"`
	Saved unit.Power    `json:"saved_w"` // at the meter
	Cost  unit.Amount   `json:"cost_micros"`
	Ready time.Duration `json:"ready_ns"` // until the meter shows it
	Who   []Taken       `json:"who,omitempty"`
}

// Taken is what one job or node gives.
type Taken struct {
	Item     string        `json:"item"`
	Contract string        `json:"contract,omitempty"`
	Tenant   string        `json:"tenant,omitempty"`
	GPUs     int           `json:"gpus,omitempty"`
	Lever    shed.Lever    `json:"lever"`
	Limit    unit.Power    `json:"limit_w,omitempty"` // of each GPU
	Slow     unit.Ratio    `json:"slow_ppm,omitempty"`
	Saved    unit.Power    `json:"saved_w"` // at the meter
	Cost     unit.Amount   `json:"cost_micros"`
	Ready    time.Duration `json:"ready_ns"`
	Firm     bool          `json:"firm,omitempty"`
}

// ErrNo marks what a person asked for and cannot have.
var ErrNo = errors.New("refused")

// Propose is the plan of a wish as it would run now. Nothing is done.
func (h *Hall) Propose(ctx context.Context, w Wish) (Proposal, error) {
	var out Proposal
	var err error
	if do := h.Do(ctx, func(context.Context) { out, err = h.propose(w) }); do != nil {
		return out, do
	}
	return out, err
}

func (h *Hall) propose(w Wish) (Proposal, error) {
	o, err := h.order(w)
	if err != nil {
		return Proposal{}, err
	}
	plan, err := curtail.Preview(h.kernelConfig(), o, h.now(), h.view, h.all())
	if err != nil {
		return Proposal{}, err
	}
	return h.proposal(o, plan), nil
}

// order is a wish as the kernel takes it.
func (h *Hall) order(w Wish) (curtail.Order, error) {
	now := h.now()
	if h.view.At.IsZero() || now.Sub(h.view.At) > h.cfg.Timing.Fresh {
		return curtail.Order{}, fmt.Errorf("%w: the engine has shown nothing for %s: see to it first", ErrNo, h.cfg.Timing.Fresh)
	}
	s, known := h.power(HallMeter, h.cfg.Hall.Name)
	if !known {
		return curtail.Order{}, fmt.Errorf("%w: nobody says what the hall draws: mend its meter, or the agents of its nodes", ErrNo)
	}
	o := curtail.Order{Event: w.Event, From: s.Power, To: w.To, At: now.UTC(), Within: w.Within, Hold: w.Hold, KeepFirm: w.KeepFirm, Why: w.Why}
	if w.By > 0 {
		o.To = s.Power - w.By
	}
	switch {
	case w.By > 0 && w.To > 0:
		return o, fmt.Errorf("%w: say to which power or by which, not both", ErrNo)
	case o.To < 0:
		return o, fmt.Errorf("%w: the hall draws %s, so it cannot fall by %s", ErrNo, s.Power, w.By)
	case o.To >= s.Power:
		return o, fmt.Errorf("%w: the hall draws %s already, which is not above %s", ErrNo, s.Power, o.To)
	case w.Within <= 0 || w.Hold < 0:
		return o, fmt.Errorf("%w: say within which time, such as 10m, and for how long", ErrNo)
	}
	if o.Event == "" {
		o.Event = "c-" + now.UTC().Format("20060102-150405")
	}
	if !engine.Plain(o.Event) || len(o.Event) > 40 {
		return o, fmt.Errorf("%w: the name %q: use 1 to 40 lower-case letters, digits and dashes", ErrNo, o.Event)
	}
	return o, nil
}

// proposal is a plan in watts at the meter, with who is meant.
func (h *Hall) proposal(o curtail.Order, p shed.Plan) Proposal {
	out := Proposal{
		Hall: h.cfg.Hall.Name, Currency: h.cfg.Currency, At: o.At, From: o.From, To: o.To, Within: o.Within, Hold: o.Hold, Metered: h.plant.metered(HallMeter),
		Saved: h.atMeter(p.Saved), Cost: p.Cost, Bound: p.Bound, Short: h.atMeter(p.Short),
	}
	out.Lands = max(0, o.From-out.Saved)
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, Step{Lever: s.Lever, Firm: s.Firm, Saved: h.atMeter(s.Saved), Cost: s.Cost, Ready: s.Ready})
	}
	for _, c := range p.Choices {
		t := h.taken(c, o)
		for i := range out.Steps {
			if out.Steps[i].Lever == t.Lever && out.Steps[i].Firm == (t.Firm && t.Lever == shed.Evict) {
				out.Steps[i].Who = append(out.Steps[i].Who, t)
			}
		}
	}
	for _, c := range p.Next {
		out.Next = append(out.Next, h.taken(c, o))
	}
	out.Unread = h.unread()
	return out
}

// atMeter is IT power as the hall's meter shows it.
func (h *Hall) atMeter(p unit.Power) unit.Power {
	return p.Scale(max(unit.One, h.cfg.Hall.Cooling.PUE0))
}

// taken is one choice with its job.
func (h *Hall) taken(c shed.Choice, o curtail.Order) Taken {
	t := Taken{Item: c.Item, Lever: c.Option.Lever, Limit: c.Option.Limit, Slow: c.Option.Slow, Saved: h.atMeter(c.Option.Saved), Cost: c.Option.Cost, Ready: c.Option.Ready}
	j := h.job(c.Item)
	if j == nil {
		return t
	}
	t.Tenant, t.GPUs = j.Tenant, j.GPUs
	if owner := h.ownerOf(j); owner != nil {
		k := owner.Contract()
		t.Contract, t.Firm = k.Name, shed.Firm(k.Kind)
		if k.Kind == hosting.Flexible {
			t.Firm = k.Flex.Notice > o.Within || k.Flex.Event > 0 && o.Hold > k.Flex.Event || h.service.outside(owner, o.At)
		}
	}
	return t
}

// job finds a job of the last view; nil: there is none.
func (h *Hall) job(id string) *engine.Job {
	for i := range h.view.Jobs {
		if h.view.Jobs[i].ID == id {
			return &h.view.Jobs[i]
		}
	}
	return nil
}

// unread are running jobs on nodes that do not say what all of their GPUs draw.
func (h *Hall) unread() []string {
	var out []string
	for _, j := range h.view.Jobs {
		if j.State != engine.Running {
			continue
		}
		for _, n := range j.Nodes {
			if _, mute := h.muted[n]; mute {
				out = append(out, j.ID)
				break
			}
		}
	}
	return out
}

// Curtail begins a curtailment. What it does is on disk before anything goes out.
func (h *Hall) Curtail(ctx context.Context, w Wish) (string, error) {
	var name string
	var err error
	do := h.Do(ctx, func(ctx context.Context) {
		var o curtail.Order
		if o, err = h.order(w); err != nil {
			return
		}
		name = o.Event
		h.refit(ctx)
		err = h.ask(ctx, curtail.Begin{Order: o})
		if err == nil {
			h.note("curtail", "%s: from %s to %s within %s, by %s: %s", name, o.From, o.To, o.Within, w.Who, w.Why)
		}
	})
	return name, errors.Join(do, err)
}

// Release gives back what the running event took, step by step, while the hall's
// meter stays below limit; 0: below what the event began from.
func (h *Hall) Release(ctx context.Context, event string, limit unit.Power) error {
	if event == h.followEvent() {
		return h.Free(ctx)
	}
	if err := h.Do(ctx, func(context.Context) { h.market.unbind(h, event) }); err != nil {
		return err
	}
	return h.tellKernel(ctx, func(running string) curtail.Event {
		return curtail.Release{Event: cmpOrRunning(event, running), Limit: limit}
	})
}

// Stop ends all taking and giving back of the running event: what is down stays down.
func (h *Hall) Stop(ctx context.Context, event string) error {
	return h.tellKernel(ctx, func(running string) curtail.Event { return curtail.Stop{Event: cmpOrRunning(event, running)} })
}

func cmpOrRunning(event, running string) string {
	if event != "" {
		return event
	}
	return running
}

func (h *Hall) tellKernel(ctx context.Context, e func(running string) curtail.Event) error {
	var err error
	do := h.Do(ctx, func(ctx context.Context) { err = h.ask(ctx, e(h.kernel.State().Event)) })
	return errors.Join(do, err)
}

// ask hands the kernel what a person wants; a refusal is an error.
func (h *Hall) ask(ctx context.Context, e curtail.Event) error {
	all := h.kernel.Step(h.now(), e)
	h.carry(ctx, all, false)
	for _, x := range all {
		if r, no := x.(curtail.Refusal); no {
			return fmt.Errorf("%w: %s", ErrNo, refusalText(r, h.kernel.State()))
		}
	}
	return nil
}

// refusalText says a refusal, and what to do.
func refusalText(r curtail.Refusal, st curtail.State) string {
	switch r.Code {
	case curtail.Busy:
		if len(st.Acts) > 0 && st.Phase == curtail.Stopped {
			return st.Event + " was stopped and still holds power down: release it first"
		}
		return st.Event + " is " + string(st.Phase) + ": release it, or wait for its end"
	case curtail.NoEvent, curtail.NotHalted:
		return fmt.Sprintf("no curtailment %q runs", r.Event)
	case curtail.NoView:
		return "the engine shows nothing: see to it first"
	case curtail.BadOrder, curtail.BackInTime:
	}
	return string(r.Code)
}

// Progress takes what a tenant says of a running job: how much work, in units of its
// own, was done since it began. It is false where no such job runs.
func (h *Hall) Progress(ctx context.Context, job string, done int64) (bool, error) {
	known := false
	err := h.Do(ctx, func(context.Context) { known = h.progress(job, done) })
	return known, err
}

var _ gpu.Agent = Agent{}
