package hall

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/hall"
)

// Virtual is a hall of world/hall behind a clock: whoever asks it lets pass what the
// clock has passed. It may be asked from several goroutines.
type Virtual struct {
	mu    sync.Mutex
	hall  *hall.Hall
	now   func() time.Time
	racks []unit.Energy
	names []string // of racks
	rest  unit.Power
	other unit.Energy // of what else stands behind the site's meter
	on    map[string]string
}

// tick is the step in which a virtual hall moves, and its rack meters count.
const tick = 5 * time.Second

// Pace is a clock that runs faster than the computer's and never gets ahead of those
// who live by it: between two rounds it passes one beat at most.
type Pace struct {
	mu    sync.Mutex
	at    time.Time
	wall  time.Time
	speed int
	most  time.Duration
}

// NewPace is a clock that begins at an instant.
func NewPace(begin time.Time, speed int, beat time.Duration) *Pace {
	return &Pace{at: begin, wall: time.Now(), speed: max(1, speed), most: beat}
}

// Clock is the pace as a hall takes it.
func (p *Pace) Clock() Clock { return Clock{Now: p.Now, Speed: p.speed, Round: p.round} }

// Now is the time of the clock.
func (p *Pace) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now()
}

func (p *Pace) now() time.Time {
	return p.at.Add(min(p.most, time.Since(p.wall)*time.Duration(p.speed)))
}

func (p *Pace) round() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.wall = p.now(), time.Now()
}

// NewVirtual puts a hall behind a clock. rest is what else the site draws, always.
func NewVirtual(ctx context.Context, h *hall.Hall, c hosting.Hall, now func() time.Time, rest unit.Power) *Virtual {
	v := &Virtual{hall: h, now: now, rest: rest, on: map[string]string{}}
	for _, r := range h.Racks() {
		v.names = append(v.names, RackName(r.Group, r.Rack))
	}
	v.racks = make([]unit.Energy, len(v.names))
	if view, err := h.View(ctx); err == nil {
		for _, n := range view.Nodes {
			v.on[n.Name] = rackOf(c, n.Name)
		}
	}
	return v
}

// RackName is what the n-th rack of a group is called, from 0.
func RackName(group string, n int) string { return fmt.Sprintf("%s-rack-%02d", group, n+1) }

// rackOf is the rack of a virtual server, by its number; empty: it is of no group.
func rackOf(c hosting.Hall, node string) string {
	for _, g := range c.Groups {
		rest, ok := strings.CutPrefix(node, g.Name+"-")
		if i, err := strconv.Atoi(rest); ok && err == nil {
			return RackName(g.Name, i/max(1, g.Rack))
		}
	}
	return ""
}

// Racks says in which rack each server stands.
func (v *Virtual) Racks() map[string]string { return v.on }

// Use lets somebody work on the hall itself, as a tenant or a fault would.
func (v *Virtual) Use(do func(*hall.Hall)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pass()
	do(v.hall)
}

// pass lets the hall live until now.
func (v *Virtual) pass() {
	for now := v.now(); v.hall.Now().Before(now); {
		d := min(tick, now.Sub(v.hall.Now()))
		for i, r := range v.hall.Racks() {
			v.racks[i] += r.Draw.Over(d)
		}
		v.other += v.rest.Over(d)
		v.hall.Advance(d)
	}
}

func locked[T any](v *Virtual, ask func(*hall.Hall) (T, error)) (T, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pass()
	return ask(v.hall)
}

// Capabilities implements engine.Engine.
func (v *Virtual) Capabilities(ctx context.Context) (engine.Capabilities, error) {
	return locked(v, func(h *hall.Hall) (engine.Capabilities, error) { return h.Capabilities(ctx) })
}

// View implements engine.Engine.
func (v *Virtual) View(ctx context.Context) (engine.View, error) {
	return locked(v, func(h *hall.Hall) (engine.View, error) { return h.View(ctx) })
}

// Do implements engine.Engine.
func (v *Virtual) Do(ctx context.Context, c engine.Command) (engine.Answer, error) {
	return locked(v, func(h *hall.Hall) (engine.Answer, error) { return h.Do(ctx, c) })
}

// Usage implements engine.Recorder.
func (v *Virtual) Usage(ctx context.Context, from, to time.Time) ([]engine.Usage, error) {
	return locked(v, func(h *hall.Hall) ([]engine.Usage, error) { return h.Usage(ctx, from, to) })
}

// Read implements gpu.Agent.
func (v *Virtual) Read(ctx context.Context) ([]gpu.Reading, error) {
	return locked(v, func(h *hall.Hall) ([]gpu.Reading, error) { return h.Read(ctx) })
}

// Set implements gpu.Agent.
func (v *Virtual) Set(ctx context.Context, s gpu.Setting) (gpu.Answer, error) {
	return locked(v, func(h *hall.Hall) (gpu.Answer, error) { return h.Set(ctx, s) })
}

// Gauges are the meters of the virtual hall: of the hall, its cooling, its racks and
// the site.
func (v *Virtual) Gauges(hall string) []Gauge {
	out := []Gauge{{HallMeter, hall, virtualMeter{v, HallMeter, 0}}, {CoolingMeter, hall + "-cooling", virtualMeter{v, CoolingMeter, 0}}, {SiteMeter, "site", virtualMeter{v, SiteMeter, 0}}}
	for i, name := range v.names {
		out = append(out, Gauge{RackMeter, name, virtualMeter{v, RackMeter, i}})
	}
	return out
}

// virtualMeter is one meter of a virtual hall.
type virtualMeter struct {
	v     *Virtual
	place Place
	rack  int
}

// Sample implements Meter.
func (m virtualMeter) Sample(context.Context) (Sample, error) {
	return locked(m.v, func(h *hall.Hall) (Sample, error) {
		it, all := h.Energy()
		draw := h.Draw()
		s := Sample{Counted: true, At: h.Now()}
		switch m.place {
		case HallMeter:
			s.Power, s.Energy = draw.ScaleUp(h.PUE()), all
		case CoolingMeter:
			s.Power, s.Energy = draw.ScaleUp(h.PUE())-draw, all-it
		case SiteMeter:
			s.Power, s.Energy = draw.ScaleUp(h.PUE())+m.v.rest, all+m.v.other
		case RackMeter:
			s.Power, s.Energy = h.Racks()[m.rack].Draw, m.v.racks[m.rack]
		}
		return s, nil
	})
}
