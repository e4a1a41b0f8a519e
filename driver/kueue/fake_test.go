package kueue_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"testing"
	"time"

	"sluice/driver/drivertest"
	"sluice/internal/kueue"
	world "sluice/world/kueue"
)

// fakeSite is a virtual cluster with a hall, at a time that stands still until a
// test lets it pass.
func fakeSite(tb testing.TB, change func(*world.Setting), h kueue.Hall) (site, *world.World) {
	tb.Helper()
	clock := drivertest.NewClock(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	set := world.Setting{Now: clock.Now, Token: kueue.Token, Resource: resource, Watts: gpuWatts}
	if change != nil {
		change(&set)
	}
	w := world.New(set)
	server := httptest.NewUnstartedServer(w)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // strangers at the door are part of the tests
	server.StartTLS()
	tb.Cleanup(server.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	at := config(tb, server.URL, kueue.Token, authority)
	at.Now = clock.Now
	s := site{api: kueue.NewAPI(server.URL, kueue.Token, server.Client()), at: at, now: clock.Now, pass: clock.Wait, quiet: w.Silence}
	if err := h.SetUp(tb.Context(), s.api); err != nil {
		tb.Fatal(err)
	}
	return s, w
}

// heeding lets a virtual Kueue heed boosts.
func heeding(w *world.Setting) { w.Boosts = true }

// TestFakeSuite tries the contract of engines on the virtual Kueue.
func TestFakeSuite(t *testing.T) {
	t.Parallel()
	drivertest.Engine(t, func(tb testing.TB) drivertest.EngineBench {
		tb.Helper()
		s, _ := fakeSite(tb, heeding, hallOf(false))
		s.at.Boost = true
		return s.bench(tb, 20*time.Second, 3*time.Second)
	})
}

// TestFakeActions holds the virtual Kueue to what was measured on the real one.
func TestFakeActions(t *testing.T) {
	t.Parallel()
	s, _ := fakeSite(t, heeding, hallOf(true))
	s.at.Boost = true
	st := newStand(t, s, virtually)
	actions(t, st)
	t.Run("ranks steer whom Kueue takes", func(t *testing.T) { ranked(st.with(t)) })
	t.Run("a boost below nothing", func(t *testing.T) { negative(st.with(t)) })
	t.Run("a drain", func(t *testing.T) { drained(st.with(t)) })
	t.Run("exact victims", func(t *testing.T) { exact(st.with(t)) })
	t.Run("records", func(t *testing.T) { hours(st.with(t)) })
}
