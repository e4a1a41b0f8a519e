package kueue_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/driver/drivertest"
	"sluice/engine"
	"sluice/internal/kueue"
)

// watching follows a cluster through a silence of its API server. away does
// something that a watch from the old version cannot tell; it may be nil.
func watching(s *stand, away func()) {
	s.Helper()
	drivertest.Serve(s.TB, func(ctx context.Context) error { s.d.Watch(ctx); return nil })
	began := s.now().Add(-time.Minute)
	one, two := s.run(kueue.Spot, 2), s.run(kueue.Spot, 2)
	was := s.view()
	s.do(engine.Command{Verb: engine.Evict, Subject: two})
	s.do(engine.Command{Verb: engine.Withhold, Power: gpuWatts})
	s.quiet(true)
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
	defer cancel()
	if v, err := s.d.View(ctx); !errors.Is(err, engine.ErrUnreachable) || len(v.Jobs) > 0 {
		s.Errorf("an API server that is away is seen as %+v, %v", v, err)
	}
	if away != nil {
		away()
	}
	s.quiet(false)
	three := s.run(kueue.Spot, 1)
	v := s.until("everything is seen again", func(v engine.View) bool {
		return running(v, one, three) && state(v, two) == engine.Held && v.Watts.Withheld == gpuWatts
	})
	if !jobIn(v, one).Started.Equal(jobIn(was, one).Started) || jobIn(v, two).Evicted != "cut-1" {
		s.Errorf("a run that began before keeps its beginning, and an eviction its event: %+v", v.Jobs)
	}
	tenant, name, _ := strings.Cut(one, "/")
	job := "/apis/batch/v1/namespaces/" + tenant + "/jobs/" + name[len("job-"):strings.LastIndex(name, "-")]
	if err := s.api.Call(s.Context(), http.MethodDelete, job+"?propagationPolicy=Background", nil, nil); err != nil {
		s.Fatal(err)
	}
	s.until("the deleted job is gone", func(v engine.View) bool { return state(v, one) == "" })
	if u := s.usageOf(one, began); len(u) != 1 || u[0].To.IsZero() || u[0].Ended != engine.Cancelled || u[0].GPUs != 2 {
		s.Errorf("a job that its tenant deleted is recorded as %+v", u)
	}
	again := s.driver(s.TB)
	a, err := again.View(s.Context())
	if err != nil || a.Watts.Withheld != gpuWatts || jobIn(a, two).Evicted != "cut-1" {
		s.Errorf("a new driver sees %+v, %v", a, err)
	}
	for _, c := range []engine.Command{{Verb: engine.Restore, Subject: two}, {Verb: engine.GiveBack}} {
		c.Event, c.Seq = "cut-1", 90
		if o, err := again.Do(s.Context(), c); err != nil || !o.Done {
			s.Errorf("%s by a new driver: %+v, %v", c.Verb, o, err)
		}
	}
	s.until("everything is as it was", func(v engine.View) bool { return running(v, two, three) && v.Watts.Withheld == 0 })
	if ids := slices.Collect(func(yield func(string) bool) {
		for _, j := range s.view().Jobs {
			if !yield(j.ID) {
				return
			}
		}
	}); !slices.IsSorted(ids) {
		s.Errorf("jobs in order: %v", ids)
	}
}

// TestFakeWatch: a watch resumes, and lists again where its version is forgotten.
func TestFakeWatch(t *testing.T) {
	t.Parallel()
	t.Run("from where it was", func(t *testing.T) {
		t.Parallel()
		s, _ := fakeSite(t, nil, hallOf(false))
		watching(newStand(t, s, virtually), nil)
	})
	t.Run("with a new list", func(t *testing.T) {
		t.Parallel()
		s, w := fakeSite(t, nil, hallOf(false))
		watching(newStand(t, s, virtually), w.Forget)
	})
}

// TestRealWatch stops the API server and starts it again.
func TestRealWatch(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	s, _ := realSite(t, kueue.Setting{}, hallOf(false))
	watching(newStand(t, s, really), nil)
}

// TestDeletedBetweenLooks: a job that is deleted between two looks, without a
// watch, still has its record.
func TestDeletedBetweenLooks(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	began := s.now()
	id := s.run(kueue.Spot, 2)
	s.pass(time.Minute)
	if err := s.api.Call(t.Context(), http.MethodDelete, "/apis/batch/v1/namespaces/tenant-a/jobs/spot-1", nil, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if u := s.usageOf(id, began); len(u) != 1 || u[0].Ended != engine.Cancelled || u[0].GPUSeconds(s.now()) < 2*60 {
			t.Errorf("%+v", u)
		}
	}
}
