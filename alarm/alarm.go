package alarm

import (
	"maps"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Point is what an alarm is about; one point has at most one alarm.
type Point struct {
	Site    string `json:"site"` // empty: the control room itself
	Place   string `json:"place,omitempty"`
	Code    string `json:"code"`              // of a definition
	Subject string `json:"subject,omitempty"` // such as a meter; empty where all of a place make one
}

// Condition is something that holds.
type Condition struct {
	Point
	Count  int               `json:"count,omitempty"`  // how many it is true of; 0: it is not counted
	Params map[string]string `json:"params,omitempty"` // numbers with their unit, and words, for the message
}

// State is how an alarm stands.
type State string

// The states.
const (
	Pending                State = "pending" // it does not hold for long enough yet; nobody sees it
	Unacknowledged         State = "unacknowledged"
	Acknowledged           State = "acknowledged"
	ReturnedUnacknowledged State = "returned_unacknowledged"
	Shelved                State = "shelved"
	Hidden                 State = "suppressed_by_design"
	OutOfService           State = "out_of_service"
	Over                   State = "over" // it ended, and needs nobody any more
)

// States are all of them, as they are shown.
func States() []State {
	return []State{Pending, Unacknowledged, Acknowledged, ReturnedUnacknowledged, Shelved, Hidden, OutOfService, Over}
}

// Shelf is why an alarm is put aside, and until when.
type Shelf struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until,omitzero"` // zero: until a person puts it back
}

// Seen is who acknowledged an alarm, and how large it was then.
type Seen struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Count  int       `json:"count,omitempty"`
}

// Told is what one contact heard of an alarm.
type Told struct {
	Contact string    `json:"contact"`
	Times   int       `json:"times"` // the first time and repetitions
	Last    time.Time `json:"last"`
	Ended   bool      `json:"ended,omitempty"` // it heard that the alarm has ended
}

// Alarm is one time that a point came up.
type Alarm struct {
	Condition
	Number   int64     `json:"number"` // never given twice
	Source   string    `json:"source,omitempty"`
	Priority Priority  `json:"priority"`
	Active   bool      `json:"active"`          // the condition holds
	Since    time.Time `json:"since"`           // from when on it holds
	Rang     time.Time `json:"rang,omitzero"`   // when people were first bothered; zero: not yet
	Ended    time.Time `json:"ended,omitzero"`  // when the condition ended
	Times    int       `json:"times"`           // how often it rang
	Due      bool      `json:"due,omitempty"`   // it is to ring as soon as it may
	Brief    bool      `json:"brief,omitempty"` // a notice, without an end of its own
	First    bool      `json:"first,omitempty"` // of its family at its site it came first
	Seen     *Seen     `json:"seen,omitempty"`
	Shelf    *Shelf    `json:"shelf,omitempty"`
	Out      *Shelf    `json:"out,omitempty"`
	Design   string    `json:"design,omitempty"`         // why the design of the site suppresses it
	Cause    int64     `json:"cause,omitempty"`          // number of the alarm that explains it
	Linger   time.Time `json:"linger,omitzero"`          // until when the cause is given time to heal
	Told     []Told    `json:"told,omitempty"`           //
	Untold   bool      `json:"nobody_to_tell,omitempty"` // no route reaches anybody
	Proposed bool      `json:"shelf_proposed,omitempty"` // it chattered, and people heard so
	Muted    bool      `json:"silenced_after,omitempty"` // contacts heard that a person silenced it
	Restless time.Time `json:"chattered_until,omitzero"` // it chatters until then
}

// State is how the alarm stands.
func (a *Alarm) State() State {
	switch {
	case a.Out != nil:
		return OutOfService
	case a.Shelf != nil:
		return Shelved
	case a.Design != "" || a.Cause != 0:
		return Hidden
	case a.Rang.IsZero() && a.Active:
		return Pending
	case a.Rang.IsZero():
		return Over
	case a.Active && a.Seen == nil:
		return Unacknowledged
	case a.Active:
		return Acknowledged
	case a.Seen == nil:
		return ReturnedUnacknowledged
	}
	return Over
}

// over reports whether nothing is left to do: what people were told of stays until
// somebody acknowledged it.
func (a *Alarm) over() bool {
	return !a.Active && a.Shelf == nil && a.Out == nil && (a.Rang.IsZero() || a.Seen != nil)
}

// waits reports whether somebody has to acknowledge it now.
func (a *Alarm) waits() bool {
	s := a.State()
	return s == Unacknowledged || s == ReturnedUnacknowledged
}

// copied shares nothing with a.
func (a *Alarm) copied() Alarm {
	c := *a
	c.Params = maps.Clone(a.Params)
	c.Told = append([]Told(nil), a.Told...)
	c.Seen, c.Shelf, c.Out = clone(a.Seen), clone(a.Shelf), clone(a.Out)
	return c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// The bounds of texts, bytes.
const (
	mostName   = 200
	mostReason = 1000
	mostParams = 8
)

// clean cuts a text to a length and to one line of valid letters.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	for len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut]
	}
	return strings.TrimSpace(s)
}

// cleaned is a condition within its bounds.
func (c Condition) cleaned() Condition {
	c.Site, c.Place, c.Code, c.Subject = clean(c.Site, mostName), clean(c.Place, mostName), clean(c.Code, mostName), clean(c.Subject, mostName)
	c.Count = max(c.Count, 0)
	c.Params = boundedParams(c.Params)
	return c
}

func boundedParams(p map[string]string) map[string]string {
	if len(p) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, k := range sortedKeys(p) {
		if len(out) < mostParams {
			out[clean(k, mostName)] = clean(p[k], mostReason)
		}
	}
	return out
}
