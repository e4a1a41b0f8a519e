package curtail

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// tick lets out what falls due, repeats what nobody answered, and judges by the meter.
func (k *Kernel) tick() {
	if k.st.Phase == Stopped || !k.active() {
		k.retry()
		return
	}
	k.retry()
	if k.metered() {
		k.well(MeterSilent, k.cfg.Hall)
	} else {
		k.trouble(MeterSilent, k.cfg.Hall)
	}
	switch k.st.Phase {
	case Shedding, Holding:
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

// open claims: what acts will still bring, at the meter, and what should be seen by now.
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
		expected += a.Saved
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
	k.phase(Stopped)
}

// giveBack takes one step of giving back: the last act first, as much as the meter
// has shown to be free since the last step, and only a part of everything at once.
func (k *Kernel) giveBack() {
	if !k.blindRelease && (!k.metered() || k.meter.At.Before(k.st.Stepped.Add(k.cfg.Timing.Spread))) {
		return
	}
	room := k.st.Limit - k.meter.Power
	if k.blindRelease {
		room = k.st.Limit
	}
	portion := max((k.st.Limit-k.st.Order.To)/10, k.cfg.Timing.Granule)
	if room <= 0 {
		return
	}
	if len(k.st.Held) > 0 && k.cfg.Engine.Can(engine.Withhold) && k.sv.view.Watts.Known {
		k.swapHolds()
		return
	}
	if k.openEmpty(min(room, portion)) || k.stepBack(room, portion) {
		return
	}
	k.openDoors(room, portion)
}

// swapHolds lets queues go once everything that is not admitted is withheld: from
// then on watts decide what starts, step by step.
func (k *Kernel) swapHolds() {
	w := k.sv.view.Watts
	if k.st.Withheld == 0 || w.Withheld < k.st.Withheld || w.Budget-w.Admitted-w.Withheld > k.cfg.Timing.Granule {
		k.withhold(max(k.st.Withheld, w.Budget-w.Admitted))
		return
	}
	for _, q := range sorted(k.st.Held) {
		k.open(q)
	}
}

// openEmpty opens a queue where watts cannot be withheld and little waits in it, so
// that what is restored afterwards starts one by one.
func (k *Kernel) openEmpty(room unit.Power) bool {
	for _, q := range sorted(k.st.Held) {
		gpus, each := 0, unit.Power(0)
		for i := range k.sv.jobs {
			if g := &k.sv.jobs[i]; g.State == engine.Waiting && g.Queue == q && g.tenancy >= 0 {
				gpus, each = gpus+g.GPUs, max(each, k.cfg.each(g.tenancy))
			}
		}
		if wake := each * unit.Power(min(gpus, k.sv.free)); wake.ScaleUp(k.cfg.pue()) <= room && k.st.Owed[q] == 0 {
			k.open(q)
			if gpus > 0 {
				k.st.Stepped = k.now
				return true
			}
		}
	}
	return false
}

// stepBack undoes acts from the last on, and reports whether it did, or must wait to.
func (k *Kernel) stepBack(room, portion unit.Power) bool {
	if len(k.st.Acts) == 0 {
		return false
	}
	var used unit.Power
	for i, a := range slices.Backward(k.st.Acts) {
		back := a.Back.ScaleUp(k.cfg.pue())
		if a.Saved == 0 && k.st.Unbound { // nobody knows what it drew; it was within the limit then
			back = min(back, room)
		}
		if !k.undoable(i) || used+back > room || used > 0 && used+back > portion {
			break
		}
		used += back
		if a.Lever == shed.Evict {
			if n := len(k.st.Held); n > 0 {
				k.owe(a)
			} else if k.st.Withheld > 0 {
				k.withhold(max(0, k.st.Withheld-a.Planned))
			}
		}
		k.undo(i)
	}
	if used > 0 {
		k.st.Stepped = k.now
		k.dirty = true
	}
	if k.restartsAll {
		for i := range k.sv.jobs {
			if j := k.sv.jobs[i]; j.State == engine.Held {
				k.back(engine.Restore, j.ID)
			}
		}
	}
	return true
}

// owe remembers what comes back when a queue opens.
func (k *Kernel) owe(a Act) {
	if i := k.cfg.tenancy(a.Contract); i >= 0 {
		if k.st.Owed == nil {
			k.st.Owed = map[string]unit.Power{}
		}
		k.st.Owed[k.cfg.Tenancies[i].Queue] += a.Back
	}
}

// openDoors lets admissions in again, last of all: withheld watts by portions, or
// one queue at a time.
func (k *Kernel) openDoors(room, portion unit.Power) {
	switch {
	case len(k.st.Held) > 0:
		for _, q := range sorted(k.st.Held) {
			if owed := k.st.Owed[q].ScaleUp(k.cfg.pue()); owed > room {
				continue
			}
			delete(k.st.Owed, q)
			k.open(q)
			k.st.Stepped = k.now
			break
		}
	case k.st.Withheld > 0:
		if !k.st.Unbound {
			portion = min(portion, room)
		}
		k.withhold(max(0, k.st.Withheld-shed.Of(portion, k.cfg.pue())))
		k.st.Stepped = k.now
	default:
		k.phase(Done)
	}
}
