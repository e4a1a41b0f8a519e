package live

import (
	"time"

	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
)

// usable reports whether a machine can be counted on: it is seen, it is the one
// that was adopted, it does what it is told, and it mines where it may.
func (c *Core) usable(i int) bool {
	u := c.kernel.Unit(i)
	return !u.Silent && !u.Strange && !u.Bad && !u.Foreign && u.Locked == "" && !c.machines[i].trouble.disobeys() && !c.machines[i].strange
}

// disobeys reports whether a machine in this state takes no orders, so that no
// plan can count on it.
func (t Trouble) disobeys() bool {
	switch t {
	case WrongPassword, WritesLocked, HeldByOther, ClockSkew, Unsupported, NoObedience, Replaced, Duplicate, Liar, Contended, NoWork:
		return true
	case Fine, NeverFound, SilentMachine, Garbled, SleptByOther, LockedOut, OtherPool, Drifts:
	}
	return false
}

// acquainted reports whether every machine was heard since the start, or has had
// time enough: a plan made before would put to sleep what nobody has asked yet.
func (c *Core) acquainted() bool {
	if c.known || c.now.Sub(c.cfg.Begin) > c.cfg.timing().Meet {
		return true
	}
	for i := range c.machines {
		if !c.machines[i].ever {
			return false
		}
	}
	c.known = true
	return true
}

// Uses is where every mining group stands, of the machines for which of is true.
// Health is their share that can be counted on.
func (c *Core) Uses(of func(i int) bool) []cycle.UseState {
	out := make([]cycle.UseState, len(c.cfg.Rigs))
	for g := range c.cfg.Rigs {
		out[g] = c.use(g, of)
	}
	return out
}

func (c *Core) use(g int, of func(i int) bool) cycle.UseState {
	r := c.cfg.Rigs[g]
	first, group := points(r)[0], r.Group()
	s := use.State{}
	members, fit, oldest := 0, 0, c.now
	for i := range c.machines {
		m := &c.machines[i]
		if m.Group != g || !of(i) {
			continue
		}
		members++
		if !c.usable(i) {
			continue
		}
		fit++
		if m.at.Before(oldest) {
			oldest = m.at
		}
		s.Draw += m.power()
		if c.stands(i) > 0 {
			s.On += first
			s.Held += held(first, m.on, c.now, group.MinOn, &s.Since)
		} else {
			s.Rest += held(first, m.off, c.now, group.MinOff, &s.Since)
		}
	}
	out := cycle.UseState{Use: r.Use(), State: s, At: oldest, Source: "machines"}
	if members > 0 {
		out.Health = unit.Ratio(unit.MulDiv(int64(fit), int64(unit.One), int64(group.Count)))
	}
	if fit > 0 { // the papers count what is on as if every machine worked
		nominal := func(p unit.Power) unit.Power {
			return unit.Power(unit.MulDiv(int64(p), int64(group.Count), int64(fit)))
		}
		out.State.On, out.State.Held, out.State.Rest = nominal(s.On), nominal(s.Held), nominal(s.Rest)
	}
	return out
}

// held is p while a minimum time since at is not over.
func held(p unit.Power, at, now time.Time, least time.Duration, since *time.Time) unit.Power {
	if at.IsZero() || now.Sub(at) >= least {
		return 0
	}
	if at.After(*since) {
		*since = at
	}
	return p
}

// stands is the setpoint at which a machine is, or is going to be.
func (c *Core) stands(i int) unit.Power {
	u := c.kernel.Unit(i)
	switch {
	case u.Open:
		return u.Target
	case u.Setpoint >= 0:
		return u.Setpoint
	}
	s, _ := c.machines[i].ladder.setpoint(c.machines[i].last)
	return s
}

// Targets shares a plan out over the machines for which of is true. The others
// keep where they stand.
func (c *Core) Targets(p cycle.Plan, of func(i int) bool) []unit.Power {
	out := make([]unit.Power, len(c.machines))
	for i := range c.machines {
		out[i] = c.stands(i)
	}
	for g, r := range c.cfg.Rigs {
		var members []actuate.Member
		for i := range c.machines {
			if m := &c.machines[i]; m.Group == g && of(i) && c.usable(i) {
				members = append(members, actuate.Member{Unit: i, Levels: m.ladder.levels(), Now: c.stands(i)})
			}
		}
		for _, u := range p.Uses {
			if u.Use == r.Use() {
				on := unit.Power(unit.MulDiv(int64(u.On), int64(len(members)), int64(r.Group().Count)))
				actuate.Spread(actuate.Share{On: on, Draw: u.Draw[0], Points: points(r)}, members, out)
			}
		}
	}
	return out
}

// Draw is what the machines for which of is true draw together, as they state it.
func (c *Core) Draw(of func(i int) bool) unit.Power {
	var sum unit.Power
	for i := range c.machines {
		if of(i) {
			sum += c.machines[i].power()
		}
	}
	return sum
}

// restMost and restMean are the draw of a sleeping machine: no more than the one
// is taken for sleep, and the other stands for what is not stated.
const (
	restMost unit.Power = 150
	restMean unit.Power = 40
)

// Firm is what the machines draw at the meter whatever a plan says: those that no
// plan may or can move, and the rest that every sleeping machine keeps drawing.
func (c *Core) Firm(free func(i int) bool) unit.Power {
	var sum unit.Power
	for i := range c.machines {
		m := &c.machines[i]
		switch {
		case !free(i) || !c.usable(i):
			sum += m.power()
		case c.stands(i) > 0:
		case m.last.Power.Known:
			sum += min(m.last.Power.Value, restMost)
		default:
			sum += restMean
		}
	}
	return sum.ScaleUp(unit.One + c.meanOverhead())
}

// Registers are the registers of every mining group, counted from what machines
// state: the site's meters say what was drawn, these say by whom.
func (c *Core) Registers() []cycle.UseRegister {
	out := make([]cycle.UseRegister, len(c.cfg.Rigs))
	for g, r := range c.cfg.Rigs {
		out[g].Use = r.Use()
	}
	for i := range c.machines {
		m := &c.machines[i]
		u := &out[m.Group]
		u.IT += m.stated.drawn
		u.Work += m.stated.work
		u.Started += m.stated.started
	}
	for g, r := range c.cfg.Rigs {
		out[g].Meter = unit.Energy(unit.MulDiv(int64(out[g].IT), int64(r.Group().Cooling.PUE0), int64(unit.One)))
	}
	return out
}
