package curtail

import (
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

// Kernel carries one curtailment of one hall through. It is a state machine: the
// same events at the same times give the same effects. It is called from one
// goroutine, starts nothing, waits for nothing and reads no clock.
type Kernel struct {
	core
	view     engine.View
	viewed   bool
	readings []gpu.Reading
	meter    Meter // of the hall
	site     Meter
	racks    map[string]Meter
}

// NewKernel is a kernel that goes on where an earlier run kept its state; the zero
// state is a first start. Commands that have no answer go out again under their
// old numbers.
func NewKernel(c Config, st State) (*Kernel, error) {
	k, err := newCore(c, st)
	if err != nil {
		return nil, err
	}
	return &Kernel{core: k, racks: map[string]Meter{}}, nil
}

// State is what a later run needs to go on.
func (k *Kernel) State() State { return k.st.Clone() }

// Step takes one event and returns what to do about it, in order.
func (k *Kernel) Step(now time.Time, e Event) []Effect {
	if now.Before(k.now) {
		return []Effect{Refusal{Event: k.st.Event, Code: BackInTime}}
	}
	k.now = now
	switch e := e.(type) {
	case Begin:
		k.begin(e.Order)
	case View:
		if e.View.At.IsZero() {
			k.failed(k.st.Event, -1)
			break
		}
		k.view, k.viewed = e.View, true
		k.survey()
	case Readings:
		k.readings = e.Readings
		k.survey()
	case Meter:
		k.hear(e)
	case Answered:
		k.answered(e.Answer)
	case Failed:
		k.failed(e.Event, e.Seq)
	case Taken:
		k.agentAnswered(e.Answer)
	case Tick:
		k.tick()
	case Release:
		k.release(e)
	case Stop:
		k.halt(e)
	}
	return k.flush()
}

// active reports whether an event runs.
func (k *Kernel) active() bool {
	return k.st.Phase == Shedding || k.st.Phase == Holding || k.st.Phase == Releasing
}

// survey sums the hall up from the last view and readings, and holds the acts against it.
func (k *Kernel) survey() {
	if !k.viewed {
		return
	}
	k.look(k.view, k.readings)
	if k.active() {
		k.see()
	}
}

// hear takes a meter.
func (k *Kernel) hear(m Meter) {
	switch {
	case m.Scope == RackMeter:
		k.racks[m.Name] = m
	case m.Scope == SiteMeter:
		k.site = m
	case m.Name == k.cfg.Hall:
		if m.At.After(k.meter.At) {
			k.meter = m
		}
	}
}

func (k *Kernel) refuse(event string, c Code) { k.out = append(k.out, Refusal{Event: event, Code: c}) }

// begin starts an event: the plan first, which is kept, then everything that the
// plan wants to go out at once.
func (k *Kernel) begin(o Order) {
	switch {
	case o.Event == k.st.Event && k.active() && (o.To < k.st.Order.To || k.st.Phase == Releasing) && o.To >= 0 && o.Within > 0:
		k.tighten(o)
		return
	case o.Event == k.st.Event && k.st.Phase != Idle:
		return // it is told twice
	case k.active() || len(k.st.Acts) > 0:
		k.refuse(o.Event, Busy)
		return
	case !engine.Plain(o.Event) || len(o.Event) > 40 || o.To < 0 || o.Within <= 0 || o.Hold < 0:
		k.refuse(o.Event, BadOrder)
		return
	case !k.viewed || k.now.Sub(k.view.At) > 10*k.cfg.Timing.Fresh:
		k.refuse(o.Event, NoView)
		return
	}
	if o.At.IsZero() {
		o.At = k.now
	}
	k.st = State{Hall: k.cfg.Hall, Event: o.Event, Order: o, Epoch: k.st.Epoch, Held: map[string]int{}, Waiting: map[int]time.Time{}, Empty: map[string]time.Time{}}
	k.st.Base = k.shown()
	k.st.Racks = map[string]unit.Power{}
	for n, m := range k.racks {
		k.st.Racks[n] = m.Power
	}
	k.st.Site = k.site.Power
	k.look(k.view, k.readings)
	k.st.Load = k.load()
	k.phase(Shedding)
	k.holdAll(false)
	k.st.Checked = k.now
	k.st.Plan = k.take(k.st.Base-o.To, o.Deadline().Sub(k.now))
	k.seePower()
}

// shown is the power of the hall by its meter, or what the order says where no
// fresh meter tells.
func (k *Kernel) shown() unit.Power {
	if k.metered() {
		return k.meter.Power
	}
	return k.st.Order.From
}

// metered reports whether the meter of the hall is fresh.
func (k *Kernel) metered() bool {
	return !k.meter.At.IsZero() && k.now.Sub(k.meter.At) <= k.cfg.Timing.Fresh
}

// phase begins a phase and reports it.
func (k *Kernel) phase(p Phase) {
	k.st.Phase, k.st.Since = p, k.now
	k.dirty = true
	k.out = append(k.out, Report{Event: k.st.Event, Phase: p, Outcome: k.Outcome()})
}

// holdAll holds the queues of all contracts, those that are paid for whether used
// or not only when firm is set.
func (k *Kernel) holdAll(firm bool) {
	for i := range k.cfg.Tenancies {
		t := &k.cfg.Tenancies[i]
		if t.Contract.Kind == hosting.Colocation || t.Contract.Kind == hosting.Reserved && !firm {
			continue
		}
		k.hold(t.Queue)
	}
}

// ask is what has to fall for a cut at the meter.
func (k *Kernel) ask(cut unit.Power, within time.Duration) shed.Ask {
	o := k.st.Order
	hold := o.Hold
	if hold == 0 {
		hold = k.cfg.Timing.Expect
	}
	it := shed.Of(max(0, cut), k.cfg.pue())
	return shed.Ask{Power: it, Within: within, Hold: hold, Margin: it.Scale(k.cfg.Timing.Margin), KeepFirm: o.KeepFirm}
}

// items is everything that something may be done to.
func (c *core) items(a shed.Ask) []shed.Item {
	var out []shed.Item
	for i := range c.sv.jobs {
		if it, ok := c.item(&c.sv.jobs[i], a); ok {
			it.Firm = it.Firm && !c.evictsFirm
			out = append(out, it)
		}
	}
	c.within(out)
	return c.empties(out, a)
}

// take chooses who gives up so much power at the meter, and lets it go out. Before a
// firm tenant is evicted, jobs go whose power nobody knows: they may give it too.
func (k *Kernel) take(cut unit.Power, within time.Duration) shed.Plan {
	if cut <= 0 {
		return shed.Plan{Steps: []shed.Step{{Lever: shed.Hold}}}
	}
	a := k.ask(cut, within)
	items := k.items(a)
	p := shed.Choose(items, a)
	if breaks(p) || p.Short > 0 {
		if blind := k.blind(a); len(blind) > 0 {
			kept := a
			kept.KeepFirm = true
			p = shed.Choose(items, kept)
			k.do(p, items)
			for i := range blind {
				k.act(&blind[i], blind[i].Options[0])
			}
			return p
		}
	}
	if breaks(p) {
		k.holdAll(true)
	}
	k.do(p, items)
	if p.Short > 0 {
		k.trouble(CannotReach, k.cfg.Hall)
	}
	return p
}

// breaks reports whether a plan evicts firm tenants.
func breaks(p shed.Plan) bool {
	for _, s := range p.Steps {
		if s.Firm {
			return true
		}
	}
	return false
}

// blind are the jobs that may be evicted and whose power nobody knows. Nothing is
// claimed for them.
func (k *Kernel) blind(a shed.Ask) []shed.Item {
	var out []shed.Item
	for i := range k.sv.jobs {
		g := k.sv.jobs[i]
		if g.tenancy < 0 || g.State != engine.Running || g.known || k.acting(g.ID) {
			continue
		}
		t := &k.cfg.Tenancies[g.tenancy]
		if k.firm(t) {
			continue
		}
		job := shed.Job{GPUs: g.GPUs, Draw: 1, Ran: max(0, k.now.Sub(g.Started))}
		for _, o := range shed.Options(job, k.terms(&g, t, a), nil, a) {
			o.Saved = 0
			out = append(out, shed.Item{ID: g.ID, Contract: t.Contract.Name, Tenant: g.Tenant, GPUs: g.GPUs, Nodes: g.Nodes, Options: []shed.Option{o}})
		}
	}
	return out
}
