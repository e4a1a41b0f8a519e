package actuate

import (
	"time"

	"sluice/unit"
)

// stepsMost bounds the fast reboots that a group can hold in reserve.
const stepsMost = 64

// groupState is what is known of one group.
type groupState struct {
	members    []int          // every unit within, in the order of the units
	unmeasured [16]unit.Power // highest unmeasured load per minute
	minute     int64
	metered    time.Duration
	shows      unit.Power // by the meter, last
	everMeter  bool
	found      bool          // an unmeasured load was judged while every unit stood still
	floor      unit.Power    // that load, as last found
	foundAt    time.Duration // when
	pending    []Instruction // by From
	up, down   governor
	worst      unit.Power // of the units, while not dirty
	guests     unit.Power // most that loads beside the units may draw, groups within included
	drew       unit.Power // that they drew, by what they say: the higher of the last two
	said       unit.Power // that they said last
	own        guest      // of the group itself
	dirty      bool
	stuck      bool // a person was told that it cannot be shed further
}

// limit is the lowest limit of a group from now to the end of the shed window,
// so that a cut that is known begins early.
func (k *Kernel) limit(g int, now time.Duration) unit.Power {
	s, l := &k.groups[g], k.cfg.Groups[g].Limit
	standing := l
	for _, p := range s.pending {
		switch {
		case p.From <= now:
			standing = min(k.cfg.Groups[g].Limit, p.Limit)
		case p.From <= now+k.cfg.Timing.Shed:
			l = min(l, p.Limit)
		}
	}
	return min(l, standing)
}

// worstCase is the sum of a group's units and of its reserve for fast reboots,
// when its units count at what of returns.
//
// Source: docs/formula/reservation.md.
func (k *Kernel) worstCase(g int, of func(i int) unit.Power) unit.Power {
	steps := min(k.cfg.Groups[g].Steps, stepsMost)
	var sum unit.Power
	var top [stepsMost]unit.Power // the largest steps, falling
	n := 0
	for _, i := range k.groups[g].members {
		b := of(i)
		sum += b
		if step := k.cfg.Units[i].Boot - b; step > 0 && !k.units[i].isolated {
			n = keepLargest(top[:steps], n, step)
		}
	}
	for _, p := range top[:n] {
		sum += p
	}
	return k.cooled(g, sum)
}

// cooled is what a draw of units comes to behind the limit of a group, with what
// cooling adds to it.
func (k *Kernel) cooled(g int, p unit.Power) unit.Power {
	if o := k.cfg.Groups[g].Overhead; o > 0 {
		return p.ScaleUp(unit.One + o)
	}
	return p
}

// uncooled is the draw of units for which there is room in p behind the limit.
func (k *Kernel) uncooled(g int, p unit.Power) unit.Power {
	o := k.cfg.Groups[g].Overhead
	if o == 0 || p <= 0 {
		return p
	}
	return unit.Power(int64(p.Unscale(unit.One+o)) - 1) // never rounded up
}

// apart is what a group reserves beside its units: the load that nobody
// explains, what others steer there, and the margin.
func (k *Kernel) apart(g int) unit.Power {
	return k.unmeasuredOf(g) + k.groups[g].guests + k.limit(g, k.now).Scale(k.cfg.Groups[g].Margin)
}

// beside takes what a load beside the units draws and may draw. What it drew before
// explains the meter as well, which may show it as it was.
//
// Source: docs/formula/reservation.md, "Beside the units".
func (k *Kernel) beside(e Beside) {
	own := &k.groups[e.Group].own
	most := max(e.Most, e.Draw)
	if k.trustsGuests {
		most = e.Draw
	}
	before := *own
	*own = guest{draw: e.Draw, most: most}
	for g := e.Group; g >= 0; g = k.cfg.Groups[g].Parent {
		s := &k.groups[g]
		s.guests += most - before.most
		said := s.said + e.Draw - before.draw
		s.drew, s.said = max(s.said, said), said
		if before == (guest{}) { // until now nobody said whose it was
			s.known(e.Draw)
		}
	}
}

// known takes what turned out to be a guest's out of the load that nobody explains.
func (s *groupState) known(p unit.Power) {
	s.floor = max(0, s.floor-p)
	for i := range s.unmeasured {
		s.unmeasured[i] = max(0, s.unmeasured[i]-p)
	}
}

// guest is what others steer in a group itself.
type guest struct{ draw, most unit.Power }

// keepLargest inserts p into the first n falling values of top and returns how many there are then.
func keepLargest(top []unit.Power, n int, p unit.Power) int {
	if len(top) == 0 || n == len(top) && p <= top[n-1] {
		return n
	}
	n = min(n+1, len(top))
	i := n - 1
	for ; i > 0 && top[i-1] < p; i-- {
		top[i] = top[i-1]
	}
	top[i] = p
	return n
}

// unmeasuredOf is the load of a group that no unit explains: the highest of the
// last quarter of an hour, or what was declared where no fresh meter tells, without
// what is known of loads that others steer. While
// units move all the time it is not less than when they last stood still.
func (k *Kernel) unmeasuredOf(g int) unit.Power {
	c, s := &k.cfg.Groups[g], &k.groups[g]
	if !c.Metered || k.staleMeter(g) {
		return max(c.Unmeasured, s.floor)
	}
	var most unit.Power
	switch window := time.Duration(len(s.unmeasured)-1) * time.Minute; {
	case !s.found:
		most = c.Unmeasured
	case k.now-s.foundAt > window:
		most = s.floor
	}
	for _, p := range s.unmeasured {
		most = max(most, p)
	}
	return most
}

func (k *Kernel) staleMeter(g int) bool {
	s := &k.groups[g]
	return k.cfg.Groups[g].Metered && (!s.everMeter || k.now-s.metered > k.cfg.Timing.MeterAge)
}

// reserved is R of a group.
func (k *Kernel) reserved(g int) unit.Power {
	s := &k.groups[g]
	if s.dirty {
		s.worst, s.dirty = k.worstCase(g, k.boundOf), false
	}
	return s.worst + k.apart(g)
}

func (k *Kernel) boundOf(i int) unit.Power { return k.units[i].bound }

// recount brings the bound of a unit, and of the groups around it, up to date.
func (k *Kernel) recount(i int) {
	u, s := &k.cfg.Units[i], &k.units[i]
	b := s.worst(u)
	if b == s.bound {
		return
	}
	for g := u.Group; g >= 0; g = k.cfg.Groups[g].Parent {
		k.groups[g].dirty = true
	}
	if b < s.bound {
		if k.now-s.fell > k.cfg.Timing.MeterAge {
			s.high = 0
		}
		s.fell, s.high = k.now, max(s.high, s.bound)
	}
	s.bound = b
}

// meter takes a reading of the group's meter. The load that no unit explains is
// what is left of it; a unit that moves, has just moved or is not heard explains
// as much as it may draw, so that nothing is reserved twice.
func (k *Kernel) meter(e Metered) {
	s := &k.groups[e.Group]
	if e.Power < 0 || e.Asked > k.now || s.everMeter && e.Asked <= s.metered {
		return
	}
	s.metered, s.everMeter, s.shows = e.Asked, true, e.Power
	var stated unit.Power
	still := true
	for _, i := range s.members {
		u := &k.units[i]
		switch {
		case u.isolated:
		case u.steady(&k.cfg.Units[i]) && k.now-u.fell > k.cfg.Timing.MeterAge:
			stated += u.power
		default: // the meter may show it as it was before
			stated += max(u.bound, u.high)
			still = false
		}
	}
	s.turn(int64(k.now / time.Minute))
	left := max(0, e.Power-k.cooled(e.Group, stated)-s.drew)
	if still {
		s.found, s.foundAt, s.floor = true, k.now, left
	}
	m := &s.unmeasured[s.minute%int64(len(s.unmeasured))]
	*m = max(*m, left)
}

// turn forgets what was found more than a quarter of an hour ago.
func (s *groupState) turn(minute int64) {
	n := int64(len(s.unmeasured))
	if minute-s.minute >= n {
		s.unmeasured, s.minute = [16]unit.Power{}, minute
	}
	for ; s.minute < minute; s.minute++ {
		s.unmeasured[(s.minute+1)%n] = 0
	}
}
