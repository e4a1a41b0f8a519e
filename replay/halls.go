package replay

import (
	"context"
	"fmt"
	"time"

	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

// states is where every use stands, and each contract in its month.
func (l *line) states(ctx context.Context) ([]cycle.UseState, error) {
	uses, err := l.plant.States(ctx)
	if err != nil || l.tenants == nil {
		return uses, err
	}
	for i := range uses {
		uses[i].Tenant.Level = l.tenants.Levels[uses[i].Use]
		uses[i].Tenant.Flex = l.flex[uses[i].Use]
	}
	return uses, nil
}

// announce tells tenants of calls on the power that they let go.
func (l *line) announce(now time.Time, calls []cycle.Call) error {
	for _, c := range calls {
		for _, t := range l.tenants.Tenancies {
			if t.Use() != c.Use {
				continue
			}
			next, err := l.flex[c.Use].Announce(t.Contract().Flex, now, hosting.Call{From: c.From, To: c.To}, t.Zone())
			if err != nil {
				return fmt.Errorf("%s: %w", c.Use, err)
			}
			l.flex[c.Use] = next
		}
	}
	return nil
}

// loads is what each contract is expected to draw over the mesh of a plan, and what
// servers draw, at the meter, that no contract holds. The first interval is what
// could be drawn in it, so that no work of a tenant waits for power that was promised
// to a miner; later ones are what is likely.
func (l *line) loads(planned []*hosting.Tenancy, uses []cycle.UseState, mesh series.Mesh) (map[string]series.Profile[unit.Power], unit.Power) {
	out := map[string]series.Profile[unit.Power]{}
	var firm unit.Power
	for _, u := range uses {
		if !hosted(u.Use) {
			continue
		}
		f, known := l.expect[u.Use]
		if !known || !serves(planned, u.Use) {
			firm += (u.State.Draw + u.State.Draw/20).ScaleUp(l.pue(u.Use)) // servers come free and boot meanwhile
			continue
		}
		p := make(series.Profile[unit.Power], 0, mesh.Len())
		for t, at := range mesh.Intervals() {
			likely, high := f.Expect(at, l.m.s.Site.Zone)
			if t == 0 {
				likely = max(u.Tenant.Wanted, min(high, u.Tenant.Wanted+u.Tenant.Wanted/10))
			}
			p = append(p, likely)
		}
		out[u.Use] = p
	}
	return out, firm
}

// pue is the marginal PUE now of the hall whose servers without a contract are a use.
func (l *line) pue(use string) unit.Ratio {
	for _, h := range l.m.s.Halls {
		if "hosting/"+h.Hall.Name != use {
			continue
		}
		if t, known := l.plant.Air(); known {
			return max(unit.One, h.Hall.Cooling.PUE(t))
		}
		return max(unit.One, h.Hall.Cooling.PUE0)
	}
	return unit.One
}

func serves(planned []*hosting.Tenancy, use string) bool {
	for _, t := range planned {
		if t.Use() == use {
			return true
		}
	}
	return false
}

// learn tells the forecasts of the loads what each contract wanted at an instant.
func (l *line) learn(ctx context.Context, at time.Time) error {
	if len(l.expect) == 0 {
		return nil
	}
	uses, err := l.plant.States(ctx)
	if err != nil {
		return err
	}
	for _, u := range uses {
		if f, known := l.expect[u.Use]; known {
			l.expect[u.Use] = f.Observe(at, u.Tenant.Wanted, l.m.s.Site.Zone)
		}
	}
	return nil
}
