package model

import (
	"errors"
	"fmt"
	"math"
)

// ErrTie says that the statements of a run do not agree with each other.
var ErrTie = errors.New("the statements do not tie")

// cent is what statements may differ by.
const cent = 0.01

// Tie checks every month of a run: cash moves by profit, what of it is no cash, and
// the flows beside it; plant by what was built and written off; loans by what was
// drawn and repaid; coins by what was found and sold; and what is owned is what is
// owed and what belongs to the owners. The first that does not is the error.
func (r *Run) Tie() error {
	o := r.m.plan.Opening
	var standing float64
	for i := range r.m.loans {
		standing += r.m.loans[i].opened().balance
	}
	before := [LineCount]float64{Cash: o.Cash, Plant: o.Plant, BTC: o.BTC, Loans: standing}
	before[Coins] = o.BTC * r.path.Price[0]
	before[Equity] = o.Cash + o.Plant + before[Coins] - standing
	for k := range r.Months {
		l := &r.Months[k]
		if err := tie(&before, l); err != nil {
			return fmt.Errorf("%s: %w", r.m.plan.Begin.Add(k), err)
		}
		before = *l
	}
	return nil
}

// tie checks a month against the one before.
func tie(before, l *[LineCount]float64) error {
	var flows float64
	for i := plEnd + 1; i < flowEnd; i++ {
		flows += l[i]
	}
	profit := Profit(l)
	owns := l[Cash] + l[Aside] + l[Coins] + l[Plant]
	owes := l[Loans] + l[Pledged] + l[Revolving] + l[Deferred] + l[Missing]
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"cash", l[Cash], before[Cash] + profit + flows},
		{"plant", l[Plant], before[Plant] - l[Built] - l[Capitalised] - l[Bought] + l[WriteOff] - l[Scrapped]},
		{"loans", l[Loans], before[Loans] + l[Drawn] + l[Repaid]},
		{"loans against coins", l[Pledged], before[Pledged] + l[Lent] + l[Returned]},
		{"revolver", l[Revolving], before[Revolving] + l[Covered]},
		{"reserve", l[Aside], before[Aside] - l[Reserved]},
		{"unfunded", l[Missing], before[Missing] + l[Unfunded]},
		{"prepayments", l[Deferred], before[Deferred] + l[Prepaid] + l[Claimed]},
		{"coins", l[Coins], before[Coins] - l[Found] + l[FairValue] - l[Sold]},
		{"number of coins", (l[BTC] - before[BTC] - l[Mined] + l[Spent]) * l[Price], 0},
		{"equity", l[Equity], before[Equity] + profit + l[PaidIn] + l[Distributed]},
		{"balance sheet", owns, owes + l[Equity]},
	} {
		if !(math.Abs(c.got-c.want) < cent) {
			return fmt.Errorf("%s is %.4f and should be %.4f: %w", c.what, c.got, c.want, ErrTie)
		}
	}
	return nil
}
