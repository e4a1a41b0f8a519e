package settle

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/books/debt"
	"sluice/unit"
)

// The kinds of what is booked of a period, by which it is found again.
const (
	kindInterest = "interest"
	kindFees     = "fees of debt"
	kindLease    = "lease"
)

// Agreed reports whether a transaction is about the loans or leases of a company:
// its clerk begins with all of those.
func (c Company) Agreed(t books.Transaction) bool {
	if t.Kind == kindInterest || t.Kind == kindFees || t.Kind == kindLease {
		return true
	}
	for _, l := range t.Lines {
		if l.Account == books.DebtCosts || l.Account == books.Leases {
			return true
		}
		for _, x := range c.Debt {
			if l.Account == books.Debt(x.Name) || l.Account == books.AccruedInterest(x.Name) {
				return true
			}
		}
	}
	return false
}

// Owes reports whether the company has loans or leases.
func (c Company) Owes() bool { return len(c.Debt)+len(c.Leases) > 0 }

// day is the day of an instant at the site, as it begins at the company.
func (c *Clerk) day(at time.Time) time.Time {
	y, m, d := at.In(c.s.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.c.Zone)
}

// begun is the first day of the books.
func (c *Clerk) begun() time.Time {
	y, m, d := c.first.In(c.c.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.c.Zone)
}

// stands is what was booked under an id.
func (c *Clerk) stands(id string) (books.Transaction, bool) {
	for _, t := range c.at.Agreed {
		if t.ID == id {
			return t, true
		}
	}
	return books.Transaction{}, false
}

// until is the day up to which something is booked of an agreement.
func (c *Clerk) until(kind, name string, begin time.Time) time.Time {
	for _, t := range c.at.Agreed {
		if end := t.At.Add(time.Second).In(c.c.Zone); t.Kind == kind && t.Narration == name && end.After(begin) {
			begin = end
		}
	}
	return begin
}

// agree stands above the lines of what happens on a day of an agreement, at noon.
// The id does not hold the site, so that of the clerks of all sites one books it.
func (c *Clerk) agree(what, name string, day time.Time, tags books.Tags) debt.Event {
	at := day.Add(12 * time.Hour)
	return debt.Event{
		ID: books.DerivedID(what, c.c.Chart.Entity, name, day.Format(time.DateOnly)), Entity: c.c.Chart.Entity, At: at, Booked: at,
		Source: "agreement " + name, Text: name, Tags: tags,
	}
}

// once books what does not stand already.
func (c *Clerk) once(t books.Transaction, err error) error {
	if err != nil {
		return err
	}
	if _, stands := c.stands(t.ID); stands {
		return nil
	}
	return c.post(t, nil)
}

// some books what a period makes, if it makes anything.
func (c *Clerk) some(t books.Transaction, some bool, err error) error {
	if err != nil || !some {
		return err
	}
	return c.once(t, nil)
}

func (c *Clerk) span(from, to time.Time) debt.Span {
	return debt.Span{Entity: c.c.Chart.Entity, From: from, To: to, Booked: to.Add(-time.Second)}
}

// ours reports whether this clerk books what has such tags.
func (c *Clerk) ours(t books.Tags) bool { return t.Site == "" || t.Site == c.s.Name }

// debts books what happened on the loans of the company until the end of a month.
func (c *Clerk) debts(m Month) error {
	for _, l := range c.c.Debt {
		if !c.ours(l.Tags) || !c.begun().Before(l.end()) {
			continue
		}
		if err := c.loan(l, c.day(m.To)); err != nil {
			return fmt.Errorf("loan %q: %w", l.Name, err)
		}
	}
	return nil
}

// loan books one, in the order of its days: what was owed when the books began,
// the fees, draws, interest and payments, and the part of the fees.
func (c *Clerk) loan(l Loan, until time.Time) error {
	if err := c.owed(l); err != nil {
		return err
	}
	begun := c.begun()
	if !l.Start.Before(begun) && l.Start.Before(until) && l.Fees > 0 {
		if err := c.once(debt.PayFees(c.agree("fees of debt paid", l.Name, l.Start, l.Tags), l.Facility, c.c.Bank)); err != nil {
			return err
		}
	}
	dues, err := l.Dues()
	if err != nil {
		return err
	}
	for _, s := range l.steps(dues) {
		switch {
		case s.day.Before(begun) || !s.day.Before(until):
			continue
		case s.due == nil:
			err = c.draw(l, s)
		default:
			if err = c.accrue(l, s.day); err == nil {
				err = c.serve(l, *s.due)
			}
		}
		if err != nil {
			return err
		}
	}
	if err := c.accrue(l, until); err != nil {
		return err
	}
	from := c.until(kindFees, l.Name, later(begun, l.Start))
	if !from.Before(until) {
		return nil
	}
	return c.some(debt.Spread(c.span(from, until), l.Facility))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// owed books what was owed when the books began, of a loan that is older: the
// principal, interest that was not paid, and fees that are no expense yet.
func (c *Clerk) owed(l Loan) error {
	begun := c.begun()
	if !l.Start.Before(begun) || !begun.Before(l.end()) {
		return nil
	}
	moves, err := l.Planned()
	if err != nil {
		return err
	}
	dues, err := l.Dues()
	if err != nil {
		return err
	}
	var principal unit.Amount
	for _, m := range moves {
		if m.Day.Before(begun) {
			principal += m.Amount
		}
	}
	unpaid, err := l.unpaid(moves, dues, begun)
	if err != nil {
		return err
	}
	fees := l.Fees
	if x, some, err := debt.Spread(c.span(l.Start, begun), l.Facility); err != nil {
		return err
	} else if some {
		fees -= unit.Amount(x.Lines[0].Amount)
	}
	return c.opening("debt owed", l.Name, l.Tags, []books.Line{
		{Account: books.Debt(l.Name), Amount: -int64(principal)}, {Account: books.AccruedInterest(l.Name), Amount: -int64(unpaid)}, {Account: books.DebtCosts, Amount: int64(fees)},
	})
}

// unpaid is the interest that came up between the last payment before a day and
// that day.
func (l Loan) unpaid(moves []debt.Move, dues []Due, day time.Time) (unit.Amount, error) {
	paid := l.Start
	for _, d := range dues {
		if d.Day.Before(day) {
			paid = d.Day
		}
	}
	before, err := l.Interest(moves, paid)
	if err != nil {
		return 0, err
	}
	after, err := l.Interest(moves, day)
	return after.All - before.All, err
}

// opening books what stood when the books began against the account for that.
func (c *Clerk) opening(what, name string, tags books.Tags, lines []books.Line) error {
	e := c.agree(what, name, c.begun(), tags)
	var all []books.Line
	var sum int64
	for _, l := range lines {
		if l.Tags = tags; l.Amount != 0 {
			all, sum = append(all, l), sum+l.Amount
		}
	}
	if sum != 0 {
		all = append(all, books.Line{Account: books.Opening, Amount: -sum, Tags: tags})
	}
	if len(all) == 0 {
		return nil
	}
	return c.once(books.Transaction{
		ID: e.ID, Entity: e.Entity, Kind: what, Standing: books.Posted, At: c.first, Booked: c.first, Source: e.Source, Narration: name, Lines: all,
	}, nil)
}

// balances are the lines of what stood on the agreements at the end of a day.
func (c *Clerk) balances(day time.Time) (out []books.Balance) {
	end := day.AddDate(0, 0, 1)
	for _, t := range c.at.Agreed {
		if t.Standing != books.Posted || !t.At.Before(end) {
			continue
		}
		for _, l := range t.Lines {
			out = append(out, books.Balance{Account: l.Account, Tags: l.Tags, Amount: l.Amount})
		}
	}
	return out
}

// draw books what the lender paid out.
func (c *Clerk) draw(l Loan, s step) error {
	e := c.agree("draw of debt", l.Name, s.day, l.Tags)
	if t, stands := c.stands(e.ID); stands {
		if len(t.Lines) == 0 || unit.Amount(t.Lines[0].Amount) != s.draw {
			return fmt.Errorf("draw of %s: %s is declared, and the books hold another amount: %w: declare what was drawn, and book what differs by hand", s.day.Format(time.DateOnly), s.draw, ErrLoan)
		}
		return nil
	}
	f := l.Facility
	f.Closed = time.Time{} // it was drawn before
	return c.once(debt.Draw(e, f, debt.Owed(c.balances(s.day), l.Name), c.c.Bank, s.draw))
}

// serve pays interest that came up until a day, and principal.
func (c *Clerk) serve(l Loan, d Due) error {
	e := c.agree("payment of debt", l.Name, d.Day, l.Tags)
	if _, stands := c.stands(e.ID); stands {
		return nil
	}
	due := debt.Owed(c.balances(d.Day), l.Name)
	paid := debt.Due{Principal: min(d.Principal, due.Principal), Interest: max(0, due.Interest)}
	if d.Last {
		paid.Principal = due.Principal
	}
	if paid == (debt.Due{}) {
		return nil
	}
	return c.once(debt.Repay(e, l.Facility, due, paid, c.c.Bank))
}

// accrue books the interest until a day: first that of the days that were not
// charged yet, then what earlier days should have been charged, for a rate or a
// draw that was known late.
func (c *Clerk) accrue(l Loan, day time.Time) error {
	f := l.Facility
	f.Start = later(f.Start, c.begun()) // what was before is what was owed then
	from := c.until(kindInterest, f.Name, f.Start)
	if !from.Before(day) {
		return nil
	}
	moves := debt.Moves(c.at.Agreed, f.Name, c.c.Zone)
	if err := c.some(debt.Accrue(c.span(from, day), f, moves)); err != nil {
		return err
	}
	return c.some(debt.Correct(c.span(from, day), f, moves, debt.Booked(c.at.Agreed, f)))
}
