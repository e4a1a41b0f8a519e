package loop

import (
	"fmt"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use/hosting"
)

// tenant is what a contract must be told to bid for the power that its tenant is
// expected to want.
func tenant(t *cycle.Turn, c *hosting.Tenancy, f Facts) (hosting.Input, error) {
	s, found := stateOf(t.Snapshot.Uses, c.Use())
	if !found {
		return hosting.Input{}, fmt.Errorf("contract %s has no state: its hall was not read", c.Contract().Name)
	}
	load, found := f.Loads[c.Use()]
	if !found {
		return hosting.Input{}, fmt.Errorf("contract %s: nobody says what it will draw: forecast its load", c.Contract().Name)
	}
	return hosting.Input{
		At: t.Snapshot.At, Intervals: t.Outlook.Mesh.Intervals(), Load: load, Temperatures: t.Outlook.Air, State: s.State,
		Level: s.Tenant.Level, Flex: s.Tenant.Flex, Waiting: s.Tenant.Waiting, SinceSave: s.Tenant.Unsaved,
		Call: c.Contract().Flex.Above,
	}, nil
}

// calls are the calls on tenants' power that the plan needs and that must be
// announced now, because later would be too late for their notice.
func (w *Wheel) calls(t *cycle.Turn, f Facts) ([]cycle.Call, error) {
	var out []cycle.Call
	for _, c := range w.c.Tenancies {
		if c.Contract().Kind != hosting.Flexible {
			continue
		}
		in, err := tenant(t, c, f)
		if err != nil {
			return nil, err
		}
		for _, u := range t.Plan.Uses {
			if u.Use != c.Use() {
				continue
			}
			if call, now := c.Calling(in, u.Draw); now {
				out = append(out, cycle.Call{Use: u.Use, From: call.From, To: call.To})
			}
		}
	}
	return out, nil
}

// free lets a contract have all of its capacity where the plan takes nothing from it:
// work that comes within the turn waits for nobody, and machines give way to it.
func (w *Wheel) free(orders []cycle.Order, f Facts) {
	for _, c := range w.c.Tenancies {
		wanted := f.Loads[c.Use()].At(0)
		for i := range orders {
			o := &orders[i]
			if o.Use == c.Use() && o.Draw >= wanted-wanted.Scale(untaken) {
				o.On, o.Draw = c.Steps()[0], c.Capacity()
			}
		}
	}
}

// untaken is by how much a plan may fall short of what was wanted through rounding alone.
const untaken = unit.One / 500
