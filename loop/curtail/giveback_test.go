package curtail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/engine"
	"sluice/unit"
)

// beside is a hall whose servers draw so much beside each GPU at work, and whose
// plates say 125 W. Nothing but evictions may be done to its jobs.
func beside(rest unit.Power) func(*plant) {
	return func(p *plant) {
		p.rest = rest
		p.cfg.Rest = map[string]unit.Power{"T700": RestOf(model())}
		for i := range p.cfg.Tenancies {
			p.cfg.Tenancies[i].Contract.Capping.Slowdown = 0
		}
	}
}

// lands: the hall falls by what was ordered, and not by one job more or a tenth.
func lands(c *crisis) {
	before := c.meter()
	c.begin(750_000, 6*time.Minute, 5*time.Minute)
	c.pass(6 * time.Minute)
	c.reached()
	job := c.cfg.perWatt(perNode * (680 - model().Idle + c.rest)).Scale(c.cfg.PUE)
	ordered := c.order.From - c.order.To
	if fell := before - c.meter(); fell > ordered+max(job, ordered/10) {
		c.breach("it fell by %v, ordered was %v", fell, ordered)
	}
	c.notAlarmed(NoFall)
	c.pass(45 * time.Minute)
	c.restored()
	c.notAlarmed(WaitsForRoom)
}

func (c *crisis) notAlarmed(i Ill) {
	if at, ok := c.alarms[i]; ok {
		c.breach("alarm %s at %v", i, at)
	}
}

// lacking is how much more room is waited for; 0: nothing waits.
func (c *crisis) lacking() unit.Power {
	for _, t := range c.k.st.Troubles {
		if t.Ill == WaitsForRoom {
			return t.Lacks
		}
	}
	return 0
}

// half gives back below a limit of a person's, half of the way.
func (c *crisis) half() unit.Power {
	limit := c.meter() + (c.order.From-c.meter())/2
	c.step(Release{Event: "e-1", Limit: limit})
	return limit
}

// below lets so many beats go by and wants the meter below a limit.
func (c *crisis) below(limit unit.Power, beats int) {
	for range beats {
		if c.pass(beat); c.meter() > limit {
			c.breach("the meter shows %v, above the limit of %v", c.meter(), limit)
		}
	}
}

// bounded: what does not fit below a person's limit waits, and is named until it does.
func bounded(c *crisis) {
	c.begin(600_000, 6*time.Minute, 0)
	c.pass(8 * time.Minute)
	limit := c.half()
	c.below(limit, 240)
	c.want(WaitsForRoom, c.now)
	least := unit.Power(1) << 60
	for i := range c.k.st.Acts {
		least = min(least, c.k.st.Acts[i].Back.ScaleUp(c.cfg.PUE))
	}
	if room := limit - c.meter(); c.k.st.Phase != Releasing || c.lacking() != least-room {
		c.breach("phase %s, %v are lacking with room for %v, and the smallest act claims %v", c.k.st.Phase, c.lacking(), room, least)
	}
	c.step(Release{Event: "e-1"})
	c.pass(30 * time.Minute)
	c.restored()
	if c.lacking() != 0 {
		c.breach("%v are lacking after the end", c.lacking())
	}
}

// crowded: what others took meanwhile is not taken from them, and that is named.
func crowded(c *crisis) {
	c.begin(750_000, 6*time.Minute, 10*time.Minute)
	c.pass(8 * time.Minute)
	c.guest("n15")
	c.guest("n23")
	c.pass(40 * time.Minute)
	c.want(WaitsForRoom, c.now)
	if c.k.st.Phase != Releasing || c.lacking() <= 0 {
		c.breach("phase %s, %v are lacking although others took the room", c.k.st.Phase, c.lacking())
	}
	c.leave()
	c.pass(30 * time.Minute)
	c.restored()
}

// guest begins work of nobody in the hall on a node.
func (c *crisis) guest(node string) { c.run("guest-"+node, "others", 650, node).Watts = 0 }

// leave ends it.
func (c *crisis) leave() {
	c.jobs = slices.DeleteFunc(c.jobs, func(w *work) bool { return strings.HasPrefix(w.ID, "guest-") })
}

// sold: no watt of the plan is left to withhold.
func sold(p *plant) {
	for _, n := range p.nodes {
		if p.busy(n.Name) == 0 {
			p.run("more-"+n.Name, "spot-a", 600, n.Name)
		}
	}
}

func capsOnly(c *crisis) {
	c.begin(950_000, 4*time.Minute, 5*time.Minute)
	c.pass(4 * time.Minute)
	c.reached()
	if len(c.evicted) > 0 || len(c.k.st.Acts) == 0 {
		c.breach("%d acts, evicted %v: the scenario proves nothing", len(c.k.st.Acts), c.evicted)
	}
	c.pass(30 * time.Minute)
	c.restored()
}

// lateStarts: jobs come back minutes after they were restored, below a person's limit.
func lateStarts(c *crisis) {
	c.begin(600_000, 6*time.Minute, 0)
	c.pass(8 * time.Minute)
	c.slow = 2 * time.Minute
	limit := c.half()
	c.below(limit, 360)
	c.step(Release{Event: "e-1"})
	c.pass(60 * time.Minute)
	c.restored()
}

// lostLimits: raised limits get lost on the way, below a person's limit.
func lostLimits(c *crisis) {
	c.begin(950_000, 4*time.Minute, 0)
	c.pass(4 * time.Minute)
	c.reached()
	c.lose = 0.7
	limit := c.half()
	c.below(limit, 240)
	c.lose = 0
	c.step(Release{Event: "e-1"})
	c.pass(30 * time.Minute)
	c.restored()
}

// lateGuest: others take the room of what was raised and got lost on the way. It goes
// out again when they are gone, and what it waits for is named.
func lateGuest(c *crisis) {
	c.begin(950_000, 4*time.Minute, 0)
	c.pass(4 * time.Minute)
	c.lose = 1.9 // next to nothing arrives
	limit := c.meter() + 3*unit.Kilowatt
	c.step(Release{Event: "e-1", Limit: limit})
	c.pass(time.Minute)
	if len(c.k.st.Lifts) == 0 {
		c.breach("nothing was raised: the scenario proves nothing")
	}
	c.guest("n15")
	c.lose = 0
	for range 120 {
		before := c.meter()
		if c.pass(beat); c.meter() > limit && c.meter() > before {
			c.breach("the meter rises from %v to %v, above the limit of %v", before, c.meter(), limit)
		}
	}
	c.want(WaitsForRoom, c.now)
	c.leave()
	c.step(Release{Event: "e-1"})
	c.pass(30 * time.Minute)
	c.restored()
}

// deafEnd: the others do not wait for a job that still stops.
func deafEnd(c *crisis) {
	c.begin(550_000, 5*time.Minute, 5*time.Minute)
	last := ""
	for _, a := range c.k.st.Acts {
		if a.Lever == "evict" {
			last = a.Item
		}
	}
	c.deaf[last] = true
	c.pass(40 * time.Minute)
	if left := c.k.st.Acts; len(left) != 1 || left[0].Item != last {
		c.breach("%d acts are left, want that of %s alone", len(left), last)
	}
	c.notAlarmed(WaitsForRoom)
	clear(c.deaf)
	c.pass(15 * time.Minute)
	c.restored()
}

// Whatever servers and cooling really draw within what plates say, whatever gets lost
// and whoever comes and goes: giving back takes the meter above no limit by more than
// its noise, says when it waits, and ends once the meter shows the room.
func TestGivingBackEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		c := newCrisis(t, rapid.Uint64().Draw(r, "seed"), beside(unit.Power(rapid.IntRange(0, 125).Draw(r, "watts beside a GPU"))))
		c.pue = unit.Ratio(rapid.IntRange(1_000_000, 1_200_000).Draw(r, "PUE"))
		if rapid.Bool().Draw(r, "limits too") {
			c.cfg.Tenancies[0].Contract.Capping.Slowdown, c.cfg.Tenancies[1].Contract.Capping.Slowdown = 130_000, 130_000
		}
		if rapid.Bool().Draw(r, "no watts are withheld") {
			c.cfg.Engine.Verbs, c.cfg.Engine.WattBudget = c.cfg.Engine.Verbs[:5], false
		}
		c.lose = rapid.SampledFrom([]float64{0, 0, 0.2}).Draw(r, "lost")
		c.slow = time.Duration(rapid.IntRange(0, 60).Draw(r, "late by")) * time.Second
		c.begin(unit.Ratio(rapid.IntRange(450_000, 950_000).Draw(r, "share")), 8*time.Minute, 0)
		c.pass(10 * time.Minute)
		c.broken = nil // others may have made it rise
		base := max(c.k.st.Base, c.order.From)
		limits := rapid.SliceOfN(rapid.Int64Range(int64(c.order.To), int64(base)), 0, 2).Draw(r, "limits of a person")
		slices.Sort(limits) // what is on its way back under a higher one cannot be stopped
		for _, l := range append(limits, 0) {
			c.step(Release{Event: "e-1", Limit: unit.Power(l)})
			for _, n := range []string{"n15", "n23"}[:rapid.IntRange(0, 2).Draw(r, "guests")] {
				c.guest(n)
			}
			c.within(r, rapid.IntRange(1, 300).Draw(r, "beats"))
			c.leave()
		}
		c.within(r, 1200)
		c.pass(2 * time.Minute) // what got lost last goes out again
		if c.broken = nil; c.k.st.Phase != Done {
			r.Fatalf("phase %s, %d acts, the meter shows %v of %v, lacking %v", c.k.st.Phase, len(c.k.st.Acts), c.meter(), c.k.st.Limit, c.lacking())
		}
		if c.restored(); len(c.broken) > 0 {
			r.Fatal(c.broken[0])
		}
	})
}

// within lets so many beats go by, and looks whether what comes back takes the meter
// above the limit, or waits without a word.
func (c *crisis) within(r *rapid.T, beats int) {
	begun := c.now
	for range beats {
		before := c.meter()
		if c.pass(beat); c.k.st.Phase == Done {
			return
		}
		limit := c.k.st.Limit + c.cfg.Timing.Notice
		if c.meter() > limit && c.meter() > before {
			r.Fatalf("%s: the meter rises from %v to %v, above %v", c.now.Format(time.TimeOnly), before, c.meter(), limit)
		}
		idle := c.now.Sub(later(begun, c.k.st.Stepped))
		if c.k.st.Phase == Releasing && idle > 12*c.cfg.Timing.Spread && c.lacking() == 0 && c.lose == 0 {
			r.Fatalf("%s: for %s nothing is given back, and nobody is told why: %s", c.now.Format(time.TimeOnly), idle, fmt.Sprint(len(c.k.st.Acts), " acts"))
		}
		if slices.ContainsFunc(c.jobs, func(w *work) bool { return w.Contract == "firm" && w.State == engine.Held && w.Evicted == "" }) {
			r.Fatal("a firm job is held by nobody")
		}
	}
}
