package replay

import (
	"context"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/world"
)

// rule says whether the fleet runs in interval i.
type rule func(i int) bool

// alwaysOn never looks at a price.
func alwaysOn(int) bool { return true }

// atBreakEven runs while the price of the interval itself, adders included, is
// below what the fleet earns on average: an idealised thermostat, because the
// settlement price is only known afterwards.
func (m *market) atBreakEven(i int) bool { return m.worthRunning(i, i) }

// lateBreakEven is the same rule on the price of lag intervals ago: what a
// script that polls the published price does.
func (m *market) lateBreakEven(i int) bool { return m.worthRunning(i, i-max(1, m.s.Lag)) }

// worthRunning compares the price of interval j with the fleet's average
// break-even at the meter, by the hashprice known when interval i begins.
func (m *market) worthRunning(i, j int) bool {
	p, known := m.price(j)
	if !known {
		return true
	}
	if s := m.s.Contracts.Spot; s != nil {
		p = s.Adders.Buy(p)
	}
	return p < m.breakEven(m.hashprice(m.grid.Start(i)).Value)
}

// breakEven is the fleet's mean break-even at the meter, weighted by power.
func (m *market) breakEven(hp unit.Hashprice) unit.Price {
	var sum, power int64
	for _, r := range m.s.Rigs {
		kw := int64(r.Capacity() / unit.Kilowatt)
		sum += unit.MulDiv(int64(r.BreakEven(hp)), kw, 1)
		power += kw
	}
	if power == 0 {
		return 0
	}
	return unit.Price(unit.MulDiv(sum, 1, power))
}

// byRule plays the whole period by a rule.
func byRule(ctx context.Context, m *market, around world.Conditions, r rule, tick func()) (*tally, error) {
	l, err := newLine(ctx, m, around)
	if err != nil {
		return nil, err
	}
	for i := range m.grid.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var orders []cycle.Order
		orders = append(orders, l.within(l.everything(i, r(i)))...)
		orders = append(orders, l.surplus(i)...)
		if _, _, err := l.pass(ctx, i, orders); err != nil {
			return nil, err
		}
		if i%96 == 0 {
			tick()
		}
	}
	return l.tally, l.countPeaks()
}
