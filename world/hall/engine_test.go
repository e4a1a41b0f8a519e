package hall

import (
	"fmt"
	"testing"
	"time"

	"sluice/driver/drivertest"
	"sluice/engine"
	"sluice/gpu"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// small is a hall of a few servers with one reserved and one spot contract for all
// of them, and no job.
func small(nodes int) Config {
	one := func(name string, kind hosting.Kind) hosting.Contract {
		return hosting.Contract{
			Name: name, Tenant: "tenant-a", Kind: kind, Hall: "small", Model: "H100 SXM", Class: gpu.Training, GPUs: 8 * nodes,
			Start: begin, Grace: 20 * time.Second, Restart: 30 * time.Second,
		}
	}
	return Config{
		Start: begin, Contracts: []hosting.Contract{one("firm", hosting.Reserved), one("spot", hosting.Spot)},
		Hall: hosting.Hall{Name: "small", Spare: nodes, Groups: []hosting.Group{{Name: "h100", Model: h100(), Nodes: nodes, Boot: time.Minute}}},
	}
}

// bench is a small hall under the suite.
func bench(tb testing.TB) drivertest.EngineBench {
	tb.Helper()
	h := built(tb, small(3))
	n := 0
	return drivertest.EngineBench{
		Engine: h, Pass: h.Advance, Now: h.Now, Firm: "firm", Spot: "spot",
		Submit: func(j drivertest.EngineJob) string {
			n++
			id := fmt.Sprintf("job-%04d", n)
			if err := h.Submit(jobs.Job{
				ID: id, Name: j.Name, Contract: j.Queue, GPUs: j.GPUs, Work: 1 << 40, Draw: 600, Limit: j.Limit, Deadline: j.Deadline,
			}); err != nil {
				return ""
			}
			return id
		},
		End:   func(id string) { h.End(id) },
		Nodes: []string{"h100-0000", "h100-0001", "h100-0002"}, PerNode: 8, Watts: h.watt(0),
		Patience: 5 * time.Minute, Refuse: h.Refuse, Again: func() engine.Engine { return h },
	}
}

func TestHallIsAnEngine(t *testing.T) {
	t.Parallel()
	drivertest.Engine(t, bench)
}
