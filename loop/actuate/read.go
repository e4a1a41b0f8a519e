package actuate

import "sluice/unit"

// read takes what one unit said. Upwards it is always believed; downwards only
// when it proves an order.
func (k *Kernel) read(r *UnitReading) {
	s, u := &k.units[r.Unit], &k.cfg.Units[r.Unit]
	if r.Asked > k.now || s.ever && r.Asked <= s.seen {
		return
	}
	if r.Known&Same == 0 {
		if !s.strange {
			s.strange = true
			k.alarm(r.Unit, StrangeUnit)
			k.recount(r.Unit)
		}
		return
	}
	if r.Known&KnownPower == 0 || r.Power < 0 || r.Power > 3*max(u.Most, u.Boot)/2 {
		return
	}
	if r.Known&KnownUptime != 0 {
		if s.ever && (r.Uptime < s.uptime || r.Asked-r.Uptime > s.seen) {
			s.rebooted, s.strikes = true, 0
			if f := s.open(); f != nil {
				f.urgent, f.answered = true, -1 // what it had taken is forgotten
			}
		}
		s.uptime = r.Uptime
	}
	if s.strange { // the pinned machine is back; what happened meanwhile is not known
		s.strange, s.rebooted = false, true
	}
	s.ever, s.seen, s.power, s.silent = true, r.Asked, r.Power, false
	draw := r.Power + r.Power.Scale(u.Error)
	s.confirmed = max(s.confirmed, draw)
	if r.Known&KnownSetpoint != 0 {
		s.readback = r.Setpoint
		s.confirmed = max(s.confirmed, r.Setpoint)
		k.judge(r, draw)
	}
	k.recount(r.Unit)
}

// judge holds the setpoint that was read back against what was ordered.
func (k *Kernel) judge(r *UnitReading, draw unit.Power) {
	s, u := &k.units[r.Unit], &k.cfg.Units[r.Unit]
	f := s.open()
	if f == nil {
		if s.setpoint < 0 { // not yet ordered anything
			s.foreign = r.Setpoint == 0
			return
		}
		s.over = r.Setpoint != s.setpoint || r.Power > s.setpoint+u.Tolerance // heard of in the next tick
		s.foreign = s.foreign || r.Setpoint == 0 && !s.slept()
		if !s.over && !s.rebooted {
			s.confirmed = max(s.setpoint, draw)
		}
		return
	}
	obeys := r.Setpoint == f.target && r.Power <= f.target+u.Tolerance
	settled := f.last
	if f.answered >= 0 {
		settled = f.answered
	}
	if r.Asked <= settled+k.cfg.Timing.Settle {
		return
	}
	switch {
	case obeys:
		k.prove(r, draw)
	case f.answered >= 0 && r.Asked <= f.answered+u.Follow: // on its way
	case r.Setpoint == 0 && !s.slept() && !k.wakesAll:
		s.foreign = s.foreign || r.Asked > f.last+u.Follow // some firmware seems asleep while it takes a level up
	case f.answered >= 0:
		k.strike(r.Unit, f)
	}
}

func (k *Kernel) prove(r *UnitReading, draw unit.Power) {
	s := &k.units[r.Unit]
	f := *s.open()
	if was := s.setpoint; (was > 0) != (f.target > 0) || was < 0 {
		if f.target > 0 {
			s.onSince = r.Asked
		} else {
			s.offSince = r.Asked
		}
	}
	s.confirmed, s.setpoint = max(f.target, draw), f.target
	k.out = append(k.out, Proof{Unit: r.Unit, Epoch: f.epoch, Setpoint: f.target})
	s.rebooted, s.over, s.strikes = false, false, 0
	// The unit may stand there because of an earlier order to the same setpoint.
	// Only an answer shows that the fence has seen this one and bars those before it.
	if k.fenced(r.Unit) && f.heard || k.proofBars {
		s.bar(f.epoch)
	}
	s.overtake()
}

// strike counts an order that was answered with yes and had no effect. The next
// strike needs another yes.
func (k *Kernel) strike(i int, f *flight) {
	s := &k.units[i]
	f.answered = -1
	s.strikes++
	if s.strikes >= k.cfg.Timing.Strikes && !s.bad {
		s.bad = true
		k.alarm(i, NoEffect)
	}
}

// hush marks what has gone silent.
func (k *Kernel) hush() {
	for i := range k.units {
		s := &k.units[i]
		if len(s.flights) > 0 && s.expire(k.cfg.Timing.Late) {
			k.recount(i)
		}
		if quiet := !s.ever || k.now-s.seen > k.cfg.Timing.Silent; quiet != s.silent && !k.trustSilence {
			s.silent = quiet
			k.recount(i)
		}
	}
}
