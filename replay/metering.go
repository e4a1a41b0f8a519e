package replay

import (
	"fmt"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
)

// Metering is how the halls of a replay are metered, as the program of a real hall does it.
type Metering struct {
	Every time.Duration              // readings are taken at its multiples in UTC; whole intervals, a day at most
	Take  func(meter.Interval) error // gets what was read, hall by hall, in the order of time; nil: nobody asks
}

// validate refuses a metering that the intervals of a replay cannot be cut into.
func (m Metering) validate(step time.Duration) error {
	if m.Take == nil || m.Every >= step && m.Every%step == 0 && m.Every <= 24*time.Hour {
		return nil
	}
	return fmt.Errorf("halls metered every %s: take whole intervals of %s, a day at most", m.Every, step)
}

// metering is that of one line of time.
type metering struct {
	Metering

	last map[string]dials // by hall; missing: nothing was read yet
}

// dials is everything that can be read of a hall at an instant.
type dials struct {
	at      time.Time
	cards   []gpu.Reading
	nodes   []engine.Node
	it, all unit.Energy
}

func newMetering(m Metering, l *line) (*metering, error) {
	if m.Take == nil {
		return nil, nil //nolint:nilnil // nobody asks
	}
	out := &metering{m, map[string]dials{}}
	return out, out.read(l)
}

// read takes readings where their time has come, and hands on what was metered since
// those before.
func (m *metering) read(l *line) error {
	if m == nil {
		return nil
	}
	for _, one := range l.plant.Halls() {
		g, is := one.(*gpuHall)
		if !is || !g.hall.Now().Truncate(m.Every).Equal(g.hall.Now()) {
			continue
		}
		now, err := g.dials()
		if err != nil {
			return err
		}
		name := g.config.Hall
		if before, began := m.last[name]; began {
			in, err := g.interval(before, now)
			if err == nil {
				err = m.Take(in)
			}
			if err != nil {
				return fmt.Errorf("meter hall %s at %s: %w", name, now.at.Format(time.RFC3339), err)
			}
		}
		m.last[name] = now
	}
	return nil
}

// dials reads everything of a hall.
func (g *gpuHall) dials() (s dials, err error) {
	s.at = g.hall.Now()
	s.it, s.all = g.hall.Energy()
	if s.cards, err = g.hall.Read(atOnce()); err != nil {
		return s, err
	}
	v, err := g.hall.View(atOnce())
	s.nodes = v.Nodes
	return s, err
}

// interval is everything that was read between two instants.
func (g *gpuHall) interval(first, last dials) (meter.Interval, error) {
	in := meter.Interval{
		Boundary: g.config.Hall, Span: rate.Span{From: first.at.Unix(), To: last.at.Unix()},
		Meter:    rise(g.config.Hall, first.all, last.all),
		Overhead: []meter.Overhead{{Count: rise(g.config.Hall+"-cooling", first.all-first.it, last.all-last.it)}},
	}
	for _, t := range g.config.Tenancies {
		if t.Contract.Kind != hosting.Colocation {
			in.Contracts = append(in.Contracts, meter.Metered(t.Contract))
		}
	}
	ends, was := meter.Paired(first.cards, last.cards), map[string]engine.NodeState{}
	for _, n := range first.nodes {
		was[n.Name] = n.State
	}
	for _, n := range last.nodes {
		x := meter.Node{
			Name: n.Name, GPUs: max(n.GPUs, len(ends.Cards[n.Name])), Labels: ends.Labels[n.Name], Model: g.model(n.Model),
			Off: n.State == engine.NodeOff && was[n.Name] == engine.NodeOff,
		}
		for _, c := range ends.Cards[n.Name] {
			x.Cards = append(x.Cards, *c)
		}
		in.Nodes = append(in.Nodes, x)
	}
	var err error
	in.Jobs, err = g.hall.Usage(atOnce(), first.at, last.at)
	return in, err
}

// model is what is declared of the servers of a model.
func (g *gpuHall) model(name string) gpu.Model {
	for _, x := range g.config.Groups {
		if x.Model.Name == name {
			return x.Model
		}
	}
	return gpu.Model{}
}

func rise(name string, first, last unit.Energy) meter.Count {
	return meter.Count{Name: name, First: first, Last: last, Read: true}
}
