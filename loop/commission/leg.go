package commission

import (
	"fmt"
	"time"

	"sluice/device"
)

// leg is one order with what is watched after it.
type leg struct {
	step    Step
	command device.Command
	level   int // of a tried level; atFound: the level found; none of levels
	bound   time.Duration
	fresh   bool // only brings the machine back to where its round begins
	last    bool // ends its round at the level found
}

// atFound is the level found, as an index beside those of tried.
const atFound = -1

// rounds lists the legs in the groups that are begun anew together. Each begins
// and ends at the level found, so that its two ends show whether other load moved.
func (p Plan) rounds() [][]leg {
	l := p.Limits
	var out [][]leg
	found, _ := p.found()
	if p.Can.Sleep && p.Can.Wake {
		for _, fast := range []bool{false, true} {
			if fast && !p.Can.FastWake {
				continue
			}
			wake := p.wake()
			wake.fast(fast)
			out = append(out, []leg{{step: Sleeping, command: device.Command{Verb: device.Sleep}, level: atFound, bound: 2 * l.Sleep}, wake})
		}
	}
	tried, _ := p.Tried()
	if len(tried) == 0 && !p.Reboot {
		return out
	}
	at := func(i int) leg { return leg{step: Levelled, command: tried[i].Command, level: i, bound: 2 * l.Level} }
	back := leg{step: Levelled, command: found.Command, level: atFound, bound: 2 * l.Level, last: true}
	if len(tried) > 0 {
		out = append(out, append(path(tried, found, at), back))
	}
	if p.Reboot {
		boot := leg{step: Rebooted, command: device.Command{Verb: device.Reboot}, level: atFound, bound: l.Boot}
		round := []leg{boot}
		if len(tried) > 0 {
			round = []leg{at(0), boot, back}
		}
		out = append(out, round)
	}
	return out
}

// wake is the leg that brings a sleeper back to what it was found doing.
func (p Plan) wake() leg {
	return leg{step: Waking, command: device.Command{Verb: device.Wake, Mode: p.Found.Mode.Value}, level: atFound, bound: p.Limits.Wake, last: true}
}

func (g *leg) fast(yes bool) {
	if yes {
		g.step, g.command.Fast = FastWake, true
	}
}

// path visits every level on the way down and again on the way up, so that what
// drifts steadily cancels, and those above the level found last.
//
// Source: docs/formula/commission.md, drift.
func path(tried []Level, found Level, at func(int) leg) []leg {
	below := 0
	for _, l := range tried {
		if c, _ := compare(l, found); c < 0 {
			below++
		}
	}
	var out []leg
	for i := below - 1; i >= 0; i-- {
		out = append(out, at(i))
	}
	for i := 1; i < below; i++ {
		out = append(out, at(i))
	}
	for i := below; i < len(tried); i++ {
		out = append(out, at(i))
	}
	for i := len(tried) - 2; i >= below; i-- {
		out = append(out, at(i))
	}
	return out
}

// here is the leg that runs.
func (t *Trial) here() leg { return t.rounds[t.round][t.leg] }

// advance carries the leg that runs one step further.
func (t *Trial) advance() {
	if t.round >= len(t.rounds) {
		if len(t.rounds) == 0 {
			t.end(Impossible, "its firmware can neither sleep nor take another level that can be given back")
			return
		}
		t.end(Learned, "")
		return
	}
	g := t.here()
	if g.level >= 0 && t.dead[g.level] {
		t.next()
		return
	}
	switch {
	case !t.begun:
		t.start(g)
	case !t.order.acted && t.now-t.order.sent < t.order.wait: // soon once more
	case !t.order.acted:
		t.unheard(g)
	default:
		t.follow(g)
	}
}

// start gives the order of a leg.
func (t *Trial) start(g leg) {
	t.order, t.begun = order{}, true
	t.before = t.ref
	if n := len(t.visits); n > 0 {
		t.before = t.visits[n-1]
	}
	t.begin(g.step, t.name(g), g.bound)
	if g.command.Verb == "" {
		t.order = order{number: t.number, first: t.now, sent: t.now, answered: t.now, acted: true}
		return
	}
	t.send(g.command, false)
}

// name is the label of a leg's level, for people.
func (t *Trial) name(g leg) string {
	switch {
	case g.step != Levelled:
		return ""
	case g.level == atFound:
		return t.found.Name
	}
	return t.tried[g.level].Name
}

// unheard deals with an order that the machine refused or never got.
func (t *Trial) unheard(g leg) {
	a := t.order.ack
	late := t.now-t.order.first > g.bound
	switch {
	case a.Class == device.NotSent || a.Reason == device.Busy || a.Reason == device.BadState || a.Reason == device.BadAuth && !t.order.fatal():
		if !late {
			t.again()
			return
		}
		t.end(Unreachable, fmt.Sprintf("it could not be told %s: %s", g.step, a))
	case g.step == FastWake && g.command.Fast:
		t.note("it refuses the fast wake: " + a.Text)
		t.rounds[t.round][t.leg] = t.plan.wake()
		t.begun = false
	case g.level >= 0 && (a.Reason == device.BadValue || a.Reason == device.Unsupported || a.Reason == device.Other):
		t.drop(g, "it refuses level "+t.name(g)+": "+a.Text)
	default:
		t.end(WasRefused, fmt.Sprintf("it refused %s: %s", g.step, a))
	}
}

// again sends an order that nobody heard once more.
func (t *Trial) again() {
	since := t.order.first
	t.send(t.order.command, false)
	t.order.first = since // for the bound of the leg; set anew when it is heard
}

// drop leaves a level out.
func (t *Trial) drop(g leg, why string) {
	t.dead[g.level] = true
	t.note(why)
	t.next()
}

// next goes to the leg after this one.
func (t *Trial) next() {
	t.begun = false
	if t.leg++; t.leg < len(t.rounds[t.round]) {
		return
	}
	t.leg, t.visits = 0, nil
	t.round++
}

// anew begins a round once more, from the level found; standing says that the
// machine is there and that its reference was just taken.
func (t *Trial) anew(why string, standing bool) {
	if t.repeats[t.round]++; t.repeats[t.round] > repeatsMost {
		t.end(Restless, fmt.Sprintf("%s, %d times in a row: meter the machine alone, or choose a quieter hour", why, repeatsMost+1))
		return
	}
	t.learnt.repeats++
	t.note(why + ": that round was begun anew")
	g := t.here()
	if t.rounds[t.round][0].fresh {
		t.rounds[t.round] = t.rounds[t.round][1:]
	}
	if !standing {
		t.rounds[t.round] = append([]leg{t.home(g)}, t.rounds[t.round]...)
	}
	t.learnt.forget(t.round)
	t.begun, t.leg, t.visits = false, 0, nil
}

// home is the leg that brings the machine back to the level found, from where a
// leg left it. One that works and was only told to sleep or wake needs no order.
func (t *Trial) home(from leg) leg {
	home := leg{step: Levelled, command: t.found.Command, level: atFound, bound: 2 * t.plan.Limits.Level}
	if from.step != Levelled {
		home = t.plan.wake()
		if n := len(t.glances); n > 0 && t.glances[n-1].working {
			home.command = device.Command{}
		}
	}
	home.fresh, home.last = true, false
	return home
}
