package kueue_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/driver/drivertest"
	driver "sluice/driver/kueue"
	"sluice/engine"
	"sluice/internal/kueue"
	"sluice/unit"
)

// Sizes of the hall in which everything is tried.
const (
	perNode  = 8
	gpuWatts = 1300
	resource = "power.sluice.example/watts"
	person   = "ann"
)

// How long a test waits between two looks.
const (
	virtually = 50 * time.Millisecond
	really    = 10 * time.Millisecond
)

// hallOf is the hall of the suite: half of its watts are guaranteed to firm work,
// the rest is the reserve's. An order takes nothing from jobs that run.
func hallOf(reclaim bool) kueue.Hall {
	return kueue.Hall{Namespace: "sluice", Resource: resource, Nodes: []string{"n1", "n2"}, PerNode: perNode, Watts: gpuWatts, FirmGPUs: perNode, MayReclaim: reclaim}
}

// site is a cluster and how it is reached.
type site struct {
	api   kueue.API // of an administrator
	at    driver.Config
	now   func() time.Time
	pass  func(time.Duration)
	quiet func(bool)
}

// driver makes a driver as after a restart.
func (s site) driver(tb testing.TB) *driver.Driver {
	tb.Helper()
	d, err := driver.New(s.at)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// config is a driver's way to a cluster.
func config(tb testing.TB, server, token string, authority []byte) driver.Config {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	return driver.Config{
		Server: server, Authority: authority, TokenFile: file, Namespace: "sluice", Reserve: kueue.Reserve,
		Granule: 5 * unit.Kilowatt, Budget: 2 * perNode * gpuWatts,
	}
}

// submit is a tenant at work: it returns the ID of the Workload, or nothing where
// the tenant may not submit.
func (s site) submit(tb testing.TB, j kueue.Job) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	uid, err := s.api.Pretending(person).Submit(ctx, j)
	if err != nil {
		tb.Logf("%s may not submit %s: %.200v", person, j.Name, err)
		return ""
	}
	var id string
	if err := kueue.Until(ctx, func() (err error) { id, err = s.api.WorkloadOf(ctx, j.Tenant, uid); return err }); err != nil {
		tb.Fatalf("job %s has no Workload: %v", j.Name, err)
	}
	return id
}

// bench is a fresh hall on a cluster: nothing runs, and tenant-a is registered.
func (s site) bench(tb testing.TB, patience, calm time.Duration) drivertest.EngineBench {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	if err := kueue.Until(ctx, func() error { s.pass(time.Millisecond); return s.api.Clear(ctx) }); err != nil {
		tb.Fatalf("the cluster is not empty: %v", err)
	}
	d := s.driver(tb)
	for _, q := range []string{kueue.Spot, kueue.Firm} {
		if _, err := d.Admit(ctx, engine.Tenant{Name: "tenant-a", Queue: q, People: []string{person}}); err != nil {
			tb.Fatal(err)
		}
	}
	return drivertest.EngineBench{
		Engine: d, Again: func() engine.Engine { return s.driver(tb) },
		Submit: func(j drivertest.EngineJob) string {
			return s.submit(tb, kueue.Job{Name: j.Name, Tenant: j.Tenant, Queue: j.Queue, GPUs: j.GPUs, PerPod: perNode, Limit: j.Limit})
		},
		End: func(id string) {
			if err := s.api.End(tb.Context(), id); err != nil {
				tb.Fatalf("end %s: %v", id, err)
			}
		},
		Pass: s.pass, Now: s.now, Refuse: s.quiet,
		Firm: kueue.Firm, Spot: kueue.Spot, Nodes: []string{"n1", "n2"}, PerNode: perNode, Watts: gpuWatts,
		Patience: patience, Calm: calm, People: []string{person},
	}
}
