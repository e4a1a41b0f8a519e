package actuate

import (
	"slices"
	"time"

	"sluice/unit"
)

// flight is one order whose effect is not proven.
type flight struct {
	epoch     Epoch
	target    unit.Power
	reach     unit.Power // where it leads at most, what it was joined with included
	ceil      unit.Power // most that the unit may draw until it is proven
	first     time.Duration
	last      time.Duration // last sent
	answered  time.Duration // the first yes since it was last sent; -1: none
	tries     int
	heard     bool // it was answered at least once: the fence has seen it
	past      bool // proven or overtaken, but without a fence it may act again
	wakes     bool // given to a unit that slept on our order, proven or not
	exhausted bool
	urgent    bool // the unit restarted since it was sent
}

// state is what is known of one unit. confirmed is the most it can draw at its
// last proven setpoint.
type state struct {
	confirmed unit.Power
	setpoint  unit.Power // proven; -1: never
	flights   []flight   // oldest first
	seen      time.Duration
	uptime    time.Duration
	power     unit.Power // last stated
	readback  unit.Power // setpoint last stated; -1: never
	wish      unit.Power // what the authorities leave of the plan
	most      unit.Power // what lock-out and equipment leave
	onSince   time.Duration
	offSince  time.Duration
	sequence  int64
	strikes   int
	ever      bool // was ever seen
	strange   bool // another machine answers, or none is known
	rebooted  bool
	isolated  bool
	bad       bool // quarantined
	foreign   bool // put to sleep by somebody else
	silent    bool
	withheld  bool // moves only on the word of a person or of the grid
	over      bool // draws more than its setpoint allows, or stands at another
	locked    string
	ceiling   unit.Power
	derated   unit.Power
	code      Code
	bound     unit.Power      // as counted in the reservations now
	fell      time.Duration   // when bound fell last
	high      unit.Power      // bound before it fell
	idled     bool            // a plan put it to sleep, and neither a limit nor a person
	starts    []time.Duration // of it after that, in the last day, oldest first
}

// flightsMost bounds the orders that are remembered per unit; when they are used
// up, nothing but lowerings goes out.
const flightsMost = 8

// steady reports whether a unit stands where it was proven to be and draws what
// goes with that, so that its word can be held against a meter.
func (s *state) steady(u *Unit) bool {
	return !s.doubtful() && !s.rebooted && s.open() == nil && !s.over && s.setpoint >= 0 && s.power >= s.setpoint-u.Tolerance
}

// open is the newest order while it is not proven.
func (s *state) open() *flight {
	if n := len(s.flights); n > 0 && !s.flights[n-1].past {
		return &s.flights[n-1]
	}
	return nil
}

// worst is the most that a unit may draw now, given everything outstanding.
//
// Source: docs/formula/reservation.md.
func (s *state) worst(u *Unit) unit.Power {
	if s.isolated {
		return 0
	}
	b := s.confirmed
	for i := range s.flights {
		b = max(b, s.flights[i].ceil)
	}
	if s.silent || s.strange || s.rebooted || s.bad || !s.ever {
		b = max(b, u.Boot)
	}
	return b
}

// current is where the unit stands or is going, for the choice of a next setpoint.
func (s *state) current() unit.Power {
	if f := s.open(); f != nil {
		return f.target
	}
	return max(0, s.setpoint)
}

// expected is what the unit will draw at most if its open lowering works. Only a
// unit that can be believed gets that credit, and only for half the shed window.
func (s *state) expected(now, shed time.Duration) unit.Power {
	f := s.open()
	if f == nil || s.doubtful() || f.exhausted || now-f.first > shed/2 {
		return s.bound
	}
	return min(f.target, s.bound)
}

// doubtful says that nothing may be deducted on the word of this unit.
func (s *state) doubtful() bool { return s.silent || s.strange || s.bad || !s.ever }

// bar drops the orders before epoch e: the fence has seen e, so they never act.
func (s *state) bar(e Epoch) {
	kept := s.flights[:0]
	for _, f := range s.flights {
		if f.epoch.Compare(e) >= 0 {
			kept = append(kept, f)
		}
	}
	s.flights = kept
}

// overtake marks every order as past, now that the unit was seen at the newest.
// Each may still act once more, and then leads to where it leads and no higher.
func (s *state) overtake() {
	for i := range s.flights {
		s.flights[i].past, s.flights[i].ceil = true, s.flights[i].reach
	}
}

// expire drops orders that were overtaken and can no longer act, and reports
// whether there were any. That they can no longer act is not enough: one may have
// acted since the unit was last seen, so it counts until the unit is seen after that.
func (s *state) expire(late time.Duration) bool {
	gone := func(f flight) bool { return f.past && s.seen-f.last > late }
	if !slices.ContainsFunc(s.flights, gone) {
		return false
	}
	s.flights = slices.DeleteFunc(s.flights, gone)
	return true
}

// ordered reports whether an order to that setpoint may have acted once more.
func (s *state) ordered(p unit.Power) bool {
	return slices.ContainsFunc(s.flights, func(f flight) bool { return f.target == p })
}

// slept reports whether it is our own doing if the unit sleeps: it was proven to,
// or an order to it may still act, or the one to wake it has not acted yet.
func (s *state) slept() bool {
	f := s.open()
	return s.setpoint == 0 || s.ordered(0) || f != nil && f.wakes
}

// suspect reports whether the unit seems to be put to sleep by somebody else: an
// order, were it said again, would wake it.
func (s *state) suspect() bool { return s.readback == 0 && !s.slept() }

// tired reports whether a unit that a plan put to sleep was started as often in a
// day as it bears. A start after a limit or a stop does not count.
func (s *state) tired(u *Unit, now time.Duration) bool {
	if !s.idled || u.Starts == 0 {
		return false
	}
	s.starts = slices.DeleteFunc(s.starts, func(at time.Duration) bool { return now-at >= 24*time.Hour })
	return len(s.starts) >= u.Starts
}

// started counts a start that a plan made necessary.
func (s *state) started(now time.Duration) {
	if s.idled {
		s.starts = append(s.starts, now)
	}
}

// stands reports whether the unit is proven to be at p and nothing has moved it since.
func (s *state) stands(p unit.Power) bool {
	return s.open() == nil && s.setpoint == p && !s.over && !s.rebooted && !s.doubtful()
}
