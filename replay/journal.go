package replay

import (
	"encoding/hex"
	"fmt"
	"time"

	"sluice/books"
	"sluice/books/asset"
	"sluice/books/lot"
	"sluice/driver/entityfile"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
)

// Journal is what the plans of a replay did, as the books of the company that owns
// the site: a day's power and coins in one transaction each, and at the end of each
// month the invoice, wages, wear, the sale of coins and their value.
type Journal struct {
	Chart        books.Chart
	Transactions []books.Transaction // in the order in which they happened
	Prices       []books.Price       // of bitcoin, at the end of each month
}

// clerk writes a journal.
type clerk struct {
	r    *run
	f    *entityfile.File
	out  Journal
	held books.Holdings
	sums map[string]int64 // balances by account
	tags books.Tags
}

// journal books what the plans did. Money that the replay does not know, such as
// capital, wages and machines, is what the entity file says.
func (r *run) journal(f *entityfile.File) (Journal, error) {
	c := &clerk{r: r, f: f, sums: map[string]int64{}, tags: books.Tags{Site: r.s.Site.Name, Use: "mining"}}
	c.out.Chart = f.Chart
	if own := r.s.Site.Currency; own != f.Chart.Currency {
		return Journal{}, fmt.Errorf("books of %s are in %s, the site %s bills in %s: write an entity file in that currency", f.Chart.Entity, f.Chart.Currency, r.s.Site.Name, own)
	}
	if err := c.open(); err != nil {
		return Journal{}, err
	}
	for _, g := range r.legs {
		if err := c.month(g); err != nil {
			return Journal{}, fmt.Errorf("books of %s, %s: %w", f.Chart.Entity, g.month, err)
		}
	}
	return c.out, nil
}

// event is what stands above the lines of what happened in a period, at its last
// second.
func (c *clerk) event(what string, period time.Time, at time.Time) lot.Event {
	date := period.In(c.f.Zone).Format(time.DateOnly)
	return lot.Event{
		ID:     books.DerivedID(what, c.f.Chart.Entity, c.r.s.Site.Name, date),
		Entity: c.f.Chart.Entity, Currency: c.f.Chart.Currency, At: at, Booked: at,
		Source: "replay of " + c.r.s.Site.Name + ", " + date, Tags: c.tags,
	}
}

// post checks a transaction, and keeps it.
func (c *clerk) post(t books.Transaction, err error) error {
	if err == nil {
		err = t.Validate(c.f.Chart)
	}
	if err == nil {
		err = c.held.Apply(c.f.Chart, t)
	}
	if err != nil {
		return err
	}
	for _, l := range t.Lines {
		sum, ok := books.Add(c.sums[l.Account], l.Amount)
		if !ok {
			return fmt.Errorf("%s: %w", l.Account, books.ErrOverflow)
		}
		c.sums[l.Account] = sum
	}
	c.out.Transactions = append(c.out.Transactions, t)
	return nil
}

// pay moves an amount from one account to another; nothing is booked for nothing.
func (c *clerk) pay(e lot.Event, kind, from, to string, amount unit.Amount) error {
	if amount == 0 {
		return nil
	}
	return c.post(books.Transaction{
		ID: e.ID, Entity: e.Entity, Kind: kind, Standing: books.Posted, At: e.At, Booked: e.Booked, Source: e.Source, Evidence: e.Evidence, Narration: e.Text,
		Lines: []books.Line{{Account: to, Amount: int64(amount), Tags: e.Tags}, {Account: from, Amount: -int64(amount), Tags: e.Tags}},
	}, nil)
}

// open books what is there at the beginning: capital, and what is owned.
func (c *clerk) open() error {
	at := c.r.m.grid.Start(0)
	e := c.event("capital", at, at)
	e.Tags = books.Tags{}
	if err := c.pay(e, "capital", "Equity:Capital", c.f.Bank, c.f.Capital); err != nil {
		return err
	}
	for _, a := range c.f.Assets {
		e := c.event("asset "+a.Name, at, at)
		e.Tags, e.Text = a.Tags, a.Name
		if a.Service.After(at) {
			return fmt.Errorf("asset %s is in service from %s on, the replay begins before: this is not booked yet", a.Name, a.Service.Format(time.DateOnly))
		}
		if err := c.pay(e, "asset owned", books.Opening, a.Account, a.Cost); err != nil {
			return err
		}
		e.ID += "/worn"
		if err := c.pay(e, "wear so far", books.Accumulated, books.Opening, a.Gone(at, 0)); err != nil {
			return err
		}
	}
	return nil
}

// month books a month, or the part of one that was replayed.
func (c *clerk) month(g leg) error {
	evidence := c.evidence(g)
	start := c.r.m.grid.Start(g.first)
	for i := g.first; i < g.last; {
		next := series.DayOf(c.r.m.grid.Start(i), c.f.Zone).End()
		j := i
		for j < g.last && c.r.m.grid.Start(j).Before(next) {
			j++
		}
		if err := c.day(i, j, evidence); err != nil {
			return err
		}
		i = j
	}
	end := c.r.m.grid.Start(g.last - 1).Add(c.r.s.Step)
	for _, f := range []func(start, end time.Time) error{c.bill, c.costs, c.wear, c.coins} {
		if err := f(start, end); err != nil {
			return err
		}
	}
	return nil
}

// evidence is the hash under which the papers of a month are sealed.
func (c *clerk) evidence(g leg) (h books.Hash) {
	if s, ok := c.r.book.sealed(g.month, c.r.s.Digest); ok {
		if b, err := hex.DecodeString(s.SHA256); err == nil {
			copy(h[:], b)
		}
	}
	return h
}

// day books the intervals from i to before j: coins that the pool owed go to the
// wallet, and power, coins and running cost of the day are booked.
func (c *clerk) day(i, j int, evidence books.Hash) error {
	t := c.r.sluice
	var energy, worth, fees, running unit.Amount
	var mined unit.Satoshi
	for k := i; k < j; k++ {
		energy, worth, running, mined = energy-t.energy[k], worth+t.worth[k], running-t.run[k], mined+t.mined[k]
		fees += t.fees[k]
	}
	begin, last := c.r.m.grid.Start(i), c.r.m.grid.Start(j-1).Add(c.r.s.Step-time.Second)
	event := func(what string) lot.Event {
		e := c.event(what, begin, last)
		e.Evidence = evidence
		return e
	}
	if q, _ := c.held.Total(c.f.Pool); q > 0 {
		e := event("payout")
		e.At, e.Booked = begin, begin
		if err := c.move(e, q); err != nil {
			return err
		}
	}
	if mined > 0 {
		day := begin.In(c.f.Zone).Format(time.DateOnly)
		if err := c.post(lot.Earn(event("pool credit"), lot.Earning{Account: c.f.Pool, Lot: day, Quantity: mined, Subsidy: worth + fees, PoolFee: fees})); err != nil {
			return err
		}
	}
	if err := c.pay(event("operation"), "running cost", books.Vendor("operation"), books.SitesOwn, running); err != nil {
		return err
	}
	return c.pay(event("power"), "power metered", books.AccruedPower, books.PowerEnergy, energy)
}

func (c *clerk) move(e lot.Event, q unit.Satoshi) error {
	picks, err := c.held.FIFO(c.f.Pool, q)
	if err != nil {
		return err
	}
	return c.post(lot.Move(e, lot.Out{Held: &c.held, Account: c.f.Pool, Picks: picks}, c.f.Wallet))
}

// bill books what the statement of the month has beside the energy of its days,
// and what was fed in or sold back apart from what was bought; then the invoice
// takes the place of what was accrued, and is paid.
func (c *clerk) bill(start, end time.Time) error {
	last := end.Add(-time.Second)
	period := series.MonthOf(start, c.r.s.Site.Zone)
	var demand, fees, sold, total unit.Amount
	for _, l := range c.r.sluice.bill.Lines() {
		if !l.Period.Start.Equal(period.Start) {
			continue
		}
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
		what, from, to string
		amount         unit.Amount
	}{
		{"demand", books.AccruedPower, books.PowerDemand, demand},
		{"fixed charges", books.AccruedPower, books.PowerFees, fees},
		{"power sold", books.ExportedEnergy, books.PowerEnergy, sold},
	} {
		if err := c.pay(c.event(x.what, start, last), x.what, x.from, x.to, x.amount); err != nil {
			return err
		}
	}
	owed := -unit.Amount(c.sums[books.AccruedPower])
	if owed != -total {
		return fmt.Errorf("power accrued is %s, the bill of the month is %s", owed, -total)
	}
	if err := c.pay(c.event("utility invoice", start, last), "utility invoice", c.f.Utility, books.AccruedPower, owed); err != nil {
		return err
	}
	return c.pay(c.event("utility paid", start, last), "payment", c.f.Bank, c.f.Utility, owed)
}

// costs books what is paid every month, and pays for the running of the machines.
func (c *clerk) costs(start, end time.Time) error {
	last := end.Add(-time.Second)
	for _, m := range c.f.Monthly {
		e := c.event("monthly "+m.Account+" "+m.Use, start, last)
		e.Tags.Use = m.Use
		if err := c.pay(e, "monthly cost", c.f.Bank, m.Account, m.Amount); err != nil {
			return err
		}
	}
	owed := -unit.Amount(c.sums[books.Vendor("operation")])
	return c.pay(c.event("operation paid", start, last), "payment", c.f.Bank, books.Vendor("operation"), owed)
}

// wear books depreciation.
func (c *clerk) wear(start, end time.Time) error {
	for _, a := range c.f.Assets {
		x, some, err := asset.Charge(asset.Span{Entity: c.f.Chart.Entity, From: start, To: end, Booked: end.Add(-time.Second)}, a, 0, 0)
		if err == nil && !some {
			continue
		}
		if err := c.post(x, err); err != nil {
			return err
		}
	}
	return nil
}

// coins sells what the entity file says, and values what is left at the price of
// the last day.
func (c *clerk) coins(start, end time.Time) error {
	last := end.Add(-time.Second)
	n, known := c.r.m.network(last)
	if !known {
		return fmt.Errorf("value bitcoin at %s: %w", last.UTC().Format(time.DateTime), books.ErrNoPrice)
	}
	price := books.Price{Asset: books.Bitcoin, Quote: c.f.Chart.Currency, At: last, Value: n.Price, Source: "history of the replay, day " + n.Day.Format(time.DateOnly), Policy: c.f.Policy}
	c.out.Prices = append(c.out.Prices, price)
	if q, _ := c.held.Total(c.f.Wallet); c.f.Sale == entityfile.Monthly && q > 0 {
		if err := c.sell(c.event("sale", start, last), q, price); err != nil {
			return err
		}
	}
	for _, account := range []string{c.f.Wallet, c.f.Pool} {
		x, some, err := lot.Revalue(c.event("fair value "+account, start, last), &c.held, account, price, unit.Amount(c.sums[books.FairValue(account)]))
		if err == nil && !some {
			continue
		}
		if err := c.post(x, err); err != nil {
			return err
		}
	}
	return nil
}

func (c *clerk) sell(e lot.Event, q unit.Satoshi, price books.Price) error {
	proceeds, err := price.Of(int64(q))
	if err != nil {
		return err
	}
	picks, err := c.held.FIFO(c.f.Wallet, q)
	if err != nil {
		return err
	}
	return c.post(lot.Sell(e, lot.Out{Held: &c.held, Account: c.f.Wallet, Picks: picks}, c.f.Bank, proceeds))
}
