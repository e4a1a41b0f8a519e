package replay

import (
	"context"
	"fmt"
	"time"

	"sluice/loop"
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
			l.plant.Announced(c)
		}
	}
	return nil
}

// loads is what each contract is expected to draw over the mesh of a plan, and what
// servers draw, at the meter, that no contract holds.
//
// Source: docs/formula/replay.md, "Halls of GPUs".
func (l *line) loads(planned []*hosting.Tenancy, uses []cycle.UseState, mesh series.Mesh) (map[string]series.Profile[unit.Power], unit.Power) {
	var steered []cycle.UseState
	var firm unit.Power
	for _, u := range uses {
		if !hosted(u.Use) {
			continue
		}
		if _, known := l.expect[u.Use]; !known || !serves(planned, u.Use) {
			firm += (u.State.Draw + u.State.Draw/20).ScaleUp(l.pue(u.Use)) // servers come free and boot meanwhile
			continue
		}
		steered = append(steered, u)
	}
	return loop.Loads(steered, l.expect, mesh, l.m.s.Site.Zone), firm
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
		l.wanted(wanted{at, u.Use, u.Tenant.Wanted})
	}
	return nil
}

func (l *line) wanted(w wanted) {
	f, known := l.expect[w.use]
	if !known {
		return
	}
	l.expect[w.use] = f.Observe(w.at, w.power, l.m.s.Site.Zone)
}
