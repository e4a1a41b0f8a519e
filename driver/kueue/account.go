package kueue

import (
	"cmp"
	"slices"

	"sluice/driver/wire"
	"sluice/engine"
	"sluice/unit"
)

// queues are the ClusterQueues by class, and the LocalQueues that are held.
func (d *Driver) queues(s state) []engine.Queue {
	by := map[string]*engine.Queue{}
	for _, q := range s.clusters {
		name := d.classOf(q)
		held, event := d.heldBy(q)
		gpus, _ := q.quota(d.c.GPU)
		if c := by[name]; c != nil {
			c.Held, c.Drained, c.GPUs = c.Held && held, c.Drained && q.policy() == drain, c.GPUs+int(gpus)
			c.Event = cmp.Or(c.Event, event)
		} else {
			by[name] = &engine.Queue{Name: name, Held: held, Drained: q.policy() == drain, Event: event, GPUs: int(gpus)}
		}
	}
	var out []engine.Queue
	for _, q := range by {
		if !q.Held {
			q.Event = ""
		}
		out = append(out, *q)
	}
	for _, l := range s.locals {
		if held, event := d.heldBy(l); held {
			out = append(out, engine.Queue{Name: l.id(), Held: true, Drained: l.policy() == drain, Event: event})
		}
	}
	slices.SortFunc(out, func(a, b engine.Queue) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// heldBy reports whether a queue admits nothing, and for which event of ours.
func (d *Driver) heldBy(q queue) (held bool, event string) {
	if q.policy() == none {
		return false, ""
	}
	if ours := d.stoppers(q.meta); len(ours) > 0 {
		return true, ours[0]
	}
	return true, ""
}

// servers are the nodes that have GPUs.
func (d *Driver) servers(s state) []engine.Node {
	busy := map[string]int{}
	for _, pods := range s.pods {
		for _, p := range pods {
			if p.Spec.NodeName != "" && !p.ended() {
				busy[p.Spec.NodeName] += int(p.Spec.asks(d.c.GPU))
			}
		}
	}
	var out []engine.Node
	for _, n := range s.nodes {
		model := n.Labels["nvidia.com/gpu.product"]
		gpus := int(n.Status.Allocatable[d.c.GPU])
		if gpus == 0 && model == "" {
			continue
		}
		e := engine.Node{Name: n.Name, State: engine.NodeUp, GPUs: gpus, Busy: busy[n.Name], Model: wire.Bounded(model)}
		if n.Spec.Unschedulable {
			e.State, e.Reason = engine.NodeDraining, "cordoned"
		}
		if ready := conditionOf(n.Status.Conditions, "Ready"); ready.Status != "True" {
			e.State, e.Reason = engine.NodeDown, wire.Bounded(cmp.Or(ready.Reason, "not ready"))
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b engine.Node) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func conditionOf(all []condition, kind string) condition {
	for _, c := range all {
		if c.Type == kind {
			return c
		}
	}
	return condition{}
}

// watts is the account of planning watts in the cohorts of the reserve. Admitted
// is added by the caller, job by job.
func (d *Driver) watts(s state) engine.Watts {
	var out engine.Watts
	if d.c.Reserve == "" {
		return out
	}
	l, known := find(s.locals, d.c.Namespace+"/"+d.c.Reserve)
	q, there := find(s.clusters, l.Spec.ClusterQueue)
	if _, declared := q.quota(d.c.Watts); !known || !there || !declared {
		return out
	}
	out.Known = true
	out.Budget = d.budget(s, q)
	for _, o := range d.orders(s.workloads, "") {
		if o.stands() {
			out.Withheld += o.watts
		}
	}
	return out
}

// budget is what may be admitted in all where a queue takes part: the quotas of
// every queue and cohort below the same topmost cohort.
func (d *Driver) budget(s state, q queue) unit.Power {
	own, _ := q.quota(d.c.Watts)
	if q.Spec.CohortName == "" {
		return unit.Power(own)
	}
	top := func(name string) string {
		for range len(s.cohorts) { // a ring of parents is Kueue's to refuse
			c, known := find(s.cohorts, name)
			if !known || c.Spec.ParentName == "" {
				break
			}
			name = c.Spec.ParentName
		}
		return name
	}
	root, sum := top(q.Spec.CohortName), int64(0)
	for _, c := range s.clusters {
		if c.Spec.CohortName != "" && top(c.Spec.CohortName) == root {
			n, _ := c.quota(d.c.Watts)
			sum += n
		}
	}
	for _, c := range s.cohorts {
		if top(c.Name) == root {
			n, _ := c.quota(d.c.Watts)
			sum += n
		}
	}
	return unit.Power(sum)
}
