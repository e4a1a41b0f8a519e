package live

import (
	"errors"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/loop/actuate"
)

// Trouble names a state of a machine in which it is not raised; codes are only
// ever added.
type Trouble string

// The troubles.
const (
	Fine          Trouble = ""
	NeverFound    Trouble = "never_found"
	SilentMachine Trouble = "silent"
	Garbled       Trouble = "garbled"
	WrongPassword Trouble = "wrong_password"
	WritesLocked  Trouble = "writes_locked"
	HeldByOther   Trouble = "held_by_another"
	NoObedience   Trouble = "yes_without_effect"
	Replaced      Trouble = "replaced"
	Duplicate     Trouble = "duplicate"
	ClockSkew     Trouble = "clock_skew"
	SleptByOther  Trouble = "asleep_by_others"
	Unsupported   Trouble = "unsupported"
	LockedOut     Trouble = "locked_out"
	OtherPool     Trouble = "pool_not_allowed"
	Liar          Trouble = "liar"
	Drifts        Trouble = "drifting"
	Contended     Trouble = "contended"
	NoWork        Trouble = "no_work"
)

// Remedy says what a person can do about a trouble.
func (t Trouble) Remedy() string {
	switch t {
	case Fine:
		return ""
	case NeverFound:
		return "nobody answered at this address yet: is it switched on, and is the address right?"
	case SilentMachine:
		return "it does not answer: check its network and its power; until it does it counts at its full draw"
	case Garbled:
		return "its answers cannot be read: restart it, or check that its firmware is one of those in docs/devices.md"
	case WrongPassword:
		return "it refuses the credential: correct the line for its family or address, see sluice device seal"
	case WritesLocked:
		return "its write interface is switched off: enable the API on the machine; Sluice never unlocks it by itself"
	case HeldByOther:
		return "another controller holds its session: end that program's session; it counts at its full draw meanwhile"
	case NoObedience:
		return "it says yes and its power shows no effect: look at the machine, then clear it with sluice control clear"
	case Replaced:
		return "another machine answers at this address: if that is right, adopt it with sluice control adopt"
	case Duplicate:
		return "the same machine answers at another address too: find out which one it is, and correct the network"
	case ClockSkew:
		return "it refuses commands for their time: set its clock (NTP), and that of this computer"
	case SleptByOther:
		return "somebody else put it to sleep, so it is not woken: clear it with sluice control clear to give it back"
	case Unsupported:
		return "its firmware cannot do what was ordered: it is only counted, not commanded"
	case LockedOut:
		return "a person holds it: only they, or two others, release it"
	case Liar:
		return "the meter does not see what it says: look at the machine, then clear it with sluice control clear"
	case Drifts:
		return "what it states of its power is off by more than it should: commission it again, or replace its power supply"
	case Contended:
		return "something else changes its settings again and again: find the other controller; Sluice does not fight it"
	case NoWork:
		return "it says that it runs and draws next to nothing: look at its pools, its fans and its boards, or restart it"
	case OtherPool:
		return "it mines where nobody allowed it: check its pool settings and its password; see pools in the site file"
	}
	return "see docs/live.md"
}

// troubleOf is what an answer to an order says of a machine; Fine when nothing.
func troubleOf(a device.Ack) Trouble {
	if a.Class == device.Garbled {
		return Garbled
	}
	if a.Class != device.Refused {
		return Fine
	}
	switch a.Reason {
	case device.BadAuth:
		return WrongPassword
	case device.BadClock:
		return ClockSkew
	case device.Locked:
		return WritesLocked
	case device.Busy:
		return HeldByOther
	case device.Unsupported:
		return Unsupported
	case device.BadValue, device.BadState, device.Other:
	}
	return Fine
}

// unheardAs is what a reading that failed says of a machine.
func unheardAs(err error) Trouble {
	switch {
	case errors.Is(err, device.ErrAuth):
		return WrongPassword
	case errors.Is(err, wire.ErrNotJSON), errors.Is(err, wire.ErrNotHTTP), errors.Is(err, wire.ErrTooLong):
		return Garbled
	}
	return SilentMachine
}

// refusedAs is the same for what the kernel says of a unit.
func refusedAs(c actuate.AlarmCode) Trouble {
	switch c {
	case actuate.NoEffect:
		return NoObedience
	case actuate.StrangeUnit:
		return Replaced
	case actuate.NotReached:
		return SilentMachine
	case actuate.CannotShed, actuate.EpochConflict, actuate.InvariantAlarm, actuate.CannotKeep:
	}
	return Fine
}

// lasting reports whether a trouble ends only when a person gives the machine back.
func (t Trouble) lasting() bool {
	return t == NoObedience || t == Liar || t == Contended || t == SleptByOther
}

// lasts reports whether a machine is in such a trouble, as the kernel knows it:
// nothing that happens to it in between makes it forgotten.
func (c *Core) lasts(i int) bool {
	v := c.kernel.Unit(i)
	return c.machines[i].trouble.lasting() && (v.Bad || v.Foreign)
}

// trouble is the one of an earlier run that still holds.
func (m MachineMemory) trouble() Trouble {
	switch {
	case (m.Bad || m.Foreign) && m.Code.lasting():
		return m.Code
	case m.LockedBy != "":
		return LockedOut
	}
	return NeverFound
}

// siteAlarm says what an alarm of the whole site means.
func siteAlarm(c actuate.AlarmCode) string {
	switch c {
	case actuate.CannotShed:
		return "orders alone cannot bring the site under a limit: switch machines off at their breakers, or find those that do not obey"
	case actuate.CannotKeep:
		return "records cannot be kept: look at the disk; nothing is raised until the program was started again"
	case actuate.InvariantAlarm:
		return "an assertion of the program failed: nothing is raised until it was started again; please report it"
	case actuate.NoEffect, actuate.NotReached, actuate.StrangeUnit, actuate.EpochConflict:
	}
	return ""
}

// twins tells of the machines that answer at several addresses.
func (c *Core) twins() {
	for i := range c.machines {
		if c.machines[i].Twin != "" {
			c.trouble(i, Duplicate)
		}
	}
}

// alone takes the machines that answer at several addresses out of those that may
// be moved: nobody knows which of them an order would reach.
func (c *Core) alone(may []bool) []bool {
	for i := range c.machines {
		may[i] = may[i] && c.machines[i].Twin == ""
	}
	return may
}
