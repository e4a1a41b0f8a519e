package curtail

import (
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

// core is what events and budgets have in common: the acts, how they go out, how
// they are seen and how they are undone.
type core struct {
	cfg        Config
	st         State
	now        time.Time
	out        []Effect
	dirty      bool // the state changed: it is kept before anything goes out
	full       bool // what gives back and got lost does not go out again: the meter leaves no room
	sv         survey
	feel       []map[unit.Power][]shed.Limited
	byContract map[string]int
	byQueue    map[string]int
	sabotage
}

// sabotage plants faults, so that tests can show that they are noticed.
type sabotage struct {
	actsFirst      bool // commands go out before the state is kept
	believesYes    bool // an answer counts as a fall of the meter
	ignoresWarning bool // evictions do not wait for the time that was announced
	forgetsHold    bool // watts that are withheld are not looked after
	restartsAll    bool // restore is sent for whatever waits
	blindRelease   bool // gives back without a meter
	evictsFirm     bool // firm tenants are like others
	newNumbers     bool // a repeated command has a new number
	letsExpire     bool // an order that ends is given back without a look at the meter
	forgetsRest    bool // an eviction counts only the GPUs' own watts
	forgetsComing  bool // room of restored jobs that do not run yet is given away again
	forgetsLifts   bool // room of raised limits that no node confirmed is given away again
	repeatsAlways  bool // what gives back and got lost goes out again whatever the meter shows
	trustsClaims   bool // what claims more room than there is waits for it, whoever took it
}

func newCore(c Config, st State) (core, error) {
	if err := c.Validate(); err != nil {
		return core{}, err
	}
	if st.Hall != "" && st.Hall != c.Hall {
		return core{}, fmt.Errorf("curtailment of hall %q: the state is of hall %q: give each hall its own", c.Hall, st.Hall)
	}
	k := core{cfg: c, st: st.Clone(), feel: make([]map[unit.Power][]shed.Limited, len(c.Tenancies)), byContract: map[string]int{}, byQueue: map[string]int{}}
	k.st.Hall = c.Hall
	for i, t := range c.Tenancies {
		k.byContract[t.Contract.Name] = i
		if _, taken := k.byQueue[t.Queue]; !taken && t.Contract.Kind != hosting.Colocation {
			k.byQueue[t.Queue] = i
		}
	}
	k.sv = survey{
		places: map[string]int{}, byName: map[string]unit.Power{}, counted: map[string]int{}, where: map[string]int{},
		draws: make([]unit.Power, len(c.Tenancies)), waits: make([]int, len(c.Tenancies)),
	}
	if k.st.Held == nil {
		k.st.Held = map[string]int{}
	}
	if k.st.Waiting == nil {
		k.st.Waiting = map[int]time.Time{}
	}
	if k.st.Empty == nil {
		k.st.Empty = map[string]time.Time{}
	}
	return k, nil
}

// flush hands out what a step decided: the state first, where it changed.
func (c *core) flush() []Effect {
	if c.dirty && !c.cfg.Volatile {
		keep := Effect(Persist{State: c.st.Clone()})
		if c.actsFirst {
			c.out = append(c.out, keep)
		} else {
			c.out = append(c.out, nil)
			copy(c.out[1:], c.out)
			c.out[0] = keep
		}
	}
	c.dirty = false
	out := c.out
	c.out = nil
	return out
}

func (c *core) nextSeq() int { c.st.Seq++; return c.st.Seq }

// send gives a command to the engine and remembers that its answer is awaited.
func (c *core) send(cmd engine.Command, at time.Time) {
	cmd.Event = c.st.Event
	if cmd.Why == "" {
		cmd.Why = c.why()
	}
	if !c.cfg.Volatile {
		c.st.Waiting[cmd.Seq] = later(at, c.now)
	}
	if !at.After(c.now) {
		at = time.Time{}
	}
	c.out = append(c.out, Send{Command: cmd, At: at})
	c.dirty = true
}

func (c *core) why() string {
	if c.st.Order.Why != "" {
		return c.st.Order.Why
	}
	return "power is short"
}

// horizon is until when commands go out in advance.
func (c *core) horizon() time.Time {
	if c.st.Phase == Idle {
		return c.now.Add(c.cfg.Timing.Ahead)
	}
	return c.now
}

// do turns the choices of a plan into acts and lets them go out.
func (c *core) do(p shed.Plan, items []shed.Item) {
	at := make(map[string]int, len(items))
	for i := range items {
		at[items[i].ID] = i
	}
	for _, ch := range p.Choices {
		c.act(&items[at[ch.Item]], ch.Option)
	}
}

func (c *core) act(it *shed.Item, o shed.Option) {
	a := Act{
		Lever: o.Lever, Item: it.ID, Contract: it.Contract, Tenant: it.Tenant, GPUs: it.GPUs, Nodes: it.Nodes,
		Firm: it.Firm, Saved: o.Saved, Cost: o.Cost, Ready: o.Ready, Limit: o.Limit, Speed: unit.One - o.Slow,
		Due: c.now.Add(o.Ready), Stage: Meant,
	}
	if w, ok := c.sv.where[it.ID]; ok && o.Lever != shed.Off {
		g := &c.sv.jobs[w]
		a.Run = g.Started
		a.Planned, a.Draw = g.Watts, g.draw/unit.Power(max(1, g.GPUs))
		if g.shared && o.Lever == shed.Cap {
			if a.UUIDs = c.sv.uuids(g.Job); a.UUIDs == nil {
				return // its GPUs are not known by name: no limit reaches it alone
			}
		}
	}
	for i := range c.st.Acts {
		if b := &c.st.Acts[i]; b.Item == it.ID && b.Lever == shed.Cap && b.Stage != Undoing {
			a.Before, a.Draw = b.Limit, max(a.Draw, b.Draw)
		}
	}
	if a.Lever == shed.Evict && a.Draw > 0 {
		a.Rest = c.cfg.perWatt(c.restOf(c.cfg.tenancy(a.Contract)) * unit.Power(a.GPUs))
	}
	a.Back = c.backOf(&a)
	c.number(&a)
	c.st.Acts = append(c.st.Acts, a)
	delete(c.st.Coming, a.Item)
	c.dirty = true
	c.push(&c.st.Acts[len(c.st.Acts)-1])
}

// backOf is what undoing an act brings back: a job that was evicted under a limit
// comes back without one.
func (c *core) backOf(a *Act) unit.Power {
	i := c.cfg.tenancy(a.Contract)
	if a.Lever != shed.Evict || i < 0 {
		return a.Saved
	}
	g := c.cfg.group(c.cfg.Tenancies[i].Contract.Model)
	var idle unit.Power
	if g != nil {
		idle = g.Model.Idle
	}
	if a.Draw == 0 { // nobody knows: the most that it can
		return c.cfg.each(i) * unit.Power(a.GPUs)
	}
	return max(0, c.cfg.perWatt(unit.Power(a.GPUs)*(a.Draw-idle+c.restOf(i))))
}

// restOf is what a server draws beside each GPU at the work of a contract, and that
// falls when its job stops.
func (c *core) restOf(i int) unit.Power {
	if i < 0 || c.forgetsRest {
		return 0
	}
	return c.cfg.Rest[c.cfg.Tenancies[i].Contract.Model]
}

// number gives an act the numbers of its commands, and an eviction its time.
func (c *core) number(a *Act) {
	switch a.Lever {
	case shed.Evict:
		a.By = c.now
		if i := c.cfg.tenancy(a.Contract); i >= 0 {
			a.By = c.now.Add(c.warning(&c.cfg.Tenancies[i]))
		}
		a.WarnSeq = c.nextSeq()
		a.Seq = c.nextSeq()
	case shed.Off:
		a.Seq = c.nextSeq()
	case shed.Cap, shed.Hold:
	}
}

// push lets an act go as far as it can go now.
func (c *core) push(a *Act) {
	switch a.Lever {
	case shed.Cap:
		if a.Stage == Meant {
			c.limit(a, a.Limit)
			a.Stage, a.SentAt = Sent, c.now
		}
	case shed.Evict:
		if a.Stage == Meant {
			if c.cfg.Engine.Can(engine.Warn) {
				c.send(engine.Command{Seq: a.WarnSeq, Verb: engine.Warn, Subject: a.Item, By: a.By.UTC()}, time.Time{})
			}
			a.Stage = Warned
			c.dirty = true
		}
		if _, deaf := c.st.Waiting[a.WarnSeq]; deaf && c.cfg.Timing.Ahead == 0 && !c.ignoresWarning {
			return // nobody knows yet whether the warning arrived
		}
		if a.Stage == Warned && (!a.By.After(c.horizon()) || c.ignoresWarning) {
			at := a.By
			if c.ignoresWarning {
				at = c.now
			}
			c.send(engine.Command{Seq: a.Seq, Verb: engine.Evict, Subject: a.Item}, at)
			a.Stage, a.SentAt = Sent, later(at, c.now)
		}
	case shed.Off:
		if a.Stage == Meant {
			c.send(engine.Command{Seq: a.Seq, Verb: engine.Off, Subject: a.Item}, time.Time{})
			a.Stage, a.SentAt = Sent, c.now
		}
	case shed.Hold:
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// limit sets a power limit on the nodes of a job. Zero is the default limit.
func (c *core) limit(a *Act, p unit.Power) {
	c.st.Epoch++
	for _, n := range a.Nodes {
		c.st.Lifts = slices.DeleteFunc(c.st.Lifts, func(l Lift) bool { return l.Node == n && slices.Equal(l.UUIDs, a.UUIDs) })
		c.out = append(c.out, Set{Setting: settingOf(n, a.UUIDs, p, c.st.Epoch)})
	}
	c.dirty = true
}

// hold closes a queue; open opens it again.
func (c *core) hold(queue string) { c.holdAt(queue, time.Time{}) }

func (c *core) holdAt(queue string, at time.Time) {
	if _, held := c.st.Held[queue]; held || queue == "" || !c.cfg.Engine.Can(engine.Hold) {
		return
	}
	c.st.Held[queue] = c.nextSeq()
	c.send(engine.Command{Seq: c.st.Held[queue], Verb: engine.Hold, Subject: queue}, at)
}

func (c *core) open(queue string) {
	if _, held := c.st.Held[queue]; !held {
		return
	}
	delete(c.st.Waiting, c.st.Held[queue])
	delete(c.st.Held, queue)
	c.well(HoldLost, queue)
	c.back(engine.Release, queue)
}

// withhold keeps planning watts from admission: more, fewer or none.
func (c *core) withhold(p unit.Power) { c.withholdAt(p, time.Time{}) }

func (c *core) withholdAt(p unit.Power, at time.Time) {
	if p == c.st.Withheld || !c.cfg.Engine.Can(engine.Withhold) {
		return
	}
	c.st.Withheld, c.st.WithSeq = p, c.nextSeq()
	if p <= 0 {
		c.st.Withheld = 0
		c.send(engine.Command{Seq: c.st.WithSeq, Verb: engine.GiveBack}, at)
		return
	}
	c.send(engine.Command{Seq: c.st.WithSeq, Verb: engine.Withhold, Power: p}, at)
}

// undoable reports whether an act can be given back now: a job that still stops cannot
// be restored yet, and of two limits the later one goes first.
func (c *core) undoable(i int) bool {
	a := &c.st.Acts[i]
	switch a.Lever {
	case shed.Evict:
		return a.Stage == Seen || a.Stage == Warned || a.Stage == Meant
	case shed.Cap:
		return !c.deeper(i)
	case shed.Off, shed.Hold:
	}
	return true
}

// undo gives one act back. Nothing is restored that this event did not stop.
func (c *core) undo(i int) {
	a := &c.st.Acts[i]
	switch a.Lever {
	case shed.Cap:
		c.limit(a, a.Before)
		c.lifted(a, a.Before, a.Back)
	case shed.Evict:
		if a.Stage == Warned { // it was never evicted
			break
		}
		c.back(engine.Restore, a.Item)
	case shed.Off:
		c.back(engine.On, a.Item)
	case shed.Hold:
	}
	c.drop(i)
}

// back sends what gives something back, and keeps it until it is answered.
func (c *core) back(v engine.Verb, subject string) {
	seq := c.nextSeq()
	if !c.cfg.Volatile {
		c.st.Backs = append(c.st.Backs, Back{Seq: seq, Verb: v, Subject: subject})
	}
	c.send(engine.Command{Seq: seq, Verb: v, Subject: subject}, time.Time{})
}

// lifted keeps a raised limit, which brings back so many IT watts, until its nodes
// confirm it.
func (c *core) lifted(a *Act, p, back unit.Power) {
	if c.cfg.Volatile {
		return
	}
	for _, n := range a.Nodes {
		c.st.Lifts = append(c.st.Lifts, Lift{Node: n, UUIDs: a.UUIDs, Limit: p, Power: back / unit.Power(len(a.Nodes)), Begun: c.now, Since: c.now})
	}
}

// confirmed takes that a node has its raised limit. Of one that had to be sent again
// nobody knows when it arrived: the meter must show what is free anew.
func (c *core) confirmed(l Lift) {
	if l.Again {
		c.st.Stepped = c.now
	}
	c.dirty = true
}

// drop takes an act out of the state, with the answers that it waited for.
func (c *core) drop(i int) {
	a := &c.st.Acts[i]
	delete(c.st.Waiting, a.WarnSeq)
	delete(c.st.Waiting, a.Seq)
	for _, ill := range []Ill{IgnoresSignals, CameBack, NodeStaysOn, LimitLost, NodeRefuses} {
		c.well(ill, a.Item)
	}
	c.st.Acts = append(c.st.Acts[:i], c.st.Acts[i+1:]...)
	c.dirty = true
}
