package replay

import (
	"context"
	"fmt"
	"maps"
	"time"

	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/loop/verify"
	"sluice/power"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world"
)

// line is one line of time: a plant that follows one policy, and its books.
type line struct {
	m      *market
	plant  *world.Plant
	bill   *power.Bill
	before cycle.Registers
	tally  *tally

	metering *metering // nil: nobody asks

	tenants *settle.Tenants             // nil: the site serves nobody
	expect  map[string]hosting.Forecast // of the load of each contract, by use
	flex    map[string]hosting.FlexState
}

func newLine(ctx context.Context, m *market, around world.Conditions) (*line, error) {
	return newLineAt(ctx, m, around, 0)
}

// newLineAt is a line that begins at interval i with every machine running.
func newLineAt(ctx context.Context, m *market, around world.Conditions, i int) (*line, error) {
	bill, err := power.NewBill(m.s.Contracts, m.s.Site.Zone)
	if err != nil {
		return nil, err
	}
	l := &line{m: m, bill: bill, tally: newTally(m.grid.Len(), bill)}
	halls, err := m.s.halls(m.grid.Start(i)) //nolint:contextcheck // halls in memory wait for nothing
	if err != nil {
		return nil, err
	}
	l.plant = m.s.plant(around, m.grid.Start(i), halls)
	if len(m.s.Halls) > 0 {
		l.tenants, l.expect = settle.NewTenants(m.s.Tenancies), map[string]hosting.Forecast{}
		l.flex = map[string]hosting.FlexState{}
		for _, t := range l.tenants.Tenancies {
			l.expect[t.Use()] = hosting.NewForecast(t.Capacity(), t.Capacity()/2, t.Capacity())
		}
	}
	for _, h := range halls {
		for _, w := range h.before {
			l.wanted(w)
		}
	}
	l.before, err = l.plant.Read(ctx)
	return l, err
}

// copy is another line of time from here on.
func (l *line) copy() *line {
	c := *l
	c.plant, c.bill = l.plant.Clone(), l.bill.Clone()
	c.tally, c.metering = newTally(0, c.bill), nil
	if l.tenants != nil {
		c.tenants, c.expect, c.flex = l.tenants.Clone(), maps.Clone(l.expect), maps.Clone(l.flex)
	}
	return &c
}

// carry hands the orders to the plant and lets the interval pass.
func (l *line) carry(ctx context.Context, at time.Time, orders []cycle.Order) ([]cycle.Receipt, cycle.Registers, error) {
	var receipts []cycle.Receipt
	for _, o := range orders {
		r, err := l.plant.Carry(ctx, o)
		if err != nil {
			return nil, cycle.Registers{}, err
		}
		receipts = append(receipts, r)
	}
	l.plant.Advance(l.m.s.Step)
	if err := l.learn(ctx, at); err != nil {
		return nil, cycle.Registers{}, err
	}
	after, err := l.plant.Read(ctx)
	return receipts, after, err
}

// prices is what was published about interval i, for the books.
func (l *line) prices(i int) (settle.Prices, error) {
	start := l.m.grid.Start(i)
	p, priced := l.m.price(i)
	n, known := l.m.network(start)
	if !priced || !known && l.m.s.mines() {
		return settle.Prices{}, fmt.Errorf("settle %s: price known %t, network known %t", day(start), priced, known)
	}
	return settle.Prices{Currency: l.m.s.Site.Currency, Spot: p, Priced: true, Network: n, Rigs: l.m.s.Rigs, Tenants: l.tenants}, nil
}

// pass carries orders that no plan stands behind, verifies and settles.
func (l *line) pass(ctx context.Context, i int, orders []cycle.Order, calls ...cycle.Call) (d cycle.Delivery, e cycle.Entry, err error) {
	if err := l.announce(l.m.grid.Start(i), calls); err != nil {
		return d, e, err
	}
	receipts, after, err := l.carry(ctx, l.m.grid.Start(i), orders)
	if err != nil {
		return d, e, err
	}
	p, err := l.prices(i)
	if err != nil {
		return d, e, err
	}
	plan := cycle.Plan{Head: cycle.Head{Version: cycle.Version, Site: l.m.s.Site.Name, At: l.m.grid.Start(i), Turn: l.turn(i)}}
	d = verify.Deliver(plan, l.before, after, l.m.s.Site.Connection.Ceiling(), receipts)
	if e, err = settle.Post(d, p, l.bill); err != nil {
		return d, e, err
	}
	l.before = after
	l.tally.add(d, e)
	return d, e, nil
}

func (l *line) turn(i int) int64 {
	return l.m.grid.Start(i).Unix() / int64(l.m.s.Step/time.Second)
}

// everything orders every group to run whole or to stand still.
func (l *line) everything(i int, run bool) []cycle.Order {
	var out []cycle.Order
	for _, r := range l.m.s.Rigs {
		o := cycle.Order{Head: cycle.Head{At: l.m.grid.Start(i)}, Use: r.Use()}
		if run {
			o.On, o.Draw = r.Capacity(), r.Capacity()
		}
		out = append(out, o)
	}
	return out
}

// surplus orders what the plants behind the meter do not bring to the machines
// to be fed in while it pays, which is what a site without a plan does.
func (l *line) surplus(i int) []cycle.Order {
	s := l.m.s
	if s.Contracts.Spot == nil || !s.Contracts.Spot.Export || len(s.Contracts.Plants) == 0 {
		return nil
	}
	var feed unit.Power
	if p, known := l.m.price(l.m.known(i)); known && s.Contracts.Spot.Adders.Sell(p) > 0 {
		feed = s.Site.Connection.Outlet()
	}
	return []cycle.Order{{Head: cycle.Head{At: l.m.grid.Start(i)}, Use: "export/" + s.Site.Name, Draw: feed}}
}
