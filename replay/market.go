package replay

import (
	"time"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/observe"
	"sluice/series"
	"sluice/unit"
	"sluice/use/mining"
)

// market hands out what was published, and never before it was.
type market struct {
	s    *Setup
	grid series.Grid
	base int    // index in the price series of the period's first interval
	free *tally // of a policy that holds no tenant back; nil until it was played
}

func newMarket(s *Setup) *market {
	g := s.grid()
	base := int(g.Start(0).Sub(s.Prices.Grid.Start(0)) / s.Step)
	return &market{s: s, grid: g, base: base}
}

// price is the price of interval i of the period; i may be negative as far as
// the data reach back.
func (m *market) price(i int) (unit.Price, bool) { return m.s.Prices.Value(m.base + i) }

// known is the last interval whose price is published when interval i begins.
func (m *market) known(i int) int {
	if !m.s.dayAhead() {
		return i - m.s.Lag
	}
	now := m.grid.Start(i)
	last := i - 1
	for {
		next := m.grid.Start(last + 1)
		if last+1 >= m.grid.Len() || m.s.Contracts.Spot.Publication.At(next, m.s.Step, m.s.Site.Zone).After(now) {
			return last
		}
		last++
	}
}

// network is the network on the UTC day of t.
func (m *market) network(t time.Time) (mining.Network, bool) {
	if len(m.s.Networks) == 0 {
		return mining.Network{}, false
	}
	i := int(t.Truncate(24*time.Hour).Sub(m.s.Networks[0].Day) / (24 * time.Hour))
	if i < 0 || i >= len(m.s.Networks) {
		return mining.Network{}, false
	}
	return m.s.Networks[i], true
}

// hashprice is what is known of it when t begins: yesterday's, because today's
// blocks are not found yet.
func (m *market) hashprice(t time.Time) cycle.Reading[unit.Hashprice] {
	n, known := m.network(t.Add(-24 * time.Hour))
	if !known {
		return cycle.Reading[unit.Hashprice]{Source: "bitcoin network, day before"}
	}
	return cycle.Reading[unit.Hashprice]{Value: n.Hashprice(), Known: known, At: n.Day, Source: "bitcoin network, day before"}
}

// air is the temperature outside at t.
func (m *market) air(t time.Time) (int64, bool) {
	if m.s.Air == nil {
		return 0, false
	}
	return m.s.Air.At(t)
}

// facts is what is true when interval i begins; uses are read from the plant.
func (m *market) facts(i int, uses []cycle.UseState) loop.Facts {
	now := m.grid.Start(i)
	f := loop.Facts{Facts: observe.Facts{Uses: uses, Hashprice: m.hashprice(now)}}
	last := m.known(i)
	f.Spot.Value, f.Spot.Known = m.price(last)
	f.Spot.At, f.Spot.Source = m.grid.Start(last), "spot, published"
	for j := i; j <= last; j++ {
		p, _ := m.price(j)
		f.Ahead = append(f.Ahead, loop.Priced{At: m.grid.At(j), Price: p})
	}
	f.Air.Value, f.Air.Known = m.air(now)
	f.Air.At, f.Air.Source = now, "weather"
	f.Record = func(t time.Time) (int64, bool) {
		if t.After(now) {
			return 0, false
		}
		return m.air(t)
	}
	return f
}
