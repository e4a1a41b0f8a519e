package hosting

import (
	"errors"
	"fmt"
	"time"

	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// Input is what a tenancy must be told at every turn. Profiles state one value per
// interval, or one for all.
type Input struct {
	At           time.Time
	Intervals    []series.Interval          // of the plan
	Load         series.Profile[unit.Power] // IT power that it would draw if nobody limited it: a forecast, never the nameplate once it was measured
	Busy         series.Profile[int64]      // GPUs that Load is of; empty: as many as draw it at full load. Committed units are paid anyhow
	Level        LevelState
	Flex         FlexState
	Unplanned    int64         // unit-seconds of downtime until the end of the month that nobody plans, at nine times in ten
	Waiting      []Work        // of batch
	Hold         time.Duration // typical length of a call; 0: an hour
	SinceSave    time.Duration // since the work was saved last, in the mean; 0: not known, half of the contract's Saves
	Temperatures []int64       // ambient, thousandths of a degree Celsius; empty: not known, the base PUE holds
	Call         unit.Price    // at the meter: flexible hours are spent above it; 0: none are
	State        use.State     // On: IT watts that what runs now would draw without limits; Draw: that it draws
}

// Work is batch work that must be done by a time.
type Work struct {
	ID       string
	Energy   unit.Energy // IT energy that it still needs, > 0
	Deadline time.Time   // zero: none, it brings what the steps say
	Penalty  unit.Price  // for a MWh that is late; 0: the contract's credit
}

// hold is the typical length of a call where nobody states one.
const hold = time.Hour

// Bid is what the contract would pay for power. Steps are the power at the knee and
// the bands above it that limits may take, in falling order of worth; Available is
// the expected load as a share of them. Floor is what may not be taken without a
// penalty. It fails on an input that does not cover its plan: a missing load is no
// load of zero.
//
// Source: docs/formula/hosting.md, "Bid".
func (t *Tenancy) Bid(in Input) (use.Bid, error) {
	if err := t.check(in); err != nil {
		return use.Bid{}, fmt.Errorf("bid of %s: %w", t.Use(), err)
	}
	b := t.newBidder(in)
	out := use.Bid{Use: t.Use(), Steps: b.worths(), PUE: b.pue, Available: b.available, Now: b.now()}
	if floor := b.floor(); len(floor) > 0 {
		out.Floor, out.Penalty = floor, b.penalty()
	}
	if k := t.contract.Kind; k == Spot || k == Batch {
		out.Restart = t.contract.Restart
		out.Wear = max(0, out.Steps[0].Worth.At(0)).Of(unit.Megawatt.Over(b.unsaved()))
	}
	if t.contract.Kind == Batch {
		out.Due = b.due()
	}
	return out, nil
}

// check reports what is wrong with in, all at once.
func (t *Tenancy) check(in Input) error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	n := len(in.Intervals)
	if n == 0 || in.At.IsZero() {
		say("there is no plan: state the time and its intervals")
	}
	for i, s := range in.Intervals {
		if s.Length <= 0 || i > 0 && s.Start.Before(in.Intervals[i-1].End()) {
			say("interval %d from %s overlaps or has no length", i, s.Start.Format(time.RFC3339))
		}
	}
	if len(in.Load) == 0 {
		say("its load is not known: forecast it, or state zero where nothing runs")
	} else if !in.Load.Covers(n) || len(in.Busy) > 0 && !in.Busy.Covers(n) || len(in.Temperatures) > 0 && !series.Profile[int64](in.Temperatures).Covers(n) {
		say("load, busy GPUs or temperatures do not cover %d intervals", n)
	}
	for i, p := range in.Load {
		if p < 0 {
			say("a load of %v in interval %d: state what is drawn, or zero", p, i)
		}
	}
	for i, g := range in.Busy {
		if g < 0 {
			say("%d busy GPUs in interval %d: state how many run, or zero", g, i)
		}
	}
	if in.Hold < 0 || in.SinceSave < 0 || in.Unplanned < 0 || in.Call < 0 {
		say("length of a call, time since the last save, unplanned downtime and price of a call must not be negative")
	}
	for _, w := range in.Waiting {
		if w.Energy <= 0 || w.Penalty < 0 {
			say("work %q needs %.6f MWh at a penalty of %v: state what is still to be done, above zero", w.ID, w.Energy.MWh(), w.Penalty)
		}
	}
	if s := in.State; s.On < 0 || s.Draw < 0 {
		say("its state draws less than nothing: %v on, %v drawn", s.On, s.Draw)
	}
	return errors.Join(faults...)
}

// bidder is one bid in the making.
type bidder struct {
	*Tenancy
	in        Input
	level     LevelState
	pue       series.Profile[unit.Ratio]
	available series.Profile[unit.Ratio]
	granted   []bool // by interval: the flexible share may go within the terms
}

func (t *Tenancy) newBidder(in Input) *bidder {
	b := &bidder{Tenancy: t, in: in, level: in.Level.at(in.At, t.zone), pue: series.Flat(t.cooling.PUE0)}
	if len(in.Temperatures) > 0 {
		b.pue = make(series.Profile[unit.Ratio], len(in.Temperatures))
		for i, c := range in.Temperatures {
			b.pue[i] = t.cooling.PUE(c)
		}
	}
	b.available = make(series.Profile[unit.Ratio], len(in.Intervals))
	b.granted = make([]bool, len(in.Intervals))
	for i, s := range in.Intervals {
		b.available[i] = b.share(i)
		b.granted[i] = t.contract.Kind == Flexible && in.Call > 0 && in.Flex.Grants(t.contract.Flex, in.At, s, t.zone)
	}
	return b
}

// share is the expected load of interval i as a share of the capacity, within the
// term and at most what is committed then.
func (b *bidder) share(i int) unit.Ratio {
	at := b.in.Intervals[i].Start
	if !b.contract.InTerm(at) {
		return 0
	}
	most := b.Capacity()
	if b.contract.Kind.Commits() {
		most = b.each * unit.Power(b.contract.CommittedAt(at, b.zone))
	}
	return unit.Ratio(unit.MulDiv(int64(min(b.in.Load.At(i), most)), int64(unit.One), int64(b.Capacity())))
}

// now is where the contract stands, as the market counts it: of the first step as
// much as runs of the load that is expected now.
func (b *bidder) now() use.State {
	now, first := b.in.State, b.steps[0].power
	if load := b.Capacity().Scale(b.available[0]); now.On < load {
		first = unit.Power(unit.MulDiv(int64(now.On), int64(first), int64(load)))
	} else if now.On == 0 {
		first = 0
	}
	now.On = first
	return now
}

// end is where the plan ends.
func (b *bidder) end() time.Time { return b.in.Intervals[len(b.in.Intervals)-1].End() }

// unsaved is the work that a stop loses: what was done since the last save. The
// restart is in the bid's own field.
func (b *bidder) unsaved() time.Duration {
	if b.in.SinceSave > 0 {
		return b.in.SinceSave
	}
	return b.contract.Saves / 2
}

// floor is what may not be taken without a penalty: nothing for what is preemptible,
// what runs already on demand, and else the expected load, without the bands that
// limits may take and without what the tenant lets go.
func (b *bidder) floor() series.Profile[unit.Power] {
	k := b.contract.Kind
	if k == Spot || k == Batch {
		return nil
	}
	out := make(series.Profile[unit.Power], len(b.in.Intervals))
	for i := range out {
		var kept unit.Power
		for _, s := range b.steps {
			if s.granted && b.granted[i] || s.band && b.mayCap() {
				continue
			}
			kept += s.power
			out[i] += s.power.Scale(b.available[i])
		}
		if k == OnDemand {
			out[i] = min(out[i], unit.Power(unit.MulDiv(int64(b.in.State.On), int64(kept), int64(b.Capacity()))))
		}
	}
	return out
}

// mayCap reports whether limits may still slow the work down this month.
func (b *bidder) mayCap() bool {
	c := b.contract.Capping
	return c.Slowdown > 0 && (c.Hours == 0 || b.level.Capped < c.Hours)
}

// due is the energy that is owed by deadlines. What is due after the plan is owed in
// it only as far as the time after it is too short.
//
// Source: docs/formula/hosting.md, "Batch".
func (b *bidder) due() []use.Due {
	var out []use.Due
	n, end := len(b.in.Intervals), b.end()
	var waiting, owed unit.Energy
	for _, w := range byDeadline(b.in.Waiting) {
		d := use.Due{ID: w.ID, Before: b.before(w.Deadline), Energy: w.Energy, Penalty: w.Penalty}
		if d.Penalty == 0 {
			d.Penalty = Worth(b.contract.Late, b.each)
		}
		if w.Deadline.After(end) {
			waiting += w.Energy
			must := max(owed, waiting-b.Capacity().Over(min(spanMax, w.Deadline.Sub(end))))
			d.Before, d.Energy, owed = n, must-owed, must
		}
		if d.Energy > 0 && d.Before > 0 {
			out = append(out, d)
		}
	}
	return out
}

// before is the first interval that ends after a deadline.
func (b *bidder) before(deadline time.Time) int {
	n := 0
	for n < len(b.in.Intervals) && !b.in.Intervals[n].End().After(deadline) {
		n++
	}
	return n
}
