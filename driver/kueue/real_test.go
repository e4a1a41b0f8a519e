package kueue_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/driver/drivertest"
	"sluice/engine"
	"sluice/internal/kueue"
)

// realSite starts the real control plane for one test.
func realSite(t *testing.T, s kueue.Setting, h kueue.Hall) (site, *kueue.Plane) {
	t.Helper()
	s.Bin = os.Getenv(kueue.Folder)
	if s.Bin == "" {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: " + kueue.Folder + " names no folder with the control plane; make test-kueue builds it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	s.Dir, s.Watts, s.Resource = t.TempDir(), gpuWatts, resource
	p, err := kueue.Start(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	if err := h.SetUp(ctx, p.API); err != nil {
		t.Fatal(err)
	}
	pass := func(d time.Duration) { <-time.After(min(d, 3*time.Second)) }
	quiet := func(yes bool) {
		if yes {
			p.StopAPI()
		} else if err := p.ResumeAPI(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return site{api: p.API, at: config(t, p.Server, kueue.Token, p.Certificate), now: time.Now, pass: pass, quiet: quiet}, p
}

// TestRealSuite tries the contract of engines on the real Kueue.
func TestRealSuite(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	s, _ := realSite(t, kueue.Setting{}, hallOf(false))
	drivertest.Engine(t, func(tb testing.TB) drivertest.EngineBench {
		tb.Helper()
		return s.bench(tb, 20*time.Second, 3*time.Second)
	})
}

// TestRealActions measures on the real Kueue what every action does.
func TestRealActions(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	s, _ := realSite(t, kueue.Setting{}, hallOf(true))
	st := newStand(t, s, really)
	actions(t, st)
	t.Run("the protocol for exact victims touches nobody else", func(t *testing.T) { exact(st.with(t)) })
	t.Run("a boost steers whom Kueue picks", func(t *testing.T) { boosted(st.with(t)) })
	t.Run("records come to Kueue's own sum", func(t *testing.T) { hours(st.with(t)) })
	for _, verb := range slices.Sorted(maps.Keys(st.took)) {
		t.Logf("measured: %-10s %v", verb, st.took[verb].Round(time.Millisecond))
	}
}

// boosted raises the job that Kueue would take first, so that it takes the other.
// Sluice does not use it: it is an alpha feature of Kueue.
func boosted(s *stand) {
	s.Helper()
	firm, first, second := s.run(kueue.Firm, 8), s.run(kueue.Spot, 4), s.run(kueue.Spot, 4)
	tenant, name, _ := strings.Cut(second, "/")
	s.operator("/namespaces/"+tenant+"/workloads/"+name, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"kueue.x-k8s.io/priority-boost": "50"}}})
	s.do(engine.Command{Verb: engine.Withhold, Power: spotWatts(4)})
	s.until("the other is taken", func(v engine.View) bool {
		return state(v, first) == engine.Waiting && running(v, firm, second) && v.Watts.Withheld == spotWatts(4)
	})
}
