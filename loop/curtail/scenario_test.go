package curtail

import (
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// A scenario drives a crisis and notes what it breaks.
type scenario struct {
	change func(*plant)
	run    func(*crisis)
}

// scenarios are the bad days, by a sentence.
func scenarios() map[string]scenario {
	return map[string]scenario{
		"all goes well": {run: whole},
		"answers are lost and the program dies": {run: func(c *crisis) {
			c.lose, c.restarts = 0.3, 0.2
			whole2(c, 8*time.Minute)
		}},
		"warnings are short and get lost": {change: func(p *plant) {
			for i := range p.cfg.Tenancies {
				p.cfg.Tenancies[i].Contract.Warn = 5 * time.Second
			}
		}, run: func(c *crisis) {
			c.lose = 0.5
			c.begin(550_000, 8*time.Minute, 5*time.Minute)
			c.pass(8 * time.Minute)
			c.reached()
		}},
		"the meter does not fall after the engine said yes":       {run: noFall},
		"the engine lets withheld watts go":                       {run: vanish},
		"the cut is so deep that firm tenants must go":            {run: deep},
		"nodes state no power, and the cut is deep":               {change: func(p *plant) { p.mute["n01"], p.mute["n04"] = true, true }, run: deep},
		"no meter tells while the order ends":                     {run: blindEnd},
		"jobs ignore signals":                                     {run: deafJobs},
		"the engine is not reached for two minutes":               {run: unreachable},
		"somebody starts a job again":                             {run: comesBack},
		"somebody opens a queue":                                  {run: opened},
		"the GPUs of a node forget their limit":                   {run: forgotten},
		"the time is too short for evictions":                     {run: tooShort},
		"a person stops the event":                                {run: stopped},
		"empty nodes go off and come back":                        {change: func(p *plant) { p.cfg.Spare = 0 }, run: whole},
		"the engine cannot withhold watts":                        {change: func(p *plant) { p.cfg.Engine.Verbs = p.cfg.Engine.Verbs[:5]; p.cfg.Engine.WattBudget = false }, run: whole},
		"the controller dies after the cut and nobody starts it":  {run: dead},
		"the engine refuses what it is told for some of the jobs": {run: refusals},
		"servers draw as much beside their GPUs as plates say":    {change: beside(125), run: lands},
		"servers draw less beside their GPUs than plates say":     {change: beside(40), run: lands},
		"a person's limit leaves no room for all of it":           {change: beside(40), run: bounded},
		"somebody else takes the room meanwhile":                  {change: beside(125), run: crowded},
		"every GPU is sold and limits alone are enough":           {change: sold, run: capsOnly},
		"the engine brings jobs back late":                        {change: beside(125), run: lateStarts},
		"raised limits get lost on the way":                       {change: sold, run: lostLimits},
		"others take the room of raised limits that got lost":     {run: lateGuest},
		"a job ignores signals until after the end":               {run: deafEnd},
	}
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	for name, s := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrisis(t, 3, s.change)
			s.run(c)
			c.report()
		})
	}
}

func whole2(c *crisis, within time.Duration) {
	c.begin(700_000, within, 5*time.Minute)
	c.pass(within)
	c.reached()
	c.pass(5 * time.Minute)
	c.pass(60 * time.Minute)
	c.restored()
}

// want notes that an alarm is missing, or did not come by then.
func (c *crisis) want(i Ill, by time.Time) {
	if at, ok := c.alarms[i]; !ok || at.After(by) {
		c.breach("alarm %s at %v, want by %v", i, at, by)
	}
	if i.Remedy() == "" {
		c.breach("no remedy for %s", i)
	}
}

// noFall: a stuck meter, or an engine that lies. Escalation within one period after
// the first acts had to be seen.
func noFall(c *crisis) {
	c.begin(850_000, 4*time.Minute, 10*time.Minute)
	c.stuck = c.order.From
	acts := len(c.k.st.Acts)
	due := c.now
	for _, a := range c.k.st.Acts {
		due = later(due, a.Due)
	}
	c.pass(due.Sub(c.now) + c.cfg.Timing.Period + beat)
	c.want(NoFall, due.Add(c.cfg.Timing.Period+beat))
	if len(c.k.st.Acts) <= acts {
		c.breach("nothing more is taken although the meter does not fall: %d acts", acts)
	}
}

func vanish(c *crisis) {
	c.begin(550_000, 4*time.Minute, 20*time.Minute)
	c.pass(6 * time.Minute)
	if c.with["e-1"] == 0 {
		c.breach("no freed watts are withheld")
	}
	before := c.with["e-1"]
	delete(c.with, "e-1") // as an order that the engine evicts after half an hour
	c.pass(10 * time.Second)
	if c.with["e-1"] != before {
		c.breach("%v are withheld, %v before they vanished", c.with["e-1"], before)
	}
	c.want(WithheldLost, c.now)
	c.pass(60 * time.Minute)
	c.restored()
}

func deep(c *crisis) {
	c.begin(300_000, 6*time.Minute, 5*time.Minute)
	c.pass(6 * time.Minute)
	c.reached()
	firm := 0
	for id := range c.evicted {
		if c.job(id).Contract == "firm" {
			firm++
		}
	}
	if firm == 0 {
		c.breach("no firm tenant had to go: the scenario proves nothing")
	}
	clear(c.mute)
	c.pass(90 * time.Minute)
	c.restored()
}

func blindEnd(c *crisis) {
	c.begin(700_000, 4*time.Minute, 5*time.Minute)
	c.pass(5 * time.Minute)
	c.silent = true
	before := c.meter()
	c.pass(20 * time.Minute)
	if c.meter() > before {
		c.breach("the hall draws %v, %v when the meter fell silent", c.meter(), before)
	}
	c.want(MeterSilent, c.now)
	c.silent = false
	c.pass(40 * time.Minute)
	c.restored()
}

func deafJobs(c *crisis) {
	c.begin(550_000, 5*time.Minute, 5*time.Minute)
	for i, a := range c.k.st.Acts {
		if a.Lever == "evict" && i%2 == 0 {
			c.deaf[a.Item] = true
		}
	}
	c.pass(5 * time.Minute)
	c.reached()
	c.want(IgnoresSignals, c.now)
	clear(c.deaf)
	c.pass(60 * time.Minute)
	c.restored()
}

// tooShort: late is better than never, and said.
func tooShort(c *crisis) {
	c.begin(550_000, 40*time.Second, 10*time.Minute)
	c.pass(time.Minute)
	c.want(TooLate, c.now)
	c.pass(4 * time.Minute)
	c.reached()
	if len(c.evicted) == 0 {
		c.breach("nobody is evicted after the deadline")
	}
}

func unreachable(c *crisis) {
	c.begin(900_000, 6*time.Minute, 5*time.Minute)
	c.dead = true
	limits := c.count("limit")
	if limits == 0 {
		c.breach("no power limit is set")
	}
	c.pass(2 * time.Minute)
	c.dead = false
	c.pass(4 * time.Minute)
	c.reached()
	c.pass(40 * time.Minute)
	c.restored()
}

func comesBack(c *crisis) {
	c.begin(550_000, 4*time.Minute, 15*time.Minute)
	c.pass(5 * time.Minute)
	for id := range c.evicted {
		w := c.job(id)
		w.State, w.Nodes, w.Started, w.Evicted = engine.Running, c.free(1), c.now, ""
		break
	}
	c.pass(2 * time.Minute)
	c.broken = nil // the jump of the meter was not ours
	c.reached()
	c.want(CameBack, c.now)
	c.pass(60 * time.Minute)
	c.restored()
}

// free are nodes on which nothing runs.
func (p *plant) free(n int) []string {
	var out []string
	for _, x := range p.nodes {
		if x.State == engine.NodeUp && p.busy(x.Name) == 0 && len(out) < n {
			out = append(out, x.Name)
		}
	}
	return out
}

func opened(c *crisis) {
	c.begin(700_000, 4*time.Minute, 10*time.Minute)
	c.pass(5 * time.Minute)
	delete(c.held, "spot-a")
	c.pass(10 * time.Second)
	c.want(HoldLost, c.now)
	if c.held["spot-a"] == "" {
		c.breach("the queue stays open")
	}
}

func forgotten(c *crisis) {
	c.begin(850_000, 4*time.Minute, 10*time.Minute)
	c.pass(5 * time.Minute)
	for n, l := range c.limit {
		if l == 0 {
			continue
		}
		c.limit[n] = 0
		c.pass(10 * time.Second)
		c.broken = nil // the jump of the meter was not ours
		if c.limit[n] != l {
			c.breach("%s stays at its default limit", n)
		}
		break
	}
	c.want(LimitLost, c.now)
	c.pass(time.Minute)
	c.reached()
}

func stopped(c *crisis) {
	c.begin(700_000, 4*time.Minute, 5*time.Minute)
	c.pass(5 * time.Minute)
	before := c.meter()
	c.step(Stop{Event: "e-1"})
	c.pass(20 * time.Minute)
	if c.meter() != before || c.k.st.Phase != Stopped {
		c.breach("phase %s, the meter shows %v, %v at the stop", c.k.st.Phase, c.meter(), before)
	}
	c.step(Release{Event: "e-1", Limit: c.order.From + unit.Kilowatt})
	c.pass(90 * time.Minute)
	c.restored()
}

func dead(c *crisis) {
	c.begin(700_000, 4*time.Minute, 5*time.Minute)
	c.pass(5 * time.Minute)
	before := c.meter()
	c.plant.pass(5 * time.Hour)
	if c.meter() > before {
		c.breach("the hall draws %v, %v when the controller died", c.meter(), before)
	}
	c.open() // and then somebody does start it
	c.pass(40 * time.Minute)
	c.restored()
}

func refusals(c *crisis) {
	c.deny = 0.3
	c.begin(700_000, 8*time.Minute, 5*time.Minute)
	c.pass(8 * time.Minute)
	c.reached()
	c.want(Refuses, c.now)
}

// Every planted fault is noticed by one of the scenarios, by a broken rule in words.
func TestPlantedFaultsAreNoticed(t *testing.T) {
	t.Parallel()
	planted := map[string]struct {
		fault sabotage
		where string
		rule  string
	}{
		"commands go out before the state is kept":  {sabotage{actsFirst: true}, "all goes well", "before the state is kept"},
		"an answer counts as a fall of the meter":   {sabotage{believesYes: true}, "the meter does not fall after the engine said yes", "alarm yes_without_fall"},
		"evictions do not wait for their time":      {sabotage{ignoresWarning: true}, "all goes well", "is evicted, and it was told"},
		"withheld watts are not looked after":       {sabotage{forgetsHold: true}, "the engine lets withheld watts go", "are withheld"},
		"whatever is held is restored":              {sabotage{restartsAll: true}, "all goes well", "which this event did not stop"},
		"power is given back without a meter":       {sabotage{blindRelease: true}, "no meter tells while the order ends", "no meter tells"},
		"firm tenants are like others":              {sabotage{evictsFirm: true}, "all goes well", "a firm tenant is evicted"},
		"a repeated command has a new number":       {sabotage{newNumbers: true}, "answers are lost and the program dies", "under another number"},
		"an order that ends is given back at once":  {sabotage{letsExpire: true}, "all goes well", "at once"},
		"an eviction counts the GPUs alone":         {sabotage{forgetsRest: true}, "servers draw as much beside their GPUs as plates say", "fell by"},
		"claims that are too high wait for ever":    {sabotage{trustsClaims: true}, "servers draw less beside their GPUs than plates say", "phase releasing"},
		"jobs that start late are forgotten":        {sabotage{forgetsComing: true}, "the engine brings jobs back late", "above the limit"},
		"raised limits that got lost are forgotten": {sabotage{forgetsLifts: true}, "raised limits get lost on the way", "above the limit"},
		"what got lost goes out again at any time":  {sabotage{repeatsAlways: true}, "others take the room of raised limits that got lost", "above the limit"},
	}
	for name, p := range planted {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scenarios()[p.where]
			noticed := false
			for seed := range uint64(6) {
				c := newCrisis(t, seed, s.change)
				c.faulty = p.fault
				if name == "firm tenants are like others" {
					c.cheapFirm()
				}
				s.run(c)
				noticed = strings.Contains(strings.Join(c.broken, "\n"), p.rule)
				if noticed {
					break
				}
			}
			if !noticed {
				t.Errorf("no rule %q is broken in %q", p.rule, p.where)
			}
		})
	}
}

// cheapFirm makes firm work worth less than any other, and a cut needs evictions.
func (c *crisis) cheapFirm() {
	c.cfg.Tenancies[0].Contract.Price, c.cfg.Tenancies[0].Contract.Renewal = 1, 0
	for i := range c.cfg.Tenancies {
		c.cfg.Tenancies[i].Contract.Capping.Slowdown = 0
	}
}

func TestEveryTroubleHasARemedy(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, i := range Ills() {
		if r := i.Remedy(); r == "" || seen[r] {
			t.Errorf("%s: remedy %q", i, r)
		} else {
			seen[r] = true
		}
	}
}
