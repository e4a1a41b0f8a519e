package live

import (
	"context"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/loop/verify"
	"sluice/site"
	"sluice/store/sqlite"
	"sluice/unit"
)

// witnessed is what a witness found behind the meter of a group.
type witnessed struct {
	group    int
	meters   bool // meters were held against it, and not machines
	report   verify.Report
	forgiven []int // machines of whom it forgot everything before this round
}

func (witnessed) event() {}

// court is the witnesses of a site: one for each meter with machines behind it.
// They think in a goroutine of their own, because a verdict takes time; the core
// only hands them what was said.
type court struct {
	site    string
	seats   []*seat
	in      chan hearing
	next    time.Time
	archive archive
}

// seat is one witness and the machines behind its meter, by the index of the core.
type seat struct {
	group    int
	meter    int
	members  []int // machines by the index of the core, or meters where meters is true
	meters   bool
	name     string   // of the meter
	units    []string // names of the members
	config   verify.Config
	witness  *verify.Witness
	cleared  []int // members that a person has looked at, for the next hearing
	overhead unit.Ratio
	spare    unit.Power // load behind the meter that no machine states
}

// hearing is what all machines behind one meter said.
type hearing struct {
	seat    *seat
	round   verify.Round
	cleared []int
}

// hearingPace is how often machines are held against their meters.
const hearingPace = 10 * time.Second

// newCourt seats a witness at every meter. A meter that fails to be understood is
// told of and has none.
func newCourt(c *Core) (*court, error) {
	t := &court{site: c.cfg.Site.Name, in: make(chan hearing, 4*len(c.cfg.Site.Meters)+1)}
	for i, m := range c.cfg.Site.Meters {
		g, known := c.cfg.metered(m)
		if !known {
			continue
		}
		s := &seat{group: g, meter: i, name: m.Name, overhead: unit.One + c.meanOverhead()}
		if g == 0 {
			s.spare = c.cfg.Site.MustRun
		}
		units := c.seated(s)
		if len(units) == 0 {
			continue
		}
		s.config = verify.DefaultConfig(units)
		w, err := verify.NewWitness(s.config)
		if err != nil {
			return nil, err
		}
		s.witness = w
		t.seats = append(t.seats, s)
	}
	return t, nil
}

// seated lists who stands behind the meter of a seat: the meters of the feeders
// where those see every machine, else the machines.
func (c *Core) seated(s *seat) []verify.Unit {
	var units []verify.Unit
	if s.group == 0 && c.fedByMeters() {
		s.meters, s.overhead, s.spare = true, unit.One, 0 // the house load hangs on the feeders too
		for i, m := range c.cfg.Site.Meters {
			if m.Kind == site.FeederMeter {
				s.members, s.units = append(s.members, i), append(s.units, "meter "+m.Name)
				g, _ := c.cfg.metered(m)
				units = append(units, verify.Unit{Most: c.groups[g].Limit})
			}
		}
		return units
	}
	for k := range c.machines {
		if c.behind(k, s.group) {
			s.members, s.units = append(s.members, k), append(s.units, c.machines[k].Name())
			units = append(units, verify.Unit{Most: c.machines[k].ladder.most()})
		}
	}
	return units
}

// fedByMeters reports whether every feeder with machines has a meter of its own.
func (c *Core) fedByMeters() bool {
	seen := map[int]bool{}
	for _, m := range c.cfg.Site.Meters {
		if g, known := c.cfg.metered(m); known && m.Kind == site.FeederMeter {
			seen[g] = true
		}
	}
	for i := range c.machines {
		g := c.cfg.hall(c.cfg.Rigs[c.machines[i].Group].Group().Hall)
		for g > len(c.cfg.Site.Feeders) {
			g = c.groups[g].Parent
		}
		if !seen[g] {
			return false
		}
	}
	return len(seen) > 1
}

// behind reports whether a machine hangs behind the limit of a group.
func (c *Core) behind(i, g int) bool {
	at := c.cfg.hall(c.cfg.Rigs[c.machines[i].Group].Group().Hall)
	for at > g {
		at = c.groups[at].Parent
	}
	return at == g
}

// meanOverhead is what cooling adds at its base, as a share of the machines' draw.
func (c *Core) meanOverhead() unit.Ratio {
	var sum, all int64
	for _, m := range c.machines {
		r := c.cfg.Rigs[m.Group]
		sum += int64(r.Group().Cooling.PUE0 - unit.One)
		all++
	}
	return unit.Ratio(sum / max(1, all))
}

// hear hands a round to every witness that is free.
func (t *court) hear(c *Core, now time.Time) {
	if t == nil || now.Before(t.next) || !c.acquainted() {
		return
	}
	t.next = now.Add(hearingPace)
	for _, s := range t.seats {
		select {
		case t.in <- hearing{seat: s, round: c.round(s, now), cleared: s.cleared}:
			s.cleared = nil
		default: // they still think about the last ones
		}
	}
}

// round is what the machines behind a meter say, and the meter.
func (c *Core) round(s *seat, now time.Time) verify.Round {
	m := c.meters[s.meter]
	spare := s.spare
	if s.group > 0 { // house load hangs on feeders too: as much as is found there and declared for the site
		spare = min(c.kernel.Group(s.group).Unmeasured, c.cfg.Site.MustRun)
	}
	spare += c.hosts(s.group, s.meters)
	r := verify.Round{At: now, Power: m.power, Metered: m.known, Age: now.Sub(m.at), Overhead: s.overhead, Auxiliary: spare}
	r.Units = make([]verify.Statement, len(s.members))
	for k, i := range s.members {
		if s.meters {
			r.Units[k] = verify.Statement{Power: c.meters[i].power, Known: c.meters[i].known, Fresh: c.fresh(i), Ordered: -1, Activity: device.Running}
			continue
		}
		x := &c.machines[i]
		v := c.kernel.Unit(i)
		st := verify.Statement{Power: x.power(), Known: x.ever, Fresh: !v.Silent, Ordered: -1, Activity: device.Running}
		if at, known := x.ladder.setpoint(x.last); known && at == 0 {
			st.Activity = device.Asleep
		}
		if v.Setpoint >= 0 {
			st.Ordered = v.Setpoint
		}
		r.Units[k] = st
	}
	return r
}

// run lets the witnesses think until ctx ends.
func (t *court) run(ctx context.Context, post func(Event)) error {
	if t == nil {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	for {
		select {
		case h := <-t.in:
			r, err := h.take()
			t.keep(h.round.At, false)
			if err != nil {
				continue // such a round says nothing, and the next one may
			}
			for k, f := range r.Findings {
				if f.Unit != verify.Group {
					r.Findings[k].Unit = h.seat.unit(f.Unit)
				}
			}
			post(witnessed{group: h.seat.group, meters: h.seat.meters, report: r, forgiven: h.forgiven()})
		case <-ctx.Done():
			return t.close(ctx)
		}
	}
}

// unit is the machine of the core that a finding means; where meters are held
// against a meter, the whole group is meant.
func (s *seat) unit(i int) int {
	if s.meters {
		return verify.Group
	}
	return s.members[i]
}

// verdict takes what a witness found. A liar gets no orders any more and counts at
// its full draw until a person has looked at it.
func (c *Core) verdict(w witnessed) {
	standing, before := map[verify.Code]bool{}, &c.found[w.group]
	if w.meters {
		before = &c.across[w.group]
	}
	for _, i := range w.forgiven {
		delete(c.clearing, i)
	}
	for _, f := range w.report.Findings {
		if f.Code == verify.MeterStuck && c.cfg.Fast {
			continue // it only seems to stand still
		}
		standing[f.Code] = true
		switch {
		case f.Unit >= 0 && c.clearing[f.Unit]: // a person looked at it after this was said
		case f.Code == verify.Liar && f.Unit >= 0:
			if c.machines[f.Unit].trouble != Liar {
				c.trouble(f.Unit, Liar)
				c.step(actuate.Accused{Unit: f.Unit})
			}
		case f.Code == verify.Drifting && f.Unit >= 0:
			if c.machines[f.Unit].trouble == Fine {
				c.trouble(f.Unit, Drifts)
			}
		case f.Unit == verify.Group && f.Code != verify.Stale && !(*before)[f.Code]:
			c.behindMeter(w.group, f)
		}
	}
	*before = standing
}

// behindMeter tells of what is wrong with a meter and all behind it, and keeps it.
func (c *Core) behindMeter(g int, f verify.Finding) {
	name := c.groups[g].Name
	c.out = append(c.out, Alarm{Machine: -1, Code: string(f.Code), Text: name + ": " + f.Power.String() + "; " + f.Code.Remedy()})
	subject := "behind " + name
	c.out = append(c.out, Keep{Record: c.record(sqlite.Trouble, c.key("trouble", subject), subject, sqlite.Epoch{}, struct {
		Code   verify.Code `json:"code"`
		Power  unit.Power  `json:"power_w"`
		Remedy string      `json:"remedy"`
	}{f.Code, f.Power, f.Code.Remedy()})})
}

// sick reports whether the meter of a group was found to show what is not there.
// Nothing rises behind it until it is well.
func (c *Core) sick(g int) bool {
	for _, f := range []map[verify.Code]bool{c.found[g], c.across[g]} {
		if f[verify.MeterStuck] || f[verify.MeterSwapped] || f[verify.MeterScaled] {
			return true
		}
	}
	return false
}
