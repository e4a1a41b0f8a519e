package replay

import (
	"cmp"
	"errors"
	"slices"

	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// foreseenTenants adds the bids of contracts whose load is known beforehand: what
// they drew where nobody held them back. A tenant who is held back would come again
// later; that is left out, so the yardstick is a little too high.
func (m *market) foreseenTenants(in *dispatch.Input, uses []cycle.UseState) error {
	if len(m.s.Halls) == 0 {
		return nil
	}
	if m.free == nil {
		return errors.New("hindsight with a hall: nobody recorded what its tenants draw when nothing holds them back")
	}
	first, _ := m.grid.Index(in.Mesh.Start)
	in.Limit.Import = m.calm(in.Limit.Import.At(0), first, in.Mesh.Len())
	for _, t := range m.s.Tenancies {
		load := m.unheld(t.Use(), first, in.Mesh.Len())
		s, _ := stateOf(uses, t.Use())
		b, err := t.Bid(hosting.Input{
			At: in.Mesh.Start, Intervals: in.Mesh.Intervals(), Load: load, Temperatures: m.foreseenAir(in.Mesh), State: s.State,
			Flex: s.Tenant.Flex, Call: t.Contract().Flex.Above,
		})
		if err != nil {
			return err
		}
		in.Bids = append(in.Bids, b)
	}
	for _, h := range m.s.Halls {
		load := m.unheld("hosting/"+h.Hall.Name, first, in.Mesh.Len())
		in.MustRun += slices.Max(load).ScaleUp(max(unit.One, h.Hall.Cooling.PUE0)) // servers that no contract holds
	}
	return nil
}

// foreseenCalls are the calls on tenants' power that the schedule needs and that must
// be announced in interval t. Hours beyond what a contract grants are not announced:
// what the schedule takes in them is downtime as any other.
func (m *market) foreseenCalls(in dispatch.Input, s dispatch.Schedule, l *line, t int) []cycle.Call {
	var out []cycle.Call
	for k, b := range in.Bids {
		i := slices.IndexFunc(m.s.Tenancies, func(x *hosting.Tenancy) bool { return x.Use() == b.Use && x.Contract().Kind == hosting.Flexible })
		if i < 0 {
			continue
		}
		c := m.s.Tenancies[i]
		n := min(in.Mesh.Len()-t, int((c.Contract().Flex.Notice+cmp.Or(c.Contract().Flex.Event, overlap))/m.s.Step)+2)
		first, _ := m.grid.Index(in.Mesh.Start)
		ahead := make([]series.Interval, n)
		for j := range ahead {
			ahead[j] = series.Interval{Start: m.grid.Start(first + t + j), Length: m.s.Step}
		}
		now := hosting.Input{
			At: ahead[0].Start, Intervals: ahead, Load: m.unheld(b.Use, first+t, n),
			Flex: l.flex[b.Use], Call: c.Contract().Flex.Above,
		}
		if call, due := c.Calling(now, s.Draw[k][t:t+n]); due {
			out = append(out, cycle.Call{Use: b.Use, From: call.From, To: call.To})
		}
	}
	return out
}

// calm is the limit of the connection less what the load rises above its mean within
// an interval, for a program that knows means only.
func (m *market) calm(limit unit.Power, first, n int) series.Profile[unit.Power] {
	out := make(series.Profile[unit.Power], n)
	for i := range out {
		out[i] = limit
		if k := first + i; k < len(m.free.surge) {
			out[i] = max(0, limit-m.free.surge[k])
		}
	}
	return out
}

// unheld is what a use drew where nobody held it back, over n intervals.
func (m *market) unheld(name string, first, n int) series.Profile[unit.Power] {
	out := make(series.Profile[unit.Power], n)
	if t := m.free.tenants[name]; t != nil {
		for i, p := range t.load[min(first, len(t.load)):] {
			if i < n {
				out[i] = max(0, p) // a share that was settled later may be less than nothing by a few joules
			}
		}
	}
	return out
}

// foreseenAir is the temperatures that came about; empty where they are not known.
func (m *market) foreseenAir(mesh series.Mesh) []int64 {
	var air []int64
	for _, at := range mesh.Intervals() {
		if t, known := m.air(at.Start); known {
			air = append(air, t)
		}
	}
	if len(air) != mesh.Len() {
		return nil
	}
	return air
}

// steered are the orders of a schedule that somebody can carry out: nobody steers
// servers without a contract, and a contract that may have all it wants is not
// limited to what it was expected to want.
func (m *market) steered(in dispatch.Input, orders []cycle.Order, t int) []cycle.Order {
	out := orders[:0]
	for _, o := range orders {
		i := slices.IndexFunc(in.Bids, func(b use.Bid) bool { return b.Use == o.Use })
		if hosted(o.Use) && i >= 0 {
			if !serves(m.s.Tenancies, o.Use) {
				continue
			}
			wanted := in.Bids[i].Capacity().Scale(in.Bids[i].Available.At(t))
			if o.Draw >= wanted-wanted/500 {
				o.Draw = in.Bids[i].Capacity()
			}
		}
		out = append(out, o)
	}
	return out
}

func stateOf(uses []cycle.UseState, name string) (cycle.UseState, bool) {
	i := slices.IndexFunc(uses, func(u cycle.UseState) bool { return u.Use == name })
	if i < 0 {
		return cycle.UseState{}, false
	}
	return uses[i], true
}
