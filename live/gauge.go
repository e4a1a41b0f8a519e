package live

import (
	"context"
	"errors"
	"time"

	"sluice/loop/actuate"
	"sluice/loop/trust"
	"sluice/site"
	"sluice/store/telemetry"
)

// gauge writes down what machines and meters said. The goroutine of the core
// fills a batch; another one commits it, so control never waits for it.
type gauge struct {
	db    *telemetry.DB
	batch *telemetry.Batch
	full  chan *telemetry.Batch
	empty chan *telemetry.Batch
	next  time.Time
	units []telemetry.Unit
}

// commitPace is how often what was said is written.
const commitPace = 10 * time.Second

func newGauge(db *telemetry.DB, c Config) *gauge {
	if db == nil {
		return nil
	}
	g := &gauge{db: db, batch: db.Batch(), full: make(chan *telemetry.Batch, 1), empty: make(chan *telemetry.Batch, 1)}
	g.empty <- db.Batch()
	for _, m := range c.Machines {
		r := c.Rigs[m.Group].Group()
		u := telemetry.Unit{Site: c.Site.Name, Name: m.Name(), Hall: r.Hall, Group: r.Name, Model: m.Identity.Model}
		for _, h := range c.Site.Halls {
			if h.Name == r.Hall {
				u.Feeder = h.Feeder
			}
		}
		g.units = append(g.units, u)
	}
	return g
}

// heard notes one reading, or that there was none.
func (g *gauge) heard(e Heard) {
	switch {
	case g == nil:
	case e.Err != nil:
		g.batch.Silent(g.units[e.Machine], e.Asked)
	default:
		s := telemetry.Of(g.units[e.Machine], e.Reading)
		s.At = e.Asked
		g.batch.Unit(s)
	}
}

// tick hands the batch over when it is time and somebody is free to write it.
func (g *gauge) tick(c *Core, now time.Time) {
	if g == nil || now.Before(g.next) {
		return
	}
	select {
	case other := <-g.empty:
		g.sums(c, now)
		g.full <- g.batch
		g.batch, g.next = other, now.Add(commitPace)
	default: // the writer is behind: the next round holds more
	}
}

// sums adds what is kept for years.
func (g *gauge) sums(c *Core, now time.Time) {
	name := telemetry.Label{Name: "site", Value: c.cfg.Site.Name}
	for i, m := range c.cfg.Site.Meters {
		if !c.fresh(i) {
			continue
		}
		p := float64(c.meters[i].power)
		g.batch.Site(telemetry.MeterPower, now, p, name, telemetry.Label{Name: "meter", Value: m.Name})
		if m.Kind == site.RevenueMeter {
			g.batch.Site(telemetry.SitePower, now, p, name)
		}
		if m.Kind == site.FeederMeter {
			g.batch.Site(telemetry.FeederPower, now, p, name, telemetry.Label{Name: "feeder", Value: m.Of})
		}
	}
	v := c.kernel.Group(0)
	g.batch.Site(telemetry.SiteLimit, now, float64(v.Limit), name)
	g.batch.Site(telemetry.SiteReserved, now, float64(v.Reserved), name)
	for i, f := range c.cfg.Site.Feeders {
		v, label := c.kernel.Group(1+i), telemetry.Label{Name: "feeder", Value: f.Name}
		g.batch.Site(telemetry.FeederLimit, now, float64(v.Limit), name, label)
		g.batch.Site(telemetry.FeederReserved, now, float64(v.Reserved), name, label)
	}
	if c.plan != nil && len(c.plan.Price) > 0 {
		g.batch.Site(telemetry.SitePrice, now, c.plan.Price[0].Float(), name)
	}
	g.uses(c, now, name)
	g.halls(c, now, name)
}

// halls adds what halls of GPUs draw, and what each contract draws and may draw, IT.
func (g *gauge) halls(c *Core, now time.Time, name telemetry.Label) {
	for i := range c.halls {
		h := &c.halls[i]
		if !c.heardOf(h) {
			continue
		}
		g.batch.Site(telemetry.HallPower, now, float64(h.draw()), name, telemetry.Label{Name: "hall", Value: h.Name})
		for _, u := range h.report.Uses {
			label := telemetry.Label{Name: "use", Value: u.Use}
			g.batch.Site(telemetry.UsePower, now, float64(u.State.Draw), name, label)
			if b, bounded := h.report.Budgets[u.Use]; bounded {
				g.batch.Site(telemetry.UsePlan, now, float64(b), name, label)
			}
		}
	}
}

// uses adds the sums of the mining groups.
func (g *gauge) uses(c *Core, now time.Time, name telemetry.Label) {
	s := Status{Why: map[string]int{}}
	c.statusOfMachines(&s)
	for i, u := range s.Uses {
		label := telemetry.Label{Name: "group", Value: c.cfg.Rigs[i].Group().Name}
		g.batch.Site(telemetry.GroupPower, now, float64(u.Draw), name, label)
		g.batch.Site(telemetry.GroupPlan, now, float64(u.Target), name, label)
		g.batch.Site(telemetry.GroupHash, now, 1e9*float64(u.Hash), name, label)
		g.batch.Site(telemetry.GroupMachines, now, float64(u.Machines), name, label)
	}
}

// run commits batches until ctx ends.
func (g *gauge) run(ctx context.Context, failed func(error)) error {
	if g == nil {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	said := false
	for {
		select {
		case b := <-g.full:
			err := b.Commit(ctx)
			if err != nil && !said && !errors.Is(err, context.Canceled) {
				failed(err) // once: what is lost is counted
			}
			said = err != nil
			g.empty <- b
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// measure states the program's own figures after a second.
func (s *Site) measure(late time.Duration) {
	m := s.plant.Metrics
	if m == nil {
		return
	}
	m.TickLate(late)
	s.proofs()
	bad := 0
	for i := range s.core.machines {
		if s.core.kernel.Unit(i).Bad {
			bad++
		}
	}
	m.Quarantined(bad)
	for g := range s.core.groups {
		v := s.core.kernel.Group(g)
		m.Reserved(s.core.groups[g].Name, v.Reserved, v.Limit)
	}
	stage := trust.ClosedAll
	if s.trustee != nil {
		stage = s.trustee.kernel.Stage()
	}
	m.Stage(s.core.cfg.Site.Name, string(stage))
}

// proofs states the orders whose effect was looked for since it was asked last.
func (s *Site) proofs() {
	c := s.core.counts
	for ; s.proven < c.Proofs; s.proven++ {
		s.plant.Metrics.Proof("proven")
	}
	for ; s.missed < c.Missed; s.missed++ {
		s.plant.Metrics.Proof("missed")
	}
}

// count states one event in the program's own figures.
func (s *Site) count(e Event) {
	m := s.plant.Metrics
	switch e := e.(type) {
	case Heard:
		m.Polled(1)
		if e.Err != nil {
			m.PollFailed(failure(e.Err))
		}
	case Answered:
		m.Answer(string(e.Ack.Class))
	case Tick, Metered, Wished, Entrusted, Said, witnessed, credited, Reported, Budgeted, Followed:
	}
}

// failure is the class of a reading that failed, of which there are few.
func failure(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "late"
	case errors.Is(err, context.Canceled):
		return "yielded"
	case openTrouble(err) == WrongPassword:
		return "password"
	}
	return "broken"
}

// counted states what the core orders.
func (s *Site) counted(d Deed) {
	o, is := d.(Order)
	if !is {
		return
	}
	cause := string(actuate.ForRetry)
	if o.Cause != "" {
		cause = string(o.Cause)
	}
	s.plant.Metrics.Order(cause)
}
