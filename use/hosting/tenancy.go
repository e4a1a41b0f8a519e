package hosting

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use"
)

// Tenancy is a contract joined to the servers that it runs on and to the curve of
// its GPUs: its steps are worked out once, so a bid costs almost nothing. It is never
// changed once made and may be used from several goroutines.
type Tenancy struct {
	contract Contract
	group    Group // zero for colocation
	cooling  use.Cooling
	curve    gpu.Curve // without points for colocation
	zone     *time.Location
	each     unit.Power // IT watts of a unit at full load
	steps    []step     // in falling order of worth
}

// step is a slice of the power of a contract at full load.
type step struct {
	power   unit.Power
	speed   unit.Ratio // of the whole contract's worth that it earns
	band    bool       // a power limit takes it: agreed, no downtime
	granted bool       // the tenant lets it go within the flexible terms
}

// Compile joins a contract to its hall and to the curve of its model. The months of
// the contract are counted in zone; nil is UTC. It fails when the contract or the
// hall is not valid, the hall is another or has no such model, or nothing is known of
// what the model draws.
func Compile(c Contract, h Hall, curves gpu.Curves, zone *time.Location) (*Tenancy, error) {
	if err := errors.Join(c.Validate(), h.Validate()); err != nil {
		return nil, err
	}
	if h.Name != c.Hall {
		return nil, fmt.Errorf("contract %q: stands in hall %q, not in %q: compile it with its own hall", c.Name, c.Hall, h.Name)
	}
	t := &Tenancy{contract: c, cooling: cooled(h.Cooling), zone: place(zone), each: unit.Kilowatt}
	if c.Kind != Colocation {
		g, found := h.holds(c.Model)
		if !found {
			return nil, fmt.Errorf("contract %q: hall %q has no GPUs of model %q: it has %s", c.Name, h.Name, c.Model, h.models())
		}
		t.group, t.each = g, g.Each()
		if t.each <= 0 {
			return nil, fmt.Errorf("contract %q: nothing is known of what %q draws: declare the power of the GPU or of its server", c.Name, c.Model)
		}
		t.curve = curves.For(c.Model, c.Class)
	}
	t.steps = t.slices()
	return t, nil
}

// cooled is a cooling with its default: no overhead is invented.
func cooled(k use.Cooling) use.Cooling {
	if k.PUE0 == 0 {
		k.PUE0 = unit.One
	}
	return k
}

// holds is the group of a hall that has GPUs of a model, the first of several.
func (h Hall) holds(model string) (Group, bool) {
	for _, g := range h.Groups {
		if sameModel(g.Model.Name, model) {
			return g, true
		}
	}
	return Group{}, false
}

func sameModel(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// models lists what a hall has, for people.
func (h Hall) models() string {
	var names []string
	for _, g := range h.Groups {
		names = append(names, g.Model.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
}

// Each is what one GPU and its share of the server draw at full load, IT watts: the
// server's maximum by its GPUs, or where that is not known the GPU alone; 0 where
// neither is.
func (g Group) Each() unit.Power {
	m := g.Model
	if m.Node > 0 && m.PerNode > 0 {
		return (m.Node + unit.Power(m.PerNode) - 1) / unit.Power(m.PerNode)
	}
	return m.TDP
}

// slices are the steps of the contract: the knee and the bands above it as far as
// power limits are agreed, then what the tenant lets go when called.
func (t *Tenancy) slices() []step {
	all, levels := t.Capacity(), t.levels()
	share := unit.One
	if t.contract.Kind == Flexible {
		share = t.contract.Flex.Share
	}
	firm := share
	if share < unit.One {
		firm = unit.One - share
	}
	var steps []step
	var power unit.Power
	var speed unit.Ratio
	for i, l := range levels {
		p, s := all.Scale(l.power).Scale(firm), unit.Ratio(int64(l.speed)*int64(firm)/int64(unit.One))
		if p > power {
			steps = append(steps, step{power: p - power, speed: s - speed, band: i > 0, granted: t.contract.Kind == Flexible && share == unit.One})
			power, speed = p, s
		}
	}
	steps = concave(steps)
	if share < unit.One && all > power {
		steps = append(steps, step{power: all - power, speed: unit.One - speed, granted: true})
	}
	return steps
}

// level is a share of the power at full load and the share of the work that it does.
type level struct {
	power unit.Ratio
	speed unit.Ratio
}

// levels are the levels that limits may choose, rising from the lowest: those that
// the curve offers as far as the contract lets its work be slowed down. A limit
// lowers what the GPU draws and nothing of the rest of the server.
func (t *Tenancy) levels() []level {
	out := []level{{unit.One, unit.One}}
	part := unit.One
	if m := t.group.Model; t.each > 0 && m.TDP > 0 {
		part = min(unit.One, unit.Ratio(unit.MulDiv(int64(m.TDP), int64(unit.One), int64(t.each))))
	}
	for _, p := range t.curve.Levels() {
		careful := p.Speed
		if p.Low > 0 {
			careful = min(careful, p.Low)
		}
		if p.Power >= unit.One || unit.One-careful > t.contract.Capping.Slowdown {
			continue
		}
		saved := unit.Ratio(unit.MulDiv(int64(part), int64(unit.One-p.Power), int64(unit.One)))
		out = append(out, level{unit.One - saved, min(unit.One, p.Speed)})
	}
	slices.Reverse(out)
	return out
}

// concave joins bands to the first step until each is worth less a watt than the one
// below it: where the rest of the server weighs, the knee of the server lies above
// that of the GPU.
func concave(steps []step) []step {
	var out []step
	for _, s := range steps {
		out = append(out, s)
		for n := len(out); n > 1 && !falls(out[n-2], out[n-1]); n = len(out) {
			out[n-2].power += out[n-1].power
			out[n-2].speed += out[n-1].speed
			out = out[:n-1]
		}
	}
	return out
}

// falls reports whether a watt of b is worth at most one of a.
func falls(a, b step) bool { return int64(b.speed)*int64(a.power) <= int64(a.speed)*int64(b.power) }

// Use is the name under which the contract bids.
func (t *Tenancy) Use() string { return t.contract.Use() }

// Contract is the version that was compiled.
func (t *Tenancy) Contract() Contract { return t.contract }

// Group is the servers that the contract runs on; the zero group for colocation.
func (t *Tenancy) Group() Group { return t.group }

// Curve is how the speed of its work follows a power limit; without points where
// nothing may be limited.
func (t *Tenancy) Curve() gpu.Curve { return t.curve }

// Cooling is that of its hall, with its defaults.
func (t *Tenancy) Cooling() use.Cooling { return t.cooling }

// Zone is where its months are counted.
func (t *Tenancy) Zone() *time.Location { return t.zone }

// Each is what one unit draws at full load: a GPU with its share of the server, or a
// kilowatt.
func (t *Tenancy) Each() unit.Power { return t.each }

// Capacity is the IT power of the contract with all of its units at full load: the
// sum of the steps of its bid. What it really draws is in the availability of the bid.
func (t *Tenancy) Capacity() unit.Power { return t.each * unit.Power(t.contract.Units()) }

// Steps is the IT power of each step of its bid, the first one first. What is
// switched on of step 0 is counted against it.
func (t *Tenancy) Steps() []unit.Power {
	out := make([]unit.Power, len(t.steps))
	for i, s := range t.steps {
		out[i] = s.power
	}
	return out
}

// FullPower is what the contract draws when nobody limits anything: every server
// that it touches at its maximum, and in colocation all kilowatts that are committed.
// Reservations of the connection count it for what is silent.
func (t *Tenancy) FullPower() unit.Power {
	m := t.group.Model
	if m.Node == 0 || m.PerNode == 0 {
		return t.Capacity()
	}
	nodes := (t.contract.Units() + int64(m.PerNode) - 1) / int64(m.PerNode)
	return max(t.Capacity(), m.Node*unit.Power(nodes))
}
