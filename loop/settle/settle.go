// Package settle writes the books. Post makes the entry of one interval: what its
// power cost by the contracts, what its hashes earned. A Clerk gathers entries into
// the transactions of a company: each day's power and coins, and at the end of a
// month the invoice, wages, wear, the sale of coins and their value.
package settle

import (
	"fmt"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use/mining"
)

// RunOwed is what running and starting the machines costs until it is paid.
const RunOwed = "Liabilities:Payable:Operation"

// Prices is what was published about the interval.
type Prices struct {
	Currency unit.Currency
	Spot     unit.Price
	Priced   bool // the spot price is known; missing is never zero
	Network  mining.Network
	Rigs     []*mining.Rig

	Instructed bool // the utility's interruption held

	Tenants *Tenants // whom the site serves; nil: nobody. Post moves it on
}

// Post settles one delivery: the bill takes the meter's reading, the pool
// credits the hashes at the day's expected yield less its fee, and machines pay
// their running cost and wear. Debits are positive; the entry sums to zero.
//
// Source: docs/formula/settle.md.
func Post(d cycle.Delivery, p Prices, bill *power.Bill) (cycle.Entry, error) {
	e := entry{cycle.Entry{Head: d.Head, Currency: p.Currency, Bitcoin: p.Network.Price, Spot: p.Spot, Priced: p.Priced, Instructed: p.Instructed}}
	cost, err := bill.Add(e.reading(d))
	if err != nil {
		return cycle.Entry{}, err
	}
	if err := e.power(d, -cost); err != nil {
		return cycle.Entry{}, fmt.Errorf("share the power of %s turn %d among its uses: %w", d.Site, d.Turn, err)
	}
	for _, u := range d.Uses {
		for _, r := range p.Rigs {
			if u.Use == r.Use() {
				e.mine(u, r.Group(), p.Network)
			}
		}
		if err := e.host(u, p.Tenants, series.Interval{Start: d.At, Length: d.Length}); err != nil {
			return cycle.Entry{}, err
		}
	}
	return e.Entry, Balanced(e.Entry)
}

// Rebill adds an interval that was settled before to another bill, such as that of
// its month, from its papers alone. What it costs there must be what was booked.
func Rebill(bill *power.Bill, d cycle.Delivery, e cycle.Entry) error {
	cost, err := bill.Add(entry{e}.reading(d))
	if booked := Sum(e, books.PowerEnergy); err == nil && cost != -booked {
		err = fmt.Errorf("power is booked with %s, and costs %s by the contracts as they are now: were they changed within the month?", booked, -cost)
	}
	if err != nil {
		return fmt.Errorf("bill %s turn %d again: %w", d.Site, d.Turn, err)
	}
	return nil
}

// entry is an entry that is being written.
type entry struct{ cycle.Entry }

// reading is what the bill must know about the interval.
func (e entry) reading(d cycle.Delivery) power.Reading {
	return power.Reading{
		Interval: series.Interval{Start: d.At, Length: d.Length}, Import: d.Import, Export: d.Export, Generated: d.Plants,
		Price: e.Spot, Priced: e.Priced, Instructed: e.Instructed,
	}
}

// add writes a posting of what is not zero.
func (e *entry) add(account, use string, amount unit.Amount) {
	if amount != 0 {
		e.Postings = append(e.Postings, cycle.Posting{Account: account, Use: use, Amount: amount})
	}
}

// power divides what energy cost among those who drew it, as the site meter sees
// them; the rest of the site, such as its offices, has no name.
func (e *entry) power(d cycle.Delivery, cost unit.Amount) error {
	rest := int64(d.Import + d.Own - d.Export)
	names, drawn := []string{""}, []int64{0}
	for _, u := range d.Uses {
		if m := int64(u.Meter); m > 0 {
			names, drawn, rest = append(names, u.Use), append(drawn, m), rest-m
		}
	}
	drawn[0] = max(0, rest)
	if len(drawn) == 1 {
		drawn[0] = 1
	}
	parts, err := books.Split(int64(cost), drawn)
	if err != nil {
		return err
	}
	for i, part := range parts {
		e.add(books.PowerEnergy, names[i], unit.Amount(part))
	}
	e.add(books.AccruedPower, "", -cost)
	return nil
}

// mine books what the hashes of one group earned, and what running it cost. Income
// is gross, and the pool's fee is a line of its own.
func (e *entry) mine(u cycle.UseDelivery, g mining.Group, n mining.Network) {
	c := Earned(u, g, n.Yield())
	worth, fee := c.Mined.Value(n.Price), c.Fee.Value(n.Price)
	if c.Mined != 0 {
		e.Coins = append(e.Coins, c)
		e.add(books.Conversion(books.Asset(e.Currency)), u.Use, worth)
		e.add(books.PoolFee, u.Use, fee)
		e.add(books.MiningSubsidy, u.Use, -worth-fee)
	}
	run := g.OperatingCost.Of(u.IT) + unit.Amount(unit.MulDiv(int64(g.Wear), int64(u.Started), int64(unit.Megawatt)))
	e.add(books.SitesOwn, u.Use, run)
	e.add(RunOwed, u.Use, -run)
}

// Earned is the bitcoin that the hashes of a use are expected to earn, and the
// pool's fee, which is taken off and rounded by itself.
func Earned(u cycle.UseDelivery, g mining.Group, yield unit.HashYield) cycle.Coins {
	gross := yield.Of(u.Work)
	fee := unit.Satoshi(unit.MulDiv(int64(gross), int64(g.PoolFee), int64(unit.One)))
	return cycle.Coins{Use: u.Use, Mined: gross - fee, Fee: fee}
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

// Sum is what the postings of an entry to one account come to.
func Sum(e cycle.Entry, account string) (sum unit.Amount) {
	for _, p := range e.Postings {
		if p.Account == account {
			sum += p.Amount
		}
	}
	return sum
}

// Mined is what all uses earned in an entry, net of fees of pools.
func Mined(e cycle.Entry) (sum unit.Satoshi) {
	for _, c := range e.Coins {
		sum += c.Mined
	}
	return sum
}

// Margin is what an entry earned: income less what it cost.
func Margin(e cycle.Entry) (sum unit.Amount) {
	for _, p := range e.Postings {
		switch (books.Account{Name: p.Account}).Kind() {
		case books.Income, books.Expenses:
			sum -= p.Amount
		case books.Assets, books.Liabilities, books.Equity:
		}
	}
	return sum
}
