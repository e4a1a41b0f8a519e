package loan

import (
	"fmt"
	"math"
)

// Waterfall is the order in which the cash of a period is used: interest, principal,
// the reserve for service, the reserve for upkeep, the sweep, and owners last.
type Waterfall struct {
	LockUp     float64 // DSCR below which owners get nothing; 0: it is not tested
	Sweep      float64 // share of what is left that repays the loan ...
	SweepBelow float64 // ... while the DSCR is below this
	Keep       float64 // cash that is kept back from sweep and owners
}

// Accounts are what is in a project's accounts, and what it owes.
type Accounts struct {
	Cash    float64
	Reserve float64 // for service: DSRA
	Upkeep  float64 // for maintenance that does not come every period
	Balance float64 // of the loan
}

// Due is a period: its cash, what has to be paid, and what the reserves have to hold
// after it. Opex and taxes are out of CAFDS already. Interest holds what an earlier
// period left unpaid. A negative Principal is a part of the interest that a loan with
// Grow does not pay.
type Due struct {
	CAFDS               float64 // may be negative
	Interest, Principal float64
	Reserve, Upkeep     float64 // targets
	DSCR                Ratio   // what lock-up and sweep are tested on
}

// Paid is where the cash of a period went. With the accounts before,
//
//	before.Cash + before.Reserve + before.Upkeep + CAFDS + Missing
//	  = Interest + Principal + Swept + Owners + after.Cash + after.Reserve + after.Upkeep
//
// What is unpaid is no cash: the caller adds it to what is due later.
type Paid struct {
	Interest, Principal             float64
	UnpaidInterest, UnpaidPrincipal float64 // due, with no cash for it: a default on payment
	Grown                           float64 // interest that the schedule adds to the balance instead
	FromReserve                     float64 // of the reserve, for service
	ToReserve, ToUpkeep             float64 // negative: released
	Swept                           float64
	Owners                          float64
	Missing                         float64 // of a negative CAFDS, that no cash was there for: somebody must put it in
	Locked                          bool    // owners were shut out by DSCR, by unpaid service or by a reserve below its target
	After                           Accounts
}

// Run pays one period. What the reserve for upkeep holds beyond its target is cash at
// once, since the upkeep that it was for is in this CAFDS. Cash pays service first;
// what it lacks comes from the reserve for service. A principal that is due beyond the
// balance, because of earlier sweeps, is cut to it. Reserves are filled before anybody
// but the lenders gets anything; what the one for service holds beyond its target is
// cash again after the service.
//
// Source: docs/formula/loan.md.
func (w Waterfall) Run(before Accounts, d Due) (Paid, error) {
	if err := w.check(before, d); err != nil {
		return Paid{}, err
	}
	cover, tested, err := DSCR.Of(d.DSCR)
	if err != nil {
		return Paid{}, err
	}
	p := Paid{After: before}
	a := &p.After
	p.ToUpkeep = -max(a.Upkeep-d.Upkeep, 0)
	a.Upkeep = min(a.Upkeep, d.Upkeep)
	a.Cash += d.CAFDS - p.ToUpkeep
	if a.Cash < 0 {
		p.Missing, a.Cash = -a.Cash, 0
	}
	p.serve(d)
	p.ToReserve = fill(&a.Cash, &a.Reserve, d.Reserve)
	p.ToUpkeep += fill(&a.Cash, &a.Upkeep, d.Upkeep)
	if tested && below(cover, w.SweepBelow) {
		p.Swept = min(w.Sweep*max(a.Cash-w.Keep, 0), a.Balance)
		a.Cash -= p.Swept
		a.Balance -= p.Swept
	}
	p.Locked = tested && below(cover, w.LockUp) || p.UnpaidInterest > 0 || p.UnpaidPrincipal > 0 || p.Missing > 0 || a.Reserve < d.Reserve || a.Upkeep < d.Upkeep
	if !p.Locked {
		p.Owners = max(a.Cash-w.Keep, 0)
		a.Cash -= p.Owners
	}
	return p, nil
}

// serve pays interest, then principal, from cash, then from the reserve. A negative
// principal is interest that the schedule lets grow.
func (p *Paid) serve(d Due) {
	a := &p.After
	p.Grown = max(-d.Principal, 0)
	interest, principal := d.Interest-p.Grown, min(max(d.Principal, 0), a.Balance)
	p.Interest, p.Principal = interest, principal
	if have := a.Cash + a.Reserve; have < interest+principal {
		p.Interest = min(interest, have)
		p.Principal = have - p.Interest
	}
	p.UnpaidInterest, p.UnpaidPrincipal = interest-p.Interest, principal-p.Principal
	cash := min(a.Cash, p.Interest+p.Principal)
	p.FromReserve = p.Interest + p.Principal - cash
	a.Cash -= cash
	a.Reserve = max(a.Reserve-p.FromReserve, 0)
	a.Balance += p.Grown - p.Principal
}

// fill moves cash into an account until it holds its target, or what is beyond it out.
func fill(cash, account *float64, target float64) (moved float64) {
	moved = min(target-*account, *cash)
	if moved == target-*account {
		*account = target // exactly, or the next test would fail by a rounding
	} else {
		*account += moved
	}
	*cash -= moved
	return moved
}

// check refuses what no account and no bill can be.
func (w Waterfall) check(a Accounts, d Due) error {
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"the lock-up", w.LockUp},
		{"the sweep", w.Sweep},
		{"the trigger of the sweep", w.SweepBelow},
		{"the cash that is kept", w.Keep},
		{"the cash before", a.Cash},
		{"the reserve before", a.Reserve},
		{"the upkeep reserve before", a.Upkeep},
		{"the balance", a.Balance},
		{"the interest due", d.Interest},
		{"the principal due, with the interest,", d.Principal + d.Interest},
		{"the target of the reserve", d.Reserve},
		{"the target of the upkeep reserve", d.Upkeep},
	} {
		if !(v.value >= 0) || math.IsInf(v.value, 0) {
			return fmt.Errorf("%s is %.2f: it may not be negative: %w", v.name, v.value, ErrTerms)
		}
	}
	if w.Sweep > 1 {
		return fmt.Errorf("a sweep of %g: write a share up to 1: %w", w.Sweep, ErrTerms)
	}
	if math.IsNaN(d.CAFDS) || math.IsInf(d.CAFDS, 0) {
		return fmt.Errorf("the CAFDS is %g: look at what made it: %w", d.CAFDS, ErrTerms)
	}
	return nil
}
