package curtail

import (
	"time"

	"sluice/engine"
	"sluice/gpu"
)

// Effect is what the shell shall do. Effects go out in their order.
type Effect interface{ effect() }

type (
	// Persist is first wherever something changed: what comes after it goes out only
	// once the state is on disk.
	Persist struct{ State State }

	// Send is one command for the engine. With At set it goes out then and not before.
	Send struct {
		Command engine.Command
		At      time.Time
	}

	// Set is one power limit for the agent of a node.
	Set struct {
		Setting gpu.Setting
		At      time.Time
	}

	// Alarm is a trouble that began, for a person.
	Alarm struct{ Trouble Trouble }

	// Cleared is a trouble that ended.
	Cleared struct{ Trouble Trouble }

	// Report says how far an event is: after every change of its phase.
	Report struct {
		Event   string
		Phase   Phase
		Outcome Outcome
	}

	// Refusal is a valid no.
	Refusal struct {
		Event string
		Code  Code
	}
)

func (Persist) effect() {}
func (Send) effect()    {}
func (Set) effect()     {}
func (Alarm) effect()   {}
func (Cleared) effect() {}
func (Report) effect()  {}
func (Refusal) effect() {}

// Code says why something was not done; codes are only ever added.
type Code string

// The codes.
const (
	Busy       Code = "another_event_runs"
	NoEvent    Code = "no_such_event"
	BadOrder   Code = "bad_order"
	BackInTime Code = "back_in_time"
	NoView     Code = "no_view_of_the_engine"
	NotHalted  Code = "not_running"
)
