package device

import (
	"fmt"
	"time"

	"sluice/unit"
)

// Verb is what a machine is asked to do.
type Verb string

// The verbs. No other change of a machine is made by this program without two people.
const (
	Sleep    Verb = "sleep"
	Wake     Verb = "wake"      // to the mode or level of Command, or as it was
	SetPower Verb = "set_power" // at most so many watts, or the nearest step below
	SetMode  Verb = "set_mode"  // a named mode, preset or profile
	Locate   Verb = "locate"    // blink
	Reboot   Verb = "reboot"
)

// Command is one order in the words of a device.
type Command struct {
	Verb  Verb
	Power unit.Power // SetPower: upper bound, watts
	Mode  string     // SetMode; Wake: the mode found before sleep, empty: the machine's own
	Fast  bool       // Wake: without the slow ramp, where the family can
}

// AckClass says what an answer means for what comes next.
type AckClass string

// The classes of answers.
const (
	Accepted AckClass = "accepted" // well-formed yes: probably acted
	NoReply  AckClass = "no_reply" // asked in full, then silence: acted or not
	Garbled  AckClass = "garbled"  // an answer that cannot be read: acted or not
	Refused  AckClass = "refused"  // well-formed no: did not act
	NotSent  AckClass = "not_sent" // could not be asked: did not act
)

// RefusedReason is why a machine said no.
type RefusedReason string

// The reasons.
const (
	BadAuth     RefusedReason = "auth"
	BadClock    RefusedReason = "clock"  // the order carries a time that the machine does not take
	Locked      RefusedReason = "locked" // its write interface is switched off
	Busy        RefusedReason = "busy"   // another controller holds it
	BadValue    RefusedReason = "value"
	Unsupported RefusedReason = "unsupported"
	BadState    RefusedReason = "state" // not now: asleep, updating
	Other       RefusedReason = "other"
)

// Ack is what a machine answered to a command. It proves nothing.
type Ack struct {
	Class  AckClass
	Reason RefusedReason // of a refusal
	Set    Command       // what was really asked, after rounding to a step; zero when nothing was
	Text   string        // for people: what was said, bounded
	Raw    []byte        // the answer as it came, at most RawMax bytes
	Asked  time.Time     // local clock, when the request began
	Took   time.Duration // until the answer or the end of waiting
}

// RawMax is how much of an answer is kept as evidence.
const RawMax = 2048

// MayHaveActed reports whether the machine may have done what it was asked.
func (a Ack) MayHaveActed() bool {
	return a.Class == Accepted || a.Class == NoReply || a.Class == Garbled
}

// String is the ack for people.
func (a Ack) String() string {
	if a.Class == Refused {
		return fmt.Sprintf("refused (%s): %s", a.Reason, a.Text)
	}
	return fmt.Sprintf("%s: %s", a.Class, a.Text)
}
