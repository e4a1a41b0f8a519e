package curtail

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

// start is when every test begins.
func start() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }

// plant is a tiny hall: nodes of eight GPUs, jobs on whole nodes or on some of the
// GPUs of one, an engine that follows after a delay, and a meter in front.
type plant struct {
	tb      testing.TB
	now     time.Time
	cfg     Config
	nodes   []engine.Node
	jobs    []*work
	limit   map[string]unit.Power // of each node
	byGPU   map[string]unit.Power
	epoch   map[string]int64
	held    map[string]string // queue: event
	with    map[string]unit.Power
	done    map[string]bool // event/seq
	sent    []string        // everything that reached it, for the tests
	evicted map[string]time.Time
	warned  map[string]time.Time
	off     map[string]time.Time

	seed   *rand.Rand
	lose   float64 // share of answers that are lost
	deny   float64 // share of commands that are refused
	deaf   map[string]bool
	mute   map[string]bool // nodes that state no power
	dead   bool            // the engine is not reached
	stuck  unit.Power      // the meter never shows less
	slow   time.Duration   // from the restore of a job until it may start
	rest   unit.Power      // of a server beside each GPU at work
	pue    unit.Ratio      // what the meter shows of an IT watt, as it really is; 0: as the kernel is told
	broken []string        // rules, in words
}

type work struct {
	engine.Job
	draw unit.Power // of a GPU without a limit
	ends time.Time  // of one that is stopping; of one that waits: it starts then at the earliest
}

const perNode = 8

func model() gpu.Model {
	return gpu.Model{Name: "T700", TDP: 700, Min: 200, Idle: 70, PerNode: perNode, Node: 7200, Empty: 1160}
}

// steady is a curve with three levels above the knee.
func steady() gpu.Curve {
	at := func(limit unit.Power, power, speed unit.Ratio) gpu.Point {
		return gpu.Point{Limit: limit, Power: power, Speed: speed, Low: speed, Worst: speed, Count: 10}
	}
	return gpu.Curve{Model: "T700", Full: 700, Points: []gpu.Point{
		at(700, unit.One, unit.One), at(600, 860_000, 980_000), at(500, 720_000, 950_000), at(400, 580_000, 880_000),
	}, Standing: gpu.Measured}
}

func contract(name string, kind hosting.Kind, gpus int, price int64) hosting.Contract {
	return hosting.Contract{
		Name: name, Tenant: "t-" + name, Version: 1, Kind: kind, Hall: "h1", Model: "T700", GPUs: gpus,
		Price: unit.Amount(price) * unit.Unit / 100, Warn: 30 * time.Second, Grace: 20 * time.Second, Restart: 5 * time.Minute,
		Start: start().AddDate(-1, 0, 0), Capping: hosting.Capping{Slowdown: 130_000},
	}
}

// newPlant has nodes, a firm contract "firm", two of spot and one empty node in eight.
func newPlant(tb testing.TB, nodes int, seed uint64) *plant {
	tb.Helper()
	p := &plant{
		tb: tb, now: start(), limit: map[string]unit.Power{}, byGPU: map[string]unit.Power{}, epoch: map[string]int64{}, held: map[string]string{},
		with: map[string]unit.Power{}, done: map[string]bool{}, evicted: map[string]time.Time{}, warned: map[string]time.Time{}, off: map[string]time.Time{},
		seed: rand.New(rand.NewPCG(seed, 77)), deaf: map[string]bool{}, mute: map[string]bool{},
	}
	firm := contract("firm", hosting.Reserved, nodes*perNode/2, 290)
	firm.Renewal = 5 * unit.Unit
	p.cfg = Config{
		Hall: "h1", Groups: []hosting.Group{{Name: "g", Model: model(), Nodes: nodes, Rack: 4}}, Racks: map[string]string{},
		Tenancies: []Tenancy{
			NewTenancy(firm, "firm", steady()),
			NewTenancy(contract("spot-a", hosting.Spot, nodes*perNode, 125), "spot-a", steady()),
			NewTenancy(contract("spot-b", hosting.Spot, nodes*perNode, 80), "spot-b", steady()),
		},
		Engine: engine.Capabilities{Verbs: []engine.Verb{
			engine.Hold, engine.Release, engine.Warn, engine.Evict, engine.Restore, engine.Withhold, engine.GiveBack, engine.Off, engine.On,
		}, ExactVictim: true, EarlyWarning: true, WattBudget: true},
		PUE: 1_200_000, Spare: -1, Timing: DefaultTiming(),
	}
	p.cfg.Timing.Notice = 500
	p.cfg.Timing.Granule = 3 * unit.Kilowatt
	for i := range nodes {
		n := fmt.Sprintf("n%02d", i)
		p.nodes = append(p.nodes, engine.Node{Name: n, State: engine.NodeUp, GPUs: perNode, Model: "T700"})
		p.cfg.Racks[n] = fmt.Sprintf("r%d", i/4)
		if i%8 == 7 {
			continue
		}
		name := []string{"firm", "spot-a", "spot-b"}[i%3]
		p.run(fmt.Sprintf("j%02d", i), name, unit.Power(400+p.seed.IntN(280)), n)
	}
	return p
}

// run lets a job run on whole nodes.
func (p *plant) run(id, contract string, draw unit.Power, nodes ...string) *work {
	w := &work{draw: draw, Job: engine.Job{
		ID: id, Tenant: "t-" + contract, Queue: contract, Contract: contract, State: engine.Running, GPUs: perNode * len(nodes), Nodes: nodes,
		Watts: 900 * unit.Power(perNode*len(nodes)), Started: p.now.Add(-5 * time.Hour), Saved: p.now.Add(-time.Duration(5+p.seed.IntN(100)) * time.Minute),
	}}
	p.jobs = append(p.jobs, w)
	return w
}

// breach notes a rule that was broken.
func (p *plant) breach(format string, args ...any) {
	p.broken = append(p.broken, p.now.Format("15:04:05")+": "+fmt.Sprintf(format, args...))
}

func (p *plant) job(id string) *work {
	if i := slices.IndexFunc(p.jobs, func(w *work) bool { return w.ID == id }); i >= 0 {
		return p.jobs[i]
	}
	return nil
}

// pass lets time go on by seconds.
func (p *plant) pass(d time.Duration) {
	for end := p.now.Add(d); p.now.Before(end); {
		p.now = p.now.Add(time.Second)
		for _, w := range p.jobs {
			if w.State == engine.Stopping && !p.deaf[w.ID] && !p.now.Before(w.ends) {
				w.State, w.Nodes = engine.Held, nil
			}
		}
		for i := range p.nodes {
			if at, ok := p.off[p.nodes[i].Name]; ok && p.nodes[i].State == engine.NodeLeaving && !p.now.Before(at) {
				p.nodes[i].State = engine.NodeOff
			}
		}
		p.admit()
	}
}

// admit starts what waits, where queues, watts and nodes let it.
func (p *plant) admit() {
	for _, w := range p.jobs {
		if w.State != engine.Waiting || p.held[w.Queue] != "" || p.now.Before(w.ends) {
			continue
		}
		watts := p.watts()
		if watts.Admitted+watts.Withheld+w.Watts > watts.Budget {
			continue
		}
		var free []string
		for _, n := range p.nodes {
			if n.State == engine.NodeUp && len(free)*perNode < w.GPUs && p.busy(n.Name) == 0 {
				free = append(free, n.Name)
			}
		}
		if len(free)*perNode >= w.GPUs {
			w.State, w.Nodes, w.Started, w.Saved = engine.Running, free, p.now, time.Time{}
		}
	}
}

func (p *plant) watts() engine.Watts {
	w := engine.Watts{Known: true, Budget: unit.Power(len(p.nodes)) * perNode * 900}
	for _, j := range p.jobs {
		if running(&j.Job) {
			w.Admitted += j.Watts
		}
	}
	for _, x := range p.with {
		w.Withheld += x
	}
	return w
}

func (p *plant) busy(node string) int {
	sum := 0
	for _, w := range p.jobs {
		if running(&w.Job) && slices.Contains(w.Nodes, node) {
			sum += min(w.GPUs, perNode)
		}
	}
	return sum
}

func (p *plant) view() engine.View {
	v := engine.View{At: p.now, Watts: p.watts()}
	for _, w := range p.jobs {
		j := w.Job
		j.Nodes = slices.Clone(w.Nodes)
		v.Jobs = append(v.Jobs, j)
	}
	slices.SortFunc(v.Jobs, func(a, b engine.Job) int { return cmp.Compare(a.ID, b.ID) })
	for _, n := range p.nodes {
		n.Busy = p.busy(n.Name)
		v.Nodes = append(v.Nodes, n)
	}
	for _, t := range p.cfg.Tenancies {
		q := engine.Queue{Name: t.Queue, Held: p.held[t.Queue] != "", Event: p.held[t.Queue]}
		v.Queues = append(v.Queues, q)
	}
	return v
}

// draw is what a GPU of a node draws now.
func (p *plant) draw(node string) unit.Power {
	for _, w := range p.jobs {
		if running(&w.Job) && slices.Contains(w.Nodes, node) {
			if l := p.limit[node]; l > 0 {
				return min(w.draw, l)
			}
			return w.draw
		}
	}
	return model().Idle
}

func (p *plant) readings() []gpu.Reading {
	var out []gpu.Reading
	for _, n := range p.nodes {
		if n.State != engine.NodeUp {
			continue
		}
		for k := range perNode {
			r := gpu.Reading{Node: n.Name, Index: k, UUID: fmt.Sprintf("%s-%d", n.Name, k), At: p.now}
			if !p.mute[n.Name] {
				r.Draw, r.Limit, r.Default = p.draw(n.Name), cmp.Or(p.limit[n.Name], model().TDP), model().TDP
				r.Has = gpu.Has{Draw: true, Limit: true, Default: true}
			}
			out = append(out, r)
		}
	}
	return out
}

// it is the IT power of the hall.
func (p *plant) it() unit.Power {
	var sum unit.Power
	for _, n := range p.nodes {
		if n.State == engine.NodeUp || n.State == engine.NodeLeaving {
			sum += p.server(n.Name)
		}
	}
	return sum
}

// server is what a node that is on draws.
func (p *plant) server(node string) unit.Power {
	return model().Empty + perNode*(p.draw(node)-model().Idle) + p.rest*unit.Power(p.busy(node))
}

func (p *plant) meter() unit.Power { return max(p.stuck, p.it().ScaleUp(cmp.Or(p.pue, p.cfg.PUE))) }

// do carries one command out.
func (p *plant) do(c engine.Command) (engine.Answer, bool) {
	p.tb.Helper()
	if err := c.Validate(); err != nil {
		p.breach("command: %v", err)
	}
	if p.dead || p.seed.Float64() < p.lose/2 { // lost on the way there
		return engine.Answer{}, false
	}
	a := engine.Answer{Event: c.Event, Seq: c.Seq, Done: true, At: p.now}
	key := fmt.Sprintf("%s/%d", c.Event, c.Seq)
	if p.seed.Float64() < p.deny {
		a.Done, a.Why = false, "denied"
		return a, true
	}
	p.sent = append(p.sent, fmt.Sprintf("%s %s", c.Verb, c.Subject))
	if p.done[key] && c.Verb != engine.Hold && c.Verb != engine.Withhold {
		a.Already = true
		return a, p.seed.Float64() >= p.lose/2
	}
	if w := p.job(c.Subject); c.Verb == engine.Restore && w.State == engine.Stopping {
		a.Done, a.Why = false, "it is still stopping"
		return a, true
	}
	p.done[key] = true
	p.carry(c)
	return a, p.seed.Float64() >= p.lose/2
}

func (p *plant) carry(c engine.Command) {
	w := p.job(c.Subject)
	switch c.Verb {
	case engine.Hold:
		p.held[c.Subject] = c.Event
	case engine.Release:
		delete(p.held, c.Subject)
	case engine.Warn:
		p.warned[c.Subject] = c.By
	case engine.Evict:
		p.evict(w, c)
	case engine.Restore:
		if w.Evicted != c.Event {
			p.breach("restore of %s, which this event did not stop", w.ID)
		}
		w.Evicted = ""
		if w.State == engine.Held {
			w.State, w.ends = engine.Waiting, p.now.Add(p.slow)
		}
	case engine.Withhold:
		p.with[c.Event] = c.Power
	case engine.GiveBack:
		delete(p.with, c.Event)
	case engine.Off:
		p.turn(c.Subject, engine.NodeLeaving, c.Event)
	case engine.On:
		p.turn(c.Subject, engine.NodeUp, "")
	case engine.Window, engine.Unwindow, engine.Drain, engine.Rank:
	}
}

func (p *plant) evict(w *work, c engine.Command) {
	by, told := p.warned[w.ID]
	if !told || p.now.Before(by) {
		p.breach("%s is evicted, and it was told %v", w.ID, by)
	}
	if w.Contract == "firm" {
		p.firmLast()
	}
	w.Evicted = c.Event
	p.evicted[w.ID] = p.now
	if w.State == engine.Running {
		w.State, w.ends = engine.Stopping, p.now.Add(20*time.Second)
	}
}

// firmLast checks, when a firm job goes, that no other runs on.
func (p *plant) firmLast() {
	for _, w := range p.jobs {
		if _, told := p.warned[w.ID]; w.State == engine.Running && w.Contract != "firm" && !told {
			p.breach("a firm tenant is evicted while %s runs", w.ID)
			return
		}
	}
}

func (p *plant) turn(node string, s engine.NodeState, event string) {
	for i := range p.nodes {
		if n := &p.nodes[i]; n.Name == node {
			if s == engine.NodeLeaving && p.busy(node) > 0 {
				p.breach("%s is switched off and not empty", node)
			}
			n.State, n.Event, p.off[node] = s, event, p.now.Add(30*time.Second)
		}
	}
}

// set carries one power limit out.
func (p *plant) set(s gpu.Setting) (gpu.Answer, bool) {
	if p.seed.Float64() < p.lose/2 {
		return gpu.Answer{}, false
	}
	a := gpu.Answer{Node: s.Node, At: p.now, Taken: s.Epoch >= p.epoch[s.Node]}
	if a.Taken {
		p.epoch[s.Node] = s.Epoch
		p.limit[s.Node] = s.Limit
		p.sent = append(p.sent, fmt.Sprintf("limit %s %d", s.Node, s.Limit))
	}
	return a, p.seed.Float64() >= p.lose/2
}
