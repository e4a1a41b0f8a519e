package actuate

import (
	"cmp"
	"slices"
	"time"

	"sluice/device"
	"sluice/unit"
)

// Kernel holds the power of one site under its limits. It is a state machine:
// the same events at the same times give the same effects. It is called from one
// goroutine, starts nothing, waits for nothing and reads no clock.
type Kernel struct {
	cfg     Config
	units   []state
	groups  []groupState
	now     time.Duration
	plan    Planned
	planned bool
	shed    []int // units in the order in which to shed
	stopped bool
	safe    bool          // an assertion failed: only lowerings
	hold    time.Duration // nothing is raised before
	begun   time.Duration // first event; -1: none yet
	met     bool          // every unit was read once, or the time for that is over
	resumes int64
	why     Code // nothing rises anywhere, as last said
	out     []Effect
	scratch []unit.Power
	lowered []bool       // per group: something went down in this tick
	head    []unit.Power // per group: what may still rise in this tick
	waking  []int
	raised  []int // units raised in this tick
	sabotage
}

// sabotage plants faults, so that tests can show that they are noticed.
type sabotage struct {
	believeAnswers bool // an answer lowers what a unit counts at
	forgetFlights  bool // a raise is not reserved
	trustSilence   bool // a silent unit counts at what was last proven
	thinkFenced    bool // an overtaken order is thought dead where nothing fences it
	proofBars      bool // a proof alone is thought to bar what came before
	anyEpoch       bool // an old plan is followed
	trustsGuests   bool // what draws beside the units counts at what it draws, not at what it may
	wakesAll       bool // what sleeps while an order is in flight is thought to sleep on ours
}

// New is a kernel that knows nothing of its units yet: each counts at its most
// until it was seen and has followed an order. m is what an earlier run of the
// same site left behind; its zero value is a first start.
func New(c Config, m Memory) (*Kernel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	k := &Kernel{begun: -1, met: c.Timing.Meet == 0, cfg: c, units: make([]state, len(c.Units)), groups: make([]groupState, len(c.Groups))}
	k.scratch, k.lowered = make([]unit.Power, len(c.Units)), make([]bool, len(c.Groups))
	k.head, k.waking = make([]unit.Power, len(c.Groups)), make([]int, len(c.Groups))
	for i, u := range c.Units {
		k.units[i] = state{confirmed: max(u.Most, u.Boot), setpoint: -1, readback: -1, derated: max(u.Most, u.Boot), withheld: u.Withheld, seen: -1, offSince: -u.MinOff, onSince: -u.MinOn}
		k.shed = append(k.shed, i)
		for g := u.Group; g >= 0; g = c.Groups[g].Parent {
			k.groups[g].members = append(k.groups[g].members, i)
		}
	}
	if err := k.recall(m); err != nil {
		return nil, err
	}
	for g := range k.groups {
		k.groups[g].dirty = true
	}
	for i := range k.units {
		k.decide(i)
		k.recount(i)
	}
	return k, nil
}

// Step takes one event and returns what to do about it, in order. now is
// monotonic; an event from the past is refused. The effects are valid until the
// next call.
func (k *Kernel) Step(now time.Duration, e Event) []Effect {
	k.out = k.out[:0]
	if now < k.now {
		return k.refuse(-1, BackInTime)
	}
	k.now = now
	if k.begun < 0 {
		k.begun = now
	}
	if !k.known(e) {
		return k.refuse(-1, BadEvent)
	}
	switch e := e.(type) {
	case Tick:
		k.tick()
	case Readings:
		for i := range e.Units {
			k.read(&e.Units[i])
		}
	case Metered:
		k.meter(e)
	case Beside:
		k.beside(e)
	case Answered:
		k.answer(e)
	case Planned:
		k.accept(e)
	case Instruction:
		k.instruct(e)
	default:
		k.person(e)
	}
	return k.out
}

// known reports whether what an event speaks of exists.
func (k *Kernel) known(e Event) bool {
	u := func(i int) bool { return i >= 0 && i < len(k.units) }
	g := func(i int) bool { return i >= 0 && i < len(k.groups) }
	switch e := e.(type) {
	case Readings:
		return !slices.ContainsFunc(e.Units, func(r UnitReading) bool { return !u(r.Unit) })
	case Metered:
		return g(e.Group)
	case Beside:
		return g(e.Group) && e.Draw >= 0 && e.Most >= 0
	case Answered:
		return u(e.Unit)
	case Instruction:
		return g(e.Group) && e.Limit >= 0
	case Locked:
		return u(e.Unit) && e.Ceiling >= 0 && e.By != ""
	case Unlocked:
		return u(e.Unit)
	case Derated:
		return u(e.Unit) && e.Most >= 0
	case Isolated:
		return u(e.Unit)
	case Cleared:
		return u(e.Unit) && e.By != ""
	case Disturbed:
		return g(e.Group)
	case Accused:
		return u(e.Unit)
	case Entrusted:
		return len(e.Units) == len(k.units)
	case nil:
		return false
	}
	return true
}

// answer takes what a unit said. It frees what a fence makes impossible and
// nothing else: an answer is no proof.
func (k *Kernel) answer(e Answered) {
	s := &k.units[e.Unit]
	if e.Class != device.Accepted {
		return
	}
	for i := range s.flights {
		f := &s.flights[i]
		if f.epoch != e.Epoch {
			continue
		}
		if f.answered < 0 {
			f.answered = k.now
		}
		f.heard = true
		if k.believeAnswers {
			s.confirmed, s.setpoint = f.target, f.target
			s.flights = s.flights[:0]
		} else if k.fenced(e.Unit) {
			s.bar(e.Epoch)
		}
		k.recount(e.Unit)
		return
	}
}

func (k *Kernel) fenced(i int) bool { return k.cfg.Units[i].Fenced || k.thinkFenced }

// accept takes a plan if it is newer than every plan before it.
func (k *Kernel) accept(p Planned) {
	n := len(k.units)
	if len(p.Target) != n || p.Floor != nil && len(p.Floor) != n || p.Shed != nil && !permutation(p.Shed, n) {
		k.refuse(-1, BadEvent)
		return
	}
	order := cmp.Or(cmp.Compare(p.Term, k.plan.Term), cmp.Compare(p.Number, k.plan.Number))
	if k.planned && order == 0 && !k.anyEpoch {
		if !slices.Equal(p.Target, k.plan.Target) || !slices.Equal(p.Floor, k.plan.Floor) {
			k.alarm(-1, EpochConflict)
			k.refuse(-1, OldEpoch)
		}
		return
	}
	if (order < 0 || p.Term < k.cfg.Term) && !k.anyEpoch {
		k.refuse(-1, OldEpoch)
		return
	}
	k.plan, k.planned = p, true
	k.plan.Target, k.plan.Floor = slices.Clone(p.Target), slices.Clone(p.Floor)
	if p.Shed != nil {
		k.shed = slices.Clone(p.Shed)
	}
	for i := range k.units {
		k.decide(i)
	}
	k.hold = max(k.hold, k.now+jitter(k.cfg.Site, p.Number, k.cfg.Timing.Jitter))
}

func permutation(p []int, n int) bool {
	if len(p) != n {
		return false
	}
	seen := make([]bool, n)
	for _, i := range p {
		if i < 0 || i >= n || seen[i] {
			return false
		}
		seen[i] = true
	}
	return true
}

// PendingMost bounds the limits that are known ahead per group.
const PendingMost = 64

func (k *Kernel) instruct(e Instruction) {
	s := &k.groups[e.Group]
	// What stands now stays; what it replaces is forgotten.
	i := slices.IndexFunc(s.pending, func(p Instruction) bool { return p.From > k.now })
	if i < 0 {
		i = len(s.pending)
	}
	s.pending = slices.Delete(s.pending, 0, max(0, i-1))
	if len(s.pending) >= PendingMost {
		k.refuse(-1, BadEvent)
		return
	}
	s.pending = append(s.pending, e)
	slices.SortStableFunc(s.pending, func(a, b Instruction) int { return cmp.Compare(a.From, b.From) })
}

func (k *Kernel) refuse(i int, c Code) []Effect {
	k.out = append(k.out, Refusal{Unit: i, Code: c})
	return k.out
}

func (k *Kernel) alarm(i int, c AlarmCode) { k.out = append(k.out, Alarm{Unit: i, Code: c}) }
