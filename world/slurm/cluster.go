package slurm

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config is how a cluster is made.
type Config struct {
	Nodes      []string
	PerNode    int // GPUs of a node, one kW of license each
	Partitions []Partition
	License    string // its name
	Licenses   int64  // how many there are
	Now        func() time.Time

	Requeue time.Duration // until a requeued job may run again; 0: two minutes
	Kill    time.Duration // between TERM and KILL; 0: 30 s
	Down    time.Duration // that a node needs to power down; 0: a minute
	Up      time.Duration // and up; 0: three minutes
}

// Partition is a queue; the higher tier is served first.
type Partition struct {
	Name string
	Tier int
}

// Faults is what goes wrong. The zero value: nothing.
type Faults struct {
	Silent    bool // connections are cut without an answer
	Slow      bool // no answer comes before the caller gives up
	HTML      bool // status 500 and a page
	Truncated bool // half of the JSON
	Unsigned  bool // tokens are taken for expired, as status 500 with an authentication error
}

// Job is what a tenant submits.
type Job struct {
	Name, Account, Partition, Comment string
	GPUs                              int
	Limit                             time.Duration
	Deadline                          time.Time
	Deaf                              bool // heeds no signal that can be caught
}

// Cluster is a virtual cluster. It may be used by several goroutines.
type Cluster struct {
	mu     sync.Mutex // guards what is below
	c      Config
	at     time.Time
	next   int
	jobs   []*job
	nodes  []*node
	books  []*book
	runs   []*run
	faults Faults
	tokens map[string]time.Time // to their ends
	heard  map[string][]string  // job to signals
}

type phase string

const (
	pending  phase = "PENDING"
	running  phase = "RUNNING"
	stopping phase = "COMPLETING"
	over     phase = "COMPLETED"
)

type job struct {
	Job
	id                        int
	phase                     phase
	end                       string // of the run that ends
	held                      bool
	reason, admin             string
	submitted, started, begin time.Time
	stopped                   time.Time // when it will have stopped
	again                     bool      // it is requeued then
	nodes                     []string
	restarts                  int
	now                       *run
}

type node struct {
	name        string
	drain, sink bool // DRAIN, POWER_DOWN
	power       string
	until       time.Time // of POWERING_DOWN and POWERING_UP
	reason      string
	used        int
}

// book is a reservation.
type book struct {
	name        string
	from, until time.Time
	licenses    int64
	nodes       []string
	flags       []string
}

type run struct {
	job      *job
	from, to time.Time
	state    string
	nodes    []string
}

// New is a cluster on which nothing runs.
func New(c Config) *Cluster {
	c.Requeue, c.Kill = cmp.Or(c.Requeue, 2*time.Minute), cmp.Or(c.Kill, 30*time.Second)
	c.Down, c.Up = cmp.Or(c.Down, time.Minute), cmp.Or(c.Up, 3*time.Minute)
	w := &Cluster{c: c, at: c.Now(), next: 1, tokens: map[string]time.Time{}, heard: map[string][]string{}}
	for _, n := range c.Nodes {
		w.nodes = append(w.nodes, &node{name: n})
	}
	return w
}

// Submit queues a job and returns its ID.
func (w *Cluster) Submit(j Job) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance()
	w.jobs = append(w.jobs, &job{Job: j, id: w.next, phase: pending, submitted: w.at, reason: "None"})
	w.next++
	w.settle()
	return strconv.Itoa(w.next - 1)
}

// End lets a job come to its end by itself.
func (w *Cluster) End(id string) { w.with(id, func(j *job) { w.stop(j, "COMPLETED", false, 0) }) }

// Hold is what a person does, and Release.
func (w *Cluster) Hold(id string) {
	w.with(id, func(j *job) { j.held, j.reason = true, "JobHeldAdmin" })
}

// Release is what a person does.
func (w *Cluster) Release(id string) { w.with(id, func(j *job) { j.held, j.reason = false, "None" }) }

// Requeue is what a person does.
func (w *Cluster) Requeue(id string) {
	w.with(id, func(j *job) { w.stop(j, "REQUEUED", true, w.patience(j)) })
}

// Comment is what a person writes into AdminComment.
func (w *Cluster) Comment(id, text string) { w.with(id, func(j *job) { j.admin = text }) }

// Heard lists the signals that a job's batch script got.
func (w *Cluster) Heard(id string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.heard[id])
}

// Set switches faults on and off.
func (w *Cluster) Set(f Faults) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = f
}

// Licenses changes how many there are, as somebody may at any time.
func (w *Cluster) Licenses(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance()
	w.c.Licenses = n
	w.settle()
}

// Token issues a token that lives so long.
func (w *Cluster) Token(life time.Duration) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := fmt.Sprintf("token-%d", len(w.tokens)+1)
	w.tokens[t] = w.c.Now().Add(life)
	return t
}

func (w *Cluster) with(id string, f func(*job)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance()
	if j := w.job(id); j != nil {
		f(j)
	}
	w.settle()
}

func (w *Cluster) job(id string) *job {
	if i := slices.IndexFunc(w.jobs, func(j *job) bool { return strconv.Itoa(j.id) == id }); i >= 0 {
		return w.jobs[i]
	}
	return nil
}

func (w *Cluster) node(name string) *node {
	if i := slices.IndexFunc(w.nodes, func(n *node) bool { return n.name == name }); i >= 0 {
		return w.nodes[i]
	}
	return nil
}

// advance lets everything happen that was due until now, in its order.
func (w *Cluster) advance() {
	now := w.c.Now()
	for range 100_000 {
		next := w.due(now)
		if next.IsZero() {
			break
		}
		w.at = next
		w.settle()
	}
	w.at = now
	w.settle()
}

// due is the earliest moment after at, and not after now, at which something changes.
func (w *Cluster) due(now time.Time) time.Time {
	var next time.Time
	see := func(t time.Time) {
		if t.After(w.at) && !t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, j := range w.jobs {
		switch j.phase {
		case stopping:
			see(j.stopped)
		case pending:
			see(j.begin)
		case running:
			if j.Limit > 0 {
				see(j.started.Add(j.Limit))
			}
		case over:
		}
	}
	for _, n := range w.nodes {
		see(n.until)
	}
	for _, b := range w.books {
		see(b.from)
		see(b.until)
	}
	return next
}

// stop begins the end of a run; requeued says whether the job waits then.
func (w *Cluster) stop(j *job, end string, requeued bool, after time.Duration) {
	if j.phase == pending && !requeued {
		j.phase = over
		return
	}
	if j.phase != running {
		return
	}
	j.phase, j.end, j.again, j.stopped = stopping, end, requeued, w.at.Add(after)
}

// settle brings everything to rest that needs no time.
func (w *Cluster) settle() {
	w.books = slices.DeleteFunc(w.books, func(b *book) bool { return !b.until.After(w.at) })
	for _, j := range w.jobs {
		if j.phase == running && j.Limit > 0 && !j.started.Add(j.Limit).After(w.at) {
			w.stop(j, "TIMEOUT", false, 0)
		}
		if j.phase == stopping && !j.stopped.After(w.at) {
			w.ended(j)
		}
	}
	for _, n := range w.nodes {
		n.turn(w.at, w.c.Down)
	}
	waiting := slices.Clone(w.jobs)
	slices.SortStableFunc(waiting, func(a, b *job) int { return cmp.Compare(w.tier(b.Partition), w.tier(a.Partition)) })
	for _, j := range waiting {
		if j.phase == pending {
			w.start(j)
		}
	}
}

func (w *Cluster) tier(name string) int {
	for _, p := range w.c.Partitions {
		if p.Name == name {
			return p.Tier
		}
	}
	return 0
}

// ended takes a job off its nodes.
func (w *Cluster) ended(j *job) {
	for i, n := range j.nodes {
		w.node(n).used -= j.share(i)
	}
	j.now.to, j.now.state = w.at, j.end
	j.nodes, j.started = nil, time.Time{}
	if !j.again {
		j.phase = over
		return
	}
	j.phase, j.begin, j.submitted = pending, w.at.Add(w.c.Requeue), w.at
	j.restarts++
	if !j.held {
		j.reason = "BeginTime"
	}
}

// share is how many GPUs a job holds on its i-th node.
func (j *job) share(i int) int { return (j.GPUs + len(j.nodes) - 1 - i) / len(j.nodes) }

// turn moves a node's power on.
func (n *node) turn(at time.Time, down time.Duration) {
	switch {
	case n.power == "POWERING_DOWN" && !n.until.After(at):
		n.power = "POWERED_DOWN"
	case n.power == "POWERING_UP" && !n.until.After(at):
		n.power, n.reason = "", ""
	case n.sink && n.used == 0:
		n.sink, n.drain, n.power, n.until = false, false, "POWERING_DOWN", at.Add(down)
	}
}

// booked reports whether a reservation keeps a job from a node.
func (w *Cluster) booked(name string, j *job) bool {
	return slices.ContainsFunc(w.books, func(b *book) bool { return slices.Contains(b.nodes, name) && w.meets(b, j) })
}

// meets reports whether a job that began now would reach into a reservation.
func (w *Cluster) meets(b *book, j *job) bool {
	return b.until.After(w.at) && (j.Limit == 0 || w.at.Add(j.Limit).After(b.from))
}

// start starts a job where it may and can, and says why not.
func (w *Cluster) start(j *job) {
	switch {
	case j.held:
		return
	case j.begin.After(w.at):
		j.reason = "BeginTime"
		return
	}
	free := w.c.Licenses - int64(j.GPUs)
	for _, k := range w.jobs {
		if k.phase == running || k.phase == stopping {
			free -= int64(k.GPUs)
		}
	}
	for _, b := range w.books {
		if w.meets(b, j) {
			free -= b.licenses
		}
	}
	if free < 0 {
		j.reason = "Licenses"
		return
	}
	w.place(j)
}

// place finds nodes for a job, or wakes one.
func (w *Cluster) place(j *job) {
	want := max(1, (j.GPUs+w.c.PerNode-1)/w.c.PerNode)
	each := (j.GPUs + want - 1) / want
	var got, asleep []string
	for _, n := range w.nodes {
		room := w.c.PerNode-n.used >= each && !n.drain && !w.booked(n.name, j)
		switch {
		case room && n.power == "":
			got = append(got, n.name)
		case room && n.power == "POWERED_DOWN":
			asleep = append(asleep, n.name)
		}
	}
	if len(got) < want {
		j.reason = "Resources"
		for _, name := range asleep[:min(len(asleep), want-len(got))] {
			n := w.node(name)
			n.power, n.until = "POWERING_UP", w.at.Add(w.c.Up)
		}
		if slices.ContainsFunc(w.nodes, func(n *node) bool { return w.booked(n.name, j) }) {
			j.reason = "ReqNodeNotAvail, May be reserved for other job"
		}
		return
	}
	j.phase, j.nodes, j.started, j.reason = running, slices.Sorted(slices.Values(got[:want])), w.at, "None"
	for i, n := range j.nodes {
		w.node(n).used += j.share(i)
	}
	j.now = &run{job: j, from: w.at, state: "RUNNING", nodes: j.nodes}
	w.runs = append(w.runs, j.now)
}

// reserved is how many licenses are reserved now.
func (w *Cluster) reserved(but string) (n int64) {
	for _, b := range w.books {
		if b.name != but && !b.from.After(w.at) {
			n += b.licenses
		}
	}
	return n
}

// String is the cluster in a few words.
func (w *Cluster) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	count := map[phase]int{}
	for _, j := range w.jobs {
		count[j.phase]++
	}
	var out []string
	for _, p := range slices.Sorted(maps.Keys(count)) {
		out = append(out, fmt.Sprintf("%d %s", count[p], p))
	}
	return strings.Join(out, ", ")
}

// AdminComment is what stands there.
func (w *Cluster) AdminComment(id string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if j := w.job(id); j != nil {
		return j.admin
	}
	return ""
}

// Revoke ends every token.
func (w *Cluster) Revoke() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for t := range w.tokens {
		w.tokens[t] = time.Time{}
	}
}
