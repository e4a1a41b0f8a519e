package hall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/unit"
)

// Hall is a running hall. Run owns it; the other methods may be called from any
// goroutine while it runs.
type Hall struct {
	cfg    Config
	plant  Plant
	kernel *curtail.Kernel
	follow *curtail.Hall
	can    engine.Capabilities
	epoch  int64     // of the last power limit
	latest time.Time // that was told
	halted bool      // the clock went back
	keeper keeper

	engine lane
	shelf  lane // where answers are kept
	agents []*lane
	gauges []*lane

	view     engine.View
	readings [][]gpu.Reading // by agent
	samples  []Sample        // by gauge; a zero time: not heard yet
	summed   Sample          // power of the hall by its GPUs, where no meter stands
	late     []due
	budgets  map[string]unit.Power
	outcome  curtail.Outcome
	unkept   bool      // the state changed since it was written
	ills     []Trouble // of the shell; those of the kernels are theirs
	notices  []Notice
	illAt    time.Time            // the driver was asked for its own troubles
	muted    map[string]time.Time // nodes that do not say what they draw, since when
	quotas   map[string]int       // highest seen, by queue
	ledger   ledger
	school   school
	service  serving
	witness  witness
	orders   orders
	market   market
	rests    map[string]unit.Power // by model; the kernels look at it
	sabotage

	events chan func(context.Context)
	beside func(func(context.Context) func(context.Context)) // nil: it does not run
	ended  chan struct{}
}

// sabotage plants faults, so that tests can show that they are noticed.
type sabotage struct {
	sendsFirst bool // commands go out before they are on disk
	raises     bool // gives back although the disk refuses
	forgets    bool // begins with nothing after a restart
	oldEpoch   bool // takes the epochs of the kernels
	believes   bool // calls the sum of the GPUs' sensors proof
	waits      bool // asks agents in the lane of the engine
	skips      bool // goes on to the next interval although this one was not metered
	zero       bool // a meter that does not answer shows nothing
	guesses    bool // sums up GPUs although some do not say what they draw
	presumes   bool // a command that nobody answered counts as done
	trusts     bool // takes the engine's word for what the witness saw
}

// due is an effect that goes out at its time.
type due struct {
	at     time.Time
	effect curtail.Effect
	follow bool
}

// mostNotices are kept for whoever asks.
const mostNotices = 500

// New is a hall that goes on where an earlier run in the same folder stopped.
func New(ctx context.Context, c Config, p Plant) (*Hall, error) {
	return made(ctx, c, p, sabotage{})
}

func made(ctx context.Context, c Config, p Plant, s sabotage) (*Hall, error) {
	c = c.Defaults()
	if err := c.validate(p); err != nil {
		return nil, err
	}
	can, err := p.Engine.Capabilities(ctx)
	if err != nil {
		return nil, fmt.Errorf("hall %s: ask its engine what it can do: %w: see to the engine, or correct its address", c.Hall.Name, err)
	}
	h := &Hall{
		cfg: c, plant: p, can: can, readings: make([][]gpu.Reading, len(p.Agents)), samples: make([]Sample, len(p.Gauges)),
		quotas: map[string]int{}, rests: map[string]unit.Power{}, sabotage: s, events: make(chan func(context.Context)), ended: make(chan struct{}),
	}
	h.engine.h, h.shelf.h = h, h
	for range p.Agents {
		h.agents = append(h.agents, &lane{h: h})
	}
	for range p.Gauges {
		h.gauges = append(h.gauges, &lane{h: h})
	}
	return h, h.resume(ctx)
}

// resume reads what an earlier run kept.
func (h *Hall) resume(ctx context.Context) error {
	kept, err := h.keeper.open(h.plant.Folder, h.cfg.Hall.Name)
	if err != nil {
		return err
	}
	if h.forgets {
		kept = resumed{}
	}
	h.epoch, h.outcome = kept.Epoch, kept.Outcome
	h.ledger, h.school, h.service = ledger{kept: kept.Ledger}, school{kept: kept.School}, serving{kept: kept.Service}
	h.market = market{kept: kept.Market}
	h.witness = newWitness(kept.Witness, len(h.plant.Agents))
	h.orders = kept.Orders
	if err := h.enrol(ctx); err != nil {
		return err
	}
	if kept.Follow.Seq == 0 {
		if kept.Follow.Seq, err = h.lastCommand(ctx, h.followEvent()); err != nil {
			return err
		}
	}
	cfg := h.kernelConfig()
	if h.kernel, err = curtail.NewKernel(cfg, kept.Kernel); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if h.follow, err = curtail.Resume(cfg, kept.Follow); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (h *Hall) followEvent() string { return "follow-" + h.cfg.Hall.Name }

// kernelConfig is what the kernels are told: contracts as they stand now, with the
// curves that were learned.
func (h *Hall) kernelConfig() curtail.Config {
	k := curtail.Config{
		Hall: h.cfg.Hall.Name, Groups: h.cfg.Hall.Groups, Racks: h.cfg.Racks, Engine: h.can, PUE: h.cfg.Hall.Cooling.PUE0,
		Spare: h.cfg.Hall.Spare, Timing: h.cfg.Timing, Credit: h.credit, Rest: h.rests,
	}
	for _, g := range h.cfg.Hall.Groups {
		h.rests[g.Model.Name] = h.restOf(g.Model.Name, curtail.RestOf(g.Model))
	}
	now := h.now()
	for _, t := range h.cfg.Tenancies {
		one := curtail.NewTenancy(t.Contract(), h.cfg.queue(t.Contract().Name), h.school.curve(h.cfg.Curves, t.Contract()))
		one.Capping = h.service.capping(t, now)
		one.Outside = h.service.outside(t, now)
		one.Called = h.market.covered(t.Contract().Name, now)
		k.Tenancies = append(k.Tenancies, one)
	}
	return k
}

// refit tells the kernels what of the contracts changed. While an event runs its
// terms stay as they were when it began.
func (h *Hall) refit(ctx context.Context) {
	cfg := h.kernelConfig()
	for _, t := range cfg.Tenancies {
		h.follow.Renew(t)
	}
	if h.active() {
		return
	}
	k, err := curtail.NewKernel(cfg, h.kernel.State())
	if err != nil {
		h.note("alarm", "the terms of the contracts cannot be taken over: %v", err)
		return
	}
	h.kernel = k
	if h.view.At.IsZero() {
		return
	}
	h.step(ctx, curtail.Readings{Readings: h.all()})
	h.step(ctx, curtail.View{View: h.view})
	for i, g := range h.plant.Gauges {
		if !h.samples[i].At.IsZero() {
			h.shown(ctx, g.Place, g.Name, h.samples[i])
		}
	}
	if !h.summed.At.IsZero() {
		h.shown(ctx, HallMeter, h.cfg.Hall.Name, h.summed)
	}
}

// active reports whether an event runs.
func (h *Hall) active() bool {
	switch h.kernel.State().Phase {
	case curtail.Shedding, curtail.Holding, curtail.Releasing:
		return true
	case curtail.Idle, curtail.Done, curtail.Stopped:
	}
	return false
}

// now is the hall's time. It never goes back: where the clock does, it stands still
// until that has caught up.
func (h *Hall) now() time.Time {
	now := h.plant.Clock.Now()
	if now.Before(h.latest) {
		if h.latest.Sub(now) > time.Second && !h.halted {
			h.halted = true
			h.ills = append(h.ills, Trouble{Code: string(ClockBack), Subject: h.cfg.Hall.Name, Since: h.latest, Why: "by " + h.latest.Sub(now).String(), Remedy: ClockBack.Remedy()})
		}
		return h.latest
	}
	if h.halted {
		h.halted = false
		h.ills = slices.DeleteFunc(h.ills, func(t Trouble) bool { return t.Code == string(ClockBack) })
	}
	h.latest = now
	return now
}

// Run looks at the hall, and acts, until ctx ends. It returns once nothing of it runs
// any more. Nothing is given back: power that was taken stays away.
func (h *Hall) Run(ctx context.Context) error {
	var asked sync.WaitGroup
	defer func() { h.beside = nil; asked.Wait(); close(h.ended) }()
	h.beside = func(do func(context.Context) func(context.Context)) {
		asked.Go(func() {
			then := do(ctx)
			select {
			case h.events <- then:
			case <-ctx.Done():
			}
		})
	}
	steady := context.WithoutCancel(ctx) // what has begun is written down, whatever ends
	beat := time.NewTimer(0)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			if h.unkept {
				return errors.Join(context.Cause(ctx), h.keepState())
			}
			return context.Cause(ctx)
		case do := <-h.events:
			do(steady)
		case <-beat.C:
			if h.plant.Clock.Round != nil && h.thinks() {
				beat.Reset(time.Millisecond) // the clock stands still meanwhile
				continue
			}
			h.beat(steady)
			if h.plant.Clock.Round != nil {
				h.plant.Clock.Round()
			}
			beat.Reset(h.plant.Clock.wall(h.cfg.Beat))
		}
	}
}

// thinks reports whether somebody who was asked has not answered yet.
func (h *Hall) thinks() bool {
	return h.engine.busy || slices.ContainsFunc(slices.Concat(h.agents, h.gauges), func(l *lane) bool { return l.busy })
}

// Do runs something on the goroutine that owns the hall.
func (h *Hall) Do(ctx context.Context, do func(context.Context)) error {
	done := make(chan struct{})
	select {
	case h.events <- func(ctx context.Context) { do(ctx); close(done) }:
	case <-h.ended:
		return fmt.Errorf("hall %s does not run any more", h.cfg.Hall.Name)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	<-done
	return nil
}

// beat is one round: everything is asked for what it shows, and what time alone
// brings about is done.
func (h *Hall) beat(ctx context.Context) {
	now := h.now()
	h.lookAll()
	h.step(ctx, curtail.Tick{})
	h.carry(ctx, h.follow.Tick(now), true)
	h.letOut(ctx, now)
	h.steer(ctx, now)
	h.check(now)
	h.service.inform(ctx, h)
	h.market.pass(ctx, h, now)
	h.account(ctx, now)
	h.giveOrders(ctx, now)
	if h.unkept {
		h.hush(DiskRefuses, h.cfg.Hall.Name, h.keepState())
	}
}

// step hands the kernel of events something, and carries out what it decides.
func (h *Hall) step(ctx context.Context, e curtail.Event) {
	h.carry(ctx, h.kernel.Step(h.now(), e), false)
}

// letOut lets effects out whose time has come.
func (h *Hall) letOut(ctx context.Context, now time.Time) {
	var ready []due
	h.late = slices.DeleteFunc(h.late, func(d due) bool {
		if d.at.After(now) {
			return false
		}
		ready = append(ready, d)
		return true
	})
	for _, d := range ready {
		h.out(ctx, []curtail.Effect{d.effect}, d.follow)
	}
}

// steer hands the budgets on: at once when they are new, and in every control period
// while they hold something back.
func (h *Hall) steer(ctx context.Context, now time.Time) {
	if h.budgets == nil || h.active() || h.view.At.IsZero() {
		return
	}
	view := h.view
	if now.Sub(view.At) > h.cfg.Timing.Fresh {
		view = engine.View{} // an old view is none
	}
	h.carry(ctx, h.follow.Follow(now, h.budgets, func() engine.View { return view }, h.all), true)
}

// all is the last readings of all agents.
func (h *Hall) all() []gpu.Reading {
	if len(h.readings) == 1 {
		return h.readings[0]
	}
	return slices.Concat(h.readings...)
}

// note tells and remembers what happened.
func (h *Hall) note(code, format string, args ...any) {
	n := Notice{At: h.now(), Code: code, Text: fmt.Sprintf(format, args...)}
	h.notices = append(h.notices, n)
	if over := len(h.notices) - mostNotices; over > 0 {
		h.notices = slices.Delete(h.notices, 0, over)
	}
	if h.plant.Note != nil {
		h.plant.Note(n)
	}
}
