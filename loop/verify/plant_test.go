package verify

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

// plant is units behind one meter. What each draws and what it says are kept
// apart; the witness is told only the second.
type plant struct {
	dice     *rand.Rand
	at       time.Time
	awake    []unit.Power // what each draws awake
	bias     []unit.Ratio // what it says over what it draws
	asleep   []bool       // what it was told and says
	liar     []bool
	silent   []bool
	noise    float64 // of one reading of the meter, relative
	overhead unit.Ratio
	hidden   unit.Power
	bend     func(unit.Power) unit.Power // what is wrong with the meter; nil: nothing
	said     []Statement                 // of the last round
	w        *Witness
	rep      Report
}

const sleepDraw = 15

func newPlant(tb testing.TB, seed uint64, units, liars int) *plant {
	tb.Helper()
	p := &plant{
		dice: rand.New(rand.NewPCG(seed, 7)), at: at, awake: make([]unit.Power, units), bias: make([]unit.Ratio, units),
		asleep: make([]bool, units), liar: make([]bool, units), silent: make([]bool, units), noise: 0.005, overhead: 1_050_000,
	}
	cfg := make([]Unit, units)
	for i := range units {
		p.awake[i] = 3300 + unit.Power(p.dice.IntN(400))
		p.bias[i] = 900_000 + unit.Ratio(p.dice.IntN(200_001))
		cfg[i].Most = 4000
	}
	for _, i := range p.dice.Perm(units)[:liars] {
		p.liar[i] = true
	}
	w, err := NewWitness(DefaultConfig(cfg))
	if err != nil {
		tb.Fatal(err)
	}
	p.w = w
	return p
}

// drawn is the truth, at the meter.
func (p *plant) drawn() unit.Power {
	var sum unit.Power
	for i, a := range p.awake {
		if p.asleep[i] && !p.liar[i] {
			a = sleepDraw
		}
		sum += a
	}
	return (sum + p.hidden).Scale(p.overhead)
}

// round is what the witness gets to see.
func (p *plant) round() Round {
	p.at = p.at.Add(10 * time.Second)
	load := float64(p.drawn())
	r := Round{At: p.at, Power: unit.Power(load + load*p.noise*p.dice.NormFloat64()), Metered: true, Age: time.Second, Overhead: p.overhead}
	if p.bend != nil {
		r.Power = p.bend(r.Power)
	}
	p.said = p.said[:0]
	for i, a := range p.awake {
		s := Statement{Power: a * unit.Power(p.bias[i]) / unit.Power(unit.One), Known: true, Fresh: !p.silent[i], Activity: device.Running, Ordered: 4000}
		if p.asleep[i] {
			s.Power, s.Activity, s.Ordered = sleepDraw, device.Asleep, 0
		}
		p.said = append(p.said, s)
	}
	r.Units = p.said
	return r
}

// run lets n rounds pass.
func (p *plant) run(tb testing.TB, n int) {
	tb.Helper()
	for range n {
		rep, err := p.w.Round(p.round())
		if err != nil {
			tb.Fatal(err)
		}
		p.rep = rep
	}
}

// toss puts a random part of the units to sleep or wakes them.
func (p *plant) toss(part float64) {
	for i := range p.asleep {
		if p.dice.Float64() < part {
			p.asleep[i] = !p.asleep[i]
		}
	}
}

// named is who was named, and how many of them are innocent.
func (p *plant) named() (liars, innocent int) {
	for _, f := range p.rep.Findings {
		if f.Code != Liar && f.Code != Drifting {
			continue
		}
		if p.liar[f.Unit] && f.Code == Liar {
			liars++
		} else {
			innocent++
		}
	}
	return liars, innocent
}

func (p *plant) codes() []Code {
	var out []Code
	for _, f := range p.rep.Findings {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// until runs intervals until all liars are named, at most so many, and reports
// how many it took and how many false namings there were at any time.
func (p *plant) until(tb testing.TB, most, rounds int, move func()) (steps, innocent int) {
	tb.Helper()
	liars := 0
	for _, l := range p.liar {
		if l {
			liars++
		}
	}
	for steps = 1; steps <= most; steps++ {
		move()
		p.run(tb, rounds)
		found, wrong := p.named()
		innocent = max(innocent, wrong)
		if found == liars && liars > 0 {
			return steps, innocent
		}
	}
	return steps, innocent
}
