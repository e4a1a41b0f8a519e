package replay

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/series"
)

// journal is what the plans did, as the books of the company that owns the site.
// Money that the replay does not know, such as capital, wages and machines, is
// what the company's file says.
func (r *run) journal(c *settle.Company) (settle.Journal, error) {
	if own := r.s.Site.Currency; own != c.Chart.Currency {
		return settle.Journal{}, fmt.Errorf("books of %s are in %s, the site %s bills in %s: write an entity file in that currency", c.Chart.Entity, c.Chart.Currency, r.s.Site.Name, own)
	}
	s := settle.Site{Name: r.s.Site.Name, Zone: r.s.Site.Zone, Models: map[string]string{}, Prices: "history of the replay, by UTC day", Replayed: true}
	for _, g := range r.s.Rigs {
		s.Models[g.Use()] = g.Model().Name
	}
	clerk := settle.NewClerk(*c, s, settle.Standing{})
	if err := clerk.Open(r.m.grid.Start(0)); err != nil {
		return settle.Journal{}, err
	}
	for k, g := range r.legs {
		if err := r.bookMonth(clerk, k); err != nil {
			return settle.Journal{}, fmt.Errorf("books of %s, %s: %w", c.Chart.Entity, g.month, err)
		}
	}
	return clerk.Journal(), nil
}

// bookMonth books a month, or the part of one that was replayed.
func (r *run) bookMonth(clerk *settle.Clerk, k int) error {
	g := r.legs[k]
	for _, d := range r.diaries[k].Days {
		if err := clerk.Day(d, r.source(g)); err != nil {
			return err
		}
	}
	m := settle.Month{From: r.m.grid.Start(g.first), To: r.m.grid.Start(g.last - 1).Add(r.s.Step)}
	period := series.MonthOf(m.From, r.s.Site.Zone)
	for _, l := range r.sluice.bill.Lines() {
		if l.Period.Start.Equal(period.Start) {
			m.Bill = append(m.Bill, l)
		}
	}
	last := m.To.Add(-time.Second)
	n, known := r.m.network(last)
	if !known && r.s.mines() {
		return fmt.Errorf("value bitcoin at %s: %w", last.UTC().Format(time.DateTime), books.ErrNoPrice)
	}
	m.Bitcoin = n.Price
	return clerk.Month(m)
}

// source names the sealed papers of a month.
func (r *run) source(g leg) string {
	s, _ := r.book.sealed(g.month, r.s.Digest)
	return "papers of " + g.month + ", SHA-256 " + s.SHA256
}

// diary gathers the intervals of leg k for the books, where they are wanted.
func (r *run) diary() func(cycle.Expected, cycle.Delivery, cycle.Entry) {
	if r.o.Entity == nil {
		return func(cycle.Expected, cycle.Delivery, cycle.Entry) {}
	}
	r.diaries = append(r.diaries, settle.Diary{Zone: r.s.Site.Zone})
	return r.diaries[len(r.diaries)-1].Add
}
