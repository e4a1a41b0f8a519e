package kueue_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/internal/kueue"
)

// TestTenants: what cannot be kept is refused, and nothing of others is taken over.
func TestTenants(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	if err := s.api.Create(t.Context(), "/api/v1/namespaces", map[string]any{"metadata": map[string]any{"name": "theirs"}}); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		tenant engine.Tenant
		wraps  error
		says   string
	}{
		"a namespace of others":               {engine.Tenant{Name: "theirs", Queue: kueue.Spot}, engine.ErrForeign, "not Sluice's"},
		"a queue that is not there":           {engine.Tenant{Name: "new", Queue: "none"}, engine.ErrUnknown, "none"},
		"a limit where quota is guaranteed":   {engine.Tenant{Name: "new", Queue: kueue.Firm, GPUs: 4}, engine.ErrUnsupported, "guarantees quota"},
		"a name that no namespace can have":   {engine.Tenant{Name: "New_Tenant", Queue: kueue.Spot}, nil, "lower-case"},
		"a limit below nothing":               {engine.Tenant{Name: "new", Queue: kueue.Spot, GPUs: -1}, nil, "negative"},
		"a name that leads out of its folder": {engine.Tenant{Name: "../kube-system", Queue: kueue.Spot}, nil, "lower-case"},
	} {
		t.Run(sentence, func(t *testing.T) { //nolint:paralleltest // on one stand
			a, err := s.d.Admit(t.Context(), c.tenant)
			if err == nil || c.wraps != nil && !errors.Is(err, c.wraps) || !strings.Contains(err.Error(), c.says) || a.Secret != "" {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	if err := s.d.Dismiss(t.Context(), "theirs"); !errors.Is(err, engine.ErrUnknown) {
		t.Errorf("dismissing whom Sluice did not admit gave %v", err)
	}
}

// TestWattLimit: a tenant's limit in watts is Kueue's to keep.
func TestWattLimit(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	a, err := s.d.Admit(t.Context(), engine.Tenant{Name: "tenant-w", Queue: kueue.Spot, Watts: spotWatts(3), People: []string{person}})
	if err != nil || a.Secret == "" || a.Endpoint != s.at.Server || a.Until.Sub(s.now().Add(30*24*time.Hour)).Abs() > time.Second || !strings.Contains(a.Hint, "-n tenant-w") {
		t.Fatalf("%+v, %v", a, err)
	}
	one := s.submit(t, kueue.Job{Name: "two", Tenant: "tenant-w", Queue: kueue.Spot, GPUs: 2})
	two := s.submit(t, kueue.Job{Name: "three", Tenant: "tenant-w", Queue: kueue.Spot, GPUs: 2})
	s.until("one runs", func(v engine.View) bool { return running(v, one) })
	s.stays("two waits", 5*time.Second, func(v engine.View) bool { return state(v, two) == engine.Waiting && jobIn(v, two).Queue == kueue.Spot })
}

// TestDismissedWhileHeld: neither a release nor a new admission opens what the
// other keeps shut.
func TestDismissedWhileHeld(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	local := "tenant-a/" + kueue.Spot
	policy := func() string {
		var q struct{ Spec struct{ StopPolicy string } }
		if err := s.api.Call(t.Context(), http.MethodGet, kueue.Kueue+"/namespaces/tenant-a/localqueues/"+kueue.Spot, nil, &q); err != nil {
			t.Fatal(err)
		}
		return q.Spec.StopPolicy
	}
	dismiss := func() {
		if err := s.d.Dismiss(t.Context(), "tenant-a"); err != nil {
			t.Fatal(err)
		}
	}
	admit := func() {
		if _, err := s.d.Admit(t.Context(), engine.Tenant{Name: "tenant-a", Queue: kueue.Spot}); err != nil {
			t.Fatal(err)
		}
	}
	hold := func() { s.do(engine.Command{Verb: engine.Hold, Subject: local}) }
	release := func() { s.do(engine.Command{Verb: engine.Release, Subject: local}) }
	for i, c := range []struct {
		act  func()
		want string
	}{{hold, "Hold"}, {dismiss, "Hold"}, {release, "Hold"}, {admit, "None"}, {hold, "Hold"}, {dismiss, "Hold"}, {admit, "Hold"}, {release, "None"}} {
		c.act()
		if got := policy(); got != c.want {
			t.Fatalf("after step %d the policy is %q, want %q", i, got, c.want)
		}
	}
}

// TestAdmittedWhileHeld: who is admitted while the queue is held starts nothing
// before it is released.
func TestAdmittedWhileHeld(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	s.do(engine.Command{Verb: engine.Hold, Subject: kueue.Spot})
	if _, err := s.d.Admit(t.Context(), engine.Tenant{Name: "tenant-late", Queue: kueue.Spot, GPUs: 4, People: []string{person}}); err != nil {
		t.Fatal(err)
	}
	id := s.submit(t, kueue.Job{Name: "early", Tenant: "tenant-late", Queue: kueue.Spot, GPUs: 2})
	s.stays("it waits", 5*time.Second, func(v engine.View) bool {
		return state(v, id) == engine.Waiting && queueIn(v, kueue.Spot).Event == "cut-1"
	})
	s.do(engine.Command{Verb: engine.Release, Subject: kueue.Spot})
	s.until("it runs", func(v engine.View) bool { return running(v, id) })
}
