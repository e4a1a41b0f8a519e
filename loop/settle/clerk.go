package settle

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/books/asset"
	"sluice/books/lot"
	"sluice/books/statement"
	"sluice/unit"
)

// Journal is what a clerk wrote.
type Journal struct {
	Transactions []books.Transaction // in the order in which they happened
	Prices       []books.Price       // of bitcoin, that were used
	Days         []statement.Day     // what they were made from: their hashes are the evidence of the days' transactions
}

// Standing is what the books of a company hold about a site: where a clerk begins.
type Standing struct {
	Begun time.Time // when the books began; zero: they begin with Open
	Held  books.Holdings
	Sums  map[string]int64       // balances of accounts, of this site alone where it is tagged
	Drawn map[string]unit.Energy // by use, at the meter, in the month under way

	// Agreed is everything that was booked on loans and leases, whatever site it is
	// about, where a month ends; see Company.Agreed.
	Agreed []books.Transaction
}

// Clerk writes the books of a company about one site. One goroutine owns it. What
// it returns is booked as a whole or not at all: after an error begin with a new
// clerk from what stands in the books.
type Clerk struct {
	c   Company
	s   Site
	at  Standing
	out Journal

	first time.Time // instant of the first booking
}

// NewClerk goes on from what stands in the books.
func NewClerk(c Company, s Site, at Standing) *Clerk {
	if at.Sums == nil {
		at.Sums = map[string]int64{}
	}
	if at.Drawn == nil {
		at.Drawn = map[string]unit.Energy{}
	}
	return &Clerk{c: c, s: s, at: at, first: at.Begun}
}

// Journal is what was written since it was last asked for.
func (c *Clerk) Journal() Journal {
	out := c.out
	c.out = Journal{}
	return out
}

// name tells a day, or a part of one, from all others. Days are those of the site,
// as its market and utility cut them.
func (c *Clerk) name(from time.Time) string {
	local := from.In(c.s.Zone)
	if local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
		return local.Format(time.DateOnly)
	}
	return local.Format("2006-01-02T15:04:05")
}

// within is the instant of a day of the site that lies in the day of the company
// with the same date: a day that lasts longer at the site is booked before the
// company's ends, and one that begins earlier after it begins.
func (c *Clerk) within(at time.Time) time.Time {
	y, m, d := at.In(c.s.Zone).Date()
	first := time.Date(y, m, d, 0, 0, 0, 0, c.c.Zone)
	last := time.Date(y, m, d+1, 0, 0, 0, 0, c.c.Zone).Add(-time.Second)
	switch {
	case at.Before(first):
		return first
	case at.After(last):
		return last
	}
	return at
}

// event is what stands above the lines of what happened in a period.
func (c *Clerk) event(what string, from, at time.Time) lot.Event {
	name, at := c.name(from), c.within(at)
	return lot.Event{
		ID:     books.DerivedID(what, c.c.Chart.Entity, c.s.Name, name),
		Entity: c.c.Chart.Entity, Currency: c.c.Chart.Currency, At: at, Booked: at,
		Source: c.s.Name + ", " + name, Tags: books.Tags{Site: c.s.Name},
	}
}

// post checks a transaction, and keeps it.
func (c *Clerk) post(t books.Transaction, err error) error {
	if err == nil {
		err = t.Validate(c.c.Chart)
	}
	if err == nil {
		err = c.at.Held.Apply(c.c.Chart, t)
	}
	if err != nil {
		return err
	}
	for _, l := range t.Lines {
		if t.Standing != books.Posted {
			break
		}
		sum, ok := books.Add(c.at.Sums[l.Account], l.Amount)
		if !ok {
			return fmt.Errorf("%s: %w", l.Account, books.ErrOverflow)
		}
		c.at.Sums[l.Account] = sum
	}
	if c.c.Agreed(t) {
		c.at.Agreed = append(c.at.Agreed, t)
	}
	c.out.Transactions = append(c.out.Transactions, t)
	return nil
}

// write makes a transaction of lines; nothing is booked for nothing.
func (c *Clerk) write(e lot.Event, kind string, lines []books.Line) error {
	if len(lines) == 0 {
		return nil
	}
	return c.post(c.of(e, kind, books.Posted, lines), nil)
}

func (c *Clerk) of(e lot.Event, kind string, s books.Standing, lines []books.Line) books.Transaction {
	return books.Transaction{
		ID: e.ID, Entity: e.Entity, Kind: kind, Standing: s, At: e.At, Booked: e.Booked, Source: e.Source, Evidence: e.Evidence, Narration: e.Text, Lines: lines,
	}
}

// pay moves an amount from one account to another.
func (c *Clerk) pay(e lot.Event, kind, from, to string, amount unit.Amount) error {
	if amount == 0 {
		return nil
	}
	return c.write(e, kind, []books.Line{{Account: to, Amount: int64(amount), Tags: e.Tags}, {Account: from, Amount: -int64(amount), Tags: e.Tags}})
}

// price is a record of what a bitcoin was worth, kept once.
func (c *Clerk) price(q Quote) books.Price {
	p := books.Price{Asset: books.Bitcoin, Quote: c.c.Chart.Currency, At: q.At, Value: q.Value, Source: c.s.Prices, Policy: c.c.Policy}
	c.out.Prices = append(c.out.Prices, p)
	return p
}

// Open books what is there at the beginning: capital, and what is owned by then.
func (c *Clerk) Open(at time.Time) error {
	c.at.Begun, c.first = at, c.within(at)
	e := c.event("capital", at, at)
	e.ID, e.Tags = books.DerivedID("capital", c.c.Chart.Entity), books.Tags{}
	if err := c.pay(e, "capital", "Equity:Capital", c.c.Bank, c.c.Capital); err != nil {
		return err
	}
	for _, a := range c.c.Assets {
		if a.Service.After(at) {
			continue
		}
		e := c.asset(a, at)
		if err := c.pay(e, "asset owned", books.Opening, a.Account, a.Cost); err != nil {
			return err
		}
		e.ID += "/worn"
		if err := c.pay(e, "wear so far", books.Accumulated, books.Opening, a.Gone(at, 0)); err != nil {
			return err
		}
	}
	for _, l := range c.c.Debt {
		if err := c.owed(l); err != nil {
			return fmt.Errorf("loan %q: %w", l.Name, err)
		}
	}
	for _, l := range c.c.Leases {
		if err := c.leased(l); err != nil {
			return fmt.Errorf("lease %q: %w", l.Name, err)
		}
	}
	return nil
}

// asset is what stands above the lines by which an asset comes into the books.
func (c *Clerk) asset(a asset.Asset, at time.Time) lot.Event {
	e := c.event("asset", at, at)
	e.ID = books.DerivedID("asset", c.c.Chart.Entity, a.Name)
	e.Tags, e.Text = a.Tags, a.Name
	return e
}
