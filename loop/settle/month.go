package settle

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/asset"
	"sluice/books/lot"
	"sluice/power"
	"sluice/unit"
)

// Month is a month as the utility bills it, or the part of one that a site ran.
type Month struct {
	From, To time.Time    // half open
	Bill     []power.Line // of the month
	Bitcoin  unit.Amount  // price of one, at its last second
}

// Month books the end of a month: what the statement has beside the energy of its
// days, the invoice and its payment, what is paid every month, wear, loans and
// leases, the sale of coins and the value of what is left.
func (c *Clerk) Month(m Month) error {
	for _, f := range []func(Month) error{c.bill, c.costs, c.wear, c.debts, c.leases, c.coins} {
		if err := f(m); err != nil {
			return err
		}
	}
	c.at.Drawn = map[string]unit.Energy{}
	return nil
}

func (c *Clerk) end(what string, m Month) lot.Event {
	return c.event(what, m.From, m.To.Add(-time.Second))
}

// bill books what was fed in or sold back apart from what was bought; then the
// invoice takes the place of what was accrued, and is paid.
func (c *Clerk) bill(m Month) error {
	var demand, fees, sold, total unit.Amount
	for _, l := range m.Bill {
		total += l.Amount
		switch l.Kind {
		case power.LineDemand, power.LineCoincident:
			demand -= l.Amount
		case power.LineFixed, power.LineMinimum:
			fees -= l.Amount
		case power.LineExport, power.LineSellBack:
			sold += l.Amount
		case power.LineSpot, power.LineBlock, power.LineForfeit, power.LineEnergy, power.LineBeyond, power.LineGeneration, power.LineCarbon:
		}
	}
	for _, x := range []struct {
		what, to, from string
		amount         unit.Amount
	}{
		{"demand", books.PowerDemand, books.AccruedPower, demand},
		{"fixed charges", books.PowerFees, books.AccruedPower, fees},
		{"power sold", books.PowerEnergy, books.ExportedEnergy, sold},
	} {
		if err := c.shared(c.end(x.what, m), x.what, x.to, x.from, x.amount); err != nil {
			return err
		}
	}
	owed := -unit.Amount(c.at.Sums[books.AccruedPower])
	if owed != -total {
		return fmt.Errorf("power accrued is %s, the bill of the month is %s: a day of the month is not booked, or booked from other prices", owed, -total)
	}
	if err := c.pay(c.end("utility invoice", m), "utility invoice", c.c.Utility, books.AccruedPower, owed); err != nil {
		return err
	}
	if !c.s.Replayed {
		return nil
	}
	return c.pay(c.end("utility paid", m), "payment", c.c.Bank, c.c.Utility, owed)
}

// shared books what the whole site is charged, divided among its uses by the
// energy that each drew in the month. What stands against it is about the site,
// unless it is income, which its uses earned in the same proportion.
func (c *Clerk) shared(e lot.Event, kind, to, from string, amount unit.Amount) error {
	if amount == 0 {
		return nil
	}
	uses, drawn := []string{""}, []int64{1}
	if len(c.at.Drawn) > 0 {
		uses, drawn = slices.Sorted(maps.Keys(c.at.Drawn)), nil
		for _, u := range uses {
			drawn = append(drawn, int64(c.at.Drawn[u]))
		}
	}
	parts, err := books.Split(int64(amount), drawn)
	if err != nil {
		uses, parts = []string{""}, []int64{int64(amount)} // nobody drew anything: the site is charged all the same
	}
	e.Text = "divided by metered energy of the month"
	var lines []books.Line
	for i, part := range parts {
		if part == 0 {
			continue
		}
		tags := c.s.tags(uses[i])
		lines = append(lines, books.Line{Account: to, Amount: part, Tags: tags}, books.Line{Account: from, Amount: -part, Tags: c.against(from, tags)})
	}
	return c.write(e, kind, lines)
}

// against is the tags of the other side of a shared charge.
func (c *Clerk) against(account string, of books.Tags) books.Tags {
	if (books.Account{Name: account}).Kind() == books.Income {
		return of
	}
	return books.Tags{Site: c.s.Name}
}

// costs books what is paid every month, and pays for the running of the machines.
func (c *Clerk) costs(m Month) error {
	for _, x := range c.c.Monthly {
		if x.Site != "" && x.Site != c.s.Name {
			continue
		}
		e := c.end("monthly", m)
		e.ID = books.DerivedID("monthly", c.c.Chart.Entity, x.Site, x.Use, x.Account, c.name(m.From))
		e.Source = "paid every month, " + c.name(m.From) // whichever site's clerk comes first
		e.Tags = books.Tags{Site: x.Site, Use: x.Use}
		if err := c.pay(e, "monthly cost", c.c.Bank, x.Account, x.Amount); err != nil {
			return err
		}
	}
	if !c.s.Replayed {
		return nil
	}
	return c.pay(c.end("operation paid", m), "payment", c.c.Bank, RunOwed, -unit.Amount(c.at.Sums[RunOwed]))
}

// wear books what went into service in the month, and depreciation.
func (c *Clerk) wear(m Month) error {
	for _, a := range c.c.Assets {
		if a.Tags.Site != "" && a.Tags.Site != c.s.Name {
			continue
		}
		if a.Service.After(c.at.Begun) && !a.Service.Before(m.From) && a.Service.Before(m.To) {
			e := c.asset(a, a.Service)
			e.Booked = c.within(m.To.Add(-time.Second))
			if err := c.pay(e, "asset bought", c.c.Bank, a.Account, a.Cost); err != nil {
				return err
			}
		}
		x, some, err := asset.Charge(asset.Span{Entity: c.c.Chart.Entity, From: m.From, To: m.To, Booked: m.To.Add(-time.Second)}, a, 0, 0)
		if err == nil && !some {
			continue
		}
		if err := c.post(x, err); err != nil {
			return err
		}
	}
	return nil
}

// coins sells what the company sells, and values what is left at the price.
func (c *Clerk) coins(m Month) error {
	price := c.price(Quote{m.To.Add(-time.Second), m.Bitcoin})
	if q, _ := c.at.Held.Total(c.c.Wallet); c.c.Sale == Monthly && q > 0 {
		if err := c.sell(c.end("sale", m), q, price); err != nil {
			return err
		}
	}
	for _, account := range []string{c.c.Wallet, c.c.Pool} {
		x, some, err := lot.Revalue(c.end("fair value "+account, m), &c.at.Held, account, price, unit.Amount(c.at.Sums[books.FairValue(account)]))
		if err == nil && !some {
			continue
		}
		if err := c.post(x, err); err != nil {
			return err
		}
	}
	return nil
}

func (c *Clerk) sell(e lot.Event, q unit.Satoshi, price books.Price) error {
	proceeds, err := price.Of(int64(q))
	if err != nil {
		return err
	}
	picks, err := c.at.Held.FIFO(c.c.Wallet, q)
	if err != nil {
		return err
	}
	return c.post(lot.Sell(e, lot.Out{Held: &c.at.Held, Account: c.c.Wallet, Picks: picks}, c.c.Bank, proceeds))
}
