package verify

import (
	"math"

	"sluice/unit"
)

// This file is the door into the float room: it makes steps of sums of watts.
//
// Source: docs/formula/verify.md.

const (
	noiseFirst  = 0.005 * 0.005   // relative variance of one reading, before any was seen
	noiseWorth  = 10              // readings that this belief is worth
	stillMoves  = 1.0 / 20        // of its most: what a unit not heard may have moved, its order unchanged
	silentMoves = 1.0 / 2         // and with another order
	wander      = 0.0002 * 0.0002 // relative variance of the load between two steady times
)

// jitter is the scatter of what belongs together, about its first value.
type jitter struct{ first, n, sum, squares float64 }

func (j *jitter) add(p unit.Power) {
	if j.n == 0 {
		j.first = float64(p)
	}
	d := float64(p) - j.first
	j.n, j.sum, j.squares = j.n+1, j.sum+d, j.squares+float64(d*d)
}

// about is the sum of squares about the mean.
func (j *jitter) about() float64 { return max(0, j.squares-float64(j.sum*j.sum)/max(1, j.n)) }

// noise is what is known of the scatter of single readings, relative to the load.
type noise struct{ squares, free float64 }

func newNoise() noise { return noise{noiseFirst * noiseWorth, noiseWorth} }

// learn takes in one steady time.
func (n *noise) learn(p *plateau) {
	if load := mean(p.load, p.rounds); load > 0 {
		n.squares += p.jitter.about() / float64(load*load)
		n.free += float64(p.rounds - 1)
	}
}

// level fixes what each unit stated in p, and how far off load and levels may be.
// A unit that was not heard is taken to stand where it stood, before may be nil.
func (n *noise) level(c *Config, before, p *plateau) {
	load := mean(p.load, p.rounds)
	p.noise = n.squares / n.free * load * load / float64(p.rounds)
	p.level = make([]float32, len(p.stated))
	for i, sum := range p.stated {
		if !p.silent[i] {
			p.level[i] = float32(mean(sum, p.rounds))
			continue
		}
		most := float64(c.Units[i].Most) * silentMoves
		if before != nil {
			p.level[i] = before.level[i]
			if before.order[i] == p.order[i] {
				most *= stillMoves / silentMoves
			}
		}
		p.noise += float64(most * most)
	}
}

// between is the step from a to b, and whether any unit moved in it.
func between(c *Config, a, b *plateau) (step, bool) {
	from, to := mean(a.load, a.rounds), mean(b.load, b.rounds)
	s := step{moved: make([]float32, len(a.level)), noise: a.noise + b.noise + wander*max(from*from, to*to), short: to - from}
	moved := false
	for i := range a.level {
		s.moved[i] = float32(math.Round(float64(b.level[i]) - float64(a.level[i]))) // whole watts: what is kept is what was weighed
		s.short -= float64(s.moved[i])
		moved = moved || math.Abs(float64(s.moved[i])) > float64(c.Units[i].Most)/movesOne
	}
	return s, moved
}

func mean(sum unit.Power, n int64) float64 { return float64(sum) / float64(n) }
