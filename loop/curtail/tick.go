package curtail

import (
	"slices"
	"time"

	"sluice/unit"
	"sluice/use/hosting/shed"
)

// tick lets out what falls due, repeats what nobody answered, and judges by the meter.
func (k *Kernel) tick() {
	k.full = k.crowded() && !k.repeatsAlways
	k.retry()
	if k.st.Phase == Stopped || !k.active() {
		return
	}
	if k.metered() {
		k.well(MeterSilent, k.cfg.Hall)
	} else {
		k.trouble(MeterSilent, k.cfg.Hall)
	}
	switch k.st.Phase {
	case Shedding, Holding:
		k.well(WaitsForRoom, k.cfg.Hall)
		k.keepFreed()
		k.judge()
		k.over()
	case Releasing:
		k.giveBack()
	case Idle, Done, Stopped:
	}
}

// keepFreed withholds from admission what evictions freed.
func (k *Kernel) keepFreed() {
	var sum unit.Power
	for i := range k.st.Acts {
		if a := &k.st.Acts[i]; a.Lever == shed.Evict && (a.Stage == Seen || a.Stage == Agreed) {
			sum += a.Planned
		}
	}
	if sum > k.st.Withheld {
		k.withhold(sum)
	}
}

// claims sums what acts will still bring, at the meter, and what must be seen by now at
// the least: what servers draw beside their GPUs is known by their plates only.
func (k *Kernel) claims() (pending, expected unit.Power, fresh bool) {
	for i := range k.st.Acts {
		a := &k.st.Acts[i]
		due := a.Due
		if k.believesYes && (a.Stage == Agreed || a.Stage == Seen) {
			due = k.now.Add(time.Hour)
		}
		if due.After(k.now) {
			pending += a.Saved
			continue
		}
		expected += a.Saved - a.Rest
		fresh = fresh || due.After(k.st.Checked)
	}
	return pending.Scale(k.cfg.pue()), expected.Scale(k.cfg.pue()), fresh
}

// judge holds the meter against what was ordered, once in a control period. What an
// act saves counts until the meter must show it; after that only the meter counts.
func (k *Kernel) judge() {
	o := k.st.Order
	if !k.metered() || k.now.Sub(k.st.Checked) < k.cfg.Timing.Period {
		return
	}
	pending, expected, fresh := k.claims()
	k.st.Checked = k.now
	shown := k.meter.Power
	over := shown - pending - o.To
	if over > k.cfg.Timing.Notice {
		if fall := k.st.Base - shown; expected-fall > k.cfg.Timing.Notice && fresh {
			k.trouble(NoFall, k.cfg.Hall)
		}
		k.escalate(over)
	}
	switch {
	case shown <= o.To+k.cfg.Timing.Notice:
		k.well(TooLate, k.cfg.Hall)
		k.well(CannotReach, k.cfg.Hall)
		k.well(NoFall, k.cfg.Hall)
		if k.st.Phase == Shedding && pending == 0 {
			k.phase(Holding)
		}
	case k.now.After(o.Deadline()):
		k.trouble(TooLate, k.cfg.Hall)
	}
}

// escalate takes more. What cannot come in time any more is still better than nothing.
func (k *Kernel) escalate(over unit.Power) {
	left := k.st.Order.Deadline().Sub(k.now)
	p := k.take(over, max(left, 0))
	if p.Short > 0 {
		more := k.take(over-p.Saved.Scale(k.cfg.pue()), time.Hour)
		p.Choices = append(p.Choices, more.Choices...)
		p.Saved, p.Cost = p.Saved+more.Saved, p.Cost+more.Cost
	}
	k.st.Plan.Choices = append(k.st.Plan.Choices, p.Choices...)
	k.st.Plan.Saved += p.Saved
	k.st.Plan.Cost += p.Cost
	k.dirty = true
}

// over begins to give back when the time of an order has passed.
func (k *Kernel) over() {
	o := k.st.Order
	if o.Hold == 0 || k.now.Before(o.Deadline().Add(o.Hold)) {
		return
	}
	k.release(Release{Event: k.st.Event})
	if k.letsExpire {
		for len(k.st.Acts) > 0 {
			k.undo(len(k.st.Acts) - 1)
		}
	}
}

// release begins to give back.
func (k *Kernel) release(e Release) {
	if e.Event != k.st.Event || k.st.Phase == Idle || k.st.Phase == Done {
		k.refuse(e.Event, NoEvent)
		return
	}
	k.st.Limit, k.st.Unbound = e.Limit, e.Limit <= 0
	if k.st.Unbound {
		k.st.Limit = max(k.st.Base, k.st.Order.From) + k.cfg.Timing.Notice
	}
	if k.st.Phase == Releasing {
		k.dirty = true
		return
	}
	k.forgetWarned()
	k.st.Stepped = k.now
	k.phase(Releasing)
}

// forgetWarned leaves jobs alone that were warned and not evicted yet.
func (k *Kernel) forgetWarned() {
	for i, a := range slices.Backward(k.st.Acts) {
		if a.Stage == Meant || a.Stage == Warned {
			k.drop(i)
		}
	}
}

// halt stops taking and giving back.
func (k *Kernel) halt(e Stop) {
	if e.Event != k.st.Event || !k.active() {
		k.refuse(e.Event, NotHalted)
		return
	}
	k.forgetWarned()
	k.well(WaitsForRoom, k.cfg.Hall)
	k.phase(Stopped)
}
