package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"sluice/unit"
)

// Engine is one compute engine. One goroutine asks it at a time; ctx carries the
// timeout. Errors wrap one of the errors of this package where one fits.
type Engine interface {
	Capabilities(ctx context.Context) (Capabilities, error)
	View(ctx context.Context) (View, error)
	Do(ctx context.Context, c Command) (Answer, error)
}

// Recorder is an engine that keeps records of use.
type Recorder interface {
	// Usage lists what ran within a stretch of time, stretches that reach beyond
	// it uncut, in order of start and job.
	Usage(ctx context.Context, from, to time.Time) ([]Usage, error)
}

// Registrar is an engine on which tenants can be registered.
type Registrar interface {
	// Admit registers a tenant with its limits and returns what the tenant needs
	// to use the engine. It is idempotent; limits of a known tenant are changed.
	Admit(ctx context.Context, t Tenant) (Access, error)
	// Dismiss takes from a tenant the right to start anything; nothing that runs is touched.
	Dismiss(ctx context.Context, tenant string) error
}

// What a driver's error may wrap.
var (
	ErrUnreachable = errors.New("engine unreachable")
	ErrDenied      = errors.New("engine denies it")
	ErrUnsupported = errors.New("engine cannot do it")
	ErrUnknown     = errors.New("engine does not know it") // job, queue, node or tenant
	ErrForeign     = errors.New("somebody else changed it")
)

// Capabilities is what an engine can do, and how fast it was seen to do it.
type Capabilities struct {
	Engine  string // "slurm", "kueue"
	Version string
	API     string // dialect in use, such as "v0.0.38" or "kueue.x-k8s.io/v1beta2"
	Verbs   []Verb // that Do takes

	ExactVictim  bool // Evict takes exactly the job that it names
	EarlyWarning bool // Warn reaches the job and not only its record
	Window       bool // a stretch of time can be kept free in advance
	WattBudget   bool // watts can be withheld from admission

	Latency map[Verb]time.Duration // measured or documented, from command to effect at the engine; missing: not known
}

// Can reports whether an engine takes a verb.
func (c Capabilities) Can(v Verb) bool {
	return slices.Contains(c.Verbs, v)
}

// View is an engine at one instant.
type View struct {
	Version string // of the engine's own state; equal versions are equal views where it is not empty
	At      time.Time
	Jobs    []Job // that wait, run, stop or are held, in order of ID
	Nodes   []Node
	Queues  []Queue
	Watts   Watts
}

// Watts is an engine's own account of power. These are planning watts: what was
// declared for a GPU times GPUs. They do not fall when a limit bites.
type Watts struct {
	Known    bool
	Budget   unit.Power // that may be admitted in all
	Admitted unit.Power // to jobs that run
	Withheld unit.Power // by commands of ours, all events together
}

// State is where a job stands.
type State string

// The states of a job.
const (
	Waiting  State = "waiting"  // asks for admission
	Held     State = "held"     // may not start: somebody held it
	Running  State = "running"  // counts as admitted
	Stopping State = "stopping" // was told to stop and still draws power
)

// Job is one job. All of its nodes start and stop together: a gang is one job.
type Job struct {
	ID        string // of the engine, stable over a requeue
	Name      string
	Tenant    string // Slurm account, Kubernetes namespace
	Queue     string // partition, LocalQueue
	Contract  string // that it declares; empty: the queue's
	State     State
	GPUs      int
	Nodes     []string // that it runs on
	Watts     unit.Power
	Submitted time.Time
	Started   time.Time     // of the present run; zero: does not run
	Limit     time.Duration // of a run; 0: none stated
	Deadline  time.Time     // by which it must be done; zero: none
	Saved     time.Time     // last proven checkpoint of this run; zero: none was ever proven
	Priority  int64
	Position  int    // in its queue from 1; 0: not known
	Why       string // it waits, in the engine's word
	Evicted   string // event of ours that stopped it; empty: none did
	Rank      int    // where the engine must stop jobs itself it takes lower ones first; 0: nobody ranked it
}

// NodeState is where a node stands.
type NodeState string

// The states of a node.
const (
	NodeUp       NodeState = "up"
	NodeDraining NodeState = "draining" // takes no new job
	NodeDown     NodeState = "down"     // broken or not heard
	NodeOff      NodeState = "off"      // switched off by the engine's power saving
	NodeLeaving  NodeState = "leaving"  // on its way to off
	NodeStarting NodeState = "starting" // on its way to up
)

// Node is one server.
type Node struct {
	Name   string
	State  NodeState
	GPUs   int
	Busy   int // GPUs that jobs hold
	Model  string
	Reason string // why it does not take jobs, in the engine's word
	Event  string // of ours that switched it off; empty: none did
}

// Queue is one door through which jobs come: a partition, a ClusterQueue.
type Queue struct {
	Name    string
	Held    bool   // admits nothing
	Event   string // of ours that holds it; empty: none does
	Waiting int
	GPUs    int  // quota; 0: none stated
	Drained bool // what ran in it is stopped too
}

// Usage is one stretch in which one job ran.
type Usage struct {
	Job      string
	Run      int // of this job, from 1
	Tenant   string
	Contract string
	Queue    string
	GPUs     int
	Nodes    []string
	From     time.Time
	To       time.Time // zero: still runs
	Ended    End
}

// GPUSeconds is what the stretch comes to until now.
func (u Usage) GPUSeconds(now time.Time) int64 {
	to := u.To
	if to.IsZero() || to.After(now) {
		to = now
	}
	return int64(u.GPUs) * int64(max(0, to.Sub(u.From))/time.Second)
}

// End is why a run ended.
type End string

// The ends of a run.
const (
	StillRuns End = ""
	Completed End = "completed"
	Failed    End = "failed"
	Cancelled End = "cancelled"
	Preempted End = "preempted" // by the engine or by a command of ours
	NodeLost  End = "node_lost"
)

// Tenant is who may use an engine, and how much of it.
type Tenant struct {
	Name   string // lower-case letters, digits and dashes: it becomes an account or a namespace
	Queue  string // through which it comes
	GPUs   int    // at most at once; 0: no limit of its own
	Watts  unit.Power
	People []string // users of the engine's host or identities of its cluster
}

// Access is what a tenant needs to use an engine. Secret is shown once and never stored.
type Access struct {
	Engine   string
	Account  string // account or namespace
	Queue    string
	Endpoint string
	Secret   string
	Until    time.Time // of the secret; zero: it does not end
	Hint     string    // first command to try
}
