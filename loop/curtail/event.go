package curtail

import (
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

// Event is what a kernel is told.
type Event interface{ event() }

// Scope says what a meter stands in front of.
type Scope string

// The scopes of meters.
const (
	HallMeter Scope = "hall"
	RackMeter Scope = "rack"
	SiteMeter Scope = "site"
)

type (
	// Begin orders a curtailment.
	Begin struct{ Order Order }

	// View is what the engine shows.
	View struct{ View engine.View }

	// Readings is what the GPUs state.
	Readings struct{ Readings []gpu.Reading }

	// Meter is what a meter shows.
	Meter struct {
		Scope Scope
		Name  string
		Power unit.Power
		At    time.Time
	}

	// Answered is what the engine said to a command.
	Answered struct{ Answer engine.Answer }

	// Failed says that a command got no answer.
	Failed struct {
		Event string
		Seq   int
	}

	// Taken is what the agent of a node said to a power limit.
	Taken struct{ Answer gpu.Answer }

	// Tick is time that passed.
	Tick struct{}

	// Release gives back what was taken, while the meter stays below Limit. 0: below
	// what the order started from.
	Release struct {
		Event string
		Limit unit.Power
	}

	// Stop ends all taking and giving back. What is down stays down.
	Stop struct{ Event string }
)

func (Begin) event()    {}
func (View) event()     {}
func (Readings) event() {}
func (Meter) event()    {}
func (Answered) event() {}
func (Failed) event()   {}
func (Taken) event()    {}
func (Tick) event()     {}
func (Release) event()  {}
func (Stop) event()     {}
