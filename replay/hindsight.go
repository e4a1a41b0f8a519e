package replay

import (
	"context"
	"fmt"
	"time"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
	"sluice/use/export"
	"sluice/use/mining"
	"sluice/world"
)

// overlap is how far a month's program looks into the next one, so that what it
// leaves behind is worth what it will be worth. Restarts are paid back within
// hours; where a demand charge ends with the month nothing is carried over.
const overlap = 36 * time.Hour

// foresight is the hindsight optimum: a linear program that knows every price,
// temperature and failure of the period, carried out by the same plant and
// billed by the same contracts. It is solved month by month with an overlap,
// because months are coupled by nothing else than restarts.
func foresight(ctx context.Context, m *market, around world.Conditions, market *dispatch.Market, tick func()) (*tally, error) {
	return m.foreseeAll(ctx, m.legs(), around, market, tick)
}

// foreseeAll solves the given legs, which follow one another over the period.
func (m *market) foreseeAll(ctx context.Context, legs []leg, around world.Conditions, market *dispatch.Market, tick func()) (*tally, error) {
	l, err := newLine(ctx, m, around)
	if err != nil {
		return nil, err
	}
	for _, g := range legs {
		s, in, err := m.foresee(ctx, g, l, around, market)
		if err != nil {
			return nil, fmt.Errorf("hindsight of %s: %w", g.month, err)
		}
		for i := g.first; i < g.last; i++ {
			t := i - g.first
			if _, _, err := l.pass(ctx, i, m.steered(in, scheduled(in, s, t), t), m.foreseenCalls(in, s, l, t)...); err != nil {
				return nil, err
			}
		}
		tick()
	}
	return l.tally, l.countPeaks()
}

// foresee solves one month from where the line stands.
func (m *market) foresee(ctx context.Context, g leg, l *line, around world.Conditions, market *dispatch.Market) (dispatch.Schedule, dispatch.Input, error) {
	last := g.last
	if len(m.s.Contracts.Demand) == 0 {
		last = min(m.grid.Len(), last+int(overlap/m.s.Step))
	}
	mesh := series.Mesh{Start: m.grid.Start(g.first)}
	prices := make(series.Profile[unit.Price], 0, last-g.first)
	for i := g.first; i < last; i++ {
		p, _ := m.price(i)
		prices, mesh.Lengths = append(prices, p), append(mesh.Lengths, m.s.Step)
	}
	uses, err := l.states(ctx)
	if err != nil {
		return dispatch.Schedule{}, dispatch.Input{}, err
	}
	in, err := m.foreseenInput(mesh, prices, uses, l, around)
	if err != nil {
		return dispatch.Schedule{}, in, err
	}
	s, err := market.Optimum(ctx, in)
	return s, in, err
}

func (m *market) foreseenInput(mesh series.Mesh, prices series.Profile[unit.Price], uses []cycle.UseState, l *line, around world.Conditions) (dispatch.Input, error) {
	s := m.s
	planned := map[string]unit.Power{}
	for _, d := range s.Contracts.Demand {
		planned[d.Name] = 0
	}
	offers, charges, err := s.Contracts.Offers(power.Input{
		Mesh: mesh, Zone: s.Site.Zone, Connection: s.Site.Connection, Prices: prices,
		Generation: m.foreseenOutput(around, mesh), Peaks: l.bill.Peaks(), Planned: planned,
		Odds: m.foreseenPeaks(mesh),
	})
	if err != nil {
		return dispatch.Input{}, err
	}
	in := dispatch.Input{
		Head: cycle.Head{Version: cycle.Version, Site: s.Site.Name, At: mesh.Start}, Mesh: mesh,
		Offers: offers, Charges: charges, MustRun: s.Site.MustRun,
		Limit: power.Limit{
			Import: series.Flat(s.Site.Connection.Ceiling()), Export: series.Flat(s.Site.Connection.Outlet()),
			Branches: loop.Branches(s.Site, s.Rigs, s.Tenancies),
		},
	}
	for k, r := range s.Rigs {
		b, err := m.foreseenBid(mesh, r, uses[k], around)
		if err != nil {
			return in, err
		}
		in.Bids = append(in.Bids, b)
	}
	if err := m.foreseenTenants(&in, uses); err != nil {
		return in, err
	}
	if len(charges.Export) > 0 {
		feed := export.FeedIn{Use: "export/" + s.Site.Name, Limit: charges.ExportMax, Price: prices, Adder: charges.Export}
		if b, wanted := feed.Bid(offers, mesh.Len()); wanted {
			b.Feed = true
			in.Bids = append(in.Bids, b)
		}
	}
	return in, nil
}

// foreseenBid is a group's bid with each day's own hashprice, and the
// temperatures and failures that came about.
func (m *market) foreseenBid(mesh series.Mesh, r *mining.Rig, state cycle.UseState, around world.Conditions) (use.Bid, error) {
	name := r.Use()
	var air []int64
	var health series.Profile[unit.Ratio]
	worth := make([]series.Profile[unit.Price], len(r.Steps()))
	first := m.hashprice(mesh.Start).Value
	for _, at := range mesh.Intervals() {
		if t, known := m.air(at.Start); known {
			air = append(air, t)
		}
		share := unit.One
		if h := around.Health[name]; h != nil {
			share = h.At(at.Start)
		}
		health = append(health, share)
		n, known := m.network(at.Start)
		if !known {
			return use.Bid{}, fmt.Errorf("network of %s is not known", day(at.Start))
		}
		hp := n.Hashprice()
		for k := range worth {
			worth[k] = append(worth[k], r.Worth(k, hp))
		}
	}
	b, err := r.Bid(mining.Input{Hashprice: first, Temperatures: air, Health: health, State: state.State})
	if err != nil {
		return b, err
	}
	for k := range b.Steps {
		b.Steps[k].Worth = worth[k]
	}
	return b, nil
}

// foreseenPeaks is certain of the intervals that coincident peaks will count.
func (m *market) foreseenPeaks(mesh series.Mesh) map[string]series.Profile[unit.Ratio] {
	if m.s.Load == nil {
		return nil
	}
	out := map[string]series.Profile[unit.Ratio]{}
	for _, k := range m.s.Contracts.Coincident {
		counted := m.counted(k)
		odds := make(series.Profile[unit.Ratio], 0, mesh.Len())
		for _, at := range mesh.Intervals() {
			share := unit.Ratio(0)
			for _, t := range counted {
				if at.Start.Before(t.Add(k.Interval)) && t.Before(at.End()) {
					share = unit.One
				}
			}
			odds = append(odds, share)
		}
		out[k.Name] = odds
	}
	return out
}

// foreseenOutput is what the plants behind the meter really gave.
func (m *market) foreseenOutput(around world.Conditions, mesh series.Mesh) map[string]series.Profile[unit.Power] {
	out := map[string]series.Profile[unit.Power]{}
	for _, g := range m.s.Contracts.Plants {
		var p series.Profile[unit.Power]
		for _, at := range mesh.Intervals() {
			v, _ := around.Generation[sourceOf(g)].At(at.Start)
			p = append(p, v)
		}
		out[g.Name] = p
	}
	return out
}

// scheduled is the orders of interval t of a schedule.
func scheduled(in dispatch.Input, s dispatch.Schedule, t int) []cycle.Order {
	var out []cycle.Order
	for k, b := range in.Bids {
		out = append(out, cycle.Order{Head: in.Head, Use: b.Use, On: s.On[k][t], Draw: s.Draw[k][t]})
	}
	for k, o := range in.Offers {
		if o.BehindMeter {
			out = append(out, cycle.Order{Head: in.Head, Use: o.Source, On: s.Supply[k][t], Draw: s.Supply[k][t]})
		}
	}
	return out
}
