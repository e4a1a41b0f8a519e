package device

import (
	"time"

	"sluice/unit"
)

// Source says who measured a value, from the most to the least believed.
type Source string

// The sources.
const (
	FromMeter     Source = "meter"
	FromPDU       Source = "pdu"
	FromPSU       Source = "psu"      // the machine's power supply measures
	FromFirmware  Source = "firmware" // the firmware estimates
	FromNameplate Source = "nameplate"
)

// Value is one stated value. When Known is false the machine did not state it.
type Value[T any] struct {
	Value  T
	Known  bool
	Source Source
}

// Stated is a value that the firmware states.
func Stated[T any](v T) Value[T] { return Value[T]{Value: v, Known: true, Source: FromFirmware} }

// Activity is what a machine is doing on purpose.
type Activity string

// The activities. Asleep means paused on purpose by software; a hash rate of
// zero is not asleep.
const (
	Running     Activity = "running"
	Throttled   Activity = "throttled"
	Tuning      Activity = "tuning"
	Waking      Activity = "waking"
	Asleep      Activity = "asleep"
	Stopped     Activity = "stopped" // by a fault
	Unreachable Activity = "unreachable"
	Unknown     Activity = "unknown"
)

// What selects what a Read asks for; families answer with what they have.
type What uint8

// The things that can be read; they are joined with |.
const (
	Status What = 1 << iota // activity and level: the intent
	Power                   // watts: the effect
	Hash                    // hash rate: the effect
	Heat                    // temperatures and fans
	Faults                  // error codes
	Pools                   // where it mines
	All    = Status | Power | Hash | Heat | Faults | Pools
)

// Reading is what a machine said in answer to one Read.
type Reading struct {
	Asked    time.Time // local clock, when the first request of the read began
	Activity Value[Activity]
	Intent   Value[Activity]      // what its settings say it should be doing
	Power    Value[unit.Power]    // drawn now
	Limit    Value[unit.Power]    // its target or limit, where it has one
	Mode     Value[string]        // name of its mode, preset or profile
	Hash     Value[unit.Hashrate] // shortest window it states
	HashMean Value[unit.Hashrate] // a window of a minute or more, never since start
	Ideal    Value[unit.Hashrate] // what it says it should reach
	Uptime   Value[time.Duration]
	Accepted Value[int64] // shares accepted since start
	Chips    []Temperature
	Fans     []Fan
	Faults   []Fault
	Pools    []Pool
}

// Temperature is one sensor, in thousandths of a degree Celsius.
type Temperature struct {
	Where  string // "board 0 chip", "inlet", as far as the machine names it
	MilliC int64
}

// Fan is one fan.
type Fan struct {
	Name string
	RPM  int64
}

// Fault is an error that the machine reports, in its own code.
type Fault struct {
	Code string
	Text string
}

// Pool is one entry of the pool list.
type Pool struct {
	URL    string
	Worker string
	Alive  Value[bool]
	Active Value[bool]
	Fee    bool // the firmware says that it mines here for its maker; false: it does not say so
}
