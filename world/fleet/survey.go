package fleet

import (
	"sync"
	"time"

	"sluice/unit"
)

// renewal is how long a sum over all machines is good for: asking twenty
// thousand machines for every request of every meter would cost more than all
// that is tried on them.
const renewal = time.Second

// Load is what truly flows through a place: power now, and energy since the
// fleet was built.
type Load struct {
	Power  unit.Power
	Energy unit.Energy
}

// survey is the loads of all feeders at one instant, shared by all meters so
// that they agree with one another.
type survey struct {
	site *Site

	mu      sync.Mutex // guards what is below
	at      time.Time
	feeders []Load
}

// load is what flows through a feeder counted from zero, or through the
// connection when it is negative, at most a renewal ago.
func (v *survey) load(feeder int, now time.Time) Load {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.feeders == nil || now.Sub(v.at) >= renewal {
		v.at, v.feeders = now, v.site.measure(now)
	}
	if feeder >= 0 {
		return v.feeders[feeder]
	}
	return v.site.connection(v.feeders)
}

// measure asks every machine.
func (s *Site) measure(now time.Time) []Load {
	out := make([]Load, s.grid.Feeders)
	since := max(0, now.Sub(s.fleet.born))
	for i := range out {
		var sum Load
		for _, u := range s.on(i) {
			x := u.Machine.State(now)
			sum.Power += x.Power
			sum.Energy += x.Energy
		}
		out[i] = sum.times(s.grid.PUE)
		house := s.grid.auxiliary(i)
		if !s.dead(i, since) {
			out[i].Power += house
		}
		out[i].Energy += house.Over(since - s.darkness(i, since))
	}
	guest, last := s.grid.Guest.until(now), &out[len(out)-1]
	last.Power, last.Energy = last.Power+guest.Power, last.Energy+guest.Energy
	return out
}

// connection is what the revenue meter sees of the feeders.
func (s *Site) connection(feeders []Load) Load {
	var sum Load
	for _, l := range feeders {
		sum.Power += l.Power
		sum.Energy += l.Energy
	}
	return sum.times(unit.One + s.grid.Losses)
}

// times is the load multiplied by r.
func (l Load) times(r unit.Ratio) Load {
	return Load{l.Power.Scale(r), unit.Energy(unit.MulDiv(int64(l.Energy), int64(r), int64(unit.One)))}
}
