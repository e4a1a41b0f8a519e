package machine

import (
	"math"
	"math/rand/v2"
	"time"
)

// cut is a time without supply.
type cut struct{ from, to time.Time }

// Cut takes the supply of the machine away from a time until another, when it
// boots. Cuts are told in their order and do not overlap; one in the past
// happens at once.
func (m *Machine) Cut(now, from, to time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cuts = append(m.cuts, cut{from: from, to: to})
	m.pass(now)
}

// NextRestart is when the machine restarts next by itself, as seen at the time
// of the last question; zero: never.
func (m *Machine) NextRestart() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.restart
}

// The streams of luck of a machine. How often it is asked moves none of them.
const (
	wakeLuck    = 0xa3a4e
	restartLuck = 0xb007
)

// luck is the source of the n-th draw of a stream.
func (m *Machine) luck(stream uint64, n int) *rand.Rand {
	return rand.New(rand.NewPCG(m.Spec.Seed, stream<<32|uint64(n))) //nolint:gosec // a virtual machine's fate is no secret, and n counts up from zero
}

// schedule draws when the machine restarts next by itself: at any moment with
// the same chance.
func (m *Machine) schedule(from time.Time) {
	if mean := m.Spec.Restarts; mean > 0 {
		m.drawn++
		m.restart = from.Add(time.Duration(m.luck(restartLuck, m.drawn).ExpFloat64() * float64(mean)))
	}
}

// event is the kind of what happens to a machine without a caller.
type event uint8

const (
	nothing event = iota
	told
	lost
	returned
	restarts
	looks
)

// next is what happens first, and when. Of two at one instant the order is fixed.
func (m *Machine) next() (event, time.Time) {
	e, at := nothing, time.Time{}
	first := func(kind event, t time.Time) {
		if e == nothing || t.Before(at) {
			e, at = kind, t
		}
	}
	if len(m.due) > 0 {
		first(told, m.due[0].at)
	}
	if len(m.cuts) > 0 {
		if m.dead {
			first(returned, m.cuts[0].to)
		} else {
			first(lost, m.cuts[0].from)
		}
	}
	if !m.restart.IsZero() {
		first(restarts, m.restart)
	}
	if m.Spec.ChipMax > 0 {
		first(looks, m.check)
	}
	return e, at
}

// pass carries the machine to now by way of all that happens until then.
func (m *Machine) pass(now time.Time) {
	for {
		e, at := m.next()
		if e == nothing || at.After(now) {
			break
		}
		m.run(at)
		m.happen(e, at)
	}
	m.run(now)
}

func (m *Machine) happen(e event, at time.Time) {
	switch e {
	case told:
		next := m.due[0]
		m.due = m.due[1:]
		if next.sleep {
			m.sleep()
		} else {
			m.wake(false)
		}
	case lost:
		m.dead = true
	case returned:
		m.dead, m.cuts = false, m.cuts[1:]
		m.forget()
	case restarts:
		if !m.dead { // what has no supply cannot restart
			m.forget()
		}
		m.schedule(at)
	case looks:
		m.cool(at)
		m.check = at.Add(glance)
	case nothing:
	}
}

// forget is a restart that nobody ordered. What only an order had set is lost,
// unless the firmware keeps it.
func (m *Machine) forget() {
	m.restarts++
	m.due = nil
	if !m.Spec.Persists {
		m.level = m.Spec.Nameplate
	}
	m.reboot(m.Spec.Persists)
}

// The numbers of the protection against heat.
const (
	glance   = time.Minute // it looks at its chips so often
	step     = 0.1         // by which share of the level it goes down each time
	stepsMax = 5
	backC    = 3  // it goes up again when that leaves so many degrees
	riseC    = 45 // chips above the air at the nameplate, degrees
)

// share is what so many steps leave of a level.
func (m *Machine) share(steps int) float64 { return 1 - step*float64(steps) }

// chip is the temperature of the hottest chip at a draw, degrees Celsius.
func (m *Machine) chip(t time.Time, watts float64) float64 {
	return m.Spec.Air.At(t) + riseC*watts/math.Max(1, float64(m.Spec.Nameplate.Power))
}

// cool lowers the level by itself when the chips are too hot, and raises it
// again when the air allows it. The settings stay as they are.
func (m *Machine) cool(at time.Time) {
	if !m.on || m.stuck || m.dead || at.Sub(m.moved) < m.up {
		return
	}
	to := m.hot
	switch {
	case m.hot < stepsMax && m.chip(at, m.power(at)) > m.Spec.ChipMax:
		to++
	case m.hot > 0 && m.chip(at, m.full(at)*m.share(m.hot-1)) < m.Spec.ChipMax-backC:
		to--
	default:
		return
	}
	m.from, m.moved, m.up, m.hot = m.power(at), at, m.Spec.Times.Level, to
}
