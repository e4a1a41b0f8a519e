package actuate

import (
	"slices"

	"sluice/unit"
)

// tick lowers first, then repeats what was not proven, and then raises against
// what was proven to be free.
func (k *Kernel) tick() {
	k.hush()
	k.acquaint()
	clear(k.lowered)
	k.raised = k.raised[:0]
	k.meet()
	k.shedAll()
	for i := range k.units {
		k.settle(i)
	}
	k.resend()
	k.raiseAll()
	k.assert()
}

// acquaint ends the first time after a start once every unit was read, or when it
// has lasted long enough.
func (k *Kernel) acquaint() {
	k.met = k.met || k.now-k.begun > k.cfg.Timing.Meet || !slices.ContainsFunc(k.units, func(s state) bool { return !s.ever })
}

// spared reports whether a group is not shed yet: right after a start nobody knows
// what its units draw, so only its meter, or the grid, tells that it draws too much.
func (k *Kernel) spared(g int) bool {
	s := &k.groups[g]
	over := k.cfg.Groups[g].Metered && s.everMeter && !k.staleMeter(g) && s.shows > k.limit(g, k.now)
	return !k.met && !over && !k.instructed(g)
}

// meet asks every unit that was seen and never ordered anything to stay where it
// is. That proves what it can draw, so that a site which runs is not shed for
// what nobody knew of it yet.
func (k *Kernel) meet() {
	for i := range k.units {
		s := &k.units[i]
		if s.setpoint < 0 && s.readback >= 0 && s.open() == nil && !s.doubtful() && !s.isolated && !s.withheld && !k.stopped {
			k.put(i, k.feasible(i, min(s.readback, s.most)), Reassured)
		}
	}
}

// shedAll lowers every group whose worst case is above its limit, inner groups
// first: what they give up helps those around them.
func (k *Kernel) shedAll() {
	drawn := false
	for g := len(k.groups) - 1; g >= 0; g-- {
		if k.reserved(g) <= k.limit(g, k.now) {
			k.groups[g].stuck = false
			continue
		}
		if k.spared(g) {
			continue
		}
		if !drawn {
			for i := range k.units {
				k.scratch[i] = k.units[i].expected(k.now, k.cfg.Timing.Shed)
			}
			drawn = true
		}
		k.lowered[g] = true
		k.shedGroup(g)
	}
}

// shedRounds bounds how often a group is gone through in one tick: what is
// lowered makes the reserve for fast reboots larger, so once is not enough.
const shedRounds = 12

func (k *Kernel) shedGroup(g int) {
	expected := func(i int) unit.Power { return k.scratch[i] }
	for range shedRounds {
		need := k.worstCase(g, expected) + k.apart(g) - k.limit(g, k.now)
		if need <= 0 {
			return
		}
		left := k.shedPass(g, need, false)
		if left > 0 {
			left = k.shedPass(g, left, true)
		}
		if left == need { // all that can be lowered was
			if k.trusted(g) {
				k.stick(g)
			}
			return
		}
	}
}

// instructed reports whether the grid ordered less for a group, or for one around
// it, than its limit allows. Such a lowering reaches every unit.
func (k *Kernel) instructed(g int) bool {
	for ; g >= 0; g = k.cfg.Groups[g].Parent {
		if k.limit(g, k.now) < k.cfg.Groups[g].Limit {
			return true
		}
	}
	return false
}

// trusted reports whether anything in a group may be lowered for its limit.
func (k *Kernel) trusted(g int) bool {
	return k.instructed(g) || slices.ContainsFunc(k.groups[g].members, func(i int) bool { return !k.units[i].withheld })
}

// stick tells a person, once, that orders alone cannot bring a group under its limit.
func (k *Kernel) stick(g int) {
	if !k.groups[g].stuck {
		k.alarm(-1, CannotShed)
	}
	k.groups[g].stuck = true
}

// shedPass walks the shed order, first down to each unit's least, then to sleep,
// and returns what of need is not met. What a unit of doubtful word gives up is
// not counted. A unit that was never read is left alone: it may be asleep, and
// the first round of polling is not over.
func (k *Kernel) shedPass(g int, need unit.Power, sleep bool) unit.Power {
	for _, i := range k.shed {
		e, u, s := k.scratch[i], &k.cfg.Units[i], &k.units[i]
		if e <= 0 || !sleep && e <= u.Least || s.readback < 0 || s.isolated || !k.within(i, g) || s.withheld && !k.instructed(g) {
			continue
		}
		target := unit.Power(0)
		if !sleep {
			target = k.feasible(i, max(u.Least, e-need))
		}
		if f := s.open(); f != nil && f.target <= target || s.stands(target) || s.stands(0) {
			continue
		}
		k.lower(i, target, ForLimit)
		if s.doubtful() {
			continue
		}
		need -= e - s.current()
		k.scratch[i] = s.current()
		if need <= 0 {
			break
		}
	}
	return need
}

// settle lowers a unit to what the authorities leave, and takes back in hand what
// has restarted or moved by itself. It never raises.
func (k *Kernel) settle(i int) {
	s := &k.units[i]
	switch {
	case k.stopped:
		if s.open() == nil && (s.setpoint != 0 || s.over || s.rebooted) && !s.isolated {
			k.put(i, 0, ForStop)
		}
	case s.current() > s.most || s.bound > s.most && s.open() == nil && s.readback > s.most:
		k.lower(i, s.most, ForLock)
		k.around(i, func(g int) { k.lowered[g] = true })
	case s.doubtful() || s.isolated || s.readback < 0 || s.withheld:
	case s.foreign && s.current() > 0 && s.readback == 0:
		k.put(i, 0, Reassured) // takes the place of an order that would wake it
	case s.open() != nil:
	case s.rebooted || s.over || s.setpoint < 0:
		target := min(s.readback, s.most)
		if k.planned {
			target = min(target, max(s.wish, s.setpoint))
		}
		k.put(i, k.feasible(i, target), Reassured)
	case k.planned && s.setpoint > s.wish:
		k.idle(i)
	}
}

// idle lowers a unit because the plan says so, as slowly as the ramp asks.
func (k *Kernel) idle(i int) {
	s, u := &k.units[i], &k.cfg.Units[i]
	down := s.setpoint - s.wish
	left := k.least(i, func(g int) unit.Power {
		if k.cfg.Groups[g].Ramp == 0 {
			return down
		}
		return k.groups[g].down.left(k.now, k.cfg.Groups[g].Ramp)
	})
	switch {
	case s.wish == 0 && k.now-s.onSince < u.MinOn:
		k.say(i, MinOnTime)
	case left < down:
		k.say(i, RampLimit)
	default:
		k.around(i, func(g int) {
			k.groups[g].down.spend(k.now, down)
			k.lowered[g] = true
		})
		k.lower(i, s.wish, ForPlan)
	}
}

// say reports why a unit does not move, once for each new reason.
func (k *Kernel) say(i int, c Code) {
	s := &k.units[i]
	if c != s.code && c != None {
		k.refuse(i, c)
	}
	s.code = c
}

// resend repeats what is not proven, ever more slowly, and tells a person when
// the tries are used up. A raise is never repeated to a unit that is not heard.
func (k *Kernel) resend() {
	t := k.cfg.Timing
	for i := range k.units {
		s := &k.units[i]
		f := s.open()
		if f == nil || k.now-f.last < t.backoff(f.tries) && !f.exhausted && !f.urgent {
			continue
		}
		up := f.target > s.readback
		if f.answered >= 0 && k.now-f.answered < k.cfg.Units[i].Follow && !f.urgent {
			continue // it said yes and is on its way
		}
		switch {
		case up && (s.doubtful() || s.withheld || s.foreign || s.suspect() && !k.wakesAll || k.safe || k.sheds(i)):
		case f.exhausted && k.now-f.last < t.GiveUp:
		case f.exhausted:
			f.exhausted, f.tries = false, 0
			k.repeat(i, f, up)
		case f.tries >= t.Tries:
			f.exhausted = true
			k.alarm(i, NotReached)
		default:
			k.repeat(i, f, up)
		}
	}
}

// sheds reports whether a group around a unit gives power up in this tick.
func (k *Kernel) sheds(i int) bool {
	for g := k.cfg.Units[i].Group; g >= 0; g = k.cfg.Groups[g].Parent {
		if k.lowered[g] {
			return true
		}
	}
	return false
}

func (k *Kernel) repeat(i int, f *flight, up bool) {
	f.tries++
	f.last, f.urgent = k.now, false
	k.out = append(k.out, Send{Unit: i, Epoch: f.epoch, Target: f.target, Raise: up, Cause: ForRetry})
}

// raiseAll hands out what is proven to be free, the most valuable unit first.
func (k *Kernel) raiseAll() {
	if c := k.halted(); c != None || !k.planned {
		if c != k.why && c != None {
			k.refuse(-1, c)
		}
		k.why = c
		return
	}
	k.why = None
	for g := range k.groups {
		k.head[g] = k.limit(g, k.now) - k.reserved(g)
		k.waking[g] = 0
	}
	for i := range k.units {
		if f := k.units[i].open(); f != nil && f.target > 0 && k.units[i].setpoint == 0 {
			k.around(i, func(g int) { k.waking[g]++ })
		}
	}
	for _, i := range slices.Backward(k.shed) {
		s := &k.units[i]
		switch {
		case s.open() != nil:
		case s.wish > s.setpoint:
			k.say(i, k.raise(i))
		case s.locked != "" && k.plan.Target[i] > s.wish:
			k.say(i, LockedCode)
		}
	}
}

// halted says what lets nothing rise anywhere.
func (k *Kernel) halted() Code {
	switch {
	case k.safe:
		return ShedOnly
	case k.stopped:
		return IsStopped
	case k.now < k.hold, !k.met:
		return RestartHold
	case k.plan.Until > 0 && k.now > k.plan.Until:
		return PlanExpired
	}
	return None
}

// raise raises one unit as far as everything lets it, or says why not.
func (k *Kernel) raise(i int) Code {
	s, u := &k.units[i], &k.cfg.Units[i]
	if c := k.barred(i); c != None {
		return c
	}
	room := k.least(i, func(g int) unit.Power { return k.uncooled(g, k.head[g]) })
	p := k.feasible(i, min(s.wish, s.bound+room))
	if u.passing(s, p)-s.bound > room || p < u.Least || p <= s.setpoint {
		return LimitFull
	}
	ramp := k.least(i, func(g int) unit.Power {
		if k.cfg.Groups[g].Ramp == 0 {
			return p
		}
		return k.groups[g].up.left(k.now, k.cfg.Groups[g].Ramp)
	})
	if p = k.feasible(i, min(p, s.setpoint+ramp)); p <= s.setpoint || ramp <= 0 {
		return RampLimit
	}
	if p-s.setpoint < u.Smallest && p < s.wish {
		return SmallStep
	}
	was, rise := s.bound, p-s.setpoint
	if s.setpoint == 0 {
		s.started(k.now)
	}
	k.put(i, p, ForPlan)
	k.raised = append(k.raised, i)
	k.around(i, func(g int) {
		k.head[g] -= k.cooled(g, s.bound-was)
		k.groups[g].up.spend(k.now, rise)
		if rise == p {
			k.waking[g]++
		}
	})
	return None
}

// barred says what forbids any raise of a unit, from the highest authority down.
func (k *Kernel) barred(i int) Code {
	s, u := &k.units[i], &k.cfg.Units[i]
	switch {
	case s.withheld:
		return NotEntrusted
	case s.isolated:
		return IsIsolated
	case s.strange:
		return WrongIdentity
	case s.silent || !s.ever || s.setpoint < 0:
		return StaleTelemetry
	case s.bad:
		return Quarantined
	case s.foreign:
		return NotOurs
	case s.rebooted || s.over || len(s.flights) == flightsMost:
		return InFlight
	case s.setpoint == 0 && k.now-s.offSince < u.MinOff:
		return MinOffTime
	case s.setpoint == 0 && s.tired(u, k.now):
		return StartsLimit
	}
	for g := u.Group; g >= 0; g = k.cfg.Groups[g].Parent {
		switch wakes := k.cfg.Groups[g].Wakes; {
		case k.lowered[g]:
			return LoweredFirst
		case k.staleMeter(g):
			return StaleMeter
		case s.setpoint == 0 && wakes > 0 && k.waking[g] >= wakes:
			return WakeLimit
		}
	}
	return None
}

// assert counts everything anew after the raises of a tick. If one of them could
// pass a limit in the worst case, none goes out, and nothing is raised any more.
func (k *Kernel) assert() {
	if len(k.raised) == 0 || k.kept() {
		return
	}
	kept := k.out[:0]
	for _, e := range k.out {
		if s, ok := e.(Send); !ok || !s.Raise {
			kept = append(kept, e)
		}
	}
	k.out = kept
	for _, i := range k.raised {
		s := &k.units[i]
		s.flights = s.flights[:len(s.flights)-1]
		k.recount(i)
	}
	k.safe = true
	k.alarm(-1, InvariantAlarm)
	k.out = append(k.out, Safe{Why: "a raise could pass a limit in the worst case"})
}

// kept reports whether the groups of the units just raised fit their limits, with
// every bound computed afresh.
func (k *Kernel) kept() bool {
	afresh := func(i int) unit.Power { return k.units[i].worst(&k.cfg.Units[i]) }
	rose := make([]bool, len(k.groups))
	for _, i := range k.raised {
		k.around(i, func(g int) { rose[g] = true })
	}
	for g := range k.groups {
		if rose[g] && k.worstCase(g, afresh)+k.apart(g) > k.limit(g, k.now) {
			return false
		}
	}
	return true
}
