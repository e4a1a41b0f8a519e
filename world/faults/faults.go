// Package faults is a site in virtual time on which everything goes wrong that
// the network, the units and the people can do to a controller: orders and
// answers are lost, late and doubled, units restart to full power, some say yes
// and do nothing, and the grid cuts the limit at any moment. The same seed gives
// the same run. It measures for how long the site was above its limit.
package faults

import (
	"math/rand/v2"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/unit"
)

// Controller is what is put to the test.
type Controller interface {
	Step(now time.Duration, e actuate.Event) []actuate.Effect
}

// Faults says how often what goes wrong. The zero value is a perfect world.
type Faults struct {
	LostOrder, LostAnswer, Twice, Late, MissedPoll unit.Ratio
	Reboot                                         time.Duration // mean time between restarts of one unit; 0: never
	Liar                                           unit.Ratio    // of restarts, those after which a unit says yes and does nothing
}

// Usual is the reference simulation: a restart a day, a tenth of them shorter
// than silence is noticed.
//
// Source: docs/formula/reservation.md.
func Usual() Faults {
	return Faults{LostOrder: 50_000, LostAnswer: 50_000, Twice: 20_000, Late: 20_000, MissedPoll: 20_000, Reboot: 24 * time.Hour, Liar: 10_000}
}

// The units of the simulated site.
const (
	Least unit.Power = 1500
	Most  unit.Power = 3500
)

const (
	poll    = 5 * time.Second
	warmUp  = 30 * time.Minute
	shedBy  = time.Minute   // declared shed window
	looksIn = 4 * time.Hour // until a person has cleared a quarantined unit
	carry   = 300 * time.Millisecond
)

// Result is what one run showed.
type Result struct {
	Units    int
	Length   time.Duration
	Over     time.Duration // above the limit outside the shed window after a cut
	OverAll  time.Duration
	Worst    unit.Ratio // highest excess outside the window, of the site's most
	Use      unit.Ratio // mean of power through limit
	Orders   int64
	Restarts int64
	Lies     int64 // restarts into lying
	Named    int64 // liars that were quarantined
	Wronged  int64 // honest units that were quarantined
	Unsafe   int64 // assertions of the controller that failed
}

type machine struct {
	power, setpoint unit.Power
	up              time.Duration // since when it runs
	epoch           actuate.Epoch
	down, liar      bool
}

// Run lets a controller hold a site of n units for a length of virtual time.
func Run(c Controller, f Faults, n int, seed uint64, length time.Duration) Result {
	w := &world{c: c, f: f, rand: rand.New(rand.NewPCG(seed, uint64(n))), machines: make([]machine, n), cut: -shedBy}
	w.result = Result{Units: n, Length: length}
	w.site = unit.Power(n) * Most
	w.begin()
	for w.now < length && len(w.queue) > 0 {
		e := w.pop()
		w.advance(min(e.at, length))
		w.happen(e)
	}
	if counted := length - warmUp; counted > 0 {
		w.result.Use = unit.Ratio(unit.MulDiv(int64(w.used), int64(unit.One), int64(counted)))
	}
	return w.result
}

type world struct {
	c        Controller
	f        Faults
	rand     *rand.Rand
	machines []machine
	queue    []happening
	sequence int64
	now      time.Duration
	site     unit.Power
	total    unit.Power
	limit    unit.Power
	cut      time.Duration
	used     time.Duration
	readings []actuate.UnitReading
	metered  unit.Power
	asked    time.Duration
	result   Result
}

func (w *world) begin() {
	target := make([]unit.Power, len(w.machines))
	for i := range w.machines {
		w.machines[i] = machine{power: Most, setpoint: Most}
		target[i] = Most
		w.total += Most
		w.nextReboot(i)
	}
	w.limit = w.site
	w.say(actuate.Planned{Term: 1, Number: 1, Target: target})
	w.push(happening{at: 0, kind: newLimit})
	w.push(happening{at: poll, kind: polled})
}

// advance counts what was drawn until then.
func (w *world) advance(to time.Duration) {
	if from := max(w.now, warmUp); to > from {
		w.used += time.Duration(unit.MulDiv(int64(w.total), int64(to-from), int64(w.limit)))
		if w.total > w.limit {
			w.result.OverAll += to - from
			if late := to - max(from, w.cut+shedBy); late > 0 {
				w.result.Over += late
				w.result.Worst = max(w.result.Worst, unit.Ratio(unit.MulDiv(int64(w.total-w.limit), int64(unit.One), int64(w.site))))
			}
		}
	}
	w.now = max(w.now, to)
}

func (w *world) happen(e happening) {
	m := &w.machines[e.unit]
	switch e.kind {
	case polled:
		w.poll()
	case told:
		w.say(actuate.Readings{Units: w.readings})
		w.say(actuate.Metered{Asked: w.asked, Power: w.metered})
		w.say(actuate.Tick{})
	case newLimit:
		w.instruct()
	case arrived:
		w.arrive(e, m)
	case answered:
		w.say(actuate.Answered{Unit: e.unit, Epoch: e.epoch, Class: device.Accepted})
	case fell:
		w.fall(e.unit, m)
	case rose:
		m.down, m.up, m.setpoint = false, w.now, Most
		w.draw(m, Most)
		w.nextReboot(e.unit)
	case cleared:
		w.say(actuate.Cleared{Unit: e.unit, By: "technician"})
	}
}

func (w *world) draw(m *machine, p unit.Power) {
	w.total += p - m.power
	m.power = p
}

func (w *world) poll() {
	w.readings, w.asked, w.metered = w.readings[:0], w.now, w.total
	for i := range w.machines {
		m := &w.machines[i]
		if m.down || w.chance(w.f.MissedPoll) {
			continue
		}
		w.readings = append(w.readings, actuate.UnitReading{
			Unit: i, Asked: w.now, Power: m.power, Setpoint: m.setpoint, Uptime: w.now - m.up,
			Known: actuate.KnownPower | actuate.KnownSetpoint | actuate.KnownUptime | actuate.Same,
		})
	}
	w.push(happening{at: w.now + carry, kind: told})
	w.push(happening{at: w.now + poll, kind: polled})
}

// instruct gives the site another limit, between 30 and 90 % of its most.
func (w *world) instruct() {
	l := w.site.Scale(unit.Ratio(300_000 + w.rand.Int64N(600_001)))
	if l < w.limit {
		w.cut = w.now
	}
	w.limit = l
	w.say(actuate.Instruction{From: w.now, Limit: l})
	w.push(happening{at: w.now + time.Duration(300+w.rand.IntN(1500))*time.Second, kind: newLimit})
}

func (w *world) arrive(e happening, m *machine) {
	if m.down || e.epoch.Compare(m.epoch) < 0 {
		return
	}
	m.epoch = e.epoch
	if !m.liar {
		m.setpoint = e.target
		w.draw(m, e.target)
	}
	if !w.chance(w.f.LostAnswer) {
		w.push(happening{at: w.now + w.about(300*time.Millisecond), kind: answered, unit: e.unit, epoch: e.epoch})
	}
}

func (w *world) fall(i int, m *machine) {
	w.result.Restarts++
	m.down = true
	w.draw(m, 0)
	if m.liar = w.chance(w.f.Liar); m.liar {
		w.result.Lies++
	}
	w.push(happening{at: w.now + time.Duration(w.rand.IntN(300))*time.Second, kind: rose, unit: i})
}

func (w *world) nextReboot(i int) {
	if w.f.Reboot > 0 {
		w.push(happening{at: w.now + w.about(w.f.Reboot), kind: fell, unit: i})
	}
}

// say tells the controller and carries out what it wants.
func (w *world) say(e actuate.Event) {
	for _, x := range w.c.Step(w.now, e) {
		switch x := x.(type) {
		case actuate.Send:
			w.send(x)
		case actuate.Alarm:
			if x.Code != actuate.NoEffect {
				continue
			}
			if w.machines[x.Unit].liar {
				w.result.Named++
			} else {
				w.result.Wronged++
			}
			w.push(happening{at: w.now + looksIn, kind: cleared, unit: x.Unit})
		case actuate.Safe:
			w.result.Unsafe++
		}
	}
}

func (w *world) send(s actuate.Send) {
	w.result.Orders++
	if w.chance(w.f.LostOrder) {
		return
	}
	copies := 1
	if w.chance(w.f.Twice) {
		copies = 2
	}
	for range copies {
		at := w.now + w.about(500*time.Millisecond)
		if w.chance(w.f.Late) {
			at += time.Duration(w.rand.Int64N(int64(time.Minute)))
		}
		w.push(happening{at: at, kind: arrived, unit: s.Unit, target: s.Target, epoch: s.Epoch})
	}
}

func (w *world) chance(r unit.Ratio) bool {
	return r > 0 && unit.Ratio(w.rand.Uint32N(uint32(unit.One))) < r
}

// about is an exponential time of that mean.
func (w *world) about(mean time.Duration) time.Duration {
	return time.Duration(w.rand.ExpFloat64() * float64(mean))
}
