package slurm_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"sluice/driver/drivertest"
	"sluice/driver/slurm"
	"sluice/engine"
	"sluice/unit"
	virtual "sluice/world/slurm"
)

// hall is a virtual cluster behind HTTP, and its clock.
type hall struct {
	*virtual.Cluster
	clock *drivertest.Clock
	url   string
}

func newHall(tb testing.TB) hall {
	tb.Helper()
	clock := drivertest.NewClock(time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC))
	w := virtual.New(virtual.Config{
		Nodes: []string{"n1", "n2"}, PerNode: 8, License: "kw", Licenses: 100, Now: clock.Now,
		Partitions: []virtual.Partition{{Name: "firm", Tier: 100}, {Name: "spot", Tier: 10}},
	})
	server := httptest.NewServer(w)
	tb.Cleanup(server.Close)
	return hall{w, clock, server.URL}
}

// driver reaches the hall over REST alone.
func (h hall) driver(tb testing.TB, change ...func(*slurm.Config)) *slurm.Slurm {
	tb.Helper()
	c := slurm.Config{
		REST: slurm.REST{URL: h.url, User: "sluice", Token: func(_ context.Context, life time.Duration) (string, error) { return h.Token(life), nil }},
		Now:  h.clock.Now, GPUWatts: unit.Kilowatt, Timeout: 2 * time.Second,
	}
	for _, f := range change {
		f(&c)
	}
	s, err := slurm.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func (h hall) bench(tb testing.TB) drivertest.EngineBench {
	tb.Helper()
	return drivertest.EngineBench{
		Engine: h.driver(tb), Firm: "firm", Spot: "spot", Nodes: []string{"n1", "n2"}, PerNode: 8, Watts: unit.Kilowatt,
		Submit: func(j drivertest.EngineJob) string {
			return h.Submit(virtual.Job{Name: j.Name, Account: j.Tenant, Partition: j.Queue, GPUs: j.GPUs, Limit: j.Limit, Deadline: j.Deadline})
		},
		End: h.End, Pass: h.clock.Wait, Now: h.clock.Now, Patience: 5 * time.Minute, Calm: time.Minute,
		Refuse: func(deaf bool) { h.Set(virtual.Faults{Silent: deaf}) },
		Again:  func() engine.Engine { return h.driver(tb) },
	}
}

// TestVirtual runs the suite over REST alone, as a newer Slurm has it.
func TestVirtual(t *testing.T) {
	t.Parallel()
	drivertest.Engine(t, func(tb testing.TB) drivertest.EngineBench {
		tb.Helper()
		return newHall(tb).bench(tb)
	})
}
