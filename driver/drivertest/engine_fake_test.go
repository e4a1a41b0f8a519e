package drivertest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// toyEngine is an engine in memory and in virtual time, with a fault to plant.
type toyEngine struct {
	fault    string
	clock    *Clock
	mu       sync.Mutex // guards what is below
	deaf     bool
	jobs     []*toyJob
	nodes    []*engine.Node
	held     map[string][]string // queue to events
	drained  map[string][]string
	withheld map[string]unit.Power
	since    map[string]time.Time // event to when it withheld
	windows  map[string]engine.Command
	tenants  map[string]int // GPUs at most; 0: no limit, below: dismissed
	runs     []engine.Usage
	seen     map[string]bool
}

type toyJob struct{ engine.Job }

const (
	toyWatts   unit.Power = 1000
	toyPerNode            = 4
	toySpot               = "spot"
	toyFirm               = "firm"
)

func newToyEngine(fault string) *toyEngine {
	e := &toyEngine{
		fault: fault, clock: NewClock(time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)), held: map[string][]string{}, drained: map[string][]string{}, withheld: map[string]unit.Power{},
		since: map[string]time.Time{}, windows: map[string]engine.Command{}, tenants: map[string]int{"tenant-a": 0}, seen: map[string]bool{},
	}
	for _, n := range []string{"n1", "n2"} {
		e.nodes = append(e.nodes, &engine.Node{Name: n, State: engine.NodeUp, GPUs: toyPerNode})
	}
	return e
}

func (e *toyEngine) bench() EngineBench {
	return EngineBench{
		Engine: e, Submit: e.submit, End: e.end, Pass: e.clock.Wait, Now: e.clock.Now, Firm: toyFirm, Spot: toySpot, Nodes: []string{"n1", "n2"},
		PerNode: toyPerNode, Watts: toyWatts, Patience: time.Minute, Again: func() engine.Engine { return e },
		Refuse: func(deaf bool) { e.mu.Lock(); defer e.mu.Unlock(); e.deaf = deaf },
	}
}

func (e *toyEngine) Capabilities(context.Context) (engine.Capabilities, error) {
	c := engine.Capabilities{Engine: "toy", Version: "1", API: "memory", ExactVictim: true, Window: true, WattBudget: true, Verbs: []engine.Verb{
		engine.Hold, engine.Release, engine.Warn, engine.Evict, engine.Restore, engine.Withhold, engine.GiveBack, engine.Off, engine.On, engine.Window, engine.Unwindow,
		engine.Drain, engine.Rank,
	}}
	switch e.fault {
	case "takes no warnings":
		c.Verbs = slices.DeleteFunc(c.Verbs, func(v engine.Verb) bool { return v == engine.Warn })
	case "holds and never releases":
		c.Verbs = c.Verbs[:1]
	}
	return c, nil
}

func (e *toyEngine) submit(x EngineJob) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if most, known := e.tenants[x.Tenant]; !known || most < 0 && e.fault != "dismisses nobody" {
		return ""
	}
	j := engine.Job{ID: strconv.Itoa(100 + len(e.jobs)), Name: x.Name, Tenant: x.Tenant, Queue: x.Queue, State: engine.Waiting, GPUs: x.GPUs, Watts: toyWatts * unit.Power(x.GPUs), Submitted: e.clock.Now(), Limit: x.Limit, Why: "Resources"}
	if e.fault == "gives no reason" {
		j.Why = ""
	}
	e.jobs = append(e.jobs, &toyJob{Job: j})
	e.schedule()
	return j.ID
}

func (e *toyEngine) end(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := e.index(id); i >= 0 {
		e.stop(e.jobs[i], engine.Completed)
		e.jobs[i].State = "done"
	}
	e.schedule()
}

func (e *toyEngine) index(id string) int {
	return slices.IndexFunc(e.jobs, func(j *toyJob) bool { return j.ID == id && j.State != "done" })
}

func (e *toyEngine) node(name string) *engine.Node {
	if i := slices.IndexFunc(e.nodes, func(n *engine.Node) bool { return n.Name == name }); i >= 0 {
		return e.nodes[i]
	}
	return nil
}

// stop ends the run of a job and records its end.
func (e *toyEngine) stop(j *toyJob, end engine.End) {
	if j.State != engine.Running {
		return
	}
	for i := range e.runs {
		if u := &e.runs[i]; u.Job == j.ID && u.To.IsZero() {
			u.To, u.Ended = e.clock.Now(), end
			if e.fault == "records twice the time" {
				u.From = u.From.Add(-e.clock.Now().Sub(u.From))
			}
		}
	}
	e.take(j, -1)
	j.Nodes, j.Started = nil, time.Time{}
}

// take counts the GPUs of a job on its nodes, or takes them away.
func (e *toyEngine) take(j *toyJob, sign int) {
	for _, n := range j.Nodes {
		e.node(n).Busy += sign * j.GPUs / len(j.Nodes)
	}
}

func (e *toyEngine) admitted() (p unit.Power) {
	for _, j := range e.jobs {
		if j.State == engine.Running {
			p += j.Watts
		}
	}
	return p
}

func (e *toyEngine) kept() (p unit.Power) {
	for event, w := range e.withheld {
		if e.fault == "withholds for half an hour" && e.clock.Now().Sub(e.since[event]) > 30*time.Minute {
			continue
		}
		p += w
	}
	return p
}

func (e *toyEngine) budget() unit.Power {
	return toyWatts * toyPerNode * unit.Power(len(e.nodes))
}

// schedule starts what may start, oldest first, and switches off what is empty.
func (e *toyEngine) schedule() {
	for _, n := range e.nodes {
		if n.Busy == 0 && n.State == engine.NodeLeaving {
			n.State = engine.NodeOff
		}
	}
	for _, j := range e.jobs {
		if j.State == engine.Waiting && e.may(j) {
			e.place(j)
		}
	}
}

func (e *toyEngine) may(j *toyJob) bool {
	if len(e.stoppers(j.Queue)) > 0 && e.fault != "holds nothing" {
		return false
	}
	if e.admitted()+e.kept()+j.Watts > e.budget() && e.fault != "withholds nothing" {
		return false
	}
	most, used := e.tenants[j.Tenant], 0
	for _, k := range e.jobs {
		if k.Tenant == j.Tenant && k.State == engine.Running {
			used += k.GPUs
		}
	}
	if (most < 0 && e.fault != "dismisses nobody") || most > 0 && used+j.GPUs > most && e.fault != "knows no limits" {
		return false
	}
	for _, w := range e.windows {
		now := e.clock.Now()
		if now.Add(j.Limit).After(w.From) && now.Before(w.Until) && e.fault != "keeps no windows" {
			return false
		}
	}
	return true
}

// place starts a job where there is room.
func (e *toyEngine) place(j *toyJob) {
	for _, n := range e.nodes {
		if n.State == engine.NodeUp && n.GPUs-n.Busy >= j.GPUs {
			j.Nodes = []string{n.Name}
			break
		}
	}
	if j.GPUs > toyPerNode {
		for _, n := range e.nodes {
			if n.State == engine.NodeUp && n.Busy == 0 {
				j.Nodes = append(j.Nodes, n.Name)
			}
		}
		if len(j.Nodes)*toyPerNode < j.GPUs {
			j.Nodes = nil
		}
	}
	if len(j.Nodes) == 0 {
		return
	}
	j.State, j.Started, j.Evicted = engine.Running, e.clock.Now(), ""
	e.take(j, 1)
	run := 1
	for _, u := range e.runs {
		if u.Job == j.ID {
			run++
		}
	}
	e.runs = append(e.runs, engine.Usage{Job: j.ID, Run: run, Tenant: j.Tenant, Queue: j.Queue, GPUs: j.GPUs, Nodes: j.Nodes, From: j.Started})
}

func (e *toyEngine) View(context.Context) (engine.View, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.deaf {
		if e.fault == "takes silence for emptiness" {
			return engine.View{}, nil
		}
		return engine.View{}, engine.ErrUnreachable
	}
	e.schedule()
	v := engine.View{At: e.clock.Now(), Watts: engine.Watts{Known: true, Budget: e.budget(), Admitted: e.admitted(), Withheld: e.kept()}}
	for _, j := range e.jobs {
		if j.State != "done" {
			v.Jobs = append(v.Jobs, j.Job)
		}
	}
	if e.fault == "newest first" {
		slices.Reverse(v.Jobs)
	}
	for _, n := range e.nodes {
		v.Nodes = append(v.Nodes, *n)
		if e.fault == "forgets GPUs" && n.Busy > 0 {
			v.Nodes[len(v.Nodes)-1].Busy--
		}
	}
	for _, q := range []string{toyFirm, toySpot} {
		ours := e.stoppers(q)
		event, waiting := "", 0
		if len(ours) > 0 {
			event = ours[0]
		}
		for _, j := range v.Jobs {
			if j.Queue == q && j.State == engine.Waiting {
				waiting++
			}
		}
		v.Queues = append(v.Queues, engine.Queue{Name: q, Held: len(ours) > 0, Event: event, Waiting: waiting, Drained: len(e.drained[q]) > 0})
	}
	return v, nil
}

func (e *toyEngine) Usage(_ context.Context, from, to time.Time) ([]engine.Usage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []engine.Usage
	for _, u := range e.runs {
		if u.From.Before(to) && (u.To.IsZero() || u.To.After(from)) {
			out = append(out, u)
		}
	}
	if e.fault == "records one run" && len(out) > 1 {
		out = out[len(out)-1:]
	}
	slices.SortFunc(out, func(a, b engine.Usage) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return strings.Compare(a.Job, b.Job)
	})
	return out, nil
}

func (e *toyEngine) Admit(_ context.Context, t engine.Tenant) (engine.Access, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tenants[t.Name] = t.GPUs
	return engine.Access{Engine: "toy", Account: t.Name, Queue: t.Queue, Hint: "submit"}, nil
}

func (e *toyEngine) Dismiss(_ context.Context, tenant string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.tenants[tenant]; !known {
		return engine.ErrUnknown
	}
	if e.tenants[tenant] = -1; e.fault == "kills who is dismissed" {
		for _, j := range e.jobs {
			if j.Tenant == tenant {
				e.stop(j, engine.Cancelled)
				j.State = "done"
			}
		}
	}
	return nil
}

// forget is what a restart of ours would lose, where a driver remembers.
func (e *toyEngine) forget() engine.Engine {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fault == "remembers in the driver" {
		clear(e.seen)
		for _, j := range e.jobs {
			j.Evicted = ""
		}
		clear(e.held)
	}
	return e
}
