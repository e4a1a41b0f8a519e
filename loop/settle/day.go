package settle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/books/lot"
	"sluice/books/statement"
	"sluice/unit"
)

// Day books a day. What its plan expected is set aside as it begins, coins that
// the pool owed go to the wallet, and at its last second coins, running cost and
// power are booked as they were delivered, in the place of what was set aside.
// source is where the papers of its intervals are.
func (c *Clerk) Day(d Day, source string) error {
	paper := c.paper(d, source)
	evidence, err := paper.Hash()
	if err != nil {
		return err
	}
	event := func(what string) lot.Event {
		e := c.event(what, d.From, d.To.Add(-time.Second))
		e.Evidence = evidence
		return e
	}
	if err := c.SetAside(d); err != nil {
		return err
	}
	if err := c.payout(d, event("payout")); err != nil {
		return err
	}
	if err := c.credit(d, event("pool credit")); err != nil {
		return err
	}
	if err := c.write(event("operation"), "running cost", d.lines(c.s, books.SitesOwn, RunOwed)); err != nil {
		return err
	}
	if err := c.served(d, event); err != nil {
		return err
	}
	return c.power(d, event("power"))
}

// paper is what the day is booked from, and is kept with the books.
func (c *Clerk) paper(d Day, source string) statement.Day {
	p := statement.Day{Day: d.From.In(c.s.Zone).Format(time.DateOnly), Site: c.s.Name, Import: d.Import, Export: d.Export, Source: source}
	for _, u := range d.Uses {
		c.at.Drawn[u.Use] += max(0, u.Meter)
		x := statement.Use{Use: u.Use, Model: c.s.Models[u.Use], IT: u.IT, Meter: u.Meter, Work: u.Work}
		for _, m := range d.Coins {
			if m.Use == u.Use {
				x.Mined += m.Mined
			}
		}
		p.Uses = append(p.Uses, x)
	}
	slices.SortFunc(p.Uses, func(a, b statement.Use) int { return cmp.Compare(a.Use, b.Use) })
	for _, q := range d.Prices {
		c.price(q)
	}
	c.out.Days = append(c.out.Days, p)
	return p
}

// SetAside books what a day is expected to cost and to earn as pending, which is in
// no balance, as soon as its first plan is there. Day does it again, which changes
// nothing.
func (c *Clerk) SetAside(d Day) error {
	e := c.aside(d)
	var lines []books.Line
	for _, x := range []struct {
		debit, credit string
		amount        unit.Amount
	}{{books.PowerEnergy, books.AccruedPower, d.Plan.Power}, {books.Unbilled, books.MiningSubsidy, d.Plan.Worth}} {
		if x.amount != 0 {
			lines = append(lines, books.Line{Account: x.debit, Amount: int64(x.amount), Tags: e.Tags}, books.Line{Account: x.credit, Amount: -int64(x.amount), Tags: e.Tags})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return c.post(c.of(e, "plan of the day", books.Pending, lines), nil)
}

// aside is what stands above what is set aside for a day.
func (c *Clerk) aside(d Day) lot.Event { return c.event("plan of the day", d.From, d.From) }

// payout moves what the pool owed when the day began to the wallet, where the
// company takes that for granted.
func (c *Clerk) payout(d Day, e lot.Event) error {
	q, _ := c.at.Held.Total(c.c.Pool)
	if q <= 0 || c.c.Payouts != Daily {
		return nil
	}
	e.At, e.Booked = c.within(d.From), c.within(d.From)
	picks, err := c.at.Held.FIFO(c.c.Pool, q)
	if err != nil {
		return err
	}
	return c.post(lot.Move(e, lot.Out{Held: &c.at.Held, Account: c.c.Pool, Picks: picks}, c.c.Wallet))
}

// credit books what the pool credits for the day's hashes, each model of machines
// with its part.
func (c *Clerk) credit(d Day, e lot.Event) error {
	var parts []lot.Earning
	for _, x := range d.Coins {
		if x.Mined <= 0 {
			continue
		}
		tags := c.s.tags(x.Use)
		i := slices.IndexFunc(parts, func(p lot.Earning) bool { return p.Tags == tags })
		if i < 0 {
			i, parts = len(parts), append(parts, lot.Earning{Account: c.c.Pool, Lot: c.name(d.From), Tags: tags})
		}
		p := &parts[i]
		p.Quantity, p.Subsidy, p.PoolFee = p.Quantity+x.Mined, p.Subsidy-d.sum(books.MiningSubsidy, x.Use), p.PoolFee+d.sum(books.PoolFee, x.Use)
	}
	if len(parts) == 0 {
		return nil
	}
	t, err := lot.Earn(e, parts...)
	if err == nil {
		err = c.agrees(d, t)
	}
	return c.post(t, err)
}

// served books what tenants were served and what they are credited, each contract by
// itself, so that its invoice can take back what was accrued of it and nothing else.
func (c *Clerk) served(d Day, event func(what string) lot.Event) error {
	for _, x := range []struct {
		what, kind string
		accounts   []string
	}{
		{"hosting", accrual.Service, []string{books.Unbilled, books.Reservation, books.Hosting}},
		{"credits", accrual.Credits, []string{books.CreditsGranted, books.CreditsOwed}},
	} {
		for _, one := range d.byUse(x.accounts) {
			use := one.Postings[0].Use
			e := event(x.what)
			e.ID = books.DerivedID(x.what, c.c.Chart.Entity, c.s.Name, c.name(d.From), use)
			lines := one.lines(c.s, x.accounts...)
			for i := range lines {
				_, lines[i].Tags.Contract, _ = strings.Cut(use, "/")
			}
			if err := c.write(e, x.kind, lines); err != nil {
				return err
			}
		}
	}
	return nil
}

// byUse is the day's postings to some accounts, those of each use by themselves.
func (x Day) byUse(accounts []string) (out []Day) {
	for _, p := range x.Postings {
		if !slices.Contains(accounts, p.Account) {
			continue
		}
		i := slices.IndexFunc(out, func(o Day) bool { return o.Postings[0].Use == p.Use })
		if i < 0 {
			i, out = len(out), append(out, Day{})
		}
		out[i].Postings = append(out[i].Postings, p)
	}
	return out
}

// agrees holds the pool credit against the entries that it was made from: not a
// millionth may be lost on the way.
func (c *Clerk) agrees(d Day, t books.Transaction) error {
	for _, account := range []string{books.Conversion(books.Asset(c.c.Chart.Currency)), books.MiningSubsidy, books.PoolFee} {
		var entries, booked int64
		for _, p := range d.Postings {
			if p.Account == account {
				entries += int64(p.Amount)
			}
		}
		for _, l := range t.Lines {
			if l.Account == account {
				booked += l.Amount
			}
		}
		if entries != booked {
			return fmt.Errorf("pool credit %s: entries post %s to %s, the books %s", t.ID, unit.Amount(entries), account, unit.Amount(booked))
		}
	}
	return nil
}

// power books what energy cost, and so settles what was set aside; where there is
// nothing to book, that is void.
func (c *Clerk) power(d Day, e lot.Event) error {
	lines := d.lines(c.s, books.PowerEnergy, books.AccruedPower)
	t := c.of(e, "power metered", books.Posted, lines)
	if d.Plan.Power != 0 || d.Plan.Worth != 0 {
		t.Settles = c.aside(d).ID
	}
	switch {
	case len(lines) == 0 && t.Settles == "":
		return nil
	case len(lines) == 0:
		t.Kind, t.Standing = "nothing delivered", books.Void
	}
	return c.post(t, nil)
}
