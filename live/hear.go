package live

import (
	"slices"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/loop/verify"
	"sluice/unit"
)

// hear takes what became of a reading.
func (c *Core) hear(e Heard) {
	m := &c.machines[e.Machine]
	m.asking = false
	c.touch(e.Machine)
	c.counts.Reads++
	if e.Other != nil {
		c.identify(e.Machine, *e.Other, e.Asked)
	}
	if e.Err != nil {
		c.unheard(e.Machine, e.Err)
		return
	}
	if m.last.Uptime.Known && e.Reading.Uptime.Known && e.Reading.Uptime.Value < m.last.Uptime.Value {
		m.same = m.same && e.Other != nil // it restarted, or it is another one: ask who it is
	}
	m.count(c.cfg.Rigs[m.Group], e)
	if t := m.trouble; t == NeverFound || t == SilentMachine || (t == Garbled || t == WrongPassword) && m.lost >= lostMost {
		c.trouble(e.Machine, Fine)
	}
	m.last, m.at, m.ever, m.lost = e.Reading, e.Asked, true, 0
	m.feel(e)
	r := m.sight(e)
	if !m.same {
		r.Known &^= actuate.Same
		if e.Other == nil {
			return // nobody knows who said that
		}
	}
	c.contend(e.Machine, r)
	c.idles(e.Machine)
	c.pools(e.Machine, e.Reading)
	r.Unit, r.Asked = e.Machine, c.at(e.Asked)
	c.heard = append(c.heard, r)
}

// The bounds of what is taken for an accident: so many changes that nobody here
// ordered, within so long.
const (
	contendMost = 3
	contendTime = time.Hour
)

// contend notices when something else changes the settings of a machine that was
// proven to stand elsewhere. It is put right a few times and then left alone.
func (c *Core) contend(i int, r actuate.UnitReading) {
	m, v := &c.machines[i], c.kernel.Unit(i)
	moved := r.Known&actuate.KnownSetpoint != 0 && v.Setpoint >= 0 && !v.Open && !v.Withheld && r.Setpoint != v.Setpoint
	if !moved || m.trouble == Contended {
		return
	}
	m.moved = slices.DeleteFunc(m.moved, func(t time.Time) bool { return c.now.Sub(t) > contendTime })
	if m.moved = append(m.moved, c.now); len(m.moved) > contendMost {
		c.trouble(i, Contended)
		c.step(actuate.Accused{Unit: i})
	}
}

// pools holds where a machine mines against what is allowed, at every reading.
func (c *Core) pools(i int, r device.Reading) {
	m := &c.machines[i]
	if len(c.cfg.Pools) == 0 || len(r.Pools) == 0 {
		return
	}
	var strange bool
	for _, f := range verify.Pools(r.Pools, c.cfg.Pools) {
		switch {
		case f.Code == verify.PoolUnstated:
		case f.Code == verify.PoolDeveloper && r.Pools[f.Evidence.Slot].Fee: // it came with the firmware, and nobody changed it
			c.stranger(i, f, c.fees[m.Group])
			c.fees[m.Group] = true
		default:
			strange = true
			c.stranger(i, f, m.strange)
		}
	}
	switch {
	case strange && m.trouble == Fine:
		c.trouble(i, OtherPool)
	case !strange && m.trouble == OtherPool:
		c.trouble(i, Fine)
	}
	if strange != m.strange { // not a watt more for a stranger
		most := everything
		if strange {
			most = c.stands(i)
		}
		c.step(actuate.Derated{Unit: i, Most: most})
	}
	m.strange = strange
}

// idles notices a machine that was proven to run and draws next to nothing long
// after: a wake that failed, a dead pool, a fault.
func (c *Core) idles(i int) {
	m, v := &c.machines[i], c.kernel.Unit(i)
	lazy := v.Setpoint > 0 && !v.Open && c.lentTo(i) == "" && m.last.Power.Known && m.last.Power.Value < m.ladder.least()/2
	switch {
	case lazy && m.trouble == Fine && !m.on.IsZero() && c.now.Sub(m.on) > 2*max(m.Can.Settle, 10*time.Minute):
		c.trouble(i, NoWork)
	case !lazy && m.trouble == NoWork:
		c.trouble(i, Fine)
	}
}

// stranger tells of a pool that is not allowed, once until it is gone; of a fee
// that came with the firmware once for each mining group.
func (c *Core) stranger(i int, f verify.Finding, told bool) {
	if m := &c.machines[i]; !told {
		c.out = append(c.out, Alarm{Machine: i, Code: string(f.Code), Text: m.Name() + ": " + f.Evidence.Text + ": " + f.Code.Remedy()})
	}
}

// identify compares who answered with who was adopted.
func (c *Core) identify(i int, id device.Identity, at time.Time) {
	m := &c.machines[i]
	const patience = 3
	m.probed = at
	switch same, certain := SameMachine(m.Identity, id); {
	case same:
		m.same, m.unsure = true, 0
		if m.trouble == Replaced {
			c.trouble(i, Fine)
		}
	case certain || m.unsure >= patience:
		m.same = false
		c.trouble(i, Replaced)
		c.heard = append(c.heard, actuate.UnitReading{Unit: i, Asked: c.at(at)}) // somebody, and not the one that was adopted
	default: // a machine that boots does not name itself: ask again soon
		m.unsure++
	}
}

// SameMachine reports whether b is the machine a, and whether that is certain: by
// the MAC, or else by the serial. A machine that has neither is told by its
// family and model. One that states less than a does may be a while booting.
func SameMachine(a, b device.Identity) (same, certain bool) {
	switch {
	case a.MAC != "" && b.MAC != "":
		return a.MAC == b.MAC, true
	case a.Serial != "" && b.Serial != "":
		return a.Serial == b.Serial, true
	case a.MAC != "" || a.Serial != "" || b.Family == "":
		return false, false
	}
	same = a.Family == b.Family && a.Model == b.Model
	return same, same || b.MAC != "" || b.Serial != "" || a.Family != b.Family
}

// lostMost is how many readings in a row may fail before the machine is in trouble.
const lostMost = 3

// unheard notes a reading without an answer. The kernel notices by itself that
// nothing new came.
func (c *Core) unheard(i int, err error) {
	m := &c.machines[i]
	c.counts.Lost++
	m.lost++
	t := unheardAs(err)
	dumb := m.trouble == NeverFound || m.trouble == SilentMachine || m.trouble == Garbled // what it says tells more
	if m.lost >= lostMost && !m.waking(c.now) && (m.trouble == Fine && m.ever || t != SilentMachine && (dumb || m.trouble == Fine)) {
		c.trouble(i, t)
	}
	m.next = c.now.Add(min(c.cfg.Poll, time.Duration(m.lost)*confirmPulse)) // sooner than usual at first
}

// waking reports whether a machine may well be dark, because it was just told to wake.
func (m *machine) waking(now time.Time) bool {
	return m.proving && m.target > 0 && now.Sub(m.ordered) < 2*max(m.Can.Restart, time.Minute)
}

// sight is a reading in the words of the kernel.
func (m *machine) sight(e Heard) actuate.UnitReading {
	r := actuate.UnitReading{Known: actuate.Same}
	if s, known := m.ladder.setpoint(e.Reading); known {
		r.Setpoint, r.Known = s, r.Known|actuate.KnownSetpoint
	}
	if u := e.Reading.Uptime; u.Known {
		r.Uptime, r.Known = u.Value, r.Known|actuate.KnownUptime
	}
	if p, known := m.draw(e, r); known {
		r.Power, r.Known = p, r.Known|actuate.KnownPower
	}
	return r
}

// sleeperDraw stands for what a sleeping machine draws that states no watts.
const sleeperDraw unit.Power = 100

// zeroApart is how far two zero hash rates lie apart that prove sleep without watts.
const zeroApart = 5 * time.Second

// draw is what a machine draws: what it states, or else the most that it can draw
// where it says that it stands. A sleeper without watts must show no hash rate
// in two readings.
func (m *machine) draw(e Heard, r actuate.UnitReading) (unit.Power, bool) {
	x := e.Reading
	idle := x.Hash.Known && x.Hash.Value == 0
	switch {
	case !idle:
		m.idle = time.Time{}
	case m.idle.IsZero():
		m.idle = e.Asked
	}
	switch {
	case x.Power.Known:
		return x.Power.Value, true
	case r.Known&actuate.KnownSetpoint == 0:
		return 0, false
	case r.Setpoint > 0:
		return r.Setpoint, true
	case idle && e.Asked.Sub(m.idle) >= zeroApart:
		return sleeperDraw, true
	}
	return 0, false
}

// energy adds up what a machine states between its readings.
type energy struct {
	drawn   unit.Energy
	work    unit.Work
	started unit.Power

	due, could, starting unit.Work // see account
}

// countMost is the longest stretch between two readings that is counted: beyond
// it nobody knows, and the meter tells the rest.
const countMost = 5 * time.Minute

// count adds the stretch since the last reading at the mean of both.
func (m *machine) count(r rig, e Heard) {
	d := e.Asked.Sub(m.at)
	if !m.ever || d <= 0 || d > countMost {
		return
	}
	a, b := m.power(), stated(m.ladder, e.Reading)
	m.stated.drawn += ((a + b) / 2).Over(d)
	if m.last.Hash.Known && e.Reading.Hash.Known {
		m.stated.work += ((m.last.Hash.Value + e.Reading.Hash.Value) / 2).Over(d)
	}
	was, known := m.ladder.setpoint(m.last)
	is, knows := m.ladder.setpoint(e.Reading)
	if known && knows && was == 0 && is > 0 {
		m.stated.started += points(r)[0]
		m.woke = e.Asked
	}
	m.expect(r, e, d, (a+b)/2)
}

// power is what a machine was last heard to draw.
func (m *machine) power() unit.Power { return stated(m.ladder, m.last) }

// stated is the draw of a reading, or the level at which it says that it stands.
func stated(l ladder, r device.Reading) unit.Power {
	if r.Power.Known {
		return r.Power.Value
	}
	s, _ := l.setpoint(r)
	return s
}
