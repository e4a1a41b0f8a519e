package loan

import (
	"fmt"
	"math"
)

// Margin is what a lender against bitcoin asks for. All levels are loans to value.
type Margin struct {
	Call      float64 // reaching it is a margin call
	Target    float64 // to which a call has to be cured
	Liquidate float64 // reaching it, the lender sells at once
	Grace     int     // steps after that of the call within which it has to be cured; 0: in the same one
	Rate      float64 // of a step, on the loan; it is added to what is owed
	Cost      float64 // share of the price that a forced sale loses
	// Whole: a forced sale repays all that is owed; else it goes back to Target.
	Whole     bool
	CashFirst bool // a call is met with cash, then with coins; else the other way round
}

// Position is a loan against bitcoin and what its owner has beside it. A miner adds
// what was mined and sold to Free and Cash between steps.
type Position struct {
	Owed    float64 // interest included
	Pledged float64 // BTC with the lender
	Free    float64 // BTC with the owner
	Cash    float64
	Called  bool // a call is open ...
	Open    int  // ... for so many steps before this one
}

// Step is what happened at one price. Coins and money always sum:
//
//	after.Pledged = before.Pledged + Added - Sold       after.Free = before.Free - Added
//	after.Owed = before.Owed + Interest - Repaid - Proceeds + Returned
//	after.Cash = before.Cash - Repaid + Returned
//
// All are 0 or more.
type Step struct {
	LTV      float64 // before anybody acts; +Inf with something owed and no coins
	After    float64 // the loan to value that is left
	Call     bool    // a call was made
	Added    float64 // BTC that the owner pledged
	Repaid   float64 // cash that the owner paid
	Sold     float64 // BTC that the lender sold
	Proceeds float64 // of that sale
	Returned float64 // of the proceeds, beyond what was owed
	Interest float64
	// Forced says why the lender sold: the level was reached, or a call was not cured.
	Forced Reason
}

// Reason is why a lender sold.
type Reason string

// The reasons of forced sales.
const (
	Level   Reason = "level"
	Uncured Reason = "uncured"
)

// LTV is what is owed over the worth of the coins with the lender.
func (p Position) LTV(price float64) float64 {
	switch {
	case p.Owed <= 0:
		return 0
	case p.Pledged <= 0:
		return math.Inf(1)
	}
	return p.Owed / (p.Pledged * price)
}

// Step takes a position to the next price. Interest comes first. At the level of
// liquidation the lender sells without asking, also where the price jumped over the
// call. A call is met at once as far as the owner can, and again at each step while it
// is open; a price that comes back to Target ends it. One that is open for longer than
// its grace ends in a sale.
//
// Source: docs/formula/loan.md.
func (m Margin) Step(p Position, price float64) (Position, Step, error) {
	if err := m.check(p, price); err != nil {
		return p, Step{}, err
	}
	s := Step{Interest: p.Owed * m.Rate}
	p.Owed += s.Interest
	s.LTV = p.LTV(price)
	if !below(s.LTV, m.Liquidate) {
		m.sell(&p, &s, price, Level)
		return p, s, nil
	}
	if !p.Called && !below(s.LTV, m.Call) {
		p.Called, p.Open, s.Call = true, 0, true
	}
	if p.Called {
		m.cure(&p, &s, price)
		switch {
		case !below(m.Target, p.LTV(price)):
			p.Called, p.Open = false, 0
		case p.Open >= m.Grace:
			m.sell(&p, &s, price, Uncured)
		default:
			p.Open++
		}
	}
	s.After = p.LTV(price)
	return p, s, nil
}

// cure meets a call as far as the owner can.
func (m Margin) cure(p *Position, s *Step, price float64) {
	coins := func() {
		add := min(TopUp(p.Owed, m.Target, price, p.Pledged), p.Free)
		p.Pledged, p.Free, s.Added = p.Pledged+add, p.Free-add, s.Added+add
	}
	cash := func() {
		pay := min(max(p.Owed-m.Target*p.Pledged*price, 0), p.Cash)
		p.Owed, p.Cash, s.Repaid = p.Owed-pay, p.Cash-pay, s.Repaid+pay
	}
	if m.CashFirst {
		cash()
		coins()
		return
	}
	coins()
	cash()
}

// sell is the lender's sale. It ends every call.
func (m Margin) sell(p *Position, s *Step, price float64, why Reason) {
	net := price * (1 - m.Cost)
	coins := p.Owed / net
	if per := net - m.Target*price; !m.Whole && per > 0 { // else no sale of a part gets to the target
		coins = min(coins, max(p.Owed-m.Target*p.Pledged*price, 0)/per)
	}
	s.Sold = min(coins, p.Pledged)
	s.Proceeds = s.Sold * net
	p.Pledged -= s.Sold
	p.Owed -= s.Proceeds
	if p.Owed < 0 {
		s.Returned = -p.Owed
		p.Cash += s.Returned
		p.Owed = 0
	}
	s.Forced, p.Called, p.Open = why, false, 0
	s.After = p.LTV(price)
}

// Moved is what came of a pledge over a row of prices. CoinsBefore is CoinsAfter and
// Sold; Added moved from the owner to the lender.
type Moved struct {
	Calls, Forced              int
	FirstCall, FirstForced     int // step of it, -1: none
	MostLTV                    float64
	Added, Sold                float64 // BTC
	Repaid, Proceeds, Returned float64
	Interest                   float64
	CoinsBefore, CoinsAfter    float64 // BTC, pledged and free
	Shortfall                  float64 // owed in the end beyond the worth of the pledged coins
	Left                       float64 // worth of all coins and cash, less what is owed, at the last price
}

// Run steps a position through prices.
func (m Margin) Run(p Position, prices []float64) (Position, Moved, error) {
	if len(prices) == 0 {
		return p, Moved{}, fmt.Errorf("no prices: a pledge is stepped through at least one: %w", ErrPledge)
	}
	all := Moved{FirstCall: -1, FirstForced: -1, CoinsBefore: p.Pledged + p.Free}
	for t, price := range prices {
		after, s, err := m.Step(p, price)
		if err != nil {
			return p, all, fmt.Errorf("step %d: %w", t, err)
		}
		p = after
		all.note(t, s)
	}
	last := prices[len(prices)-1]
	all.CoinsAfter = p.Pledged + p.Free
	all.Shortfall = max(p.Owed-p.Pledged*last, 0)
	all.Left = all.CoinsAfter*last + p.Cash - p.Owed
	return p, all, nil
}

func (all *Moved) note(t int, s Step) {
	if s.Call {
		all.Calls++
		if all.FirstCall < 0 {
			all.FirstCall = t
		}
	}
	if s.Forced != "" {
		all.Forced++
		if all.FirstForced < 0 {
			all.FirstForced = t
		}
	}
	all.Added += s.Added
	all.Sold += s.Sold
	all.Repaid += s.Repaid
	all.Proceeds += s.Proceeds
	all.Returned += s.Returned
	all.Interest += s.Interest
	all.MostLTV = max(all.MostLTV, s.LTV)
}

func (m Margin) check(p Position, price float64) error {
	if !(price > 0) || math.IsInf(price, 0) {
		return fmt.Errorf("a price of %g: it lies above 0: %w", price, ErrPledge)
	}
	if !(m.Target > 0 && m.Target <= m.Call && m.Call <= m.Liquidate) || math.IsInf(m.Liquidate, 0) {
		return fmt.Errorf("levels of %g to cure to, %g for a call and %g to liquidate: each lies above 0 and not above the next: %w", m.Target, m.Call, m.Liquidate, ErrPledge)
	}
	if m.Grace < 0 || !(m.Cost >= 0 && m.Cost < 1) || !(m.Rate >= 0 && m.Rate < 1) {
		return fmt.Errorf("a grace of %d steps, a sale that costs %g, a rate of %g: write 0 or more, and shares below 1: %w", m.Grace, m.Cost, m.Rate, ErrPledge)
	}
	for _, v := range [...]float64{p.Owed, p.Pledged, p.Free, p.Cash} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("a position of %.2f owed, %g BTC pledged, %g free and %.2f in cash: none is negative: %w", p.Owed, p.Pledged, p.Free, p.Cash, ErrPledge)
		}
	}
	return nil
}
