package trust

import (
	"slices"
	"time"

	"sluice/unit"
)

// Kernel holds the stage of one site. The same events at the same times give the
// same effects. It is called from one goroutine, waits for nothing and reads no
// clock.
type Kernel struct {
	cfg      Config
	now      time.Time
	stage    Stage
	rack     []string   // of the first closed stage, as two people saw it
	cap      unit.Power // of the present closed stage, as two people saw it
	ledger   Ledger
	requests []Request
	advice   []Recommendation
	plan     int64 // that people accepted; 0: none
	tally    []Tally
	manual   []time.Time // overrides of the last 24 hours
	earned   Earned
	numbers  Numbers
	standing standing
	warned   map[Code]time.Time // guards that spoke lately
	found    string             // what was wrong with the memory
	choice   Choice
	stale    bool // the choice is to be made anew
	changed  bool // the choice is to be told
	started  bool
	out      []Effect
	sabotage
}

// standing is what holds until something else is said. It does not outlive the
// process: after a start nothing is known.
type standing struct {
	feeds, clock, versions bool // known
	stale                  []string
	offset                 time.Duration
	agree                  bool
}

// sabotage plants faults, so that tests can show that they are noticed.
type sabotage struct {
	approveOwn    bool // who asks may approve
	approveLate   bool // an expired request can be approved
	lowerAsks     bool // demotion waits for a second person
	keepEvidence  bool // a demotion forgets nothing
	guardsSleep   bool // guards only warn
	ignoreCap     bool // the cap is not looked at
	trustStrange  bool // machines of unknown identity are entrusted
	skipReadiness bool // conditions are not asked for
	keepAdvice    bool // what was accepted acts after its plan
	trustConfig   bool // a cap that was raised in the configuration holds at once
	countTwice    bool // an interval that is told again counts again
}

// New is the kernel of one site. m is what an earlier run left behind; its zero
// value is a first start, in observe. A memory that cannot be right also begins
// in observe, with an alarm; a memory of another site is an error.
func New(c Config, m Memory) (*Kernel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.Units, c.Rack = slices.Clone(c.Units), slices.Clone(c.Rack)
	k := &Kernel{cfg: c, stage: Observe, warned: map[Code]time.Time{}, stale: true}
	if err := k.recall(m); err != nil {
		return nil, err
	}
	return k, nil
}

// Step takes one event and returns what to do about it, in order. now is the wall
// clock. A clock that goes back by more than the guard allows ends every open
// request and every recommendation, and takes a closed loop down to advisory; a
// smaller step back lets time stand still. The effects are valid until the next call.
func (k *Kernel) Step(now time.Time, e Event) []Effect {
	k.out = k.out[:0]
	k.arrive(now.Round(0).UTC())
	if !k.person(e) && !k.measured(e) {
		k.refuse(Refusal{Code: BadEvent})
	}
	k.entrust()
	return k.out
}

// person takes what people do; false if it was something else.
func (k *Kernel) person(e Event) bool {
	switch e := e.(type) {
	case Answered:
		k.answer(e)
	case Unsafe:
		k.unsafe(e)
	case Requested:
		k.request(e)
	case Approved:
		k.approve(e)
	case Declined:
		k.decline(e)
	case Lowered:
		k.lower(e)
	case Overridden:
		k.overridden(e)
	default:
		return false
	}
	return true
}

// measured takes what the site and the programs show; false if it was nothing known.
func (k *Kernel) measured(e Event) bool {
	switch e := e.(type) {
	case Tick:
	case Outcome:
		k.outcome(e)
	case Violated:
		k.violated(e)
	case Proved:
		k.proved(e)
	case Feeds:
		k.feeds(e)
	case Clock:
		k.clock(e)
	case Versions:
		k.versions(e)
	case Broke:
		k.guard(KernelBroke, Shadow, "assertion failed: "+cut(e.Why))
	case Fleet:
		k.fleet(e)
	case Recommended:
		k.recommend(e)
	default:
		return false
	}
	return true
}

// arrive brings time forward and ends what ran out.
func (k *Kernel) arrive(now time.Time) {
	if !k.started {
		k.started = true
		k.begin(now)
	}
	if back := k.now.Sub(now); back > k.cfg.Limits.Offset {
		k.wentBack(now, back)
	}
	if now.After(k.now) {
		k.now = now
	}
	k.lapse()
	k.runOut()
	for len(k.manual) > 0 && k.now.Sub(k.manual[0]) >= day {
		k.manual = k.manual[1:]
	}
}

// begin is the first step of a process.
func (k *Kernel) begin(now time.Time) {
	if k.now.IsZero() {
		k.now = now
	}
	if k.ledger.Since.IsZero() {
		k.ledger = Ledger{Since: k.now, Stage: k.stage}
	}
	if k.found != "" {
		k.out = append(k.out, Alarm{Code: BadMemory, Evidence: k.found})
		k.note(Record{What: WasDemoted, Code: BadMemory, Evidence: k.found}, "")
	}
}

// wentBack lets nothing run on that was timed by a clock that was wrong.
func (k *Kernel) wentBack(now time.Time, back time.Duration) {
	k.now = now
	k.overtake(func(Request) bool { return true })
	k.withdraw()
	k.plan, k.manual, k.tally = 0, nil, nil
	k.ledger.Last = time.Time{}
	clear(k.warned)
	if k.ledger.Since.After(now) || !k.stage.Closed() {
		k.renew(ClockOff)
	}
	k.guard(ClockOff, Advisory, "the clock went back by "+back.String())
}

func (k *Kernel) fleet(e Fleet) {
	if validUnits(e.Units) != nil {
		k.refuse(Refusal{Code: BadEvent})
		return
	}
	k.cfg.Units, k.stale = slices.Clone(e.Units), true
}

// Stage is where the site stands.
func (k *Kernel) Stage() Stage { return k.stage }

// Entrusted says for each machine whether a plan may move it, in the order of the
// configuration or of the last Fleet, and why not.
func (k *Kernel) Entrusted() Choice {
	c := k.choice
	if k.stale { // before the first step
		c = k.chosen()
	}
	c.Entrusted, c.Why = slices.Clone(c.Entrusted), slices.Clone(c.Why)
	return c
}

// scope is what the present stage entrusts. A cap that was lowered in the
// configuration holds at once; a wider one waits for two people.
func (k *Kernel) scope() Scope {
	s := Scope{Stage: k.stage, Named: k.rack, Cap: k.cfg.Caps.of(k.stage)}
	if k.stage == Advisory {
		s.Named = k.accepted()
	}
	if k.stage.Closed() && !k.trustConfig {
		s.Cap = min(s.Cap, k.cap)
	}
	return s
}

// chosen is the choice of now.
func (k *Kernel) chosen() Choice {
	units, s := k.cfg.Units, k.scope()
	if k.ignoreCap {
		s.Cap = mostPower
	}
	if k.trustStrange {
		units = slices.Clone(units)
		for i := range units {
			units[i].Adopted = true
		}
	}
	if !k.standing.agree {
		return unfit(units)
	}
	return Choose(k.cfg.Site, s, units)
}

// unfit entrusts nothing while the versions are not known to fit.
func unfit(units []Unit) Choice {
	c := Choice{Entrusted: make([]bool, len(units)), Why: make([]Code, len(units))}
	for i := range c.Why {
		c.Why[i] = VersionsUnfit
	}
	return c
}

// entrust says who is entrusted, if that has changed.
func (k *Kernel) entrust() {
	k.refresh()
	if k.changed {
		k.out = append(k.out, Entrust{Stage: k.stage, Units: slices.Clone(k.choice.Entrusted), Count: k.choice.Count, Most: k.choice.Most})
		k.changed = false
	}
}

// refresh makes the choice anew if something has changed that it rests on.
func (k *Kernel) refresh() {
	if k.stale {
		k.choice, k.stale, k.changed = k.chosen(), false, true
	}
}

// state is what a record compares.
func (k *Kernel) state(item Progress) State {
	return State{Stage: k.stage, Item: item, Units: k.choice.Count, Power: k.choice.Most}
}

// note adds a record of something that did not change the stage; before is where
// its request or recommendation stood.
func (k *Kernel) note(r Record, before Progress) {
	after := r.After.Item
	r.Before = k.state(before)
	k.refresh()
	r.After = k.state(after)
	k.record(r)
}

func (k *Kernel) record(r Record) {
	k.numbers.Record++
	r.Number, r.At = k.numbers.Record, k.now
	k.out = append(k.out, r)
}

func (k *Kernel) refuse(r Refusal) { k.out = append(k.out, r) }
