package hall

import (
	"context"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/loop"
	"sluice/loop/curtail"
	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// on is the register of a contract.
func (m *market) on(contract string, add func(r *cycle.UseRegister)) {
	if m.kept.Registers == nil {
		m.kept.Registers = map[string]cycle.UseRegister{}
	}
	r := m.kept.Registers[contract]
	add(&r)
	m.kept.Registers[contract] = r
	m.unkept = true
}

// count takes what ran and was drawn from the last view to this one. Over a stretch in
// which nobody looked nothing is counted for contracts; what the hall's meter counted
// then is nobody's.
//
// Source: docs/formula/hall.md, "Counted for the market".
func (m *market) count(h *Hall, v engine.View) {
	d := v.At.Sub(m.kept.At)
	begun := m.kept.At.IsZero()
	if d <= 0 && !begun {
		return
	}
	m.kept.At, m.unkept = v.At, true
	seen := !begun && d <= h.cfg.Timing.Fresh
	if seen {
		loads := h.follow.Loads(h.now(), v, h.all())
		for _, t := range h.cfg.Tenancies {
			c := t.Contract()
			m.on(c.Name, func(r *cycle.UseRegister) {
				it := loads[c.Name].Draw.Over(d)
				r.IT, r.Meter = r.IT+it, r.Meter+unit.Energy(unit.MulDiv(int64(it), int64(h.pue()), int64(unit.One)))
				if c.Kind == hosting.Colocation {
					r.Service.Committed += c.CommittedAt(v.At, h.cfg.Zone) * int64(d/time.Second)
				}
			})
		}
		m.work(h, v, d)
	}
	m.energy(h, d, seen)
	m.remember(h, v)
}

// work counts what ran from one view to the next, and what evictions of ours undid of
// it: since the last save that was proven, because of other work nobody knows.
func (m *market) work(h *Hall, v engine.View, d time.Duration) {
	for i := range v.Jobs {
		j := &v.Jobs[i]
		was, ran := m.runs[j.ID]
		switch {
		case !ran:
		case j.State == engine.Running || j.State == engine.Stopping:
			seconds := int64(was.gpus) * int64(d/time.Second)
			m.on(was.contract, func(r *cycle.UseRegister) {
				r.Service.Served += seconds
				if !j.Deadline.IsZero() && v.At.After(j.Deadline) {
					r.Service.Late += int64(was.gpus) * int64(min(d, v.At.Sub(j.Deadline))/time.Second)
				}
			})
		case j.Evicted != "":
			m.on(was.contract, func(r *cycle.UseRegister) {
				r.Service.Evictions++
				if !was.saved.IsZero() {
					r.Service.Lost += int64(was.gpus) * int64(max(0, v.At.Add(-d).Sub(was.saved))/time.Second)
				}
			})
		}
	}
}

// remember keeps who runs in a view.
func (m *market) remember(h *Hall, v engine.View) {
	m.runs = make(map[string]counted, len(v.Jobs))
	for i := range v.Jobs {
		j := &v.Jobs[i]
		if t := h.ownerOf(j); t != nil && (j.State == engine.Running || j.State == engine.Stopping) {
			m.runs[j.ID] = counted{contract: t.Contract().Name, gpus: j.GPUs, saved: j.Saved}
		}
	}
}

// energy counts the hall's meter; what is left of it beside the contracts is nobody's.
func (m *market) energy(h *Hall, d time.Duration, seen bool) {
	now, known := h.power(HallMeter, h.cfg.Hall.Name)
	switch {
	case !known:
	case now.Counted && m.meter.Counted && now.Energy >= m.meter.Energy:
		m.kept.Total += now.Energy - m.meter.Energy
	case seen:
		m.kept.Total += now.Power.Over(d)
	}
	if known {
		m.meter = now
	}
	var sum unit.Energy
	for _, r := range m.kept.Registers {
		sum += r.Meter
	}
	idle := &m.kept.Idle
	idle.Meter = max(idle.Meter, m.kept.Total-sum)
	idle.IT = max(idle.IT, unit.Energy(unit.MulDiv(int64(idle.Meter), int64(unit.One), int64(h.pue()))))
}

// pue is what the hall's meter shows for one more IT watt.
func (h *Hall) pue() unit.Ratio { return max(unit.One, h.cfg.Hall.Cooling.PUE0) }

// served adds what a contract's promise came to.
func (m *market) served(contract string, n hosting.Counts) {
	m.on(contract, func(r *cycle.UseRegister) { r.Service = r.Service.Plus(n) })
}

// Report is what the market of the site must know of the hall. What it says was
// counted is on disk.
func (h *Hall) Report(ctx context.Context) (loop.HallReport, error) {
	var out loop.HallReport
	var err error
	do := h.Do(ctx, func(context.Context) {
		if h.market.unkept {
			h.market.kept.Hall = h.cfg.Hall.Name
			err = h.keeper.write(marketFile, h.market.kept)
			h.hush(DiskRefuses, marketFile, err)
			h.market.unkept = err != nil
		}
		out = h.market.report(h)
	})
	if do != nil {
		return out, do
	}
	return out, err
}

func (m *market) report(h *Hall) loop.HallReport {
	v := h.view
	out := loop.HallReport{
		Hall: h.cfg.Hall.Name, At: h.now(), Seen: v.At, PUE: h.pue(), Expected: map[string]hosting.Forecast{}, Budgets: map[string]unit.Power{}, Bound: m.bound,
		Refused: m.refused,
	}
	m.refused = nil
	if p, known := h.power(HallMeter, h.cfg.Hall.Name); known {
		out.Power, out.Known = p.Power, true
	}
	loads := map[string]curtail.Load{}
	fresh := h.fresh(v.At)
	if fresh {
		loads = h.follow.Loads(h.now(), v, h.all())
	}
	health := h.health(v)
	for _, t := range h.cfg.Tenancies {
		c := t.Contract()
		r := m.kept.Registers[c.Name]
		r.Use = t.Use()
		out.Registers = append(out.Registers, r)
		if b, bounded := h.budgets[c.Name]; bounded {
			out.Budgets[t.Use()] = b
		}
		if l, known := loads[c.Name]; known && c.Kind != hosting.Colocation {
			out.Uses = append(out.Uses, h.useOf(t, l, health, v))
			out.Expected[t.Use()] = h.expected(t)
		}
	}
	idle := m.kept.Idle
	idle.Use = "hosting/" + h.cfg.Hall.Name
	out.Registers = append(out.Registers, idle)
	return out
}

// useOf is the state of a contract as it bids.
func (h *Hall) useOf(t *hosting.Tenancy, l curtail.Load, health unit.Ratio, v engine.View) cycle.UseState {
	c := t.Contract()
	u := cycle.UseState{Use: t.Use(), Health: health, State: use.State{On: l.Full, Draw: l.Draw}, At: v.At, Source: h.can.Engine}
	u.Tenant.Wanted = min(max(l.Wanted, l.Draw), max(t.Capacity(), l.Draw))
	u.Tenant.Flex = h.market.kept.Flex[c.Name]
	var unsaved, gpus int64
	for i := range v.Jobs {
		j := &v.Jobs[i]
		if o := h.ownerOf(j); o != t {
			continue
		}
		runs := j.State == engine.Running || j.State == engine.Stopping
		if runs && !j.Saved.IsZero() {
			unsaved += int64(v.At.Sub(j.Saved)/time.Second) * int64(j.GPUs)
			gpus += int64(j.GPUs)
		}
		if left := h.left(j, v.At); !j.Deadline.IsZero() && left > 0 {
			u.Tenant.Waiting = append(u.Tenant.Waiting, hosting.Work{ID: j.ID, Energy: (t.Each() * unit.Power(j.GPUs)).Over(left), Deadline: j.Deadline})
		}
	}
	u.Tenant.Unsaved = time.Duration(unsaved/max(1, gpus)) * time.Second
	slices.SortFunc(u.Tenant.Waiting, func(a, b hosting.Work) int { return strings.Compare(a.ID, b.ID) })
	return u
}

// left is how long a job may still run by its own limit; 0: it states none.
func (h *Hall) left(j *engine.Job, at time.Time) time.Duration {
	if j.Limit > 0 && !j.Started.IsZero() && (j.State == engine.Running || j.State == engine.Stopping) {
		return max(0, j.Limit-at.Sub(j.Started))
	}
	return j.Limit
}

// expected is the load of a contract as learned here.
func (h *Hall) expected(t *hosting.Tenancy) hosting.Forecast {
	if f, known := h.school.kept.Forecasts[t.Contract().Name]; known {
		return f
	}
	return hosting.NewForecast(t.Capacity(), t.Capacity(), t.Capacity())
}

// health is the share of servers that are not broken.
func (h *Hall) health(v engine.View) unit.Ratio {
	down := 0
	for _, n := range v.Nodes {
		if n.State == engine.NodeDown {
			down++
		}
	}
	return unit.Ratio(unit.MulDiv(int64(unit.One), int64(len(v.Nodes)-down), int64(max(1, len(v.Nodes)))))
}
