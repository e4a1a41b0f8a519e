package trust

import (
	"time"

	"sluice/unit"
)

// Effect is what the shell shall do.
type Effect interface{ effect() }

type (
	// Entrust says which machines a plan may move from now on, by index. It comes
	// last, and whenever stage or machines have changed.
	Entrust struct {
		Stage Stage
		Units []bool
		Count int
		Most  unit.Power // sum of their full power, never above the cap of the stage
	}

	// Granted is a request that two people agreed on. A promotion or a wider cap is
	// carried out already; resuming and releasing are the shell's to do.
	Granted struct {
		Request Request
		And     string // who approved
	}

	// Advised shows a new recommendation to people.
	Advised struct{ Recommendation Recommendation }

	// Follow says that a person accepted: the plan holds for the machines that
	// Entrust names, until it ends.
	Follow struct {
		Plan  int64
		Until time.Time
	}

	// Refusal is a valid no.
	Refusal struct {
		Code    Code
		Number  int64       // of the request or recommendation; 0: none
		Missing []Condition // why a promotion is not possible yet
	}

	// Alarm is for a person.
	Alarm struct {
		Code     Code
		Evidence string
	}
)

func (Entrust) effect() {}
func (Granted) effect() {}
func (Advised) effect() {}
func (Follow) effect()  {}
func (Refusal) effect() {}
func (Alarm) effect()   {}
func (Record) effect()  {}

// Code says why; codes are only ever added.
type Code string

// Why something that was asked for was not done.
const (
	BadEvent     Code = "bad_event"
	NoName       Code = "no_name"
	NoReason     Code = "no_reason"
	NotNext      Code = "not_the_next_stage"
	NotLower     Code = "not_a_lower_stage"
	NotWider     Code = "cap_is_not_wider"
	NotReady     Code = "conditions_missing"
	NotAdvisory  Code = "not_advisory"
	SamePerson   Code = "same_person"
	IsExpired    Code = "expired"
	IsClosed     Code = "already_answered"
	NotThere     Code = "unknown_number"
	Overtaken    Code = "overtaken"
	HasChanged   Code = "more_than_was_shown"
	TooMany      Code = "too_many_open"
	OldPlan      Code = "old_plan"
	OverCap      Code = "above_the_cap"
	OutOfOrder   Code = "interval_out_of_order"
	NothingToAct Code = "no_machine_in_scope"
)

// Which guard acted.
const (
	LimitViolated  Code = "limit_violated"
	ProofsFailed   Code = "proofs_failed"
	FeedsStale     Code = "feeds_stale"
	ClockOff       Code = "clock_off"
	ManyOverrides  Code = "many_overrides"
	VersionsDiffer Code = "versions_differ"
	KernelBroke    Code = "kernel_invariant"
	UnsafeAdvice   Code = "unsafe_recommendation"
	BadMemory      Code = "bad_memory"
)

// Why a machine is not entrusted.
const (
	None          Code = ""
	StageTooLow   Code = "stage"
	OutOfScope    Code = "scope"
	CapFull       Code = "cap"
	NotAdopted    Code = "identity"
	VersionsUnfit Code = "versions_unfit"
)

// What says what a record is about; only ever added.
type What string

// The records.
const (
	WasRequested   What = "requested"
	WasApproved    What = "approved"
	WasDeclined    What = "declined"
	WasExpired     What = "expired"
	WasOvertaken   What = "overtaken"
	WasRefused     What = "refused"
	WasPromoted    What = "promoted"
	WasDemoted     What = "demoted"
	WasRestarted   What = "evidence_restarted"
	WasWarned      What = "guard"
	WasRecommended What = "recommended"
	WasAnswered    What = "recommendation_answered"
	WasLapsed      What = "recommendation_lapsed"
	WasWithdrawn   What = "recommendation_withdrawn"
	WasOverridden  What = "overridden"
)

// State is what a record compares.
type State struct {
	Stage Stage
	Item  Progress `json:",omitempty"` // of the request or recommendation
	Units int      // entrusted
	Power unit.Power
}

// Record is one change by a person or a guard, for the audit: plain data, never
// changed afterwards. Keep it in one transaction with the Memory of the same Step.
type Record struct {
	Number        int64 // rises by one
	At            time.Time
	What          What
	By            string     `json:",omitempty"` // who asked or did it; empty: a guard or time
	And           string     `json:",omitempty"` // who approved
	Code          Code       `json:",omitempty"` // the guard, or why it was refused
	Kind          Kind       `json:",omitempty"`
	Item          int64      `json:",omitempty"` // number of the request or recommendation
	Subject       string     `json:",omitempty"`
	Reason        string     `json:",omitempty"`
	Evidence      string     `json:",omitempty"`
	Effect        Difference // machines, watts and money that the request moves
	Before, After State
	Ledger        *Ledger  `json:",omitempty"` // the evidence at a change of stage
	Eased         []string `json:",omitempty"` // what the site asks less for than the defaults
}
