package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/forecast"
	"sluice/loop/settle"
	"sluice/loop/trust"
	"sluice/loop/verify"
	"sluice/power"
	"sluice/site"
	"sluice/store/sqlite"
	"sluice/unit"
)

// Feed is the market as it is published.
type Feed interface {
	// Facts is what is known at now: prices, weather, hashprice. Uses are left empty.
	Facts(ctx context.Context, now time.Time) (loop.Facts, error)
	// Prices is what was published about the interval that begins at start, and
	// false while something of it is not.
	Prices(start time.Time) (settle.Prices, bool)
	// Desk is the forecast desk that was told everything published.
	Desk() *forecast.Desk
}

// Turning is what the wheel is turned with.
type Turning struct {
	Wheel   loop.Config // without desk and bill
	Feed    Feed
	Bill    *power.Bill
	Shadow  *Shadow         // nil: nobody counts what full trust would have earned
	Tenants *settle.Tenants // whom the halls serve; nil: nobody
}

// turns is where the turning of the wheel stands. The goroutine of a turn owns
// all but busy, next and last.
type turns struct {
	Turning
	next   time.Time // beginning of the next interval
	busy   bool
	done   chan outcome
	wheel  *loop.Wheel
	desk   *forecast.Desk
	before cycle.Registers
	begun  bool
	open   *cycle.Turn // of the interval that runs
	wait   []closed    // intervals that are over and not priced yet
	number int64
	sum    Earned
	halls  rising
	due    *cycle.Turn // whose budgets the halls do not have yet
	papers *PlanPapers // of the turn that runs
}

// closed is an interval whose meters are read.
type closed struct {
	turn *cycle.Turn
	seen time.Duration // of it, with everything critical fresh
}

// Earned is what intervals brought in, in the site's currency.
type Earned struct {
	Intervals int
	Unpriced  int // over, and something of their prices is not published yet
	Margin    unit.Amount
	Energy    unit.Energy
	Mined     unit.Satoshi
	Last      Settled // the last of them
}

// outcome is what a turn ended with.
type outcome struct {
	err    error
	plan   *cycle.Plan
	papers *PlanPapers // that were decided; nil: none
	real   Earned
	shadow Earned
	over   unit.Power      // by how much the interval before was above the limit at the meter
	told   []trust.Outcome // intervals that are settled, in their order
	market bool            // the last price that should be known is
}

func newTurns(t Turning) *turns { return &turns{Turning: t, done: make(chan outcome, 1)} }

// turn begins a turn when an interval begins, and takes what the last one ended with.
func (s *Site) turn(ctx context.Context, now time.Time) {
	t := s.turns
	if t == nil {
		return
	}
	select {
	case o := <-t.done:
		t.busy = false
		s.turned(ctx, o)
	default:
	}
	at := now.Truncate(t.Wheel.Step)
	if t.busy || t.begun && !at.After(t.next) || !t.begun && !s.core.acquainted() {
		return
	}
	partial := !t.begun && now.Sub(at) > t.Wheel.Step/20
	t.busy, t.next, t.begun = true, at, true
	in := s.gather(at)
	in.partial = partial
	go func() { t.done <- s.run(ctx, in) }()
}

// gathered is what the core knows when an interval begins.
type gathered struct {
	at        time.Time
	uses      []cycle.UseState
	registers []cycle.UseRegister
	seen      time.Duration
	firm      unit.Power
	peak      unit.Power
	trusted   int
	limit     unit.Power
	revenue   unit.Energy // of the meter's power on a clock that runs faster than the meter's own; -1: its counters count
	halls     []guest
	partial   bool // the interval had begun long before: its meters tell of a part of it only
}

// gather takes it all at one instant, in the goroutine of the core.
func (s *Site) gather(at time.Time) gathered {
	c := s.core
	free := func(i int) bool { return c.trusted[i] }
	g := gathered{at: at, halls: c.guests(), revenue: s.fastEnergy(), uses: c.Uses(free), registers: c.Registers(), peak: c.takePeak(), seen: c.takeSeen(), limit: c.groups[0].Limit}
	for i := range c.machines {
		if free(i) {
			g.trusted++
		}
	}
	g.firm = c.Firm(free)
	return g
}

// fastEnergy is what the revenue meter's power adds up to on a clock that the
// meter does not share; -1 on a real one.
func (s *Site) fastEnergy() unit.Energy {
	i := slices.IndexFunc(s.core.cfg.Site.Meters, func(m site.Meter) bool { return m.Kind == site.RevenueMeter })
	if i < 0 || !s.plant.Clock.Fast() {
		return -1
	}
	return s.core.meters[i].drawn
}

// run is one turn: it closes the interval that is over and plans the next one.
func (s *Site) run(ctx context.Context, in gathered) outcome {
	t := s.turns
	s.ask(ctx, in.halls)
	in.registers = slices.Concat(in.registers, t.halls.read(in.halls))
	after, err := s.registers(ctx, in)
	if err != nil {
		return outcome{err: fmt.Errorf("turn %s: %w", in.at.Format(time.RFC3339), err)}
	}
	over := s.close(in, after)
	facts, err := t.Feed.Facts(ctx, in.at)
	if err != nil {
		return outcome{err: fmt.Errorf("turn %s: %w", in.at.Format(time.RFC3339), err), over: over}
	}
	o := outcome{over: over, market: facts.Spot.Known && facts.Hashprice.Known}
	if t.Shadow != nil {
		err = t.Shadow.Turn(ctx, in.at, t.Feed, facts, in.halls)
		o.shadow = t.Shadow.Earned()
	}
	o.told = s.settle()
	o.real = t.sum
	t.papers = nil
	plan, failed := s.plan(ctx, in, facts)
	if d := t.Feed.Desk(); t.papers != nil && d != nil {
		t.papers.Scores = d.Errors()
	}
	o.papers, o.plan, o.err = t.papers, plan, errors.Join(err, failed)
	return o
}

// StatedByMachines is the source of a delivery that no meter saw: an estimate.
const StatedByMachines = "machines, as they state it"

// registers are the site's, with those of the mining groups beside them.
func (s *Site) registers(ctx context.Context, in gathered) (cycle.Registers, error) {
	var r cycle.Registers
	var err error
	switch {
	case in.revenue >= 0:
		r.Import, r.Source = in.revenue, "power of the revenue meter, added up"
	case s.plant.Registers != nil:
		r, err = s.counters(ctx, in.at)
	default:
		r.Import, r.Source = s.turns.before.Import, StatedByMachines
		if !s.turns.before.At.IsZero() {
			r.Import += s.core.cfg.Site.MustRun.Over(in.at.Sub(s.turns.before.At))
		}
		r.Import += metered(in.registers) - metered(s.turns.before.Uses)
	}
	r.At, r.Uses, r.Peak = in.at, in.registers, max(r.Peak, in.peak)
	return r, err
}

// counters reads the site's meters, and keeps where they stand.
func (s *Site) counters(ctx context.Context, at time.Time) (cycle.Registers, error) {
	if s.recount.Swap(false) {
		s.plant.Registers.Accept()
	}
	r, err := s.plant.Registers.Read(ctx)
	if err != nil {
		return r, err
	}
	key := fmt.Sprintf("meters/%d/%d", at.Unix(), s.core.cfg.Term)
	s.keep(sqlite.Record{Kind: sqlite.Standing, Key: key, Subject: "site", At: at}, s.plant.Registers.Position())
	return r, nil
}

func metered(all []cycle.UseRegister) unit.Energy {
	var sum unit.Energy
	for _, u := range all {
		sum += u.Meter
	}
	return sum
}

// close writes the delivery of the interval that is over. It returns by how much
// the site was above its limit.
func (s *Site) close(in gathered, after cycle.Registers) unit.Power {
	t := s.turns
	before := t.before
	t.before = after
	if in.partial {
		t.before.At = time.Time{}
	}
	if before.At.IsZero() || t.open == nil {
		t.open = nil
		return 0
	}
	done := t.open
	t.open = nil
	done.Delivery = verify.Deliver(done.Plan, before, after, in.limit, done.Receipts)
	s.keep(sqlite.Record{Kind: sqlite.Delivery, Key: s.turnKey("delivery", done), Subject: "site", Turn: done.Delivery.Turn, At: in.at}, done.Delivery)
	t.wait = append(t.wait, closed{done, in.seen})
	return done.Delivery.Over
}

// settle writes the entries of all intervals whose prices are published, in their
// order. A missing price is never zero: the interval waits.
func (s *Site) settle() []trust.Outcome {
	t := s.turns
	var out []trust.Outcome
	for len(t.wait) > 0 {
		w := t.wait[0]
		p, known := t.Feed.Prices(w.turn.Delivery.At)
		if !known {
			break
		}
		t.wait = t.wait[1:]
		told := trust.Outcome{Start: w.turn.Delivery.At, Length: w.turn.Delivery.Length, Seen: min(w.seen, w.turn.Delivery.Length)}
		p.Tenants = t.Tenants
		e, err := post(w.turn.Delivery, p, t.Bill, t.Wheel.Step)
		if err != nil {
			s.note(Notice{At: w.turn.Delivery.At, Code: "not_settled", Text: err.Error()})
			out = append(out, told)
			continue
		}
		w.turn.Entry = e
		was := settle.Margin(e)
		if t.Shadow != nil {
			if would, known := t.Shadow.Margin(told.Start); known {
				told.Gains = []trust.Gain{{Currency: e.Currency, Would: would, Was: was}}
			}
		}
		out = append(out, told)
		t.sum = t.sum.plus(e, w.turn.Delivery)
		s.keep(sqlite.Record{Kind: sqlite.Entry, Key: s.turnKey("entry", w.turn), Subject: "site", Turn: e.Turn, At: w.turn.Delivery.At}, e)
	}
	t.sum.Unpriced = len(t.wait)
	return out
}

// post settles an interval. What lies between the one settled last and this one, if
// anything does, was not settled and was told; the bill goes on after it.
func post(d cycle.Delivery, p settle.Prices, bill *power.Bill, step time.Duration) (cycle.Entry, error) {
	if d.Length != step {
		return cycle.Entry{}, fmt.Errorf("the meters tell of %v together, an interval has %v: what was drawn at which price is not known", d.Length, step)
	}
	if err := bill.Skip(d.At); err != nil {
		return cycle.Entry{}, err
	}
	return settle.Post(d, p, bill)
}

// plus adds a settled interval: income less power and running cost.
func (x Earned) plus(e cycle.Entry, d cycle.Delivery) Earned {
	x.Margin += settle.Margin(e)
	x.Intervals++
	x.Mined += settle.Mined(e)
	x.Energy += d.Import
	x.Last = Settled{At: d.At, Length: d.Length, Margin: settle.Margin(e)}
	return x
}

// plan turns the wheel for the machines that are entrusted. With none the papers
// name what is true and decide nothing.
func (s *Site) plan(ctx context.Context, in gathered, facts loop.Facts) (*cycle.Plan, error) {
	t := s.turns
	facts.Uses, facts.Firm = in.uses, in.firm
	head := cycle.Head{Version: cycle.Version, Site: s.core.cfg.Site.Name, At: in.at, Turn: in.at.Unix() / int64(t.Wheel.Step/time.Second)}
	if in.trusted == 0 {
		t.open = &cycle.Turn{Plan: cycle.Plan{Head: head}}
		if t.Shadow != nil && t.Shadow.turn != nil {
			s.keepPapers(t.Shadow.turn, shadowed)
			t.papers = papersOf(t.Shadow.turn, true)
		}
		return nil, nil //nolint:nilnil // nobody may be moved, so there is no plan and no error
	}
	if err := t.ready(); err != nil {
		return nil, err
	}
	t.host(&facts, t.wheel, in.at, in.halls, true)
	done, err := t.wheel.Open(ctx, in.at, facts)
	if err != nil {
		t.open = &cycle.Turn{Plan: cycle.Plan{Head: head}}
		return nil, err
	}
	t.open, t.due = done, done
	s.keepPapers(done, "site")
	t.papers = papersOf(done, false)
	return &done.Plan, nil
}

// host tells the market of the halls.
func (t Turning) host(f *loop.Facts, w *loop.Wheel, at time.Time, all []guest, steered bool) {
	if len(all) == 0 {
		return
	}
	x := hosted(all, t.Tenants, steered, w.Mesh(at), t.Wheel.Site.Zone)
	f.Uses = append(slices.Clone(f.Uses), x.Uses...)
	f.Firm, f.Loads, f.Apart = f.Firm+x.Firm, x.Loads, x.Apart
}

// keepPapers keeps what a turn stood on and what it decided.
func (s *Site) keepPapers(t *cycle.Turn, subject string) {
	for _, p := range []struct {
		kind  sqlite.Kind
		paper any
	}{{sqlite.Snapshot, t.Snapshot}, {sqlite.Outlook, t.Outlook}, {sqlite.Plan, t.Plan}} {
		key := s.turnKey(subject+"/"+string(p.kind), t)
		s.keep(sqlite.Record{Kind: p.kind, Key: key, Subject: subject, Turn: t.Plan.Turn, At: t.Plan.At}, p.paper)
	}
}

// ready makes the wheel anew where the feed has another desk.
func (t *turns) ready() error {
	d := t.Feed.Desk()
	if t.wheel != nil && t.desk == d {
		return nil
	}
	c := t.Wheel
	c.Desk, c.Bill = d, t.Bill
	w, err := loop.New(c)
	if err != nil {
		return err
	}
	t.wheel, t.desk = w, d
	return nil
}

func (s *Site) turnKey(what string, t *cycle.Turn) string {
	return fmt.Sprintf("%s/%d/%d", what, t.Plan.Turn, s.core.cfg.Term)
}

// keep stores a paper.
func (s *Site) keep(r sqlite.Record, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("keep %s: %v", r.Key, err)) // our own plain data
	}
	r.Site, r.Body = s.core.cfg.Site.Name, text
	s.keeper.keep(item{record: r})
}

// turned takes what a turn ended with into the core.
func (s *Site) turned(ctx context.Context, o outcome) {
	t, now := s.turns, s.plant.Clock.Now()
	if o.err != nil {
		s.note(Notice{At: now, Code: "turn_failed", Text: o.err.Error()})
	}
	s.core.publish(o.papers)
	s.core.earned, s.core.shadow, s.core.market = o.real, o.shadow, o.market
	for _, x := range o.told {
		_ = s.trust(ctx, x) // an interval that is late or told twice is refused, and that is no harm
	}
	if s.trustee != nil {
		s.keepMemory(now, nil)
	}
	s.advise(ctx)
	if o.plan == nil {
		return
	}
	t.number = max(t.number, o.plan.Turn)
	s.core.plan = o.plan
	s.follow(ctx)
	if d := t.due; d != nil {
		t.due = nil
		s.handle(ctx, Budgeted{Until: d.Plan.At.Add(2 * t.Wheel.Step), Orders: d.Orders, Calls: d.Plan.Calls})
	}
}

// follow shares the plan of the interval that runs out over the machines that are
// entrusted now.
func (s *Site) follow(ctx context.Context) {
	p := s.core.plan
	if p == nil {
		return
	}
	target := s.core.Targets(*p, func(i int) bool { return s.core.trusted[i] })
	s.core.wishes++
	s.handle(ctx, Wished{Number: p.Turn<<16 + s.core.wishes&0xffff, Until: p.At.Add(2 * s.turns.Wheel.Step), Target: target})
}

// advise offers the plan of the shadow to people, in advisory.
func (s *Site) advise(ctx context.Context) {
	if s.trustee == nil || s.trustee.kernel.Stage() != trust.Advisory || s.turns.Shadow == nil {
		return
	}
	p := s.turns.Shadow.Plan()
	if p == nil || p.At.Equal(s.core.advised) {
		return
	}
	s.core.advised = p.At
	all := func(i int) bool { return s.core.cfg.Machines[i].Identity.Family != "" }
	target := s.core.Targets(*p, all)
	r := trust.Recommended{Plan: p.Turn, Expires: p.At.Add(s.turns.Wheel.Step), Until: p.At.Add(s.turns.Wheel.Step)}
	for i, want := range target {
		if at := s.core.stands(i); want != at {
			r.Units = append(r.Units, s.core.cfg.Machines[i].Name())
			r.Power += want - at
		}
	}
	if len(r.Units) == 0 {
		return
	}
	r.What = fmt.Sprintf("move %d machines by %s for the interval from %s, where power is worth %.2f per MWh",
		len(r.Units), r.Power, p.At.UTC().Format("15:04 UTC"), p.Price[0].Float())
	if err := s.trust(ctx, r); err != nil {
		s.note(Notice{At: s.plant.Clock.Now(), Code: "advice", Text: err.Error()})
		return
	}
	s.core.plan = p
}
