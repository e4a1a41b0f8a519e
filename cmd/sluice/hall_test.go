package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gpuhall "sluice/live/hall"
	"sluice/loop/curtail"
)

// labFile is a small site with a virtual hall of forty servers.
const labFile = `name: lab
time_zone: America/Chicago
currency: USD
connection: {import_limit_mw: 1, rating_mw: 1}
must_run_mw: 0.05
feeders: [{name: feeder-1, limit_mw: 1}]
halls: [{name: gpu, feeder: feeder-1, limit_mw: 0.9}, {name: yard, feeder: feeder-1, limit_mw: 0.05}]
contracts:
  spot: {settlement_point: HB_HOUSTON}
groups:
  - {name: s21, hall: yard, model: Antminer S21 200, count: 1, pool_fee_percent: 1.0}
hosting:
  engine: {kind: virtual}
  models:
    - {name: H100 SXM, tdp_w: 700, min_limit_w: 200, idle_w: 70, gpus_per_node: 8, node_w: 10200, empty_node_w: 1800}
  halls:
    - hall: gpu
      pue: 1.2
      spare_nodes: 2
      servers: [{name: h100, model: H100 SXM, nodes: 40, nodes_per_rack: 4, boot_minutes: 8}]
  contracts:
    - {name: aurora, kind: reserved, from: 2024-01-01, work: training, gpus: 128, price_per_gpu_hour: 2.40, grace_seconds: 60, max_slowdown_percent: 5}
    - {name: drizzle, kind: batch, from: 2024-01-01, work: hpc, gpus: 64, price_per_gpu_hour: 1.40, deadline_hours: 36, max_slowdown_percent: 20, grace_seconds: 60}
    - {name: spot, kind: spot, from: 2024-01-01, work: training, gpus: 128, price_per_gpu_hour: 1.25, max_slowdown_percent: 20, grace_seconds: 30}
  load: {seed: 7, utilisation_percent: 85}
`

// lab is a hall that runs beside the test.
type lab struct {
	data string
	mu   sync.Mutex
	out  bytes.Buffer
	stop context.CancelFunc
	code chan int
}

// Write implements io.Writer.
func (l *lab) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *lab) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// runLab runs the hall until the end of the test.
func runLab(t *testing.T) *lab {
	t.Helper()
	dir, err := os.MkdirTemp("", "hall-") //nolint:usetesting // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	site := filepath.Join(dir, "lab.yaml")
	if err := os.WriteFile(site, []byte(labFile), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &lab{data: filepath.Join(dir, "data"), stop: stop, code: make(chan int, 1)}
	go func() {
		l.code <- run(ctx, []string{"hall", "run", "--site", site, "--data", l.data, "--from", "2025-07-01T12:00", "--speed", "200"}, l, l)
	}()
	t.Cleanup(func() {
		stop()
		if code := <-l.code; code != exitOK {
			t.Errorf("hall run ends with code %d:\n%s", code, l.said())
		}
		_ = os.RemoveAll(dir)
	})
	l.until(t, "it begins", func(s gpuhall.Status) bool { return !s.Seen.IsZero() && s.Known })
	return l
}

// status is where the hall stands; zero while it does not answer.
func (l *lab) status(t *testing.T) (s gpuhall.Status) {
	t.Helper()
	if code, out, _ := call(t, "hall", "status", "--data", l.data, "--json"); code == exitOK {
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// until waits until the hall stands somewhere.
func (l *lab) until(t *testing.T, what string, is func(gpuhall.Status) bool) (s gpuhall.Status) {
	t.Helper()
	if !soon(t, what, time.Minute, func() bool { s = l.status(t); return is(s) }) {
		t.Fatalf("never: %s; the hall said:\n%s", what, l.said())
	}
	return s
}

// TestHall walks an operator through a curtailment of a virtual hall.
func TestHall(t *testing.T) {
	t.Parallel()
	l := runLab(t)
	wants := func(code int, out string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(out, text) {
				t.Errorf("code %d, %q is missing in:\n%s", code, text, out)
			}
		}
	}
	code, out, errs := call(t, "hall", "status", "--data", l.data)
	wants(code, out+errs, "hall gpu of lab at 2025-07-01", "at the hall's meter", "aurora       reserved      128")
	code, out, errs = call(t, "hall", "preview", "--data", l.data, "--by-mw", "0.06", "--within", "10m", "--hold", "30m")
	wants(code, out+errs, "admit nothing more", "lower power limits", "evict preemptible jobs", "no choice within the terms costs less than", "the meter should come to", "next on the list:")
	if strings.Contains(out, "evict firm") || code != exitOK {
		t.Errorf("code %d, a plan for 60 kW:\n%s", code, out)
	}
	before := l.status(t).Power
	code, out, errs = call(t, "hall", "curtail", "--data", l.data, "--by-mw", "0.06", "--within", "10m")
	if code != exitBadInput || !strings.Contains(errs, "not confirmed, nothing was done") || l.status(t).Event != nil {
		t.Errorf("without a yes: code %d\n%s\n%s", code, out, errs)
	}
	code, out, errs = call(t, "hall", "curtail", "--data", l.data, "--by-mw", "0.06", "--within", "10m", "--yes", "--every", "50ms", "--why", "order 17", "--by", "anna")
	wants(code, out+errs, "begins", "proven by the hall's meter", "hall gpu", "site ", "h100-rack-", "held queues: drizzle, spot")
	s := l.status(t)
	if code != exitOK || before-s.Power < 59_000 || s.Event.Phase != curtail.Holding {
		t.Errorf("code %d, from %s to %s, %s", code, before, s.Power, s.Event.Phase)
	}
	theRest(t, l, wants)
}

// theRest explains, refuses, releases and sums up.
func theRest(t *testing.T, l *lab, wants func(int, string, ...string)) {
	t.Helper()
	var jobs []gpuhall.Job
	_, out, _ := call(t, "hall", "jobs", "--data", l.data, "--json")
	if err := json.Unmarshal([]byte(out), &jobs); err != nil {
		t.Fatal(err)
	}
	stopped := ""
	for _, j := range jobs {
		if j.Evicted != "" {
			stopped = j.ID
		}
	}
	code, out, errs := call(t, "hall", "why", stopped, "--data", l.data)
	wants(code, out+errs, stopped, "stopped it", "for a GPU-hour")
	code, out, errs = call(t, "hall", "jobs", "--data", l.data, "--contract", "spot")
	wants(code, out+errs, "GPUs draw", "spot-")
	code, _, errs = call(t, "hall", "curtail", "--data", l.data, "--by-mw", "0.01", "--yes")
	if code != exitBadInput || !strings.Contains(errs, "release it, or wait for its end") {
		t.Errorf("a second curtailment: code %d, %s", code, errs)
	}
	code, out, errs = call(t, "hall", "release", "--data", l.data)
	wants(code, out+errs, "given back in steps")
	l.until(t, "everything is given back", func(s gpuhall.Status) bool {
		return s.Event.Phase == curtail.Done && s.Stopped == 0 && s.Watts.Withheld == 0
	})
	code, _, errs = call(t, "hall", "stop", "--data", l.data)
	if code != exitBadInput || !strings.Contains(errs, "no curtailment") {
		t.Errorf("stop of nothing: code %d, %s", code, errs)
	}
	code, out, errs = call(t, "hall", "usage", "--data", l.data)
	wants(code, out+errs, "second witness", "metered until 2025-07-01", "GPU-hours", "explained")
	code, out, errs = call(t, "hall", "curves", "--data", l.data)
	wants(code, out+errs, "spot on H100 SXM: assumed")
	code, out, errs = call(t, "hall", "notices", "--data", l.data)
	wants(code, out+errs, "curtail ", "by anna: order 17", "is done")
	wants(0, l.said(), "virtual hall gpu from 2025-07-01T12:00:00Z on, 200 times as fast", "ready: hall gpu")
}

// TestHallRefusals: what makes no sense ends with code 2 and says what to do.
func TestHallRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := filepath.Join(dir, "lab.yaml")
	if err := os.WriteFile(site, []byte(strings.Replace(labFile, "  engine: {kind: virtual}\n", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no hall runs there":           {[]string{"hall", "status", "--data", dir}, "no hall runs on this data directory"},
		"no data directory":            {[]string{"hall", "status"}, `"data" not set`},
		"neither power nor drop":       {[]string{"hall", "preview", "--data", dir}, "at least one of the flags"},
		"power and drop":               {[]string{"hall", "preview", "--data", dir, "--to-mw", "1", "--by-mw", "1"}, "none of the others"},
		"a drop of nothing":            {[]string{"hall", "preview", "--data", dir, "--by-mw", "0"}, "above 0"},
		"a site without GPUs":          {[]string{"hall", "run", "--site", "houston", "--data", dir}, "has no hosting section"},
		"no engine":                    {[]string{"hall", "run", "--site", site, "--data", dir}, "declares no engine"},
		"another hall":                 {[]string{"hall", "run", "--site", site, "--data", dir, "--virtual", "--hall", "attic"}, "name the hall with --hall: gpu"},
		"an interval of seven minutes": {[]string{"hall", "run", "--site", site, "--data", dir, "--virtual", "--interval", "7m"}, "a part of an hour"},
		"no such file":                 {[]string{"hall", "run", "--site", filepath.Join(dir, "none.yaml"), "--data", dir}, "none.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := c.args
			if name == "an interval of seven minutes" {
				args = append([]string(nil), args...)
				args[5] = t.TempDir()
			}
			code, _, errs := call(t, args...)
			if code != exitBadInput || !strings.Contains(errs, c.says) {
				t.Errorf("code %d: %s", code, errs)
			}
		})
	}
}
