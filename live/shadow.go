package live

import (
	"context"
	"fmt"
	"time"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/loop/verify"
	"sluice/power"
	"sluice/unit"
	"sluice/world"
)

// Shadow is a simulated plant of the same site that follows every plan at once.
// What it earns is what the site would have earned with full trust.
type Shadow struct {
	wheel  loop.Config
	bill   *power.Bill
	plant  *world.Plant
	turner *loop.Wheel
	before cycle.Registers
	wait   []closed
	sum    Earned
	last   *cycle.Plan
	turn   *cycle.Turn

	margins map[time.Time]unit.Amount // by the beginning of the interval
	mirrors []*mirror
	tenants *settle.Tenants
}

// NewShadow is a shadow of a site whose machines all run at start, with a mirror of
// each of its halls. Plants behind the meter are not in it yet.
func NewShadow(c loop.Config, halls []GPUHall, around world.Conditions, start time.Time) (*Shadow, error) {
	bill, err := power.NewBill(c.Contracts, c.Site.Zone)
	if err != nil {
		return nil, fmt.Errorf("bill of the shadow: %w", err)
	}
	s := &Shadow{wheel: c, bill: bill, margins: map[time.Time]unit.Amount{}, tenants: settle.NewTenants(c.Tenancies)}
	plant := world.Config{Start: start, MustRun: c.Site.MustRun, Export: c.Site.Connection.Outlet(), Rigs: c.Rigs, On: true, Around: around}
	for _, h := range halls {
		s.mirrors = append(s.mirrors, newMirror(h))
		plant.Halls, plant.Import = append(plant.Halls, s.mirrors[len(s.mirrors)-1]), c.Site.Connection.Ceiling()
	}
	s.plant = world.New(plant)
	return s, nil
}

// Turn plans and lives through the interval that begins at now.
func (s *Shadow) Turn(ctx context.Context, now time.Time, feed Feed, facts loop.Facts, halls []guest) error {
	s.settle(feed)
	if s.turner == nil || s.wheel.Desk != feed.Desk() {
		s.wheel.Desk, s.wheel.Bill = feed.Desk(), s.bill
		w, err := loop.New(s.wheel)
		if err != nil {
			return fmt.Errorf("shadow: %w", err)
		}
		s.turner = w
	}
	if err := s.wind(ctx, now); err != nil {
		return err
	}
	uses, err := s.plant.States(ctx)
	if err != nil {
		return fmt.Errorf("shadow: %w", err)
	}
	facts.Uses, facts.Firm = uses, 0
	for i, g := range halls {
		s.mirrors[i].see(g, now)
	}
	Turning{Wheel: s.wheel, Tenants: s.tenants}.host(&facts, s.turner, now, halls, false)
	t, err := s.turner.Open(ctx, now, facts)
	if err != nil {
		return fmt.Errorf("shadow: %w", err)
	}
	s.last, s.turn = &t.Plan, t
	return s.follow(ctx, t)
}

// wind lets the plant stand still over intervals that nobody planned, such as
// while the program was stopped.
func (s *Shadow) wind(ctx context.Context, now time.Time) error {
	if gap := now.Sub(s.before.At); !s.before.At.IsZero() && gap > 0 {
		s.plant.Advance(gap)
	}
	r, err := s.plant.Read(ctx)
	s.before = r
	return err
}

// follow carries the orders out, and lets the interval pass.
func (s *Shadow) follow(ctx context.Context, t *cycle.Turn) error {
	for _, o := range t.Orders {
		r, err := s.plant.Carry(ctx, o)
		if err != nil {
			return fmt.Errorf("shadow: %w", err)
		}
		t.Receipts = append(t.Receipts, r)
	}
	s.plant.Advance(s.wheel.Step)
	after, err := s.plant.Read(ctx)
	if err != nil {
		return fmt.Errorf("shadow: %w", err)
	}
	t.Delivery = verify.Deliver(t.Plan, s.before, after, t.Snapshot.Limit.Import.At(0), t.Receipts)
	s.wait = append(s.wait, closed{turn: t})
	s.before = after
	return nil
}

// settle counts every interval whose prices are published.
func (s *Shadow) settle(feed Feed) {
	for len(s.wait) > 0 {
		w := s.wait[0]
		p, known := feed.Prices(w.turn.Delivery.At)
		if !known {
			break
		}
		s.wait = s.wait[1:]
		if p.Tenants = nil; len(s.mirrors) > 0 {
			p.Tenants = s.tenants
		}
		e, err := post(w.turn.Delivery, p, s.bill, s.wheel.Step)
		if err != nil {
			s.sum.Unpriced++
			continue
		}
		s.sum = s.sum.plus(e, w.turn.Delivery)
		if len(s.margins) > remembered {
			clear(s.margins)
		}
		s.margins[w.turn.Delivery.At] = settle.Margin(e)
	}
	s.sum.Unpriced = len(s.wait)
}

// remembered is for how many intervals the shadow knows what it earned in each.
const remembered = 4096

// Margin is what the shadow earned in the interval that began at start, and false
// while that is not known.
func (s *Shadow) Margin(start time.Time) (unit.Amount, bool) {
	m, known := s.margins[start]
	return m, known
}

// Earned is what the shadow has earned so far.
func (s *Shadow) Earned() Earned { return s.sum }

// Plan is the shadow's plan of the interval that runs; nil before the first.
func (s *Shadow) Plan() *cycle.Plan { return s.last }

// Draw is the power that the shadow's plan gives a use now.
func (s *Shadow) Draw(name string) unit.Power {
	if s.last == nil {
		return 0
	}
	for _, u := range s.last.Uses {
		if u.Use == name {
			return u.Draw[0]
		}
	}
	return 0
}
