package world

import (
	"fmt"
	"strings"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
	"sluice/use/mining"
)

// boot is machines that draw power but do not hash yet.
type boot struct {
	power unit.Power
	until time.Time
}

// move is a start or a stop, remembered for the minimum times.
type move struct {
	power unit.Power
	at    time.Time
}

// group is the physics of one group of machines. All powers are IT watts
// counted as if every machine were available, except what is drawn.
type group struct {
	rig  *mining.Rig
	name string
	step []unit.Power // power of each step, all machines

	on     unit.Power // step 0 switched on, boots included
	upper  unit.Power // steps above, switched on
	order  cycle.Order
	boots  []boot
	starts []move
	stops  []move

	it, meter unit.Energy
	work      unit.Work
	started   unit.Power
}

func newGroup(rig *mining.Rig, on bool) *group {
	g := &group{rig: rig, name: rig.Use()}
	for _, s := range rig.Steps() {
		g.step = append(g.step, s.Power*unit.Power(rig.Group().Count))
	}
	if on {
		g.on, g.upper = g.step[0], g.capacity()-g.step[0]
	}
	g.order = cycle.Order{On: g.on, Draw: g.capacity()}
	return g
}

func (g *group) capacity() unit.Power {
	var sum unit.Power
	for _, p := range g.step {
		sum += p
	}
	return sum
}

// clone copies the group for another line of time.
func (g *group) clone() *group {
	c := *g
	c.boots = append([]boot(nil), g.boots...)
	c.starts = append([]move(nil), g.starts...)
	c.stops = append([]move(nil), g.stops...)
	return &c
}

// settled reports whether nothing moves by itself: no boot, no ramp.
func (g *group) settled(available unit.Ratio) bool {
	on, upper := g.target(available)
	return len(g.boots) == 0 && g.on == on && g.upper == upper
}

// target is what the order asks for: step 0 as ordered, the steps above as far
// as the ordered draw allows on machines that run.
func (g *group) target(available unit.Ratio) (on, upper unit.Power) {
	on = min(max(g.order.On, 0), g.step[0])
	if available <= 0 {
		return on, 0
	}
	most := max(g.order.Draw, 0)
	room := unit.Power(unit.MulDiv(int64(most), int64(unit.One), int64(available))) + 1
	for room > 0 && room.Scale(available) > most {
		room--
	}
	on = min(on, room)
	upper = min(max(0, room-on), g.capacity()-g.step[0])
	if on < g.step[0] {
		upper = min(upper, unit.Power(unit.MulDiv(int64(g.capacity()-g.step[0]), int64(on), int64(g.step[0]))))
	}
	return on, upper
}

// wants is the IT power that the group is on its way to, or draws still.
func (g *group) wants(available unit.Ratio) unit.Power {
	on, upper := g.target(available)
	return (on + upper).Scale(available)
}

// advance carries the group from now over d, in which share and pue hold.
func (g *group) advance(now time.Time, d time.Duration, available, pue unit.Ratio) unit.Power {
	on, upper := g.target(available)
	room := g.capacity()
	if ramp := g.rig.Group().Ramp; ramp > 0 {
		room = max(1, unit.Power(unit.MulDiv(int64(ramp), int64(d), int64(time.Minute))))
	}
	g.move(now, on, upper, room)
	draw := (g.on + g.upper).Scale(available)
	g.it += draw.Over(d)
	metered := draw.Scale(pue)
	g.meter += metered.Over(d)
	g.hash(now, d, available)
	return metered
}

// move brings both parts towards their targets by at most room in all: on the
// way down the dear steps above give way before machines stop, on the way up
// machines start before they are turned up.
func (g *group) move(now time.Time, on, upper, room unit.Power) {
	before := g.upper
	g.upper = toward(g.upper, min(upper, g.upper), room)
	room -= before - g.upper
	room -= g.moveFirst(now, on, room)
	g.upper = toward(g.upper, min(upper, g.aboveRunning()), room)
}

// aboveRunning is the most the upper steps can draw on machines that hash.
func (g *group) aboveRunning() unit.Power {
	hashing := g.on - g.booting()
	return unit.Power(unit.MulDiv(int64(g.capacity()-g.step[0]), int64(hashing), int64(g.step[0])))
}

// moveFirst starts or stops machines and returns how much of the room it took.
func (g *group) moveFirst(now time.Time, on, room unit.Power) unit.Power {
	before := g.on
	g.on = toward(g.on, on, room)
	change, ordered := g.on-before, on-before
	if one := g.step[0] / unit.Power(g.rig.Group().Count); ordered < one && ordered > -one && on != 0 && before != 0 {
		return max(change, -change) // less than a machine is rounding, and neither a start nor a stop
	}
	switch {
	case change > 0:
		g.started += change
		g.starts = append(g.starts, move{change, now})
		if r := g.rig.Group().Restart; r > 0 {
			g.boots = append(g.boots, boot{change, now.Add(r)})
		}
	case change < 0:
		g.stops = append(g.stops, move{-change, now})
		g.unboot(-change)
	}
	return max(change, -change)
}

// unboot takes machines that stop out of their boot, the latest first.
func (g *group) unboot(p unit.Power) {
	for len(g.boots) > 0 && p > 0 {
		last := &g.boots[len(g.boots)-1]
		n := min(p, last.power)
		last.power -= n
		p -= n
		if last.power == 0 {
			g.boots = g.boots[:len(g.boots)-1]
		}
	}
}

func (g *group) booting() unit.Power {
	var sum unit.Power
	for _, b := range g.boots {
		sum += b.power
	}
	return sum
}

// hash counts the hashes of d: machines in their boot do none until it ends.
func (g *group) hash(now time.Time, d time.Duration, available unit.Ratio) {
	end := now.Add(d)
	g.work += g.hashrate(available).Over(d)
	kept := g.boots[:0]
	for _, b := range g.boots {
		lost := min(d, b.until.Sub(now))
		g.work -= g.rig.HashrateAt(b.power.Scale(available), available).Over(lost)
		if b.until.After(end) {
			kept = append(kept, b)
		}
	}
	g.boots = kept
}

// hashrate is what the machines that are on hash, boots not counted off: each
// hashes at its sweet spot, and what is drawn above fills the dearer steps of the
// machines that hash already. Half of the machines at full power hash less than
// all of them at half.
//
// Source: docs/formula/world.md.
func (g *group) hashrate(available unit.Ratio) unit.Hashrate {
	draw := g.on.Scale(available)
	rate := g.rig.HashrateAt(draw, available)
	rest := (g.on + g.upper).Scale(available) - draw
	hashing := g.on - g.booting()
	for k, s := range g.rig.Steps()[1:] {
		room := unit.Power(unit.MulDiv(int64(g.step[k+1]), int64(hashing), int64(g.step[0]))).Scale(available)
		take := min(rest, room)
		if k+2 == len(g.step) {
			take = rest
		}
		rate += unit.Hashrate(unit.MulDiv(int64(take), int64(s.Hashrate), int64(s.Power)))
		rest -= take
	}
	return rate
}

// toward moves a towards b by at most room.
func toward(a, b, room unit.Power) unit.Power {
	if b > a {
		return min(b, a+room)
	}
	return max(b, a-room)
}

// state is what the devices of the group report. Since stays zero when no
// minimum time is running, because then it decides nothing.
func (g *group) state(now time.Time, available unit.Ratio) use.State {
	s := use.State{On: g.on, Draw: (g.on + g.upper).Scale(available)}
	g.starts, s.Held = recent(g.starts, now, g.rig.Group().MinOn)
	g.stops, s.Rest = recent(g.stops, now, g.rig.Group().MinOff)
	s.Held = min(s.Held, g.on)
	s.Rest = min(s.Rest, g.step[0]-g.on)
	if s.Held > 0 {
		s.Since = g.starts[len(g.starts)-1].at
	}
	if s.Rest > 0 {
		s.Since = later(s.Since, g.stops[len(g.stops)-1].at)
	}
	return s
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// standing writes down all that decides what the group does next: boots, and
// moves that a minimum time still remembers.
func (g *group) standing(b *strings.Builder, now time.Time) {
	s := g.state(now, unit.One)
	fmt.Fprintf(b, "; %s on %d upper %d held %d rest %d", g.name, g.on, g.upper, s.Held, s.Rest)
	for _, x := range g.boots {
		fmt.Fprintf(b, " boot %d until %d", x.power, x.until.Unix())
	}
	for _, m := range g.starts {
		fmt.Fprintf(b, " started %d at %d", m.power, m.at.Unix())
	}
	for _, m := range g.stops {
		fmt.Fprintf(b, " stopped %d at %d", m.power, m.at.Unix())
	}
}

// recent drops the moves that are older than d and adds the others up.
func recent(moves []move, now time.Time, d time.Duration) ([]move, unit.Power) {
	kept, sum := moves[:0], unit.Power(0)
	for _, m := range moves {
		if now.Sub(m.at) < d {
			kept = append(kept, m)
			sum += m.power
		}
	}
	return kept, sum
}
