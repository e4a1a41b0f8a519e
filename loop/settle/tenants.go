package settle

import (
	"fmt"
	"maps"
	"time"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

// Tenants is whom a site serves, and where each contract stands. One goroutine owns
// it; settling an interval moves it on.
type Tenants struct {
	Tenancies []*hosting.Tenancy
	Counts    map[string]hosting.Counts // by use, since it began
	Levels    map[string]hosting.LevelState
	Until     map[string]time.Time // by use, how far credits are settled
}

// NewTenants begins with nothing served and months in which nothing has happened yet.
func NewTenants(all []*hosting.Tenancy) *Tenants {
	return &Tenants{Tenancies: all, Counts: map[string]hosting.Counts{}, Levels: map[string]hosting.LevelState{}, Until: map[string]time.Time{}}
}

// Clone is the same for another line of time.
func (t *Tenants) Clone() *Tenants {
	return &Tenants{Tenancies: t.Tenancies, Counts: maps.Clone(t.Counts), Levels: maps.Clone(t.Levels), Until: maps.Clone(t.Until)}
}

// host books what one use earned with its tenant, if it has one.
func (e *entry) host(u cycle.UseDelivery, all *Tenants, over series.Interval) error {
	if all == nil {
		return nil
	}
	for _, t := range all.Tenancies {
		if t.Use() == u.Use {
			return e.serve(u, t, all, over)
		}
	}
	return nil
}

// serve books what serving a tenant earned in an interval: what was reserved, used or
// not, and what was used; with the last interval of a month also the credit for what
// was not available in it. Where that interval was not metered, the credit stands
// with the next one that was.
//
// Source: docs/formula/hosting.md, "Earned".
func (e *entry) serve(u cycle.UseDelivery, t *hosting.Tenancy, all *Tenants, over series.Interval) error {
	before := all.Counts[u.Use]
	settled, begun := all.Until[u.Use]
	if !begun {
		settled = over.Start
	}
	months, err := all.count(u, t, over)
	if err != nil {
		return err
	}
	reserved, used := t.Earned(over.Start, over.End(), before, all.Counts[u.Use])
	e.add(books.Reservation, u.Use, -reserved)
	e.add(books.Hosting, u.Use, -used)
	e.add(books.Unbilled, u.Use, reserved+used)
	for _, m := range months {
		if end := m.Month.End(); end.After(settled) && !end.After(over.End()) {
			credit := t.Credit(m)
			e.add(books.CreditsGranted, u.Use, credit)
			e.add(books.CreditsOwed, u.Use, -credit)
		}
	}
	return nil
}

// count moves a contract on by an interval. It returns the months that it touched.
func (all *Tenants) count(u cycle.UseDelivery, t *hosting.Tenancy, over series.Interval) ([]hosting.LevelState, error) {
	state, ended, err := all.Levels[u.Use].Add(hosting.Span{From: over.Start, To: over.End(), Counts: u.Service}, t.Zone())
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", t.Contract().Name, err)
	}
	all.Counts[u.Use], all.Levels[u.Use], all.Until[u.Use] = all.Counts[u.Use].Plus(u.Service), state, over.End()
	return append(ended, state), nil
}

// Recall counts an interval that was settled before, by its papers: a program that
// begins anew goes on from there. Of nobody it counts nothing.
func (all *Tenants) Recall(d cycle.Delivery) error {
	if all == nil {
		return nil
	}
	for _, u := range d.Uses {
		for _, t := range all.Tenancies {
			if t.Use() != u.Use {
				continue
			}
			if _, err := all.count(u, t, series.Interval{Start: d.At, Length: d.Length}); err != nil {
				return fmt.Errorf("recall %s turn %d: %w", d.Site, d.Turn, err)
			}
		}
	}
	return nil
}

// Served is what an entry earned with tenants, credits taken off.
func Served(e cycle.Entry) (sum unit.Amount) {
	return -Sum(e, books.Reservation) - Sum(e, books.Hosting) - Sum(e, books.CreditsGranted)
}
