package actuate

// person takes what people and the supply do.
func (k *Kernel) person(e Event) {
	switch e := e.(type) {
	case Stopped:
		k.stopped = true
		for i := range k.units {
			k.put(i, 0, ForStop)
		}
	case Resumed:
		k.resume(e)
	case Locked:
		s := &k.units[e.Unit]
		s.locked, s.ceiling = e.By, e.Ceiling
		k.decide(e.Unit)
		if s.bound > e.Ceiling {
			k.lower(e.Unit, k.feasible(e.Unit, e.Ceiling), ForLock)
		}
	case Unlocked:
		s := &k.units[e.Unit]
		if s.locked == "" {
			return
		}
		if e.By != s.locked && (e.By == "" || e.And == "" || e.By == e.And) {
			k.refuse(e.Unit, NeedsTwo)
			return
		}
		s.locked = ""
		k.decide(e.Unit)
	case Derated:
		k.units[e.Unit].derated = e.Most
		k.decide(e.Unit)
	case Isolated:
		s := &k.units[e.Unit]
		s.rebooted = s.rebooted || s.isolated && !e.Open // it starts by itself when the contact closes
		s.isolated = e.Open
		k.recount(e.Unit)
		k.stirred(e.Unit)
	case Cleared:
		s := &k.units[e.Unit]
		s.bad, s.foreign, s.strikes = false, false, 0
		k.recount(e.Unit)
	case Accused:
		k.units[e.Unit].bad = true
		k.recount(e.Unit)
	case Failed:
		k.safe = true
		k.alarm(-1, CannotKeep)
	case Entrusted:
		for i := range k.units {
			k.units[i].withheld = !e.Units[i]
		}
	case Disturbed:
		for _, i := range k.groups[e.Group].members {
			k.units[i].rebooted = true
			k.recount(i)
		}
		k.rest()
	}
}

// stirred makes the groups around a unit be counted anew.
func (k *Kernel) stirred(i int) {
	for g := k.cfg.Units[i].Group; g >= 0; g = k.cfg.Groups[g].Parent {
		k.groups[g].dirty = true
	}
}

func (k *Kernel) resume(e Resumed) {
	if !k.stopped {
		return
	}
	if e.By == "" || e.And == "" || e.By == e.And {
		k.refuse(-1, NeedsTwo)
		return
	}
	k.stopped = false
	k.rest()
}

// rest lets nothing rise until the supply was stable for a while, and no two
// sites begin at the same moment. The ramp governor stages what follows.
func (k *Kernel) rest() {
	t := k.cfg.Timing
	k.resumes++
	k.hold = max(k.hold, k.now+t.Hold+jitter(k.cfg.Site, k.resumes, t.Jitter))
}
