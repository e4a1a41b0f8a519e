package antminer_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/drivertest"
	"sluice/internal/beside"
	"sluice/unit"
)

// canned serves replies as they lie in two folders, without a password, and
// keeps what was posted.
type canned struct {
	rpc, web string
	names    map[string]string // page to file, where they differ
	mu       sync.Mutex        // guards posted
	posted   []byte
}

func (c *canned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(filepath.Base(r.URL.Path), ".cgi")
	if other, ok := c.names[name]; ok {
		name = other
	}
	b, err := os.ReadFile(filepath.Join(c.web, name+".json"))
	if err != nil || name == "pools" || !strings.HasPrefix(r.URL.Path, "/cgi-bin/") {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost {
		c.mu.Lock()
		c.posted, _ = io.ReadAll(r.Body)
		c.mu.Unlock()
	}
	_, _ = w.Write(b)
}

func (c *canned) answer(conn net.Conn) {
	var q struct{ Command string }
	if json.NewDecoder(conn).Decode(&q) != nil {
		return
	}
	b, err := os.ReadFile(filepath.Join(c.rpc, q.Command+".json"))
	if err != nil {
		b = []byte(`{"STATUS":[{"STATUS":"E","Msg":"Invalid command"}]}`)
	}
	_, _ = conn.Write(append(b, 0))
}

// open probes and opens the canned machine.
func (c *canned) open(t *testing.T) (device.Identity, device.Device) {
	t.Helper()
	web, webPort := drivertest.Listen(t)
	miner, minerPort := drivertest.Listen(t)
	server := &http.Server{Handler: c, ReadHeaderTimeout: time.Minute}
	var all sync.WaitGroup
	all.Go(func() { _ = server.Serve(web) })
	all.Go(func() {
		for {
			conn, err := miner.Accept()
			if err != nil {
				return
			}
			c.answer(conn)
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = server.Close(); _ = miner.Close(); all.Wait() })
	d := antminer.New(drivertest.Network(t), antminer.Options{Miner: minerPort, Power: -1})
	a := device.Address{Host: "127.0.0.1", Port: webPort}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	id, err := d.Probe(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Open(ctx, a, id, device.Credential{})
	if err != nil {
		t.Fatal(err)
	}
	return id, m
}

// TestRecorded2020 reads a composite: the identity of one machine, the
// statistics of another, a MAC that is none, and neither watts nor a mode.
func TestRecorded2020(t *testing.T) {
	t.Parallel()
	dir := beside.Path(t, "recorded", "antminer-stock", "v2020")
	id, d := (&canned{rpc: dir, web: dir, names: map[string]string{"get_system_info": "system_info", "summary": "none", "get_miner_conf": "none"}}).open(t)
	if id.Model != "Antminer S21" || id.MAC != "" || id.Serial != "THQING0BDJAB024NF" || id.Weak || id.Version != "FR-1.12(251009-S21)" {
		t.Errorf("identity %+v", id)
	}
	r, err := d.Read(t.Context(), device.All)
	if err != nil {
		t.Fatal(err)
	}
	if r.Hash != device.Stated[unit.Hashrate](110_567) || r.Ideal != device.Stated[unit.Hashrate](110_000) || r.HashMean != device.Stated[unit.Hashrate](111_878) {
		t.Errorf("hash %+v, ideal %+v, mean %+v", r.Hash, r.Ideal, r.HashMean)
	}
	if r.Power.Known || r.Mode.Known || r.Intent.Known || d.Capabilities().PowerSource != "" {
		t.Errorf("power %+v, mode %+v, intent %+v: none is stated", r.Power, r.Mode, r.Intent)
	}
	if r.Uptime != device.Stated(50_474*time.Second) || r.Accepted != device.Stated[int64](4057) || r.Activity != device.Stated(device.Running) {
		t.Errorf("up %+v, accepted %+v, activity %+v", r.Uptime, r.Accepted, r.Activity)
	}
	var fans []int64
	for _, f := range r.Fans {
		fans = append(fans, f.RPM)
	}
	if len(fans) != 4 || fans[0] != 6000 || fans[1] != 5880 || fans[2] != 5040 || fans[3] != 5040 || len(r.Chips) != 24 || r.Chips[0].MilliC != 78_000 {
		t.Errorf("fans %v, %d sensors", fans, len(r.Chips))
	}
	if len(r.Pools) != 3 || r.Pools[0].Active != device.Stated(true) || r.Pools[2].Active != device.Stated(false) {
		t.Errorf("pools %+v", r.Pools)
	}
	if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Refused || a.Reason != device.Unsupported {
		t.Errorf("no configuration, and the ack is %v", a)
	}
}

// TestRecordedS19 reads and writes the set with a configuration.
func TestRecordedS19(t *testing.T) {
	t.Parallel()
	dir := beside.Path(t, "recorded", "antminer-stock", "contract-s19")
	c := &canned{rpc: filepath.Join(dir, "rpc"), web: filepath.Join(dir, "web")}
	id, d := c.open(t)
	if id.Model != "Antminer S19" || id.MAC != "02:b3:b9:8c:1e:c8" || id.Weak {
		t.Errorf("identity %+v", id)
	}
	r, err := d.Read(t.Context(), device.All)
	if err != nil {
		t.Fatal(err)
	}
	if r.Hash != device.Stated[unit.Hashrate](88_422) || r.Ideal != device.Stated[unit.Hashrate](95_000) || r.Power.Known {
		t.Errorf("hash %+v, ideal %+v, power %+v", r.Hash, r.Ideal, r.Power)
	}
	if r.Mode != device.Stated("normal") || r.Intent != device.Stated(device.Running) || r.Activity != device.Stated(device.Running) || len(r.Faults) != 0 {
		t.Errorf("mode %+v, intent %+v, activity %+v, faults %+v", r.Mode, r.Intent, r.Activity, r.Faults)
	}
	if len(r.Pools) != 3 || r.Pools[0].Alive != device.Stated(true) || r.Pools[1].Alive != device.Stated(false) || r.Pools[2].Alive != device.Stated(false) {
		t.Errorf("pools %+v", r.Pools)
	}
	if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
		t.Errorf("ack %v", a)
	}
	var posted map[string]any
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := json.Unmarshal(c.posted, &posted); err != nil {
		t.Fatalf("posted %s: %v", c.posted, err)
	}
	pools, _ := posted["pools"].([]any)
	if level, ok := posted["freq-level"]; !ok || level != "" || posted["miner-mode"] != 1.0 || posted["bitmain-work-mode"] != 1.0 || len(pools) != 3 || posted["api-listen"] != nil {
		t.Errorf("posted %s", c.posted)
	}
}
