package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	port "sluice/gpu"
	gpuhall "sluice/live/hall"
)

// withEngine is the lab with another engine and more beside it.
func withEngine(t *testing.T, section string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "lab.yaml")
	text := strings.Replace(labFile, "  engine: {kind: virtual}\n", section, 1)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// tokenFile is a file with a token.
func tokenFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(name, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestHallIsWired: engine, agents and meters of a site file become a plant.
func TestHallIsWired(t *testing.T) {
	t.Parallel()
	token := tokenFile(t)
	beside := `  networks: [127.0.0.0/24]
  agents:
    - {node: n1, address: "127.0.0.5:9410", token_file: ` + token + `}
    - {node: n2, address: "127.0.0.6:9410", token_file: ` + token + `}
    - {node: n3, address: "127.0.0.7:9400", source: dcgm-exporter}
  meters:
    - {name: m-hall, place: hall, template: janitza-umg, address: 127.0.0.9}
    - {name: rack-1, place: rack, nodes: [n1, n2], template: janitza-umg, address: 127.0.0.10}
    - {name: pumps, place: cooling, template: janitza-umg, address: 127.0.0.11}
`
	for name, engine := range map[string]string{
		"slurm by commands": "  engine: {kind: slurm, command: [ssh, admin], shell: true, license: kw, budget_w: 400000, queues: [{contract: spot, queue: gpu-spot}]}\n",
		"slurm by a socket": "  engine: {kind: slurm, address: /run/slurmrestd.sock}\n",
		"kueue":             "  engine: {kind: kueue, address: \"https://127.0.0.1:6443\", token_file: " + token + ", namespace: sluice, reserve: energy-reserve}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := readSite(withEngine(t, engine+beside))
			if err != nil {
				t.Fatal(err)
			}
			b := &hallBuilder{flags: &hallRunFlags{interval: 5 * time.Minute, timeout: time.Second, speed: 1}, file: file, out: io.Discard}
			if err := b.config(t.Context()); err != nil {
				t.Fatal(err)
			}
			if a, err := b.plant.Agents[2].Set(t.Context(), port.Setting{Node: "n3", Limit: 400}); err != nil || a.Taken || !strings.Contains(a.Why, "only read") {
				t.Errorf("a limit for an exporter: %+v, %v", a, err)
			}
			if len(b.plant.Agents) != 3 || b.plant.Agents[1].Nodes[0] != "n2" || len(b.plant.Gauges) != 3 || b.cfg.Racks["n2"] != "rack-1" || b.plant.Engine == nil {
				t.Errorf("%d agents, meters %+v, racks %v", len(b.plant.Agents), b.plant.Gauges, b.cfg.Racks)
			}
			for i, want := range []gpuhall.Place{gpuhall.HallMeter, gpuhall.RackMeter, gpuhall.CoolingMeter} {
				if b.plant.Gauges[i].Place != want {
					t.Errorf("meter %d stands at %s", i, b.plant.Gauges[i].Place)
				}
			}
			if name == "slurm by commands" && (b.cfg.Queues["spot"] != "gpu-spot" || b.cfg.Budget != 400_000) {
				t.Errorf("queues %v, budget %s", b.cfg.Queues, b.cfg.Budget)
			}
		})
	}
}

// TestHallEngineFaults: what of an engine makes no sense is refused with its line.
func TestHallEngineFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ section, says string }{
		"kueue without a token":     {"  engine: {kind: kueue, address: \"https://10.0.0.1:6443\"}\n", "kueue is reached over https with a token"},
		"a token in the open":       {"  engine: {kind: slurm, address: \"http://10.0.0.1:6820\", token_file: t}\n", "a token is not sent in the open"},
		"a boost of slurm":          {"  engine: {kind: slurm, boost: true}\n", "boost is a gate of Kueue"},
		"a boost nowhere":           {"  engine: {kind: kueue, address: \"https://10.0.0.1:6443\", token_file: t, boost: true}\n", "tried in a namespace of ours"},
		"a queue of nobody":         {"  engine: {kind: virtual, queues: [{contract: gone, queue: q}]}\n", `contract "gone", which is not declared`},
		"two queues of a contract":  {"  engine: {kind: virtual, queues: [{contract: spot, queue: a}, {contract: spot, queue: b}]}\n", `contract "spot" has two queues`},
		"an agent without a token":  {"  engine: {kind: virtual}\n  networks: [10.0.0.0/8]\n  agents: [{node: n1, address: \"10.0.0.1:1\"}]\n", `agent of "n1": no token_file`},
		"an agent by its name":      {"  engine: {kind: virtual}\n  networks: [10.0.0.0/8]\n  agents: [{node: n1, address: \"node-1:9410\", token_file: t}]\n", "is no IP address with a port"},
		"two agents of a node":      {"  engine: {kind: virtual}\n  networks: [10.0.0.0/8]\n  agents: [{node: n1, address: \"10.0.0.1:1\", token_file: t}, {node: n1, address: \"10.0.0.2:1\", token_file: t}]\n", `node "n1" has two agents`},
		"agents outside a network":  {"  engine: {kind: virtual}\n  agents: [{node: n1, address: \"10.0.0.1:1\", token_file: t}]\n", "no network that they are in"},
		"a meter of no hall":        {"  engine: {kind: virtual}\n  networks: [10.0.0.0/8]\n  meters: [{name: m, place: hall, of: attic, template: x, address: 10.0.0.1}]\n", `hall "attic", in which no GPUs stand`},
		"an engine that is not one": {"  engine: {kind: cron}\n", `kind "cron" is not known`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readSite(withEngine(t, c.section)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}

// TestHallEngineAway: an engine that does not answer ends the start with its name.
func TestHallEngineAway(t *testing.T) {
	t.Parallel()
	site := withEngine(t, "  engine: {kind: slurm, address: "+filepath.Join(t.TempDir(), "none.sock")+", command: [\"false\"]}\n")
	code, _, errs := call(t, "hall", "run", "--site", site, "--data", filepath.Join(t.TempDir(), "d"), "--timeout", "2s")
	if code != exitFailed || !strings.Contains(errs, "ask its engine what it can do") {
		t.Errorf("code %d: %s", code, errs)
	}
}
