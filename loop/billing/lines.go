package billing

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/unit"
)

// worthy is the lines that stand on a document: taxes have a place of their own,
// and what was agreed, not needed and costs nothing is left out.
func worthy(all []rate.Line) (out []rate.Line) {
	for _, l := range all {
		idle := l.Amount == 0 && (l.Quantity == 0 || l.Kind == rate.Minimum || l.Kind == rate.Prepayment)
		if l.Kind != rate.Tax && !idle {
			out = append(out, l)
		}
	}
	return out
}

// fromRate is rated lines as lines of a document; a credit brings the hashes of
// what it was made of.
func (m *month) fromRate(lines []rate.Line) (out []invoice.Line) {
	for _, l := range lines {
		x := invoice.Line{
			ID: l.ID, Contract: l.Contract, Component: l.Component, Kind: invoice.LineKind(l.Kind), From: l.Period.From, To: l.Period.To,
			Quantity: l.Quantity, Base: l.Unit.Base(), Unit: string(l.Unit), Price: l.Price, Amount: l.Amount, Meter: l.Meters, Revision: l.Revision,
			Apportioned: l.Apportioned, Estimated: l.Estimated, Inputs: hex.EncodeToString(l.Inputs[:]),
		}
		if l.Kind == rate.Credit && m.Availability != nil {
			for _, h := range m.Availability.Evidence {
				x.Evidence = append(x.Evidence, hex.EncodeToString(h[:]))
			}
		}
		out = append(out, x)
	}
	return out
}

// toRate is the lines of documents as they were rated; goodwill was not.
func toRate(documents []invoice.Document) (out []rate.Line) {
	for _, d := range documents {
		for _, l := range d.Lines {
			if l.Kind == invoice.Goodwill {
				continue
			}
			out = append(out, rate.Line{
				ID: l.ID, Contract: l.Contract, Component: l.Component, Kind: rate.Kind(l.Kind), Period: rate.Span{From: l.From, To: l.To},
				Quantity: l.Quantity, Unit: rate.Unit(l.Unit), Price: l.Price, Amount: l.Amount, Meters: l.Meter, Revision: l.Revision,
				Apportioned: l.Apportioned, Estimated: l.Estimated,
			})
		}
	}
	return out
}

// bounded reports lines of which some could not be added up.
func bounded(lines []rate.Line) error {
	var up, down int64
	for _, l := range lines {
		side := &up
		if l.Amount < 0 {
			side = &down
		}
		sum, fits := books.Add(*side, int64(l.Amount))
		if !fits {
			return fmt.Errorf("the lines together: %w", rate.ErrOverflow)
		}
		*side = sum
	}
	return nil
}

// taxes is what is taxed in a month as it is known now, by code and rate.
//
// Source: docs/formula/billing.md.
func (m *month) taxes(credit bool) (out []invoice.Tax) {
	for _, l := range m.rating.Lines {
		if l.Kind != rate.Tax {
			continue
		}
		t, _ := m.term(l)
		base := unit.Amount(l.Quantity)
		if credit && len(m.credit) > 0 && l.Period == m.credited(t) {
			base -= m.returned(t)
		}
		out = taxed(out, invoice.Tax{Code: l.Component, Rate: t.Rate, Base: base})
	}
	for i, t := range out {
		out[i].Amount = unit.Amount(unit.MulDiv(int64(t.Base), int64(t.Rate), int64(unit.One)))
	}
	return slices.DeleteFunc(out, func(t invoice.Tax) bool { return t.Base == 0 && t.Amount == 0 })
}

// taxed adds to the tax of its code and rate.
func taxed(all []invoice.Tax, t invoice.Tax) []invoice.Tax {
	for i, x := range all {
		if x.Code == t.Code && x.Rate == t.Rate {
			all[i].Base += t.Base
			all[i].Amount += t.Amount
			return all
		}
	}
	return append(all, t)
}

// credited is the stretch whose line of a tax bears the credit: the last one of
// the month.
func (m *month) credited(t rate.Term) (s rate.Span) {
	for _, l := range m.rating.Lines {
		if l.Kind == rate.Tax && l.Component == t.Name {
			s = l.Period
		}
	}
	return s
}

// returned is the part of the credit that a tax was charged on.
func (m *month) returned(t rate.Term) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(m.fee(t.Of)), int64(m.Availability.Rate), int64(unit.One)))
}

// fee is what the terms of the fee come to, and of them those that are wanted;
// none named: all.
func (m *month) fee(wanted []string) (sum unit.Amount) {
	for _, l := range m.fresh {
		if slices.Contains(m.in.Contract.Service.Fee, l.Component) && (len(wanted) == 0 || slices.Contains(wanted, l.Component)) {
			sum += l.Amount
		}
	}
	return max(0, sum)
}

// invoice is the first document of a month, or nil where nothing is owed.
func (m *month) invoice() (*invoice.Document, error) {
	lines := m.fresh
	credited := m.in.Contract.Service.Credit == OnInvoice
	if credited {
		lines = slices.Concat(lines, m.credit)
	}
	if len(lines) == 0 {
		return nil, nil
	}
	return m.draft(invoice.Invoice, lines, m.taxes(credited), "")
}

// note is the document that leads from what was issued to what is known, or nil.
//
// Source: docs/formula/billing.md.
func (m *month) note() (*invoice.Document, error) {
	n, err := rate.Delta(toRate(m.Documents), slices.Concat(m.fresh, m.credit))
	if err != nil {
		return nil, err
	}
	lines := slices.Concat(n.Credit, n.Debit)
	if len(lines) == 0 {
		return nil, nil
	}
	taxes := slices.Clone(m.Taxes)
	for _, d := range m.Documents {
		for _, t := range d.Taxes {
			t.Base, t.Amount = -t.Base, -t.Amount
			taxes = taxed(taxes, t)
		}
	}
	taxes = slices.DeleteFunc(taxes, func(t invoice.Tax) bool { return t.Base == 0 && t.Amount == 0 })
	return m.draft(kindOf(lines, taxes), lines, taxes, m.reason(lines))
}

// kindOf is the kind of a note: who gets money back gets a credit note.
func kindOf(lines []rate.Line, taxes []invoice.Tax) invoice.Kind {
	var sum unit.Amount
	for _, l := range lines {
		sum += l.Amount
	}
	for _, t := range taxes {
		sum += t.Amount
	}
	if sum > 0 {
		return invoice.DebitNote
	}
	return invoice.CreditNote
}

// reason is why a note is written.
func (m *month) reason(lines []rate.Line) string {
	if m.in.Reason != "" {
		return m.in.Reason
	}
	credit := slices.ContainsFunc(lines, func(l rate.Line) bool { return l.Kind == rate.Credit })
	level := ""
	if m.Availability != nil {
		level = fmt.Sprintf("service level of %s: availability %s", m.in.Contract.name(m.in.Period), Percent(m.Availability.Availability))
	}
	correction := fmt.Sprintf("correction of %s to what is known now", m.in.Contract.name(m.in.Period))
	switch {
	case credit && len(lines) == 1:
		return level
	case credit:
		return correction + "; " + level
	}
	return correction
}

// Percent writes a share for people, with the decimals that it has.
func Percent(r unit.Ratio) string {
	return strings.TrimSuffix(strings.TrimRight(books.Asset("").Text(int64(r)*100), "0"), ".") + " %"
}

// draft is a document of the month without number and date.
func (m *month) draft(kind invoice.Kind, lines []rate.Line, taxes []invoice.Tax, reason string) (*invoice.Document, error) {
	c := m.in.Contract
	d := invoice.Document{
		Kind: kind, Entity: c.Seller, Customer: c.Customer, From: m.in.Period.From, To: m.in.Period.To, Currency: c.Currency,
		Lines: m.fromRate(lines), Taxes: taxes, Reason: reason,
	}
	if kind != invoice.Invoice {
		i := slices.IndexFunc(m.Documents, func(d invoice.Document) bool { return d.Kind == invoice.Invoice })
		if i < 0 {
			return nil, fmt.Errorf("a %s of %s without an invoice: %w", kind, m.in.Contract.name(m.in.Period), invoice.ErrDocument)
		}
		d.RefersTo = m.Documents[i].Number.String()
	}
	d, err := invoice.Draft(d)
	if err != nil {
		return nil, err
	}
	return m.moves(d)
}

// moves is a draft that moves money when it is issued, or nil: lines that cancel
// out wait until something is added to them.
func (m *month) moves(d invoice.Document) (*invoice.Document, error) {
	issued, err := d.Issue(invoice.Number{Series: m.in.Contract.Series, Serial: math.MaxInt64}, m.in.At.Unix()) // for a trial only
	if err == nil {
		_, err = issued.Post(m.in.Booked)
	}
	if nothing(err) {
		return nil, nil
	}
	return &d, err
}
