package billing

import (
	"time"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/books/rate"
)

// Accrual is a month of the contract as what was accrued lies in it.
func (c Contract) Accrual(p rate.Span) accrual.Period {
	return accrual.Period{Contract: c.ID, From: time.Unix(p.From, 0).In(c.zone()), To: time.Unix(p.To, 0).In(c.zone())}
}

// clear takes back what sites accrued of the month: its documents say what was
// earned. While the month has no document and more may become known of it, the
// estimate stands.
//
// Source: docs/formula/revenue.md.
func (m *month) clear() ([]books.Transaction, error) {
	estimate := m.in.At.Unix() < m.in.Period.To || len(m.Gaps) > 0 && !m.in.Provisional
	if m.Draft == nil && len(m.Documents) == 0 && estimate {
		return nil, nil
	}
	name := m.in.Contract.name(m.in.Period)
	c := accrual.Clearing{Open: m.in.Open, Late: m.in.At.UTC(), Belongs: name, Booked: m.in.Booked, Why: "contract " + m.in.Contract.ID + " is billed for " + name}
	return c.Of(m.in.Contract.Accrual(m.in.Period).Open(m.in.Accrued))
}

// served is the site and the use that served the month, as far as all that was
// accrued of it names the same.
func (m *month) served() (site, use string) {
	for i, t := range m.in.Contract.Accrual(m.in.Period).Within(m.in.Accrued) {
		tags := t.Lines[0].Tags
		if i > 0 && (tags.Site != site || tags.Use != use) {
			return "", ""
		}
		site, use = tags.Site, tags.Use
	}
	return site, use
}
