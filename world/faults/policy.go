package faults

import (
	"fmt"
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
)

// Policy is a way to hold the limit.
type Policy string

// The policies. All but the first are controls: they must fail.
const (
	Reserve  Policy = "reserve"  // worst-case reservation with the reserve for fast reboots
	NoSteps  Policy = "no-steps" // the same without that reserve, and a margin of 3 %
	Headroom Policy = "headroom" // read the meter and hand out what is left
	exposure        = 20 * time.Second
	perDay          = unit.One / 10 // fast reboots of a unit
)

// New is the controller of a policy for n units.
func New(p Policy, n int) (Controller, error) {
	switch p {
	case Headroom:
		return &headroom{n: n, power: make([]unit.Power, n)}, nil
	case Reserve, NoSteps:
		g := actuate.Group{Name: "site", Parent: -1, Limit: unit.Power(n) * Most, Steps: actuate.Steps(n, perDay, exposure), Margin: unit.One / 100, Metered: true}
		if p == NoSteps {
			g.Steps, g.Margin = 0, 3*unit.One/100
		}
		return actuate.New(Site(n, g), actuate.Memory{})
	}
	return nil, fmt.Errorf("policy %q: use %q, %q or %q", p, Reserve, NoSteps, Headroom)
}

// Site is n fenced units behind one limit. Nothing slows its raises, as in the
// reference simulation: what is measured is the reservation alone.
func Site(n int, g actuate.Group) actuate.Config {
	t := actuate.DefaultTiming()
	t.Hold, t.Jitter = 0, 0
	c := actuate.Config{Site: "simulated", Term: 1, Groups: []actuate.Group{g}, Timing: t}
	for i := range n {
		c.Units = append(c.Units, actuate.Unit{
			Name: fmt.Sprint("unit ", i), Least: Least, Most: Most, Boot: Most, Smallest: 50, Tolerance: 20, Fenced: true,
		})
	}
	return c
}

// headroom believes the last reading of each unit and hands out the rest of the limit.
type headroom struct {
	n        int
	power    []unit.Power
	limit    unit.Power
	sequence int64
	start    int
	out      []actuate.Effect
}

// Step keeps what was read and, on a tick, moves the sum of it towards 97 % of the limit.
func (h *headroom) Step(_ time.Duration, e actuate.Event) []actuate.Effect {
	h.out = h.out[:0]
	switch e := e.(type) {
	case actuate.Instruction:
		h.limit = e.Limit
	case actuate.Readings:
		clear(h.power) // what does not answer draws nothing: that is the mistake
		for _, r := range e.Units {
			h.power[r.Unit] = r.Power
		}
	case actuate.Tick:
		h.tick()
	}
	return h.out
}

func (h *headroom) tick() {
	left := h.limit.Scale(97 * unit.One / 100)
	for _, p := range h.power {
		left -= p
	}
	h.start++
	for j := range h.n {
		i := (h.start*7919 + j) % h.n
		p := max(0, min(Most, h.power[i]+left))
		if p < Least {
			p = 0
		}
		if d := p - h.power[i]; d > 50 && left > 50 || d < 0 && left < 0 {
			left -= d
			h.sequence++
			h.out = append(h.out, actuate.Send{Unit: i, Epoch: actuate.Epoch{Term: 1, Plan: 1, Sequence: h.sequence}, Target: p})
		}
	}
}
