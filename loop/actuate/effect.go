package actuate

import "sluice/unit"

// Effect is what the shell shall do.
type Effect interface{ effect() }

type (
	// Send is one order to one unit. The shell keeps it on disk before it goes out.
	Send struct {
		Unit   int
		Epoch  Epoch
		Target unit.Power // 0: sleep
		Raise  bool
		Cause  Cause
	}

	// Refusal is a valid no.
	Refusal struct {
		Unit int // -1: not about a unit
		Code Code
	}

	// Proof says that a unit was seen at the setpoint of that order.
	Proof struct {
		Unit     int
		Epoch    Epoch
		Setpoint unit.Power
	}

	// Alarm is for a person.
	Alarm struct {
		Unit int // -1: not about a unit
		Code AlarmCode
	}

	// Safe says that an assertion failed: the kernel only lowers from here on, and
	// the process shall end and come up again.
	Safe struct{ Why string }
)

func (Send) effect()    {}
func (Refusal) effect() {}
func (Alarm) effect()   {}
func (Proof) effect()   {}
func (Safe) effect()    {}

// Cause says what an order goes back to.
type Cause string

// The causes.
const (
	ForLimit  Cause = "limit"
	ForPlan   Cause = "plan"
	ForLock   Cause = "lock_out"
	ForStop   Cause = "stop"
	ForRetry  Cause = "retry"
	Reassured Cause = "reassert" // a unit restarted or moved by itself
)

// Code says why something was not done; codes are only ever added.
type Code string

// The codes.
const (
	None           Code = ""
	IsStopped      Code = "stopped"
	ShedOnly       Code = "shed_only"
	RestartHold    Code = "restart_hold"
	LockedCode     Code = "locked_out"
	IsIsolated     Code = "isolated"
	WrongIdentity  Code = "identity"
	StaleTelemetry Code = "stale_telemetry"
	Quarantined    Code = "quarantined"
	NotOurs        Code = "not_stopped_by_us"
	InFlight       Code = "in_flight"
	MinOffTime     Code = "min_off_time"
	MinOnTime      Code = "min_on_time"
	StaleMeter     Code = "stale_meter"
	LoweredFirst   Code = "lowering_first"
	WakeLimit      Code = "wake_limit"
	RampLimit      Code = "ramp_limit"
	LimitFull      Code = "limit"
	SmallStep      Code = "small_step"
	OldEpoch       Code = "old_epoch"
	BadEvent       Code = "bad_event"
	NeedsTwo       Code = "needs_two_people"
	BackInTime     Code = "back_in_time"
	PlanExpired    Code = "plan_expired"
	NotEntrusted   Code = "not_entrusted"
	StartsLimit    Code = "starts_limit"
)

// AlarmCode names what a person should look at; codes are only ever added.
type AlarmCode string

// The alarms.
const (
	NoEffect       AlarmCode = "yes_without_effect"
	NotReached     AlarmCode = "unreachable"
	CannotShed     AlarmCode = "cannot_shed"
	StrangeUnit    AlarmCode = "identity_changed"
	EpochConflict  AlarmCode = "epoch_conflict"
	CannotKeep     AlarmCode = "cannot_keep"
	InvariantAlarm AlarmCode = "kernel_invariant"
)
