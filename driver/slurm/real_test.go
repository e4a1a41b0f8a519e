package slurm_test

import (
	"fmt"
	"testing"
	"time"

	"sluice/driver/drivertest"
	"sluice/driver/slurm"
	"sluice/engine"
	lab "sluice/internal/slurm"
	"sluice/unit"
)

// reach is a driver of a real cluster, over REST and by commands.
func reach(tb testing.TB, c *lab.Cluster) *slurm.Slurm {
	tb.Helper()
	s, err := slurm.New(slurm.Config{REST: slurm.REST{Socket: c.Socket()}, Line: slurm.Line{Commands: true, Environment: c.Environment()}, GPUWatts: unit.Kilowatt, Timeout: 3 * time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// realBench is a cluster on which nothing runs.
func realBench(tb testing.TB, c *lab.Cluster) drivertest.EngineBench {
	tb.Helper()
	ctx := tb.Context()
	if err := c.Clear(ctx); err != nil {
		tb.Fatal(err)
	}
	return drivertest.EngineBench{
		Engine: reach(tb, c), Firm: lab.Firm, Spot: lab.Spot, Nodes: c.Nodes(), PerNode: lab.PerNode, Watts: unit.Kilowatt, Tenant: lab.Tenant, People: []string{"root"},
		Submit: func(j drivertest.EngineJob) string {
			id, err := c.Submit(ctx, lab.Job{Name: j.Name, Tenant: j.Tenant, Queue: j.Queue, GPUs: j.GPUs, Limit: j.Limit})
			if err != nil {
				tb.Logf("not taken: %v", err)
				return ""
			}
			return id
		},
		End: func(id string) {
			if err := c.End(id); err != nil {
				tb.Error(err)
			}
		},
		Pass:     pass,
		Now:      time.Now,
		Patience: 30 * time.Second,
		Calm:     1200 * time.Millisecond,
		Again:    func() engine.Engine { return reach(tb, c) },
		Refuse: func(deaf bool) {
			if err := c.Freeze(deaf); err != nil {
				tb.Error(err)
			}
		},
	}
}

// pass waits: a real engine's weeks are not ours to pass.
func pass(d time.Duration) {
	if d > time.Minute {
		d = 300 * time.Millisecond
	}
	<-time.After(d)
}

// TestReal runs the suite on a real Slurm, over REST and by commands. Two
// clusters share the checks.
func TestReal(t *testing.T) {
	t.Parallel()
	for share := range 2 {
		t.Run(fmt.Sprintf("cluster %d", share+1), func(t *testing.T) {
			t.Parallel()
			c := lab.ForTest(t)
			drivertest.EngineShare(t, func(tb testing.TB) drivertest.EngineBench { tb.Helper(); return realBench(tb, c) }, share, 2)
		})
	}
}
