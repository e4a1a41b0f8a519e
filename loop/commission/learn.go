package commission

import (
	"slices"
	"time"

	"sluice/device"
	"sluice/unit"
)

// findings is what the legs that went well have shown so far.
type findings struct {
	found    visit // as found, over the whole baseline
	lastDrop int64
	sleeps   []sleepSeen
	wakes    []wakeSeen
	levels   []levelSeen
	home     device.Value[int64] // signal at the level found, around the levels
	boot     *bootSeen
	notes    []string
	repeats  int
}

type sleepSeen struct {
	round  int
	took   time.Duration
	asleep visit
	before visit
	drop   device.Value[int64] // against the mean of before and after
}

type wakeSeen struct {
	round int
	times WakeTimes
}

type levelSeen struct {
	round int
	visit visit
}

type bootSeen struct {
	highest, steady int64 // of the signal
	ref             int64 // of the signal at the level found
	gap             time.Duration
	kept            *bool
}

// forget takes out what a round showed that is begun anew.
func (f *findings) forget(round int) {
	f.sleeps = slices.DeleteFunc(f.sleeps, func(s sleepSeen) bool { return s.round == round })
	f.wakes = slices.DeleteFunc(f.wakes, func(s wakeSeen) bool { return s.round == round })
	f.levels = slices.DeleteFunc(f.levels, func(s levelSeen) bool { return s.round == round })
}

// rounds takes the end of a round, v being the visit that closes it.
func (f *findings) rounds(t *Trial, v visit) {
	around := unit.MulDiv(t.ref.signal+v.signal, 1, 2)
	for i := range f.sleeps {
		if s := &f.sleeps[i]; s.round == t.round {
			s.drop = device.Stated(around - s.asleep.signal)
		}
	}
	if slices.ContainsFunc(f.levels, func(l levelSeen) bool { return l.round == t.round }) {
		f.home = device.Stated(around)
	}
}

// learn takes what one leg showed.
func (t *Trial) learn(g leg, v visit) {
	f := &t.learnt
	switch g.step {
	case Sleeping:
		f.lastDrop = t.depth(v)
		if t.size == 0 {
			t.size = f.lastDrop
		}
		f.sleeps = append(f.sleeps, sleepSeen{round: t.round, took: t.fallen(v), asleep: v, before: t.ref})
	case Waking, FastWake:
		f.wakes = append(f.wakes, wakeSeen{t.round, t.woke(g, v)})
	case Levelled:
		if g.level >= 0 && !t.booting() {
			if abs(v.signal-t.before.signal) <= int64(t.slack()) && t.before.level != v.level {
				t.note("level " + t.name(g) + " showed no change of power above the resolution")
			}
			f.levels = append(f.levels, levelSeen{t.round, v})
		}
	case Rebooted:
		f.boot = t.booted(v)
	case Baseline, GiveBack:
	}
}

// booting reports whether the round is the one that restarts the machine.
func (t *Trial) booting() bool {
	return slices.ContainsFunc(t.rounds[t.round], func(g leg) bool { return g.step == Rebooted })
}

// fallen is how long after the order the power fell below a tenth for good.
//
// Formula: first t after which M(t) <= S + (B-S)/10. Source: docs/formula/commission.md.
func (t *Trial) fallen(v visit) time.Duration {
	s, band := t.course(v)
	low := v.signal + max(t.depth(v)/10, band)
	at, ok := s.since(func(p int64) bool { return p <= low })
	if !ok {
		at = v.to
	}
	return at - t.order.first
}

// woke is what a wake took.
func (t *Trial) woke(g leg, v visit) WakeTimes {
	from := t.order.first
	out := WakeTimes{Fast: g.step == FastWake && g.command.Fast, Dark: t.dark(from, v.to).Milliseconds(), Steady: v.settled.Milliseconds()}
	since := func(at time.Duration, ok bool) *int64 {
		if !ok {
			return nil
		}
		return new((at - from).Milliseconds())
	}
	out.FirstHash = since(t.hash.within(from, v.to).first(func(h int64) bool { return h > 0 }))
	s, band := t.course(v)
	ninety := t.before.signal + t.learnt.lastDrop*9/10
	out.Ninety = since(s.first(func(p int64) bool { return p >= ninety }))
	if over := s.highest() - v.signal; over > band {
		out.Overshoot = over
	}
	return out
}

// dark is when the machine answered again after its longest silence since from.
func (t *Trial) dark(from, to time.Duration) time.Duration {
	var best, run, end time.Duration
	begin := time.Duration(-1)
	for _, g := range t.glances {
		switch {
		case g.at < from || g.at > to:
		case !g.ok && begin < 0:
			begin = g.at
		case g.ok && begin >= 0:
			if run = g.at - begin; run > best {
				best, end = run, g.at-from
			}
			begin = -1
		}
	}
	return end
}

// booted is what a restart did.
func (t *Trial) booted(v visit) *bootSeen {
	s := t.signal().within(t.order.first, v.to)
	out := &bootSeen{highest: s.highest(), steady: v.signal, ref: t.ref.signal, gap: s.gap(t.order.first, v.to)}
	if n := len(t.visits); n > 0 {
		kept := abs(v.signal-t.visits[n-1].signal) <= max(int64(t.slack()), t.size/20)
		out.kept = &kept
	}
	return out
}

// record is what the trial taught, however it ended.
func (t *Trial) record() Record {
	r := t.plan.Record
	f := &t.learnt
	r.Verdict, r.Why, r.NotRestored, r.Notes = t.verdict, t.why, t.restore.failed, f.notes
	r.Took, r.Repeats = (t.now - t.began).Milliseconds(), f.repeats
	r.Standing, r.Dedicated, r.Resolution = ByWordOnly, t.plan.Meter.Dedicated, int64(t.resolution)
	if len(t.signal()) > 0 {
		r.Interval = t.signal().gap(t.signal()[0].at, t.signal()[len(t.signal())-1].at).Milliseconds()
	}
	r.Stated = watts(f.found.stated)
	t.attribute(&r)
	r.Wakes = []WakeTimes{}
	for _, w := range f.wakes {
		r.Wakes = append(r.Wakes, w.times)
	}
	for _, s := range f.sleeps {
		r.Sleep = most(r.Sleep, s.took.Milliseconds())
	}
	r.Points = t.points(r.Found)
	r.Boot = t.bootRecord(r.Found)
	return r
}

// attribute says what of the meter's power is the machine's.
//
// Formula: U = B - S + residual. Source: docs/formula/commission.md.
func (t *Trial) attribute(r *Record) {
	f := &t.learnt
	var drops, kept trace
	for _, s := range f.sleeps {
		if s.drop.Known {
			drops.add(time.Duration(len(drops)), s.drop.Value)
		}
		v, by := s.asleep.stated, ByWordOnly
		if t.plan.Meter.Dedicated {
			v, by = s.asleep.metered, ByMeter
		}
		if v.Known {
			kept.add(time.Duration(len(kept)), int64(v.Value))
			r.Proof = by
		}
	}
	if m, ok := kept.mean(); ok {
		r.Residual = new(m)
	}
	d, ok := drops.mean()
	switch {
	case !t.plan.Meter.Given:
		return
	case t.plan.Meter.Dedicated && f.found.metered.Known:
		r.Found = new(int64(f.found.metered.Value))
	case ok && r.Residual != nil:
		r.Found = new(d + *r.Residual)
	case ok:
		r.Found = new(d)
		t.note("what it draws asleep is not known: the metered powers are what it draws beyond that")
	}
	r.Notes = f.notes
	if r.Found == nil {
		return
	}
	r.Standing = ByMeter
	if r.Stated != nil && *r.Found > 0 && r.Residual != nil || t.plan.Meter.Dedicated && r.Stated != nil && *r.Found > 0 {
		r.Bias = new(unit.MulDiv(*r.Stated, int64(unit.One), *r.Found))
	}
}

// points lists the levels, rising, with the one found.
//
// Formula: U(level) = U(found) - (H - M). Source: docs/formula/commission.md.
func (t *Trial) points(found *int64) []Point {
	f := &t.learnt
	out := []Point{}
	if !f.found.metered.Known && !f.found.stated.Known {
		return out
	}
	for i, l := range t.tried {
		var seen []visit
		for _, s := range f.levels {
			if s.visit.level == i {
				seen = append(seen, s.visit)
			}
		}
		if len(seen) > 0 && f.home.Known && !t.dead[i] {
			out = append(out, t.point(l, seen, found))
		}
	}
	at := Point{Label: t.found.Name, Metered: found, Stated: watts(f.found.stated), Hash: hashes(f.found.hash)}
	if at.Label == "" {
		at.Label = "found"
	}
	if t.found.Power > 0 {
		at.Asked = new(int64(t.found.Power))
	}
	out = append(out, at)
	slices.SortStableFunc(out, func(a, b Point) int { return int(a.drawn() - b.drawn()) })
	return out
}

// drawn is what a point is sorted by.
func (p Point) drawn() int64 {
	switch {
	case p.Metered != nil:
		return *p.Metered
	case p.Stated != nil:
		return *p.Stated
	}
	return 0
}

func (t *Trial) point(l Level, seen []visit, found *int64) Point {
	out := Point{Label: l.Name}
	if l.Power > 0 {
		out.Asked = new(int64(l.Power))
	}
	var signal, stated, hash trace
	low, high := seen[0].signal, seen[0].signal
	for i, v := range seen {
		at := time.Duration(i)
		signal.add(at, v.signal)
		low, high = min(low, v.signal), max(high, v.signal)
		if v.stated.Known {
			stated.add(at, int64(v.stated.Value))
		}
		if v.hash.Known {
			hash.add(at, int64(v.hash.Value))
		}
		out.Settle = most(out.Settle, v.settled.Milliseconds())
	}
	out.Spread = high - low
	if m, ok := signal.mean(); ok && found != nil {
		out.Metered = new(*found - (t.learnt.home.Value - m))
	}
	if m, ok := stated.mean(); ok {
		out.Stated = new(m)
	}
	if m, ok := hash.mean(); ok {
		out.Hash = new(m)
	}
	return out
}

// bootRecord turns the signal of a restart into the machine's power.
func (t *Trial) bootRecord(found *int64) *Boot {
	b := t.learnt.boot
	switch {
	case b == nil || t.plan.Meter.Given && found == nil:
		return nil
	case !t.plan.Meter.Given:
		return &Boot{Highest: b.highest, Interval: b.gap.Milliseconds(), Steady: b.steady, Kept: b.kept}
	}
	return &Boot{Highest: *found + b.highest - b.ref, Interval: b.gap.Milliseconds(), Steady: *found + b.steady - b.ref, Kept: b.kept}
}

// most is the larger of a value that may be unknown and one that is known.
func most(a *int64, b int64) *int64 {
	if a == nil || *a < b {
		return &b
	}
	return a
}

func watts(v device.Value[unit.Power]) *int64 {
	if !v.Known {
		return nil
	}
	return new(int64(v.Value))
}

func hashes(v device.Value[unit.Hashrate]) *int64 {
	if !v.Known {
		return nil
	}
	return new(int64(v.Value))
}
