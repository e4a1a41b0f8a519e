package settle

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/books/debt"
)

// leases books what happened on the leases of the company until the end of a month.
func (c *Clerk) leases(m Month) error {
	for _, l := range c.c.Leases {
		if !c.ours(l.Tags) || leaseEnd(l).Before(c.begun()) {
			continue
		}
		if err := c.lease(l, c.day(m.To)); err != nil {
			return fmt.Errorf("lease %q: %w", l.Name, err)
		}
	}
	return nil
}

// leaseEnd is the day of the last payment.
func leaseEnd(l debt.Lease) time.Time { return monthsAfter(l.Start, l.Months) }

// lease books one: its begin or what stood when the books began, its payments, and
// its even cost.
func (c *Clerk) lease(l debt.Lease, until time.Time) error {
	if err := c.leased(l); err != nil {
		return err
	}
	begun := c.begun()
	within := func(day time.Time) bool { return !day.Before(begun) && day.Before(until) }
	if within(l.Start) {
		if err := c.once(debt.Commence(c.agree("lease begins", l.Name, l.Start, l.Tags), l)); err != nil {
			return err
		}
	}
	for k, p := range l.Payments {
		day := monthsAfter(l.Start, k)
		if p == 0 || !within(day) {
			continue
		}
		if err := c.once(debt.Pay(c.agree("payment of lease", l.Name, day, l.Tags), l, c.c.Bank, p)); err != nil {
			return err
		}
	}
	from := c.until(kindLease, l.Name, later(begun, l.Start))
	if !from.Before(until) {
		return nil
	}
	return c.some(debt.Charge(c.span(from, until), l))
}

// leased books where a lease stood when the books began, if it is older.
func (c *Clerk) leased(l debt.Lease) error {
	begun := c.begun()
	if !l.Start.Before(begun) || leaseEnd(l).Before(begun) {
		return nil
	}
	s, err := l.At(begun)
	if err != nil {
		return err
	}
	return c.opening("lease so far", l.Name, l.Tags, []books.Line{
		{Account: books.RightOfUse, Amount: int64(s.Right())}, {Account: books.Leases, Amount: -int64(s.Liability())},
	})
}
