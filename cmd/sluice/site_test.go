package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const controlled = `name: creek
time_zone: America/Chicago
currency: USD
connection: {import_limit_mw: 10}
contracts: {spot: {settlement_point: HB_WEST}}
groups: [{name: row-1, model: Antminer S21 200, count: 4}]
control:
  device_networks: [127.7.0.0/16]
  port_offset: 10000
  machines: [{group: row-1, addresses: [127.7.0.1-127.7.0.4]}]
  meters: [{name: grid, kind: revenue, template: abb-a43, address: 127.7.9.1}]
  pools: [{url: "stratum+tcp://pool.example:3333", worker: site.*}]
`

// TestSiteCheckShowsControl: a few lines for people, the same for programs.
func TestSiteCheckShowsControl(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "site.yaml")
	if err := os.WriteFile(path, []byte(controlled), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := call(t, "site", "check", path)
	for _, want := range []string{
		"control: 4 machines in 127.7.0.0/16, read every 10s; power falls within 1m0s of a cut",
		"reserve: 0.1 fast reboots a day of each machine; 50 wakes at a time on a feeder, 6 starts a day of each machine for economics; ports moved by 10000",
		"meter grid", "abb-a43 at 127.7.9.1", "pools: stratum+tcp://pool.example:3333 as site.*",
	} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("exit code %d, %q is missing in:\n%s%s", code, want, out, errs)
		}
	}
	var d declaration
	code, out, _ = call(t, "site", "check", path, "--json")
	if err := json.Unmarshal([]byte(out), &d); code != exitOK || err != nil || d.Control == nil || d.Control.Machines != 4 || d.Control.Shed != 60 || len(d.Control.Meters) != 1 {
		t.Errorf("exit code %d, %v: %s", code, err, out)
	}
	if _, out, _ := call(t, "site", "check", "houston"); !strings.Contains(out, "control: none") {
		t.Errorf("a site without control: %s", out)
	}
}
