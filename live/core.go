package live

import (
	"fmt"
	"slices"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/loop/trust"
	"sluice/loop/verify"
	"sluice/store/sqlite"
	"sluice/unit"
)

// Core is what one site knows and decides between two turns. The same events at
// the same times give the same deeds. One goroutine owns it.
type Core struct {
	cfg       Config
	kernel    *actuate.Kernel
	machines  []machine
	index     map[string]int // of machines, by name
	groups    []actuate.Group
	meters    []metering
	now       time.Time
	ticks     int64
	heard     []actuate.UnitReading // since the last tick
	out       []Deed
	stopped   bool
	trusted   []bool
	may       []bool               // entrusted, whether lent or not
	lent      map[int]lease        // machines that somebody tries now
	refusals  map[actuate.Code]int // by code, as last said of each machine
	counts    Counts
	serial    int64      // of records whose key needs one
	known     bool       // every machine was heard since the start
	peak      unit.Power // highest import seen since takePeak
	plan      *cycle.Plan
	wishes    int64     // plans shared out
	advised   time.Time // interval for which a person was advised
	earned    Earned
	shadow    Earned
	stage     trust.Stage
	market    bool // prices are known as they should be
	seen      time.Duration
	passing   []passing              // by group
	found     []map[verify.Code]bool // by group: what its witness found last
	across    []map[verify.Code]bool // the same of meters against its meter
	violated  violation
	fees      map[int]bool // by mining group: somebody was told that a maker's fee is paid
	clearing  map[int]bool // machines that a person looked at, until their witness has forgotten
	tally     tally
	credits   credits
	halls     []attended
	roster    *roster     // nil: nobody asked for it yet
	papers    *PlanPapers // of the last turn that planned; nil: none did
	published int64       // since the core began
	sabotage
}

// sabotage plants faults, so that tests can show that they are noticed.
type sabotage struct {
	raisesFirst bool // halls get more before there is room for it
}

// Counts is what happened since the core began.
type Counts struct {
	Orders, Raises, Proofs, Already int64
	Missed                          int64 // orders whose proof is overdue
	Answers                         map[device.AckClass]int64
	Reads, Lost                     int64
}

// metering is the last reading of one meter.
type metering struct {
	at    time.Time
	power unit.Power
	known bool
	drawn unit.Energy // power added up on the site's clock
	read  time.Duration
}

// machine is what is known of one machine.
type machine struct {
	Machine
	ladder  ladder
	found   string // mode before it was put to sleep
	last    device.Reading
	at      time.Time // of last
	ever    bool
	trouble Trouble
	since   time.Time // of trouble
	next    time.Time // next reading
	probed  time.Time
	asking  bool
	unsure  int  // answers in a row that did not say who gives them
	same    bool // the pinned machine answered when it was asked last
	proving bool // an order is open
	target  unit.Power
	ordered time.Time     // when it was given its target first
	record  sqlite.Record // of the last order
	knocked time.Time     // when it was told anything last
	idle    time.Time     // of the first of the zero hash rates in a row
	lost    int           // readings without an answer in a row
	moved   []time.Time   // when something else changed it lately
	strange bool          // it mined where nobody allowed it
	on      time.Time     // when it was proven to run, and to sleep
	off     time.Time
	stated  energy
	woke    time.Time           // when it was seen to leave its sleep
	heat    device.Value[int64] // of its hottest sensor, thousandths of a degree Celsius
	heated  time.Time           // of heat
	warm    time.Time           // when it is asked for its heat next
	heating bool                // it is asked now
	said    reply               // its last answer to an order
	held    lock                // who holds it, and why
}

// New is a core whose machines are all to be read first.
func New(c Config) (*Core, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	k := &Core{cfg: c, now: c.Begin, refusals: map[actuate.Code]int{}, meters: make([]metering, len(c.Site.Meters))}
	k.clearing, k.fees = map[int]bool{}, map[int]bool{}
	k.counts.Answers = map[device.AckClass]int64{}
	k.index = make(map[string]int, len(c.Machines))
	var ladders []ladder
	for _, m := range c.Machines {
		l := ladderOf(m.Can, points(c.Rigs[m.Group]))
		ladders = append(ladders, l)
		k.index[m.Name()] = len(k.machines)
		k.machines = append(k.machines, machine{
			Machine: m, ladder: l, trouble: c.Remember.Machines[m.Name()].trouble(), since: c.Begin,
			probed: m.Met, same: !m.Met.IsZero(), // who was asked just now need not be asked again
		})
	}
	kc := c.kernel(ladders)
	var err error
	if k.kernel, err = actuate.New(kc, c.memory()); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrConfig, c.Site.Name, err)
	}
	k.groups, k.stopped, k.passing = kc.Groups, c.Remember.Stopped, make([]passing, len(kc.Groups))
	k.found, k.across = make([]map[verify.Code]bool, len(kc.Groups)), make([]map[verify.Code]bool, len(kc.Groups))
	k.attend(c.Halls)
	k.instruct(c.Remember.Instructions)
	k.may, k.lent = slices.Repeat([]bool{c.Entrust}, len(c.Machines)), map[int]lease{}
	k.trusted = k.alone(slices.Clone(k.may))
	k.spreadReads()
	return k, nil
}

// instruct gives the kernel the instructions of an earlier run again: of each
// group the one that holds now, and all that are still to come.
func (c *Core) instruct(all []instructed) {
	slices.SortStableFunc(all, func(a, b instructed) int { return a.From.Compare(b.From) })
	holds := map[int]actuate.Instruction{}
	for _, i := range all {
		g, known := c.Group(i.Group)
		if !known {
			continue
		}
		x := actuate.Instruction{Group: g, From: max(0, c.at(i.From)), Limit: i.Limit}
		if !i.From.After(c.now) {
			holds[g] = x
			continue
		}
		c.step(x)
	}
	for g := range c.groups {
		if x, is := holds[g]; is {
			c.step(x)
		}
	}
	c.out = c.out[:0]
}

// memory is what the kernel shall remember, in the order of the machines. A
// machine that was not there before is one of which nothing is known.
func (c Config) memory() actuate.Memory {
	m := actuate.Memory{Stopped: c.Remember.Stopped, Term: c.Remember.Plan.Term, Number: c.Remember.Plan.Plan}
	if len(c.Remember.Machines) == 0 && !m.Stopped {
		return m
	}
	for _, x := range c.Machines {
		u, known := c.Remember.Machines[x.Name()]
		most := max(c.Rigs[x.Group].Model().Power, c.Rigs[x.Group].Top().Power).ScaleUp(unit.One + unit.One/10)
		if !known {
			u.UnitMemory = actuate.UnitMemory{Confirmed: most, Setpoint: -1}
		}
		if recent := c.Begin.Sub(u.ordered) <= c.timing().Late; recent && len(u.Flight) == 0 {
			u.Flight = []actuate.Flying{u.last} // proven, but one before it may still act, or itself again
		}
		u.Confirmed = min(u.Confirmed, most)
		for _, at := range u.starts {
			u.Starts = append(u.Starts, at.Sub(c.Begin))
		}
		m.Units = append(m.Units, u.UnitMemory)
	}
	return m
}

// spreadReads shares the first readings out over the first round.
func (c *Core) spreadReads() {
	n := max(1, len(c.machines))
	for i := range c.machines {
		m := c.cfg.Remember.Machines[c.machines[i].Name()]
		c.machines[i].found, c.machines[i].held = m.Found, m.lock
		c.machines[i].next = c.now.Add(time.Duration(i) * min(c.cfg.Poll, 10*time.Second) / time.Duration(n))
	}
}

// Handle takes one event and returns what to do about it. now never runs
// backwards; an earlier one is taken for the last. The deeds are valid until the
// next call.
func (c *Core) Handle(now time.Time, e Event) []Deed {
	c.out = c.out[:0]
	if now.After(c.now) {
		c.now = now
	}
	switch e := e.(type) {
	case Tick:
		c.tick()
	case Heard:
		c.hear(e)
	case Answered:
		c.answer(e)
	case Metered:
		c.meter(e)
	case Wished:
		c.wish(e)
	case Entrusted:
		c.entrust(e)
	case Said:
		c.said(e)
	case lent:
		c.lend(e)
	case returned:
		c.takeBack(e.Machine)
	case witnessed:
		c.verdict(e)
	case credited:
		c.credit(e)
	case Reported:
		c.reported(e)
	case Budgeted:
		c.budgeted(e)
	case Followed:
		c.followed(e)
	}
	return c.out
}

// kernelTick is every so many ticks of the core.
const kernelTick = 5

func (c *Core) tick() {
	c.flush()
	c.leases()
	c.see()
	if c.ticks == 0 {
		c.twins()
	}
	c.account()
	c.ticks++
	if c.ticks%kernelTick == 0 {
		c.step(actuate.Tick{})
	}
	c.tend()
	for i := range c.machines {
		if m := &c.machines[i]; !m.asking && !m.next.After(c.now) {
			c.ask(i)
		}
	}
}

// ask reads a machine, and asks who it is whenever that is in doubt.
func (c *Core) ask(i int) {
	const sure = 10 * time.Minute
	m := &c.machines[i]
	probe := !m.same || m.unsure > 0 || c.now.Sub(m.probed) > sure
	m.asking, m.next = true, c.now.Add(c.cfg.Poll)
	if m.heating = !m.proving && !m.warm.After(c.now); m.heating {
		m.warm = c.now.Add(heatShy)
	}
	if m.proving {
		m.next = c.now.Add(min(confirmPulse, c.cfg.Poll))
	}
	c.out = append(c.out, Read{Machine: i, Probe: probe, Pools: len(c.cfg.Pools) > 0, Heat: m.heating, Urgent: m.proving})
}

// key is a key that no other record has, in this run or in another.
func (c *Core) key(what, subject string) string {
	c.serial++
	return fmt.Sprintf("%s/%s/%d.%d", what, subject, c.cfg.Term, c.serial)
}

// at is a time on the kernel's clock.
func (c *Core) at(t time.Time) time.Duration { return t.Sub(c.cfg.Begin) }

// flush hands everything that was heard since the last tick to the kernel.
func (c *Core) flush() {
	if len(c.heard) == 0 {
		return
	}
	c.step(actuate.Readings{Units: c.heard})
	c.heard = c.heard[:0]
}

// step steps the kernel and carries its effects on.
func (c *Core) step(e actuate.Event) {
	c.touchBy(e)
	for _, x := range slices.Clone(c.kernel.Step(c.at(c.now), e)) { // what follows may step again
		switch x := x.(type) {
		case actuate.Send:
			c.send(x)
		case actuate.Proof:
			c.proven(x)
		case actuate.Refusal:
			c.refused(x)
		case actuate.Alarm:
			c.alarmed(x)
		case actuate.Safe:
			c.out = append(c.out, Quit{Why: x.Why})
		}
	}
}

func (c *Core) meter(e Metered) {
	m := &c.meters[e.Meter]
	g, known := c.cfg.metered(c.cfg.Site.Meters[e.Meter])
	if !e.Power.Known || !known || !e.Asked.After(m.at) {
		return
	}
	if m.known && e.Asked.Sub(m.at) <= countMost {
		m.drawn += ((m.power + e.Power.Value) / 2).Over(e.Asked.Sub(m.at))
		m.read += e.Asked.Sub(m.at)
	}
	m.at, m.power, m.known = e.Asked, e.Power.Value, true
	if c.sick(g) {
		return // what it says is worth nothing, so it counts as silent
	}
	if g == 0 {
		c.peak = max(c.peak, m.power)
	}
	c.flush()
	c.step(actuate.Metered{Group: g, Asked: c.at(e.Asked), Power: e.Power.Value})
	c.guard(g, e.Asked, e.Power.Value)
}

// takePeak is the highest import that the site's meter showed since it was asked last.
func (c *Core) takePeak() unit.Power {
	p := c.peak
	c.peak = 0
	return p
}

func (c *Core) wish(e Wished) {
	c.step(actuate.Planned{Term: c.cfg.Term, Number: e.Number, Until: c.at(e.Until), Target: e.Target})
}

func (c *Core) entrust(e Entrusted) {
	if len(e.Machines) != len(c.machines) {
		return
	}
	for g := range c.passing {
		c.passing[g].cut, c.passing[g].since = c.now, time.Time{} // what is entrusted now has its time to shed
	}
	c.may = e.Machines
	c.share()
}
