package treasury

import (
	"errors"
	"fmt"
	"math"
)

// ErrHedge says that a hedge makes no sense.
var ErrHedge = errors.New("no hedge")

// Row is what a hedge moves on a path, by week. USD is what the purse receives: what
// is gained, less costs, less what margin rises by.
type Row struct {
	USD      []float64 // received, USD
	BTC      []float64 // received, BTC
	Gain     []float64 // of the hedge itself, settled in cash, USD
	Cost     []float64 // premiums and fees, USD; negative is a premium received
	Lodged   []float64 // margin at the exchange at the end of the week, USD
	Notional []float64 // worth of what is hedged, at the end of the week, USD
}

// Hedge is an overlay of cash flows.
type Hedge interface {
	// Row is what the hedge moves on a path; the errors are ErrHedge and ErrPath.
	Row(p Path) (Row, error)
}

// newRow is a row of n weeks in which nothing moves.
func newRow(n int) Row {
	six := make([]float64, 6*n)
	part := func(i int) []float64 { return six[i*n : (i+1)*n : (i+1)*n] }
	return Row{USD: part(0), BTC: part(1), Gain: part(2), Cost: part(3), Lodged: part(4), Notional: part(5)}
}

// close sets what the purse receives.
func (r Row) close() Row {
	var lodged float64
	for i := range r.USD {
		r.USD[i] = r.Gain[i] - r.Cost[i] - (r.Lodged[i] - lodged)
		lodged = r.Lodged[i]
	}
	return r
}

// Check refuses a row whose flows do not sum: margin that is not given back, cash
// that comes from nowhere. The error is ErrLedger.
func (r Row) Check() error {
	n := len(r.USD)
	for _, x := range [][]float64{r.BTC, r.Gain, r.Cost, r.Lodged, r.Notional} {
		if len(x) != n {
			return fmt.Errorf("a row of %d weeks has %d of another: %w", n, len(x), ErrLedger)
		}
	}
	var lodged float64
	for i := range r.USD {
		off := r.USD[i] - (r.Gain[i] - r.Cost[i] - r.Lodged[i] + lodged)
		size := math.Abs(r.USD[i]) + math.Abs(r.Gain[i]) + math.Abs(r.Cost[i]) + math.Abs(lodged) + math.Abs(r.Lodged[i])
		if !(math.Abs(off) <= slack*(1+size)) || !finite(r.BTC[i]) {
			return fmt.Errorf("hedge, week %d: %.2f USD came from nowhere: %w", i, off, ErrLedger)
		}
		if r.Lodged[i] < 0 || r.Notional[i] < 0 {
			return fmt.Errorf("hedge, week %d: margin %v and notional %v are not negative: %w", i, r.Lodged[i], r.Notional[i], ErrLedger)
		}
		lodged = r.Lodged[i]
	}
	if n > 0 && lodged != 0 {
		return fmt.Errorf("hedge: %.2f USD of margin are not given back at the end: %w", lodged, ErrLedger)
	}
	return nil
}

// Overlay is the row of several hedges together.
func Overlay(p Path, hedges ...Hedge) (Row, error) {
	sum := newRow(len(p.Price))
	for i, h := range hedges {
		r, err := h.Row(p)
		if err == nil {
			err = r.Check()
		}
		if err != nil {
			return Row{}, fmt.Errorf("hedge %d: %w", i+1, err)
		}
		for k := range sum.USD {
			sum.USD[k] += r.USD[k]
			sum.BTC[k] += r.BTC[k]
			sum.Gain[k] += r.Gain[k]
			sum.Cost[k] += r.Cost[k]
			sum.Lodged[k] += r.Lodged[k]
			sum.Notional[k] += r.Notional[k]
		}
	}
	return sum, nil
}

// Futures are coins sold forward and rolled: opened at the price of week From, closed
// at that of week To. Gains are settled each week in cash.
type Futures struct {
	BTC      float64 // sold
	From, To int     // weeks of the path
	Roll     int     // weeks of one contract
	Basis    float64 // of the futures price over the spot price, a year
	Margin   float64 // share of the notional that lies at the exchange
	Cost     float64 // share of the notional of each trade
}

// price is that of a contract with some weeks to run.
//
// Formula: F = S * (1 + basis * weeks * 7/365). Source: docs/formula/treasury.md.
func (f Futures) price(spot float64, weeks int) float64 {
	return spot * (1 + f.Basis*float64(weeks)*ofYear)
}

// Check refuses futures that make no sense on a path of some weeks.
func (f Futures) Check(weeks int) error {
	if !finite(f.BTC+f.Basis+f.Margin+f.Cost) || f.BTC < 0 || f.Basis <= -1 || f.Margin < 0 || f.Margin > 1 || f.Cost < 0 || f.Cost > 1 {
		return fmt.Errorf("futures on %v BTC: coins and costs are not negative, the basis is above -1, margin and cost are shares of at most 1: %w", f.BTC, ErrHedge)
	}
	if f.From < 0 || f.To <= f.From || f.To >= weeks || f.Roll < 1 || f.Roll > most {
		return fmt.Errorf("futures from week %d to %d, rolled every %d: they close after they open, on a path of %d weeks, and roll every 1 to %d: %w", f.From, f.To, f.Roll, weeks, most, ErrHedge)
	}
	return nil
}

// Row is what short futures move. A contract that expires settles at the spot price
// without a trade; the next one is opened in the same week.
func (f Futures) Row(p Path) (Row, error) {
	if err := errors.Join(p.Check(), f.Check(len(p.Price))); err != nil {
		return Row{}, err
	}
	r := newRow(len(p.Price))
	var last float64
	open := func(t int) {
		last = f.price(p.Price[t], f.Roll)
		r.Cost[t] += f.Cost * f.BTC * p.Price[t]
	}
	open(f.From)
	for t := f.From; t <= f.To; t++ {
		r.Notional[t] = f.BTC * p.Price[t]
		if left := (f.Roll - (t-f.From)%f.Roll) % f.Roll; t > f.From {
			now := f.price(p.Price[t], left)
			r.Gain[t] = f.BTC * (last - now)
			last = now
			switch {
			case left == 0 && t < f.To:
				open(t)
			case left > 0 && t == f.To:
				r.Cost[t] += f.Cost * f.BTC * p.Price[t]
			}
		}
		r.Lodged[t] = f.Margin * f.BTC * last
	}
	r.Lodged[f.To], r.Notional[f.To] = 0, 0
	return r.close(), nil
}
