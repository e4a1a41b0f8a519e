// Package settle writes the books of one interval: what the power cost by the
// contracts, what the hashes earned, each as a balanced entry.
package settle

import (
	"fmt"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use/mining"
)

// The accounts that an interval posts to.
const (
	PowerCost   = "expense:power"
	PowerOwed   = "liability:power"
	MinedIncome = "income:mining"
	MinedHeld   = "asset:bitcoin:pool"
	RunCost     = "expense:operation"
	RunOwed     = "liability:operation"
)

// Prices is what was published about the interval.
type Prices struct {
	Currency unit.Currency
	Spot     unit.Price
	Priced   bool // the spot price is known; missing is never zero
	Network  mining.Network
	Rigs     []*mining.Rig

	Instructed bool // the utility's interruption held
}

// Post settles one delivery: the bill takes the meter's reading, the pool
// credits the hashes at the day's expected yield less its fee, and machines pay
// their running cost and wear. Debits are positive; the entry sums to zero.
//
// Source: docs/formula/settle.md.
func Post(d cycle.Delivery, before, after cycle.Registers, p Prices, bill *power.Bill) (cycle.Entry, error) {
	r := power.Reading{
		Interval: series.Interval{Start: d.At, Length: d.Length},
		Import:   d.Import, Export: d.Export, Price: p.Spot, Priced: p.Priced, Instructed: p.Instructed,
	}
	for i, o := range after.Own {
		g := o.Generated
		if i < len(before.Own) {
			g -= before.Own[i].Generated
		}
		r.Generated = append(r.Generated, g)
	}
	cost, err := bill.Add(r)
	if err != nil {
		return cycle.Entry{}, err
	}
	mined, _, run := Earnings(d, p.Network.Yield(), p.Rigs)
	worth := mined.Value(p.Network.Price)
	e := cycle.Entry{Head: d.Head, Currency: p.Currency, Mined: mined, Postings: []cycle.Posting{
		{Account: PowerCost, Amount: -cost},
		{Account: PowerOwed, Amount: cost},
		{Account: MinedHeld, Amount: worth},
		{Account: MinedIncome, Amount: -worth},
	}}
	if run != 0 {
		e.Postings = append(e.Postings, cycle.Posting{Account: RunCost, Amount: run}, cycle.Posting{Account: RunOwed, Amount: -run})
	}
	return e, Balanced(e)
}

// Earnings is the bitcoin that the hashes of d are expected to earn after pool
// fees, those fees, and what running and starting the machines cost.
func Earnings(d cycle.Delivery, yield unit.HashYield, rigs []*mining.Rig) (mined, fees unit.Satoshi, run unit.Amount) {
	for _, u := range d.Uses {
		for _, r := range rigs {
			g := r.Group()
			if u.Use != "mining/"+g.Name {
				continue
			}
			gross := yield.Of(u.Work)
			fee := unit.Satoshi(unit.MulDiv(int64(gross), int64(g.PoolFee), int64(unit.One)))
			mined, fees = mined+gross-fee, fees+fee
			run += g.OperatingCost.Of(u.IT)
			run += unit.Amount(unit.MulDiv(int64(g.Wear), int64(u.Started), int64(unit.Megawatt)))
		}
	}
	return mined, fees, run
}

// Balanced reports an entry whose postings do not sum to zero.
func Balanced(e cycle.Entry) error {
	var sum unit.Amount
	for _, p := range e.Postings {
		sum += p.Amount
	}
	if sum != 0 {
		return fmt.Errorf("entry of %s turn %d is out of balance by %s %s", e.Site, e.Turn, sum, e.Currency)
	}
	return nil
}
