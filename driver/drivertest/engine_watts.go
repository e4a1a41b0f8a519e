package drivertest

import (
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// withholding checks withhold and give_back, for what is free and for more.
func (t *trial) withholding() {
	t.Helper()
	if !t.needs(engine.Withhold) {
		return
	}
	runs := t.start("runs", t.b.Spot, 1)
	v := t.view()
	if !v.Watts.Known || v.Watts.Admitted != t.b.Watts || v.Watts.Withheld != 0 {
		t.Fatalf("one GPU runs and watts are %+v", v.Watts)
	}
	free := v.Watts.Budget - v.Watts.Admitted
	t.do(engine.Command{Verb: engine.Withhold, Power: free})
	t.until("all that is free is withheld", func(v engine.View) bool { return v.Watts.Withheld == free })
	id := t.submit("kept-out", t.b.Spot, 1)
	t.stays("no job enters what is withheld, and what runs goes on", func(v engine.View) bool { return out(v, id) && kept(v, runs) })
	t.do(engine.Command{Verb: engine.Withhold, Power: v.Watts.Budget})
	t.stays("withholding more than is free touches nothing that runs", func(v engine.View) bool { return out(v, id) && kept(v, runs) })
	t.do(engine.Command{Verb: engine.Withhold, Power: free - t.b.Watts})
	t.runs(id)
	t.do(engine.Command{Verb: engine.GiveBack})
	t.until("nothing is withheld", func(v engine.View) bool { return v.Watts.Withheld == 0 })
	t.start("later", t.b.Spot, 1)
	if v := t.view(); !kept(v, runs) {
		t.Errorf("what ran before did not go on\n%s", show(v))
	}
}

// withholdingTwice checks two events beside each other.
func (t *trial) withholdingTwice() {
	t.Helper()
	if !t.needs(engine.Withhold) {
		return
	}
	w := t.b.Watts
	t.do(engine.Command{Verb: engine.Withhold, Power: w})
	t.do(engine.Command{Event: "event-b", Verb: engine.Withhold, Power: 2 * w})
	t.until("two events withhold three GPUs", func(v engine.View) bool { return v.Watts.Withheld == 3*w })
	t.do(engine.Command{Verb: engine.Withhold, Power: 2 * w})
	t.until("the first replaced what it withheld", func(v engine.View) bool { return v.Watts.Withheld == 4*w })
	t.do(engine.Command{Event: "event-b", Verb: engine.GiveBack})
	t.until("the second gave its own back", func(v engine.View) bool { return v.Watts.Withheld == 2*w })
	t.do(engine.Command{Verb: engine.GiveBack})
	t.until("nothing is withheld", func(v engine.View) bool { return v.Watts.Withheld == 0 })
}

// lasting checks that nothing ends upwards when nobody is there to end it.
func (t *trial) lasting() {
	t.Helper()
	if !t.needs(engine.Withhold) {
		return
	}
	budget := t.view().Watts.Budget
	t.do(engine.Command{Verb: engine.Withhold, Power: budget})
	id := t.submit("kept-out", t.b.Spot, 1)
	held := t.until("the watts are withheld", func(v engine.View) bool { return v.Watts.Withheld > 0 }).Watts.Withheld
	for _, d := range []time.Duration{31 * time.Minute, 24 * time.Hour, 14 * 24 * time.Hour} {
		t.b.Pass(d)
		if v := t.view(); v.Watts.Withheld != held || !out(v, id) {
			t.Fatalf("%v after nobody said anything, %v of %v are withheld\n%s", d, v.Watts.Withheld, held, show(v))
		}
	}
	t.do(engine.Command{Verb: engine.GiveBack})
	t.runs(id)
}

// switching checks off and on, with a job on the node.
func (t *trial) switching() {
	t.Helper()
	if !t.needs(engine.Off) {
		return
	}
	job := t.start("on-the-node", t.b.Spot, t.b.PerNode)
	node := job.Nodes[0]
	t.do(engine.Command{Verb: engine.Off, Subject: node})
	t.until("the node takes no more", func(v engine.View) bool {
		n := nodeOf(v, node)
		return (n.State == engine.NodeDraining || n.State == engine.NodeLeaving) && n.Event == t.event
	})
	var rest []string
	for i := range t.b.Nodes[1:] {
		rest = append(rest, t.start(fmt.Sprintf("elsewhere-%d", i), t.b.Firm, t.b.PerNode).ID)
	}
	id := t.submit("needs-the-node", t.b.Spot, t.b.PerNode)
	t.stays("a job on a node that shall go off runs to its end", func(v engine.View) bool { return kept(v, job) && out(v, id) })
	t.b.End(job.ID)
	t.until("the empty node is off", func(v engine.View) bool {
		n := nodeOf(v, node)
		return n.State == engine.NodeOff && n.Event == t.event && n.Busy == 0
	})
	t.refused(engine.Command{Event: "event-b", Verb: engine.On, Subject: node})
	t.stays("a node that is off takes no job, and another event does not switch it on", func(v engine.View) bool {
		return nodeOf(v, node).State == engine.NodeOff && out(v, id)
	})
	if a := t.do(engine.Command{Verb: engine.Off, Subject: node}); !a.Already {
		t.Errorf("the node is off and switching it off changed something: %+v", a)
	}
	t.do(engine.Command{Verb: engine.On, Subject: node})
	back := t.runs(id)
	if !slices.Equal(back.Nodes, []string{node}) {
		t.Errorf("the job runs on %v and not on %s, which came back", back.Nodes, node)
	}
	v := t.until("the node is up", func(v engine.View) bool {
		n := nodeOf(v, node)
		return n.State == engine.NodeUp && n.Event == ""
	})
	for _, id := range rest {
		if jobOf(v, id).State != engine.Running {
			t.Errorf("a job on another node was touched\n%s", show(v))
		}
	}
}

// windowing checks a planned window over all nodes.
func (t *trial) windowing() {
	t.Helper()
	if !t.needs(engine.Window) {
		return
	}
	from := t.b.Now().Add(2 * time.Hour).Truncate(time.Minute)
	t.do(engine.Command{Verb: engine.Window, Nodes: t.b.Nodes, From: from, Until: from.Add(time.Hour)})
	long := t.b.Submit(EngineJob{Name: "long", Tenant: t.b.Tenant, Queue: t.b.Spot, GPUs: 1, Limit: 6 * time.Hour})
	short := t.b.Submit(EngineJob{Name: "short", Tenant: t.b.Tenant, Queue: t.b.Spot, GPUs: 1, Limit: time.Hour})
	runs := t.runs(short)
	t.stays("a job that would reach into the window waits", func(v engine.View) bool { return out(v, long) && kept(v, runs) })
	t.do(engine.Command{Verb: engine.Unwindow})
	t.runs(long)
	if v := t.view(); !kept(v, runs) {
		t.Errorf("ending the window touched a job that ran\n%s", show(v))
	}
}

// firm gives every order that is meant for others and watches a firm job.
func (t *trial) firm() {
	t.Helper()
	job := t.start("firm", t.b.Firm, t.b.PerNode)
	victim := t.start("victim", t.b.Spot, 1)
	t.b.Pass(t.b.Calm) // a job that began a moment ago may not listen to signals yet
	steps := []engine.Command{
		{Verb: engine.Rank, Jobs: []string{victim.ID, job.ID}},
		{Verb: engine.Hold, Subject: t.b.Spot},
		{Verb: engine.Withhold, Power: unit.Power(t.b.PerNode*len(t.b.Nodes)) * t.b.Watts},
		{Verb: engine.Warn, Subject: victim.ID, By: t.b.Now().Add(time.Minute)},
		{Verb: engine.Evict, Subject: victim.ID},
		{Verb: engine.Off, Subject: job.Nodes[0]},
		{Verb: engine.On, Subject: job.Nodes[0]},
		{Verb: engine.GiveBack},
		{Verb: engine.Restore, Subject: victim.ID},
		{Verb: engine.Drain, Subject: t.b.Spot},
		{Verb: engine.Rank},
		{Verb: engine.Release, Subject: t.b.Spot},
	}
	for _, c := range steps {
		if !t.needs(c.Verb) {
			continue
		}
		t.do(c)
		if v := t.view(); !kept(v, job) {
			t.Fatalf("%s of something else touched a firm job\n%s", c.Verb, show(v))
		}
		if c.Verb == engine.Evict {
			t.until("the victim is away", func(v engine.View) bool { return out(v, victim.ID) })
		}
	}
	t.runs(victim.ID)
	t.until("the firm job's node is up again", func(v engine.View) bool {
		return kept(v, job) && nodeOf(v, job.Nodes[0]).State == engine.NodeUp && nodeOf(v, job.Nodes[0]).Event == ""
	})
	t.stays("the firm job runs on", func(v engine.View) bool { return kept(v, job) })
}
