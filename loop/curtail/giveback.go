package curtail

import (
	"slices"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// giveBack takes one step of giving back: the last act first, as much as the meter
// has shown to be free since the last step, and only a part of everything at once.
//
// Source: docs/formula/shed.md.
func (k *Kernel) giveBack() {
	spread, coming := k.st.Stepped.Add(k.cfg.Timing.Spread), k.coming()
	if len(k.st.Acts)+len(k.st.Held) == 0 && k.st.Withheld == 0 {
		k.well(WaitsForRoom, k.cfg.Hall)
		if coming == 0 && !k.now.Before(spread) {
			k.phase(Done)
		}
		return
	}
	if !k.blindRelease && (!k.metered() || k.meter.At.Before(spread)) {
		return
	}
	room := k.st.Limit - k.meter.Power - coming
	if k.blindRelease {
		room = k.st.Limit
	}
	if room > 0 {
		k.step(room, max((k.st.Limit-k.st.Order.To)/10, k.cfg.Timing.Granule))
	}
	switch {
	case coming == 0:
		k.await(room)
	case k.full:
		k.lacks(-room)
	}
}

// crowded reports whether what was given back and got lost on the way may not go out
// again now: an order stands, a person stopped it all, no meter tells, or others took
// the room since.
func (k *Kernel) crowded() bool {
	switch k.st.Phase {
	case Stopped, Shedding, Holding:
		return true
	case Releasing:
		room := k.st.Limit - k.meter.Power - k.coming()
		return !k.blindRelease && (!k.metered() || room < 0 && (!k.st.Unbound || k.grown()))
	case Idle, Done:
	}
	return false
}

// coming is what restored jobs and raised limits will still draw, at the meter: as long
// as they were not seen when it was read. A job that does not start for long waits for
// others, a node that takes no limit for long may be gone: no room is kept for them.
func (k *Kernel) coming() unit.Power {
	var sum unit.Power
	for id, r := range k.st.Coming {
		w, known := k.sv.where[id]
		if !known || k.forgetsComing {
			delete(k.st.Coming, id)
			continue
		}
		j := k.sv.jobs[w].Job
		_, held := k.st.Held[j.Queue]
		switch {
		case held: // what comes when it opens is owed
			r.Since = k.now
			k.st.Coming[id] = r
		case running(j) && k.meter.At.Sub(j.Started) >= k.cfg.Timing.Limit:
			delete(k.st.Coming, id)
		case k.now.Sub(r.Since) <= 10*k.cfg.Timing.Spread:
			sum += r.Power
		}
	}
	for _, l := range k.st.Lifts {
		if k.now.Sub(l.Begun) <= 10*k.cfg.Timing.Spread && !k.forgetsLifts {
			sum += l.Power
		}
	}
	return sum.ScaleUp(k.cfg.pue())
}

// step gives back what fits.
func (k *Kernel) step(room, portion unit.Power) {
	switch {
	case k.swaps():
		k.swapHolds()
	case k.openEmpty(min(room, portion)):
	case len(k.st.Acts) > 0:
		k.stepBack(room, portion)
	default:
		k.openDoors(room, portion)
	}
}

// stepped notes that something was given back: the meter must show what is free anew.
func (k *Kernel) stepped() {
	k.st.Stepped = k.now
	k.dirty = true
	k.well(WaitsForRoom, k.cfg.Hall)
}

// await is for what claims more room than there is when a whole spread has passed
// without a step. While a limit of a person's stands it waits, and that is named.
// Without one all of it ran at what the meter showed when the event began. Where the
// others draw no more than then, its claim is too high, and the smallest comes back
// alone; the meter shows what that brought before the next does.
func (k *Kernel) await(room unit.Power) {
	if k.meter.At.Before(k.st.Stepped.Add(2*k.cfg.Timing.Spread)) || room > 0 && k.swaps() {
		return
	}
	back, give := k.least(room)
	switch {
	case give == nil || back <= room:
		k.well(WaitsForRoom, k.cfg.Hall)
	case room > 0 && k.st.Unbound && !k.grown() && !k.trustsClaims:
		give()
		k.stepped()
	default:
		k.lacks(back - room)
	}
}

// least is what the smallest thing that can be given back now brings at the meter, and
// how to give it. Nil: nothing can be, whatever the room.
func (k *Kernel) least(room unit.Power) (back unit.Power, give func()) {
	for i := range k.st.Acts {
		if b := k.returns(&k.st.Acts[i], room); k.undoable(i) && (give == nil || b < back) {
			back, give = b, func() { k.undone(i) }
		}
	}
	if len(k.st.Acts) > 0 {
		return back, give
	}
	for _, q := range sorted(k.st.Held) {
		if b := k.st.Owed[q].ScaleUp(k.cfg.pue()); give == nil || b < back {
			back, give = b, func() { k.openDoor(q) }
		}
	}
	if give == nil && k.st.Withheld > 0 {
		give = func() {} // any room lets it go by portions
	}
	return back, give
}

// grown reports whether the GPUs of the hall, with what acts in force and queues keep
// from them, draw more than when the event began: then others took the room.
func (k *Kernel) grown() bool {
	now := k.load()
	for i := range k.st.Acts {
		switch a := &k.st.Acts[i]; {
		case a.Lever == shed.Cap, a.Lever == shed.Evict && a.Stage == Seen && a.Draw > 0:
			now += a.Back - a.Rest
		}
	}
	for id, r := range k.st.Coming {
		if w, known := k.sv.where[id]; known && k.sv.jobs[w].State == engine.Waiting {
			now += r.Power - r.Rest
		}
	}
	for _, l := range k.st.Lifts {
		now += l.Power
	}
	return (now - k.st.Load).Scale(k.cfg.pue()) > k.cfg.Timing.Notice
}

// returns is what an act brings back at the meter.
func (k *Kernel) returns(a *Act, room unit.Power) unit.Power {
	back := a.Back.ScaleUp(k.cfg.pue())
	if a.Saved == 0 && k.st.Unbound { // nobody knows what it drew; it was within the limit then
		return min(back, max(room, 1))
	}
	return back
}

// swaps reports whether withheld watts take the place of held queues.
func (k *Kernel) swaps() bool {
	return len(k.st.Held) > 0 && k.cfg.Engine.Can(engine.Withhold) && k.sv.view.Watts.Known
}

// swapHolds lets queues go once everything that is not admitted is withheld: from
// then on watts decide what starts, step by step.
func (k *Kernel) swapHolds() {
	w := k.sv.view.Watts
	if w.Withheld < k.st.Withheld || w.Budget-w.Admitted-w.Withheld > k.cfg.Timing.Granule {
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
				k.stepped()
				return true
			}
		}
	}
	return false
}

// stepBack undoes acts from the last on. One that does not fit, or still stops, lets
// those before it go first.
func (k *Kernel) stepBack(room, portion unit.Power) {
	var used unit.Power
	for i := len(k.st.Acts) - 1; i >= 0; i-- {
		back := k.returns(&k.st.Acts[i], room)
		if !k.undoable(i) || used+back > room {
			continue
		}
		if used > 0 && used+back > portion {
			break
		}
		used += back
		k.undone(i)
	}
	if used > 0 {
		k.stepped()
	}
	if k.restartsAll {
		for i := range k.sv.jobs {
			if j := k.sv.jobs[i]; j.State == engine.Held {
				k.back(engine.Restore, j.ID)
			}
		}
	}
}

// undone undoes one act, with the watts that were withheld for it.
func (k *Kernel) undone(i int) {
	if a := k.st.Acts[i]; a.Lever == shed.Evict {
		if len(k.st.Held) > 0 {
			k.owe(a)
		} else if k.st.Withheld > 0 {
			k.withhold(max(0, k.st.Withheld-a.Planned))
		}
		if k.st.Coming == nil {
			k.st.Coming = map[string]Coming{}
		}
		k.st.Coming[a.Item] = Coming{Power: a.Back, Rest: a.Rest, Since: k.now}
	}
	k.undo(i)
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
	for _, q := range sorted(k.st.Held) {
		if k.st.Owed[q].ScaleUp(k.cfg.pue()) <= room {
			k.openDoor(q)
			k.stepped()
			return
		}
	}
	if len(k.st.Held) > 0 {
		return
	}
	if !k.st.Unbound {
		portion = min(portion, room)
	}
	k.withhold(max(0, k.st.Withheld-shed.Of(portion, k.cfg.pue())))
	k.stepped()
}

// openDoor opens one queue.
func (k *Kernel) openDoor(q string) {
	delete(k.st.Owed, q)
	k.open(q)
}

// lacks names that what is to be given back waits for so much more room at the meter.
func (k *Kernel) lacks(p unit.Power) {
	at := slices.IndexFunc(k.st.Troubles, func(t Trouble) bool { return t.Ill == WaitsForRoom })
	if at >= 0 {
		k.st.Troubles[at].Lacks = p
		return
	}
	k.tell(Trouble{Ill: WaitsForRoom, Subject: k.cfg.Hall, Since: k.now, Lacks: p})
}
