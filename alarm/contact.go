package alarm

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Channel is a way to reach a contact.
type Channel string

// The channels.
const (
	Mail    Channel = "mail"
	Webhook Channel = "webhook"
	Chat    Channel = "chat"
)

// Channels are all of them.
func Channels() []Channel { return []Channel{Mail, Webhook, Chat} }

// Quiet is when a contact sleeps, by the clock on the wall of its zone, minutes after
// midnight; From after To goes through midnight. It starts and ends when the wall clock
// says so: on a night in which clocks change it is an hour longer or shorter.
type Quiet struct {
	From int `json:"from_minute"`
	To   int `json:"to_minute"`
}

// Contact is somebody who can be told outside the control room.
type Contact struct {
	Name     string
	Channel  Channel
	Language string         // en, ar or pt
	Zone     *time.Location // of quiet hours, and of the times in messages
	Quiet    *Quiet         // nil: always awake
	Breaks   Priority       // this priority and higher ones break quiet hours; priority 1 always does
}

// Sleeps reports whether a contact is not to be woken at an instant for a priority.
func (c Contact) Sleeps(now time.Time, p Priority) bool {
	if c.Quiet == nil || p <= max(c.Breaks, Critical) {
		return false
	}
	t := now.In(c.Zone)
	m := t.Hour()*60 + t.Minute()
	if c.Quiet.From < c.Quiet.To {
		return c.Quiet.From <= m && m < c.Quiet.To
	}
	return m >= c.Quiet.From || m < c.Quiet.To
}

// Step is who is told once an alarm has waited for a time.
type Step struct {
	After    time.Duration // since it came up; 0: at once
	Contacts []string
}

// Repeat is how often somebody is told again while nobody acknowledges.
type Repeat struct {
	Every time.Duration
	Most  int // repetitions after the first message
}

// Route is which alarms reach whom.
type Route struct {
	Name       string
	Sites      []string   // empty: all
	Priorities []Priority // empty: all
	Steps      []Step     // by time; a step whose contacts all sleep is passed over
	Repeat     Repeat
	Ended      bool // who was told also hears the end
}

// takes reports whether an alarm goes this way.
func (r Route) takes(a *Alarm) bool {
	return (len(r.Sites) == 0 || slices.Contains(r.Sites, a.Site)) && (len(r.Priorities) == 0 || slices.Contains(r.Priorities, a.Priority))
}

func (r Route) names(contact string) bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool { return slices.Contains(s.Contacts, contact) })
}

// The bounds of a configuration.
const (
	mostContacts = 200
	mostRoutes   = 100
	mostSteps    = 10
	mostRepeats  = 20
	longestStep  = 24 * time.Hour
	mostFlood    = 1000
)

// Validate names everything that is wrong.
func (c Config) Validate() error {
	var faults []error
	if len(c.Contacts) > mostContacts || len(c.Routes) > mostRoutes {
		faults = append(faults, fmt.Errorf("alarm: %d contacts and %d routes: at most %d and %d", len(c.Contacts), len(c.Routes), mostContacts, mostRoutes))
	}
	if c.Flood < 0 || c.Flood > mostFlood {
		faults = append(faults, fmt.Errorf("alarm: a flood from %d alarms on: use 1 to %d, or 0 for the usual", c.Flood, mostFlood))
	}
	known := map[string]bool{}
	for _, x := range c.Contacts {
		if known[x.Name] {
			faults = append(faults, fmt.Errorf("contact %q is there twice: rename one", x.Name))
		}
		known[x.Name] = true
		faults = append(faults, x.validate())
	}
	routes := map[string]bool{}
	for _, r := range c.Routes {
		if routes[r.Name] {
			faults = append(faults, fmt.Errorf("route %q is there twice: rename one", r.Name))
		}
		routes[r.Name] = true
		faults = append(faults, r.validate(known))
	}
	return errors.Join(faults...)
}

func (c Contact) validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("contact %q: "+format, append([]any{c.Name}, args...)...))
	}
	if c.Name == "" || clean(c.Name, mostName) != c.Name {
		say("give it a name of one line, at most %d bytes", mostName)
	}
	if !slices.Contains(Channels(), c.Channel) {
		say("channel %q: use mail, webhook or chat", c.Channel)
	}
	if !slices.Contains([]string{"en", "ar", "pt"}, c.Language) {
		say("language %q: use en, ar or pt", c.Language)
	}
	if c.Zone == nil {
		say("name its time zone, such as America/Chicago")
	}
	if q := c.Quiet; q != nil && (q.From < 0 || q.From >= 24*60 || q.To < 0 || q.To >= 24*60 || q.From == q.To) {
		say("quiet hours from minute %d to %d: use two different ones from 0 to 1439", q.From, q.To)
	}
	if c.Breaks < 0 || c.Breaks > Low {
		say("priority %d breaks quiet hours: use 1 to 4", c.Breaks)
	}
	return errors.Join(faults...)
}

func (r Route) validate(known map[string]bool) error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("route %q: "+format, append([]any{r.Name}, args...)...))
	}
	if r.Name == "" || len(r.Steps) == 0 || len(r.Steps) > mostSteps {
		say("it needs a name and 1 to %d steps", mostSteps)
	}
	for _, p := range r.Priorities {
		if p < Critical || p > Low {
			say("priority %d: use 1 to 4", p)
		}
	}
	last := time.Duration(-1)
	for i, s := range r.Steps {
		if s.After <= last || s.After > longestStep {
			say("step %d is after %s: each step comes later than the one before, within %s", i+1, s.After, longestStep)
		}
		last = s.After
		if len(s.Contacts) == 0 {
			say("step %d tells nobody: name contacts", i+1)
		}
		for _, c := range s.Contacts {
			if !known[c] {
				say("step %d: there is no contact %q", i+1, c)
			}
		}
	}
	if p := r.Repeat; p.Most < 0 || p.Most > mostRepeats || p.Most > 0 && p.Every < time.Minute {
		say("%d repetitions every %s: at most %d, and a minute apart at least", p.Most, p.Every, mostRepeats)
	}
	return errors.Join(faults...)
}
