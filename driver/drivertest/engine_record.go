package drivertest

import (
	"context"
	"errors"
	"slices"
	"time"

	"sluice/engine"
)

// sensible is a command of a verb that is whole but for its subject.
func (t *trial) sensible(v engine.Verb, subject string) engine.Command {
	at := t.b.Now().Add(time.Hour).Truncate(time.Minute)
	return engine.Command{Verb: v, Subject: subject, Power: t.b.Watts, Nodes: t.b.Nodes[:1], By: at, From: at, Until: at.Add(time.Hour), Jobs: []string{"999999"}}
}

// unknown names subjects that are not there.
func (t *trial) unknown() {
	t.Helper()
	for verb, subject := range map[engine.Verb]string{
		engine.Hold: "no-such-queue", engine.Drain: "no-such-queue", engine.Release: "no-such-queue", engine.Warn: "999999", engine.Evict: "999999",
		engine.Restore: "999999", engine.Off: "no-such-node", engine.On: "no-such-node",
	} {
		if !t.needs(verb) {
			continue
		}
		if a, err := t.try(t.sensible(verb, subject)); !errors.Is(err, engine.ErrUnknown) {
			t.Errorf("%s of %q, which is not there, gave %+v, %v: want ErrUnknown", verb, subject, a, err)
		}
	}
}

// unsupported gives every verb that the engine does not take.
func (t *trial) unsupported() {
	t.Helper()
	for _, verb := range []engine.Verb{
		engine.Hold, engine.Release, engine.Warn, engine.Evict, engine.Restore, engine.Withhold,
		engine.GiveBack, engine.Off, engine.On, engine.Window, engine.Unwindow, engine.Drain, engine.Rank,
	} {
		if t.can.Can(verb) {
			continue
		}
		if a, err := t.try(t.sensible(verb, t.b.Nodes[0])); !errors.Is(err, engine.ErrUnsupported) {
			t.Errorf("%s is not among the verbs and gave %+v, %v: want ErrUnsupported", verb, a, err)
		}
	}
}

// senseless gives commands that no engine should see.
func (t *trial) senseless() {
	t.Helper()
	j := t.start("runs", t.b.Spot, 1)
	for _, c := range []engine.Command{
		{Event: "Not a name", Verb: engine.Evict, Subject: j.ID},
		{Event: "event-a", Seq: -1, Verb: engine.Evict, Subject: j.ID},
		{Verb: engine.Evict},
		{Verb: engine.Withhold},
		{Verb: engine.Drain},
		{Verb: engine.Rank, Jobs: []string{j.ID, j.ID}},
		{Verb: "destroy", Subject: j.ID},
	} {
		if !t.needs(c.Verb) && c.Verb != "destroy" {
			continue
		}
		if a, err := t.try(c); err == nil {
			t.Errorf("%+v makes no sense and was answered with %+v", c, a)
		}
	}
	if v := t.view(); !kept(v, j) || v.Watts.Withheld != 0 {
		t.Errorf("a command that makes no sense did something\n%s", show(v))
	}
}

// unreachable lets the engine be silent for a while.
func (t *trial) unreachable() {
	t.Helper()
	c := engine.Command{Verb: engine.Hold, Subject: t.b.Spot}
	done := func(v engine.View) bool { return queueOf(v, t.b.Spot).Held }
	if !t.can.Can(engine.Hold) {
		c = engine.Command{Verb: engine.Withhold, Power: t.b.Watts}
		done = func(v engine.View) bool { return v.Watts.Withheld > 0 }
	}
	if t.b.Refuse == nil || !t.needs(c.Verb) {
		t.Logf("the bench cannot silence the engine, or it takes no verb")
		return
	}
	t.b.Refuse(true)
	ctx, cancel := context.WithTimeout(t.Context(), generous)
	defer cancel()
	if v, err := t.b.Engine.View(ctx); !errors.Is(err, engine.ErrUnreachable) || len(v.Jobs)+len(v.Nodes)+len(v.Queues) != 0 {
		t.Errorf("an engine that does not answer is seen as %d jobs and %d nodes, %v: want nothing and ErrUnreachable", len(v.Jobs), len(v.Nodes), err)
	}
	if a, err := t.try(c); !errors.Is(err, engine.ErrUnreachable) || a.Done {
		t.Errorf("an engine that does not answer gave %+v, %v: want ErrUnreachable", a, err)
	}
	t.b.Refuse(false)
	t.until("nothing was done meanwhile", func(v engine.View) bool { return !done(v) })
	if a := t.do(c); a.Already {
		t.Errorf("%s could not be told before and is said to be done already", c.Verb)
	}
	t.until("the engine works again", done)
}

// span is a run as seen from outside: it began and ended within these times.
type span struct{ asked, seen, told, gone time.Time }

// recording runs a job twice and compares its records with what was seen.
func (t *trial) recording() {
	t.Helper()
	r, ok := t.b.Engine.(engine.Recorder)
	if !ok || !t.needs(engine.Evict) {
		t.Logf("%s keeps no records", t.can.Engine)
		return
	}
	const gpus = 2
	begun := t.b.Now().Add(-time.Second)
	first := span{asked: t.b.Now()}
	id := t.start("recorded", t.b.Spot, gpus).ID
	first.seen = t.b.Now()
	t.b.Pass(3 * time.Second)
	if u := t.recorded(r, begun, id, func(u []engine.Usage) bool { return len(u) > 0 }); len(u) != 1 || !u[0].To.IsZero() || u[0].Ended != engine.StillRuns || u[0].Run != 1 || u[0].GPUs != gpus || u[0].Queue != t.b.Spot || u[0].Tenant != t.b.Tenant || len(u[0].Nodes) == 0 {
		t.Errorf("a job that runs is recorded as %+v", u)
	}
	first.told = t.b.Now()
	t.do(engine.Command{Verb: engine.Evict, Subject: id})
	t.until("the job is away", func(v engine.View) bool { return out(v, id) })
	first.gone = t.b.Now()
	t.b.Pass(2 * time.Second)
	second := span{asked: t.b.Now()}
	t.do(engine.Command{Verb: engine.Restore, Subject: id})
	t.runs(id)
	second.seen = t.b.Now()
	t.b.Pass(3 * time.Second)
	second.told = t.b.Now()
	t.b.End(id)
	t.until("the job is gone", func(v engine.View) bool { return jobOf(v, id).State == "" })
	second.gone = t.b.Now()
	t.records(r, begun, id, []span{first, second})
}

// records compares what is recorded of a job with what was seen of it.
func (t *trial) records(r engine.Recorder, from time.Time, id string, seen []span) {
	t.Helper()
	u := t.recorded(r, from, id, func(u []engine.Usage) bool { return len(u) >= len(seen) && !u[len(u)-1].To.IsZero() })
	if len(u) != len(seen) || u[0].Ended != engine.Preempted || u[1].Ended == engine.StillRuns || u[1].Ended == engine.Preempted {
		t.Fatalf("a job that was evicted and ran again has two records, of which the first ends as preempted: %+v", u)
	}
	const rounding = time.Second // records are kept in whole seconds
	for i, s := range seen {
		got := time.Duration(u[i].GPUSeconds(t.b.Now())/int64(u[i].GPUs)) * time.Second
		if least, most := s.told.Sub(s.seen)-rounding, s.gone.Sub(s.asked)+rounding; got < least || got > most || u[i].Run != i+1 {
			t.Errorf("run %d is recorded as run %d of %v: it took between %v and %v", i+1, u[i].Run, got, least, most)
		}
	}
	if u[1].From.Before(u[0].To) {
		t.Errorf("the second run began at %v, before the first ended at %v", u[1].From, u[0].To)
	}
}

// recorded is what is recorded of a job once it is complete: records may come late.
func (t *trial) recorded(r engine.Recorder, from time.Time, id string, complete func([]engine.Usage) bool) []engine.Usage {
	t.Helper()
	begun := t.b.Now()
	for range 1000 {
		u := t.usage(r, from, id)
		if complete(u) || t.b.Now().Sub(begun) > t.b.Patience {
			return u
		}
		t.b.Pass(max(t.b.Patience/100, 50*time.Millisecond))
	}
	return nil
}

// usage is what is recorded of one job, with the order of all records checked.
func (t *trial) usage(r engine.Recorder, from time.Time, id string) []engine.Usage {
	t.Helper()
	all, err := r.Usage(t.Context(), from, t.b.Now().Add(time.Second))
	if err != nil {
		t.Fatalf("usage: %v", err)
	}
	if !slices.IsSortedFunc(all, func(a, b engine.Usage) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		switch {
		case a.Job < b.Job:
			return -1
		case a.Job > b.Job:
			return 1
		}
		return 0
	}) {
		t.Errorf("records are not in order of start and job: %+v", all)
	}
	return slices.DeleteFunc(all, func(u engine.Usage) bool { return u.Job != id })
}

// registering admits a tenant, changes its limit and dismisses it.
func (t *trial) registering() {
	t.Helper()
	r, ok := t.b.Engine.(engine.Registrar)
	if !ok {
		t.Logf("%s registers no tenants", t.can.Engine)
		return
	}
	if _, err := r.Admit(t.Context(), engine.Tenant{Name: "tenant-new", Queue: t.b.Spot, GPUs: 1, People: t.b.People}); errors.Is(err, engine.ErrUnsupported) {
		t.Logf("%s registers no tenants here: %v", t.can.Engine, err)
		return
	}
	admit := func(gpus int) {
		t.Helper()
		a, err := r.Admit(t.Context(), engine.Tenant{Name: "tenant-new", Queue: t.b.Spot, GPUs: gpus, People: t.b.People})
		if err != nil || a.Account == "" || a.Hint == "" || a.Engine == "" || a.Queue != t.b.Spot {
			t.Fatalf("admit: %+v, %v: want an account, its queue and a first command", a, err)
		}
	}
	submit := func(name string) string {
		t.Helper()
		return t.b.Submit(EngineJob{Name: name, Tenant: "tenant-new", Queue: t.b.Spot, GPUs: 1, Limit: time.Hour})
	}
	admit(1)
	one := t.runs(submit("first"))
	two := submit("over-the-limit")
	t.stays("a tenant gets no more than its limit", func(v engine.View) bool { return kept(v, one) && out(v, two) })
	admit(2)
	t.runs(two)
	for range 2 {
		if err := r.Dismiss(t.Context(), "tenant-new"); err != nil {
			t.Fatalf("dismiss: %v", err)
		}
	}
	t.b.End(two)
	three := submit("after-the-end")
	t.stays("a dismissed tenant starts nothing, and what runs goes on", func(v engine.View) bool { return kept(v, one) && (three == "" || out(v, three)) })
	if err := r.Dismiss(t.Context(), "nobody-at-all"); !errors.Is(err, engine.ErrUnknown) {
		t.Errorf("dismissing a tenant that is not there gave %v: want ErrUnknown", err)
	}
	admit(2)
	t.runs(submit("again"))
}

// restarting lets a new driver find and undo what the old one did.
func (t *trial) restarting() {
	t.Helper()
	if t.b.Again == nil {
		t.Logf("the bench has no second driver")
		return
	}
	t.restartJob()
	if t.needs(engine.Withhold) {
		t.do(engine.Command{Verb: engine.Withhold, Power: t.b.Watts})
		t.b.Engine = t.b.Again()
		t.until("a new driver sees what is withheld", func(v engine.View) bool { return v.Watts.Withheld == t.b.Watts })
		t.do(engine.Command{Verb: engine.GiveBack})
		t.until("nothing is withheld", func(v engine.View) bool { return v.Watts.Withheld == 0 })
	}
	if t.needs(engine.Hold) {
		t.do(engine.Command{Verb: engine.Hold, Subject: t.b.Spot})
		t.b.Engine = t.b.Again()
		t.until("a new driver sees the queue that is held", func(v engine.View) bool { return queueOf(v, t.b.Spot).Event == t.event })
		t.do(engine.Command{Verb: engine.Release, Subject: t.b.Spot})
		t.start("after-the-release", t.b.Spot, 1)
	}
	if t.needs(engine.Drain) {
		t.do(engine.Command{Verb: engine.Drain, Subject: t.b.Spot})
		t.b.Engine = t.b.Again()
		t.until("a new driver sees the queue that is drained", func(v engine.View) bool {
			q := queueOf(v, t.b.Spot)
			return q.Event == t.event && q.Drained
		})
		t.do(engine.Command{Verb: engine.Release, Subject: t.b.Spot})
		t.start("after-the-drain", t.b.Spot, 1)
	}
}

// restartJob evicts a job with one driver and restores it with the next.
func (t *trial) restartJob() {
	t.Helper()
	if !t.needs(engine.Evict) {
		return
	}
	c := engine.Command{Verb: engine.Evict, Subject: t.start("victim", t.b.Spot, 1).ID}
	t.do(c)
	t.until("the job is away", func(v engine.View) bool { return out(v, c.Subject) })
	t.b.Engine = t.b.Again()
	if got := jobOf(t.view(), c.Subject); got.Evicted != t.event || got.State != engine.Held {
		t.Errorf("a new driver sees the evicted job as %s, evicted by %q", got.State, got.Evicted)
	}
	c.Seq = t.seq
	if a := t.do(c); !a.Already {
		t.Errorf("a new driver takes a command that was done for a new one: %+v", a)
	}
	t.do(engine.Command{Verb: engine.Restore, Subject: c.Subject})
	t.runs(c.Subject)
}
