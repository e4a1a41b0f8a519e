package actuate

import (
	"slices"
	"time"

	"sluice/unit"
)

// GroupView is where a group stands.
type GroupView struct {
	Limit      unit.Power // now, known cuts within the shed window included
	Reserved   unit.Power // the most that it may draw, everything outstanding counted
	Unmeasured unit.Power // load that no unit explains
	Stale      bool       // its meter is too old for anything to rise
}

// UnitView is where a unit stands.
type UnitView struct {
	Setpoint unit.Power // proven; -1: never
	Wish     unit.Power // what the authorities leave of the plan
	Bound    unit.Power // what it is counted at
	Open     bool       // an order is not proven
	Target   unit.Power // of that order
	Wakes    bool       // it went to a unit that slept on our order
	Withheld bool
	Bad      bool
	Foreign  bool
	Strange  bool
	Silent   bool
	Locked   string
	Ceiling  unit.Power      // while locked
	Idled    bool            // a plan put it to sleep last
	Starts   []time.Duration // after that, in the last day
	Code     Code            // why it does not rise, as last said
}

// Stopped reports whether everything is stopped.
func (k *Kernel) Stopped() bool { return k.stopped }

// Shedding reports whether an assertion failed, so that nothing rises any more.
func (k *Kernel) Shedding() bool { return k.safe }

// Halted says what lets nothing rise anywhere, and until when where that is known.
func (k *Kernel) Halted() (Code, time.Duration) { return k.halted(), k.hold }

// Group is where group g stands.
func (k *Kernel) Group(g int) GroupView {
	return GroupView{Limit: k.limit(g, k.now), Reserved: k.reserved(g), Unmeasured: k.unmeasuredOf(g), Stale: k.staleMeter(g)}
}

// Instructed is what the grid ordered for group g, in the order of its beginning:
// each holds until the next one begins. What is over may be left out.
func (k *Kernel) Instructed(g int) []Instruction { return slices.Clone(k.groups[g].pending) }

// Unit is where unit i stands.
func (k *Kernel) Unit(i int) UnitView {
	s := &k.units[i]
	v := UnitView{
		Setpoint: s.setpoint, Wish: s.wish, Bound: s.bound, Withheld: s.withheld, Bad: s.bad, Foreign: s.foreign,
		Strange: s.strange, Silent: s.silent || !s.ever, Locked: s.locked, Ceiling: s.ceiling, Idled: s.idled, Starts: s.starts, Code: s.code,
	}
	if f := s.open(); f != nil {
		v.Open, v.Target, v.Wakes = true, f.target, f.wakes
	}
	return v
}
