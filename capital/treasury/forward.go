package treasury

import (
	"fmt"

	"sluice/capital"
)

// Settlement is in what a forward on hashprice is made up and paid.
type Settlement uint8

// The settlements.
const (
	InCash  Settlement = iota // rate and index in USD, paid in USD
	InCoins                   // rate and index in USD, paid in BTC at the price of the last week of the month
	Native                    // rate and index in BTC, paid in BTC: it hedges difficulty and fees, not the price
)

// Forward sells the hashprice of a month at a fixed rate. What is paid at the end of
// the month is the rate less the average of the index over the days of the month.
type Forward struct {
	PH     float64 // hash rate sold, PH/s
	Month  capital.Month
	Rate   float64 // USD, or BTC where native, per PH/s and day
	Settle Settlement
}

// Average is the mean of the index over the days of a month, in the unit of the rate,
// and how many days it has. Each day takes the value of its week.
//
// Formula: sum of days in the month * index / days. Source: docs/formula/treasury.md.
func (f Forward) Average(p Path) (index, days float64, err error) {
	if err := p.Check(); err != nil {
		return 0, 0, err
	}
	m, err := p.month(f.Month)
	if err != nil {
		return 0, 0, err
	}
	return f.mean(p, m), m.all, nil
}

// mean is the average of the index over a month.
func (f Forward) mean(p Path, m span) (index float64) {
	for i, d := range m.days {
		index += d * f.index(p, i)
	}
	return index / m.all
}

// index is that of a week, in the unit of the rate.
func (f Forward) index(p Path, i int) float64 {
	if f.Settle == Native {
		return p.Hashprice[i]
	}
	return p.Hashprice[i] * p.Price[i]
}

// Row is what a forward moves: the difference, when the month is over.
func (f Forward) Row(p Path) (Row, error) {
	if err := p.Check(); err != nil {
		return Row{}, err
	}
	if !finite(f.PH+f.Rate) || f.PH < 0 || f.Rate < 0 || f.Settle > Native {
		return Row{}, fmt.Errorf("forward of %v for %v PH/s at %v: hash rate and rate are not negative, and it settles in one of three ways: %w", f.Month, f.PH, f.Rate, ErrHedge)
	}
	m, err := p.month(f.Month)
	if err != nil {
		return Row{}, err
	}
	r, last := newRow(len(p.Price)), m.last
	pays := f.PH * m.all * (f.Rate - f.mean(p, m))
	switch f.Settle {
	case InCash:
		r.Gain[last] = pays
	case InCoins:
		r.BTC[last] = pays / p.Price[last]
	case Native:
		r.BTC[last] = pays
	}
	for t := m.first; t < last; t++ {
		r.Notional[t] = f.Notional(m.all, p.Price[t])
	}
	return r.close(), nil
}

// Notional is what the hash rate sold would earn in some days at the fixed rate, USD,
// at a price of the coin.
func (f Forward) Notional(days, price float64) float64 {
	if f.Settle == Native {
		return f.PH * days * f.Rate * price
	}
	return f.PH * days * f.Rate
}

// Basis is by how much the own pool's income for a PH/s and day is above the index
// over the month, in the unit of the rate: own holds it by week. Income and forward
// together are rate + basis.
func (f Forward) Basis(p Path, own []float64) (float64, error) {
	if err := p.Check(); err != nil {
		return 0, err
	}
	m, err := p.month(f.Month)
	if err != nil {
		return 0, err
	}
	if len(own) != len(m.days) {
		return 0, fmt.Errorf("own income of %d weeks on a path of %d: give one for every week: %w", len(own), len(m.days), ErrPath)
	}
	var sum float64
	for i, d := range m.days {
		sum += d * own[i]
	}
	if !finite(sum) {
		return 0, fmt.Errorf("own income of %v: a week of it is no number: %w", f.Month, ErrPath)
	}
	return sum/m.all - f.mean(p, m), nil
}
