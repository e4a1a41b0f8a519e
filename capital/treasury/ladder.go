package treasury

import (
	"errors"
	"fmt"
	"math"
)

// ErrRung says that a loan on coins makes no sense.
var ErrRung = errors.New("no loan on coins")

// Rung is one loan on coins. Levels are loan to value: what is owed over what the
// pledged coins are worth. It has recourse: what a sale of all coins leaves owed is
// due at once. It runs on; its end and its renewal are not modelled.
type Rung struct {
	Name        string
	Owed        float64 // at the begin, USD
	LTV0        float64 // at the begin: it says how many coins are pledged
	Call        float64 // level at which the lender asks for more
	Cure        float64 // level to which a call, or a sale by the lender, brings the loan
	Liquidation float64 // level at which the lender sells at once
	Release     float64 // level below which coins come back, down to LTV0; 0: never
	Weeks       int     // that an unmet call stands before the lender sells; 0: sold in the week of the call
	Penalty     float64 // share of a sale by the lender that is lost
	Rate        float64 // interest a year
}

// Check refuses a loan that makes no sense, with all its faults.
func (r Rung) Check() error {
	var faults []error
	fault := func(wrong bool, says string) {
		if wrong {
			faults = append(faults, errors.New(says))
		}
	}
	fault(!finite(r.Owed+r.LTV0+r.Call+r.Cure+r.Liquidation+r.Release+r.Penalty+r.Rate), "a figure is no number")
	fault(!(r.Owed > 0), "what is owed is above 0")
	fault(!(r.LTV0 > 0 && r.LTV0 < r.Call), "the loan to value at the begin is above 0 and below the level of a call: pledge more coins")
	fault(!(r.Cure > 0 && r.Cure < r.Call), "a cure ends above 0 and below the level of a call")
	fault(!(r.Call <= r.Liquidation && r.Liquidation <= 1), "the level of liquidation is that of a call or above, and at most 1")
	fault(r.Release < 0 || r.Release >= r.LTV0 && r.Release != 0, "coins are released below the loan to value at the begin; 0 is never")
	fault(r.Penalty < 0 || r.Cure+r.Penalty >= 1, "the penalty is not negative, and with the cure level below 1: else no sale cures the loan")
	fault(r.Rate < 0 || r.Rate > 1, "the rate is 0 to 1 a year")
	fault(r.Weeks < 0 || r.Weeks > 52, "a call stands for 0 to 52 weeks")
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("loan %q: %w: %w", r.Name, err, ErrRung)
	}
	return nil
}

// CallAt is the price at which the lender asks for more, USD: price * LTV0 / Call.
func (r Rung) CallAt(price float64) float64 { return price * r.LTV0 / r.Call }

// LiquidatedAt is the price at which the lender sells if nobody tops up, USD.
func (r Rung) LiquidatedAt(price float64) float64 { return price * r.LTV0 / r.Liquidation }

// TopUp is how many coins bring what is owed, USD, to a level at a price, where some
// are pledged already.
//
// Formula: owed / (level * price) - pledged. Source: docs/formula/treasury.md.
func TopUp(owed, level, price, pledged float64) float64 {
	return max(owed/(level*price)-pledged, 0)
}

// Call is one row of the table of calls: what a loan moved in a week. A row with
// Released alone is no call.
type Call struct {
	Week          int
	Loan          int // index of the rung
	Price         float64
	Before, After float64 // loan to value; 0 when nothing is owed any more
	Coins         float64 // pledged from the free ones, BTC
	Cash          float64 // repaid, USD
	Sold          float64 // by the lender, BTC
	Cleared       float64 // of what is owed, by that sale, USD
	Lost          float64 // to its penalty, USD
	Due           float64 // left when all coins were sold, due at once, USD
	Released      float64 // back to the free ones, BTC
}

// Purse is what a borrower can meet calls with, and what falls due by them.
type Purse struct {
	Free float64 // BTC
	Cash float64 // USD
	Due  float64 // USD, left when a lender has sold all coins
}

// debtor is one loan as it stands.
type debtor struct {
	owed, pledged float64
	called        int // week of the open call; -1: none
}

// Ladder is several loans on coins, stepped by week through prices. The first loan is
// served first. It is not safe for use by several goroutines.
type Ladder struct {
	rungs []Rung
	at    []debtor
	calls []Call
}

// NewLadder pledges coins for each loan at a price, USD. The error is ErrRung.
func NewLadder(rungs []Rung, price float64) (*Ladder, error) {
	if !(price > 0) || math.IsInf(price, 0) {
		return nil, fmt.Errorf("price %v: coins are pledged at a price above 0: %w", price, ErrRung)
	}
	for _, r := range rungs {
		if err := r.Check(); err != nil {
			return nil, err
		}
	}
	l := &Ladder{rungs: rungs, at: make([]debtor, len(rungs))}
	l.reset(price)
	return l, nil
}

// reset is the ladder as new, at a price; its memory is used again.
func (l *Ladder) reset(price float64) {
	l.calls = l.calls[:0]
	for i, r := range l.rungs {
		l.at[i] = debtor{owed: r.Owed, pledged: r.Owed / (r.LTV0 * price), called: -1}
	}
}

// Pledged is how many coins lie with lenders, BTC.
func (l *Ladder) Pledged() (btc float64) {
	for i := range l.at {
		btc += l.at[i].pledged
	}
	return btc
}

// Owed is what all loans owe, USD.
func (l *Ladder) Owed() (usd float64) {
	for i := range l.at {
		usd += l.at[i].owed
	}
	return usd
}

// Interest is that of a week on what is owed, USD.
func (l *Ladder) Interest() (usd float64) {
	for i := range l.at {
		usd += l.at[i].owed * l.rungs[i].Rate * ofYear
	}
	return usd
}

// Calls is the table of calls so far. It is valid until the ladder is stepped again.
func (l *Ladder) Calls() []Call { return l.calls }

// Step takes all loans through a week that ends at a price. A call is met from free
// coins, then from cash; what then lacks, the lender sells when the call has stood
// for its weeks, or at once from the level of liquidation on.
func (l *Ladder) Step(week int, price float64, p Purse) Purse {
	for i := range l.rungs {
		d := &l.at[i]
		if d.owed <= 0 { // all its coins were sold
			continue
		}
		r := &l.rungs[i]
		switch before := d.owed / (d.pledged * price); {
		case d.called >= 0 || before >= r.Call:
			p = l.call(i, Call{Week: week, Loan: i, Price: price, Before: before}, p)
		case before < r.Release:
			p = l.release(i, Call{Week: week, Loan: i, Price: price, Before: before}, p)
		}
	}
	return p
}

// release gives back what lies above the loan to value of the begin.
func (l *Ladder) release(i int, row Call, p Purse) Purse {
	d := &l.at[i]
	row.Released = d.pledged - d.owed/(l.rungs[i].LTV0*row.Price)
	d.pledged -= row.Released
	p.Free += row.Released
	row.After = d.owed / (d.pledged * row.Price)
	l.calls = append(l.calls, row)
	return p
}

// call asks the borrower, and then helps itself.
func (l *Ladder) call(i int, row Call, p Purse) Purse {
	r, d := &l.rungs[i], &l.at[i]
	if d.called < 0 {
		d.called = row.Week
	}
	row.Coins = min(TopUp(d.owed, r.Cure, row.Price, d.pledged), max(p.Free, 0))
	d.pledged += row.Coins
	row.Cash = min(max(d.owed-r.Cure*d.pledged*row.Price, 0), max(p.Cash, 0))
	d.owed -= row.Cash
	p.Free, p.Cash = p.Free-row.Coins, p.Cash-row.Cash
	switch value := d.pledged * row.Price; {
	case d.owed <= r.Cure*value*(1+slack):
		d.called = -1
	case d.owed >= r.Liquidation*value || row.Week-d.called >= r.Weeks:
		row = l.sell(i, row)
		p.Due += row.Due
		d.called = -1
	}
	if d.owed > 0 {
		row.After = d.owed / (d.pledged * row.Price)
	}
	l.calls = append(l.calls, row)
	return p
}

// sell sells pledged coins until the loan is cured, or all of them.
//
// Formula: sold = (owed - cure*pledged*price) / (price * (1 - penalty - cure)).
func (l *Ladder) sell(i int, row Call) Call {
	r, d := &l.rungs[i], &l.at[i]
	row.Sold = (d.owed - r.Cure*d.pledged*row.Price) / (row.Price * (1 - r.Penalty - r.Cure))
	all := row.Sold >= d.pledged
	if all {
		row.Sold = d.pledged
	}
	gross := row.Sold * row.Price
	row.Lost = gross * r.Penalty
	row.Cleared = min(gross-row.Lost, d.owed)
	d.pledged, d.owed = d.pledged-row.Sold, d.owed-row.Cleared
	if all {
		row.Due, d.owed, d.pledged = d.owed, 0, 0
	}
	return row
}

// slack is the part by which sums of floats may miss each other.
const slack = 1e-9

// ofYear is a week as a part of a year.
const ofYear = 7.0 / 365
