package curtail

import (
	"cmp"
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

// item is what may be done to a job; false where nothing may.
func (c *core) item(g *sight, a shed.Ask) (shed.Item, bool) {
	if g.tenancy < 0 || g.State != engine.Running || !g.known || g.GPUs <= 0 {
		return shed.Item{}, false
	}
	if at, no := c.st.Refused[g.ID]; no && c.now.Sub(at) < 4*c.cfg.Timing.Retry {
		return shed.Item{}, false
	}
	t := &c.cfg.Tenancies[g.tenancy]
	it := shed.Item{
		ID: g.ID, Contract: t.Contract.Name, Tenant: g.Tenant, GPUs: g.GPUs, Nodes: g.Nodes,
		Firm: c.firm(t), Started: g.Started,
	}
	job := shed.Job{GPUs: g.GPUs, Draw: g.draw / unit.Power(g.GPUs), Ran: max(0, c.now.Sub(g.Started)), Unsaved: -1, Rest: c.restOf(g.tenancy)}
	if grp := c.cfg.group(t.Contract.Model); grp != nil {
		job.Idle = grp.Model.Idle
	}
	if !g.Saved.IsZero() && !g.Saved.Before(g.Started) {
		job.Unsaved = max(0, c.now.Sub(g.Saved))
	}
	full := job.Draw
	for i := range c.st.Acts {
		if act := &c.st.Acts[i]; act.Item == g.ID && act.Stage != Undoing {
			if act.Lever != shed.Cap {
				return shed.Item{}, false // it is on its way out
			}
			it.Touched, job.Speed, full = true, act.Speed, max(full, act.Draw)
		}
	}
	var levels []shed.Limited
	if !g.shared || len(g.Nodes) == 1 && c.sv.counted[g.ID] == g.GPUs {
		levels = c.levels(g.tenancy, full)
	}
	it.Options = shed.Options(job, c.terms(g, t, a), levels, a)
	for i := range it.Options {
		it.Options[i].Saved = c.cfg.perWatt(it.Options[i].Saved)
	}
	return it, len(it.Options) > 0
}

// firm reports whether a contract's work is evicted only as a last resort: flexible
// work too where the order that runs breaks its terms.
func (c *core) firm(t *Tenancy) bool {
	if t.Contract.Kind != hosting.Flexible {
		return shed.Firm(t.Contract.Kind)
	}
	f, o := t.Contract.Flex, c.st.Order
	soon := !t.Called && o.Within > 0 && (f.Notice > o.Within || f.Event > 0 && o.Hold > f.Event)
	return t.Outside || soon
}

// within makes firm what goes beyond the share that a flexible contract lets go: the
// cheapest watts are within it.
func (c *core) within(items []shed.Item) {
	for i := range c.cfg.Tenancies {
		t := &c.cfg.Tenancies[i].Contract
		if t.Kind != hosting.Flexible || t.Flex.Share <= 0 || t.Flex.Share >= unit.One {
			continue
		}
		left := int(unit.Power(t.GPUs).Scale(t.Flex.Share))
		for k := range c.st.Acts {
			if a := &c.st.Acts[k]; a.Contract == t.Name && a.Lever == shed.Evict {
				left -= a.GPUs
			}
		}
		for _, k := range cheapest(items, t.Name) {
			if left -= items[k].GPUs; left < 0 {
				items[k].Firm = true
				left += items[k].GPUs
			}
		}
	}
}

// cheapest lists the items of a contract that may be evicted, by the price of a watt.
func cheapest(items []shed.Item, contract string) []int {
	var out []int
	price := func(k int) int64 {
		o := items[k].Options[len(items[k].Options)-1]
		return unit.MulDiv(int64(o.Cost), int64(unit.Kilowatt), max(1, int64(o.Saved)))
	}
	for k := range items {
		if o := items[k].Options; items[k].Contract == contract && o[len(o)-1].Lever == shed.Evict {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b int) int {
		return cmp.Or(cmp.Compare(price(a), price(b)), cmp.Compare(items[a].ID, items[b].ID))
	})
	return out
}

// levels are the limits as a job of a contract feels them, kept for equal draws.
func (c *core) levels(tenancy int, draw unit.Power) []shed.Limited {
	known, ok := c.feel[tenancy][draw]
	if !ok {
		known = shed.Feel(c.cfg.Tenancies[tenancy].Curve, draw)
		if c.feel[tenancy] == nil || len(c.feel[tenancy]) > 4096 {
			c.feel[tenancy] = map[unit.Power][]shed.Limited{}
		}
		c.feel[tenancy][draw] = known
	}
	return known
}

// terms are those of a job for a call.
func (c *core) terms(g *sight, t *Tenancy, a shed.Ask) shed.Terms {
	out := shed.TermsOf(t.Contract)
	out.Warn = c.warning(t)
	out.MinRun, out.Kill, out.Limit, out.Capping = t.MinRun, c.cfg.Timing.Kill, c.cfg.Timing.Limit, t.Capping
	out.Kill += max(0, c.cfg.Engine.Latency[engine.Evict]-out.Grace) // engines count the grace in
	if t.Contract.Kind == hosting.Batch {
		left := g.Limit
		out.Shift = !g.Deadline.IsZero() && left > 0 && !c.now.Add(a.Hold+out.Restart+left).After(g.Deadline)
		if !out.Shift && !g.Deadline.IsZero() {
			out.Credit = hourly(t.Contract.Late, g.GPUs, left)
		}
	}
	if c.cfg.Credit != nil {
		out.Credit += c.cfg.Credit(t.Contract.Name, g.GPUs, a.Hold)
	}
	if c.firm(t) {
		out.Risk = hourly(t.Contract.Renewal, g.GPUs, a.Hold)
	}
	return out
}

// warning is how long before its eviction a job of a contract hears of it. Flexible
// work that an event takes within its terms has the notice of a call, counted from
// the order, unless its call was announced before: an hour earlier would break them.
func (c *core) warning(t *Tenancy) time.Duration {
	warn := t.Contract.Warn
	if t.Contract.Kind != hosting.Flexible || t.Called || c.st.Order.At.IsZero() || c.firm(t) {
		return warn
	}
	return max(warn, c.st.Order.At.Add(t.Contract.Flex.Notice).Sub(c.now))
}

func hourly(price unit.Amount, gpus int, d time.Duration) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(price)*int64(gpus), int64(d), int64(time.Hour)))
}

// empties are the nodes that may be switched off, as items.
func (c *core) empties(out []shed.Item, a shed.Ask) []shed.Item {
	if c.cfg.Spare < 0 || !c.cfg.Engine.Can(engine.Off) {
		return out
	}
	spare := c.cfg.Spare
	for i := range c.sv.seats {
		p := &c.sv.seats[i]
		if p.node.State != engine.NodeUp || p.node.Busy > 0 || p.jobs > 0 || p.node.Event != "" || p.group == nil || c.acting(p.node.Name) {
			continue
		}
		if spare--; spare >= 0 {
			continue
		}
		out = append(out, shed.Item{ID: p.node.Name, Nodes: []string{p.node.Name}, Options: []shed.Option{
			{Lever: shed.Off, Saved: p.group.Model.Empty, Cost: c.cfg.Start, Ready: c.cfg.Timing.Off},
		}})
	}
	return out
}

// acting reports whether an act on an item is in force.
func (c *core) acting(item string) bool {
	for i := range c.st.Acts {
		if c.st.Acts[i].Item == item {
			return true
		}
	}
	return false
}
