package model

import (
	"math"
	"time"

	"sluice/capital"
	"sluice/capital/loan"
)

// Base is the path that the plan expects: price and difficulty grow as it says, the
// subsidy halves in its week, all hours of a power history count alike, nothing is
// late and nobody defaults.
func (m *Model) Base() *Path {
	n := m.grid.Steps()
	p := &Path{Price: make([]float64, n), Hash: make([]float64, n), Rent: make([]float64, n)}
	k := &m.plan.Market
	for j := range n {
		years := (m.grid.From[j] + m.grid.To[j]) / 24
		p.Price[j] = k.Price * math.Pow(1+k.Drift, years)
		p.Hash[j] = capital.HashpriceBTC(k.Difficulty*math.Pow(1+k.Growth, years), m.Subsidy(j)*(1+k.Fees))
		p.Rent[j] = math.Pow(1-k.RentDecay, years)
	}
	return p
}

// Subsidy is the mean subsidy of the blocks of a step, BTC, at 144 blocks a day from
// the height at which the plan begins. A step in which it halves is split there.
func (m *Model) Subsidy(j int) float64 {
	from := m.height(m.grid.Begin[j])
	to := from + m.grid.Hours[j]*6
	a, b := capital.SubsidyAt(int64(from)), capital.SubsidyAt(int64(to))
	if a == b || to == from {
		return a
	}
	edge := math.Floor(to/210_000) * 210_000
	return (a*(edge-from) + b*(to-edge)) / (to - from)
}

func (m *Model) height(t time.Time) float64 {
	return float64(m.plan.Market.Height) + t.Sub(m.plan.Begin.Begin()).Hours()*6
}

// expected is the mean price of power of a month of the plan or after it, delivery in it.
func (s *site) expected(month float64) float64 {
	price, said := yearly(s.Power.Price, month)
	if s.hours != nil && !said {
		price = s.hours.Mean()
	}
	return price + s.Power.Delivery
}

// taxTable is what tax lets be written off by year; nil: evenly over the life.
func taxTable(life string) []float64 {
	switch life {
	case capital.FiveYear:
		return loan.FiveYear()
	case capital.SevenYear:
		return loan.SevenYear()
	}
	return nil
}
