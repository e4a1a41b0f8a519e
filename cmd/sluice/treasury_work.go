package main

import (
	"context"
	"fmt"
	"time"

	"sluice/capital"
	pledging "sluice/capital/loan" // tests of this package have a loan of their own
	"sluice/capital/model"
	"sluice/capital/risk"
	"sluice/capital/treasury"
)

// treasuryPledge is what a loan against coins costs before it is made.
type treasuryPledge struct {
	pledge      capital.Pledge
	price       float64 // at which it is made
	lent, coins float64 // as far as the coins of the plan carry it
	call, sold  float64 // prices of the call and of the sale
	// Probability to reach either within a year, by the formula and in the history.
	formula, recorded [2]float64
	begins            int // days of the history on which a loan may begin; 0: it is shorter than a year
	moved             float64
}

// yearDays is how long a loan against coins is watched.
const yearDays = 365

// weighPledges says what the loans of the plan may cost.
func (s *treasuryReport) weighPledges() ([]treasuryPledge, error) {
	p := s.plan.plan
	_, lent := s.miner.with(p.Pledges, p.Market.Price)
	whole := s.windows[0].path
	first, last := whole.Begin[0], whole.Begin[len(whole.Begin)-1].AddDate(0, 0, 6)
	prices := s.days.price[s.days.at(first) : s.days.at(last)+1]
	var falls []float64
	var err error
	if len(prices) >= yearDays {
		if falls, err = pledging.Falls(prices, yearDays); err != nil {
			return nil, err
		}
	}
	var out []treasuryPledge
	for i, l := range p.Pledges {
		x := treasuryPledge{pledge: l, price: p.Market.Price, lent: lent[i], begins: len(falls), moved: s.days.moved(first, last)}
		x.coins = lent[i] / (l.LTV * x.price)
		x.call, x.sold = pledging.CallPrice(x.price, l.LTV, l.Call), pledging.CallPrice(x.price, l.LTV, l.Liquidate)
		for k, level := range [2]float64{l.Call, l.Liquidate} {
			if x.formula[k], err = pledging.Touch(l.LTV, level, s.in.volatility, 0, 1); err != nil {
				return nil, err
			}
			if len(falls) == 0 {
				continue
			}
			if x.recorded[k], err = pledging.Touched(falls, l.LTV, level); err != nil {
				return nil, err
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// weighHolding weighs holding against selling over every window of some lengths.
func (s *treasuryReport) weighHolding() (out []treasury.Held, err error) {
	p := s.windows[0].path
	for _, weeks := range []int{13, 26, 52, 104, 208} {
		if weeks >= len(p.Price) {
			break
		}
		h, err := treasury.Windows(p.Hashprice, p.Price, s.in.rate, weeks)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// look puts every policy on futures.
func (s *treasuryReport) look(ctx context.Context) error {
	if err := s.days.enough(s.in.window); err != nil {
		return input(err)
	}
	m, f, err := s.futuresOf()
	if err != nil {
		return err
	}
	weeks := min(s.in.years*365/7, m.Grid().Steps()-1) // the last one may be cut off by the end of the plan
	planned, paths, err := s.draw(ctx, m, f, weeks)
	if err != nil {
		return err
	}
	miner, lent := s.miner.with(s.plan.plan.Pledges, s.plan.plan.Market.Price)
	out := &treasuryFutures{paths: s.in.paths, weeks: weeks, facts: f.Facts(), lent: lent}
	if out.ranked, err = treasury.Rank(miner, planned, paths, s.choices); err != nil {
		return err
	}
	s.futures = out
	s.warns = append(s.warns, f.Warnings...)
	if len(s.plan.plan.Hedges) == 0 {
		return nil
	}
	h, err := s.hedgeFutures(miner, planned, paths)
	s.hedged = append(s.hedged, h)
	return err
}

// futuresOf is the futures of the plan, as sluice risk draws them.
func (s *treasuryReport) futuresOf() (*model.Model, *risk.Futures, error) {
	p := s.plan
	m, err := model.New(p.plan, model.Weekly(p.plan), p.histories)
	if err != nil {
		return nil, nil, input(p.file.Locate(err))
	}
	begins, err := shared(p.told)
	if err != nil {
		return nil, nil, input(err)
	}
	c := risk.Usual(s.in.seed)
	c.Path.Window = s.in.window
	f, err := risk.NewFutures(m, s.days.weeks, begins, c)
	if err != nil {
		return nil, nil, input(fmt.Errorf("%s: %w", s.days.source.Name, err))
	}
	return m, f, nil
}

// draw writes the futures down, and the path that is planned with. All begin with a week
// at the price of the plan, at which coins are pledged.
func (s *treasuryReport) draw(ctx context.Context, m *model.Model, f *risk.Futures, weeks int) (treasury.Path, treasury.Paths, error) {
	base, market := m.Base(), s.plan.plan.Market
	row := func(price, hash []float64) ([]float64, []float64) {
		return append([]float64{market.Price}, price[:weeks]...), append([]float64{base.Hash[0]}, hash[:weeks]...)
	}
	begins := append([]time.Time{m.Grid().Begin[0].AddDate(0, 0, -7)}, m.Grid().Begin[:weeks]...)
	planned := treasury.Path{Begin: begins}
	planned.Price, planned.Hashprice = row(base.Price, base.Hash)
	out := treasury.Paths{Begin: begins}
	x := f.New()
	for n := range uint64(s.in.paths) {
		if n%128 == 0 && ctx.Err() != nil {
			return planned, out, ctx.Err()
		}
		f.Draw(n, x)
		price, hash := row(x.Price, x.Hash)
		out.Price, out.Hashprice = append(out.Price, price), append(out.Hashprice, hash)
	}
	return planned, out, nil
}
