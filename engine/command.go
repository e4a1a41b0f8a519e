package engine

import (
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// Verb is what an engine can be asked.
type Verb string

// The verbs. Each has its opposite, except Warn; that of Rank is a Rank of no jobs.
const (
	Hold     Verb = "hold"      // Subject, a queue: start nothing more; what runs goes on
	Drain    Verb = "drain"     // Subject, a queue: start nothing more, and stop all that runs in it, at once
	Release  Verb = "release"   // Subject, a queue held or drained by the same event
	Warn     Verb = "warn"      // Subject, a job: it will be evicted at By
	Evict    Verb = "evict"     // Subject, a job: stop exactly it, and let it wait until Restore
	Restore  Verb = "restore"   // Subject, a job evicted by the same event: it may run again
	Withhold Verb = "withhold"  // Power in all is kept from admission for this event; replaces what it withheld before
	GiveBack Verb = "give_back" // whatever this event withholds
	Off      Verb = "off"       // Subject, a node: take no new job and switch off once empty
	On       Verb = "on"        // Subject, a node switched off by the same event
	Window   Verb = "window"    // Power or Nodes stay free from From to Until
	Unwindow Verb = "unwindow"  // the window of this event
	Rank     Verb = "rank"      // Jobs, the cheapest to lose first: where the engine itself must stop some, it begins there; replaces the order of this event before
)

// Command is one bounded thing that is asked of an engine. It is plain data: it
// is stored before it is sent.
type Command struct {
	Event   string // curtailment that it belongs to, at most 40 lower-case letters, digits and dashes
	Seq     int    // within the event, from 1
	Verb    Verb
	Subject string // queue, job or node
	Power   unit.Power
	Nodes   []string
	By      time.Time // of Warn: when the job will be evicted
	From    time.Time // of Window
	Until   time.Time // of Window
	Why     string    // for the tenant, in words
	Jobs    []string  `json:",omitempty"` // of Rank, each once; none: nobody is ranked any more
}

// Answer is what an engine said. It is no proof that power fell.
type Answer struct {
	Event   string
	Seq     int
	Done    bool   // the engine took it, now or before
	Already bool   // nothing had to be changed
	Why     string // not done, in the engine's word
	At      time.Time
}

// Validate reports what is wrong with a command.
func (c Command) Validate() error {
	bad := func(what string) error {
		return fmt.Errorf("command %s/%d %s %q: %s", c.Event, c.Seq, c.Verb, c.Subject, what)
	}
	if !Plain(c.Event) || len(c.Event) > 40 || c.Seq < 1 {
		return bad("an event is 1 to 40 lower-case letters, digits and dashes, and its commands are counted from 1")
	}
	switch c.Verb {
	case Hold, Drain, Release, Evict, Restore, Off, On:
		if c.Subject == "" {
			return bad("names no queue, job or node")
		}
	case Warn:
		if c.Subject == "" || c.By.IsZero() {
			return bad("a warning names a job and the time of its eviction")
		}
	case Withhold:
		if c.Power <= 0 {
			return bad("withholds no power: use give_back to end it")
		}
	case Window:
		if !c.From.Before(c.Until) || c.Power <= 0 && len(c.Nodes) == 0 {
			return bad("a window has power or nodes, and ends after it begins")
		}
	case Rank:
		if named := slices.Sorted(slices.Values(c.Jobs)); len(slices.Compact(named)) < len(c.Jobs) || slices.Contains(c.Jobs, "") {
			return bad("an order names each job once")
		}
	case GiveBack, Unwindow:
	default:
		return bad("is no verb of engines")
	}
	return nil
}

// Plain reports whether a name is made of lower-case letters, digits and inner
// dashes only, so that it is a name in every engine.
func Plain(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		if !letter && (r != '-' || i == 0 || i == len(name)-1) {
			return false
		}
	}
	return name != ""
}
