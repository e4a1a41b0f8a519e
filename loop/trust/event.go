package trust

import (
	"time"

	"sluice/unit"
)

// Event is something that happened, as the shell saw it.
type Event interface{ event() }

// Money is an amount of one currency; earned is positive.
type Money struct {
	Currency unit.Currency
	Amount   unit.Amount
}

// Gain is what one interval would have earned under the plan and what it did.
type Gain struct {
	Currency   unit.Currency
	Would, Was unit.Amount
}

type (
	// Tick lets time pass; once in a poll is enough.
	Tick struct{}

	// Outcome is one settlement interval that has ended. Each is told once, in order.
	Outcome struct {
		Start  time.Time
		Length time.Duration
		Seen   time.Duration // part of it in which every critical value was fresh
		Gains  []Gain        // per currency; nil: not known, which is not nothing
	}

	// Violated says that a meter showed more than a limit outside the shed window,
	// or that a plan would have passed one.
	Violated struct {
		Limit string        // whose: the site, a feeder, a hall
		Over  unit.Power    // by how much at most
		For   time.Duration // how long outside the window
	}

	// Proved counts orders whose proof came, and those whose proof is overdue.
	Proved struct{ Proven, Failed int }

	// Feeds names the critical feeds that are stale now; none: all are fresh.
	Feeds struct{ Stale []string }

	// Clock is how far the wall clock is from its references, of either sign.
	Clock struct{ Offset time.Duration }

	// Versions says whether program, agents and drivers fit together. Until it
	// was said once after a start, nothing is entrusted.
	Versions struct {
		Agree bool
		Says  string // which do not, in words
	}

	// Broke says that an assertion of a kernel failed.
	Broke struct{ Why string }

	// Overridden says that a person set by hand what the loop would have decided.
	Overridden struct{ By, Subject, Reason string }

	// Fleet replaces the machines, in the order of the actuation kernel.
	Fleet struct{ Units []Unit }

	// Recommended offers something for a person to decide, in advisory.
	Recommended struct {
		What    string     // in words
		Plan    int64      // number of the plan that it is part of
		Units   []string   // machines that it moves
		Power   unit.Power // change of the site's draw; positive draws more
		Money   []Money    // expected gain; nil: not known
		Expires time.Time  // to be answered before
		Until   time.Time  // end of its plan
	}

	// Answered is a person's word on a recommendation. A no needs a reason.
	Answered struct {
		Number     int64
		By, Reason string
		Accept     bool
	}

	// Unsafe says that a recommendation would have broken something, or did.
	Unsafe struct {
		Number     int64
		By, Reason string
	}

	// Requested asks for something that needs two people.
	Requested struct {
		Kind       Kind
		Subject    string   // what is meant: a lock-out's machine; for a promotion it may be empty
		To         Stage    // for a promotion
		Units      []string // for a promotion to the rack: its machines; nil: as configured
		By, Reason string
		Effect     Difference // a promotion or a wider cap works out its own machines and watts
	}

	// Approved is the second person's yes.
	Approved struct {
		Number int64
		By     string
	}

	// Declined is anybody's no to a request.
	Declined struct {
		Number     int64
		By, Reason string
	}

	// Lowered takes the site to a lower stage, at once. An empty stage is advisory
	// from a closed loop and one stage lower otherwise.
	Lowered struct {
		To         Stage
		By, Reason string
	}
)

func (Tick) event()        {}
func (Outcome) event()     {}
func (Violated) event()    {}
func (Proved) event()      {}
func (Feeds) event()       {}
func (Clock) event()       {}
func (Versions) event()    {}
func (Broke) event()       {}
func (Overridden) event()  {}
func (Fleet) event()       {}
func (Recommended) event() {}
func (Answered) event()    {}
func (Unsafe) event()      {}
func (Requested) event()   {}
func (Approved) event()    {}
func (Declined) event()    {}
func (Lowered) event()     {}
