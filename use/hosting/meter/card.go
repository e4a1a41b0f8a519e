package meter

import (
	"slices"
	"time"

	"sluice/unit"
)

// drawn is the energy of one GPU over an interval.
type drawn struct {
	Card
	energy unit.Energy
	marks  []Mark
	known  bool // read, or estimated from something
	read   bool // its counter was read and did not fall
}

// mostCard is more than any GPU draws in a day: who says more was misread.
const mostCard = unit.MegawattHour

// counter is what a GPU counted, as far as it was read.
func (c Card) counter() drawn {
	d := drawn{Card: c}
	first, last := c.First, c.Last
	switch {
	case !first.Has.Energy || !last.Has.Energy:
		d.marks = []Mark{CounterLost}
	case last.Energy < first.Energy:
		d.marks = []Mark{CounterReset}
	case last.Energy-first.Energy > mostCard:
		d.marks = []Mark{CounterLost}
	default:
		d.energy, d.known, d.read = last.Energy-first.Energy, true, true
	}
	return d
}

// work is how much of the interval jobs held a GPU: all, none, or the share of the
// node's GPUs that was held, where it is not known which ones.
func (n Node) work(c Card, t tenure) unit.Ratio {
	busy, idle := sum(t.busy), sum(t.idle)
	switch {
	case idle == 0:
		return unit.One
	case busy == 0:
		return 0
	case n.Labels && (!c.First.At.IsZero() || !c.Last.At.IsZero()):
		if c.First.Job == "" && c.Last.Job == "" {
			return 0
		}
		return unit.One
	}
	return unit.Ratio(unit.MulDiv(busy, int64(unit.One), busy+idle))
}

// guess estimates what a GPU drew that was not read: by its own power sensor, by its
// like in the same work, by what is declared, or by what it counted since its
// counter fell. Source: docs/formula/meter.md.
func (d drawn) guess(n Node, t tenure, like peers, length time.Duration) drawn {
	least := unit.Energy(0)
	if slices.Contains(d.marks, CounterReset) {
		least = d.Last.Energy
	}
	work := n.work(d.Card, t)
	if p, ok := d.sensor(); ok {
		d.energy, d.known = p.Over(length), true
	} else if e, ok := like.mean(n, work); ok {
		d.energy, d.known = e, true
	} else if m := n.Model; m.TDP > 0 {
		d.energy, d.known = (m.Idle + max(0, m.TDP-m.Idle).Scale(work)).Over(length), true
	}
	if least > d.energy {
		d.energy, d.known = least, true
	}
	return d
}

// sensor is the mean of what a GPU's power sensor said at the ends.
func (d drawn) sensor() (unit.Power, bool) {
	a, b := d.First.Draw, d.Last.Draw
	switch {
	case d.First.Has.Draw && d.Last.Has.Draw:
		return (a + b) / 2, true
	case d.First.Has.Draw:
		return a, true
	case d.Last.Has.Draw:
		return b, true
	}
	return 0, false
}

// likeness is by what one GPU stands for another.
type likeness struct {
	node, model string // one of them is empty
	work        unit.Ratio
}

// peers are the GPUs that were read, by what they may stand for.
type peers map[likeness]struct{ energy, number int64 }

func (p peers) add(n Node, d drawn, work unit.Ratio) {
	for _, key := range keys(n, work) {
		at := p[key]
		at.energy, at.number = at.energy+int64(d.energy), at.number+1
		p[key] = at
	}
}

// mean is what GPUs of the same node in the same work drew, or of the same model.
// For one that may have been held or not it lies between those that were and were not.
func (p peers) mean(n Node, work unit.Ratio) (unit.Energy, bool) {
	for i, key := range keys(n, work) {
		if e, ok := p.at(key); ok {
			return e, true
		}
		idle, some := p.at(keys(n, 0)[i])
		held, others := p.at(keys(n, unit.One)[i])
		if some && others {
			return idle + unit.Energy(unit.MulDiv(int64(held-idle), int64(work), int64(unit.One))), true
		}
	}
	return 0, false
}

func (p peers) at(key likeness) (unit.Energy, bool) {
	at := p[key]
	if at.number == 0 {
		return 0, false
	}
	return unit.Energy(unit.MulDiv(at.energy, 1, at.number)), true
}

func keys(n Node, work unit.Ratio) []likeness {
	out := []likeness{{node: n.Name, work: work}}
	if n.Model.Name != "" {
		out = append(out, likeness{model: n.Model.Name, work: work})
	}
	return out
}
