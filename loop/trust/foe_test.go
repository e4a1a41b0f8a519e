package trust

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// dice returns a number below n.
type dice func(n int) int

// spelling is a name and the person who bears it.
type spelling struct {
	name   string
	person int // 0: nobody
}

func spellings() []spelling {
	return []spelling{{"ann", 1}, {"Ann ", 1}, {"ANN\u200b", 1}, {"ben", 2}, {" Ben", 2}, {"zoë", 3}, {"ZOE\u0308", 3}, {"", 0}, {" ", 0}}
}

// trialConfig is a site whose trials are short.
func trialConfig(roll dice) Config {
	c := Config{Site: "pecos", Limits: DefaultLimits(), Block: 2, Caps: Caps{Rack: 12 * kw, Five: 15 * kw, Quarter: 40 * kw, All: 90 * kw}}
	n := Need{Wait: 30 * time.Minute, Availability: usualShare}
	c.Needs = Needs{Observe: n, Shadow: n, Advisory: n, Closed: n}
	c.Needs.Shadow.Valued = usualShare
	c.Needs.Advisory.Recommendations, c.Needs.Advisory.Answered = 2, usualAnswered
	c.Needs.Closed.Orders, c.Needs.Closed.Failures = 2, usualFailures
	c.Units = trialFleet(roll)
	return c
}

func trialFleet(roll dice) []Unit {
	out := make([]Unit, 12+roll(6))
	for i := range out {
		out[i] = Unit{Name: fmt.Sprintf("m%d", i), Group: fmt.Sprintf("g%d", i%3), Most: unit.Power(2+i%5) * kw, Adopted: roll(8) > 0}
	}
	return out
}

// asked is a request as the attacker remembers it.
type asked struct {
	by   int
	kind Kind
	to   Stage
	at   time.Time
	gone bool // declined, granted, or of another clock or stage
}

// offered is a recommendation as the attacker remembers it.
type offered struct {
	units          []string
	plan           int64
	expires, until time.Time
	accepted, gone bool
}

// foe does whatever people, machines and clocks may do, keeps its own simple
// account, and says when the kernel did what it must not.
type foe struct {
	k      *Kernel
	roll   dice
	now    time.Time
	high   time.Time // the kernel's time: the latest that was told
	stage  Stage
	since  time.Time // of the evidence
	last   time.Time // end of the last interval
	length time.Duration
	seen   time.Duration
	valued time.Duration
	proven int
	failed int
	yes    int
	lapsed int
	asked  map[int64]*asked
	offers map[int64]*offered
	plan   int64
	fit    bool // versions
	feeds  int  // stale; -1: unknown
	offset time.Duration
	timed  bool // the clock was compared
	rack   []string
	cap    unit.Power // of the closed stage, as two people saw it
	shown  Entrust    // what the shell was told last
	heard  []Effect
	record int64 // number of the last record
	told   Stage // where the records end
	rises  int
	falls  int

	widened int
}

func newFoe(k *Kernel, roll dice) *foe {
	f := &foe{k: k, roll: roll, now: monday, high: monday, stage: Observe, since: monday, asked: map[int64]*asked{}, offers: map[int64]*offered{}, feeds: -1, told: Observe}
	f.heard = slices.Clone(k.Step(monday, Tick{}))
	for _, e := range f.heard {
		if e, ok := e.(Entrust); ok {
			f.shown = e
		}
	}
	return f
}

// step tells the kernel one event and checks all that must hold after it.
func (f *foe) step(e Event) error {
	if back := f.high.Sub(f.now); back > f.k.cfg.Limits.Offset {
		f.setBack()
	}
	if f.now.After(f.high) {
		f.high = f.now
	}
	f.runOut()
	before := f.stage
	f.heard = slices.Clone(f.k.Step(f.now, e))
	if err := f.listen(); err != nil {
		return err
	}
	if err := f.judge(before, f.k.Stage(), e); err != nil {
		return fmt.Errorf("at %s, %T %+v: %w", f.now.Format(time.TimeOnly), e, e, err)
	}
	f.account(before, f.k.Stage(), e)
	return f.entrusted()
}

// listen remembers what the shell was told.
func (f *foe) listen() error {
	for _, e := range f.heard {
		switch e := e.(type) {
		case Entrust:
			f.shown = e
		case Record:
			if e.Number != f.record+1 || e.Before.Stage != f.told {
				return fmt.Errorf("record %d from %q follows %d to %q", e.Number, e.Before.Stage, f.record, f.told)
			}
			f.record, f.told = e.Number, e.After.Stage
		case Granted, Advised, Follow, Refusal, Alarm:
		}
	}
	if f.told != f.k.Stage() {
		return fmt.Errorf("the records end in %q, it is %q", f.told, f.k.Stage())
	}
	if f.shown.Stage != f.k.Stage() {
		return fmt.Errorf("the shell was told stage %q, it is %q", f.shown.Stage, f.k.Stage())
	}
	return nil
}

// setBack is what a clock that went back must end.
func (f *foe) setBack() {
	f.high, f.last, f.plan = f.now, time.Time{}, 0
	f.anew()
	f.forget(true)
	for _, a := range f.asked {
		a.gone = true
	}
}

func (f *foe) anew() {
	f.since, f.seen, f.valued, f.proven, f.failed, f.yes, f.lapsed = f.high, 0, 0, 0, 0, 0, 0
}

// forget ends recommendations; promotions too when the stage has changed.
func (f *foe) forget(promotions bool) {
	for _, o := range f.offers {
		o.gone = true
	}
	for _, a := range f.asked {
		a.gone = a.gone || promotions && a.kind != Resume
	}
}

func (f *foe) runOut() {
	for _, o := range f.offers {
		switch {
		case o.gone:
		case !o.accepted && !f.high.Before(o.expires):
			o.gone = true
			f.lapsed++
		case o.accepted && !f.high.Before(o.until):
			o.gone = true
		}
	}
}

// judge says what is wrong with a change of stage, or with none.
func (f *foe) judge(before, after Stage, e Event) error {
	if l, ok := e.(Lowered); ok {
		to := l.To
		if to == "" {
			to = before.fallback()
		}
		if to.Known() && to.Below(before) && after != to {
			return fmt.Errorf("lowering to %s left it in %s", to, after)
		}
	}
	if most := f.bound(e); most != "" && most.Below(after) {
		return fmt.Errorf("a guard left it in %s, not in %s or below", after, most)
	}
	if err := f.granted(e); err != nil {
		return err
	}
	if before.Below(after) {
		f.rises++
		return f.risen(before, after, e)
	}
	if after.Below(before) {
		f.falls++
	}
	return nil
}

// bound is the highest stage that a fault lets stand; empty: no fault.
func (f *foe) bound(e Event) Stage {
	switch e := e.(type) {
	case Violated, Broke:
		return Shadow
	case Versions:
		if !e.Agree {
			return Shadow
		}
	case Feeds:
		if len(e.Stale) > 1 {
			return Advisory
		}
	case Clock:
		if e.Offset.Abs() > 500*time.Millisecond {
			return Advisory
		}
	case Proved:
		if e.Failed >= 10 { // of at most 20 that the attacker ever tells within ten minutes
			return Advisory
		}
	}
	return ""
}

// granted checks that whatever was granted was asked for by one and approved by
// another, in time.
func (f *foe) granted(e Event) error {
	for _, x := range f.heard {
		g, ok := x.(Granted)
		if !ok {
			continue
		}
		yes, ok := e.(Approved)
		a, second := f.asked[yes.Number], person(yes.By)
		switch {
		case !ok || a == nil || a.gone || a.kind != g.Request.Kind:
			return fmt.Errorf("%s was granted and nobody asked for it", g.Request.Kind)
		case a.by == second || a.by == 0 || second == 0:
			return fmt.Errorf("%s was granted by persons %d and %d", a.kind, a.by, second)
		case f.high.Sub(a.at) >= 15*time.Minute:
			return fmt.Errorf("%s was granted by a request of %v ago", a.kind, f.high.Sub(a.at))
		}
		a.gone = a.kind != Promote
		if a.kind == Widen {
			f.cap = f.k.cfg.Caps.of(f.stage)
			f.widened++
		}
	}
	return nil
}

// risen checks a promotion against the account.
func (f *foe) risen(before, after Stage, e Event) error {
	yes, ok := e.(Approved)
	if !ok {
		return fmt.Errorf("it rose to %s and nobody approved", after)
	}
	a := f.asked[yes.Number]
	if next, _ := before.Next(); a == nil || a.gone || a.kind != Promote || a.to != after || after != next {
		return fmt.Errorf("it rose to %s and nobody asked for it", after)
	}
	return f.proof(before, after)
}

// proof checks the evidence against the account.
func (f *foe) proof(before, after Stage) error {
	passed := f.high.Sub(f.since)
	due := passed - min(f.length, f.high.Sub(f.last))
	share := func(part, whole int64) float64 { return float64(part) / float64(max(1, whole)) }
	switch {
	case passed < 30*time.Minute:
		return fmt.Errorf("%s was left after %v", before, passed)
	case share(int64(f.seen), int64(due)) < 0.949999:
		return fmt.Errorf("%s was left half blind", before)
	case before == Shadow && share(int64(f.valued), int64(due)) < 0.949999:
		return errors.New("shadow was left with its worth unknown")
	case before == Advisory && (f.yes+f.lapsed < 2 || share(int64(f.yes), int64(f.yes+f.lapsed)) < 0.899999):
		return fmt.Errorf("advisory was left with %d answers and %d without", f.yes, f.lapsed)
	case before.Closed() && (f.proven+f.failed < 2 || share(int64(f.failed), int64(f.proven+f.failed)) > 0.020001):
		return fmt.Errorf("%s was left with %d proofs and %d failures", before, f.proven, f.failed)
	case after.Closed() && (f.feeds < 0 || f.feeds > 1 || !f.fit || !f.timed || f.offset.Abs() > 500*time.Millisecond):
		return errors.New("a loop was closed with feeds, versions or clock in doubt")
	}
	return nil
}

func person(name string) int {
	for _, s := range spellings() {
		if s.name == name {
			return s.person
		}
	}
	return 0
}

// account keeps the attacker's own book.
func (f *foe) account(before, after Stage, e Event) {
	refused := slices.ContainsFunc(f.heard, func(e Effect) bool { _, ok := e.(Refusal); return ok })
	f.measured(e)
	switch e := e.(type) {
	case Outcome:
		if end := e.Start.Add(e.Length); !e.Start.Before(f.last) && !end.After(f.high) {
			f.last, f.length = end, e.Length
			if out := f.since.Sub(e.Start); out <= 0 {
				f.seen += e.Seen
				f.valued += e.Length * time.Duration(min(1, len(e.Gains)))
			} else if end.After(f.since) { // half of it was under another stage
				f.seen += max(0, e.Seen-out)
				f.valued += end.Sub(f.since) * time.Duration(min(1, len(e.Gains)))
			}
		}
	case Requested:
		if !refused {
			f.asked[f.k.numbers.Request] = &asked{by: person(e.By), kind: e.Kind, to: e.To, at: f.high}
			f.rackOf(f.k.numbers.Request)
		}
	case Declined:
		if a := f.asked[e.Number]; a != nil {
			a.gone = true
		}
	case Recommended:
		if !refused {
			f.offers[f.k.numbers.Recommendation] = &offered{units: e.Units, plan: e.Plan, expires: e.Expires, until: e.Until}
		}
	case Answered:
		f.answered(e)
	}
	if after != before {
		if f.cap = min(f.cap, f.k.cfg.Caps.of(after)); before.Below(after) {
			f.cap = f.k.cfg.Caps.of(after)
		}
		f.forget(true)
		f.anew()
	}
	f.stage = after
}

// measured keeps what the site said of itself.
func (f *foe) measured(e Event) {
	switch e := e.(type) {
	case Violated, Broke:
		f.anew()
		f.forget(false)
	case Unsafe:
		if o := f.offers[e.Number]; o != nil && f.stage == Advisory {
			f.anew()
			f.forget(false)
		}
	case Proved:
		f.proven, f.failed = f.proven+e.Proven, f.failed+e.Failed
		if len(f.heard) > 0 { // a guard spoke
			f.forget(false)
		}
	case Feeds:
		if f.feeds = len(e.Stale); f.feeds > 1 {
			f.forget(false)
		}
	case Clock:
		if f.timed, f.offset = true, e.Offset; e.Offset.Abs() > 500*time.Millisecond {
			f.forget(false)
		}
	case Versions:
		if f.fit = e.Agree; !f.fit {
			f.forget(false)
		}
	}
}

// rackOf remembers which machines a request would make the rack.
func (f *foe) rackOf(n int64) {
	for _, r := range f.k.requests {
		if r.Number == n && r.To == ClosedRack {
			f.rack = append(f.rack, r.Units...)
		}
	}
}

func (f *foe) answered(e Answered) {
	o := f.offers[e.Number]
	if o == nil || o.gone || o.accepted || person(e.By) == 0 || !e.Accept && e.Reason == "" {
		return
	}
	if !e.Accept {
		o.gone = true
		f.yes++
		return
	}
	if o.plan < f.plan || slices.ContainsFunc(f.heard, func(x Effect) bool { r, ok := x.(Refusal); return ok && r.Code == OverCap }) {
		return
	}
	for _, other := range f.offers {
		other.gone = other.gone || other.accepted && other.plan < o.plan
	}
	o.accepted, f.plan = true, o.plan
	f.yes++
}

// entrusted checks what the shell was told to let plans move.
func (f *foe) entrusted() error {
	units := f.k.cfg.Units
	if len(f.shown.Units) != len(units) {
		return fmt.Errorf("told of %d machines of %d", len(f.shown.Units), len(units))
	}
	allowed := map[string]bool{}
	for _, o := range f.offers {
		for _, u := range o.units {
			allowed[u] = allowed[u] || o.accepted && !o.gone && f.stage == Advisory
		}
	}
	for i, ok := range f.shown.Units {
		if ok && f.stage == Advisory && !allowed[units[i].Name] {
			return fmt.Errorf("%s is entrusted in advisory, and nobody accepted", units[i].Name)
		}
		if ok && f.stage == ClosedRack && !slices.Contains(f.rack, units[i].Name) {
			return fmt.Errorf("%s is entrusted and not in the rack", units[i].Name)
		}
	}
	c := Choice{Entrusted: f.shown.Units, Most: f.shown.Most}
	switch {
	case f.shown.Count > 0 && !f.fit:
		return errors.New("entrusted although versions are not known to fit")
	case f.shown.Count > 0 && (f.stage == Observe || f.stage == Shadow):
		return fmt.Errorf("%d are entrusted in %s", f.shown.Count, f.stage)
	case f.stage == Advisory:
		return within(units, c, ClosedAll, f.k.cfg.Caps.All, nil)
	}
	return within(units, c, f.stage, min(f.cap, f.k.cfg.Caps.of(f.stage)), f.rack)
}
