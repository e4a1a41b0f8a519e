package actuate

import (
	"slices"
	"time"

	"sluice/unit"
)

// decide narrows what the plan wants of a unit by every authority above it.
func (k *Kernel) decide(i int) {
	s, u := &k.units[i], &k.cfg.Units[i]
	full := Range{Most: max(u.Most, u.Boot)}
	by := [layers]Range{full, full, full, full, full}
	if s.locked != "" {
		by[LockedOut].Most = s.ceiling
	}
	by[Equipment].Most = s.derated
	s.most = k.feasible(i, Resolve(full, by).Most)
	if !k.planned {
		return
	}
	if k.plan.Floor != nil {
		by[Contracted].Least = k.plan.Floor[i]
	}
	by[Economic] = Range{Least: k.plan.Target[i], Most: k.plan.Target[i]}
	s.wish = k.feasible(i, Resolve(full, by).Most)
}

// feasible is the highest setpoint of a unit that is not above p.
func (k *Kernel) feasible(i int, p unit.Power) unit.Power {
	u := &k.cfg.Units[i]
	if p < u.Least {
		return 0
	}
	if len(u.Levels) == 0 {
		return min(p, u.Most)
	}
	n, exact := slices.BinarySearch(u.Levels, p)
	if !exact {
		n--
	}
	return u.Levels[n]
}

// put orders a new setpoint, and reserves for it before it goes out. The same
// setpoint once more is left to the retries.
func (k *Kernel) put(i int, target unit.Power, why Cause) {
	s, u := &k.units[i], &k.cfg.Units[i]
	if f := s.open(); f != nil && f.target == target {
		return
	}
	k.unsend(i)
	s.sequence++
	f := flight{
		epoch:  Epoch{Term: max(k.cfg.Term, k.plan.Term), Plan: k.plan.Number, Sequence: s.sequence},
		target: target, reach: target, first: k.now, last: k.now, answered: -1, tries: 1, wakes: s.slept(),
	}
	f.reach = u.passing(s, target)
	f.ceil = max(f.reach, s.confirmed)
	raise := s.readback >= 0 && target > s.readback
	if k.forgetFlights {
		f.ceil, f.reach = 0, 0
	}
	if target == 0 && s.setpoint != 0 {
		s.idled = why == ForPlan
	}
	s.room()
	s.flights = append(s.flights, f)
	k.recount(i)
	k.out = append(k.out, Send{Unit: i, Epoch: f.epoch, Target: target, Raise: raise, Cause: why})
}

// passing is the most that a unit may draw on the way from where it stands to p.
func (u *Unit) passing(s *state, p unit.Power) unit.Power {
	switch {
	case p == 0:
		return 0
	case s.readback <= 0:
		return max(p, u.Overshoot, u.Waking)
	}
	return max(p, u.Overshoot)
}

// unsend takes back an order of this very step, which nobody has seen yet.
func (k *Kernel) unsend(i int) {
	s := &k.units[i]
	f := s.open()
	if f == nil || f.first != k.now || f.tries != 1 {
		return
	}
	for n, e := range slices.Backward(k.out) {
		if x, is := e.(Send); is && x.Unit == i && x.Epoch == f.epoch {
			k.out = slices.Delete(k.out, n, n+1)
			s.flights = s.flights[:len(s.flights)-1]
			return
		}
	}
}

// lower orders a setpoint that is not above where the unit was last seen: what is
// asleep is not woken by being lowered.
func (k *Kernel) lower(i int, target unit.Power, why Cause) {
	if r := k.units[i].readback; r >= 0 {
		target = k.feasible(i, min(target, r))
	}
	k.put(i, target, why)
}

// room joins the two oldest orders when too many are remembered; together they
// count at the higher and last as long as the later.
func (s *state) room() {
	if len(s.flights) < flightsMost {
		return
	}
	a, b := s.flights[0], &s.flights[1]
	b.ceil, b.reach = max(a.ceil, b.ceil), max(a.reach, b.reach)
	b.last, b.past, b.wakes = max(a.last, b.last), a.past && b.past, a.wakes || b.wakes || a.target == 0
	s.flights = append(s.flights[:0], s.flights[1:]...)
}

// within reports whether a unit belongs to a group.
func (k *Kernel) within(i, g int) bool {
	at := k.cfg.Units[i].Group
	for at > g {
		at = k.cfg.Groups[at].Parent
	}
	return at == g
}

// least applies f to every group around a unit and returns the smallest answer.
func (k *Kernel) least(i int, f func(g int) unit.Power) unit.Power {
	g := k.cfg.Units[i].Group
	p := f(g)
	for g = k.cfg.Groups[g].Parent; g >= 0; g = k.cfg.Groups[g].Parent {
		p = min(p, f(g))
	}
	return p
}

func (k *Kernel) around(i int, f func(g int)) {
	for g := k.cfg.Units[i].Group; g >= 0; g = k.cfg.Groups[g].Parent {
		f(g)
	}
}

// backoff is the pause after so many tries.
func (t Timing) backoff(tries int) time.Duration { return t.Retry << min(tries-1, 16) }
