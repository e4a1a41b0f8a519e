package statement

import (
	"fmt"
	"slices"

	"sluice/books"
	"sluice/unit"
)

// Basis is how the cost of coins that left was found.
type Basis string

// The bases.
const (
	FIFO       Basis = "first in, first out, by account"
	Identified Basis = "specific identification of lots"
)

// Disclosure is what is stated once a year beside the roll-forward of bitcoin:
// how its cost is found, and what it brought since the books began.
type Disclosure struct {
	Basis         Basis
	Gains, Losses unit.Amount // realised, by transaction, both positive
}

// Disclose states the basis of cost and all realised gains and losses. all are the
// transactions since the books began, in the order of their booking. The basis is
// not believed but found: first in, first out only where every coin that left was
// the oldest of its account.
//
// Source: docs/formula/statement.md.
func Disclose(c books.Chart, all []books.Transaction) (Disclosure, error) {
	out := Disclosure{Basis: FIFO}
	var held books.Holdings
	for _, t := range all {
		if t.Standing != books.Posted || Closing(t) {
			continue
		}
		if t.Reverses == "" && !oldest(&held, t) {
			out.Basis = Identified
		}
		if err := held.Apply(c, t); err != nil {
			return out, fmt.Errorf("disclose bitcoin of %s: %w", c.Entity, err)
		}
		out.realised(t)
	}
	return out, nil
}

// realised counts what one transaction gained or lost. One that is taken back
// counts with its sign turned on the side on which it was counted.
func (d *Disclosure) realised(t books.Transaction) {
	var gain unit.Amount
	for _, l := range t.Lines {
		if l.Account == books.RealisedGain {
			gain -= unit.Amount(l.Amount)
		}
	}
	if (gain > 0) == (t.Reverses == "") {
		d.Gains += gain
	} else {
		d.Losses -= gain
	}
}

// oldest reports whether the coins that a transaction takes out of each account
// are the oldest there.
func oldest(held *books.Holdings, t books.Transaction) bool {
	gone := map[string]map[string]unit.Satoshi{} // by account and lot
	for _, l := range t.Lines {
		if l.Lot.ID == "" || l.Amount > 0 {
			continue
		}
		if gone[l.Account] == nil {
			gone[l.Account] = map[string]unit.Satoshi{}
		}
		gone[l.Account][l.Lot.ID] -= unit.Satoshi(l.Amount)
	}
	for account, lots := range gone {
		var q unit.Satoshi
		for _, n := range lots {
			q += n
		}
		picks, err := held.FIFO(account, q)
		if err != nil || len(picks) != len(lots) || slices.ContainsFunc(picks, func(p books.Pick) bool { return lots[p.Lot] != p.Quantity }) {
			return false
		}
	}
	return true
}
