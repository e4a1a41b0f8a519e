package commission

import (
	"fmt"
	"slices"
	"time"

	"sluice/device"
	"sluice/unit"
)

// Trial is the commissioning of one unit. It is called from one goroutine,
// starts nothing, waits for nothing and reads no clock.
type Trial struct {
	plan  Plan
	found Level
	able  bool // found can be given back
	tried []Level

	now, began time.Duration
	started    bool
	over       bool // Done was said
	out        []Effect

	meter, stated, hash trace // watts, watts, GH/s
	glances             []glance
	metered             time.Duration // when the meter last answered
	faults              []string      // codes that the machine reported when it was found
	strange             int           // readings in a row with another one

	resolution unit.Power
	size       int64 // what the machine draws as found, by its own word or a meter of its own; 0: not known
	rounds     [][]leg
	round, leg int
	begun      bool // the leg's order went out, or it needs none
	order      order
	number     int
	repeats    map[int]int
	visits     []visit // of the round that runs
	before     visit   // where the leg began
	ref        visit   // at the level found, from which the round began
	dead       []bool  // tried levels that the machine refused or did not settle at
	learnt     findings

	suspect string // why the machine may not obey, until other load is ruled out
	verdict Verdict
	why     string
	restore restore
	sabotage
}

// sabotage plants faults, so that tests can show that they are noticed.
type sabotage struct {
	forgetLevel bool // a level is not given back
	forgetSleep bool // a sleeper is left asleep
	trustWord   bool // the machine's own watts stand for the meter's
	believeAll  bool // nothing is below the resolution
}

// glance is what one question to the machine showed.
type glance struct {
	at      time.Duration
	ok      bool
	asleep  bool // it says that it sleeps, or was told to
	working bool // it runs, steadily, and hashes where it says
	stopped bool // it says that a fault stopped it
}

// order is the one that stands.
type order struct {
	number   int
	command  device.Command
	first    time.Duration // when it went out for the first time
	sent     time.Duration
	flying   bool // not answered yet
	acted    bool // may have acted
	again    bool // was repeated for want of an effect
	barred   int  // times that its credential was not taken
	wait     time.Duration
	ack      device.Ack
	answered time.Duration
}

// New begins a trial at the level found. Nothing is sent before Step.
func New(p Plan) (*Trial, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	t := &Trial{plan: p, repeats: map[int]int{}}
	var why string
	t.found, why = p.found()
	t.able = why == ""
	if why != "" {
		t.note(why)
	}
	t.tried, _ = p.Tried()
	t.dead = make([]bool, len(t.tried))
	t.rounds = p.rounds()
	for _, f := range p.Found.Faults {
		t.faults = append(t.faults, f.Code)
	}
	return t, nil
}

// Step takes one event and returns what to do about it, in order. now is
// monotonic; an event from the past is left out. The effects are valid until
// the next call; after Done there are none.
func (t *Trial) Step(now time.Duration, e Event) []Effect {
	t.out = t.out[:0]
	if t.over || now < t.now {
		return t.out
	}
	t.now = now
	if !t.started {
		t.started, t.began, t.metered = true, now, now
		t.begin(Baseline, "", 3*batches*t.plan.Limits.Window)
	}
	t.take(e)
	t.act()
	return t.out
}

func (t *Trial) take(e Event) {
	switch e := e.(type) {
	case Read:
		t.read(e)
	case Unread:
		t.glances = append(t.glances, glance{at: e.Asked})
	case Metered:
		t.meter.add(e.Asked, int64(e.Power))
		t.metered = max(t.metered, e.Asked)
	case Answered:
		t.answer(e)
	case Stopped:
		t.end(WasStopped, "somebody pressed stop")
	case Tick:
	}
}

// read keeps what a reading says.
func (t *Trial) read(e Read) {
	if n := len(t.glances); n > 0 && t.glances[n-1].at >= e.Asked {
		return
	}
	r := e.Reading
	g := glance{at: e.Asked, ok: true, working: true}
	if r.Power.Known {
		t.stated.add(e.Asked, int64(r.Power.Value))
	}
	if r.Hash.Known {
		t.hash.add(e.Asked, int64(r.Hash.Value))
		g.working = r.Hash.Value > 0
	}
	says := r.Activity.Value
	g.asleep = says == device.Asleep || r.Intent.Known && r.Intent.Value == device.Asleep
	g.stopped = says == device.Stopped
	switch says {
	case device.Waking, device.Tuning, device.Asleep, device.Stopped, device.Unreachable:
		g.working = false
	case device.Running, device.Throttled, device.Unknown, "":
	}
	g.working = g.working && !g.asleep
	t.glances = append(t.glances, g)
	t.guard(r)
	t.restore.see(t, e)
}

// guard ends a trial that harms the machine. It watches while giving back too,
// but by then there is nothing more to end.
func (t *Trial) guard(r device.Reading) {
	for _, c := range r.Chips {
		if c.MilliC > t.plan.HottestMill {
			t.end(TooHot, fmt.Sprintf("%s shows %.1f °C, the bound is %.1f °C: find out what cools it", c.Where, float64(c.MilliC)/1000, float64(t.plan.HottestMill)/1000))
		}
	}
	for _, f := range r.Faults {
		if slices.Contains(t.faults, f.Code) {
			continue
		}
		if t.strange++; t.strange >= 2 {
			t.end(Faulty, fmt.Sprintf("it reports fault %s %s, which was not there before: look it up in its maker's list", f.Code, f.Text))
		}
		return
	}
	t.strange = 0
}

// answer takes what the machine said to an order.
func (t *Trial) answer(e Answered) {
	if e.Number != t.order.number || !t.order.flying {
		return
	}
	o := &t.order
	o.flying, o.ack, o.answered = false, e.Ack, t.now
	o.acted = o.acted || e.Ack.MayHaveActed()
	o.wait = t.plan.Limits.Retry
	if e.Ack.Reason == device.BadAuth {
		o.barred++
	}
	if e.Ack.MayHaveActed() {
		t.restore.touch(o.command)
	}
}

// act does what is due.
func (t *Trial) act() {
	if t.order.flying && t.now-t.order.sent > t.plan.Limits.Answer {
		t.answer(Answered{Number: t.order.number, Ack: device.Ack{Class: device.NoReply, Text: "no answer in time"}})
	}
	if t.verdict == "" {
		t.watch()
	}
	switch {
	case t.order.flying: // one thing after the other, the stop included
	case t.verdict != "":
		t.giveBack()
	case t.resolution == 0:
		t.baseline()
	default:
		t.advance()
	}
}

// watch ends a trial that sees nothing any more, or that never ends.
func (t *Trial) watch() {
	l := t.plan.Limits
	if t.plan.Meter.Given && t.now-t.metered > l.Stale {
		t.end(MeterStale, fmt.Sprintf("the meter has said nothing for %v: without it nothing is measured", (t.now-t.metered).Round(time.Second)))
	}
	if t.now-t.began > l.Total {
		t.end(OutOfTime, fmt.Sprintf("it has taken %v", (t.now-t.began).Round(time.Second)))
	}
}

// end says once why the trial stops here. What was begun is given back next.
func (t *Trial) end(v Verdict, why string) {
	if t.verdict != "" {
		return
	}
	t.verdict, t.why = v, why
	t.out = append(t.out, Ended{v, why})
}

// barredMost is how often a credential may be refused: after a restart the first
// login is often one that the machine has forgotten.
const barredMost = 3

// fatal reports whether asking once more is useless.
func (o order) fatal() bool {
	switch o.ack.Reason {
	case device.BadAuth:
		return o.barred >= barredMost
	case device.Locked, device.BadClock, device.Unsupported, device.BadValue:
		return o.ack.Class == device.Refused
	case device.Busy, device.BadState, device.Other:
	}
	return false
}

// send gives an order. The level dirt is noted before it goes out: what was sent
// may act even when nobody hears of it.
func (t *Trial) send(c device.Command, giving bool) {
	t.number++
	first := t.now
	if t.order.command == c && t.order.acted {
		first = t.order.first // it may have begun with the first one
	}
	t.order = order{number: t.number, command: c, first: first, sent: t.now, flying: true, again: t.order.again, acted: t.order.acted, barred: t.order.barred}
	t.out = append(t.out, Send{Number: t.number, Command: c, Restore: giving})
}

func (t *Trial) begin(s Step, level string, within time.Duration) {
	t.out = append(t.out, Began{Step: s, Level: level, Within: within, Repeat: t.repeats[t.round]})
}

func (t *Trial) note(text string) {
	if !slices.Contains(t.learnt.notes, text) {
		t.learnt.notes = append(t.learnt.notes, text)
	}
}

// signal is what the trial measures with.
func (t *Trial) signal() trace {
	if t.plan.Meter.Given && !t.trustWord {
		return t.meter
	}
	return t.stated
}

// slack is by how much two windows may differ and still show the same power: the
// resolution, or a hundredth of what the machine draws, by which it wanders itself.
func (t *Trial) slack() unit.Power { return max(t.resolution, unit.Power(t.size/100)) }
