package loop

import (
	"fmt"
	"strings"

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
	for _, c := range w.steered(f) {
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
// work that comes within the turn waits for nobody, and machines give way to it. Where
// there are too few machines for that, it gets what the connection has left.
//
// Source: docs/formula/replay.md, "Halls of GPUs".
func (w *Wheel) free(t *cycle.Turn, f Facts) {
	orders, room := t.Orders, spare(t)
	for _, c := range w.steered(f) {
		wanted := f.Loads[c.Use()].At(0)
		for i := range orders {
			o := &orders[i]
			if o.Use == c.Use() && o.Draw >= wanted-wanted.Scale(untaken) {
				pue := max(unit.One, c.Cooling().PUE0)
				if len(t.Outlook.Air) > 0 {
					pue = max(pue, c.Cooling().PUE(t.Outlook.Air[0]))
				}
				more := min(max(0, c.Capacity()-o.Draw), room.Unscale(pue))
				o.On, o.Draw = c.Steps()[0], o.Draw+more
				room -= more.ScaleUp(pue)
			}
		}
	}
}

// spare is what work that comes within a turn may draw more at the meter than was
// planned: what the connection has left, less the usual margin of 1 %, and what
// machines were given, because they give way.
func spare(t *cycle.Turn) unit.Power {
	room := t.Snapshot.Limit.Import.At(0)
	room -= room / 100
	for o, s := range t.Plan.Supply {
		if !t.Plan.Offers[o].BehindMeter {
			room -= s.Power[0]
		}
	}
	for _, u := range t.Plan.Uses {
		if strings.HasPrefix(u.Use, "mining/") {
			room += u.Meter[0]
		}
	}
	return max(0, room)
}

// untaken is by how much a plan may fall short of what was wanted through rounding alone.
const untaken = unit.One / 500
