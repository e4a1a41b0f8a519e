package replay

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world"
	"sluice/world/hall"
)

// gpuHall is a virtual hall and the kernel that brings it to the budgets of a plan,
// as a real one would: through the verbs of an engine and the limits of GPUs.
type gpuHall struct {
	hall    *hall.Hall
	config  curtail.Config
	kernel  *curtail.Hall
	budget  map[string]unit.Power // by contract; a contract that no plan steers is not named
	fresh   bool                  // the budgets are those of a new turn
	waiting []timed               // what goes out later
	calls   []called
	before  []wanted // in the warm-up, for forecasts to learn from
}

// wanted is what a use would have drawn at an instant.
type wanted struct {
	at    time.Time
	use   string
	power unit.Power
}

// timed is an effect that goes out at its time.
type timed struct {
	at     time.Time
	effect curtail.Effect
}

// WarmUp is how long before the period a hall begins, so that it is not empty: long
// enough for its longest jobs to have come and gone.
const WarmUp = 10 * 24 * time.Hour

// newGPUHall builds a hall in which tenants are at work at start.
func newGPUHall(c hall.Config, all []*hosting.Tenancy, start time.Time, air *series.Series[int64]) (*gpuHall, error) {
	c.Start, c.Air, c.Agreed = start.Add(-WarmUp), air, true
	h, err := hall.New(c)
	if err != nil {
		return nil, err
	}
	var seen []wanted
	for step := 15 * time.Minute; h.Now().Before(start); {
		h.Advance(min(step, start.Sub(h.Now())))
		for _, l := range h.Loads() {
			seen = append(seen, wanted{h.Now(), l.Use, l.Wanted})
		}
	}
	can, err := h.Capabilities(atOnce())
	if err != nil {
		return nil, err
	}
	k := curtail.Config{
		Hall: c.Hall.Name, Groups: c.Hall.Groups, Engine: can, PUE: c.Hall.Cooling.PUE0, Spare: c.Hall.Spare,
		Timing: curtail.DefaultTiming(), Volatile: true, Rest: map[string]unit.Power{},
	}
	for _, g := range c.Hall.Groups {
		k.Rest[g.Model.Name] = curtail.RestOf(g.Model)
	}
	for _, t := range all {
		if t.Contract().Hall == c.Hall.Name {
			k.Tenancies = append(k.Tenancies, curtail.NewTenancy(t.Contract(), t.Contract().Name, t.Curve()))
		}
	}
	g := &gpuHall{hall: h, config: k, budget: map[string]unit.Power{}, before: seen}
	return g, g.resume(curtail.State{})
}

// resume makes the kernel anew from what it remembers.
func (g *gpuHall) resume(s curtail.State) (err error) {
	g.config.Draw = g.hall.Drawn
	g.kernel, err = curtail.Resume(g.config, s)
	return err
}

// Announced implements world.Hall.
func (g *gpuHall) Announced(c cycle.Call) {
	for _, t := range g.config.Tenancies {
		if t.Contract.Use() == c.Use {
			call := hosting.Call{From: c.From, To: c.To}
			g.hall.Agree(t.Contract.Name, call)
			g.calls = append(slices.DeleteFunc(g.calls, func(x called) bool { return x.To.Before(g.hall.Now()) }), called{call, t.Contract.Name})
		}
	}
}

// called is a call on the power of a contract.
type called struct {
	hosting.Call
	contract string
}

// renew tells the kernel which contracts a call covers now.
func (g *gpuHall) renew() {
	now := g.hall.Now()
	for i := range g.config.Tenancies {
		t := &g.config.Tenancies[i]
		if t.Contract.Kind != hosting.Flexible {
			continue
		}
		t.Called = slices.ContainsFunc(g.calls, func(c called) bool {
			return c.contract == t.Contract.Name && !now.Before(c.From) && now.Before(c.To)
		})
		g.kernel.Renew(*t)
	}
}

// Clone implements world.Hall.
func (g *gpuHall) Clone() world.Hall {
	c := *g
	c.hall, c.budget, c.waiting = g.hall.Clone(), maps.Clone(g.budget), slices.Clone(g.waiting)
	c.calls, c.config.Tenancies = slices.Clone(g.calls), slices.Clone(g.config.Tenancies)
	if err := c.resume(g.kernel.State()); err != nil {
		panic(err) // the same configuration made the kernel that is copied
	}
	return &c
}

// Standing implements world.Hall.
func (g *gpuHall) Standing() string {
	return fmt.Sprintf("%s, %d acts, %d waiting", g.hall.Standing(), len(g.kernel.State().Acts), len(g.waiting))
}

// Registers implements world.Hall.
func (g *gpuHall) Registers() []cycle.UseRegister { return g.hall.Registers() }

// States implements world.Hall.
func (g *gpuHall) States() []cycle.UseState {
	s, err := g.hall.States(atOnce())
	if err != nil {
		panic(err) // a hall in memory always answers
	}
	return s
}

// Reach implements world.Hall: what runs, what waits and could start, and a
// twentieth of the hall for what may come meanwhile.
func (g *gpuHall) Reach() unit.Power {
	var sum, whole unit.Power
	for _, l := range g.hall.Loads() {
		sum, whole = sum+max(l.Draw, l.Wanted), whole+l.Capacity
	}
	return min(sum+whole/20, whole).ScaleUp(g.hall.PUE())
}

// Carry implements world.Hall: the budget of a contract for the turn.
func (g *gpuHall) Carry(o cycle.Order) bool {
	for _, t := range g.config.Tenancies {
		if t.Contract.Use() == o.Use {
			g.budget[t.Contract.Name], g.fresh = o.Draw, true
			return true
		}
	}
	return false
}

// Advance implements world.Hall.
func (g *gpuHall) Advance(d time.Duration) (unit.Energy, unit.Power) {
	_, before := g.hall.Energy()
	end := g.hall.Now().Add(d)
	g.steer()
	var peak unit.Power
	for g.hall.Now().Before(end) {
		g.hall.Advance(min(end.Sub(g.hall.Now()), g.calm()))
		g.late()
		peak = max(peak, g.hall.Peak())
	}
	_, after := g.hall.Energy()
	return after - before, peak
}

// calm is how long nothing has to go out.
func (g *gpuHall) calm() time.Duration {
	const longest = 24 * time.Hour
	least := longest
	for _, w := range g.waiting {
		least = min(least, max(time.Second, w.at.Sub(g.hall.Now())))
	}
	return least
}

// steer hands the kernel the budgets of a new turn.
func (g *gpuHall) steer() {
	if !g.fresh {
		return
	}
	g.fresh = false
	g.renew()
	view := func() engine.View {
		v, _ := g.hall.View(atOnce()) // an engine that does not answer has an empty view, which the kernel names
		return v
	}
	read := func() []gpu.Reading {
		r, _ := g.hall.Read(atOnce())
		return r
	}
	g.carry(g.kernel.Follow(g.hall.Now(), g.budget, view, read))
}

// late lets out what has become due.
func (g *gpuHall) late() {
	now := g.hall.Now()
	due := g.waiting[:0:0]
	kept := g.waiting[:0]
	for _, w := range g.waiting {
		if w.at.After(now) {
			kept = append(kept, w)
		} else {
			due = append(due, w)
		}
	}
	g.waiting = kept
	for _, w := range due {
		g.out(w.effect)
	}
	g.carry(g.kernel.Tick(now))
}

// carry lets effects out now or puts them by.
func (g *gpuHall) carry(all []curtail.Effect) {
	for _, e := range all {
		var at time.Time
		switch e := e.(type) {
		case curtail.Send:
			at = e.At
		case curtail.Set:
			at = e.At
		}
		if at.After(g.hall.Now()) {
			g.waiting = append(g.waiting, timed{at, e})
			continue
		}
		g.out(e)
	}
}

// out carries one effect out and tells the kernel what was answered.
func (g *gpuHall) out(e curtail.Effect) {
	ctx, now := atOnce(), g.hall.Now()
	switch e := e.(type) {
	case curtail.Send:
		a, err := g.hall.Do(ctx, e.Command)
		if err != nil {
			g.carry(g.kernel.Failed(now, e.Command.Event, e.Command.Seq))
			return
		}
		g.carry(g.kernel.Answered(now, a))
	case curtail.Set:
		a, err := g.hall.Set(ctx, e.Setting)
		if err != nil {
			a = gpu.Answer{Node: e.Setting.Node, Why: err.Error(), At: now}
		}
		g.carry(g.kernel.Taken(now, a))
	}
}

// atOnce is the context of what a hall in memory is asked: it waits for nothing.
func atOnce() context.Context { return context.Background() } //nolint:forbidigo // nothing is waited for, so nothing can be stopped
