package kueue

import (
	"context"
	"os"
	"testing"
	"time"
)

// TestPlaneStarts starts the real control plane, lets a job run and end, and
// stops it.
func TestPlaneStarts(t *testing.T) {
	t.Parallel()
	bin := os.Getenv(Folder)
	if bin == "" {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: " + Folder + " names no folder with the control plane; make test-kueue builds it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	begun := time.Now()
	p, err := Start(ctx, Setting{Bin: bin, Dir: t.TempDir(), Watts: 1300})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	t.Logf("ready after %v", time.Since(begun))
	h := Hall{Namespace: "sluice", Resource: "power.sluice.example/watts", Nodes: []string{"n1", "n2"}, PerNode: 8, Watts: 1300, FirmGPUs: 8}
	if err := h.SetUp(ctx, p.API); err != nil {
		t.Fatal(err)
	}
	if err := h.Tenant(ctx, p.API, "tenant-a"); err != nil {
		t.Fatal(err)
	}
	uid, err := p.Submit(ctx, Job{Name: "one", Tenant: "tenant-a", Queue: Spot, GPUs: 2})
	if err != nil {
		t.Fatal(err)
	}
	var id string
	if err := Until(ctx, func() error { id, err = p.WorkloadOf(ctx, "tenant-a", uid); return err }); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s after %v", id, time.Since(begun))
	if err := Until(ctx, func() error { return p.Clear(ctx) }); err != nil {
		t.Fatal(err)
	}
	t.Logf("cleared after %v", time.Since(begun))
}
