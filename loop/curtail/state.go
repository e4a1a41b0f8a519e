package curtail

import (
	"maps"
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// Phase is how far an event is.
type Phase string

// The phases.
const (
	Idle      Phase = ""
	Shedding  Phase = "shedding"  // until the meter shows what was ordered
	Holding   Phase = "holding"   // the meter shows it
	Releasing Phase = "releasing" // giving back
	Done      Phase = "done"      // everything was given back
	Stopped   Phase = "stopped"   // by a person: nothing more is taken and nothing given back
)

// Order is "from X to Y watts within N minutes, for so long".
type Order struct {
	Event    string     // name of it: at most 40 lower-case letters, digits and dashes
	From, To unit.Power // at the meter of the hall
	At       time.Time
	Within   time.Duration
	Hold     time.Duration // 0: until it is released
	KeepFirm bool
	Why      string // for the tenants
}

// Deadline is when the meter must show it.
func (o Order) Deadline() time.Time { return o.At.Add(o.Within) }

// Stage is how far one act is.
type Stage string

// The stages. What is undone leaves the state.
const (
	Meant   Stage = "meant"   // goes out with this step
	Warned  Stage = "warned"  // the tenant knows; the eviction comes at By
	Sent    Stage = "sent"    // no answer yet
	Agreed  Stage = "agreed"  // the engine or the node said yes
	Seen    Stage = "seen"    // a later view or reading shows it
	Undoing Stage = "undoing" // given back, not seen yet
)

// Act is one thing done to one job or node. It stays in the state until it was
// undone, or its job is gone.
type Act struct {
	Lever    shed.Lever
	Item     string // job or node
	Contract string
	Tenant   string
	GPUs     int
	Nodes    []string
	UUIDs    []string // GPUs of the job where it shares its one node; empty: all of its nodes
	Firm     bool
	Limit    unit.Power // of a cap
	Before   unit.Power // limit of ours that was in force; 0: the default one
	Draw     unit.Power // of a GPU before anything was done to the job
	Run      time.Time  // start of the run of the job
	Speed    unit.Ratio // under the cap
	Saved    unit.Power // IT watts
	Rest     unit.Power `json:",omitempty"` // of Saved and of Back: of servers beside their GPUs, by their plates, so at most
	Back     unit.Power // IT watts that come back when it is undone
	Cost     unit.Amount
	Planned  unit.Power // planning watts of the job
	Ready    time.Duration
	WarnSeq  int
	Seq      int
	By       time.Time // of an eviction: not before
	Due      time.Time // when the meter must show it
	SentAt   time.Time
	Stage    Stage
	Ran      bool // an evicted job was seen away, so that seeing it again means that somebody started it
}

// State is everything that a kernel must remember. It is plain data; the view, the
// readings and the meter are not in it, they come again.
type State struct {
	Hall     string
	Event    string // name under which commands go out
	Seq      int
	Epoch    int64 // of power limits
	Order    Order
	Phase    Phase
	Since    time.Time             // of the phase
	Base     unit.Power            // meter when the event began
	Load     unit.Power            `json:",omitempty"` // of all GPUs when it began, IT watts
	Racks    map[string]unit.Power `json:",omitempty"` // meters of the racks when it began
	Site     unit.Power
	Plan     shed.Plan
	Acts     []Act                 `json:",omitempty"` // in the order in which they were done
	Held     map[string]int        `json:",omitempty"` // queue: number of the command
	Withheld unit.Power            `json:",omitempty"` // planning watts
	WithSeq  int                   `json:",omitempty"`
	Waiting  map[int]time.Time     `json:",omitempty"` // commands without an answer, since when
	Empty    map[string]time.Time  `json:",omitempty"` // nodes, since when
	Backs    []Back                `json:",omitempty"` // given back, not answered yet
	Lifts    []Lift                `json:",omitempty"` // limits raised, not answered yet
	Pulse    time.Time             `json:",omitzero"`  // until when queues are open for a moment
	Pulsed   []string              `json:",omitempty"`
	Refused  map[string]time.Time  `json:",omitempty"` // jobs and nodes about which the engine said no
	Troubles []Trouble             `json:",omitempty"`
	Owed     map[string]unit.Power `json:",omitempty"` // IT watts of restored jobs behind a queue that is still held
	Coming   map[string]Coming     `json:",omitempty"` // restored jobs that the meter does not show yet
	Limit    unit.Power            `json:",omitempty"` // while giving back, at the meter
	Unbound  bool                  `json:",omitempty"` // no limit stands any more: what was never taken is given back in portions only
	Stepped  time.Time             `json:",omitzero"`  // last step of giving back
	Checked  time.Time             `json:",omitzero"`  // last judgement by the meter
}

// Back is a command that gives something back and has no answer yet.
type Back struct {
	Seq     int
	Verb    engine.Verb
	Subject string
}

// Coming is what a restored job will draw.
type Coming struct {
	Power unit.Power // IT watts
	Rest  unit.Power // of them of servers beside their GPUs, by their plates
	Since time.Time
}

// Lift is a raised power limit that the node has not confirmed yet.
type Lift struct {
	Node  string
	UUIDs []string
	Limit unit.Power // 0: the default one
	Power unit.Power `json:",omitempty"` // IT watts that the node will draw more
	Begun time.Time  // when it was raised, or could last not be asked for again
	Since time.Time  // when it went out last
	Again bool       `json:",omitempty"` // it went out more than once
}

// Clone is a copy that shares nothing that changes.
func (s State) Clone() State {
	s.Acts = slices.Clone(s.Acts)
	s.Held, s.Waiting, s.Empty, s.Racks = maps.Clone(s.Held), maps.Clone(s.Waiting), maps.Clone(s.Empty), maps.Clone(s.Racks)
	s.Owed, s.Refused, s.Coming = maps.Clone(s.Owed), maps.Clone(s.Refused), maps.Clone(s.Coming)
	s.Troubles, s.Backs, s.Lifts, s.Pulsed = slices.Clone(s.Troubles), slices.Clone(s.Backs), slices.Clone(s.Lifts), slices.Clone(s.Pulsed)
	return s
}
