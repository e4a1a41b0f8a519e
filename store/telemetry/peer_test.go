package telemetry

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

// startPrometheus starts an independent Prometheus on a folder and returns its address.
func startPrometheus(t *testing.T, folder string) string {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS COMPARED: there is no program prometheus here; make debian installs it")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "--config.file="+config, "--storage.tsdb.path="+folder,
		"--storage.tsdb.retention.time=1000d", "--web.listen-address="+address)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	lines := bufio.NewScanner(said)
	var all strings.Builder
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Server is ready to receive web requests") {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return "http://" + address
		}
	}
	t.Fatalf("prometheus did not start:\n%s", all.String())
	return ""
}

// TestAnotherPrometheusReadsAndAnswersTheSame gives the folder that we wrote to
// a Prometheus of another build (Debian has 2.42), and compares answers to the byte.
func TestAnotherPrometheusReadsAndAnswersTheSame(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	f, b := newFleet(40), db.Batch()
	for k := range 500 { // 4 h 10 min: a block, chunks in a file, and a log
		f.poll(b, c.at)
		if k%50 == 7 {
			b.Silent(Unit{Site: "houston", Name: "10.20.0.5"}, c.at.Add(15*time.Second))
		}
		if k == 300 {
			b.Unit(UnitSample{Unit: Unit{Site: "houston", Name: "قاعة \"1\"\\", Model: "a<b>&c"}, At: c.at, Power: device.Stated(unit.Power(-1))})
		}
		commit(t, b)
		c.at = c.at.Add(30 * time.Second)
		if k%20 == 0 {
			db.tendOnce(t.Context())
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	peer := startPrometheus(t, copied(t, filepath.Join(db.dir, "raw")))
	ours := open(t, c, db.dir)
	// Seven seconds beside the rounds: a range that begins on a sample holds it in
	// Prometheus 2 and not in 3. Rates begin later, because 3 assumes less about
	// what a counter was before its first sample.
	now, start := "1795190987", "1795176007"
	for _, q := range []struct {
		path string
		form url.Values
	}{
		{"/query", form("query", `sum by (feeder, group) (sluice_machine_power_watts)`, "time", now)},
		{"/query", form("query", `sort(sluice_machine_chip_celsius{machine=~"10.20.0.[3]"})`, "time", now)},
		{"/query", form("query", `sum(count_over_time(sluice_machine_power_watts[1d]))`, "time", now)},
		{"/query", form("query", `sluice_machine_up == 0`, "time", "1795176226")},
		{"/query", form("query", `sluice_machine_power_watts{model="a<b>&c"}`, "time", "1795185000")},
		{"/query", form("query", `quantile_over_time(0.9, sluice_machine_power_watts{machine="10.20.0.1"}[3h:])`, "time", now)},
		{"/query", form("query", `sluice_machine_power_watts{machine="10.20.0.5"}[5m] offset 3h55m`, "time", now)},
		{"/query_range", form("query", `max by (machine) (rate(sluice_machine_accepted_shares_total{machine=~"10.20.0.[1-9]"}[5m]))`, "start", "1795176907", "end", now, "step", "60")},
		{"/query_range", form("query", `sum(sluice_machine_power_watts) / (sum(sluice_machine_hashrate_hashes_per_second) / 1e12)`, "start", start, "end", now, "step", "5m")},
		{"/query_range", form("query", `sluice_machine_power_watts{machine=~"10.20.0.[5-7]"}`, "start", start, "end", now, "step", "30.5")},
		{"/series", form("match[]", `{machine=~"10.20.0.[12]"}`, "start", start, "end", now)},
		{"/labels", form("start", start, "end", now)},
		{"/label/machine/values", form("start", start, "end", now)},
		{"/label/__name__/values", form("match[]", `{model="a<b>&c"}`, "start", start, "end", now)},
		{"/query", form("query", `0/0`, "time", now)},
		{"/query", form("query", `1e-7 * 1e20`, "time", "1795191000.255")},
	} {
		_, got := ask(t, ours, q.path, q.form)
		if want := get(t, peer+"/api/v1"+q.path+"?"+q.form.Encode()); plain(got) != plain(want) || len(want) < 40 {
			t.Errorf("%s %s\nours %.600s\npeer %.600s", q.path, q.form.Encode(), plain(got), plain(want))
		}
	}
}

// plain undoes what JSON leaves to the writer: how angle brackets are written.
func plain(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}

func get(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(body))
}
