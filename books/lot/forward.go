package lot

import (
	"fmt"

	"sluice/books"
	"sluice/unit"
)

// RollForward is how the fair value of what an account holds came from its value
// at the beginning of a period, as the yearly disclosure states it. Coins that
// come from, or go to, another account of ours stand apart: nothing is gained by
// them, and over all accounts they cancel.
type RollForward struct {
	Opening      unit.Amount
	Additions    unit.Amount // what came in, at what it cost
	Dispositions unit.Amount // what went out, at what came for it
	Transfers    unit.Amount // between our accounts, at cost
	Realised     unit.Amount
	Unrealised   unit.Amount
	Closing      unit.Amount
}

// Gap is what the parts of a roll-forward do not explain; it is zero.
//
// Formula: opening + additions - dispositions + transfers + realised + unrealised - closing.
// Source: docs/formula/books.md.
func (r RollForward) Gap() unit.Amount {
	return r.Opening + r.Additions - r.Dispositions + r.Transfers + r.Realised + r.Unrealised - r.Closing
}

// Roll states the roll-forward of an account over transactions in the order in
// which they were booked. before and after are what it held and what the balance
// of its fair-value account was.
func Roll(account string, opening, closing unit.Amount, all []books.Transaction) (RollForward, error) {
	r := RollForward{Opening: opening, Closing: closing}
	for _, t := range all {
		if t.Standing == books.Posted {
			r.add(account, t)
		}
	}
	if r.Gap() != 0 {
		return r, fmt.Errorf("roll forward %s: %d millionths are not explained by any transaction", account, r.Gap())
	}
	return r, nil
}

// add counts one transaction. What left for good is told from what moved by
// whether money was converted.
func (r *RollForward) add(account string, t books.Transaction) {
	var in, out, realised, converted unit.Amount
	for _, l := range t.Lines {
		switch {
		case l.Account == account && l.Lot.Cost > 0:
			in += l.Lot.Cost
		case l.Account == account:
			out -= l.Lot.Cost
		case l.Account == books.FairValue(account):
			r.Unrealised += unit.Amount(l.Amount)
		case l.Account == books.RealisedGain:
			realised -= unit.Amount(l.Amount)
		case l.Account == books.Conversion(books.Bitcoin):
			converted++
		}
	}
	switch {
	case in == 0 && out == 0:
	case converted == 0:
		r.Transfers += in - out
	case t.Reverses != "":
		r.Additions += in - out - realised // takes back what it added, or gives back what it sold
		r.Realised += realised
	default:
		r.Additions += in
		r.Dispositions += out
		if out > 0 {
			r.Dispositions += realised
			r.Realised += realised
		}
	}
}
