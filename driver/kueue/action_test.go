package kueue_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	driver "sluice/driver/kueue"
	"sluice/engine"
	"sluice/internal/kueue"
	"sluice/unit"
)

// stand is a site with a driver, on which one thing after the other is tried.
type stand struct {
	testing.TB
	site
	d    *driver.Driver
	seq  int
	most time.Duration
	took map[string]time.Duration // longest that was seen of each verb
	jobs int
	step time.Duration // between two looks
}

func newStand(tb testing.TB, s site, step time.Duration) *stand {
	tb.Helper()
	b := s.bench(tb, 0, 0)
	return &stand{TB: tb, site: s, d: b.Engine.(*driver.Driver), most: 30 * time.Second, took: map[string]time.Duration{}, step: step}
}

// with is the same stand for a part of a test, emptied.
func (s *stand) with(tb testing.TB) *stand {
	tb.Helper()
	next := *s
	next.TB = tb
	b := s.bench(tb, 0, 0)
	next.d = b.Engine.(*driver.Driver)
	return &next
}

// run submits a job and waits until it runs.
func (s *stand) run(queue string, gpus int) string {
	s.Helper()
	id := s.wait(queue, gpus)
	s.until("job "+id+" runs", func(v engine.View) bool { return state(v, id) == engine.Running })
	return id
}

// wait submits a job.
func (s *stand) wait(queue string, gpus int) string {
	s.Helper()
	s.jobs++
	id := s.submit(s.TB, kueue.Job{Name: fmt.Sprintf("%s-%d", queue, s.jobs), Tenant: "tenant-a", Queue: queue, GPUs: gpus, PerPod: perNode})
	if id == "" {
		s.Fatal("the job was not taken")
	}
	return id
}

// do gives a command that must be done.
func (s *stand) do(c engine.Command) engine.Answer {
	s.Helper()
	s.seq++
	c.Event, c.Seq = cmp.Or(c.Event, "cut-1"), s.seq
	a, err := s.d.Do(s.Context(), c)
	if err != nil || !a.Done {
		s.Fatalf("%s %q: %+v, %v", c.Verb, c.Subject, a, err)
	}
	return a
}

// sees is do, and waits for what is to be seen of it; the time between is kept.
func (s *stand) sees(c engine.Command, bound time.Duration, holds func(engine.View) bool) engine.View {
	s.Helper()
	begun := s.now()
	s.do(c)
	return s.within(string(c.Verb), begun, bound, holds)
}

// within waits for something and holds it against a bound from a beginning.
func (s *stand) within(what string, begun time.Time, bound time.Duration, holds func(engine.View) bool) engine.View {
	s.Helper()
	v := s.until(what, holds)
	d := s.now().Sub(begun)
	s.took[what] = max(s.took[what], d)
	if d > bound {
		s.Errorf("%s took %v, at most %v", what, d, bound)
	}
	return v
}

func (s *stand) view() engine.View {
	s.Helper()
	v, err := s.d.View(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return v
}

func (s *stand) until(what string, holds func(engine.View) bool) engine.View {
	s.Helper()
	begun := s.now()
	for {
		v := s.view()
		if holds(v) {
			return v
		}
		if s.now().Sub(begun) > s.most {
			s.Fatalf("not seen within %v: %s: %+v", s.most, what, v)
		}
		s.pass(s.step)
	}
}

// stays checks that something goes on holding for a while.
func (s *stand) stays(what string, d time.Duration, holds func(engine.View) bool) {
	s.Helper()
	for end := s.now().Add(d); s.now().Before(end); s.pass(d / 20) {
		if v := s.view(); !holds(v) {
			s.Fatalf("it did not stay so: %s: %+v", what, v)
		}
	}
}

func jobIn(v engine.View, id string) engine.Job {
	if i := slices.IndexFunc(v.Jobs, func(j engine.Job) bool { return j.ID == id }); i >= 0 {
		return v.Jobs[i]
	}
	return engine.Job{}
}

func state(v engine.View, id string) engine.State { return jobIn(v, id).State }

func running(v engine.View, ids ...string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return state(v, id) != engine.Running })
}

// stop sets a stop policy of the spot queue as an operator would, with that of the
// ClusterQueue by which tenant-a comes to it.
func (s *stand) stop(policy string) {
	s.Helper()
	for _, queue := range []string{kueue.Spot, "tenant-a-" + kueue.Spot} {
		s.operator("/clusterqueues/"+queue, map[string]any{"spec": map[string]any{"stopPolicy": policy}})
	}
}

// operator changes an object by hand.
func (s *stand) operator(path string, patch map[string]any) {
	s.Helper()
	if err := s.api.Call(s.Context(), http.MethodPatch, kueue.Kueue+path, patch, nil); err != nil {
		s.Fatal(err)
	}
}

// spotWatts is the power of a job of so many GPUs.
func spotWatts(gpus int) unit.Power { return unit.Power(gpus) * gpuWatts }

// actions is the table of what each action does, with ten times what was first
// measured as the bound.
func actions(t *testing.T, s *stand) {
	t.Helper()
	t.Run("lowering a quota evicts nobody", func(t *testing.T) {
		s := s.with(t)
		ids := []string{s.run(kueue.Firm, 8), s.run(kueue.Spot, 4)}
		s.quota(kueue.Reserve, 100)
		defer s.quota(kueue.Reserve, perNode*gpuWatts)
		s.stays("everything runs", 5*time.Second, func(v engine.View) bool { return running(v, ids...) })
		if v := s.view(); v.Watts.Budget != spotWatts(8)+100 || !slices.ContainsFunc(s.d.Troubles(), func(x driver.Trouble) bool { return x.Code == "quota_changed" }) {
			t.Errorf("somebody lowered a quota: budget %v, troubles %+v", v.Watts.Budget, s.d.Troubles())
		}
	})
	t.Run("an order takes watts back from a job that borrows them, and gives them back", func(t *testing.T) {
		s := s.with(t)
		firm, spot := s.run(kueue.Firm, 8), s.run(kueue.Spot, 8)
		s.sees(engine.Command{Verb: engine.Withhold, Power: spotWatts(2)}, 14*time.Second, func(v engine.View) bool {
			return v.Watts.Withheld == spotWatts(2) && state(v, spot) == engine.Waiting && running(v, firm)
		})
		if j := jobIn(s.view(), spot); j.Why == "" || j.Evicted != "" {
			t.Errorf("Kueue preempted it, and it is shown as %+v", j)
		}
		s.sees(engine.Command{Verb: engine.GiveBack}, 12*time.Second, func(v engine.View) bool { return running(v, firm, spot) && v.Watts.Withheld == 0 })
	})
	t.Run("one exact job is evicted and restored", func(t *testing.T) {
		s := s.with(t)
		one, two := s.run(kueue.Spot, 2), s.run(kueue.Spot, 2)
		s.sees(engine.Command{Verb: engine.Evict, Subject: one}, 1400*time.Millisecond, func(v engine.View) bool {
			return state(v, one) == engine.Held && len(jobIn(v, one).Nodes) == 0 && running(v, two)
		})
		s.sees(engine.Command{Verb: engine.Restore, Subject: one}, 12*time.Second, func(v engine.View) bool { return running(v, one, two) })
	})
	t.Run("a hold lets what runs go on, and the release lets waiting jobs in", func(t *testing.T) {
		s := s.with(t)
		one := s.run(kueue.Spot, 2)
		s.sees(engine.Command{Verb: engine.Hold, Subject: kueue.Spot}, 1400*time.Millisecond, func(v engine.View) bool { return queueIn(v, kueue.Spot).Held })
		two := s.wait(kueue.Spot, 2)
		s.stays("one runs and two waits", 2*time.Second, func(v engine.View) bool { return running(v, one) && state(v, two) == engine.Waiting })
		s.sees(engine.Command{Verb: engine.Release, Subject: kueue.Spot}, 50*time.Second, func(v engine.View) bool { return running(v, one, two) })
	})
	t.Run("a drain by somebody else is theirs to end", func(t *testing.T) {
		s := s.with(t)
		one := s.run(kueue.Spot, 2)
		begun := s.now()
		s.stop("HoldAndDrain")
		s.within("drain", begun, 1400*time.Millisecond, func(v engine.View) bool { return state(v, one) == engine.Waiting })
		if a := s.do(engine.Command{Verb: engine.Hold, Subject: kueue.Spot}); !a.Already || a.Why == "" {
			t.Errorf("holding what is stopped gave %+v", a)
		}
		s.foreign(engine.Command{Verb: engine.Release, Subject: kueue.Spot})
		begun = s.now()
		s.stop("None")
		s.within("open", begun, 50*time.Second, func(v engine.View) bool { return running(v, one) })
	})
}

func queueIn(v engine.View, name string) engine.Queue {
	if i := slices.IndexFunc(v.Queues, func(q engine.Queue) bool { return q.Name == name }); i >= 0 {
		return v.Queues[i]
	}
	return engine.Queue{}
}

// quota sets the nominal watts of a queue as an operator would.
func (s *stand) quota(queue string, watts int) {
	s.Helper()
	s.operator("/clusterqueues/"+queue, map[string]any{"spec": map[string]any{"resourceGroups": []any{map[string]any{
		"coveredResources": []string{resource}, "flavors": []any{map[string]any{
			"name": "watts", "resources": []any{map[string]any{"name": resource, "nominalQuota": watts}},
		}},
	}}}})
}

// exact runs the protocol for exact victims and checks who was touched.
func exact(s *stand) {
	s.Helper()
	firm := s.run(kueue.Firm, 8)
	others := []string{firm, s.run(kueue.Spot, 2), s.run(kueue.Spot, 2)}
	victim := s.run(kueue.Spot, 4)
	hungry := s.wait(kueue.Spot, 2)
	was := s.view()
	touched := func(v engine.View) bool {
		return slices.ContainsFunc(others, func(id string) bool {
			return state(v, id) != engine.Running || !jobIn(v, id).Started.Equal(jobIn(was, id).Started)
		})
	}
	by := s.now().Add(time.Minute)
	s.do(engine.Command{Verb: engine.Hold, Subject: kueue.Spot, Why: "the grid calls"})
	s.do(engine.Command{Verb: engine.Warn, Subject: victim, By: by, Why: "the grid calls"})
	s.sees(engine.Command{Verb: engine.Evict, Subject: victim}, 14*time.Second, func(v engine.View) bool { return state(v, victim) == engine.Held && !touched(v) })
	s.sees(engine.Command{Verb: engine.Withhold, Power: spotWatts(4)}, 14*time.Second, func(v engine.View) bool { return v.Watts.Withheld == spotWatts(4) && !touched(v) })
	s.sees(engine.Command{Verb: engine.Release, Subject: kueue.Spot}, 14*time.Second, func(v engine.View) bool { return !queueIn(v, kueue.Spot).Held })
	s.stays("nobody takes what was freed, and nobody else is touched", 4*time.Second, func(v engine.View) bool {
		return !touched(v) && state(v, hungry) == engine.Waiting && state(v, victim) == engine.Held && v.Watts.Withheld == spotWatts(4)
	})
	s.sees(engine.Command{Verb: engine.Withhold, Power: spotWatts(2)}, 14*time.Second, func(v engine.View) bool {
		return v.Watts.Withheld == spotWatts(2) && running(v, hungry) && !touched(v)
	})
	s.do(engine.Command{Verb: engine.Restore, Subject: victim})
	s.do(engine.Command{Verb: engine.GiveBack})
	s.stays("the victim waits for its place, and nobody is touched", 2*time.Second, func(v engine.View) bool { return !touched(v) && running(v, hungry) })
	if err := s.api.End(s.Context(), others[1]); err != nil {
		s.Fatal(err)
	}
	others = append(others[:1], others[2:]...)
	s.until("the victim runs again", func(v engine.View) bool { return running(v, victim) && !touched(v) })
}

// foreign gives a command that somebody else's doing stands in the way of.
func (s *stand) foreign(c engine.Command) {
	s.Helper()
	s.seq++
	c.Event, c.Seq = cmp.Or(c.Event, "cut-1"), s.seq
	a, err := s.d.Do(s.Context(), c)
	if err == nil || a.Done || !strings.Contains(err.Error(), "somebody else") {
		s.Errorf("%s %q: %+v, %v: want ErrForeign", c.Verb, c.Subject, a, err)
	}
}

// hours compares the records of a job that was evicted several times with Kueue's own sum.
func hours(s *stand) {
	s.Helper()
	firm, id := s.run(kueue.Firm, 8), s.run(kueue.Spot, 4)
	began := s.now().Add(-time.Minute)
	for range 2 {
		s.pass(2 * time.Second)
		s.do(engine.Command{Verb: engine.Evict, Subject: id})
		s.until("it is away", func(v engine.View) bool { return state(v, id) == engine.Held })
		s.pass(time.Second)
		s.do(engine.Command{Verb: engine.Restore, Subject: id})
		s.until("it is back", func(v engine.View) bool { return running(v, id) })
	}
	s.pass(2 * time.Second)
	s.do(engine.Command{Verb: engine.Withhold, Power: spotWatts(8)}) // Kueue preempts it
	s.until("Kueue took it", func(v engine.View) bool { return state(v, id) == engine.Waiting && running(v, firm) })
	all := s.usageOf(id, began)
	for range 100 { // its pods are gone a moment before its admission is
		if len(all) == 3 && !all[2].To.IsZero() {
			break
		}
		s.pass(50 * time.Millisecond)
		all = s.usageOf(id, began)
	}
	s.do(engine.Command{Verb: engine.GiveBack})
	s.until("it is back", func(v engine.View) bool { return running(v, id) })
	again := s.usageOf(id, began)
	var w struct {
		Status struct {
			AccumulatedPastExecutionTimeSeconds int64 `json:"accumulatedPastExecutionTimeSeconds"`
		} `json:"status"`
	}
	tenant, name, _ := strings.Cut(id, "/")
	if err := s.api.Call(s.Context(), http.MethodGet, kueue.Kueue+"/namespaces/"+tenant+"/workloads/"+name, nil, &w); err != nil {
		s.Fatal(err)
	}
	var sum int64
	for _, u := range all {
		sum += u.GPUSeconds(s.now())
	}
	acc := w.Status.AccumulatedPastExecutionTimeSeconds
	s.Logf("%d runs of 4 GPUs: %d GPU-seconds; Kueue counts %d s of running", len(all), sum, acc)
	if len(all) != 3 || sum < 4*(acc-1) || sum > 4*(acc+1) || acc < 4 {
		s.Errorf("three runs, and Kueue's own sum within a second: %+v, Kueue says %d s", all, acc)
	}
	if len(again) != 4 || fmt.Sprint(again[:3]) != fmt.Sprint(all) {
		s.Errorf("records of runs that have ended moved when the job ran again:\n%+v\n%+v", all, again)
	}
}

// usageOf is what is recorded of one job.
func (s *stand) usageOf(id string, from time.Time) []engine.Usage {
	s.Helper()
	all, err := s.d.Usage(s.Context(), from, s.now().Add(time.Hour))
	if err != nil {
		s.Fatal(err)
	}
	return slices.DeleteFunc(all, func(u engine.Usage) bool { return u.Job != id })
}
