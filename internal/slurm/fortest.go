package slurm

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// expire is how long a requeued job of a test waits: the least that Slurm takes.
const expire = 5 * time.Second

// ForTest runs a cluster until the test ends, or skips the test and names what is missing.
func ForTest(tb testing.TB) *Cluster {
	tb.Helper()
	if missing := Missing(); len(missing) > 0 {
		tb.Skipf("SKIPPED, NOTHING WAS CHECKED: no real Slurm here, missing: %s; Debian installs it with: apt-get install %s", strings.Join(missing, ", "), strings.Join(Packages(), " "))
	}
	begun := time.Now()
	c, err := stand(tb)
	if err != nil {
		c, err = stand(tb) // a port was free a moment ago, and may be another's now
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), 2*patience)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			tb.Errorf("stop: %v", err)
		}
	})
	tb.Logf("a real Slurm stood after %v", time.Since(begun).Round(100*time.Millisecond))
	return c
}

// stand starts a cluster in a folder of its own.
func stand(tb testing.TB) (*Cluster, error) {
	tb.Helper()
	dir, err := os.MkdirTemp("", "slurm") //nolint:usetesting // a short path: sockets lie in it
	if err != nil {
		return nil, err
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return Start(tb.Context(), dir, expire)
}
