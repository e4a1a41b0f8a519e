package kueue_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"sluice/driver/drivertest"
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
	s.at.Boost = true
	drivertest.Engine(t, func(tb testing.TB) drivertest.EngineBench {
		tb.Helper()
		return s.bench(tb, 20*time.Second, 3*time.Second)
	})
}

// TestRealActions measures on the real Kueue what every action does.
func TestRealActions(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	s, _ := realSite(t, kueue.Setting{}, hallOf(true))
	s.at.Boost = true
	st := newStand(t, s, really)
	actions(t, st)
	t.Run("the protocol for exact victims touches nobody else", func(t *testing.T) { exact(st.with(t)) })
	t.Run("ranks steer whom Kueue takes", func(t *testing.T) { ranked(st.with(t)) })
	t.Run("a boost below nothing", func(t *testing.T) { negative(st.with(t)) })
	t.Run("a drain", func(t *testing.T) { drained(st.with(t)) })
	t.Run("records come to Kueue's own sum", func(t *testing.T) { hours(st.with(t)) })
	st.measured(t)
}

// measured prints what was measured of each verb.
func (s *stand) measured(t *testing.T) {
	t.Helper()
	for _, verb := range slices.Sorted(maps.Keys(s.took)) {
		t.Logf("measured: %-10s %v", verb, s.took[verb].Round(time.Millisecond))
	}
}

// TestRealRankAndDrain tries on the real Kueue what it does with ranks and drains, and
// that it is not believed to heed boosts where its gate is off.
func TestRealRankAndDrain(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	s, _ := realSite(t, kueue.Setting{}, hallOf(true))
	s.at.Boost = true
	st := newStand(t, s, really)
	t.Run("ranks", func(t *testing.T) { ranked(st.with(t)) })
	t.Run("a boost below nothing", func(t *testing.T) { negative(st.with(t)) })
	t.Run("a drain", func(t *testing.T) { drained(st.with(t)) })
	st.measured(t)
}

// TestRealGateOff: a Kueue whose gate is off is found out, and nothing is written.
func TestRealGateOff(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	s, _ := realSite(t, kueue.Setting{NoBoost: true}, hallOf(true))
	s.at.Boost = true
	unheeded(newStand(t, s, really))
}
