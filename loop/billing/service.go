package billing

import (
	"time"

	"sluice/books/rate"
)

// assess holds the outages of the month against the agreement. What earlier
// months of the calendar year used of yearly budgets is worked out the same way.
func (m *month) assess() error {
	c := m.in.Contract
	if len(c.Service.Agreement.Tiers) == 0 {
		return nil
	}
	r := rate.Record{Contract: c.ID, Parts: c.Service.Parts}
	for _, o := range m.in.Outages {
		if o.Contract == c.ID {
			r.Outages = append(r.Outages, o.Outage)
		}
	}
	for _, x := range m.in.Exclusions {
		if x.Contract == c.ID {
			r.Exclusions = append(r.Exclusions, x.Exclusion)
		}
	}
	for r.Period = c.Month(m.newYear()); r.Period != m.in.Period; r.Period = c.Month(time.Unix(r.Period.To, 0)) {
		s, err := rate.Assess(c.Service.Agreement, r)
		if err != nil {
			return err
		}
		r.Spent = append(r.Spent, s.Spent...)
	}
	r.Fee = m.fee(nil)
	s, err := rate.Assess(c.Service.Agreement, r)
	if err != nil {
		return err
	}
	m.Availability = &s
	if s.Credit.Amount != 0 {
		credit := s.Credit
		credit.Component = "availability" // as the customer reads it
		m.credit = []rate.Line{credit}
	}
	return nil
}

// newYear is when the calendar year of the month began.
func (m *month) newYear() time.Time {
	zone := m.in.Contract.zone()
	return time.Date(time.Unix(m.in.Period.From, 0).In(zone).Year(), 1, 1, 0, 0, 0, 0, zone)
}
