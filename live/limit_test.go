package live

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
	virtual "sluice/world/machine"
)

// siege is a site under every fault at once: limits that the grid moves, orders
// that are lost, late and doubled, machines that restart and lie, and a program
// that dies and comes up again.
type siege struct {
	seed     uint64
	hours    int
	plot     plot
	dies     time.Duration // mean time between two deaths of the program; 0: it lives
	lies     float64       // share of the machines that say yes and do nothing; 0: one in fifty
	switches bool          // now and then machines behind one switch go dark for long, and restart meanwhile
	stuck    bool          // the meter shows a kilowatt for ever
	change   func(*plot)
	plant    planted
	blind    func(*Config) // spoils what the core is told
}

// toll is what a siege came to.
type toll struct {
	over   int // seconds above the limit, outside the shed window
	inside int // seconds above it inside that window
	worst  unit.Power
	use    float64 // mean of draw by limit
	cuts   int
	deaths int
	first  string
	orders int
}

func (x toll) String() string {
	return fmt.Sprintf("%d s above the limit outside the window (worst %s), %d s inside it; use of the limit %.3f; %d cuts, %d orders, %d deaths %s",
		x.over, x.worst, x.inside, x.use, x.cuts, x.orders, x.deaths, x.first)
}

// fleet is a hundred machines and more of every kind, every one as quick as can be.
func fleet(seed uint64) plot {
	return plot{
		seed: seed, each: []int{18, 18, 18, 16, 16, 16, 16}, limit: 420 * unit.Kilowatt, rest: 6000, pue: 1.08, wire: wild(), bias: 0.05, quick: true,
	}
}

// lay lives through it.
func (s siege) lay(t *testing.T) toll {
	t.Helper()
	var x toll
	p := s.plot
	change := p.change
	p.change = func(c *Config) {
		c.Reboots = unit.One / 8
		if change != nil {
			change(c)
		}
		if s.blind != nil {
			s.blind(c)
		}
	}
	h := p.build(t)
	h.plant = s.plant
	for i := range h.units {
		if h.chance(max(s.lies, 0.02)) {
			h.units[i].Break(virtual.Faults{Lies: 1})
		}
	}
	limit, cut := p.limit, h.now // it may be found above its limit, as if that had just fallen
	sum, seconds := 0.0, 0
	h.steer(func() unit.Power { return p.limit }, 5*time.Minute) // everything wants to run
	if s.stuck {
		h.meters[0].stuck, h.meters[0].shown = true, unit.Kilowatt
	}
	if s.switches {
		h.switches()
	}
	var instruct, die, look func()
	instruct = func() {
		was := limit
		if limit = unit.Power(float64(p.limit) * (0.3 + 0.6*h.rng.Float64())); limit < was {
			cut, x.cuts = h.now, x.cuts+1
		}
		h.tell(Said{By: "grid", What: actuate.Instruction{Group: 0, From: h.core.Since(h.now), Limit: limit}})
		h.in(time.Duration(300+h.rng.IntN(1500))*time.Second, instruct)
	}
	die = func() {
		h.reborn(t, nil)
		x.deaths++
		h.in(h.some(s.dies)+time.Second, die)
	}
	look = func() {
		power := h.site()
		switch over := power - limit; {
		case over <= 0:
		case h.now.Sub(cut) <= h.config.Shed:
			x.inside++
		default:
			if x.over++; x.first == "" {
				x.first = fmt.Sprintf("first at %v by %v", h.now.Sub(dawn), over)
			}
			x.worst = max(x.worst, over)
		}
		sum, seconds = sum+float64(power)/float64(limit), seconds+1
		h.in(time.Second, look)
	}
	h.in(10*time.Minute, instruct)
	h.in(time.Second, look)
	if s.dies > 0 {
		h.in(time.Hour+h.some(s.dies), die)
	}
	h.pass(time.Duration(s.hours) * time.Hour)
	x.use, x.orders = sum/float64(seconds), len(h.sent)
	if len(h.quits) > 0 {
		t.Errorf("the kernel gave up: %v", h.quits)
	}
	return x
}

// switches lets every sixth machine go dark for a while, about once an hour. They
// lose their supply meanwhile, so that they come back at full power unseen.
func (h *hall) switches() {
	h.in(20*time.Minute+h.some(40*time.Minute), func() {
		n := h.rng.IntN(6)
		for i := n; i < len(h.units); i += 6 {
			u := h.units[i]
			u.cut = true
			h.in(3*time.Minute, func() { u.reboot(h.now, 5*time.Second) })
			h.in(15*time.Minute, func() { u.cut = false })
		}
		h.switches()
	})
}

// length is how many hours a siege takes.
func length(short, long int) int {
	if testing.Short() {
		return short
	}
	return long
}

// TestNeverAboveTheLimit: with every fault at once a site is never above its
// limit outside the shed window, from its first second on and whenever its
// program dies.
func TestNeverAboveTheLimit(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= uint64(length(1, 3)); seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			s := siege{seed: seed, hours: length(4, 24), plot: fleet(seed), dies: 2 * time.Hour}
			x := s.lay(t)
			t.Log(x)
			if x.over > 0 {
				t.Errorf("above the limit: %v", x)
			}
			if x.use < 0.7 || x.cuts < 3 {
				t.Errorf("hardly anything was tried: %v", x)
			}
		})
	}
}

// TestPlantedFaultsPassTheLimit: what the test above promises, it would notice.
// The same siege without the fault keeps the limit.
func TestPlantedFaultsPassTheLimit(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		siege siege
		plant func(*siege)
	}{
		"a yes is told as a reading, where one machine in ten lies and the meter is stuck": {
			siege{lies: 0.1, stuck: true, change: func(p *plot) { p.rest = 0 }},
			func(s *siege) { s.plant.answersProve = true },
		},
		"old readings stand for missing ones, where a switch dies and machines behind it restart": {
			siege{switches: true}, func(s *siege) { s.plant.staleReads = true },
		},
		"cooling is forgotten, where it draws a third and the meter is stuck": {
			siege{stuck: true, change: func(p *plot) { p.rest, p.pue = 0, 1.33 }},
			func(s *siege) { s.blind = func(c *Config) { c.Rigs = uncooled(t, c.Rigs) } },
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(10); seed < 16; seed++ {
				s := c.siege
				s.seed, s.hours, s.plot = seed, length(3, 6), fleet(seed)
				if s.change != nil {
					s.change(&s.plot)
				}
				if x := s.lay(t); x.over > 0 {
					t.Fatalf("seed %d without the fault: %v", seed, x)
				}
				c.plant(&s)
				x := s.lay(t)
				if t.Logf("seed %d: %v", seed, x); x.over > 0 {
					return
				}
			}
			t.Error("no siege found it")
		})
	}
}
