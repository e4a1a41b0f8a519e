package slurm_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/driver/slurm"
	"sluice/engine"
	lab "sluice/internal/slurm"
	"sluice/unit"
)

// way is one test on a real cluster on which nothing runs.
type way struct {
	*testing.T
	c *lab.Cluster
	s *slurm.Slurm
}

// submit submits a job of so many GPUs and waits until it listens.
func (w way) submit(j lab.Job) string {
	w.Helper()
	if j.Tenant == "" {
		j.Tenant = lab.Tenant
	}
	if j.Limit == 0 {
		j.Limit = time.Hour
	}
	j.Name = "job"
	id, err := w.c.Submit(w.Context(), j)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w way) start(j lab.Job) string {
	w.Helper()
	id := w.submit(j)
	w.until("job "+id+" runs", func() bool { return w.heard(id, "start") })
	return id
}

// heard reports whether a job wrote something down.
func (w way) heard(id, word string) bool {
	all, err := w.c.Heard(id)
	return err == nil && !all[word].IsZero()
}

func (w way) job(id string) engine.Job {
	w.Helper()
	return job(w, w.s, id)
}

// until waits for something and returns how long it took.
func (w way) until(what string, seen func() bool) time.Duration {
	w.Helper()
	d, err := w.c.Time(w.Context(), func() error { return nil }, func() (bool, error) { return seen(), nil })
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
	return d
}

func (w way) run(program string, args ...string) string {
	w.Helper()
	out, err := w.c.Run(w.Context(), program, args...)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func (w way) do(seq int, c engine.Command) engine.Answer {
	w.Helper()
	c.Event, c.Seq = "event-w", seq
	return must(w, w.s, c)
}

// TestRealWays tries on a real Slurm what no suite can ask of every engine.
func TestRealWays(t *testing.T) {
	t.Parallel()
	c := lab.ForTest(t)
	for _, x := range []struct {
		name string
		run  func(way)
	}{
		{"a preempted job hears USR1 before it ends, and a warned one too", way.signals},
		{"a requeued job waits until its credential has expired", way.holdOff},
		{"a job that ignores signals is killed, and stays held", way.deaf},
		{"licenses reserved go from 60 to 10 to 90", way.licenses},
		{"a job that asks for no watts gets those of its GPUs", way.bare},
		{"a tenant over its limit waits and Slurm says why", way.quota},
		{"records agree with sacct to the second", way.records},
		{"a new driver restores what ours stopped, and no more", way.restart},
		{"a partition that a person closed stays closed", way.closed},
		{"commands alone see what REST sees, through a shell too", way.commands},
		{"each lever takes its time", way.levers},
	} {
		t.Run(x.name, func(t *testing.T) {
			if err := c.Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			x.run(way{t, c, reach(t, c)})
		})
	}
}

func (w way) signals() {
	victim := w.start(lab.Job{Queue: lab.Spot, GPUs: 8})
	other := w.start(lab.Job{Queue: lab.Spot, GPUs: 8})
	asked := time.Now()
	w.submit(lab.Job{Queue: lab.Firm, GPUs: 8})
	w.until("a spot job is stopped", func() bool { return w.heard(victim, "TERM") || w.heard(other, "TERM") })
	if w.heard(other, "TERM") {
		victim, other = other, victim
	}
	h, err := w.c.Heard(victim)
	if err != nil {
		w.Fatal(err)
	}
	warned, grace := h["USR1"].Sub(asked), h["TERM"].Sub(h["USR1"])
	w.Logf("preempted: USR1 %v after the firm job came, TERM %v after that, of a grace of %d s", warned.Round(time.Millisecond), grace.Round(time.Millisecond), lab.Grace)
	if h["USR1"].IsZero() || grace < (lab.Grace-1)*time.Second {
		w.Errorf("the job heard %v: the batch script should hear USR1 a grace of %d s before TERM", h, lab.Grace)
	}
	if w.heard(other, "USR1") {
		w.Errorf("the other job was warned, too")
	}
	w.do(1, engine.Command{Verb: engine.Warn, Subject: other, By: time.Now().Add(time.Minute), Why: "the grid calls"})
	w.Logf("warned by us: USR1 after %v", w.until("the warned job hears USR1", func() bool { return w.heard(other, "USR1") }).Round(time.Millisecond))
	if text := w.run("scontrol", "show", "job", other); !strings.Contains(text, "AdminComment=sluice.warn.event-w.1.") || !strings.Contains(text, "UTC the grid calls") {
		w.Errorf("the deadline is not written into the job:\n%s", text)
	}
}

func (w way) holdOff() {
	id := w.start(lab.Job{Queue: lab.Spot, GPUs: 1})
	begun := time.Now()
	w.do(1, engine.Command{Verb: engine.Evict, Subject: id})
	w.until("it is away", func() bool { return w.job(id).State == engine.Held })
	w.do(2, engine.Command{Verb: engine.Restore, Subject: id})
	if j := w.job(id); j.State != engine.Waiting || j.Why != "BeginTime" && j.Why != "" {
		w.Errorf("restored before its time it is %s because of %q", j.State, j.Why)
	}
	w.until("it runs again", func() bool { return w.job(id).State == engine.Running })
	if took := time.Since(begun); took < 5*time.Second {
		w.Errorf("it ran again after %v: cred_expire is 5 s", took)
	}
}

func (w way) deaf() {
	id := w.start(lab.Job{Queue: lab.Spot, GPUs: 1, Deaf: true})
	begun := time.Now()
	w.do(1, engine.Command{Verb: engine.Evict, Subject: id})
	w.until("it stops", func() bool { return w.job(id).State == engine.Stopping })
	if alive, err := w.c.Alive(id); err != nil || !alive {
		w.Errorf("a deaf job should still run when it is told to stop: %t, %v", alive, err)
	}
	w.until("it is away", func() bool { j := w.job(id); return j.State == engine.Held && j.Evicted == "event-w" })
	w.Logf("a job that ignores TERM is gone after %v: KillWait is 2 s", time.Since(begun).Round(100*time.Millisecond))
	if alive, err := w.c.Alive(id); err != nil || alive {
		w.Errorf("it is held and still runs: %t, %v", alive, err)
	}
}

func (w way) licenses() {
	thirty := lab.Job{Queue: lab.Spot, GPUs: 1, More: []string{"--licenses=kw:30"}}
	w.do(1, engine.Command{Verb: engine.Withhold, Power: 60 * unit.Kilowatt})
	first := w.start(thirty)
	second := w.submit(thirty)
	w.until("the second waits for licenses", func() bool { return w.job(second).Why == "Licenses" })
	took := time.Now()
	w.do(2, engine.Command{Verb: engine.Withhold, Power: 10 * unit.Kilowatt})
	w.until("it runs with less withheld", func() bool { return w.job(second).State == engine.Running })
	w.Logf("60 to 10 kW withheld: the waiting job ran %v later", time.Since(took).Round(10*time.Millisecond))
	w.do(3, engine.Command{Verb: engine.Withhold, Power: 90 * unit.Kilowatt})
	third := w.submit(thirty)
	w.until("the third waits", func() bool { return w.job(third).Why == "Licenses" })
	v, err := w.s.View(w.Context())
	if err != nil || v.Watts.Withheld != 90*unit.Kilowatt || v.Watts.Admitted != 60*unit.Kilowatt {
		w.Errorf("watts are %+v, %v", v.Watts, err)
	}
	for _, id := range []string{first, second} {
		if w.job(id).State != engine.Running {
			w.Errorf("job %s was touched", id)
		}
	}
	if text := w.run("scontrol", "--oneliner", "show", "reservation"); !strings.Contains(text, "Licenses=kw:90") {
		w.Errorf("the reservation is %s", text)
	}
}

func (w way) bare() {
	id := w.start(lab.Job{Queue: lab.Spot, GPUs: 16, Bare: true})
	if j := w.job(id); j.Watts != 16*unit.Kilowatt || len(j.Nodes) != 2 {
		w.Errorf("the job is %+v", j)
	}
	if text := w.run("scontrol", "show", "job", id); !strings.Contains(text, "Licenses=kw:16 ") {
		w.Errorf("the hook of the cluster gave no licenses:\n%s", text)
	}
}

func (w way) quota() {
	if _, err := w.s.Admit(w.Context(), engine.Tenant{Name: "tenant-q", Queue: lab.Spot, GPUs: 1, Watts: 50 * unit.Kilowatt, People: []string{"root"}}); err != nil {
		w.Fatal(err)
	}
	w.start(lab.Job{Queue: lab.Spot, GPUs: 1, Tenant: "tenant-q"})
	id := w.submit(lab.Job{Queue: lab.Spot, GPUs: 1, Tenant: "tenant-q"})
	w.until("it waits for its limit", func() bool { return strings.HasPrefix(w.job(id).Why, "AssocGrp") })
	w.Logf("over its limit of GPUs the job waits for %s", w.job(id).Why)
}

func (w way) records() {
	begun := time.Now().Add(-time.Second)
	id := w.start(lab.Job{Queue: lab.Spot, GPUs: 4})
	w.until("it has run a while", func() bool { return time.Since(w.job(id).Started) > 2*time.Second })
	w.do(1, engine.Command{Verb: engine.Evict, Subject: id})
	w.until("it is away", func() bool { return w.job(id).State == engine.Held })
	w.do(2, engine.Command{Verb: engine.Restore, Subject: id})
	w.until("it runs again", func() bool { return w.job(id).State == engine.Running })
	w.until("it has run a while", func() bool { return time.Since(w.job(id).Started) > 2*time.Second })
	if err := w.c.End(id); err != nil {
		w.Fatal(err)
	}
	var ours []engine.Usage
	w.until("both runs are recorded", func() bool {
		all, err := w.s.Usage(w.Context(), begun, time.Now().Add(time.Second))
		ours = slices.DeleteFunc(all, func(u engine.Usage) bool { return u.Job != id })
		return err == nil && len(ours) == 2 && !ours[1].To.IsZero()
	})
	var sum, theirs int64
	for _, u := range ours {
		sum += u.GPUSeconds(time.Now())
	}
	for line := range strings.Lines(w.run("sacct", "-X", "-D", "-n", "-P", "-j", id, "--format=ElapsedRaw")) {
		n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			w.Fatal(err)
		}
		theirs += 4 * n
	}
	w.Logf("GPU-seconds: %d by Usage, %d by sacct", sum, theirs)
	if d := sum - theirs; d < -4 || d > 4 {
		w.Errorf("Usage says %d GPU-seconds, sacct %d: more than a second of 4 GPUs apart", sum, theirs)
	}
	if ours[0].Ended != engine.Preempted || ours[1].Ended != engine.Completed {
		w.Errorf("the runs ended as %s and %s", ours[0].Ended, ours[1].Ended)
	}
}

func (w way) restart() {
	ours, theirs := w.start(lab.Job{Queue: lab.Spot, GPUs: 1}), w.start(lab.Job{Queue: lab.Spot, GPUs: 1})
	w.do(1, engine.Command{Verb: engine.Evict, Subject: ours, Why: "the grid calls"})
	w.do(2, engine.Command{Verb: engine.Withhold, Power: 20 * unit.Kilowatt})
	w.run("scontrol", "requeuehold", theirs)
	w.until("both are held", func() bool { return w.job(ours).State == engine.Held && w.job(theirs).State == engine.Held })
	w.s = reach(w, w.c) // after a restart
	v, err := w.s.View(w.Context())
	if err != nil || v.Watts.Withheld != 20*unit.Kilowatt {
		w.Errorf("a new driver sees %+v, %v", v.Watts, err)
	}
	for _, j := range v.Jobs { // everything that is ours, and only that
		if j.Evicted != "" {
			w.do(3, engine.Command{Verb: engine.Restore, Subject: j.ID})
		}
	}
	w.do(4, engine.Command{Verb: engine.GiveBack})
	w.until("ours runs", func() bool { return w.job(ours).State == engine.Running })
	if j := w.job(theirs); j.State != engine.Held || j.Evicted != "" {
		w.Errorf("the job that a person holds is %s, evicted by %q", j.State, j.Evicted)
	}
	if a, err := w.s.Do(w.Context(), engine.Command{Event: "event-w", Seq: 5, Verb: engine.Restore, Subject: theirs}); err != nil || a.Done {
		w.Errorf("restoring what a person holds gave %+v, %v", a, err)
	}
}

func (w way) closed() {
	w.run("scontrol", "update", "partitionname="+lab.Spot, "state=drain")
	w.do(1, engine.Command{Verb: engine.Hold, Subject: lab.Spot})
	w.do(2, engine.Command{Verb: engine.Release, Subject: lab.Spot})
	if text := w.run("scontrol", "show", "partition", lab.Spot); !strings.Contains(text, "State=DRAIN") || strings.Contains(text, "sluice") {
		w.Errorf("a person drained the partition, and after our hold and release it is\n%s", text)
	}
	if a, err := w.s.Do(w.Context(), engine.Command{Event: "event-w", Seq: 3, Verb: engine.Release, Subject: lab.Spot}); err != nil || a.Done {
		w.Errorf("releasing what a person drained gave %+v, %v", a, err)
	}
	w.run("scontrol", "update", "partitionname="+lab.Spot, "state=up")
}

func (w way) commands() {
	shell := filepath.Join(w.c.Dir, "far")
	if err := os.WriteFile(shell, []byte("#!/bin/sh\nexec sh -c \"$*\"\n"), 0o755); err != nil { //nolint:gosec // it stands for ssh
		w.Fatal(err)
	}
	id := w.start(lab.Job{Queue: lab.Spot, GPUs: 2})
	w.start(lab.Job{Queue: lab.Firm, GPUs: 8})
	w.submit(lab.Job{Queue: lab.Spot, GPUs: 8})
	for name, line := range map[string]slurm.Line{
		"commands":        {Commands: true, Environment: w.c.Environment()},
		"through a shell": {Commands: true, Environment: w.c.Environment(), Prefix: []string{shell}, Shell: true},
	} {
		far, err := slurm.New(slurm.Config{Line: line, GPUWatts: unit.Kilowatt})
		if err != nil {
			w.Fatal(err)
		}
		here := w.look(w.s)
		there := w.look(far)
		if d := cmp.Diff(here, there, cmpopts.IgnoreFields(engine.View{}, "At")); d != "" {
			w.Errorf("%s and REST see different clusters: %s", name, d)
		}
		if c, err := far.Capabilities(w.Context()); err != nil || len(c.Verbs) != 11 || c.Version != "22.05.8" && c.Version == "" {
			w.Errorf("%s: %+v, %v", name, c, err)
		}
		w.s = far
	}
	w.do(1, engine.Command{Verb: engine.Warn, Subject: id, By: time.Now().Add(time.Minute), Why: "it's $HOME; now `x` \"y\""})
	if text := w.run("scontrol", "show", "job", id); !strings.Contains(text, "it s $HOME; now `x`  y") {
		w.Errorf("the shell in between changed the reason:\n%s", text)
	}
}

// levers measures from the order to the freed watts.
func (w way) levers() {
	lever := func(name string, seq int, c engine.Command, seen func() bool) {
		w.Helper()
		d, err := w.c.Time(w.Context(), func() error { w.do(seq, c); return nil }, func() (bool, error) { return seen(), nil })
		if err != nil {
			w.Fatalf("%s: %v", name, err)
		}
		w.Logf("%-30s %v", name, d.Round(10*time.Millisecond))
	}
	at := func(id string, s engine.State) func() bool { return func() bool { return w.job(id).State == s } }
	id := w.start(lab.Job{Queue: lab.Spot, GPUs: 8})
	gone := func() bool { alive, err := w.c.Alive(id); return err == nil && !alive }
	held := func(want bool) func() bool {
		return func() bool {
			v, err := w.s.View(w.Context())
			return err == nil && slices.ContainsFunc(v.Queues, func(q engine.Queue) bool { return q.Name == lab.Spot && q.Held == want })
		}
	}
	node := w.job(id).Nodes[0]
	hook := func(word string) func() bool {
		return func() bool { all, err := w.c.Hooks(); return err == nil && !all[word+" "+node].IsZero() }
	}
	lever("hold", 1, engine.Command{Verb: engine.Hold, Subject: lab.Spot}, held(true))
	lever("warn, to the script's ear", 2, engine.Command{Verb: engine.Warn, Subject: id, By: time.Now().Add(time.Minute)}, func() bool { return w.heard(id, "USR1") })
	lever("evict, to the script's end", 3, engine.Command{Verb: engine.Evict, Subject: id}, gone)
	w.until("it is away", at(id, engine.Held))
	lever("off of an empty node, to hook", 4, engine.Command{Verb: engine.Off, Subject: node}, hook("off"))
	w.until("it is off", w.nodeIs(node, engine.NodeOff))
	lever("on, to up", 5, engine.Command{Verb: engine.On, Subject: node}, w.nodeIs(node, engine.NodeUp))
	lever("release", 6, engine.Command{Verb: engine.Release, Subject: lab.Spot}, held(false))
	lever("restore, to running", 7, engine.Command{Verb: engine.Restore, Subject: id}, at(id, engine.Running))
	lever("withhold", 8, engine.Command{Verb: engine.Withhold, Power: 92 * unit.Kilowatt}, func() bool { return true })
	next := w.submit(lab.Job{Queue: lab.Spot, GPUs: 1})
	w.until("it waits", func() bool { return w.job(next).Why == "Licenses" })
	lever("give back, to the next job", 9, engine.Command{Verb: engine.GiveBack}, at(next, engine.Running))
	from := time.Now().Add(time.Hour).Truncate(time.Minute)
	lever("window", 10, engine.Command{Verb: engine.Window, Nodes: w.c.Nodes(), From: from, Until: from.Add(time.Hour)}, func() bool { return true })
	long := w.submit(lab.Job{Queue: lab.Spot, GPUs: 1, Limit: 5 * time.Hour})
	w.until("a job that is too long waits", func() bool { return strings.HasPrefix(w.job(long).Why, "ReqNodeNotAvail") })
	lever("unwindow, to the long job", 11, engine.Command{Verb: engine.Unwindow}, at(long, engine.Running))
}

func (w way) nodeIs(name string, s engine.NodeState) func() bool {
	return func() bool {
		v, err := w.s.View(w.Context())
		return err == nil && slices.ContainsFunc(v.Nodes, func(n engine.Node) bool { return n.Name == name && n.State == s })
	}
}

// look is what a driver sees now.
func (w way) look(s *slurm.Slurm) engine.View {
	w.Helper()
	v, err := s.View(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return v
}
