package curtail

import (
	"slices"
	"time"

	"sluice/unit"
)

// Ill names what a person should look at; names are only ever added.
type Ill string

// The troubles.
const (
	IgnoresSignals Ill = "job_ignores_signals"
	CameBack       Ill = "job_came_back"
	Unreachable    Ill = "engine_unreachable"
	Refuses        Ill = "engine_refuses"
	NodeRefuses    Ill = "node_refuses_limit"
	LimitLost      Ill = "limit_lost"
	NoPower        Ill = "node_states_no_power"
	HoldLost       Ill = "hold_lost"
	WithheldLost   Ill = "withheld_watts_lost"
	NoFall         Ill = "yes_without_fall"
	MeterSilent    Ill = "meter_silent"
	CannotReach    Ill = "cannot_reach"
	TooLate        Ill = "deadline_missed"
	NodeStaysOn    Ill = "node_stays_on"
	WaitsForRoom   Ill = "waits_for_room"
)

// Trouble is one of them, on something, since when.
type Trouble struct {
	Ill     Ill
	Subject string // job, node, queue, contract or meter
	Since   time.Time
	Lacks   unit.Power `json:",omitempty"` // of WaitsForRoom: watts at the meter of the hall
}

// Remedy says what a person does about a trouble.
func (i Ill) Remedy() string {
	switch i {
	case IgnoresSignals:
		return "end the job by the engine's hard means (scancel --signal=KILL --full, delete the pod without grace) or open its feeder; the next victims were taken in its place"
	case CameBack:
		return "somebody started a job that this event stopped: it is evicted again; ask who did, or stop the event"
	case Unreachable:
		return "see to the engine; power limits still reach the nodes, and commands go out again by themselves"
	case Refuses:
		return "the engine says no: read its word in the log, mend the rights or the version; others were taken in its place"
	case NodeRefuses:
		return "the power agent of the node says no: read its word in the log; others were taken in its place"
	case LimitLost:
		return "the GPUs forgot their limit, as after a reload of the driver: it is set again; see whether the node restarted"
	case NoPower:
		return "mend the power agent or the exporter of the node; until then nothing is claimed for its jobs"
	case HoldLost:
		return "somebody opened a queue that this event holds: it is held again; ask who did"
	case WithheldLost:
		return "the engine let go of watts that were withheld: they are withheld again; see why its reservation or order ended"
	case NoFall:
		return "it was answered with yes and the meter does not fall: see whether the jobs really ended; the next victims were taken"
	case MeterSilent:
		return "mend the meter; what is down stays down and nothing is given back until it answers"
	case CannotReach:
		return "everything that the terms allow is done and it is not enough: open a feeder, or ask for a higher limit"
	case TooLate:
		return "the meter does not show it in time: what can still be done is done; tell who ordered it"
	case NodeStaysOn:
		return "the node was told to switch off and is still on: see its management controller"
	case WaitsForRoom:
		return "the hall's meter leaves no room for what is still to be given back: see who draws more than when it began, wait, or release again with a higher limit"
	}
	return ""
}

// Ills lists all of them.
func Ills() []Ill {
	return []Ill{
		IgnoresSignals, CameBack, Unreachable, Refuses, NodeRefuses, LimitLost, NoPower,
		HoldLost, WithheldLost, NoFall, MeterSilent, CannotReach, TooLate, NodeStaysOn, WaitsForRoom,
	}
}

// trouble begins a trouble; one that is known already is not told again.
func (c *core) trouble(i Ill, subject string) {
	if slices.ContainsFunc(c.st.Troubles, func(t Trouble) bool { return t.Ill == i && t.Subject == subject }) {
		return
	}
	c.tell(Trouble{Ill: i, Subject: subject, Since: c.now})
}

func (c *core) tell(t Trouble) {
	c.st.Troubles = append(c.st.Troubles, t)
	c.out = append(c.out, Alarm{Trouble: t})
	c.dirty = true
}

// well ends a trouble.
func (c *core) well(i Ill, subject string) {
	at := slices.IndexFunc(c.st.Troubles, func(t Trouble) bool { return t.Ill == i && t.Subject == subject })
	if at < 0 {
		return
	}
	c.out = append(c.out, Cleared{Trouble: c.st.Troubles[at]})
	c.st.Troubles = slices.Delete(c.st.Troubles, at, at+1)
	c.dirty = true
}
