package live

import (
	"context"
	"sync"
	"time"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

// attend asks a hall how it stands, and posts what it says.
func (s *Site) attend(ctx context.Context, i int) {
	e := Reported{Hall: i, Asked: s.plant.Clock.Now()}
	e.Report, e.Err = s.report(ctx, i)
	s.post(e)
}

func (s *Site) report(ctx context.Context, i int) (loop.HallReport, error) {
	ctx, cancel := context.WithTimeout(ctx, s.plant.Timeout)
	defer cancel()
	return s.plant.Halls[i].Report(ctx)
}

// steer hands a hall its budgets, and posts whether it took them.
func (s *Site) steer(ctx context.Context, d Steer) {
	ctx, cancel := context.WithTimeout(ctx, s.plant.Timeout)
	defer cancel()
	s.post(Followed{Hall: d.Hall, Err: s.plant.Halls[d.Hall].Follow(ctx, d.Order)})
}

// guest is a hall as a turn sees it.
type guest struct {
	GPUHall
	report  loop.HallReport
	heard   bool
	ever    bool
	steered bool
	most    unit.Power // that it may draw at the meter
	shift   time.Duration
}

// guests are the halls when an interval begins.
func (c *Core) guests() []guest {
	var out []guest
	for i := range c.halls {
		h := &c.halls[i]
		g := guest{GPUHall: h.GPUHall, report: h.report, heard: c.knows(h) && h.ill != "hall_clock", ever: !h.at.IsZero(), steered: c.steers(), shift: h.shift}
		g.most = max(h.draw(), h.most(g.heard))
		if !g.ever { // nobody says what it draws: what no machine explains, in the last quarter of an hour
			g.most = max(0, c.kernel.Group(0).Unmeasured-c.cfg.Site.MustRun)
		}
		out = append(out, g)
	}
	return out
}

// ask brings the halls' counters up to the instant at which an interval ends. A hall
// that does not answer stands where it stood.
func (s *Site) ask(ctx context.Context, all []guest) {
	var asked sync.WaitGroup
	for i := range all {
		asked.Go(func() {
			if r, err := s.report(ctx, i); err == nil && r.Hall == all[i].Name && all[i].heard {
				all[i].report = r
			}
		})
	}
	asked.Wait()
}

// hosted is what the market is told of the halls: contracts that bid, with what they
// are expected to draw; what draws whatever the plan says; and who does not bid.
func hosted(all []guest, tenants *settle.Tenants, steered bool, mesh series.Mesh, zone *time.Location) (f loop.Facts) {
	f.Apart = map[string]bool{}
	expected := map[string]hosting.Forecast{}
	for _, g := range all {
		bids := g.heard && (g.steered || !steered)
		for _, t := range g.Tenancies {
			u, found := stateOf(g.report.Uses, t.Use())
			e, known := g.report.Expected[t.Use()]
			if !bids || !found || !known {
				f.Apart[t.Use()] = true
				continue
			}
			f.Uses, expected[t.Use()] = append(f.Uses, g.state(u, tenants)), e
		}
		if bids {
			h := attended{GPUHall: g.GPUHall, report: g.report}
			f.Firm += h.rest()
			continue
		}
		f.Firm += g.most
	}
	f.Loads = loop.Loads(f.Uses, expected, mesh, zone)
	return f
}

// state is a contract's state on the clock of the site, in its month as it is settled.
func (g guest) state(u cycle.UseState, tenants *settle.Tenants) cycle.UseState {
	u.Tenant.Level = tenants.Levels[u.Use]
	u.At = u.At.Add(-g.shift)
	u.Tenant.Flex.Call.From, u.Tenant.Flex.Call.To = u.Tenant.Flex.Call.From.Add(-g.shift), u.Tenant.Flex.Call.To.Add(-g.shift)
	waiting := make([]hosting.Work, len(u.Tenant.Waiting))
	for i, w := range u.Tenant.Waiting {
		w.Deadline = w.Deadline.Add(-g.shift)
		waiting[i] = w
	}
	if u.Tenant.Waiting = waiting; len(waiting) == 0 {
		u.Tenant.Waiting = nil
	}
	return u
}

// rising makes registers that only rise of a hall's counters, which begin anew when
// the hall loses its memory. A use begins at zero when it is seen first.
type rising struct{ seen map[string]risen }

// risen is where a use stood last: as its hall said, and as it counts here.
type risen struct{ raw, out cycle.UseRegister }

// read is where every use of the halls stands now.
func (r *rising) read(all []guest) []cycle.UseRegister {
	if r.seen == nil {
		r.seen = map[string]risen{}
	}
	var out []cycle.UseRegister
	for _, g := range all {
		names := []string{}
		for _, t := range g.Tenancies {
			names = append(names, t.Use())
		}
		for _, name := range append(names, "hosting/"+g.Name) {
			for _, u := range g.report.Registers {
				if u.Use == name && g.ever {
					r.seen[name] = r.seen[name].next(u)
				}
			}
			x := r.seen[name].out
			x.Use = name
			out = append(out, x)
		}
	}
	return out
}

// next is where a use stands after a reading.
func (r risen) next(u cycle.UseRegister) risen {
	from := r.raw
	n := u.Service.Since(from.Service)
	fell := u.IT < from.IT || u.Meter < from.Meter || min(n.Served, n.Committed, n.Lost, n.Slowed, n.Down, n.Excused, n.Late, n.Evictions) < 0
	switch {
	case from.Use == "":
		return risen{raw: u}
	case fell:
		return risen{raw: u, out: r.out}
	}
	o := r.out
	o.IT, o.Meter, o.Started, o.Service = o.IT+u.IT-from.IT, o.Meter+u.Meter-from.Meter, o.Started+max(0, u.Started-from.Started), o.Service.Plus(n)
	return risen{raw: u, out: o}
}
