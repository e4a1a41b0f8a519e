package drivertest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// EngineBench is an engine under test, with the hands of its tenants and of its
// operator. All jobs and nodes of it are the suite's own, and nothing runs yet.
type EngineBench struct {
	Engine   engine.Engine
	Submit   func(EngineJob) string // a tenant submits a job and gets its engine ID; empty: the engine did not take it
	End      func(id string)        // the job ends by itself
	Pass     func(d time.Duration)  // lets time pass: all of d where it is virtual, perhaps less where it is real
	Now      func() time.Time
	Firm     string     // queue that nobody preempts
	Spot     string     // queue whose jobs may be evicted
	Nodes    []string   // at least two, of PerNode GPUs each, in order
	PerNode  int        // at least two
	Watts    unit.Power // planning watts of a GPU
	Patience time.Duration
	Refuse   func(bool) // nil, or: the engine answers nothing (true) until false

	Calm   time.Duration        // after which what was going to start has started; 0: Patience
	Again  func() engine.Engine // a driver of the same engine as after a restart of ours; nil: not checked
	Tenant string               // whose jobs Submit may submit from the first; empty: "tenant-a"
	People []string             // who submits, as engine.Tenant names them
}

// EngineJob is what a tenant submits. Limit and Deadline may be zero.
type EngineJob struct {
	Name, Tenant, Queue string
	GPUs                int
	Limit               time.Duration
	Deadline            time.Time
}

// engineCheck is one demand of the suite.
type engineCheck struct {
	name string
	run  func(*trial)
}

// engineChecks lists the demands.
func engineChecks() []engineCheck {
	return []engineCheck{
		{"says what it can do", (*trial).ability},
		{"views are ordered and balanced, and asking has no effect", (*trial).balance},
		{"a job that waits says why", (*trial).waitingReason},
		{"a held queue starts nothing, and what runs goes on", (*trial).holding},
		{"a queue stays held until its last event releases it", (*trial).holdingTwice},
		{"a drained queue stops what runs in it, which comes back when it is released", (*trial).draining},
		{"a queue that another event holds stays held when its drain ends", (*trial).drainingHeld},
		{"evict stops exactly one job, which stays away until it is restored", (*trial).evicting},
		{"restore starts nothing that this event did not stop", (*trial).foreignRestore},
		{"a warned job runs on", (*trial).warning},
		{"the same command twice changes nothing", (*trial).twice},
		{"withheld watts keep waiting jobs out and touch none that runs", (*trial).withholding},
		{"what several events withhold adds up", (*trial).withholdingTwice},
		{"withheld watts do not expire", (*trial).lasting},
		{"ranks are taken, replaced and forgotten, and move nobody", (*trial).ranking},
		{"a node is emptied before it is switched off, and comes back", (*trial).switching},
		{"a window keeps long jobs out and lets short ones run", (*trial).windowing},
		{"what is not there is unknown", (*trial).unknown},
		{"what it cannot do is unsupported", (*trial).unsupported},
		{"what makes no sense is not done", (*trial).senseless},
		{"an engine that does not answer is unreachable, and works later", (*trial).unreachable},
		{"an evicted and restored job has two records that sum right", (*trial).recording},
		{"a tenant is admitted, limited and dismissed", (*trial).registering},
		{"a new driver finds what the old one did", (*trial).restarting},
		{"firm jobs are untouched by all of this", (*trial).firm},
	}
}

// Engine checks that a compute engine keeps the contract of package engine. Each
// demand has a fresh bench of its own; they are tried one after the other.
func Engine(tb testing.TB, open func(testing.TB) EngineBench) {
	tb.Helper()
	EngineShare(tb, open, 0, 1)
}

// EngineShare is every of-th check from the number first on: an engine that takes
// its time is checked by several benches at once.
func EngineShare(tb testing.TB, open func(testing.TB) EngineBench, first, of int) {
	tb.Helper()
	for i, c := range engineChecks() {
		if i%of != first {
			continue
		}
		try := func(tb testing.TB) { //nolint:thelper // the body of a test
			c.run(newTrial(tb, open(tb)))
		}
		if t, ok := tb.(*testing.T); ok {
			t.Run(c.name, func(t *testing.T) { try(t) })
			continue
		}
		try(tb)
	}
}

// trial is one check on its bench.
type trial struct {
	testing.TB
	b     EngineBench
	can   engine.Capabilities
	event string
	seq   int
}

func newTrial(tb testing.TB, b EngineBench) *trial {
	tb.Helper()
	if len(b.Nodes) < 2 || b.PerNode < 2 {
		tb.Fatalf("the bench has %d nodes of %d GPUs: at least two of two are needed", len(b.Nodes), b.PerNode)
	}
	b.Calm = cmp.Or(b.Calm, b.Patience)
	b.Tenant = cmp.Or(b.Tenant, "tenant-a")
	t := &trial{TB: tb, b: b, event: "event-a"}
	t.can = must(tb, b.Engine.Capabilities)
	return t
}

// needs reports whether the engine takes verbs; what it does not take is checked by unsupported.
func (t *trial) needs(verbs ...engine.Verb) bool {
	t.Helper()
	for _, v := range verbs {
		if !t.can.Can(v) {
			t.Logf("%s %s does not take %s", t.can.Engine, t.can.Version, v)
			return false
		}
	}
	return true
}

// submit submits a job of the bench's tenant.
func (t *trial) submit(name, queue string, gpus int) string {
	t.Helper()
	id := t.b.Submit(EngineJob{Name: name, Tenant: t.b.Tenant, Queue: queue, GPUs: gpus, Limit: time.Hour})
	if id == "" {
		t.Fatalf("job %s was not taken", name)
	}
	return id
}

// start submits a job and waits until it runs.
func (t *trial) start(name, queue string, gpus int) engine.Job {
	t.Helper()
	id := t.submit(name, queue, gpus)
	return t.runs(id)
}

// runs waits until a job runs.
func (t *trial) runs(id string) engine.Job {
	t.Helper()
	v := t.until("job "+id+" runs", func(v engine.View) bool { return jobOf(v, id).State == engine.Running })
	return jobOf(v, id)
}

// try gives a command of this trial its event and number, unless it has them.
func (t *trial) try(c engine.Command) (engine.Answer, error) {
	t.Helper()
	c.Event = cmp.Or(c.Event, t.event)
	if c.Seq == 0 {
		t.seq++
		c.Seq = t.seq
	}
	a, err := t.b.Engine.Do(t.Context(), c)
	if err == nil && (a.Event != c.Event || a.Seq != c.Seq || a.At.IsZero()) {
		t.Errorf("%s/%d was answered as %s/%d at %v: an answer names its command and its time", c.Event, c.Seq, a.Event, a.Seq, a.At)
	}
	if err == nil && !a.Done && a.Why == "" {
		t.Errorf("%s %q was not done and nothing says why", c.Verb, c.Subject)
	}
	return a, err
}

// do gives a command that must be done.
func (t *trial) do(c engine.Command) engine.Answer {
	t.Helper()
	a, err := t.try(c)
	if err != nil || !a.Done {
		t.Fatalf("%s %q: %+v, %v", c.Verb, c.Subject, a, err)
	}
	return a
}

// refused gives a command that must not be done, by its answer or with ErrForeign.
func (t *trial) refused(c engine.Command) {
	t.Helper()
	a, err := t.try(c)
	if err != nil && !errors.Is(err, engine.ErrForeign) {
		t.Errorf("%s %q of %s ended with %v: want an answer that it was not done, or ErrForeign", c.Verb, c.Subject, c.Event, err)
	}
	if err == nil && a.Done && !a.Already {
		t.Errorf("%s %q of %s was done: it was another's", c.Verb, c.Subject, c.Event)
	}
}

func (t *trial) view() engine.View {
	t.Helper()
	return must(t.TB, t.b.Engine.View)
}

// until returns the first view in which something holds.
func (t *trial) until(what string, holds func(engine.View) bool) engine.View {
	t.Helper()
	step := max(t.b.Patience/100, 50*time.Millisecond)
	begun := t.b.Now()
	for range 1000 {
		v := t.view()
		if holds(v) {
			return v
		}
		if t.b.Now().Sub(begun) > t.b.Patience {
			t.Fatalf("not seen within %v: %s\n%s", t.b.Patience, what, show(v))
		}
		t.b.Pass(step)
	}
	t.Fatalf("not seen in 1000 views, while the clock of the bench went on by %v: %s", t.b.Now().Sub(begun), what)
	return engine.View{}
}

// stays checks that something goes on holding while nothing is told to the engine.
func (t *trial) stays(what string, holds func(engine.View) bool) {
	t.Helper()
	for range 3 {
		if v := t.view(); !holds(v) {
			t.Fatalf("it did not stay so: %s\n%s", what, show(v))
		}
		t.b.Pass(t.b.Calm / 3)
	}
	if v := t.view(); !holds(v) {
		t.Fatalf("it did not stay so: %s\n%s", what, show(v))
	}
}

// show is a view in a few lines.
func show(v engine.View) string {
	var out strings.Builder
	fmt.Fprintf(&out, "at %v, watts %+v", v.At, v.Watts)
	for _, j := range v.Jobs {
		fmt.Fprintf(&out, "\n  job %s %s of %s in %s: %s, %d GPUs on %v, %s %s", j.ID, j.Name, j.Tenant, j.Queue, j.State, j.GPUs, j.Nodes, j.Why, j.Evicted)
		if !j.Started.IsZero() {
			fmt.Fprintf(&out, ", since %v", j.Started)
		}
	}
	for _, n := range v.Nodes {
		fmt.Fprintf(&out, "\n  node %s: %s, %d of %d GPUs busy, %s %s", n.Name, n.State, n.Busy, n.GPUs, n.Reason, n.Event)
	}
	for _, q := range v.Queues {
		fmt.Fprintf(&out, "\n  queue %s: held %t %s, %d wait", q.Name, q.Held, q.Event, q.Waiting)
	}
	return out.String()
}

// jobOf is a job of a view; the zero Job where it is not in it.
func jobOf(v engine.View, id string) engine.Job {
	if i := slices.IndexFunc(v.Jobs, func(j engine.Job) bool { return j.ID == id }); i >= 0 {
		return v.Jobs[i]
	}
	return engine.Job{}
}

func nodeOf(v engine.View, name string) engine.Node {
	if i := slices.IndexFunc(v.Nodes, func(n engine.Node) bool { return n.Name == name }); i >= 0 {
		return v.Nodes[i]
	}
	return engine.Node{}
}

func queueOf(v engine.View, name string) engine.Queue {
	if i := slices.IndexFunc(v.Queues, func(q engine.Queue) bool { return q.Name == name }); i >= 0 {
		return v.Queues[i]
	}
	return engine.Queue{}
}

// kept reports that a job still is in the run in which it was.
func kept(v engine.View, was engine.Job) bool {
	j := jobOf(v, was.ID)
	return j.State == engine.Running && j.Started.Equal(was.Started) && slices.Equal(j.Nodes, was.Nodes)
}

// out reports that a job is in the view and has not started.
func out(v engine.View, id string) bool {
	j := jobOf(v, id)
	return (j.State == engine.Waiting || j.State == engine.Held) && j.Started.IsZero() && len(j.Nodes) == 0
}
