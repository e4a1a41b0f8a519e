package replay

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sluice/replay/report"
	"sluice/unit"
	"sluice/use/hosting"
)

// This file asks what one market for miners and tenants is worth. The same period is
// turned twice more: with a hall that has a fixed share of the connection, used or
// not, and without a hall. No papers are kept of either. A site without miners has
// nothing to share its connection with, and is compared with tenants nobody holds back.

// apart is the site whose hall has its share of the connection by itself: the miners
// plan with what is left, and nothing is ever taken from a tenant.
func (s *Setup) apart() *Setup {
	out := *s
	share := unit.Power(0)
	for _, h := range s.Halls {
		if room, found := s.Site.Room(h.Hall.Name); found {
			share += room
		}
	}
	out.Site.Connection.Import = max(0, s.Site.Connection.Ceiling()-share)
	out.Halls, out.Tenancies = nil, nil
	return &out
}

// withoutHalls is the site with its miners only.
func (s *Setup) withoutHalls() *Setup {
	out := *s
	out.Halls, out.Tenancies = nil, nil
	return &out
}

// beside turns the wheel of a planner over the whole period, and settles what happens
// as the site of the replay does.
func (r *run) beside(ctx context.Context, planner, site *Setup) (*tally, error) {
	solver, err := r.solvers.take(ctx)
	if err != nil {
		return nil, err
	}
	defer r.solvers.give(solver)
	m := newMarket(site)
	l, err := newLine(ctx, m, r.around)
	if err != nil {
		return nil, err
	}
	t := &turner{m: m, planner: planner, around: r.around, solver: solver, limits: r.o.Limits}
	for k, g := range r.legs {
		if err := t.pass(ctx, l, g, r.feeds[k].clone()); err != nil {
			return nil, fmt.Errorf("%s: %w", g.month, err)
		}
		r.tick((g.last - g.first) / 2)()
	}
	return l.tally, l.countPeaks()
}

// pass turns the wheel over one leg without keeping papers.
func (t *turner) pass(ctx context.Context, l *line, g leg, f *feed) error {
	w, err := t.wheel(l.bill, f.desk)
	if err != nil {
		return err
	}
	for i := g.first; i < g.last; i++ {
		if err := f.upTo(i); err != nil {
			return err
		}
		done, err := t.turn(ctx, w, l, i)
		if err != nil {
			return err
		}
		done.Delivery.Over = max(0, done.Delivery.Peak-t.m.s.Site.Connection.Ceiling()) // the planner may have a smaller one
		l.tally.add(done.Delivery, done.Entry)
	}
	return nil
}

// ways replays what the hall is compared with.
func (r *run) ways(ctx context.Context) error {
	if len(r.s.Halls) == 0 || !r.s.mines() {
		return nil
	}
	var err error
	if r.apart, err = r.beside(ctx, r.s.apart(), r.s); err != nil {
		return fmt.Errorf("the hall apart: %w", err)
	}
	alone := r.s.withoutHalls()
	if r.alone, err = r.beside(ctx, alone, alone); err != nil {
		return fmt.Errorf("the miners alone: %w", err)
	}
	return nil
}

// compared is one way of running a hall and what it did.
type compared struct {
	id string
	t  *tally
}

// hosting is the part of the report about halls; nil without any.
func (r *run) hosting() *report.Hosting {
	if len(r.s.Halls) == 0 {
		return nil
	}
	out := &report.Hosting{}
	beside := []compared{{report.Apart, r.apart}, {report.NoHall, r.alone}}
	if !r.s.mines() {
		beside = []compared{{report.Unheld, r.always}}
	}
	for _, w := range slices.Concat([]compared{{report.Together, r.sluice}}, beside, []compared{{report.Foreseen, r.hindsight}}) {
		out.Ways = append(out.Ways, r.way(w.id, w.t))
	}
	for _, c := range r.s.Tenancies {
		if t := r.sluice.tenants[c.Use()]; t != nil {
			out.Contracts = append(out.Contracts, contractOf(c.Contract(), t))
		}
	}
	return out
}

// way is what one way of running the hall came to.
func (r *run) way(id string, t *tally) report.Way {
	p := r.policy(sheet{id: id, t: t})
	out := report.Way{ID: id, Net: p.Net, Energy: p.Energy, Bill: -t.bill.Total()}
	for _, l := range p.Money {
		switch l.Source {
		case report.Mining:
			out.Mined += l.Amount
		case report.Tenants:
			out.Tenants += l.Amount
		case report.Credits:
			out.Credits -= l.Amount
		}
	}
	for _, c := range r.s.Tenancies {
		if n := t.tenants[c.Use()]; n != nil && c.Contract().Kind.Commits() {
			out.Down += n.counts.Down - n.counts.Excused
			out.Missed += n.missed
		}
	}
	return out
}

// hosted reports whether a use serves a tenant.
func hosted(use string) bool { return strings.HasPrefix(use, "hosting/") }

// contractOf is what one contract came to.
func contractOf(c hosting.Contract, t *tenancy) report.Tenancy {
	return report.Tenancy{
		Name: c.Name, Kind: string(c.Kind), Size: c.Units(), Served: t.counts.Served, Committed: t.counts.Committed,
		Down: t.counts.Down, Excused: t.counts.Excused, Slowed: t.counts.Slowed, Lost: t.counts.Lost, Late: t.counts.Late,
		Evictions: t.counts.Evictions, IT: t.it, Meter: t.meter, Earned: t.earned, Credits: t.credited, Power: t.power,
	}
}
