package drivertest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// ability checks that capabilities are sound.
func (t *trial) ability() {
	t.Helper()
	c := t.can
	if c.Engine == "" || c.Version == "" || c.API == "" {
		t.Errorf("engine %q, version %q, dialect %q: all three are stated", c.Engine, c.Version, c.API)
	}
	pairs := map[engine.Verb]engine.Verb{
		engine.Hold: engine.Release, engine.Evict: engine.Restore, engine.Withhold: engine.GiveBack, engine.Off: engine.On, engine.Window: engine.Unwindow,
	}
	for verb, undo := range pairs {
		if c.Can(verb) != c.Can(undo) {
			t.Errorf("%s is taken: %t, and %s: %t; what can be done can be undone", verb, c.Can(verb), undo, c.Can(undo))
		}
	}
	for i, v := range c.Verbs {
		if _, done := pairs[v]; slices.Contains(c.Verbs[:i], v) || !done && !slices.Contains([]engine.Verb{engine.Warn, engine.Drain, engine.Rank}, v) && !slices.ContainsFunc(undone(), func(u engine.Verb) bool { return u == v }) {
			t.Errorf("%q is named twice, or is no verb", v)
		}
	}
	if c.Can(engine.Drain) && !c.Can(engine.Release) {
		t.Errorf("it can drain and not release: what can be done can be undone")
	}
	if c.Window != c.Can(engine.Window) || c.WattBudget != c.Can(engine.Withhold) || c.ExactVictim && !c.Can(engine.Evict) || c.EarlyWarning && !c.Can(engine.Warn) {
		t.Errorf("capabilities contradict the verbs: %+v", c)
	}
	for v, d := range c.Latency {
		if !c.Can(v) || d < 0 {
			t.Errorf("%s is said to take %v", v, d)
		}
	}
}

func undone() []engine.Verb {
	return []engine.Verb{engine.Release, engine.Restore, engine.GiveBack, engine.On, engine.Unwindow}
}

// balance checks what every view must be, with jobs that run, spread and wait.
func (t *trial) balance() {
	t.Helper()
	t.sound(t.view())
	small := t.start("small", t.b.Spot, 1)
	if got := jobOf(t.view(), small.ID); got.Name != "small" || got.Tenant != t.b.Tenant || got.Queue != t.b.Spot || got.GPUs != 1 || got.Limit != time.Hour || got.Watts != t.b.Watts || len(got.Nodes) != 1 || got.Started.IsZero() || got.Submitted.IsZero() {
		t.Errorf("one GPU for an hour in %s is shown as %+v", t.b.Spot, got)
	}
	t.sound(t.view())
	t.submit("whole", t.b.Firm, t.b.PerNode*len(t.b.Nodes))
	t.b.Pass(t.b.Calm)
	v := t.view()
	t.sound(v)
	if v.Watts.Known && v.Watts.Budget < unit.Power(t.b.PerNode)*t.b.Watts {
		t.Errorf("the budget is %v: less than one node needs", v.Watts.Budget)
	}
	t.b.End(small.ID)
	t.until("the ended job is gone", func(v engine.View) bool { return jobOf(v, small.ID).State != engine.Running })
	w := t.until("the job over all nodes runs", func(v engine.View) bool {
		return slices.ContainsFunc(v.Jobs, func(j engine.Job) bool { return j.Name == "whole" && j.State == engine.Running })
	})
	t.sound(w)
	t.submit("late", t.b.Firm, 1)
	t.sound(t.view())
	w = t.view()
	if again := t.view(); w.Version != "" && again.Version == w.Version && fmt.Sprint(again.Jobs, again.Nodes, again.Queues, again.Watts) != fmt.Sprint(w.Jobs, w.Nodes, w.Queues, w.Watts) {
		t.Errorf("two views of version %s differ:\n%s\n%s", w.Version, show(w), show(again))
	}
}

// sound reports what no view may be.
func (t *trial) sound(v engine.View) {
	t.Helper()
	byName := func(a, b engine.Node) int { return cmp.Compare(a.Name, b.Name) }
	byID := func(a, b engine.Job) int { return cmp.Compare(a.ID, b.ID) }
	byQueue := func(a, b engine.Queue) int { return cmp.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(v.Jobs, byID) || !slices.IsSortedFunc(v.Nodes, byName) || !slices.IsSortedFunc(v.Queues, byQueue) || v.At.IsZero() {
		t.Errorf("a view has its time, and its jobs, nodes and queues in order of ID and name\n%s", show(v))
	}
	busy, waiting, admitted := map[string]int{}, map[string]int{}, unit.Power(0)
	for _, j := range v.Jobs {
		on := j.State == engine.Running || j.State == engine.Stopping
		if on != (len(j.Nodes) > 0) || (j.State == engine.Running) && j.Started.IsZero() || !slices.IsSorted(j.Nodes) {
			t.Errorf("job %s is %s, since %v, on %v: what runs has a start and nodes in order, and nothing else has nodes", j.ID, j.State, j.Started, j.Nodes)
		}
		for i, n := range j.Nodes { // spread evenly, the first take the rest
			busy[n] += (j.GPUs + len(j.Nodes) - 1 - i) / len(j.Nodes)
		}
		if on {
			admitted += j.Watts
		}
		if j.State == engine.Waiting {
			waiting[j.Queue]++
		}
	}
	for _, n := range v.Nodes {
		if n.Busy != busy[n.Name] || n.GPUs != t.b.PerNode {
			t.Errorf("node %s: %d of %d GPUs busy, and its jobs hold %d of %d", n.Name, n.Busy, n.GPUs, busy[n.Name], t.b.PerNode)
		}
	}
	for _, q := range v.Queues {
		if q.Waiting != waiting[q.Name] {
			t.Errorf("queue %s says that %d wait, and %d do", q.Name, q.Waiting, waiting[q.Name])
		}
	}
	if v.Watts.Known && v.Watts.Admitted != admitted {
		t.Errorf("%v are said to be admitted, and jobs that run hold %v", v.Watts.Admitted, admitted)
	}
}

// waitingReason fills every node and looks at the job that is left over.
func (t *trial) waitingReason() {
	t.Helper()
	for i := range t.b.Nodes {
		t.start(fmt.Sprintf("full-%d", i), t.b.Firm, t.b.PerNode)
	}
	id := t.submit("left-over", t.b.Firm, 1)
	v := t.until("the job that is left over says why it waits", func(v engine.View) bool {
		return jobOf(v, id).State == engine.Waiting && jobOf(v, id).Why != ""
	})
	if v.Watts.Known && v.Watts.Admitted != unit.Power(t.b.PerNode*len(t.b.Nodes))*t.b.Watts {
		t.Errorf("all GPUs are busy and %v are admitted", v.Watts.Admitted)
	}
}

// holding checks hold and release.
func (t *trial) holding() {
	t.Helper()
	if !t.needs(engine.Hold) {
		return
	}
	before := t.start("before", t.b.Spot, 1)
	if a := t.do(engine.Command{Verb: engine.Hold, Subject: t.b.Spot}); a.Already {
		t.Errorf("the queue was open and is said to have been held already")
	}
	t.until("the queue says that our event holds it", func(v engine.View) bool {
		q := queueOf(v, t.b.Spot)
		return q.Held && q.Event == t.event
	})
	id := t.submit("in-a-held-queue", t.b.Spot, 1)
	beside := t.start("in-another-queue", t.b.Firm, 1)
	t.stays("nothing starts in a held queue, and the rest runs", func(v engine.View) bool {
		return out(v, id) && kept(v, before) && kept(v, beside) && !queueOf(v, t.b.Firm).Held
	})
	t.do(engine.Command{Verb: engine.Release, Subject: t.b.Spot})
	t.runs(id)
	t.until("the queue is open", func(v engine.View) bool {
		q := queueOf(v, t.b.Spot)
		return !q.Held && q.Event == ""
	})
}

// holdingTwice checks that one event does not release what another holds.
func (t *trial) holdingTwice() {
	t.Helper()
	if !t.needs(engine.Hold) {
		return
	}
	t.do(engine.Command{Verb: engine.Hold, Subject: t.b.Spot})
	t.refused(engine.Command{Event: "event-b", Verb: engine.Release, Subject: t.b.Spot})
	id := t.submit("still-held", t.b.Spot, 1)
	t.stays("a queue that one event holds is not released by another", func(v engine.View) bool { return out(v, id) && queueOf(v, t.b.Spot).Held })
	t.do(engine.Command{Verb: engine.Release, Subject: t.b.Spot})
	t.runs(id)
}

// evicting checks evict and restore.
func (t *trial) evicting() {
	t.Helper()
	if !t.needs(engine.Evict) {
		return
	}
	victim, other, firm := t.start("victim", t.b.Spot, 1), t.start("other", t.b.Spot, 1), t.start("firm", t.b.Firm, 1)
	t.do(engine.Command{Verb: engine.Evict, Subject: victim.ID})
	t.until("the job is held for our event", func(v engine.View) bool {
		j := jobOf(v, victim.ID)
		return j.State == engine.Held && j.Evicted == t.event
	})
	t.stays("the evicted job stays away, and the others run on", func(v engine.View) bool {
		return out(v, victim.ID) && kept(v, other) && kept(v, firm)
	})
	t.do(engine.Command{Verb: engine.Restore, Subject: victim.ID})
	back := t.runs(victim.ID)
	if back.Evicted != "" || !back.Started.After(victim.Started) {
		t.Errorf("the job runs again since %v, after %v, and is evicted by %q", back.Started, victim.Started, back.Evicted)
	}
	t.sound(t.view())
	if v := t.view(); !kept(v, other) || !kept(v, firm) {
		t.Errorf("restoring one job moved another\n%s", show(v))
	}
}

// foreignRestore checks that restore starts nothing that the event did not stop.
func (t *trial) foreignRestore() {
	t.Helper()
	if !t.needs(engine.Evict) {
		return
	}
	victim := t.start("victim", t.b.Spot, 1)
	t.do(engine.Command{Verb: engine.Evict, Subject: victim.ID})
	t.until("the job is away for our event", func(v engine.View) bool { return out(v, victim.ID) && jobOf(v, victim.ID).Evicted == t.event })
	t.refused(engine.Command{Event: "event-b", Verb: engine.Restore, Subject: victim.ID})
	t.stays("a job that one event stopped is not started by another", func(v engine.View) bool {
		return out(v, victim.ID) && jobOf(v, victim.ID).Evicted == t.event
	})
	runs := t.start("never-stopped", t.b.Spot, 1)
	t.refused(engine.Command{Verb: engine.Restore, Subject: runs.ID})
	if v := t.view(); !kept(v, runs) {
		t.Errorf("restoring a job that runs changed it\n%s", show(v))
	}
}

// warning checks that a warning stops nothing.
func (t *trial) warning() {
	t.Helper()
	if !t.needs(engine.Warn) {
		return
	}
	j := t.start("warned", t.b.Spot, 1)
	t.b.Pass(t.b.Calm) // a job that began a moment ago may not listen to signals yet
	c := engine.Command{Verb: engine.Warn, Subject: j.ID, By: t.b.Now().Add(10 * time.Minute).Truncate(time.Second), Why: "the grid calls"}
	t.do(c)
	t.stays("a warned job runs on", func(v engine.View) bool { return kept(v, j) && jobOf(v, j.ID).Evicted == "" })
	c.Seq = t.seq
	if a := t.do(c); !a.Already {
		t.Errorf("a warning repeated under its number is a new one: %+v", a)
	}
}

// twice checks that a command given again under its number has no effect.
func (t *trial) twice() {
	t.Helper()
	given := map[engine.Verb]bool{}
	repeat := func(c engine.Command, there func(engine.View) bool) {
		t.Helper()
		if !t.needs(c.Verb) || c.Verb == engine.Release && given[c.Verb] && !t.can.Can(engine.Drain) {
			return
		}
		given[c.Verb] = true
		if a := t.do(c); a.Already {
			t.Errorf("%s %q is new and said to be done already", c.Verb, c.Subject)
		}
		v := t.until(string(c.Verb)+" is seen", there)
		c.Seq = t.seq
		if a := t.do(c); !a.Already {
			t.Errorf("%s %q was done, and given again it is said to change something", c.Verb, c.Subject)
		}
		if w := t.view(); fmt.Sprint(w.Watts, w.Queues) != fmt.Sprint(v.Watts, v.Queues) {
			t.Errorf("%s given twice moved something:\n%s\n%s", c.Verb, show(v), show(w))
		}
	}
	j := t.start("victim", t.b.Spot, 1)
	repeat(engine.Command{Verb: engine.Evict, Subject: j.ID}, func(v engine.View) bool { return jobOf(v, j.ID).State == engine.Held })
	repeat(engine.Command{Verb: engine.Restore, Subject: j.ID}, func(v engine.View) bool { return jobOf(v, j.ID).State == engine.Running })
	repeat(engine.Command{Verb: engine.Hold, Subject: t.b.Spot}, func(v engine.View) bool { return queueOf(v, t.b.Spot).Held })
	repeat(engine.Command{Verb: engine.Release, Subject: t.b.Spot}, func(v engine.View) bool { return !queueOf(v, t.b.Spot).Held })
	repeat(engine.Command{Verb: engine.Drain, Subject: t.b.Spot}, func(v engine.View) bool { return queueOf(v, t.b.Spot).Drained && out(v, j.ID) })
	repeat(engine.Command{Verb: engine.Release, Subject: t.b.Spot}, func(v engine.View) bool {
		return !queueOf(v, t.b.Spot).Held && jobOf(v, j.ID).State == engine.Running // it comes back by itself
	})
	repeat(engine.Command{Verb: engine.Rank, Jobs: []string{j.ID}}, func(v engine.View) bool { return jobOf(v, j.ID).Rank > 0 })
	repeat(engine.Command{Verb: engine.Rank}, func(v engine.View) bool { return jobOf(v, j.ID).Rank == 0 })
	repeat(engine.Command{Verb: engine.Withhold, Power: t.b.Watts}, func(v engine.View) bool { return v.Watts.Withheld == t.b.Watts })
	repeat(engine.Command{Verb: engine.GiveBack}, func(v engine.View) bool { return v.Watts.Withheld == 0 })
	at := t.b.Now().Add(24 * time.Hour).Truncate(time.Minute)
	anything := func(engine.View) bool { return true }
	repeat(engine.Command{Verb: engine.Window, Nodes: t.b.Nodes[:1], From: at, Until: at.Add(time.Hour)}, anything)
	repeat(engine.Command{Verb: engine.Unwindow}, anything)
}
