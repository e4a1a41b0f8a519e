package verify

import (
	"time"

	"sluice/unit"
)

// ground finds the steady times between moves, and makes steps of them.
type ground struct {
	before *plateau // the last one that ended
	now    *plateau // the one that is growing, or nil while something moves
	moved  time.Time
	last   []Statement
	joined bool // the last step ended in before
	noise  noise
	heard  time.Time // of the last round
}

// plateau is the sum of the rounds of one steady time.
type plateau struct {
	from   time.Time
	rounds int64
	stated []unit.Power // by unit: sum over rounds
	level  []float32    // by unit: mean, W; of one not heard, the one before
	noise  float64      // variance of what level and load leave open, W²
	silent []bool       // by unit: not heard in at least one
	order  []unit.Power // by unit: level ordered
	load   unit.Power   // sum over rounds of what was measured, as the units see it
	jitter jitter       // of measured less stated
}

const (
	roundsLeast = 3              // of a plateau that counts
	movesWhole  = unit.One / 100 // of the sum, from which stated powers have moved together
	movesOne    = 20             // part of what a unit can draw, from which its statement has moved
	longGap     = time.Hour      // without a round, beyond which nobody knows what else moved
)

func newGround() ground { return ground{noise: newNoise()} }

// step takes one round, and gives the step that the end of a steady time makes.
func (g *ground) step(c *Config, r Round, rep Report, w *watch) (step, bool) {
	var s step
	var ok bool
	moving := g.moving(c, r.Units, rep.Stated)
	if w.sick && rep.Metered { // its earlier readings may be as wrong
		g.before, g.now = nil, nil
	}
	if moving {
		s, ok = g.close(c)
		g.moved = r.At
	} else if g.now != nil && r.At.Sub(g.now.from) >= c.Longest {
		s, ok = g.close(c)
	}
	if !g.heard.IsZero() && r.At.Sub(g.heard) > longGap {
		g.before, g.now, g.joined = nil, nil, false
	}
	g.heard = r.At
	if steady := !moving && !g.moved.IsZero() && r.At.Sub(g.moved) >= c.Settle; steady && w.fresh && !w.sick {
		g.add(r, rep)
	}
	g.last = append(g.last[:0], r.Units...)
	return s, ok
}

// moving reports whether an order changed, or much of the stated power did.
func (g *ground) moving(c *Config, units []Statement, stated unit.Power) bool {
	if g.last == nil {
		return true
	}
	var sum unit.Power
	for i := range units {
		a, b := &g.last[i], &units[i]
		if a.Ordered != b.Ordered {
			return true
		}
		if d := max(a.Power-b.Power, b.Power-a.Power); a.Known && b.Known && d > c.Units[i].Most/movesOne {
			sum += d
		}
	}
	return sum > stated.Scale(movesWhole)
}

// add counts a round to the steady time.
func (g *ground) add(r Round, rep Report) {
	if g.now == nil {
		n := len(r.Units)
		g.now = &plateau{from: r.At, stated: make([]unit.Power, n), silent: make([]bool, n), order: make([]unit.Power, n)}
	}
	p := g.now
	for i := range r.Units {
		s := &r.Units[i]
		if s.Known {
			p.stated[i] += s.Power
		} else {
			p.silent[i] = true
		}
		p.order[i] = s.Ordered
	}
	load := (rep.Measured - r.Auxiliary).Unscale(r.Overhead)
	p.rounds, p.load = p.rounds+1, p.load+load
	p.jitter.add(load - rep.Stated)
}

// close ends the steady time. Between two of them lies a step, unless next to
// nothing moved.
func (g *ground) close(c *Config) (step, bool) {
	p := g.now
	g.now = nil
	if p == nil || p.rounds < roundsLeast {
		return step{}, false
	}
	g.noise.learn(p)
	g.noise.level(c, g.before, p)
	if g.before == nil {
		g.before, g.joined = p, false
		return step{}, false
	}
	s, moved := between(c, g.before, p)
	if g.joined {
		s.shared = g.before.noise
	}
	g.before, g.joined = p, moved
	return s, moved
}
