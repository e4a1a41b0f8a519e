package hall

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"sluice/driver/slurm"
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	cluster "sluice/world/slurm"
)

// wire hands requests to a virtual slurmrestd without a socket.
type wire struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	out := httptest.NewRecorder()
	w.ServeHTTP(out, r)
	return out.Result(), nil
}

// board is the GPUs of the cluster's nodes: busy ones draw 600 W, or their limit.
type board struct {
	mu     sync.Mutex    // guards what follows
	engine engine.Engine // its own way to the cluster: one goroutine asks an engine at a time
	limit  map[string]unit.Power
}

// Read implements gpu.Agent.
func (b *board) Read(ctx context.Context) ([]gpu.Reading, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, err := b.engine.View(ctx)
	if err != nil {
		return nil, err
	}
	var out []gpu.Reading
	for _, n := range v.Nodes {
		for i := range n.GPUs {
			r := gpu.Reading{
				Node: n.Name, Index: i, UUID: fmt.Sprintf("GPU-%s-%d", n.Name, i), Draw: 70, Limit: 700, Min: 200, Max: 700, Default: 700,
				Has: gpu.Has{Draw: true, Limit: true, Range: true, Default: true}, At: time.Now(), Source: "board",
			}
			if l := b.limit[n.Name]; l > 0 {
				r.Limit = l
			}
			if i < n.Busy {
				r.Draw = min(600, r.Limit)
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// Set implements gpu.Agent.
func (b *board) Set(_ context.Context, s gpu.Setting) (gpu.Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limit[s.Node] = s.Limit
	return gpu.Answer{Node: s.Node, Taken: true}, nil
}

// Sample implements Meter: what the servers draw, with cooling.
func (b *board) Sample(ctx context.Context) (Sample, error) {
	all, err := b.Read(ctx)
	var sum unit.Power
	for _, r := range all {
		sum += r.Draw + 155
	}
	return Sample{Power: sum.Scale(1_200_000), At: time.Now()}, err
}

// asked is a way to ask the cluster.
func asked(tb testing.TB, w *cluster.Cluster) *slurm.Slurm {
	tb.Helper()
	s, err := slurm.New(slurm.Config{
		REST: slurm.REST{
			URL: "http://slurm", User: "sluice", Client: wire{w},
			Token: func(_ context.Context, life time.Duration) (string, error) { return w.Token(life), nil },
		},
		GPUWatts: unit.Kilowatt, Now: time.Now,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestSlurm runs a hall through the driver of Slurm, on a virtual cluster behind
// REST, where no queue can be held: jobs of spot give way, come back, and nobody
// touches the firm ones.
func TestSlurm(t *testing.T) {
	t.Parallel()
	var w *cluster.Cluster
	ids := map[string]string{}
	change := func(b *bench) {
		w = cluster.New(cluster.Config{
			Nodes: []string{"n1", "n2", "n3", "n4"}, PerNode: 8, License: "kw", Licenses: 100, Now: time.Now,
			Partitions: []cluster.Partition{{Name: "gpu-firm", Tier: 100}, {Name: "gpu-spot", Tier: 10}},
		})
		for _, name := range []string{"firm-1", "firm-2", "spot-1", "spot-2"} {
			ids[name] = w.Submit(cluster.Job{Name: name, Account: "t", Partition: "gpu-" + name[:4], GPUs: 8, Limit: 48 * time.Hour})
		}
		on := &board{engine: asked(b.tb, w), limit: map[string]unit.Power{}}
		b.plant.Engine, b.plant.Agents = asked(b.tb, w), []Agent{{Agent: on}}
		b.plant.Gauges = []Gauge{{HallMeter, "gpu", on}}
		b.cfg.Queues = map[string]string{"firm": "gpu-firm", "spot": "gpu-spot"}
		b.cfg.Tenancies = []*hosting.Tenancy{b.cfg.tenancy("firm"), b.cfg.tenancy("spot")}
	}
	for _, what := range inBubble(t, change, func(b *bench) {
		if s := b.status(); s.Busy != 32 || !s.Known || s.Contracts[1].Running != 16 {
			b.breach("the hall begins with %+v", s)
		}
		before := b.status().Power
		b.curtail(8_000, 10*time.Minute, 10*time.Minute)
		b.pass(9 * time.Minute)
		s := b.status()
		if before-s.Power < 7_500 || !s.Event.Proven {
			b.breach("from %s to %s: %+v; %+v", before, s.Power, s.Event, s.Troubles)
		}
		if s.Contracts[0].Running != 16 || s.Stopped == 0 {
			b.breach("firm runs on %d GPUs, %d jobs are stopped", s.Contracts[0].Running, s.Stopped)
		}
		b.pass(60 * time.Minute)
		if s := b.status(); s.Busy != 32 || s.Event.Phase != "done" || s.Watts.Withheld > 0 {
			b.breach("afterwards %d GPUs are held, %s withheld, the event is %s; %+v", s.Busy, s.Watts.Withheld, s.Event.Phase, s.Troubles)
		}
	}) {
		t.Error(what)
	}
}
