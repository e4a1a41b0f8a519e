package dispatch

import (
	"errors"
	"fmt"
	"math"

	"sluice/loop/cycle"
	"sluice/solve"
	"sluice/unit"
)

// errRecount marks an answer of the solver that did not withstand the recount.
var errRecount = errors.New("recount")

// read turns the solver's answer into watts, loads rounded down, and recounts
// it in exact arithmetic. An answer that breaks a limit, does not balance, or
// costs something else than it says is an error. This file is the one way from
// floats back into integers.
func (b *model) read(in Input, s *solve.Solution) (*answer, error) {
	if err := b.believe(s); err != nil {
		return nil, err
	}
	a := newAnswer(in)
	for t := range b.m.n {
		b.readInterval(in, a, s.Column, t)
	}
	j := b.missed
	for i, k := range b.m.takers {
		for d := range k.due {
			a.missed[i][d] = unit.Energy(math.Round(s.Column[j] * float64(unit.MegawattHour)))
			j++
		}
	}
	for t := range b.m.n {
		if err := a.even(in, t); err != nil {
			return nil, err
		}
	}
	if err := a.recount(in); err != nil {
		return nil, err
	}
	a.flag(in)
	a.worth = a.value(in)
	b.sitePrices(in, a, s)
	a.solver = cycle.Solver{Status: s.Status.String(), Iterations: s.Iterations}
	return a, nil
}

// believe refuses an answer of the wrong size, one that is not finite, and one
// whose cost is not the cost it reports. What its columns mean physically is
// recounted in integers afterwards.
func (b *model) believe(s *solve.Solution) error {
	p := &b.problem
	if len(s.Column) != len(p.Cost) {
		return fmt.Errorf("%w: the solver gave %d of %d columns", errRecount, len(s.Column), len(p.Cost))
	}
	if s.RowDual != nil && len(s.RowDual) != len(p.RowLower) {
		return fmt.Errorf("%w: the solver gave %d of %d row duals", errRecount, len(s.RowDual), len(p.RowLower))
	}
	cost, size := p.Offset, 1.0
	for j, x := range s.Column {
		if !(math.Abs(x) < 1e12) {
			return fmt.Errorf("%w: column %d is %v", errRecount, j, x)
		}
		cost += p.Cost[j] * x
		size += math.Abs(p.Cost[j] * x)
	}
	if !(math.Abs(cost-s.Objective) <= 1e-6*size) {
		return fmt.Errorf("%w: the answer costs %v, not %v as reported", errRecount, cost, s.Objective)
	}
	return nil
}

func (b *model) readInterval(in Input, a *answer, column []float64, t int) {
	at := t * b.columns
	for i, bid := range in.Bids {
		for k, step := range bid.Steps {
			a.on[i][k][t] = watts(column[at+b.seats[i].step+k], step.Power)
		}
		if s := b.seats[i]; s.on >= 0 && column[at+s.on] < 0.5 {
			a.on[i][0][t] = 0
		}
	}
	for o, offer := range in.Offers {
		a.supply[o][t] = watts(column[at+b.supply[o]], offer.Max.At(t))
		if forced(offer) {
			a.supply[o][t] = offer.Max.At(t)
		}
	}
	small := tolerance(in)
	a.unmet[t] = beyond(column[at+b.unmet], small)
	if b.over >= 0 {
		a.over[t] = beyond(column[at+b.over], small)
	}
	if b.spill >= 0 {
		a.spill[t] = beyond(column[at+b.spill], small)
	}
}

// watts converts megawatts into watts, rounded down so that a limit holds; what
// is within a watt of its bound is the bound.
func watts(mw float64, bound unit.Power) unit.Power {
	w := unit.Power(math.Floor(mw*1e6 + 1e-3))
	switch {
	case w >= bound-1:
		return bound
	case w <= 1:
		return 0
	}
	return w
}

// beyond converts megawatts of a violation into watts; what rounding explains is none.
func beyond(mw float64, small unit.Power) unit.Power {
	w := unit.Power(math.Round(mw * 1e6))
	if w <= small {
		return 0
	}
	return w
}

// sitePrices takes the site's price from the duals of the node rows, per MWh.
// Where the run left no duals, or nothing flows and many duals would do, the
// cost of the next MWh stands in. Where a named violation exists its penalty may
// stand in a dual, and is not a price: what someone quotes is the bound.
//
// Source: docs/formula/dispatch.md, "Site price".
func (b *model) sitePrices(in Input, a *answer, s *solve.Solution) {
	for t := range b.m.n {
		a.price[t] = b.sitePrice(in, a, s, t)
	}
}

func (b *model) sitePrice(in Input, a *answer, s *solve.Solution, t int) unit.Price {
	if s.RowDual == nil {
		return a.marginalCost(in, t)
	}
	dual := s.RowDual[t*b.rows] / b.m.hours[t]
	if !(math.Abs(dual) <= 2*penaltyNode) {
		return a.marginalCost(in, t)
	}
	if a.idle(t) {
		if next, found := a.nextCost(in, t); found {
			return next
		}
	}
	p := unit.Price(unit.FromFloat(dual))
	if a.fined() {
		least, most := quoted(in, t)
		p = min(max(p, least), most)
	}
	return p
}

// idle reports whether no source supplies anything in interval t.
func (a *answer) idle(t int) bool {
	for o := range a.supply {
		if a.supply[o][t] > 0 {
			return false
		}
	}
	return true
}

// fined reports whether a flag carries a penalty that is no contract's price.
func (a *answer) fined() bool {
	for _, f := range a.flags {
		if f.Code != cycle.ContractShort && f.Code != cycle.JobMiss {
			return true
		}
	}
	return false
}
