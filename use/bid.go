package use

import (
	"errors"
	"fmt"
	"time"

	"sluice/series"
	"sluice/unit"
)

// Bid is what one use would pay for power, over the intervals of one plan. It
// is plain data: stored with the turn, shown, replayed and explained.
type Bid struct {
	Use   string // stable name, for example "mining/s21-hall-a"
	Steps []Step // in falling order of worth; step 0 is the one that is started and stopped

	PUE       series.Profile[unit.Ratio] // metered watts per IT watt, marginal, >= 1
	Available series.Profile[unit.Ratio] // share of what is switched on that really draws: health, heat

	Floor   series.Profile[unit.Power] // IT power promised; empty: none
	Penalty unit.Price                 // per MWh of Floor not served

	Ramp     unit.Power    // IT watts per minute, upwards and downwards; 0: not limited
	MinOn    time.Duration // once started, stays at step 0 at least this long
	MinOff   time.Duration // once stopped, stays off at least this long
	Restart  time.Duration // draws power but earns nothing for this long after a start
	Wear     unit.Amount   // cost of starting one MW of step 0, beside the lost earnings
	Whole    bool          // step 0 runs whole or not at all (one breaker); else any share of it
	Feed     bool          // the power leaves for the grid through the connection instead of being consumed
	Now      State         // where the use stands when the plan begins
	Due      []Due         // energy owed by a deadline
	Headroom []Headroom    // reserve that the use may offer to the grid from what it draws
}

// Step is a further slice of power and what it is worth.
type Step struct {
	Power unit.Power                 // IT watts of this slice with everything available
	Worth series.Profile[unit.Price] // per IT MWh, beyond which the slice had better be off
}

// State is where a use stands: how much of step 0 is switched on, and since
// when. On, Held and Rest count what is switched on as if all of it were
// available, so that heat or a broken machine is not mistaken for a stop.
type State struct {
	On    unit.Power // IT watts of step 0 that are switched on
	Draw  unit.Power // IT watts drawn in all
	Since time.Time  // when On last rose from zero or fell to zero
	Held  unit.Power // IT watts of step 0 that may not stop yet (minimum on time)
	Rest  unit.Power // IT watts of step 0 that may not start yet (minimum off time)
}

// Due is energy owed by a deadline.
type Due struct {
	ID      string
	From    int         // first interval in which it may be served
	Before  int         // first interval in which it is too late
	Energy  unit.Energy // IT energy still owed, > 0
	Penalty unit.Price  // per MWh not served by then
}

// Headroom is reserve from load: power that is drawn and can be shed on call.
type Headroom struct {
	Product string
	Price   series.Profile[unit.Price] // per MW and hour of reserve held, as the product pays
	Max     unit.Power                 // at most this much
	Least   unit.Power                 // IT power that must stay on when called
}

// Capacity is the IT power of all steps with everything available.
func (b Bid) Capacity() unit.Power {
	var sum unit.Power
	for _, s := range b.Steps {
		sum += s.Power
	}
	return sum
}

// Validate reports every fault of the bid for a plan of n intervals at once.
func (b Bid) Validate(n int) error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("bid %s: "+format, append([]any{b.Use}, args...)...))
	}
	if b.Use == "" {
		say("has no name")
	}
	if len(b.Steps) == 0 {
		say("has no step of power")
	}
	for k, s := range b.Steps {
		if s.Power <= 0 {
			say("step %d has %v: power must be positive", k, s.Power)
		}
		if !s.Worth.Covers(n) {
			say("step %d states %d worths for %d intervals", k, len(s.Worth), n)
		}
	}
	if !b.PUE.Covers(n) || !b.Available.Covers(n) || len(b.Floor) > 0 && !b.Floor.Covers(n) {
		say("PUE, availability or floor does not cover %d intervals", n)
	}
	for _, r := range b.PUE {
		if r < unit.One {
			say("PUE %.3f is below 1", r.Float())
		}
	}
	for _, r := range b.Available {
		if r < 0 || r > unit.One {
			say("availability %.3f is not between 0 and 1", r.Float())
		}
	}
	if b.Ramp < 0 || b.MinOn < 0 || b.MinOff < 0 || b.Restart < 0 || b.Wear < 0 || b.Penalty < 0 {
		say("ramp, times, wear and penalty must not be negative")
	}
	for _, d := range b.Due {
		if d.From < 0 || d.Before > n || d.From >= d.Before || d.Energy <= 0 {
			say("energy due %q: window %d..%d or %.3f MWh makes no sense", d.ID, d.From, d.Before, d.Energy.MWh())
		}
	}
	return errors.Join(faults...)
}
