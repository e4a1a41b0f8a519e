package billing

import (
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/unit"
)

// postings is what is posted beside a document: the income of its lines and the
// credit that it gives. The income of an invoice is earned day by day.
func (m *month) postings(d invoice.Document) ([]books.Transaction, error) {
	evidence, err := d.Hash()
	if err != nil {
		return nil, err
	}
	site, use := m.served()
	e := invoice.Event{
		Entity: m.in.Contract.Seller.Name, Customer: m.in.Contract.Customer.ID, Contract: m.in.Contract.ID, Booked: m.in.Booked, Evidence: evidence,
		Site: site, Use: use,
		Source: fmt.Sprintf("rating of %s, document %d of the month", m.in.Contract.name(m.in.Period), len(m.Documents)+1), // two credits of one amount are two
	}
	var out []books.Transaction
	add := func(at int64, post func(invoice.Event) (books.Transaction, error)) error {
		t, err := m.dated(e, at, post)
		if err == nil && len(t.Lines) > 0 {
			out = append(out, t)
		}
		return err
	}
	if d.Kind == invoice.Invoice {
		err = m.daily(add)
	} else {
		err = add(m.in.Period.To, func(e invoice.Event) (books.Transaction, error) { return invoice.Accrue(e, d.Lines) })
	}
	if err == nil {
		err = add(m.in.Period.To, func(e invoice.Event) (books.Transaction, error) { return earn(e, d.Lines) })
	}
	return out, err
}

// dated posts something on the last second before an instant, or on the day of the
// document where the books are closed then. What moves no money has no lines.
func (m *month) dated(e invoice.Event, before int64, post func(invoice.Event) (books.Transaction, error)) (books.Transaction, error) {
	belongs := ""
	if e.At = time.Unix(before-1, 0).UTC(); e.At.Before(m.in.Open) {
		e.At, belongs = m.in.At.UTC(), m.in.Contract.name(m.in.Period)
	}
	t, err := post(e)
	t.Belongs = belongs
	if nothing(err) {
		return books.Transaction{}, nil
	}
	return t, err
}

// daily earns a month by what it came to more on each of its days. All days
// together are the month.
func (m *month) daily(add func(int64, func(invoice.Event) (books.Transaction, error)) error) error {
	in := m.input
	in.Intervals = slices.DeleteFunc(slices.Clone(in.Intervals), func(x rate.Interval) bool {
		return x.Contract != m.in.Contract.ID || x.Span().Common(m.in.Period).Empty()
	})
	rate.Sort(in.Intervals)
	var earned []rate.Line
	for day := time.Unix(m.in.Period.From, 0).In(m.in.Contract.zone()); in.Until < m.in.Period.To; {
		name := day.Format(time.DateOnly)
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
		in.Until = min(day.Unix(), m.in.Period.To)
		r, err := rate.Rate(in)
		if err != nil {
			return fmt.Errorf("until %s: %w", name, err)
		}
		n, err := rate.Delta(earned, worthy(r.Lines))
		if err != nil {
			return err
		}
		more := slices.Concat(n.Credit, n.Debit)
		earned = append(earned, more...)
		if err := add(in.Until, func(e invoice.Event) (books.Transaction, error) {
			e.Source = "rating of " + name
			return invoice.Accrue(e, m.fromRate(more))
		}); err != nil {
			return err
		}
	}
	return nil
}

// earn is the posting of an SLA credit; one that turned out too high is taken back.
func earn(e invoice.Event, lines []invoice.Line) (books.Transaction, error) {
	var credit unit.Amount
	for _, l := range lines {
		if l.Kind == invoice.Credit {
			credit -= l.Amount
		}
	}
	if credit >= 0 {
		return invoice.EarnCredit(e, credit)
	}
	e.Source += ", taken back"
	t, err := invoice.EarnCredit(e, -credit)
	for i := range t.Lines {
		t.Lines[i].Amount = -t.Lines[i].Amount
	}
	t.Kind = "sla credit taken back"
	return t, err
}
