package alarm

import "time"

// Event is something that happened.
type Event interface{ event() }

type (
	// Raised says that a condition holds. Said again it brings count and words up to date.
	Raised struct{ Condition }

	// Returned says that it holds no more.
	Returned struct{ Point }

	// Holds is everything that one source sees of one site: what it told of before and
	// does not name now has ended. This is the way that loses nothing.
	Holds struct {
		Site, Source string
		Conditions   []Condition
	}

	// Noticed is a notice of a site: something that happened, without an end of its own.
	// It is an alarm until somebody acknowledges it, an event, or neither.
	Noticed struct{ Condition }

	// Acknowledge says that somebody has seen an alarm and does something about it.
	Acknowledge struct {
		Number     int64
		By, Reason string
	}

	// Shelve puts an alarm aside until an hour.
	Shelve struct {
		Number     int64
		By, Reason string
		Until      time.Time
	}

	// Unshelve takes it back.
	Unshelve struct {
		Number int64
		By     string
	}

	// TakeOut takes a point out of service until a person puts it back.
	TakeOut struct {
		Point
		By, Reason string
	}

	// PutBack puts it back in service.
	PutBack struct {
		Point
		By string
	}

	// Suppress says that the design of a site makes a point of no use now, such as the
	// meter of a hall that is being rebuilt. Why empty: it is of use again.
	Suppress struct {
		Point
		Why string
	}

	// Staffed says how many operators share the alarms.
	Staffed struct{ Operators int }

	// Tick says that time went by. Give one each second.
	Tick struct{}
)

func (Raised) event()      {}
func (Returned) event()    {}
func (Holds) event()       {}
func (Noticed) event()     {}
func (Acknowledge) event() {}
func (Shelve) event()      {}
func (Unshelve) event()    {}
func (TakeOut) event()     {}
func (PutBack) event()     {}
func (Suppress) event()    {}
func (Staffed) event()     {}
func (Tick) event()        {}

// What says what became of an alarm.
type What string

// What becomes of alarms.
const (
	WasRaised     What = "raised"
	WasAgain      What = "rang_again" // after it ended, or because it grew to twice what was acknowledged
	WasReturned   What = "returned"
	WasAcked      What = "acknowledged"
	WasShelved    What = "shelved"
	WasUnshelved  What = "unshelved"
	WasExpired    What = "shelf_expired"
	WasTakenOut   What = "taken_out_of_service"
	WasPutBack    What = "put_back_in_service"
	WasHidden     What = "suppressed"
	WasShown      What = "shown_again"
	WasForgotten  What = "over"
	WasEvent      What = "event" // a notice that needs nobody
	WasChattering What = "chatters"
)

// Entry is one line of the history.
type Entry struct {
	At       time.Time         `json:"at"`
	What     What              `json:"what"`
	Number   int64             `json:"number,omitempty"` // 0: of no alarm
	Point    Point             `json:"point"`
	Priority Priority          `json:"priority,omitempty"`
	By       string            `json:"by,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Params   map[string]string `json:"params,omitempty"`
}

// Kind is what a message tells.
type Kind string

// The kinds.
const (
	TellRaised   Kind = "raised"
	TellRepeated Kind = "repeated"
	TellEnded    Kind = "ended"
	TellSilenced Kind = "silenced" // a person shelved it or took it out of service
	TellDigest   Kind = "digest"   // many at once
)

// Effect is what the shell shall do.
type Effect interface{ effect() }

type (
	// Changed is for the store and for those who watch.
	Changed struct {
		Entry Entry
		Alarm Alarm // as it stands now; its number is 0 for an event
	}

	// Tell sends one message to one contact.
	Tell struct {
		Number  int64 // never given twice: the id of the message
		Contact string
		Kind    Kind
		Alarms  []Alarm // the one, or those of a digest, the gravest first, at most 20
		All     int     // how many a digest is about
	}

	// Untold says that an alarm of the highest two priorities reaches nobody outside the
	// control room. It comes once for each.
	Untold struct{ Alarm Alarm }

	// Flooded says that a flood began or ended.
	Flooded struct {
		Began bool
		Rings int // of the last 10 minutes
	}

	// Proposed says that an alarm chatters: a person may shelve it.
	Proposed struct{ Alarm Alarm }

	// Refusal is a valid no.
	Refusal struct {
		Code   Code
		Number int64
	}
)

func (Changed) effect()  {}
func (Tell) effect()     {}
func (Untold) effect()   {}
func (Flooded) effect()  {}
func (Proposed) effect() {}
func (Refusal) effect()  {}

// Code says why not; codes are only ever added.
type Code string

// The codes.
const (
	NotThere    Code = "not_there"
	NoName      Code = "no_name"
	NoReason    Code = "no_reason"
	BadTime     Code = "bad_time"
	TooLong     Code = "too_long"
	NotByDesign Code = "not_by_design" // of the highest priority
	IsDone      Code = "already_done"
	UnknownOne  Code = "unknown_alarm"
	IsFull      Code = "too_many"
	BadEvent    Code = "bad_event"
)

// Codes are all of them.
func Codes() []Code {
	return []Code{NotThere, NoName, NoReason, BadTime, TooLong, NotByDesign, IsDone, UnknownOne, IsFull, BadEvent}
}

// Remedy says what to do.
func (c Code) Remedy() string {
	switch c {
	case NotThere:
		return "there is no such alarm any more: look at the list"
	case NoName:
		return "say who does it"
	case NoReason:
		return "say why: the reason stays in the history"
	case BadTime:
		return "shelve it until an hour that is to come"
	case TooLong:
		return "shelve it for a shorter time: an alarm of priority 1 for at most 1 hour, others for at most 12; longer is out of service"
	case NotByDesign:
		return "an alarm of priority 1 is never suppressed by design: acknowledge or shelve it"
	case IsDone:
		return "that was done already"
	case UnknownOne:
		return "no alarm has this code: see the table of docs/alarms.md"
	case IsFull:
		return "too many alarms are kept: end some first"
	case BadEvent:
		return "the program does not know this event; please report it"
	}
	return "it was refused"
}
