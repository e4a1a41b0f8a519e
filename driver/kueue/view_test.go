package kueue_test

import (
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

// TestDeclared: what a tenant declares of a job is seen, and what only Sluice may
// say of it is not taken from a tenant.
func TestDeclared(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	id := s.submit(t, kueue.Job{Name: "declared", Tenant: "tenant-a", Queue: kueue.Spot, GPUs: 12, PerPod: 6, Limit: time.Hour, Notes: map[string]string{
		"sluice.example/contract": "c-7", "sluice.example/deadline": "2026-11-21T00:00:00Z", "sluice.example/saved": "2026-11-20T09:00:05Z",
	}})
	v := s.until("it runs", func(v engine.View) bool { return running(v, id) })
	j := jobIn(v, id)
	if j.Contract != "c-7" || !j.Deadline.Equal(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)) || !j.Saved.IsZero() || j.GPUs != 12 ||
		j.Watts != spotWatts(12) || !slices.Equal(j.Nodes, []string{"n1", "n2"}) || j.Priority != 100 || j.Limit != time.Hour {
		t.Errorf("%+v", j)
	}
	tenant, name, _ := strings.Cut(id, "/")
	saved := j.Started.Add(time.Minute).UTC()
	s.pass(2 * time.Minute)
	s.operator("/namespaces/"+tenant+"/workloads/"+name, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"sluice.example/saved": saved.Format(time.RFC3339)}}})
	if got := jobIn(s.view(), id).Saved; !got.Equal(saved) {
		t.Errorf("saved at %v, want %v", got, saved)
	}
	s.do(engine.Command{Verb: engine.Evict, Subject: id})
	s.until("it is away", func(v engine.View) bool { return state(v, id) == engine.Held })
	s.do(engine.Command{Verb: engine.Restore, Subject: id})
	if j := jobIn(s.until("it is back", func(v engine.View) bool { return running(v, id) }), id); !j.Saved.IsZero() {
		t.Errorf("a checkpoint of an earlier run counts for this one: %+v", j)
	}
}

// TestPlaces: places in a queue are Kueue's where it serves them, else reckoned and
// said to be.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, served := range []bool{true, false} {
		t.Run(fmt.Sprintf("served %t", served), func(t *testing.T) {
			t.Parallel()
			site, _ := fakeSite(t, func(w *world.Setting) { w.Places = served }, hallOf(false))
			s := newStand(t, site, virtually)
			for range 2 {
				s.run(kueue.Firm, 8)
			}
			var ids []string
			for range 3 {
				ids = append(ids, s.wait(kueue.Firm, 8))
			}
			s.pass(3 * time.Second)
			v := s.view()
			for i, id := range ids {
				j := jobIn(v, id)
				if j.Position != i+1 || !strings.HasPrefix(j.Why, "Pending: ") || strings.Contains(j.Why, "reckoned") == served {
					t.Errorf("place %d of %s: %+v", i+1, id, j)
				}
			}
		})
	}
}

// TestNodes: a node that is cordoned or not ready takes no job, and says why.
func TestNodes(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	for path, patch := range map[string]map[string]any{
		"/api/v1/nodes/n1":        {"spec": map[string]any{"unschedulable": true}},
		"/api/v1/nodes/n2/status": {"status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}}}},
	} {
		if err := s.api.Call(t.Context(), http.MethodPatch, path, patch, nil); err != nil {
			t.Fatal(err)
		}
	}
	v := s.view()
	if v.Nodes[0].State != engine.NodeDraining || v.Nodes[0].Reason != "cordoned" || v.Nodes[1].State != engine.NodeDown || v.Nodes[1].Reason != "NodeStatusUnknown" || v.Nodes[0].Model != "H200" {
		t.Errorf("%+v", v.Nodes)
	}
}

// TestBorrowing: withholding more than the reserve has is told.
func TestBorrowing(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	for power, told := range map[int]bool{8: false, 9: true} {
		s.do(engine.Command{Verb: engine.Withhold, Power: spotWatts(power)})
		s.view()
		if got := slices.ContainsFunc(s.d.Troubles(), func(x driver.Trouble) bool { return x.Code == "order_borrows" }); got != told {
			t.Errorf("%d GPUs withheld of a reserve of 8: told %t, %+v", power, got, s.d.Troubles())
		}
	}
}

// TestTwoEvents: a queue that two events hold and a job that two stopped are free
// when the last lets go.
func TestTwoEvents(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	id := s.run(kueue.Spot, 1)
	for _, event := range []string{"a", "b"} {
		s.do(engine.Command{Event: event, Verb: engine.Hold, Subject: kueue.Spot})
		s.do(engine.Command{Event: event, Verb: engine.Evict, Subject: id})
	}
	s.until("it is away", func(v engine.View) bool { return state(v, id) == engine.Held })
	for _, event := range []string{"a", "b"} {
		if v := s.view(); state(v, id) != engine.Held || !queueIn(v, kueue.Spot).Held {
			t.Errorf("before %s lets go: %+v", event, v)
		}
		for _, c := range []engine.Command{{Verb: engine.Restore, Subject: id}, {Verb: engine.Release, Subject: kueue.Spot}} {
			c.Event = event
			if a := s.do(c); a.Already || (a.Why != "") != (event == "a") {
				t.Errorf("%s of %s: %+v", c.Verb, event, a)
			}
		}
	}
	s.until("it runs again", func(v engine.View) bool { return running(v, id) && !queueIn(v, kueue.Spot).Held })
}

// TestStricter: a stop policy that somebody made stricter during an event stays.
func TestStricter(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	s.do(engine.Command{Verb: engine.Hold, Subject: kueue.Spot})
	s.stop("HoldAndDrain")
	s.foreign(engine.Command{Verb: engine.Release, Subject: kueue.Spot})
	s.foreign(engine.Command{Verb: engine.Release, Subject: kueue.Spot})
	if q := queueIn(s.view(), kueue.Spot); !q.Held {
		t.Errorf("it was opened: %+v", q)
	}
	local := "tenant-a/" + kueue.Firm
	s.do(engine.Command{Verb: engine.Hold, Subject: local})
	if q := queueIn(s.view(), local); !q.Held || q.Event != "cut-1" {
		t.Errorf("a LocalQueue that is held is shown as %+v", q)
	}
	s.do(engine.Command{Verb: engine.Release, Subject: local})
	if q := queueIn(s.view(), local); q.Held {
		t.Errorf("a LocalQueue that was released is shown as %+v", q)
	}
}
