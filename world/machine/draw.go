package machine

import (
	"math"
	"time"

	"sluice/device"
	"sluice/unit"
)

// Usual is the air at which a machine draws what its presets say, degrees Celsius.
const Usual = 25

// Air is the temperature outside over a day. It is a function of time alone, so
// that it costs nothing while nobody asks. The zero value is the usual air, always.
type Air struct {
	Warmer float64       // mean above the usual, degrees
	Swing  float64       // highest above the mean and lowest below it, degrees
	Peak   time.Duration // time of the day (UTC) when it is highest
}

// At is the temperature at t, degrees Celsius.
func (a Air) At(t time.Time) float64 {
	const day = 24 * time.Hour
	if a.Swing == 0 {
		return Usual + a.Warmer
	}
	of := time.Duration(t.UnixNano())%day - a.Peak
	return Usual + a.Warmer + a.Swing*math.Cos(2*math.Pi*float64(of)/float64(day))
}

// run carries the machine to now and adds up what it drew, stretch by stretch of
// those on which power goes straight, so that the sum does not depend on how
// often somebody asks.
func (m *Machine) run(now time.Time) {
	for m.at.Before(now) {
		to := m.bend(now)
		d := to.Sub(m.at)
		m.energy += m.power(m.at.Add(d/2)) * d.Seconds()
		m.at = to
	}
}

// bend is the end of the stretch that begins now: a corner of the ramp, or a
// minute of changing air.
func (m *Machine) bend(now time.Time) time.Time {
	to := now
	for _, corner := range [...]time.Time{m.begin(), m.moved.Add(m.up)} {
		if corner.After(m.at) && corner.Before(to) {
			to = corner
		}
	}
	if m.Spec.Air.Swing != 0 && to.Sub(m.at) > time.Minute {
		return m.at.Truncate(time.Minute).Add(time.Minute)
	}
	return to
}

// begin is when power begins to move after the last change.
func (m *Machine) begin() time.Time {
	if m.on && m.from <= float64(m.Spec.Standby)*1.5 {
		return m.moved.Add(min(m.Spec.Times.FirstHash, m.up))
	}
	return m.moved
}

// full is what the machine draws at t at its level when it is settled, watts.
func (m *Machine) full(t time.Time) float64 {
	return float64(m.level.Power) * (1 + m.Spec.PerDegree*(m.Spec.Air.At(t)-Usual))
}

// power is what the machine draws at t, watts.
func (m *Machine) power(t time.Time) float64 {
	goal := float64(m.Spec.Standby)
	switch {
	case m.dead:
		return 0
	case m.stuck:
		return goal
	case m.on:
		goal = math.Max(goal, m.full(t)*m.share(m.hot))
	}
	begin := m.begin()
	takes := m.up - begin.Sub(m.moved)
	if takes <= 0 {
		if t.Before(begin) {
			return m.from
		}
		return goal
	}
	share := math.Min(1, math.Max(0, float64(t.Sub(begin))/float64(takes)))
	return m.from + (goal-m.from)*share
}

// hash follows power along the presets, nothing at standby. Warm air costs watts
// and not hashes.
func (m *Machine) hash(t time.Time) unit.Hashrate {
	p := m.power(t)
	if !m.on || m.stuck || m.level.Power == 0 || p <= float64(m.Spec.Standby)*1.5 {
		return 0
	}
	return unit.Hashrate(math.Round(float64(m.level.Hash) * math.Min(1, p/m.full(t))))
}

func (m *Machine) activity(t time.Time) device.Activity {
	settled := t.Sub(m.moved) >= m.up
	switch {
	case m.stuck, m.dead:
		return device.Stopped
	case !m.on:
		return device.Asleep
	case !settled && m.from <= float64(m.Spec.Standby)*1.5:
		return device.Waking
	case m.hot > 0:
		return device.Throttled
	case !settled:
		return device.Tuning
	}
	return device.Running
}
