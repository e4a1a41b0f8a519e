package drivertest

import (
	"sluice/engine"
)

// draining checks drain and release.
func (t *trial) draining() {
	t.Helper()
	if !t.needs(engine.Drain) {
		return
	}
	before, beside := t.start("before", t.b.Spot, 1), t.start("in-another-queue", t.b.Firm, 1)
	if a := t.do(engine.Command{Verb: engine.Drain, Subject: t.b.Spot}); a.Already {
		t.Errorf("the queue was open and is said to have been drained already")
	}
	t.until("the queue says that our event drains it, and what ran in it is away", func(v engine.View) bool {
		q, j := queueOf(v, t.b.Spot), jobOf(v, before.ID)
		return q.Held && q.Drained && q.Event == t.event && out(v, before.ID) && j.State == engine.Held && j.Evicted == t.event
	})
	id := t.submit("in-a-drained-queue", t.b.Spot, 1)
	t.refused(engine.Command{Event: "event-b", Verb: engine.Release, Subject: t.b.Spot})
	t.stays("nothing runs in a drained queue, and the rest runs", func(v engine.View) bool {
		return out(v, before.ID) && out(v, id) && kept(v, beside) && !queueOf(v, t.b.Firm).Held && !queueOf(v, t.b.Firm).Drained
	})
	t.sound(t.view())
	t.do(engine.Command{Verb: engine.Release, Subject: t.b.Spot})
	back := t.runs(before.ID)
	if back.Evicted != "" || !back.Started.After(before.Started) {
		t.Errorf("the job runs again since %v, after %v, and is evicted by %q", back.Started, before.Started, back.Evicted)
	}
	t.runs(id)
	v := t.until("the queue is open", func(v engine.View) bool {
		q := queueOf(v, t.b.Spot)
		return !q.Held && !q.Drained && q.Event == ""
	})
	if !kept(v, beside) {
		t.Errorf("a job of another queue was touched\n%s", show(v))
	}
}

// drainingHeld checks that the end of a drain leaves what another event holds.
func (t *trial) drainingHeld() {
	t.Helper()
	if !t.needs(engine.Drain, engine.Hold) {
		return
	}
	before := t.start("before", t.b.Spot, 1)
	t.do(engine.Command{Event: "event-b", Verb: engine.Hold, Subject: t.b.Spot})
	t.do(engine.Command{Verb: engine.Drain, Subject: t.b.Spot})
	// Held by the drain, not only out of sight: an engine whose lists are of two instants may show a job without its nodes
	// before it shows that it was stopped.
	t.until("what ran is away", func(v engine.View) bool {
		j := jobOf(v, before.ID)
		return out(v, before.ID) && j.State == engine.Held && j.Evicted == t.event && queueOf(v, t.b.Spot).Drained
	})
	t.do(engine.Command{Verb: engine.Release, Subject: t.b.Spot})
	t.until("the other event holds the queue, and nobody drains it", func(v engine.View) bool {
		q := queueOf(v, t.b.Spot)
		return q.Held && !q.Drained && q.Event == "event-b"
	})
	t.stays("a queue that another event holds starts nothing when its drain ends", func(v engine.View) bool {
		return out(v, before.ID) && queueOf(v, t.b.Spot).Held
	})
	t.do(engine.Command{Event: "event-b", Verb: engine.Release, Subject: t.b.Spot})
	t.runs(before.ID)
}

// ranking checks that an order of jobs is taken, replaced and forgotten, and that it
// moves none of them.
func (t *trial) ranking() {
	t.Helper()
	if !t.needs(engine.Rank) {
		return
	}
	var jobs []engine.Job
	for _, name := range []string{"one", "two", "three"} {
		jobs = append(jobs, t.start(name, t.b.Spot, 1))
	}
	one, two, three := jobs[0].ID, jobs[1].ID, jobs[2].ID
	for _, order := range [][]string{{two, one}, {one, three, two}, {three, "999999", one}, {one, two, three}, {three}, nil} {
		if a := t.do(engine.Command{Verb: engine.Rank, Jobs: order}); a.Already {
			t.Errorf("the order %v is new and said to be there already", order)
		}
		t.until("the jobs are ranked as said", func(v engine.View) bool { return t.ranked(v, order, jobs) })
	}
	t.do(engine.Command{Verb: engine.Rank, Jobs: []string{two, one}})
	if t.b.Again != nil {
		t.b.Engine = t.b.Again()
	}
	if a := t.do(engine.Command{Verb: engine.Rank, Jobs: []string{two, one}}); !a.Already {
		t.Errorf("the same order again is said to change something")
	}
	v := t.until("a new driver shows the order", func(v engine.View) bool { return t.ranked(v, []string{two, one}, jobs) })
	for _, j := range jobs {
		if !kept(v, j) {
			t.Errorf("ranking touched %s\n%s", j.ID, show(v))
		}
	}
}

// ranked reports whether jobs are ranked in an order, and those that are not in it not
// at all.
func (t *trial) ranked(v engine.View, order []string, jobs []engine.Job) bool {
	last, ranked := 0, 0
	for _, id := range order {
		j := jobOf(v, id)
		if j.ID == "" {
			continue // there is no such job
		}
		if j.Rank <= last {
			return false
		}
		last = j.Rank
		ranked++
	}
	for _, j := range jobs {
		if jobOf(v, j.ID).Rank > 0 {
			ranked--
		}
	}
	return ranked == 0
}
