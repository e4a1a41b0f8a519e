package world

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
	"sluice/use/mining"
)

// pace is the step of virtual time while something moves by itself.
const pace = time.Minute

// Source names the meters of the simulated plant in every paper.
const Source = "world"

// Conditions is everything that happens to the plant whatever it is told.
type Conditions struct {
	Air        *series.Series[int64]                 // ambient temperature, thousandths of a degree; nil: not known, nothing derates
	Health     map[string]*Health                    // by use, such as "mining/s21"; missing: all work
	Generation map[string]*series.Series[unit.Power] // by source, such as "wind/ridge": what sun, wind or river would give
	Constant   map[string]unit.Power                 // by source, where no series is given
}

// steady is how long the conditions of now hold.
func (c Conditions) steady(now time.Time) time.Duration {
	left := now.Truncate(time.Hour).Add(time.Hour).Sub(now) // of health
	if c.Air != nil {
		left = min(left, rest(c.Air.Grid, now))
	}
	for _, s := range c.Generation {
		if s != nil {
			left = min(left, rest(s.Grid, now))
		}
	}
	return left
}

// rest is how long the interval of g that holds now still lasts.
func rest(g series.Grid, now time.Time) time.Duration {
	if i, inside := g.Index(now); inside {
		return g.Start(i + 1).Sub(now)
	}
	if n := g.Start(0).Sub(now); n > 0 {
		return n
	}
	return time.Hour
}

// Hall is a part of the plant that draws power for reasons of its own, such as a
// hall of GPUs whose tenants come and go.
type Hall interface {
	Drawing
	Steered
	Metered
	Copied
}

// Drawing is power over time.
type Drawing interface {
	// Advance lets d pass and returns what was drawn at the site's meter meanwhile,
	// and the highest power of it.
	Advance(d time.Duration) (unit.Energy, unit.Power)
	// Reach is the most that it may draw at the site's meter before its next order.
	Reach() unit.Power
}

// Steered is what takes orders.
type Steered interface {
	// Carry takes an order for one of its uses; false: it has no such use.
	Carry(o cycle.Order) bool
	// Announced tells it of a call on power that a tenant lets go.
	Announced(c cycle.Call)
}

// Metered is what can be read.
type Metered interface {
	Registers() []cycle.UseRegister
	States() []cycle.UseState
}

// Copied is what another line of time can begin from.
type Copied interface {
	Standing() string
	Clone() Hall
}

// glance is how long a stretch with a hall in it may be, so that the peak is seen.
const glance = 5 * time.Minute

// Plant is the machines and meters of one site in virtual time. One goroutine owns it.
type Plant struct {
	now     time.Time
	mustRun unit.Power
	export  unit.Power
	limit   unit.Power // of the import; 0: nothing gives way
	groups  []*group
	byWaste []*group // the least efficient first
	plants  []*plant
	halls   []Hall
	feed    unit.Power
	around  Conditions
	meter   cycle.Registers
}

// plant is generation behind the meter.
type plant struct {
	source    string
	allowed   unit.Power
	generated unit.Energy
}

// Config describes a plant.
type Config struct {
	Start   time.Time
	MustRun unit.Power
	Export  unit.Power // the connection lets this much out
	Import  unit.Power // and this much in; 0: machines never give way to a hall
	Rigs    []*mining.Rig
	Halls   []Hall
	Plants  []string // sources of the generation behind the meter, such as "wind/ridge"
	On      bool     // whether the machines run at the start
	Around  Conditions
}

// New builds a plant.
func New(c Config) *Plant {
	p := &Plant{now: c.Start, mustRun: c.MustRun, export: c.Export, limit: c.Import, around: c.Around, halls: c.Halls}
	for _, r := range c.Rigs {
		p.groups = append(p.groups, newGroup(r, c.On))
	}
	p.rank()
	for _, name := range c.Plants {
		p.plants = append(p.plants, &plant{source: name, allowed: 1 << 60})
	}
	p.meter.At, p.meter.Source = c.Start, Source
	return p
}

// Clone copies the plant for another line of time; the conditions are shared
// because nothing changes them.
func (p *Plant) Clone() *Plant {
	c := *p
	c.groups, c.plants, c.halls = nil, nil, nil
	for _, h := range p.halls {
		c.halls = append(c.halls, h.Clone())
	}
	for _, g := range p.groups {
		c.groups = append(c.groups, g.clone())
	}
	for _, g := range p.plants {
		one := *g
		c.plants = append(c.plants, &one)
	}
	c.rank()
	return &c
}

// rank orders the machines by what they waste.
func (p *Plant) rank() {
	p.byWaste = slices.Clone(p.groups)
	slices.SortStableFunc(p.byWaste, func(a, b *group) int {
		return cmp.Compare(b.rig.Top().Efficiency(), a.rig.Top().Efficiency())
	})
}

// Carry implements actuate.Device: machines and plants follow at once or by their ramps.
func (p *Plant) Carry(_ context.Context, o cycle.Order) (cycle.Receipt, error) {
	r := cycle.Receipt{Head: o.Head, Use: o.Use, Accepted: true, At: p.now}
	for _, g := range p.groups {
		if g.name == o.Use {
			g.order = o
			return r, nil
		}
	}
	for _, g := range p.plants {
		if g.source == o.Use {
			g.allowed = o.Draw
			return r, nil
		}
	}
	for _, h := range p.halls {
		if h.Carry(o) {
			return r, nil
		}
	}
	if strings.HasPrefix(o.Use, "export/") {
		p.feed = o.Draw
		return r, nil
	}
	return cycle.Receipt{}, fmt.Errorf("carry order for %s: no such use at this plant: check the site file", o.Use)
}

// Standing says in one line where every machine stands, as far as it matters
// for what comes next. Two plants of equal standing in the same world behave alike.
func (p *Plant) Standing() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d feed %d", p.now.Unix(), p.feed)
	for _, g := range p.groups {
		g.standing(&b, p.now)
	}
	for _, g := range p.plants {
		fmt.Fprintf(&b, "; %s", g.source)
	}
	for _, h := range p.halls {
		b.WriteString("; " + h.Standing())
	}
	return b.String()
}

// Halls are the halls of the plant as they stand. A clone of the plant has its own.
func (p *Plant) Halls() []Hall { return p.halls }

// Advance lets d pass, a whole number of seconds. The peak that the meter
// shows afterwards is the highest import of this stretch.
func (p *Plant) Advance(d time.Duration) {
	p.meter.Peak = 0
	for end := p.now.Add(d); p.now.Before(end); {
		left := min(end.Sub(p.now), p.around.steady(p.now))
		switch {
		case !p.settled():
			left = min(left, pace)
		case len(p.halls) > 0:
			left = min(left, glance)
		}
		p.pass(left)
	}
	p.meter.At = p.now
}

func (p *Plant) settled() bool {
	for _, g := range p.groups {
		if !g.settled(p.available(g)) {
			return false
		}
	}
	return true
}

// pass lets d pass, in which the conditions hold.
func (p *Plant) pass(d time.Duration) {
	var halls unit.Energy
	var most unit.Power
	for _, h := range p.halls {
		e, peak := h.Advance(d)
		halls, most = halls+e, most+peak
	}
	p.yield(most)
	load := p.mustRun
	for _, g := range p.groups {
		load += g.advance(p.now, d, p.available(g), p.pue(g))
	}
	mean := unit.Power(halls / unit.Energy(d/time.Second)) // rounded down: a watt more would be fed in
	own := p.generate(load+mean, d)
	net := load.Over(d) + halls - own.Over(d)
	p.meter.Import += max(net, 0)
	p.meter.Export += max(-net, 0)
	p.meter.Peak = max(p.meter.Peak, load+most-own)
	p.now = p.now.Add(d)
}

// yield lowers machines, the least efficient first, where a hall has come to draw so
// much that the connection's limit would be passed: what the control between two
// plans does within seconds. They stay lower until their next order.
//
// Source: docs/formula/world.md, "Giving way".
func (p *Plant) yield(halls unit.Power) {
	if p.limit == 0 || len(p.halls) == 0 {
		return
	}
	over := p.mustRun + halls - p.limit
	for _, g := range p.plants {
		over -= min(p.output(g), g.allowed)
	}
	for _, g := range p.groups {
		over += g.wants(p.available(g)).ScaleUp(p.pue(g))
	}
	for _, g := range p.byWaste {
		if over <= 0 {
			return
		}
		available, pue := p.available(g), p.pue(g)
		draws := g.wants(available)
		lower := max(0, draws.ScaleUp(pue)-over).Unscale(pue)
		for lower > 0 && draws.ScaleUp(pue)-lower.ScaleUp(pue) < min(over, draws.ScaleUp(pue)) {
			lower--
		}
		g.order.Draw = min(g.order.Draw, lower)
		over -= draws.ScaleUp(pue) - lower.ScaleUp(pue)
	}
}

// generate lets the plants run as far as they may, what is used or fed in, and
// turns the rest down.
func (p *Plant) generate(load unit.Power, d time.Duration) unit.Power {
	room := load + min(p.feed, p.export)
	var own unit.Power
	for _, g := range p.plants {
		out := min(p.output(g), g.allowed, room-own)
		out = max(out, 0)
		own += out
		g.generated += out.Over(d)
	}
	return own
}

func (p *Plant) output(g *plant) unit.Power {
	if s := p.around.Generation[g.source]; s != nil {
		v, _ := s.At(p.now)
		return v
	}
	return p.around.Constant[g.source]
}

// available is the share of a group's machines that draw: health times heat.
func (p *Plant) available(g *group) unit.Ratio {
	share := unit.One
	if h := p.around.Health[g.name]; h != nil {
		share = h.At(p.now)
	}
	if t, known := p.Air(); known {
		share = unit.Ratio(unit.MulDiv(int64(share), int64(g.rig.Group().Derate.Share(t)), int64(unit.One)))
	}
	return share
}

// Shares is the share of a use's machines that draw now, and its marginal PUE;
// nothing draws of a use that the plant does not have.
func (p *Plant) Shares(use string) (available, pue unit.Ratio) {
	for _, g := range p.groups {
		if g.name == use {
			return p.available(g), p.pue(g)
		}
	}
	return 0, unit.One
}

// Output is what the plants behind the meter could give now.
func (p *Plant) Output() unit.Power {
	var sum unit.Power
	for _, g := range p.plants {
		sum += p.output(g)
	}
	return sum
}

// Announced tells the halls of a call on power that a tenant lets go.
func (p *Plant) Announced(c cycle.Call) {
	for _, h := range p.halls {
		h.Announced(c)
	}
}

// Reach is the most that the halls may draw at the meter before their next orders.
func (p *Plant) Reach() unit.Power {
	var sum unit.Power
	for _, h := range p.halls {
		sum += h.Reach()
	}
	return sum
}

func (p *Plant) pue(g *group) unit.Ratio {
	if t, known := p.Air(); known {
		return g.rig.Group().Cooling.PUE(t)
	}
	return g.rig.Group().Cooling.PUE0
}

// Air is the temperature outside, thousandths of a degree, and whether it is known.
func (p *Plant) Air() (int64, bool) {
	if p.around.Air == nil {
		return 0, false
	}
	return p.around.Air.At(p.now)
}

// Read implements observe.Meter.
func (p *Plant) Read(context.Context) (cycle.Registers, error) {
	r := p.meter
	for _, g := range p.plants {
		r.Own = append(r.Own, cycle.OwnRegister{Source: g.source, Generated: g.generated})
	}
	for _, g := range p.groups {
		r.Uses = append(r.Uses, cycle.UseRegister{Use: g.name, IT: g.it, Meter: g.meter, Work: g.work, Started: g.started})
	}
	for _, h := range p.halls {
		r.Uses = append(r.Uses, h.Registers()...)
	}
	return r, nil
}

// States implements observe.Fleet.
func (p *Plant) States(context.Context) ([]cycle.UseState, error) {
	var out []cycle.UseState
	for _, g := range p.groups {
		health := unit.One
		if h := p.around.Health[g.name]; h != nil {
			health = h.At(p.now)
		}
		out = append(out, cycle.UseState{Use: g.name, Health: health, State: g.state(p.now, p.available(g)), At: p.now, Source: Source})
	}
	for _, h := range p.halls {
		out = append(out, h.States()...)
	}
	return out, nil
}
