package live

import (
	"maps"
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world"
)

// mirror is a hall in the shadow: it draws what the real one's tenants want, as far
// as the shadow's budgets let them. What its tenants are served is what the real ones
// were served last, a contract that gets less power in proportion; so it is an
// estimate, and errs to the loss of the shadow where work only waits.
type mirror struct {
	guest
	budgets map[string]unit.Power
	sums    map[string]cycle.UseRegister
	before  map[string]hosting.Counts // of the real hall, when it was seen last
	pace    map[string]hosting.Counts // what was counted since the time before that
	seen    time.Time
	over    time.Duration // that pace was counted in
}

func newMirror(h GPUHall) *mirror {
	return &mirror{guest: guest{GPUHall: h}, budgets: map[string]unit.Power{}, sums: map[string]cycle.UseRegister{}, before: map[string]hosting.Counts{}, pace: map[string]hosting.Counts{}}
}

// see takes how the real hall stands at an instant.
func (m *mirror) see(g guest, at time.Time) {
	m.guest = g
	if !g.heard || !at.After(m.seen) {
		return
	}
	m.over = at.Sub(m.seen)
	for _, r := range g.report.Registers {
		n := r.Service.Since(m.before[r.Use])
		if m.seen.IsZero() || min(n.Served, n.Committed, n.Lost, n.Slowed, n.Down, n.Excused, n.Late, n.Evictions) < 0 {
			n = hosting.Counts{}
		}
		m.pace[r.Use], m.before[r.Use] = n, r.Service
	}
	m.seen = at
}

// draw is what a contract draws under the shadow's budgets, IT.
func (m *mirror) draw(t *hosting.Tenancy) (draw, wanted unit.Power) {
	u, found := stateOf(m.report.Uses, t.Use())
	if !found {
		return 0, 0
	}
	wanted = max(u.State.Draw, u.Tenant.Wanted)
	if b, bounded := m.budgets[t.Use()]; bounded {
		return min(wanted, b), wanted
	}
	return wanted, wanted
}

// Advance implements world.Drawing.
func (m *mirror) Advance(d time.Duration) (unit.Energy, unit.Power) {
	pue := max(unit.One, m.report.PUE)
	var power unit.Power
	for _, t := range m.Tenancies {
		draw, wanted := m.draw(t)
		r := m.sums[t.Use()]
		r.IT, r.Meter = r.IT+draw.Over(d), r.Meter+draw.ScaleUp(pue).Over(d)
		r.Service = r.Service.Plus(m.served(t, draw, wanted, d))
		m.sums[t.Use()] = r
		power += draw.ScaleUp(pue)
	}
	rest := m.most
	if m.heard {
		rest = (&attended{GPUHall: m.GPUHall, report: m.report}).rest()
	}
	r := m.sums["hosting/"+m.Name]
	r.IT, r.Meter = r.IT+rest.Unscale(pue).Over(d), r.Meter+rest.Over(d)
	m.sums["hosting/"+m.Name] = r
	return (power + rest).Over(d), power + rest
}

// served is what a contract is served in a stretch with a part of the power that it wants.
func (m *mirror) served(t *hosting.Tenancy, draw, wanted unit.Power, d time.Duration) hosting.Counts {
	n := m.pace[t.Use()]
	part := func(x int64) int64 {
		if m.over <= 0 {
			return 0
		}
		return unit.MulDiv(x, int64(d), int64(m.over))
	}
	out := hosting.Counts{Served: part(n.Served), Committed: part(n.Committed), Down: part(n.Down), Excused: part(n.Excused)}
	if wanted <= 0 || draw >= wanted {
		return out
	}
	whole := out
	out.Served = unit.MulDiv(whole.Served, int64(draw), int64(wanted))
	if t.Contract().Kind.Commits() {
		out.Down = max(whole.Down, whole.Committed-unit.MulDiv(whole.Committed, int64(draw), int64(wanted)))
	}
	return out
}

// Reach implements world.Drawing.
func (m *mirror) Reach() unit.Power { return m.most }

// Carry implements world.Steered.
func (m *mirror) Carry(o cycle.Order) bool {
	known := slices.ContainsFunc(m.Tenancies, func(t *hosting.Tenancy) bool { return t.Use() == o.Use })
	if known {
		m.budgets[o.Use] = o.Draw
	}
	return known
}

// Announced implements world.Steered: the shadow calls nobody.
func (m *mirror) Announced(cycle.Call) {}

// Registers implements world.Metered.
func (m *mirror) Registers() []cycle.UseRegister {
	var out []cycle.UseRegister
	for _, t := range m.Tenancies {
		r := m.sums[t.Use()]
		r.Use = t.Use()
		out = append(out, r)
	}
	r := m.sums["hosting/"+m.Name]
	r.Use = "hosting/" + m.Name
	return append(out, r)
}

// States implements world.Metered. The market is told of the real hall instead.
func (m *mirror) States() []cycle.UseState { return nil }

// Standing implements world.Copied.
func (m *mirror) Standing() string { return m.Name }

// Clone implements world.Copied.
func (m *mirror) Clone() world.Hall {
	c := *m
	c.budgets, c.sums, c.before, c.pace = maps.Clone(m.budgets), maps.Clone(m.sums), maps.Clone(m.before), maps.Clone(m.pace)
	return &c
}
