package kueue_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	driver "sluice/driver/kueue"
	"sluice/engine"
	"sluice/internal/kueue"
	world "sluice/world/kueue"
)

const boostKey = "kueue.x-k8s.io/priority-boost"

// annotate writes an annotation of a Workload by hand; nil takes it away.
func (s *stand) annotate(id, key string, value any) {
	s.Helper()
	tenant, name, _ := strings.Cut(id, "/")
	s.operator("/namespaces/"+tenant+"/workloads/"+name, map[string]any{"metadata": map[string]any{"annotations": map[string]any{key: value}}})
}

// annotation is one of a Workload.
func (s *stand) annotation(id, key string) string {
	s.Helper()
	tenant, name, _ := strings.Cut(id, "/")
	var w struct {
		Metadata struct{ Annotations map[string]string }
	}
	if err := s.api.Call(s.Context(), http.MethodGet, kueue.Kueue+"/namespaces/"+tenant+"/workloads/"+name, nil, &w); err != nil {
		s.Fatal(err)
	}
	return w.Metadata.Annotations[key]
}

// troubled reports whether the last view came upon something.
func (s *stand) troubled(code, subject string) bool {
	return slices.ContainsFunc(s.d.Troubles(), func(x driver.Trouble) bool { return x.Code == code && (subject == "" || x.Subject == subject) })
}

// rankOf reports whether jobs are ranked in an order.
func rankOf(v engine.View, order ...string) bool {
	last := 0
	for _, id := range order {
		if r := jobIn(v, id).Rank; r <= last {
			return false
		}
		last = jobIn(v, id).Rank
	}
	return true
}

// ranked lets Kueue choose a victim by itself. By its own order it takes who was admitted
// last; here the older of two is ranked as the cheaper to lose.
func ranked(s *stand) {
	s.Helper()
	firm, old, young := s.run(kueue.Firm, 8), s.run(kueue.Spot, 4), s.run(kueue.Spot, 4)
	s.sees(engine.Command{Event: "rank-1", Verb: engine.Rank, Jobs: []string{old, young, firm}}, 2*time.Second, func(v engine.View) bool { return rankOf(v, old, young, firm) })
	s.do(engine.Command{Verb: engine.Withhold, Power: spotWatts(4)})
	s.until("the oldest is taken", func(v engine.View) bool {
		return state(v, old) == engine.Waiting && running(v, firm, young) && v.Watts.Withheld == spotWatts(4)
	})
	s.do(engine.Command{Event: "rank-1", Verb: engine.Rank, Jobs: []string{young, firm}})
	if got := s.annotation(old, boostKey) + s.annotation(old, "sluice.example/ranked-by"); got != "" {
		s.Errorf("a job that is not ranked any more keeps %q", got)
	}
	s.stays("the job that waits does not take the place of one that is ranked", 4*time.Second, func(v engine.View) bool {
		return state(v, old) == engine.Waiting && running(v, firm, young)
	})
	s.do(engine.Command{Verb: engine.GiveBack})
	s.until("both run", func(v engine.View) bool { return running(v, firm, old, young) })
	s.do(engine.Command{Event: "rank-1", Verb: engine.Rank})
	s.until("nobody is ranked", func(v engine.View) bool { return jobIn(v, old).Rank+jobIn(v, young).Rank+jobIn(v, firm).Rank == 0 })
}

// negative shows why Sluice writes no boost below nothing: where a queue has quota of
// its own, a job of the same class that comes takes the place of one that runs with
// less priority. In one that borrows all it has, nobody does.
func negative(s *stand) {
	s.Helper()
	firm, spot := s.run(kueue.Firm, 8), s.run(kueue.Spot, 8)
	s.annotate(firm, boostKey, "-50")
	s.annotate(spot, boostKey, "-50")
	comes, waits := s.wait(kueue.Firm, 8), s.wait(kueue.Spot, 8)
	s.until("the firm job is preempted, the other is not", func(v engine.View) bool {
		return state(v, firm) == engine.Waiting && running(v, comes, spot) && state(v, waits) == engine.Waiting
	})
}

// drained empties a queue and fills it again.
func drained(s *stand) {
	s.Helper()
	firm, one, two := s.run(kueue.Firm, 8), s.run(kueue.Spot, 2), s.run(kueue.Spot, 2)
	s.sees(engine.Command{Verb: engine.Drain, Subject: kueue.Spot, Why: "the rack is serviced"}, 1500*time.Millisecond, func(v engine.View) bool {
		return queueIn(v, kueue.Spot).Drained && state(v, one) == engine.Held && state(v, two) == engine.Held && running(v, firm)
	})
	if j := jobIn(s.view(), one); j.Evicted != "cut-1" || len(j.Nodes) > 0 || j.Why != "its queue is drained for cut-1" {
		s.Errorf("a job of a drained queue is shown as %+v", j)
	}
	begun := s.now()
	s.do(engine.Command{Verb: engine.Release, Subject: kueue.Spot})
	s.within("undrain", begun, 50*time.Second, func(v engine.View) bool { return running(v, firm, one, two) && jobIn(v, one).Evicted == "" })
}

// unheeded checks what is said and done where Kueue heeds no boost.
func unheeded(s *stand) {
	s.Helper()
	can, err := s.d.Capabilities(s.Context())
	if err != nil || can.Can(engine.Rank) || !can.Can(engine.Drain) {
		s.Errorf("%v, %v: ranks are offered where nobody heeds them", can.Verbs, err)
	}
	id := s.run(kueue.Spot, 2)
	if _, err := s.d.Do(s.Context(), engine.Command{Event: "rank-1", Seq: 1, Verb: engine.Rank, Jobs: []string{id}}); !errors.Is(err, engine.ErrUnsupported) {
		s.Errorf("rank: %v: want ErrUnsupported", err)
	}
	if got := s.annotation(id, boostKey); got != "" {
		s.Errorf("a boost of %s was written", got)
	}
	if s.view(); !s.troubled("boost_off", "") {
		s.Errorf("nothing says that the gate is off: %+v", s.d.Troubles())
	}
}

// TestGate: ranks are offered only where they are declared and Kueue heeds them.
func TestGate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ declared, heeded, can bool }{
		"declared and heeded": {true, true, true}, "declared only": {true, false, false}, "heeded only": {false, true, false}, "neither": {false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site, _ := fakeSite(t, func(w *world.Setting) { w.Boosts = c.heeded }, hallOf(true))
			site.at.Boost = c.declared
			s := newStand(t, site, virtually)
			can, err := s.d.Capabilities(t.Context())
			if err != nil || can.Can(engine.Rank) != c.can {
				t.Fatalf("%v, %v", can.Verbs, err)
			}
			if v := s.view(); len(v.Jobs) > 0 {
				t.Errorf("trying it left %+v", v.Jobs)
			}
			if c.declared && !c.can {
				unheeded(s)
			}
		})
	}
	if _, err := driver.New(driver.Config{Server: "https://127.0.0.1:1", Boost: true}); err == nil {
		t.Error("boosts without a namespace to try them in were taken")
	}
}

// TestFewWrites: a job that comes, goes or moves in the order changes no other's boost.
func TestFewWrites(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, heeding, hallOf(true))
	site.at.Boost = true
	s := newStand(t, site, virtually)
	var ids []string
	for range 6 {
		ids = append(ids, s.run(kueue.Spot, 1))
	}
	give := func(order ...string) map[string]string {
		s.do(engine.Command{Event: "rank-1", Verb: engine.Rank, Jobs: order})
		if v := s.view(); !rankOf(v, order...) {
			t.Errorf("after %v: %+v", order, v.Jobs)
		}
		out := map[string]string{}
		for _, id := range ids {
			out[id] = s.annotation(id, boostKey)
		}
		return out
	}
	was := give(ids[:5]...)
	for _, c := range []struct {
		name  string
		order []string
		moved []string
	}{
		{"one goes", []string{ids[0], ids[1], ids[3], ids[4]}, ids[2:3]},
		{"one comes", []string{ids[0], ids[5], ids[1], ids[3], ids[4]}, ids[5:]},
		{"one moves", []string{ids[5], ids[1], ids[3], ids[0], ids[4]}, ids[:1]},
	} {
		now := give(c.order...)
		for _, id := range ids {
			if moved := now[id] != was[id]; moved != slices.Contains(c.moved, id) {
				t.Errorf("%s: the boost of %s went from %q to %q", c.name, id, was[id], now[id])
			}
		}
		was = now
	}
}

// TestForeignBoost: a boost of somebody else, or of another event, stays and is told.
func TestForeignBoost(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, heeding, hallOf(true))
	site.at.Boost = true
	s := newStand(t, site, virtually)
	theirs, ours, others := s.run(kueue.Spot, 1), s.run(kueue.Spot, 1), s.run(kueue.Spot, 1)
	s.annotate(theirs, boostKey, "-500")
	s.do(engine.Command{Event: "rank-2", Verb: engine.Rank, Jobs: []string{others}})
	kept := s.annotation(others, boostKey)
	for _, order := range [][]string{{theirs, ours, others}, nil} {
		a := s.do(engine.Command{Event: "rank-1", Verb: engine.Rank, Jobs: order})
		if strings.Contains(a.Why, "2 jobs have a boost") != (order != nil) {
			t.Errorf("%+v", a)
		}
		if s.annotation(theirs, boostKey) != "-500" || s.annotation(others, boostKey) != kept || (s.annotation(ours, boostKey) != "") != (order != nil) {
			t.Errorf("order %v wrote %q, %q, %q", order, s.annotation(theirs, boostKey), s.annotation(others, boostKey), s.annotation(ours, boostKey))
		}
	}
	if v := s.view(); jobIn(v, theirs).Rank != 0 || !s.troubled("boost_elsewhere", theirs) || s.troubled("boost_elsewhere", others) {
		t.Errorf("%+v, %+v", jobIn(v, theirs), s.d.Troubles())
	}
	s.do(engine.Command{Event: "rank-1", Verb: engine.Rank, Jobs: []string{ours}})
	s.annotate(ours, boostKey, "77") // somebody changes what Sluice wrote
	s.do(engine.Command{Event: "rank-1", Verb: engine.Rank})
	if s.annotation(ours, boostKey) != "77" {
		t.Error("what somebody else made of a boost was taken away")
	}
}

// TestDrainOfOthers: what somebody else stopped is not drained, and a drain of somebody
// else is not ended.
func TestDrainOfOthers(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	one := s.run(kueue.Spot, 2)
	s.stop("Hold")
	s.foreign(engine.Command{Verb: engine.Drain, Subject: kueue.Spot})
	if v := s.view(); !running(v, one) || queueIn(v, kueue.Spot).Drained {
		t.Errorf("somebody else held it, and it was drained: %+v", v)
	}
	s.stop("HoldAndDrain")
	if a := s.do(engine.Command{Verb: engine.Drain, Subject: kueue.Spot}); !a.Already || a.Why == "" {
		t.Errorf("draining what is drained gave %+v", a)
	}
	s.foreign(engine.Command{Verb: engine.Release, Subject: kueue.Spot})
	s.until("it is away, and no event of ours did it", func(v engine.View) bool {
		return state(v, one) == engine.Waiting && jobIn(v, one).Evicted == "" && queueIn(v, kueue.Spot).Event == ""
	})
	s.stop("None")
	s.until("it is back", func(v engine.View) bool { return running(v, one) })
	s.do(engine.Command{Verb: engine.Drain, Subject: kueue.Spot})
	s.until("it is away for us", func(v engine.View) bool { return jobIn(v, one).Evicted == "cut-1" })
	s.stop("None") // somebody opens it
	if a := s.do(engine.Command{Verb: engine.Release, Subject: kueue.Spot}); !strings.Contains(a.Why, "opened it already") {
		t.Errorf("%+v", a)
	}
}

// TestDrainWhileAdmitted: who is admitted while the queue is drained starts nothing, and
// one that is dismissed stays shut when it ends.
func TestDrainWhileAdmitted(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	s.do(engine.Command{Verb: engine.Drain, Subject: kueue.Spot})
	if _, err := s.d.Admit(t.Context(), engine.Tenant{Name: "tenant-late", Queue: kueue.Spot, GPUs: 4, People: []string{person}}); err != nil {
		t.Fatal(err)
	}
	if q := queueIn(s.view(), kueue.Spot); !q.Held || !q.Drained || q.Event != "cut-1" {
		t.Errorf("a tenant was admitted and the drain became %+v", q)
	}
	s.do(engine.Command{Verb: engine.Release, Subject: kueue.Spot})
	local := "tenant-a/" + kueue.Spot
	s.do(engine.Command{Verb: engine.Drain, Subject: local})
	if err := s.d.Dismiss(t.Context(), "tenant-a"); err != nil {
		t.Fatal(err)
	}
	if a := s.do(engine.Command{Verb: engine.Release, Subject: local}); !strings.Contains(a.Why, "dismissed") {
		t.Errorf("%+v", a)
	}
	if q := queueIn(s.view(), local); !q.Held || q.Drained {
		t.Errorf("a dismissed tenant's queue became %+v", q)
	}
}

// TestTenantsReachNoBoost: nothing that a tenant is granted changes a Workload.
func TestTenantsReachNoBoost(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	var r struct {
		Rules []struct{ Resources, Verbs []string }
	}
	if err := s.api.Call(t.Context(), http.MethodGet, "/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-a/roles/tenant", nil, &r); err != nil || len(r.Rules) == 0 {
		t.Fatal(r, err)
	}
	for _, rule := range r.Rules {
		for _, resource := range rule.Resources {
			if of, _, _ := strings.Cut(resource, "/"); (of == "workloads" || of == "*") && slices.ContainsFunc(rule.Verbs, func(v string) bool { return !slices.Contains([]string{"get", "list", "watch"}, v) }) {
				t.Errorf("a tenant may %v %s", rule.Verbs, resource)
			}
		}
	}
	id := s.run(kueue.Spot, 1)
	tenant, name, _ := strings.Cut(id, "/")
	note := map[string]any{"metadata": map[string]any{"annotations": map[string]any{boostKey: "99"}}}
	err := s.api.Pretending(person).Call(t.Context(), http.MethodPatch, kueue.Kueue+fmt.Sprintf("/namespaces/%s/workloads/%s", tenant, name), note, nil)
	var no kueue.Refusal
	if !errors.As(err, &no) || no.Status != http.StatusForbidden {
		t.Errorf("a tenant raised its own job: %v", err)
	}
}
