package slurm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// by is the first backend that can make a change.
func (s *Slurm) by(k kind) (backend, error) {
	for _, b := range s.ways {
		if b.takes(k) {
			return b, nil
		}
	}
	return nil, fmt.Errorf("slurm: nothing here can %s: %w", k, engine.ErrUnsupported)
}

// meet asks every backend what it is, once, so that it is known what it can do.
func (s *Slurm) meet(ctx context.Context) (about, error) {
	var first about
	for i, b := range s.ways {
		a, err := b.about(ctx)
		if err != nil {
			return about{}, err
		}
		if i == 0 {
			first = a
			continue
		}
		first.dialect += "+" + a.dialect
	}
	return first, nil
}

// Capabilities says what can be done by the ways that are configured. The
// latencies are what was measured on one host, docs/slurm.md; those of real nodes
// are longer.
func (s *Slurm) Capabilities(ctx context.Context) (engine.Capabilities, error) {
	a, err := s.meet(ctx)
	if err != nil {
		return engine.Capabilities{}, err
	}
	c := engine.Capabilities{Engine: "slurm", Version: a.version, API: a.dialect, Latency: map[engine.Verb]time.Duration{}}
	for _, v := range []engine.Verb{
		engine.Hold, engine.Release, engine.Warn, engine.Evict, engine.Restore, engine.Withhold, engine.GiveBack, engine.Off, engine.On, engine.Window, engine.Unwindow,
	} {
		if s.can(v) {
			c.Verbs = append(c.Verbs, v)
			c.Latency[v] = latency(v)
		}
	}
	c.ExactVictim, c.EarlyWarning = c.Can(engine.Evict), c.Can(engine.Warn)
	c.Window, c.WattBudget = c.Can(engine.Window), c.Can(engine.Withhold)
	return c, nil
}

func (s *Slurm) can(v engine.Verb) bool {
	for _, k := range verbs()[v] {
		if _, err := s.by(k); err != nil {
			return false
		}
	}
	return true
}

// latency is from command to effect at the engine; an eviction's and a switch's
// is what Slurm adds to what the job and the node need themselves.
func latency(v engine.Verb) time.Duration {
	switch v {
	case engine.Evict:
		return 3 * time.Second
	case engine.Restore:
		return 121 * time.Second // AuthInfo cred_expire, 120 s where nobody set it
	case engine.Off:
		return 12 * time.Second
	case engine.On:
		return 2 * time.Second
	case engine.Release, engine.GiveBack, engine.Unwindow:
		return 5 * time.Second // the next turn of the scheduler
	case engine.Hold, engine.Warn, engine.Withhold, engine.Window, engine.Drain, engine.Rank:
	}
	return time.Second
}

// load reads parts of the state by the first backend. A cluster has no instant
// of its own: what moves between two parts shows in the next view.
func (s *Slurm) load(ctx context.Context, parts ...part) (state, error) {
	var all state
	for _, p := range parts {
		one, err := s.ways[0].load(ctx, p)
		if err != nil {
			return state{}, err
		}
		all.jobs, all.nodes = append(all.jobs, one.jobs...), append(all.nodes, one.nodes...)
		all.partitions, all.reservations = append(all.partitions, one.partitions...), append(all.reservations, one.reservations...)
		all.licenses = append(all.licenses, one.licenses...)
	}
	return all, nil
}

// View is the cluster now: jobs that wait, run, stop or are held, nodes,
// partitions and licenses.
func (s *Slurm) View(ctx context.Context) (engine.View, error) {
	x, err := s.load(ctx, allNodes, allPartitions, allLicenses, allReservations, allJobs)
	if err != nil {
		return engine.View{}, err
	}
	now := s.c.Now()
	v := engine.View{At: now}
	busy := map[string]int{}
	for _, j := range x.jobs {
		if e, ok := s.seen(j); ok {
			v.Jobs = append(v.Jobs, e)
			occupy(busy, e, j)
		}
	}
	slices.SortFunc(v.Jobs, func(a, b engine.Job) int { return cmp.Compare(a.ID, b.ID) })
	number(v.Jobs)
	for _, n := range x.nodes {
		v.Nodes = append(v.Nodes, seenNode(n, x.reservations, busy[n.name]))
	}
	slices.SortFunc(v.Nodes, func(a, b engine.Node) int { return cmp.Compare(a.Name, b.Name) })
	v.Nodes = slices.CompactFunc(v.Nodes, func(a, b engine.Node) bool { return a.Name == b.Name }) // sinfo names a node once for each partition
	for _, p := range x.partitions {
		v.Queues = append(v.Queues, seenPartition(p, v.Jobs))
	}
	slices.SortFunc(v.Queues, func(a, b engine.Queue) int { return cmp.Compare(a.Name, b.Name) })
	v.Watts, err = s.watts(x, v.Jobs, now)
	return v, err
}

// seen is a job of a view; one that has ended is none.
func (s *Slurm) seen(j job) (engine.Job, bool) {
	e := engine.Job{
		ID: j.id, Name: j.name, Tenant: j.account, Queue: j.partition, Contract: contract(j.comment), GPUs: j.gpus, Watts: s.wattsOf(j),
		Submitted: j.submitted, Limit: j.limit, Deadline: j.due, Priority: j.priority,
	}
	switch {
	case j.is("COMPLETING"):
		e.State, e.Nodes, e.Started = engine.Stopping, j.nodes, j.started
		if len(j.nodes) == 0 {
			return e, false
		}
	case j.is("RUNNING", "SUSPENDED", "CONFIGURING"):
		e.State, e.Nodes, e.Started = engine.Running, j.nodes, j.started
	case j.is("PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT") && j.held:
		e.State = engine.Held
	case j.is("PENDING", "REQUEUED"):
		e.State = engine.Waiting
	default:
		return e, false
	}
	if e.State == engine.Waiting || e.State == engine.Held {
		e.Why = cmp.Or(j.describe, j.reason)
		if e.Why == "None" {
			e.Why = "" // the scheduler has not looked at it yet
		}
	}
	if m, ok := j.evictedBy(); ok && (e.State == engine.Held || e.State == engine.Stopping) {
		e.Evicted = m.event
	}
	return e, true
}

// contract is what a job declares with --comment=contract=NAME.
func contract(comment string) string {
	for w := range strings.FieldsSeq(comment) {
		if name, ok := strings.CutPrefix(w, "contract="); ok && engine.Plain(name) {
			return name
		}
	}
	return ""
}

// wattsOf is what a job was planned with: its licenses, or its GPUs.
func (s *Slurm) wattsOf(j job) unit.Power {
	if n, ok := j.licenses[s.c.License]; ok {
		return times(s.c.Granule, n)
	}
	return times(s.c.GPUWatts, int64(j.gpus))
}

// times is n times p; more than any hall has stays what it can be.
func times(p unit.Power, n int64) unit.Power {
	return unit.Power(unit.MulDiv(int64(p), min(n, math.MaxInt32), 1))
}

// occupy counts the GPUs that a job holds on its nodes.
func occupy(busy map[string]int, e engine.Job, j job) {
	for i, n := range e.Nodes {
		if len(j.share) == len(e.Nodes) {
			busy[n] += j.share[i]
			continue
		}
		busy[n] += (e.GPUs + len(e.Nodes) - 1 - i) / len(e.Nodes)
	}
}

// number numbers the jobs that wait in each queue, by priority and then by age.
func number(jobs []engine.Job) {
	var waiting []*engine.Job
	for i := range jobs {
		if jobs[i].State == engine.Waiting {
			waiting = append(waiting, &jobs[i])
		}
	}
	slices.SortStableFunc(waiting, func(a, b *engine.Job) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.Submitted.Compare(b.Submitted))
	})
	place := map[string]int{}
	for _, j := range waiting {
		place[j.Queue]++
		j.Position = place[j.Queue]
	}
}

func seenNode(n node, reservations []reservation, busy int) engine.Node {
	e := engine.Node{Name: n.name, GPUs: whole(gpusIn(n.gres)), Busy: busy, Model: model(n.gres), Reason: n.reason}
	for _, r := range reservations {
		if o, ok := readName(r.name); ok && o.verb == engine.Off && o.node == n.name {
			e.Event = o.event
		}
	}
	is := func(states ...string) bool { return hasAny(n.states, states...) }
	switch {
	case is("POWERING_DOWN") || is("POWER_DOWN") && (is("DRAIN", "DRAINING", "DRAINED") || e.Event != ""): // without, it takes jobs until it is empty
		e.State = engine.NodeLeaving
	case is("POWERED_DOWN"):
		e.State = engine.NodeOff
	case is("POWERING_UP", "POWER_UP", "REBOOT_ISSUED", "REBOOTING"):
		e.State = engine.NodeStarting
	case is("DOWN", "ERROR", "FAIL", "NOT_RESPONDING", "INVALID_REG", "UNKNOWN", "FUTURE"):
		e.State = engine.NodeDown
	case is("DRAIN", "DRAINING", "DRAINED") || e.Event != "":
		e.State = engine.NodeDraining
	default:
		e.State = engine.NodeUp
	}
	return e
}

// holders are our marks on a partition, in order.
func (p partition) holders() []mark {
	var out []mark
	for _, name := range slices.Concat(p.denied, p.allowed) {
		if m, ok := readMark(name); ok && m.verb == engine.Hold {
			out = append(out, m)
		}
	}
	return out
}

func seenPartition(p partition, jobs []engine.Job) engine.Queue {
	q := engine.Queue{Name: p.name, Held: p.state != "UP", GPUs: p.gpus}
	if h := p.holders(); len(h) > 0 && q.Held {
		q.Event = h[0].event
	}
	for _, j := range jobs {
		if j.Queue == p.name && j.State == engine.Waiting {
			q.Waiting++
		}
	}
	return q
}

// watts is the account of licenses. Without that license it is not known.
func (s *Slurm) watts(x state, jobs []engine.Job, now time.Time) (engine.Watts, error) {
	i := slices.IndexFunc(x.licenses, func(l license) bool { return l.name == s.c.License })
	if i < 0 {
		return engine.Watts{}, nil
	}
	w := engine.Watts{Known: true, Budget: times(s.c.Granule, x.licenses[i].total)}
	for _, j := range jobs {
		if j.State == engine.Running || j.State == engine.Stopping {
			w.Admitted += j.Watts
		}
	}
	for _, r := range x.reservations {
		if o, ok := readName(r.name); ok && o.verb == engine.Withhold && r.active(now) {
			w.Withheld += times(s.c.Granule, r.licenses[s.c.License])
		}
	}
	if w.Budget < 0 || w.Admitted < 0 {
		return engine.Watts{}, errors.New("slurm: more watts than can be counted")
	}
	return w, nil
}
