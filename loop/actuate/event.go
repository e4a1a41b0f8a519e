package actuate

import (
	"time"

	"sluice/device"
	"sluice/unit"
)

// Event is something that happened, as the shell saw it. Its times are on the
// monotonic clock of Step.
type Event interface{ event() }

type (
	// Tick lets the kernel act; every five seconds by default.
	Tick struct{}

	// Readings is one round of polling. What did not answer is not in it.
	Readings struct{ Units []UnitReading }

	// Metered is what the meter of a group shows.
	Metered struct {
		Group int
		Asked time.Duration
		Power unit.Power
	}

	// Beside is what a load draws behind a group that is no unit and is steered by
	// others, such as a hall of GPUs, and the most that it may come to draw. It is
	// reserved as a unit is, until the next one of the same group.
	Beside struct {
		Group      int // innermost
		Draw, Most unit.Power
	}

	// Answered is what a unit said to an order. It proves nothing.
	Answered struct {
		Unit  int
		Epoch Epoch
		Class device.AckClass
	}

	// Planned is a plan for the units: the wishes of economics and contracts.
	Planned struct {
		Term, Number int64
		Until        time.Duration // nothing rises on this plan later; 0: no end
		Target       []unit.Power  // per unit; 0: asleep
		Floor        []unit.Power  // per unit, promised by contract; nil: none
		Shed         []int         // units in the order in which to shed, cheapest damage first; nil: by index
	}

	// Instruction is a limit that the grid operator orders. It only narrows.
	Instruction struct {
		Group int
		From  time.Duration
		Limit unit.Power
	}

	// Locked holds a unit at or below a ceiling until it is released.
	Locked struct {
		Unit    int
		Ceiling unit.Power
		By      string
	}

	// Unlocked ends a lock-out: by the one who locked, or by two others.
	Unlocked struct {
		Unit    int
		By, And string
	}

	// Derated is what the equipment bears: temperature, flow, faults.
	Derated struct {
		Unit int
		Most unit.Power
	}

	// Stopped is the stop of everything. It needs one person and nothing else.
	Stopped struct{ By string }

	// Resumed ends a stop. It needs two people.
	Resumed struct{ By, And string }

	// Isolated says that the contact before a unit was read back, open or not.
	Isolated struct {
		Unit int
		Open bool
	}

	// Cleared says that a person has looked at a quarantined unit, or at one
	// that somebody else had put to sleep, and gives it back to the kernel.
	Cleared struct {
		Unit int
		By   string
	}

	// Entrusted says which units may be moved without a person's word. The others
	// count at their worst and follow only people, lock-outs and the grid's
	// instructions.
	Entrusted struct{ Units []bool }

	// Accused says that a unit does something else than it says. It counts at its
	// boot draw and gets nothing more until somebody has cleared it.
	Accused struct{ Unit int }

	// Failed says that nothing can be kept any more: from here on the kernel only
	// lowers.
	Failed struct{ Why string }

	// Disturbed says that a group lost its supply: each of its units may have restarted.
	Disturbed struct{ Group int }
)

// UnitReading is what one unit said. Asked is when the question was sent.
type UnitReading struct {
	Unit     int
	Asked    time.Duration
	Power    unit.Power // drawn now
	Setpoint unit.Power // read back from the unit; 0: asleep
	Uptime   time.Duration
	Known    Known
}

// Known says which parts of a reading the unit stated.
type Known uint8

// The parts, joined with |. Same says that the identity is the pinned one.
const (
	KnownPower Known = 1 << iota
	KnownSetpoint
	KnownUptime
	Same
)

func (Tick) event()        {}
func (Readings) event()    {}
func (Metered) event()     {}
func (Beside) event()      {}
func (Answered) event()    {}
func (Planned) event()     {}
func (Instruction) event() {}
func (Locked) event()      {}
func (Unlocked) event()    {}
func (Derated) event()     {}
func (Stopped) event()     {}
func (Resumed) event()     {}
func (Isolated) event()    {}
func (Cleared) event()     {}
func (Disturbed) event()   {}
func (Entrusted) event()   {}
func (Failed) event()      {}
func (Accused) event()     {}
