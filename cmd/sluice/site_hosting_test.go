package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// let is a data centre without a single miner.
const let = `name: let
time_zone: Europe/Oslo
currency: EUR
connection: {import_limit_mw: 5}
must_run_mw: 0.1
halls: [{name: hall-1, limit_mw: 4}]
contracts: {spot: {settlement_point: NO4, published: after_interval}}
hosting:
  models: [{name: H100 SXM, tdp_w: 700, min_limit_w: 200, idle_w: 70, gpus_per_node: 8, node_w: 10200, empty_node_w: 1800}]
  halls: [{pue: 1.2, spare_nodes: 4, servers: [{name: h100, model: H100 SXM, nodes: 40}]}]
  contracts:
    - {name: aurora, kind: reserved, from: 2024-01-01, work: training, gpus: 160, price_per_gpu_hour: 2.4}
    - {name: racks, kind: colocation, from: 2024-01-01, critical_power_w: 100000, price_per_kw_month: 150}
  load: {seed: 7, utilisation_percent: 70}
`

// TestSiteCheckShowsHosting: halls and contracts are shown, to people and programs, and
// no fleet where there is none.
func TestSiteCheckShowsHosting(t *testing.T) {
	t.Parallel()
	path := write(t, "let.yaml", let)
	code, out, errs := call(t, "site", "check", path)
	for _, want := range []string{
		"let: 5.000 MW in", "GPU hall hall-1: 408.0 kW at full load, 489.6 kW at the meter", "40 x H100 SXM", "320 GPUs",
		"contract aurora               reserved    160 GPUs of H100 SXM in hall-1 at 2.40 for a GPU-hour",
		"contract racks                colocation  100.0 kW in hall-1 at 150.00 for a kilowatt and month",
	} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("exit code %d, %q is missing in:\n%s%s", code, want, out, errs)
		}
	}
	if strings.Contains(out, "fleet") {
		t.Errorf("a fleet is shown:\n%s", out)
	}
	var d declaration
	code, out, _ = call(t, "site", "check", path, "--json")
	if err := json.Unmarshal([]byte(out), &d); code != exitOK || err != nil || d.Groups == nil || len(d.Groups)+int(d.Fleet) != 0 || len(d.Halls) != 1 || len(d.Contracts) != 2 {
		t.Errorf("exit code %d, %v: %s", code, err, out)
	}
	if _, out, _ := call(t, "site", "check", "houston", "--json"); !strings.Contains(out, `"gpu_halls": []`) {
		t.Errorf("a site without GPUs: %s", out)
	}
}

// TestReplayOfADataCentre: it is replayed on prices alone, in its own money, without a
// rate at which bitcoin would be converted; its turns are told from the papers; and
// Bitcoin data for it are refused.
func TestReplayOfADataCentre(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	args := []string{
		"replay", "--site", write(t, "let.yaml", let), "--prices", write(t, "prices.csv", quarters(one)), "--price-column", "price",
		"--from", "2025-03-02T00:00Z", "--to", "2025-03-02T03:00Z", "--run", dir,
	}
	code, out, errs := call(t, args...)
	if code != exitOK || !strings.Contains(out, "GPU HALLS: STEERED OR NOT, EUR") || !strings.Contains(out, "Nobody held back") || strings.Contains(out, "BTC") {
		t.Fatalf("exit code %d: %s\n%s", code, out, errs)
	}
	code, out, errs = call(t, "explain", "--run", dir, "--turn", "2025-03-02T01:00Z", "--again")
	if code != exitOK || !strings.Contains(out, "hosting/aurora: ") || !strings.Contains(out, "decided again from the papers alone") || strings.Contains(out, "BTC") {
		t.Errorf("exit code %d: %s\n%s", code, out, errs)
	}
	code, _, errs = call(t, append(args, "--bitcoin", "bitcoin_daily_2021-2025.csv")...)
	if code != exitBadInput || !strings.Contains(errs, "declares no machines, so nothing depends on it: leave it out, or declare groups") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
